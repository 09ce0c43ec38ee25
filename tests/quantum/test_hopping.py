"""The solver for hopping pairs against the one of `quantum.steady`, which knows nothing of its inverse."""

import numpy as np
import pytest
from scipy import sparse

import quantum
from quantum.solvers.hopping import HoppingPair, LocalGenerator


def ladder(levels, rng, kind, energy=0.0):
    """One oscillator: energies, and gain and loss of random rates, coherent or level by level."""
    n = np.arange(1.0, levels)
    h = np.diag(energy * np.arange(levels) + rng.normal(size=levels))
    up, down = (np.diag(np.sqrt(n * rng.uniform(0.2, 1.0, n.size)), offset) for offset in (-1, 1))
    if kind == "coherent":
        return h, [up, down]
    jumps = []
    for ladder in (up, down):
        for row, col in zip(*np.nonzero(ladder), strict=True):
            jump = np.zeros_like(ladder)
            jump[row, col] = ladder[row, col]
            jumps.append(jump)
    return h, jumps


def pair(levels, kinds, coupling, detuning, seed=3):
    rng = np.random.default_rng(seed)
    (h1, l1), (h2, l2) = (ladder(levels, rng, kind) for kind in kinds)
    one = np.eye(levels)
    a = np.diag(np.sqrt(np.arange(1.0, levels)), 1)
    hop = coupling * np.kron(a.T, a)
    number = detuning * np.diag(np.arange(levels))
    h = np.kron(h1 + number, one) + np.kron(one, h2) + hop + hop.conj().T
    jumps = [np.kron(x, one) for x in l1] + [np.kron(one, x) for x in l2]
    whole = quantum.Lindblad(sparse.csr_array(h), jumps, (levels, levels))
    singles = [LocalGenerator(quantum.Lindblad(h, jumps, (levels,))) for h, jumps in ((h1, l1), (h2, l2))]
    return whole, singles


@pytest.mark.parametrize("kinds", [("coherent", "coherent"), ("incoherent", "coherent"), ("incoherent", "incoherent")])
@pytest.mark.parametrize("coupling", [0.05, 0.4 - 0.3j])
def test_agrees_with_the_general_solver(kinds, coupling):
    whole, (one, two) = pair(5, kinds, coupling, 0.7)
    expected = quantum.steady_state(whole)
    found = HoppingPair(one, two).steady_state(coupling, 0.7)
    np.testing.assert_allclose(found.dense(), expected.dense(), rtol=0, atol=1e-12)
    assert found.residual < 1e-12
    flow = whole.hamiltonian @ found.dense()
    flow = -1j * (flow - flow.conj().T)
    for jump in whole.jumps:
        dense = jump.toarray()
        rate = dense.conj().T @ dense
        rho = found.dense()
        flow += dense @ rho @ dense.conj().T - 0.5 * (rate @ rho + rho @ rate)
    assert abs(flow).max() < 1e-11


def test_few_orders_suffice_at_weak_coupling():
    _, (one, two) = pair(8, ("coherent", "coherent"), 0.05, 0.0)
    exact = HoppingPair(one, two).steady_state(0.05).relative_phase_harmonics((0, 1))
    few = HoppingPair(one, two, orders=3).steady_state(0.05).relative_phase_harmonics((0, 1))
    # coherences of order k are of order V^k: leaving out the fourth changes the first by V^7 or so
    np.testing.assert_allclose(few[:3], exact[:3], atol=1e-6)


def test_products_hardly_grow_with_the_number_of_levels():
    products = []
    for levels in (6, 24):
        _, (one, two) = pair(levels, ("coherent", "coherent"), 0.05, 0.0) if levels < 10 else (None, _smooth(levels))
        products.append(HoppingPair(one, two).steady_state(0.05).products)
    assert max(products) < 30


def _smooth(levels):
    n = np.arange(1.0, levels)
    jumps = [np.diag(np.sqrt(n * 0.5), -1), np.diag(np.sqrt(n), 1)]
    generator = LocalGenerator(quantum.Lindblad(np.zeros((levels, levels)), jumps, (levels,)))
    return generator, generator


def test_refuses_what_it_cannot_do():
    rng = np.random.default_rng(1)
    h, jumps = ladder(4, rng, "coherent")
    with pytest.raises(ValueError, match="diagonal Hamiltonian"):
        LocalGenerator(quantum.Lindblad(h + 0.1 * np.ones((4, 4)), jumps, (4,)))
    with pytest.raises(ValueError, match="one step each"):
        LocalGenerator(quantum.Lindblad(h, [jumps[0] + jumps[1]], (4,)))
    with pytest.raises(ValueError, match="one subsystem"):
        LocalGenerator(quantum.Lindblad(np.zeros((4, 4)), [np.eye(4)], (2, 2)))
    four, five = (LocalGenerator(quantum.Lindblad(*ladder(n, rng, "coherent"), (n,))) for n in (4, 5))
    with pytest.raises(ValueError, match="4 levels"):
        HoppingPair(four, five)
    with pytest.raises(ValueError, match="finite"):
        HoppingPair(four, four).steady_state(float("nan"))
    with pytest.raises(RuntimeError, match="too strong"):
        HoppingPair(four, four).steady_state(1e6)
