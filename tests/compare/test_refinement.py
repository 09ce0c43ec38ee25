import numpy as np
import pytest
import xarray as xr
from adler import Adler, exact, sampled
from test_store import same_bytes

from compare.agreement import pick
from compare.plan import make_plan
from compare.refinement import refine_curve, refine_map, sharpen
from compare.sweeps import sweep

COARSE = np.linspace(-20, 20, 21)


def interpolation_error(dataset, dense):
    """Largest error of linear interpolation between the points, as a fraction of the curve's maximum."""
    curve = dataset.sync.isel(method=0, pair=0)
    truth = dense.sync.isel(method=0, pair=0)
    line = np.interp(truth.detuning, curve.detuning, curve)
    return float(np.abs(line - truth).max() / truth.max())


def test_a_curve_is_refined_where_it_bends():
    system = Adler(noise=0.1)
    refined = refine_curve(make_plan(system, {"detuning": COARSE}, [exact]), "detuning", tolerance=0.02)
    dense = sweep(system, {"detuning": np.linspace(-20, 20, 4001)}, [exact])
    count = refined.sizes["detuning"]
    even = sweep(system, {"detuning": np.linspace(-20, 20, count)}, [exact])
    assert interpolation_error(refined, dense) < 0.02
    assert interpolation_error(refined, dense) < interpolation_error(even, dense) / 4
    spacing = np.diff(refined.detuning)
    finest = refined.detuning.values[:-1][spacing == spacing.min()]
    assert np.abs(finest).max() < 1.5  # where the phase unlocks
    assert spacing[0] == spacing[-1] == 2.0
    assert same_bytes(refined, sweep(system, {"detuning": refined.detuning.values}, [exact]))


def test_noise_is_not_refined():
    # far out S is flat; what is left is noise of some 20 percent
    plan = make_plan(
        Adler(coupling=1e-3), {"detuning": np.linspace(50, 60, 11)}, {"adler:sampled": {"trajectories": 32}}
    )
    assert refine_curve(plan, "detuning", tolerance=0.02, most=100).sizes["detuning"] <= 13


def test_refinement_stops_at_the_limit():
    plan = make_plan(Adler(noise=0.01), {"detuning": COARSE, "coupling": [0.5, 1.0]}, [exact])
    refined = refine_curve(plan, "detuning", tolerance=1e-4, most=40)
    assert dict(refined.sizes) == {"method": 1, "detuning": 40, "coupling": 2, "pair": 1, "phi": 64}
    assert refined.sync.notnull().all()


def test_a_map_is_refined_where_interpolation_fails():
    # the Arnold tongue: S is large for |detuning| < coupling
    axes = {"detuning": np.linspace(-4, 4, 5), "coupling": np.linspace(0.0, 4.0, 3)}
    refined = refine_map(
        make_plan(Adler(noise=0.05), axes, [exact]), ("detuning", "coupling"), tolerance=0.05, most=400
    )
    assert refined.sync.dims == ("method", "detuning_coupling", "pair")
    assert 50 < refined.sizes["detuning_coupling"] <= 400
    far = abs(refined.detuning) > refined.coupling + 1.5
    density_far = int(far.sum()) / 4.5**2  # area where |detuning| > coupling + 1.5 in the map: 2 triangles of side 2.5
    near = abs(abs(refined.detuning) - refined.coupling) < 0.5
    density_near = int(near.sum()) / 7.75
    assert density_near > 4 * density_far


def test_noisy_points_get_more_trajectories(tmp_path):
    axes = {"detuning": [0.0, 1.0, 4.0], "coupling": [0.3, 1.5]}
    first = sweep(Adler(), axes, {"adler:sampled": {"steps": 100}, "adler:exact": {}}, seed=3)
    errors = pick(first, "adler:sampled").sync_stderr
    target = float(errors.median())
    sharper = sharpen(first, target, store=tmp_path / "s")
    after = pick(sharper, "adler:sampled")
    assert (after.sync_stderr <= 1.1 * target).all()
    enough = errors.squeeze("pair") <= target
    assert (after.trajectories.where(enough, drop=True) == 64).sum() == int(enough.sum()) == 3
    assert (after.trajectories.where(~enough) > 64).sum() == 3
    kept = xr.where(enough, after.sync == pick(first, "adler:sampled").sync, True)
    assert kept.all()
    assert same_bytes(pick(sharper, "adler:exact"), pick(first, "adler:exact"))
    assert sharpen(sharper, 1.2 * target) is sharper


def test_one_point_can_be_sharpened():
    first = sweep(Adler(), None, [sampled])
    sharper = sharpen(first, first.sync_stderr.item() / 3)
    assert sharper.trajectories.item() >= 8 * 64


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda p: refine_curve(p, "coupling"), "`coupling` must hold at least 3 ascending numbers"),
        (lambda p: refine_curve(p, "kind"), "`kind` must hold numbers to be refined"),
        (lambda p: refine_curve(p, "noise"), "Unknown axis 'noise'"),
        (lambda p: refine_curve(p, "detuning", tolerance=0.0), "`tolerance` must be positive"),
        (lambda p: refine_curve(p, "detuning", variable="sunc"), "Unknown variable 'sunc'"),
        (lambda p: refine_map(p, ("detuning", "detuning")), "must name two axes"),
        (lambda p: refine_map(p, ("detuning", "coupling"), most=0), "`most` must be a whole number"),
        (lambda p: sharpen(sweep(Adler(), None, [exact]), 0.1), "Unknown standard error 'sync_stderr'"),
        (lambda p: sharpen(sweep(Adler(), None, [sampled]), -0.1), "`target` must be positive"),
    ],
)
def test_wrong_arguments_get_one_sentence(call, told):
    plan = make_plan(Adler(), {"detuning": [0.0, 1.0, 2.0], "coupling": [1.0, 2.0], "kind": ["a", "b", "c"]}, [exact])
    with pytest.raises(ValueError, match=told):
        call(plan)
