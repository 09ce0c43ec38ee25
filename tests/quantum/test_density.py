import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum.dense import as_density
from quantum.density import Density


def sample(dims, seed=0, stack=(), blocks=False):
    """A random density matrix, dense and on its pattern; with `blocks` only where the total number is equal."""
    rng = np.random.default_rng(seed)
    size = int(np.prod(dims))
    root = rng.normal(size=(*stack, size, size)) + 1j * rng.normal(size=(*stack, size, size))
    rho = root @ np.conj(np.swapaxes(root, -1, -2))
    if blocks:
        total = sum(np.unravel_index(np.arange(size), dims))
        rho = rho * (total[:, None] == total)
    rho /= np.trace(rho, axis1=-2, axis2=-1)[..., None, None]
    rows, cols = np.nonzero(np.abs(rho).reshape(-1, size, size).max(axis=0))
    return rho, Density(tuple(dims), rows, cols, rho[..., rows, cols])


CASES = [((2, 3), (), False), ((3, 3, 2), (), True), ((2, 3, 2), (4,), False), ((4, 3), (2, 3), True)]


@pytest.mark.parametrize(("dims", "stack", "blocks"), CASES)
def test_everything_agrees_with_the_dense_matrix(dims, stack, blocks):
    rho, density = sample(dims, 1, stack, blocks)
    np.testing.assert_array_equal(density.dense(), rho)
    assert density.dimension == rho.shape[-1]
    np.testing.assert_allclose(density.trace(), np.ones(stack), rtol=1e-14)
    rng = np.random.default_rng(2)
    operator = rng.normal(size=rho.shape[-2:]) + 1j * rng.normal(size=rho.shape[-2:])
    np.testing.assert_allclose(density.expect(operator), np.einsum("ij,...ji->...", operator, rho), rtol=1e-12)
    tails = []
    for j, levels in enumerate(dims):
        diagonal = np.einsum("...ii->...i", rho).real.reshape(*stack, *dims)
        axes = tuple(len(stack) + other for other in range(len(dims)) if other != j)
        populations = diagonal.sum(axis=axes)
        np.testing.assert_allclose(density.populations(j), populations, rtol=1e-12)
        np.testing.assert_allclose(density.mean_number(j), populations @ np.arange(levels), rtol=1e-12)
        tails.append(populations[..., -1])
    np.testing.assert_allclose(density.tail_population(), np.max(tails, axis=0), rtol=1e-12)


def partial_trace(rho, dims, keep):
    """The textbook sum, element by element."""
    kept = [dims[j] for j in keep]
    out = np.zeros((*rho.shape[:-2], int(np.prod(kept)), int(np.prod(kept))), dtype=complex)
    states = list(itertools.product(*(range(levels) for levels in dims)))
    for (i, row), (j, col) in itertools.product(enumerate(states), repeat=2):
        if all(row[k] == col[k] for k in range(len(dims)) if k not in keep):
            r = np.ravel_multi_index([row[k] for k in keep], kept)
            c = np.ravel_multi_index([col[k] for k in keep], kept)
            out[..., r, c] += rho[..., i, j]
    return out


@pytest.mark.parametrize("keep", [[0], [2], [0, 2], [2, 0], [1, 0, 2]])
@pytest.mark.parametrize("blocks", [False, True])
def test_reduced_is_the_partial_trace_in_the_given_order(keep, blocks):
    dims = (2, 3, 2)
    rho, density = sample(dims, 3, (2,), blocks)
    reduced = density.reduced(keep)
    assert reduced.dims == tuple(dims[j] for j in keep)
    np.testing.assert_allclose(reduced.dense(), partial_trace(rho, dims, keep), atol=1e-15)


@pytest.mark.parametrize("pair", [(0, 1), (1, 0), (2, 0), (1, 2)])
def test_relative_phase_harmonics_are_the_sum_of_their_definition(pair):
    dims = (3, 4, 2)
    rho, density = sample(dims, 4, (2,))
    pair_rho = partial_trace(rho, dims, pair)
    n_1, n_2 = (dims[j] for j in pair)
    expected = np.zeros((2, min(n_1, n_2)), dtype=complex)
    for k, n, m in itertools.product(range(min(n_1, n_2)), range(n_1), range(n_2)):
        if n + k < n_1 and m - k >= 0:
            expected[:, k] += pair_rho[:, n * n_2 + m, (n + k) * n_2 + m - k]
    np.testing.assert_allclose(density.relative_phase_harmonics(pair), expected, atol=1e-15)


def test_the_relative_phase_distribution_is_positive_and_peaks_at_the_phase_of_the_state():
    # |psi> = sum_n e^{i n theta} |n, 3 - n>/2: sharp relative phase theta, harmonics (1 - k/4) e^{-i k theta}
    theta, k = 0.7, np.arange(4)
    psi = np.zeros((4, 4), dtype=complex)
    psi[k, 3 - k] = np.exp(1j * theta * k) / 2
    density = as_density(np.outer(psi, psi.conj()), (4, 4))
    expected = (1 - k / 4) * np.exp(-1j * k * theta)
    np.testing.assert_allclose(density.relative_phase_harmonics((0, 1)), expected, atol=1e-15)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), dims=st.lists(st.integers(1, 3), min_size=2, max_size=3), blocks=st.booleans())
def test_tracing_out_keeps_trace_hermiticity_and_positivity(seed, dims, blocks):
    _, density = sample(dims, seed, (2,), blocks)
    for keep in itertools.combinations(range(len(dims)), len(dims) - 1):
        rho = density.reduced(keep).dense()
        np.testing.assert_allclose(np.trace(rho, axis1=1, axis2=2), 1.0, atol=1e-13)
        np.testing.assert_allclose(rho, np.conj(np.swapaxes(rho, 1, 2)), atol=1e-15)
        assert np.linalg.eigvalsh(rho).min() > -1e-13
        for j, kept in enumerate(keep):  # and the other order of tracing out gives the same
            np.testing.assert_allclose(density.reduced(keep).populations(j), density.populations(kept), atol=1e-14)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), turns=st.tuples(st.floats(-3, 3), st.floats(-3, 3)))
def test_turning_the_phases_multiplies_the_harmonics(seed, turns):
    rho, density = sample((3, 4), seed)
    n, m = np.unravel_index(np.arange(12), (3, 4))
    turn = np.exp(1j * (turns[0] * n + turns[1] * m))
    turned = as_density(turn[:, None] * rho * turn.conj(), (3, 4))
    k = np.arange(3)
    expected = density.relative_phase_harmonics((0, 1)) * np.exp(-1j * k * (turns[0] - turns[1]))
    np.testing.assert_allclose(turned.relative_phase_harmonics((0, 1)), expected, atol=1e-14)
    swapped = density.relative_phase_harmonics((1, 0))
    np.testing.assert_allclose(swapped, density.relative_phase_harmonics((0, 1)).conj(), atol=1e-15)


def test_as_density_keeps_only_what_can_differ_from_zero():
    rho, density = sample((3, 3), 5, (2,), blocks=True)
    made = as_density(rho, (3, 3))
    assert made.rows.size == density.rows.size == 1 + 4 + 9 + 4 + 1
    np.testing.assert_array_equal(made.dense(), rho)
    assert as_density(made) is made
    assert as_density(made, (3, 3)) is made
    assert as_density(rho).dims == (9,)


_, PAIR = sample((2, 3))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: PAIR.expect(np.eye(7)), "`operator` must have shape (6, 6), but has shape (7, 7)"),
        (lambda: PAIR.populations(2), "`subsystem` must hold different numbers from 0 to 1, but is [2]"),
        (lambda: PAIR.populations(-1), "`subsystem` must hold different numbers from 0 to 1, but is [-1]"),
        (lambda: PAIR.reduced([]), "`subsystems` must hold different numbers from 0 to 1, but is []"),
        (lambda: PAIR.reduced([-1]), "`subsystems` must hold different numbers from 0 to 1, but is [-1]"),
        (lambda: PAIR.reduced([1, 1]), "`subsystems` must hold different numbers from 0 to 1, but is [1, 1]"),
        (lambda: PAIR.relative_phase_harmonics((0, 0)), "`pair` must hold different numbers from 0 to 1"),
        (lambda: PAIR.relative_phase_harmonics((0, -1)), "`pair` must hold different numbers from 0 to 1"),
        (lambda: PAIR.relative_phase_harmonics((0,)), "`pair` must name two subsystems, but is (0,)"),
        (lambda: as_density(np.eye(4) / 4, (2, 3)), "`dims` must multiply to 4, the size of `state`, but is (2, 3)"),
        (lambda: as_density(PAIR, (3, 2)), "`dims` must be left out or equal the state's (2, 3), but is (3, 2)"),
        (lambda: as_density(np.ones(4)), "`state` must have shape (..., D, D), but has shape (4,)"),
        (lambda: as_density("rho"), "`state` must be a Density or an array, but is a str"),
        (lambda: as_density([[0.5, 1.0], [0.0, 0.5]]), "`state` must be Hermitian, but differs from its adjoint by 1"),
        (lambda: as_density([[np.nan, 0.0], [0.0, 0.5]]), "`state` must be finite, but has elements that are not"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call, sentence):
    with pytest.raises(ValueError, match="Argument ") as caught:
        call()
    assert sentence in str(caught.value)
