import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
import xarray as xr
from adler import Adler, Exact, exact, harmonics, sampled
from scipy.special import iv

from compare.methods import FunctionMethod
from compare.records.datasets import plan_of
from compare.sweeps import run, sweep
from compare.variables import VARIABLES, Variable

AXES = {"detuning": [-1.0, 0.0, 1.0], "coupling": [0.5, 1.0]}


@pytest.fixture(scope="module")
def both():
    return sweep(Adler(), AXES, [exact, sampled], seed=5)


def test_numbers_land_at_their_coordinates(both):
    # on resonance phi is von Mises distributed with concentration V / D
    for coupling in AXES["coupling"]:
        at = both.sel({"method": "adler:exact", "detuning": 0.0, "coupling": coupling, "pair": "0-1"})
        concentration = coupling / 0.5
        assert at.sync == pytest.approx(np.exp(concentration) / iv(0, concentration) - 1, rel=1e-12)
        expected = np.exp(concentration * np.cos(at.phi)) / (2 * np.pi * iv(0, concentration))
        np.testing.assert_allclose(at.phase_density, expected, rtol=1e-12)


def test_the_sign_of_the_detuning_shows_in_the_phase(both):
    # phi follows arcsin(detuning / coupling) where it locks
    phase = both.locked_phase.sel({"method": "adler:exact", "coupling": 1.0, "pair": "0-1"})
    assert 0 < phase.sel(detuning=1.0) < np.pi
    assert np.pi < phase.sel(detuning=-1.0) < 2 * np.pi


def test_methods_without_a_variable_have_nan(both):
    assert both.sync_stderr.sel({"method": "adler:exact"}).isnull().all()
    assert (both.sync_stderr.sel({"method": "adler:sampled"}) > 0).all()
    assert (both.trajectories.sel({"method": "adler:sampled"}) == 64).all()


def test_a_method_at_fewer_positions_leaves_nan_elsewhere():
    part = {"axes": {"detuning": [0.0, 0.5], "coupling": [1.0]}, "methods": [sampled]}
    ds = sweep(Adler(), AXES, [exact], seed=5, parts=[part])
    assert dict(ds.sizes) == {"method": 2, "detuning": 4, "coupling": 2, "pair": 1, "phi": 64}
    assert int(ds.sync.sel({"method": "adler:sampled"}).notnull().sum()) == 2
    assert ds.sync.sel({"method": "adler:exact", "detuning": 0.5}).isnull().all()


def first_harmonic(system, settings, seed, threads):
    return {"adler_harmonic": harmonics(system)[0], "residual": 0.0}


@pytest.mark.parametrize("stored", [False, True])
def test_both_parts_of_a_missing_complex_number_are_nan(stored, tmp_path, monkeypatch):
    monkeypatch.setitem(VARIABLES, "adler_harmonic", Variable((), "first harmonic", "1", "test"))
    method = FunctionMethod("test_sweeps:complex", "first harmonic", {}, first_harmonic)
    part = {"axes": {"detuning": [0.5], "coupling": [1.0]}, "methods": [method]}
    ds = sweep(Adler(), AXES, [exact], parts=[part], store=tmp_path / "s.zarr" if stored else None)
    value = ds.adler_harmonic.sel({"method": "test_sweeps:complex"})
    assert int(value.notnull().sum()) == 1
    np.testing.assert_array_equal(np.isnan(value.values.imag), np.isnan(value.values.real))


def test_more_points_and_methods_change_nothing(both):
    alone = sweep(Adler(), {"detuning": [1.0], "coupling": [0.5]}, [sampled], seed=5)
    together = both.sel({"method": ["adler:sampled"], "detuning": [1.0], "coupling": [0.5]})
    xr.testing.assert_identical(alone.sync, together.sync)


def test_seeds_give_other_samples_and_the_same_exact_numbers(both):
    other = sweep(Adler(), AXES, [exact, sampled], seed=6)
    same = (other.sync == both.sync).all(["detuning", "coupling", "pair"])
    assert same.sel({"method": "adler:exact"})
    assert not (other.sync == both.sync).sel({"method": "adler:sampled"}).any()


def test_a_method_can_stand_twice_under_labels():
    ds = sweep(
        Adler(), None, {"few": {"method": "adler:sampled"}, "many": {"method": "adler:sampled", "trajectories": 99}}
    )
    assert list(ds.method.values) == ["few", "many"]
    assert list(ds.trajectories.values) == [64, 99]


def test_zipped_axes_share_a_dimension():
    ds = sweep(Adler(), {"detuning": [0.0, 1.0], "coupling": [1.0, 0.5]}, [exact], zipped=["detuning", "coupling"])
    assert ds.sync.dims == ("method", "detuning_coupling", "pair")
    outer = sweep(Adler(), {"detuning": [0.0, 1.0], "coupling": [1.0, 0.5]}, [exact])
    for k, (detuning, coupling) in enumerate([(0.0, 1.0), (1.0, 0.5)]):
        assert ds.sync[0, k, 0] == outer.sync.sel(detuning=detuning, coupling=coupling).item()


def test_words_and_labels_are_coordinates():
    ds = sweep(
        Adler(), {"kind": ["soft", "hard"], "case": {"weak": {"coupling": 0.1}, "strong": {"coupling": 2.0}}}, [exact]
    )
    sync = ds.sync.sel(kind="hard", pair="0-1").squeeze("method")
    assert sync.sel(case="strong") > sync.sel(case="weak")


def test_a_dataset_explains_itself(both):
    for name, variable in both.data_vars.items():
        about = VARIABLES[name]
        assert (variable.attrs["long_name"], variable.attrs["units"]) == (about.long_name, about.units)
        assert variable.attrs["source"]
    assert both.detuning.attrs["units"] == "gamma"
    assert json.loads(both.attrs["parameters"]) == Adler().parameters()
    assert json.loads(both.attrs["definitions"]) == {"adler:exact": Exact.definition}
    assert json.loads(both.attrs["versions"])["numpy"] == np.__version__
    assert {"system", "seed", "seed_scheme", "git_revision", "created"} <= set(both.attrs)


def test_the_stored_plan_gives_the_dataset_again(both):
    xr.testing.assert_equal(run(plan_of(both)), both)


class Strange(Exact):
    """A method whose answer changes its form from point to point."""

    def __init__(self, answers):
        super().__init__(name="strange")
        object.__setattr__(self, "answers", iter(answers))

    def run(self, system, settings, seed, threads):
        return next(self.answers)

    def run_many(self, systems, settings, seeds, threads):
        return [self.run(system, settings, seed, threads) for system, seed in zip(systems, seeds, strict=True)]


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        ([{"sinc": 1.0}], "Unknown variable 'sinc'; did you mean 'sync'"),
        ([{"sync": 1.0}], r"must have the dimensions \('pair',\)"),
        ([{"sync": [1.0]}, {"sync": [1.0, 2.0, 3.0]}], "one length in all points"),
        ([{"sync": [1.0]}, {"sync": [1.0j]}], "complex at every point or at none"),
        ([{"phi": [0.0], "residual": 0.0}, {"phi": [1.0], "residual": 0.0}], "same labels in all points"),
        ([{"sync": [1.0, 2.0]}, {"sync": [1.0, 2.0]}], "must return their labels as `pair`"),
    ],
)
def test_answers_that_do_not_fit_are_refused(answers, complaint):
    with pytest.raises(ValueError, match=complaint):
        sweep(Adler(), {"detuning": [0.0, 1.0]}, [Strange(answers)])


def test_methods_may_label_pairs_themselves():
    answer = {"sync": [1.0, 2.0], "pair": ["0-1", "2-3"]}
    ds = sweep(Adler(), None, [Strange([answer])])
    assert ds.sync.sel(pair="2-3").item() == 2.0


class Nothing(Exact):
    """A method that costs nothing, so that all time is the layer's."""

    def run(self, system, settings, seed, threads):
        return {"sync": [system.detuning], "mean_number": [1.0, 2.0], "residual": 0.0}


def test_a_point_costs_less_than_two_milliseconds(tmp_path):
    axes = {"detuning": np.linspace(0, 1, 50), "coupling": np.linspace(0.1, 1, 20)}
    start = time.perf_counter()
    sweep(Adler(), axes, [Nothing()], store=tmp_path / "s")
    assert (time.perf_counter() - start) / 1000 < 2e-3  # measured: 0.2 ms with the store, half of it opening it


LARGE = """
import resource
import numpy as np
from adler import Adler
from test_sweeps import Nothing
from compare.sweeps import sweep
axes = {"detuning": np.linspace(0, 1, 1000), "coupling": np.linspace(0.1, 1, 100)}
ds = sweep(Adler(), axes, [Nothing()], store="store")
assert (ds.sync.isel(method=0, pair=0) == ds.detuning).all()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


@pytest.mark.slow
def test_a_hundred_thousand_points_fit_into_memory(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", LARGE]
    answer = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert float(answer.stdout) < 500  # MB; measured: 190
