"""Split propagation against QuTiP's time-dependent solver, its order, its frames and its demodulation."""

import numpy as np
import pytest

from quantum import Lindblad, operators
from quantum.interop import to_qutip
from quantum.kicks import Kick
from quantum.liouville import from_components, in_hermitian_basis, liouvillian, to_components
from quantum.split import SplitPropagator

LOWER = np.array([[0, 1], [0, 0]], dtype=complex)


def qubit(frequency, gain, loss, pump=0.0):
    h = frequency * operators.number(2) + pump * (LOWER + LOWER.T)
    return Lindblad(h, [np.sqrt(gain) * LOWER.T, np.sqrt(loss) * LOWER], (2,))


def pair():
    """Two qubits, both pumped, that no frame makes static, with exchange and drive."""
    factors = [qubit(3.0, 0.3, 0.8, 0.7), qubit(-2.0, 0.6, 0.2, 0.4)]
    kicks = [Kick(np.kron(LOWER.T, LOWER), (0, 1), 5.2, 0.5), Kick(LOWER, (0,), 3.1, 0.3 + 0.2j)]
    return factors, kicks


def random_state(size, seed=0):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    rho = root @ root.conj().T
    return rho / np.trace(rho)


def with_qutip(factors, kicks, state, times, max_step):
    """Density matrix at the last of `times` by QuTiP."""
    qutip = pytest.importorskip("qutip")
    dims = [levels for factor in factors for levels in factor.dims]
    blocks = [factor.dimension for factor in factors]
    static = sum(operators.embed(factor.hamiltonian, j, blocks) for j, factor in enumerate(factors))
    jumps = [operators.embed(jump, j, blocks) for j, factor in enumerate(factors) for jump in factor.jumps]
    h0, c_ops = to_qutip(Lindblad(static, jumps, dims))
    terms = [h0]
    for kick in kicks:
        matrix = kick.strength * whole(kick, dims)
        for part, sign in ((matrix, 1), (matrix.conj().T, -1)):
            terms.append([qutip.Qobj(part, dims=h0.dims), phase(sign * kick.frequency)])
    start = qutip.Qobj(state, dims=h0.dims)
    options = {"atol": 1e-11, "rtol": 1e-9, "nsteps": 10**6, "max_step": max_step}
    return qutip.mesolve(qutip.QobjEvo(terms), start, times, c_ops=c_ops, options=options).final_state.full()


def phase(frequency):
    return lambda t: np.exp(1j * frequency * t)


def whole(kick, dims):
    """The operator of a kick on one site, or on two, with the identity elsewhere."""
    out = np.zeros((int(np.prod(dims)),) * 2, dtype=complex)
    levels = [dims[site] for site in kick.sites]
    for row, col in zip(*np.nonzero(kick.operator), strict=True):
        factors = [np.eye(n) for n in dims]
        n, m = np.unravel_index(row, levels), np.unravel_index(col, levels)
        for place, site in enumerate(kick.sites):
            factors[site] = np.zeros((dims[site],) * 2)
            factors[site][n[place], m[place]] = 1.0
        product = np.ones((1, 1))
        for factor in factors:
            product = np.kron(product, factor)
        out += kick.operator[row, col] * product
    return out


# --- against QuTiP, and the order ------------------------------------------------------------------------------------


@pytest.mark.parametrize("second_drive", [False, True])
def test_second_order_against_qutip(second_drive):
    # a second drive on the same site at another frequency has no common frame: two families of kicks
    factors, kicks = pair()
    if second_drive:
        kicks.append(Kick(LOWER, (0,), -1.3, 0.4))
    state = random_state(4)
    expected = with_qutip(factors, kicks, state, [0.25, 1.25], 0.05)
    errors = []
    for steps in (20, 40, 80, 160):
        propagator = SplitPropagator(factors, kicks, 1.0 / steps)
        assert propagator.families == (2 if second_drive else 1)
        errors.append(abs(propagator.advance(state, 0.25, steps) - expected).max())
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_allclose(orders[1:], 2.0, atol=0.15)
    assert errors[-1] < 1e-4


def test_sites_inside_of_factors_and_three_factors():
    # kicks between sites that are not neighbours, in an order that is not theirs
    rng = np.random.default_rng(1)
    two = Lindblad(np.diag([0.0, 1.0, 2.0, 3.5, 1.0, 0.3]), [rng.normal(size=(6, 6)) * 0.3], (3, 2))
    factors = [two, qubit(1.0, 0.2, 0.3, 0.1), qubit(0.5, 0.1, 0.7)]
    exchange = np.kron(operators.destroy(2).toarray(), operators.create(3).toarray())
    kicks = [Kick(exchange, (3, 0), 0.7, 0.2), Kick(np.diag([0.0, 0.5]), (2,))]
    state = random_state(24)
    expected = with_qutip(factors, kicks, state, [0.0, 0.5], 0.05)
    found = SplitPropagator(factors, kicks, 0.005).advance(state, 0.0, 100)
    assert abs(found - expected).max() < 2e-6


def test_no_kicks_is_exact():
    factors, _ = pair()
    state = random_state(4)
    expected = with_qutip(factors, [], state, [0.0, 1.0], 0.05)
    assert abs(SplitPropagator(factors, [], 1.0).advance(state, 0.0, 1) - expected).max() < 1e-8


# --- structure --------------------------------------------------------------------------------------------------------


def test_stretches_join_and_states_stay_states():
    propagator = SplitPropagator(*pair(), 0.05)
    state = random_state(4)
    once = propagator.advance(state, 0.0, 30)
    twice = propagator.advance(propagator.advance(state, 0.0, 11), 11 * 0.05, 19)
    np.testing.assert_allclose(twice, once, atol=1e-13)
    assert abs(np.trace(once) - 1.0) < 1e-13
    assert np.linalg.eigvalsh(once).min() > 0.0
    np.testing.assert_allclose(propagator.advance(state, 0.3, 0), state, atol=1e-15)


def test_strength_zero_keeps_the_frame():
    factors, kicks = pair()
    idle = [Kick(kick.operator, kick.sites, kick.frequency, 0.0) for kick in kicks]
    expected = SplitPropagator(factors, kicks, 0.1).frame
    # exchange 5.2 = omega_A - omega_B, drive 3.1 = -omega_A
    np.testing.assert_allclose(expected, [-3.1, -8.3])
    np.testing.assert_allclose(SplitPropagator(factors, idle, 0.1).frame, expected)


def test_demodulation_finds_what_turns():
    # a free qubit of frequency 20 keeps its coherence in its own frame; with a window its images at +-20 vanish
    propagator = SplitPropagator([Lindblad(20.0 * operators.number(2), [], (2,))], [], 0.01)
    state = np.array([[0.5, 0.3], [0.3, 0.5]], dtype=complex)
    # the element (1, 0) turns as exp(-20 i t): omega = -20
    own = propagator.average(state, 0.0, 2000, frame=[-20.0])
    np.testing.assert_allclose(own.mean, state, atol=1e-12)
    still = propagator.average(state, 0.0, 2000, frame=[0.0]).mean
    flat = propagator.average(state, 0.0, 2000, frame=[0.0], window="flat").mean
    assert abs(still[0, 1]) < 1e-5 < abs(flat[0, 1]) < 2e-3
    np.testing.assert_allclose(own.last[1, 0], 0.3 * np.exp(-20j * 20.0), atol=1e-11)


def test_components_of_hermitian_bases():
    dims = (2, 3)
    state = random_state(6)
    np.testing.assert_allclose(from_components(to_components(state, dims), dims), state, atol=1e-15)
    model = Lindblad(np.diag(np.arange(6.0)), [random_state(6, 3)], dims)
    moved = (liouvillian(model) @ state.ravel()).reshape(6, 6)
    components = in_hermitian_basis(liouvillian(model), dims) @ to_components(state, dims).ravel()
    np.testing.assert_allclose(from_components(components.reshape(4, 9), dims), moved, atol=1e-14)
    h, jump = model.hamiltonian.toarray(), model.jumps[0].toarray()
    rate = jump.conj().T @ jump
    expected = -1j * (h @ state - state @ h) + jump @ state @ jump.conj().T - 0.5 * (rate @ state + state @ rate)
    np.testing.assert_allclose(moved, expected, atol=1e-14)


# --- wrong input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dt": 0.0}, "Argument `dt` must be positive"),
        ({"factors": []}, "Argument `factors` must hold at least one model"),
        ({"kicks": [Kick(LOWER, (2,))]}, r"Argument `kicks\[0\].sites` must hold different numbers below 2"),
        ({"kicks": [Kick(np.eye(2), (0,), 1.0)]}, r"Argument `kicks\[0\]` must shift the level"),
        ({"kicks": [Kick(np.eye(3), (0,))]}, r"Argument `kicks\[0\].operator` must have shape"),
    ],
)
def test_wrong_arguments(change, message):
    factors, kicks = pair()
    with pytest.raises(ValueError, match=message):
        SplitPropagator(**{"factors": factors, "kicks": kicks, "dt": 0.1, **change})


def test_wrong_states_and_windows():
    propagator = SplitPropagator(*pair(), 0.1)
    with pytest.raises(ValueError, match="finite matrix of shape"):
        propagator.advance(np.eye(3), 0.0, 1)
    with pytest.raises(ValueError, match="must be Hermitian"):
        propagator.advance(np.triu(np.ones((4, 4))), 0.0, 1)
    with pytest.raises(ValueError, match="Argument `window` must be one of"):
        propagator.average(np.eye(4), 0.0, 1, window="hamming")
    with pytest.raises(ValueError, match="one frequency for each of 2 sites"):
        propagator.average(np.eye(4), 0.0, 1, frame=[0.0])
