"""Do intervals S +- 1.96 stderr contain the truth in 95 % of the cases? Synthetic phases first, then the engine itself.

400 repeats see a coverage of .95 to 1.1 %: bounds are 92 and 98 % and two standard errors more. Groups are independent
trajectories throughout.
"""

import warnings

import numpy as np
import pytest
from scipy import special

import langevin
from compare.measures import SAMPLE_HARMONICS, sync_from_groups, sync_from_harmonics
from compare.systems.lorch2017 import KerrOscillators

REPEATS = 400
LOW, HIGH = 0.92 - 0.022, 0.98 + 0.015
K = np.arange(1, SAMPLE_HARMONICS + 1)

# densities P(phi) by their harmonics c_1 .. c_8
SHAPES = {
    "none": 0.0 * K,
    "von Mises, S = .1": special.ive(K, 0.05) / special.ive(0, 0.05),
    "von Mises, S = 1.1": special.ive(K, 1.0) / special.ive(0, 1.0) * np.exp(0.7j * K),
    "von Mises, S = 3.8": special.ive(K, 4.0) / special.ive(0, 4.0),
    "wrapped Cauchy, S = .5": 0.2**K * np.exp(-2j * K),
    "wrapped Cauchy, S = 2": 0.5**K + 0j,
    # Fokker-Planck, V = .05 and .2 at Delta = 1 and 4
    "Fig. 2(a), S = .44": 0.187 * np.array([1, 0.151 - 0.062j, 0.012 - 0.0175j, 0.00224, 0.0002, 0, 0, 0]),
    "Fig. 2(a), S = .38": 0.14 * np.array([1, 0.267 + 0.012j, 0.065 - 0.027j, 0.011 - 0.009j, 0.003, 0.0006, 0, 0]),
    "bimodal, S = .2": 0.1 * np.array([0, 1, 0, 0.1, 0, 0, 0, 0]),
}


def angles(rng, c):
    """Return a function of a shape: independent angles with density (1 + 2 Re sum c_k e^{ik phi}) / 2 pi."""
    grid = 2 * np.pi * np.arange(4097) / 4096
    density = 1 + 2 * (np.exp(1j * np.multiply.outer(grid, K)) @ c).real
    assert density.min() > -1e-3  # tables of Fig. 2(a) are rounded
    total = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]))])
    return lambda shape: np.interp(rng.random(shape), total / total[-1], grid)


def repeat(rng, c, groups, each):
    """Values and errors of REPEATS estimates from `groups` groups of `each` samples."""
    found, draw = [], angles(rng, c)
    for _ in range(REPEATS):
        step = np.exp(-1j * draw((groups, each)))
        wave, sums = np.ones_like(step), [np.full(groups, each, complex)]
        for _ in K:
            wave = wave * step
            sums.append(wave.sum(axis=1))
        found.append(sync_from_groups(np.stack(sums, axis=1), np.full(groups, float(each))))
    return np.array([s.sync for s in found]), np.array([s.stderr for s in found])


def covered(value, error, truth):
    return np.mean(np.abs(value - truth) <= 1.96 * error)


@pytest.mark.parametrize("groups", [16, pytest.param(64, marks=pytest.mark.slow)])
@pytest.mark.parametrize("each", [16, pytest.param(256, marks=pytest.mark.slow)])
@pytest.mark.parametrize("shape", SHAPES)
def test_synthetic_intervals_cover_the_truth(shape, each, groups):
    c = SHAPES[shape]
    truth = sync_from_harmonics(np.concatenate([[1.0], c])).sync
    value, error = repeat(np.random.default_rng(3), c, groups, each)
    assert LOW <= covered(value, error, truth) <= HIGH
    # and the errors are no larger than they have to be: at most half again the scatter, or the error of c_1 alone
    scale = max(value.std(), np.sqrt(2.0 / (groups * each)))
    assert error.mean() < 1.9 * scale
    # what bias is left is small against the error
    assert abs(value.mean() - truth) < 0.7 * error.mean()


def test_what_nobody_expects_is_covered_less_until_it_stands_out():
    # one in ten pairs locked, the others free: c_1 = .075, c_2 = .05, c_3 = .03: the docstring of compare.measures says so
    c = 0.1 * np.array([0.75, 0.5, 0.3, 0.15, 0.07, 0.03, 0.01, 0.0])
    truth = sync_from_harmonics(np.concatenate([[1.0], c])).sync
    few, many = (covered(*repeat(np.random.default_rng(3), c, 64, each), truth) for each in (16, 512))
    assert 0.5 < few < 0.9
    assert LOW < many < HIGH


# --- the engine -------------------------------------------------------------------------------------------------------

# (V, Delta): nothing, next to nothing, and several harmonics, up to half of the greatest S that eight can make
POINTS = [(0.0, 0.5), (0.05, 8.0), (0.05, 0.0), (0.1, 1.0), (0.2, 4.0), (0.2, 0.0)]


@pytest.mark.parametrize(
    "trajectories", [32, pytest.param(16, marks=pytest.mark.slow), pytest.param(128, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize(("coupling", "detuning"), POINTS)
def test_intervals_of_small_langevin_runs_contain_the_fokker_planck_value(coupling, detuning, trajectories):
    model = KerrOscillators.pair(
        detuning=detuning, coupling=coupling, kerr=2.0, n_plus=2, sigma=0.2, thermal_noise=0.1
    ).langevin()
    truth = 0.0
    if coupling:
        truth = sync_from_harmonics(langevin.fokker_planck(model, harmonics=8, refine=False).harmonics).sync
    # one ensemble cut into 400: trajectories are independent, each is a group
    start = langevin.initial.limit_cycle(model, REPEATS * trajectories, seed=7)
    runs = langevin.simulate(
        model,
        start,
        np.arange(0.0, 80.1, 0.2),
        dt=0.01,
        seed=7,
        burn_in=40.0,
        groups=len(start),
        k_max=SAMPLE_HARMONICS,
    )
    parts = zip(
        runs.harmonics[:, 0].reshape(REPEATS, trajectories, -1), runs.weight.reshape(REPEATS, trajectories), strict=True
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no harmonic beyond those followed
        found = [sync_from_groups(sums, weight) for sums, weight in parts]
    value, error = np.array([s.sync for s in found]), np.array([s.stderr for s in found])
    assert LOW <= covered(value, error, truth) <= HIGH
    if coupling == 0.0:
        assert covered(value, error, 0.0) == np.mean(value <= 1.96 * error)
    else:
        # step bias 2 %, and the mean of 400 has a twentieth of the error of one
        assert abs(value.mean() - truth) < 0.02 * truth + 0.25 * error.mean()
        assert 0.85 < error.mean() / value.std() < 1.25
