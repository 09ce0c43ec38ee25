import math

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum.dense import as_density
from quantum.density import Density
from quantum.measures import concurrence, entropy, logarithmic_negativity, mutual_information, purity


def random_state(dims, seed, rank=None, number=False):
    """A random density matrix; with `number` it commutes with the total number."""
    rng = np.random.default_rng(seed)
    size = math.prod(dims)
    root = rng.normal(size=(size, rank or size)) + 1j * rng.normal(size=(size, rank or size))
    rho = root @ root.conj().T
    if number:
        total = sum(np.unravel_index(np.arange(size), dims))
        rho = rho * (total[:, None] == total)
    return rho / np.trace(rho).real


def random_unitary(size, rng):
    q, r = np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))
    return q * (np.diag(r) / np.abs(np.diag(r)))


def pure(vector):
    return np.outer(vector, np.conj(vector))


@pytest.mark.parametrize("number", [False, True])
@pytest.mark.parametrize(("dims", "rank"), [((2, 2), None), ((3, 4), None), ((3, 4), 2), ((4, 2), 3)])
def test_measures_agree_with_qutip(dims, rank, number):
    rho = random_state(dims, 7, rank, number)
    oracle = qutip.Qobj(rho, dims=[list(dims)] * 2)
    for state, extra in ((rho, {"dims": dims}), (as_density(rho, dims), {})):
        np.testing.assert_allclose(purity(state), oracle.purity(), rtol=1e-13)
        # QuTiP drops eigenvalues below its atol of 1e-12, each worth up to 3e-11
        np.testing.assert_allclose(entropy(state), qutip.entropy_vn(oracle), atol=1e-10)
        np.testing.assert_allclose(
            mutual_information(state, 0, **extra), qutip.entropy_mutual(oracle, 0, 1), atol=1e-10
        )
        np.testing.assert_allclose(
            logarithmic_negativity(state, 0, **extra), qutip.negativity(oracle, 0, logarithmic=True), atol=1e-10
        )


@pytest.mark.parametrize("rank", [1, 2, 4])
def test_concurrence_agrees_with_qutip(rank):
    rho = random_state((2, 2), 8, rank)
    # QuTiP takes square roots of eigenvalues that are exact to about 1e-16: 1e-8
    np.testing.assert_allclose(concurrence(rho), qutip.concurrence(qutip.Qobj(rho, dims=[[2, 2]] * 2)), atol=3e-8)


def test_three_parties_grouped_and_traced_out():
    dims = (2, 3, 2)
    rho = random_state(dims, 9)
    oracle = qutip.Qobj(rho, dims=[list(dims)] * 2)
    np.testing.assert_allclose(
        mutual_information(rho, 2, 0, dims=dims), qutip.entropy_mutual(oracle.ptrace([0, 2]), 0, 1), atol=1e-12
    )
    np.testing.assert_allclose(
        mutual_information(rho, [0, 2], dims=dims), qutip.entropy_mutual(oracle, [0, 2], [1]), atol=1e-12
    )
    transposed = qutip.partial_transpose(oracle, [1, 0, 1])
    expected = np.log2(np.abs(transposed.eigenenergies()).sum())
    for first, second in (([0, 2], None), ([1], None), ([2, 0], [1])):
        np.testing.assert_allclose(logarithmic_negativity(rho, first, second, dims), expected, atol=1e-12)


def test_bell_werner_and_product_states_have_their_closed_forms():
    bell = pure(np.array([1, 0, 0, 1]) / np.sqrt(2))
    assert concurrence(bell) == pytest.approx(1, abs=1e-15)
    assert logarithmic_negativity(bell, 0, dims=(2, 2)) == pytest.approx(1, abs=1e-14)
    assert mutual_information(bell, 0, dims=(2, 2)) == pytest.approx(2 * np.log(2), abs=1e-14)
    for p in (0.0, 0.2, 1 / 3, 0.5, 0.9):
        werner = p * bell + (1 - p) * np.eye(4) / 4
        assert concurrence(werner) == pytest.approx(max(0.0, (3 * p - 1) / 2), abs=1e-14)
        negative = max(0.0, (3 * p - 1) / 4)
        assert logarithmic_negativity(werner, 1, dims=(2, 2)) == pytest.approx(np.log2(1 + 2 * negative), abs=1e-14)
        assert purity(werner) == pytest.approx((1 + 3 * p**2) / 4, abs=1e-15)
    product = np.kron(random_state((3,), 1), random_state((4,), 2))
    assert mutual_information(product, 0, dims=(3, 4)) == pytest.approx(0, abs=1e-13)
    assert logarithmic_negativity(product, 0, dims=(3, 4)) == pytest.approx(0, abs=1e-13)


def test_thermal_entropy_and_two_mode_squeezing():
    # thermal, mean 1/2: S = (n+1) ln(n+1) - n ln n; the tail beyond 60 levels is 3^-60
    populations = 2 / 3 * (1 / 3.0) ** np.arange(60)
    assert entropy(np.diag(populations)) == pytest.approx(1.5 * np.log(1.5) - 0.5 * np.log(0.5), abs=1e-14)
    # two-mode squeezed vacuum: logarithmic negativity 2 r log2(e); the tail of amplitudes is tanh(r)^60 = 6e-21
    r, levels = 0.5, 60
    vector = np.zeros((levels, levels))
    np.fill_diagonal(vector, np.tanh(r) ** np.arange(levels) / np.cosh(r))
    rows = np.flatnonzero(vector.ravel())
    row, col = (index.ravel() for index in np.meshgrid(rows, rows, indexing="ij"))
    state = Density((levels, levels), row, col, (vector.ravel()[row] * vector.ravel()[col]).astype(complex))
    # 3600 x 3600: only possible block by block
    assert logarithmic_negativity(state, 0) == pytest.approx(2 * r / np.log(2), abs=1e-12)


def test_a_stack_gives_one_number_each():
    stack = np.array([[random_state((2, 2), 10 * i + j) for j in range(3)] for i in range(2)])
    for measure in (
        purity,
        entropy,
        concurrence,
        lambda s: mutual_information(s, 0, dims=(2, 2)),
        lambda s: logarithmic_negativity(s, 0, dims=(2, 2)),
    ):
        together = measure(stack)
        assert together.shape == (2, 3)
        np.testing.assert_allclose(together[1, 2], measure(stack[1, 2]), atol=1e-14)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), rank=st.integers(1, 6), number=st.booleans())
def test_local_unitaries_change_no_measure(seed, rank, number):
    rng = np.random.default_rng(seed)
    for dims in ((2, 3), (2, 2)):
        rho = random_state(dims, seed, rank, number)
        u = np.kron(*(random_unitary(size, rng) for size in dims))
        turned = u @ rho @ u.conj().T
        turned = (turned + turned.conj().T) / 2
        for measure in (
            purity,
            entropy,
            lambda s, dims=dims: mutual_information(s, 0, dims=dims),
            lambda s, dims=dims: logarithmic_negativity(s, 0, dims=dims),
            *([concurrence] if dims == (2, 2) else []),
        ):
            # x ln x moves by 40 * 1e-16 where x = 1e-16; roots of such eigenvalues by 1e-8
            assert measure(turned) == pytest.approx(measure(rho), abs=1e-7 if measure is concurrence else 1e-12)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), rank=st.integers(1, 6))
def test_measures_stay_within_their_bounds(seed, rank):
    rho = random_state((2, 3), seed, rank)
    assert 1 / 6 - 1e-12 <= purity(rho) <= 1 + 1e-12
    assert -1e-12 <= entropy(rho) <= np.log(min(rank, 6)) + 1e-12
    assert -1e-12 <= mutual_information(rho, 0, dims=(2, 3)) <= 2 * np.log(2) + 1e-12
    assert -1e-12 <= logarithmic_negativity(rho, 0, dims=(2, 3)) <= 1 + 1e-12
    if rank == 1:  # pure: I = 2 S_A, and the negativity is the Renyi-1/2 entropy of the Schmidt coefficients
        reduced = np.linalg.eigvalsh(as_density(rho, (2, 3)).reduced([0]).dense()).clip(0)
        assert mutual_information(rho, 0, dims=(2, 3)) == pytest.approx(
            -2 * (reduced * np.log(reduced)).sum(), abs=1e-10
        )
        expected = 2 * np.log2(np.sqrt(reduced).sum())
        assert logarithmic_negativity(rho, 0, dims=(2, 3)) == pytest.approx(expected, abs=1e-7)


RHO = random_state((2, 3), 0)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: purity(2 * RHO), "`state` must have trace 1, but a trace is 2"),
        (lambda: entropy(Density((1,), np.array([0]), np.array([0]), np.array([np.nan + 0j]))), "must be finite"),
        (lambda: mutual_information(RHO, 0), "`first` must leave out at least one of 1 subsystems, but is 0"),
        (lambda: mutual_information(RHO, 2, dims=(2, 3)), "`first` must hold different subsystems from 0 to 1"),
        (lambda: mutual_information(RHO, [], dims=(2, 3)), "`first` must hold different subsystems from 0 to 1"),
        (lambda: logarithmic_negativity(RHO, 0, [0, 1], (2, 3)), "`second` must share no subsystem with `first` (0)"),
        (lambda: logarithmic_negativity(RHO, 0, dims=(2, 2)), "`dims` must multiply to 6, the size of `state`"),
        (lambda: concurrence(RHO), "`state` must be of two qubits, dims (2, 2), but has dims (6,)"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call, sentence):
    with pytest.raises(ValueError, match="Argument ") as caught:
        call()
    assert sentence in str(caught.value)
