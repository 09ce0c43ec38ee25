import numpy as np
import pytest
import xarray as xr
from adler import Adler

from compare.agreement import agree, charge, error_budget, pick, validity_map
from compare.sweeps import sweep


def measured(values, errors, **more):
    coords = {"detuning": np.arange(len(values), dtype=float)}
    data = {"sync": ("detuning", values), "sync_stderr": ("detuning", errors)}
    return xr.Dataset({**data, **{name: ("detuning", value) for name, value in more.items()}}, coords)


def test_equal_methods_are_called_different_at_the_level():
    points = 5
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(400):
        truth, errors = rng.uniform(0, 2, points), rng.uniform(0.01, 0.2, (2, points))
        a, b = truth + errors * rng.standard_normal((2, points))
        found += agree(measured(a, errors[0]), measured(b, errors[1])).different
    # binomial(400, .05): 20 expected, 28 is 7 %, and fewer than 6 has a probability below 1e-4
    assert 6 <= found <= 28


def test_a_difference_of_three_sigma_is_found():
    rng = np.random.default_rng(2)
    found = 0
    for _ in range(400):
        errors = rng.uniform(0.01, 0.2, 2)
        a, b = errors * rng.standard_normal(2) + (3 * np.hypot(*errors), 0.0)
        found += agree(measured([a], errors[:1]), measured([b], errors[1:])).different
    assert found >= 0.8 * 400  # 85 % for Gaussian errors


def test_real_ensembles_have_honest_errors():
    # the same system by two methods: 40 seeds, 3 points each
    axes = {"detuning": [0.0, 0.5, 1.0]}
    # harmonics beyond the fourth are below 1e-3 here, and the phase has forgotten its start (e^-4)
    settings = {"trajectories": 400, "steps": 160, "dt": 0.05}
    pulls = []
    for seed in range(40):
        ds = sweep(Adler(coupling=0.4), axes, {"adler:exact": {}, "adler:sampled": settings}, seed=seed)
        pulls.append(agree(pick(ds, "adler:sampled"), pick(ds, "adler:exact")).points.z.values.ravel())
    spread = np.mean(np.square(pulls))
    # 120 values of z^2: 1 +- .13; the maximum over the angle adds a little bias
    assert 0.6 < spread < 1.5


def test_points_are_matched_by_their_coordinates():
    a, b = measured([1.0, 2.0, 3.0], [0.1] * 3), measured([0.0, 2.1, 3.1, 9.0], [0.1] * 4).isel(detuning=[3, 2, 1])
    result = agree(a, b)
    np.testing.assert_allclose(result.points.difference, [-0.1, -0.1])
    np.testing.assert_allclose(result.points.z, [-0.1 / np.hypot(0.1, 0.1)] * 2)
    assert (result.dof, result.chi_square) == (2, pytest.approx(1.0))
    assert result.p_value == pytest.approx(np.exp(-0.5))  # chi-square with two degrees of freedom


def test_equivalence_needs_small_errors_and_not_only_small_differences():
    a, b = measured([1.0, 1.0, 1.2], [0.01, 0.2, 0.01]), measured([1.02, 1.02, 1.0], [0.0, 0.0, 0.0])
    result = agree(a, b, margin=0.05)
    assert list(result.points.equivalent.values) == [True, False, False]
    assert not result.equivalent
    assert agree(a, b, relative=0.5).equivalent


def test_without_errors_the_margin_decides():
    a, b = measured([1.0, 2.0], [np.nan, np.nan]), measured([1.0, 2.1], [np.nan, np.nan])
    result = agree(a, b, margin=0.2)
    assert (result.dof, result.different, result.equivalent) == (0, False, True)
    assert "no errors are known" in str(result)
    assert not agree(a, b).equivalent


def test_every_known_error_enters_the_budget():
    ds = measured([1.0, 1.0], [0.3, np.nan], sync_step_error=[-0.4, 0.5])
    np.testing.assert_allclose(error_budget(ds), [0.5, 0.5])


def test_a_coarser_calculation_becomes_an_error():
    methods = {
        "adler:sampled": {"dt": 0.02},
        "half": {"method": "adler:sampled", "dt": 0.01, "steps": 400},
        "adler:exact": {},
    }
    ds = sweep(Adler(), {"detuning": [0.0, 1.0]}, methods)
    charged = charge(ds, "half", "adler:sampled", kind="step_error")
    assert list(charged.method.values) == ["half", "adler:exact"]
    half = pick(charged, "half")
    np.testing.assert_array_equal(half.sync_step_error, (pick(ds, "half").sync - pick(ds, "adler:sampled").sync))
    np.testing.assert_allclose(error_budget(half), np.hypot(half.sync_stderr, half.sync_step_error))
    assert pick(charged, "adler:exact").sync_step_error.isnull().all()
    with pytest.raises(ValueError, match="must not have a 'sync_step_error' yet"):
        charge(charged, "half", "adler:exact", kind="step_error")
    with pytest.raises(ValueError, match="Unknown kind of error 'stderr'"):
        charge(ds, "half", "adler:exact", kind="stderr")


def test_a_verdict_in_words():
    text = str(agree(measured([1.0], [0.1]), measured([2.0], [0.1]), margin=0.1))
    assert "1 points, largest difference 1; chi-square 50 for 1, p = 1.54e-12: different" in text
    assert "equivalent within the margin at 0 of 1 points" in text


def two_methods(values, errors):
    """Methods "x" and "ref" over sigma and detuning; the reference is 1, 2, 1 along the detuning."""
    reference = np.broadcast_to([1.0, 2.0, 1.0], np.shape(values))
    dims = ("method", "sigma", "detuning")
    return xr.Dataset(
        {"sync": (dims, np.stack([values, reference])), "sync_stderr": (dims, np.stack([errors, 0 * reference]))},
        {"method": ["x", "ref"], "sigma": np.arange(len(values)), "detuning": [-1.0, 0.0, 1.0]},
    )


def test_a_validity_map_says_where_a_method_holds():
    values = np.array([[1.05, 2.0, 1.0], [1.3, 2.0, 1.0], [1.0, 2.0, 1.0], [1.0, 2.0, 1.5], [np.nan] * 3])
    errors = np.array([[0.01] * 3, [0.01] * 3, [0.2] * 3, [0.2] * 3, [np.nan] * 3])
    points = validity_map(two_methods(values, errors), "x", "ref", within=0.1)
    np.testing.assert_array_equal(
        points.verdict, [[1, 1, 1], [2, 1, 1], [0, 0, 0], [0, 0, 2], [np.nan, np.nan, np.nan]]
    )
    curves = validity_map(two_methods(values, errors), "x", "ref", within=0.1, over=("sigma",))
    # the height of the curve is 2: .3 is 15 % of it, and .2 +- .1 cannot be told from 10 %
    np.testing.assert_array_equal(curves.verdict, [1, 2, 0, 0, np.nan])
    np.testing.assert_allclose(curves.deviation, [0.025, 0.15, 0.0, 0.25, np.nan])
    np.testing.assert_allclose(curves.deviation_error[:4], [0.005, 0.005, 0.1, 0.1])


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda ds: agree(ds, ds, variable="sunc"), "Unknown variable 'sunc'; did you mean 'sync'"),
        (lambda ds: agree(ds, ds, level=1.5), "`level` must lie between 0 and 1"),
        (lambda ds: agree(ds, ds, margin=-1.0), "`margin` must be positive"),
        (lambda ds: agree(ds, ds, relative=float("nan")), "`relative` must be finite"),
        (lambda ds: agree(ds, ds.assign_coords(detuning=ds.detuning + 9)), "points of 'sync' in common"),
        (lambda ds: pick(two_methods([[1, 2, 1]], [[0, 0, 0]]), "y"), "Unknown method 'y'"),
        (
            lambda ds: validity_map(two_methods([[1, 2, 1]], [[0, 0, 0]]), "x", "ref", over=("kerr",)),
            "dimension 'kerr'",
        ),
        (lambda ds: validity_map(two_methods([[1, 2, 1]], [[0, 0, 0]]), "x", "ref", within=0), "`within` must be pos"),
    ],
)
def test_wrong_questions_get_one_sentence(call, told):
    with pytest.raises(ValueError, match=told):
        call(measured([1.0], [0.1]))
