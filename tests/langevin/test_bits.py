"""The same seed gives the same bits: for any threads, ensemble size, grouping and sampling of pairs."""

import numpy as np
import pytest
from oscillators import model

import langevin

PAIR = model(
    omega=[1.0, -1.0], kerr=0.3, gamma=-1.0, eta=0.5, s=0.2, t=0.2, coupling=[[0, -0.1j], [-0.1j, 0]], kind="additive"
)
TIMES = np.linspace(0.0, 1.0, 6)


def run(trajectories, model=PAIR, seed=3, **options):
    start = langevin.initial.coherent([1.0, 1.0j], trajectories, seed=seed)
    options = {"dt": 0.02, "burn_in": 0.0, "save": True} | options
    return langevin.simulate(model, start, TIMES, seed=seed, **options)


@pytest.fixture(scope="module")
def runs():
    return run(300, threads=2)


def test_threads_do_not_matter(runs):
    one = run(300, threads=1)
    for name in ("amplitudes", "harmonics", "numbers", "weight"):
        assert getattr(one, name).tobytes() == getattr(runs, name).tobytes()


def test_a_larger_ensemble_begins_with_the_smaller(runs):
    for smaller in (1, 100, 128):
        np.testing.assert_array_equal(run(smaller).amplitudes, runs.amplitudes[:smaller])


def test_the_model_may_have_resets_and_a_bound():
    noisy = model(
        omega=[1.0, -1.0], gamma=-2.0, eta=0.1, s=0.2, t=0.2, s_x=0.1, reset=2.0, kind="polar", resets=True, bound=9.0
    )
    full, part = run(300, noisy, threads=2), run(100, noisy, threads=1)
    np.testing.assert_array_equal(part.amplitudes, full.amplitudes[:100])
    assert full.exits > 0


def test_seeds_matter_and_no_two_trajectories_are_alike(runs):
    other = run(300, seed=4)
    assert not (other.amplitudes[:, 1:] == runs.amplitudes[:, 1:]).any()
    assert np.unique(runs.amplitudes[:, -1]).size == 2 * 300


def test_statistics_are_those_of_the_saved_amplitudes(runs):
    sampled = runs.amplitudes[:, 1:]
    relative = np.angle(sampled[:, :, 0]) - np.angle(sampled[:, :, 1])
    x = abs(sampled) ** 2
    assert runs.weight.sum() == 300 * 5
    for k in range(9):
        np.testing.assert_allclose(runs.harmonics[:, 0, k], np.exp(-1j * k * relative).sum(axis=1), atol=1e-12)
    np.testing.assert_allclose(runs.numbers, np.stack([x, x**2], axis=-1).sum(axis=1), rtol=1e-13)
    np.testing.assert_allclose(runs.mean_number()[0], x.mean(axis=(0, 1)), rtol=1e-13)
    error = x.mean(axis=1).std(axis=0, ddof=1) / np.sqrt(300)
    np.testing.assert_allclose(runs.mean_number()[1], error, rtol=1e-12)


def test_groups_histograms_and_burn_in_sort_the_same_samples(runs):
    other = run(300, groups=7, bins=12, histogram_edge=3.0, burn_in=0.4, pairs=[(1, 0)], k_max=3)
    np.testing.assert_array_equal(other.amplitudes, runs.amplitudes)
    sampled = runs.amplitudes[:, 3:]
    x = abs(sampled) ** 2
    assert other.burn_in == pytest.approx(0.4)
    np.testing.assert_array_equal(other.weight, 3 * np.bincount(np.arange(300) * 7 // 300))
    for j in range(2):
        np.testing.assert_array_equal(other.histogram[j], np.histogram(x[:, :, j], 12, (0.0, 3.0))[0])
    relative = np.angle(sampled[:, :, 1]) - np.angle(sampled[:, :, 0])
    np.testing.assert_allclose(other.harmonics[:, 0, 3].sum(), np.exp(-3j * relative).sum(), atol=1e-11)


def test_progress_counts_blocks(runs):
    seen = []
    run(300, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(block, 5) for block in range(1, 6)]
