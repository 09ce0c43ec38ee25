import numpy as np
import pytest

import quantum
from compare.measures import TruncatedHarmonicsWarning, phase_sync, sync_from_groups, sync_from_harmonics


def test_one_harmonic_has_its_maximum_at_its_phase():
    sync = sync_from_harmonics(np.array([1.0, 0.1 * np.exp(-0.7j)]))
    assert sync.sync == pytest.approx(0.2, abs=1e-15)
    assert sync.phase == pytest.approx(0.7, abs=1e-12)
    assert sync.stderr == 0.0


def test_maximum_of_several_harmonics_is_that_of_a_fine_grid():
    rng = np.random.default_rng(3)
    phi = np.linspace(0, 2 * np.pi, 200_001)
    for _ in range(20):
        c = np.concatenate([[1.0], (rng.normal(size=6) + 1j * rng.normal(size=6)) * 0.1])
        grid = 2 * np.real(np.exp(1j * np.outer(phi, np.arange(1, 7))) @ c[1:])
        # the grid misses the maximum by at most half its curvature times half a step squared
        assert sync_from_harmonics(c).sync == pytest.approx(grid.max(), abs=36 * np.abs(c[1:]).sum() * (3.2e-5) ** 2)


def test_density_is_normalized_and_peaks_at_the_locked_phase():
    sync = sync_from_harmonics(np.array([1.0, 0.2 - 0.1j, 0.05j, -0.02]))
    phi = 2 * np.pi * np.arange(720) / 720
    density = sync.density(phi)
    assert density.mean() * 2 * np.pi == pytest.approx(1.0, abs=1e-12)
    assert 2 * np.pi * sync.density(sync.phase) - 1 == pytest.approx(sync.sync, abs=1e-12)
    assert density.max() <= sync.density(sync.phase) * (1 + 1e-13)


def groups(rng, truth, size=64, noise=0.1):
    """Noisy harmonics of independent groups around `truth` (k from 1), each of weight one."""
    shape = (size, len(truth))
    c = np.asarray(truth) + noise * (rng.normal(size=shape) + 1j * rng.normal(size=shape))
    return np.concatenate([np.ones((size, 1)), c], axis=1), np.ones(size)


def test_plain_maximum_would_be_biased():
    rng = np.random.default_rng(5)
    shrunk, plain = [], []
    for _ in range(200):
        sums, weight = groups(rng, [0.0] * 4)
        shrunk.append(sync_from_groups(sums, weight).sync)
        plain.append(sync_from_harmonics(sums.mean(axis=0)).sync)
    assert np.mean(shrunk) < 0.55 * np.mean(plain)


def test_weights_of_groups_count():
    rng = np.random.default_rng(2)
    weight = rng.integers(1, 2000, size=200).astype(float)
    mean = 0.2 + 0.3 * (rng.normal(size=200) + 1j * rng.normal(size=200)) / np.sqrt(weight)
    sums = np.stack([weight, weight * mean], axis=1)
    sync = sync_from_groups(sums, weight)
    assert abs(sync.sync - 0.4) < 4 * sync.stderr
    assert sync.stderr == pytest.approx(2 * 0.3 / np.sqrt(weight.sum()), rel=0.3)


def test_pair_order_conjugates_the_phase():
    rng = np.random.default_rng(8)
    psi = rng.normal(size=9) + 1j * rng.normal(size=9)
    rho = np.outer(psi, psi.conj()) / (np.abs(psi) ** 2).sum()
    rows, cols = (index.ravel() for index in np.indices((9, 9)))
    state = quantum.Density((3, 3), rows, cols, rho.ravel())
    forward, backward = phase_sync(state, (0, 1)), phase_sync(state, (1, 0))
    assert forward.sync == pytest.approx(backward.sync, abs=1e-13)
    assert np.exp(1j * forward.phase) == pytest.approx(np.exp(-1j * backward.phase), abs=1e-10)


def test_harmonics_of_product_phase_states():
    # |psi> = sum_n e^{i n phi} |n> / sqrt(4) in both: P is concentrated at phi_1 - phi_2
    first, second = 0.9, -0.4
    psi = np.kron(np.exp(1j * first * np.arange(4)), np.exp(1j * second * np.arange(4))) / 4
    rows, cols = (index.ravel() for index in np.indices((16, 16)))
    state = quantum.Density((4, 4), rows, cols, np.outer(psi, psi.conj()).ravel())
    assert phase_sync(state).phase == pytest.approx(first - second, abs=1e-10)


def test_bad_input():
    with pytest.raises(ValueError, match="S needs at least two groups with samples, but there are 1 of 3"):
        sync_from_groups(np.ones((3, 2), complex), np.array([1.0, 0.0, 0.0]))
    with pytest.raises(ValueError, match="must be a density matrix or runs, but is a float"):
        phase_sync(1.0)
    with pytest.raises(ValueError, match=r"`pair` must name two oscillators, but is \(0,\)"):
        phase_sync(1.0, (0,))
    for wrong in (0, 2.5, "x"):
        with pytest.raises(ValueError, match="`harmonics` must be a whole number of at least 1"):
            sync_from_groups(np.ones((3, 2), complex), np.ones(3), wrong)


def test_a_cut_sum_of_harmonics_warns_and_widens_the_error():
    rng = np.random.default_rng(6)
    sums, weight = groups(rng, [0.9, 0.8, 0.7, 0.6], noise=0.01)
    whole = sync_from_groups(np.hstack([sums, np.zeros((64, 2))]), weight)
    with pytest.warns(TruncatedHarmonicsWarning, match="Harmonic 3 of the relative phase"):
        cut = sync_from_groups(sums, weight, 3)
    assert whole.sync == pytest.approx(6.0, abs=0.1)
    assert cut.sync + cut.stderr > whole.sync


def test_a_single_kept_harmonic_has_the_closed_form():
    # two groups apart by 2 d i: M = 1, var(f') = 4 d^2 across and 0 along c_1, so B = 2 d^2
    d = 0.1
    sums = np.array([[1.0, 0.5 + 1j * d], [1.0, 0.5 - 1j * d]])
    result = sync_from_groups(sums, np.ones(2))
    assert result.sync == pytest.approx(np.sqrt(1.0 - 4 * d**2 * (1 + np.exp(-1 / (24 * d**2)))), abs=1e-9)
    assert result.harmonics_stderr[1] == pytest.approx(d)
    # no scatter along the real axis: the error is what was taken off, times sqrt(3) and Student's factor for one degree
    assert result.stderr == pytest.approx(np.sqrt(3) * (1.0 - result.sync) * 12.7062 / 1.95996, rel=1e-4)
    assert 2 * np.pi * result.density(result.phase) - 1 == pytest.approx(result.sync, abs=1e-12)


def test_harmonics_without_noise_are_taken_as_they_are():
    c = np.array([1.0, 0.3, 0.2j, -0.05, 0.04j])
    sampled = sync_from_groups(np.tile(c, (4, 1)), np.ones(4), more=False)
    assert sampled.sync == pytest.approx(sync_from_harmonics(c).sync, abs=1e-14)
    assert sampled.stderr == pytest.approx(0.0, abs=1e-12)
    nothing = sync_from_groups(np.tile([1.0, 0.0, 0.0], (4, 1)), np.ones(4))
    assert (nothing.sync, nothing.stderr) == (0.0, 0.0)


def test_turning_the_phase_and_mirroring_it_changes_nothing():
    rng = np.random.default_rng(4)
    sums, weight = groups(rng, [0.3, 0.1j, 0.02, 0.0])
    k = np.arange(5)
    plain = sync_from_groups(sums, weight)
    turned = sync_from_groups(sums * np.exp(-1j * k * 1.1), weight)
    mirrored = sync_from_groups(sums.conj(), weight)
    for other, phase in ((turned, plain.phase + 1.1), (mirrored, -plain.phase)):
        assert other.sync == pytest.approx(plain.sync, abs=1e-13)
        assert other.stderr == pytest.approx(plain.stderr, abs=1e-13)
        assert np.exp(1j * other.phase) == pytest.approx(np.exp(1j * phase), abs=1e-8)
