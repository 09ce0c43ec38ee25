"""The setting `step_error`: every number of an ensemble beside its change from twice the step."""

import numpy as np
import pytest

import compare
from compare.agreement import error_budget, pick
from compare.methods import METHODS
from compare.systems.lorch2017 import KerrOscillators

FIG2A = KerrOscillators.pair(detuning=1.0, coupling=0.05, kerr=2.0, n_plus=2, sigma=0.2, thermal_noise=0.1)
SMALL = {"trajectories": 64, "duration": 40.0, "burn_in": 10.0, "sample_every": 0.2, "dt": 0.01}


def run(method="langevin", system=FIG2A, seed=1, **settings):
    chosen = METHODS[method]
    return chosen.run(system, chosen.settings(system, SMALL | settings), seed, 1)


def reported(result):
    """Names of what is a result: no label, error or count of trajectories."""
    ends = ("_stderr", "_step_error")
    return {name for name in result if name not in ("pair", "phi", "trajectories") and not name.endswith(ends)}


@pytest.mark.parametrize(
    ("method", "options"), [("langevin", {}), ("wigner_coherent", {}), ("langevin", {"noise": "two-point"})]
)
def test_every_number_has_one_and_keeps_its_bits(method, options):
    plain, stepped = run(method, **options), run(method, step_error=True, **options)
    assert not any(name.endswith("_step_error") for name in plain)
    assert {f"{name}_step_error" for name in reported(plain)} == set(stepped) - set(plain)
    for name in plain:
        np.testing.assert_array_equal(plain[name], stepped[name])
    for name in reported(plain):
        assert np.shape(stepped[f"{name}_step_error"]) == np.shape(plain[name])
        assert np.isfinite(stepped[f"{name}_step_error"]).all()
    assert (stepped["mean_number_step_error"] != 0.0).all()


def test_independent_increments_are_those_of_another_seed():
    stepped = run(noise="two-point", step_error=True)
    coarse = run(noise="two-point", seed=2, dt=0.02)
    # the start is that of the first seed: only numbers that have forgotten it can be compared
    assert stepped["sync"] - stepped["sync_step_error"] == pytest.approx(
        coarse["sync"], abs=6 * coarse["sync_stderr"][0]
    )


def test_it_is_the_error_of_the_step():
    # steep noise, weak order one: at dt = .025 the step matters ten times more than the samples
    system = KerrOscillators.pair(detuning=5.0, coupling=0.5, kerr=2.0, n_plus=2, sigma=0.5, dissipators="coherent")
    stepped = run("wigner_coherent", system, trajectories=8192, dt=0.025, step_error=True)
    exact = METHODS["fokker_planck"]
    exact = exact.run(
        system,
        exact.settings(system, {"face": "wigner_coherent", "bound": 10.0, "wall": "absorbing", "cells": 30}),
        1,
        1,
    )
    off = stepped["mean_number"] - exact["mean_number"]
    assert (abs(off) > 5 * stepped["mean_number_stderr"]).all()
    # at 2 dt the error is twice as large, to first order in dt: the change is minus the error
    error = np.hypot(1.0, np.sqrt(2.0)) * stepped["mean_number_stderr"]
    assert (abs(stepped["mean_number_step_error"] + off) < 0.3 * off + 3 * error).all()


def test_they_stand_in_the_dataset_and_in_its_error_budget():
    ds = compare.sweep(
        FIG2A, axes={"coupling": [0.05, 0.1]}, methods={"langevin": SMALL | {"step_error": True}}, seed=1
    )
    for name in ("sync", "mean_number", "exit_rate", "phase_density"):
        about = ds[f"{name}_step_error"]
        assert about.dims == ds[name].dims
        assert about.attrs["units"] == ds[name].attrs["units"]
        assert "twice the time step" in about.attrs["long_name"]
    budget = error_budget(pick(ds, "langevin"))
    np.testing.assert_allclose(
        budget, np.hypot(ds.sync_stderr, ds.sync_step_error).isel(method=0), rtol=1e-12
    )  # fmt: skip


def test_what_explodes_has_no_numbers():
    # plain Euler steps on a Kerr oscillator without a bound: of 16, none explodes until t = .8 with dt = .004, half with .008
    settings = {
        "scheme": "euler",
        "dt": 0.004,
        "duration": 0.8,
        "burn_in": 0.4,
        "sample_every": 0.4,
        "trajectories": 16,
    }
    system = FIG2A.vary(bath_damping=0.05)
    with pytest.warns(UserWarning, match="anti-damps"):
        fine = run(system=system, step_error=True, **settings)
    with pytest.warns(UserWarning, match="anti-damps"):
        coarse = run(system=system, step_error=True, **settings | {"dt": 0.02})
    assert fine["exploded_fraction"] == 0.0
    assert np.isfinite(fine["sync"]).all()
    assert np.isnan(fine["sync_step_error"]).all()
    assert fine["exploded_fraction_step_error"] < -0.2
    assert 0.2 < coarse["exploded_fraction"] <= 1.0
    for name in ("sync", "mean_number", "locked_phase", "phase_density"):
        assert np.isnan(coarse[name]).all()
        assert np.isnan(coarse[f"{name}_step_error"]).all()
