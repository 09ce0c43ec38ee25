import pytest
import xarray as xr
from adler import Adler, exact, sampled
from test_store import same_bytes

from compare.records.datasets import load, save
from compare.records.merging import merge
from compare.sweeps import sweep

AXES = {"detuning": [-1.0, 0.0, 1.0], "coupling": [0.5, 1.0]}


def test_two_halves_merged_are_the_whole(tmp_path):
    whole = sweep(Adler(), AXES, [exact, sampled])
    left = sweep(Adler(), {**AXES, "detuning": [-1.0, 0.0]}, [exact, sampled])
    right = sweep(Adler(), {**AXES, "detuning": [1.0]}, [exact, sampled])
    assert same_bytes(merge(right, load(save(left, tmp_path / "left.nc"))), whole)
    assert same_bytes(merge(sweep(Adler(), AXES, [exact]), sweep(Adler(), AXES, [sampled])), whole)


def test_overlapping_datasets_merge():
    first = sweep(Adler(), {"detuning": [0.0, 1.0]}, [exact])
    second = sweep(Adler(), {"detuning": [1.0, 0.5]}, [exact])
    assert same_bytes(merge(first, second), sweep(Adler(), {"detuning": [0.0, 0.5, 1.0]}, [exact]))


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"seed": 1}, "one seed and the same fixed parameters to be merged, but differ at detuning=0.0"),
        ({"system": Adler(noise=0.4)}, "differ at detuning=0.0"),
        ({"methods": {"adler:exact": {"pause": 1e-3}}}, "'adler:exact' twice with different settings"),
        ({"axes": {"coupling": [0.0]}}, "same axes"),
    ],
)
def test_what_does_not_belong_together_is_refused(other, told):
    given = {"system": Adler(), "axes": {"detuning": [0.0]}, "methods": [exact]}
    with pytest.raises(ValueError, match=told):
        merge(sweep(**given), sweep(**{**given, **other}))


def test_a_dataset_without_a_plan_is_refused():
    with pytest.raises(ValueError, match="no attribute `plan`"):
        merge(xr.Dataset())


def test_results_are_reused(monkeypatch, tmp_path):
    small = sweep(Adler(), AXES, [sampled])
    seen = []
    original = type(sampled).run
    monkeypatch.setattr(type(sampled), "run", lambda self, s, *given: seen.append(s) or original(self, s, *given))
    grown = sweep(Adler(), {**AXES, "detuning": [0.0, 2.0]}, [sampled], reuse=[small], store=tmp_path / "s")
    assert {system.detuning for system in seen} == {2.0}
    assert same_bytes(grown, sweep(Adler(), {**AXES, "detuning": [0.0, 2.0]}, [sampled]))
