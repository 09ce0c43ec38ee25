"""The secular slow model where it is exact, and what its modes say about a qubit."""

import numpy as np
import pytest

import quantum
from quantum import Lindblad, operators
from quantum.kicks import Kick
from quantum.liouville import liouvillian
from quantum.secular import effective_qubit, secular_generator, secular_state, slow_modes

LOWER = np.array([[0, 1], [0, 0]], dtype=complex)


def qubit(frequency, gain, loss, dephasing=0.0, pump=0.0):
    h = frequency * operators.number(2) + pump * (LOWER + LOWER.T)
    jumps = [np.sqrt(gain) * LOWER.T, np.sqrt(loss) * LOWER, np.sqrt(2 * dephasing) * operators.spin_z(0.5)]
    return Lindblad(h, jumps, (2,))


def test_modes_are_dual_eigenmodes():
    rng = np.random.default_rng(0)
    model = Lindblad(np.diag(rng.normal(size=6)), [rng.normal(size=(6, 6)) for _ in range(2)], (2, 3))
    modes = slow_modes(model, None)
    overlap = np.einsum("jab,kab->jk", modes.left.conj(), modes.right)
    np.testing.assert_allclose(overlap, np.eye(36), atol=1e-10)
    images = modes.right.reshape(36, 36) @ liouvillian(model).T
    np.testing.assert_allclose(images, modes.rates[:, None] * modes.right.reshape(36, 36), atol=1e-10)
    np.testing.assert_allclose(modes.left[0], np.eye(6), atol=1e-10)
    np.testing.assert_allclose(modes.right[0], quantum.steady_state(model).dense(), atol=1e-10)
    assert np.all(np.diff(modes.rates.real) < 1e-9)


@pytest.mark.parametrize("frequency", [0.0, 7.0, -7.0])
def test_effective_rates_of_a_qubit_are_its_own(frequency):
    found = effective_qubit(slow_modes(qubit(frequency, 0.3, 0.9, 0.25)))
    assert found.gain == pytest.approx(0.3, rel=1e-12)
    assert found.loss == pytest.approx(0.9, rel=1e-12)
    assert found.dephasing == pytest.approx(0.25, rel=1e-12)
    assert found.frequency == pytest.approx(frequency, abs=1e-12)
    assert found.ratio == pytest.approx(1 / 3, rel=1e-12)


def test_effective_rates_with_a_spectator():
    # the qubit is the second subsystem; the first, a damped mode, is uncoupled and has faster and slower modes
    dims = (3, 2)
    h = operators.embed(5.0 * operators.number(2), 1, dims)
    jumps = [operators.embed(jump, 1, dims) for jump in (np.sqrt(0.2) * LOWER.T, np.sqrt(0.7) * LOWER)]
    for damping in (0.05, 20.0):
        model = Lindblad(h, [*jumps, np.sqrt(damping) * operators.embed(operators.destroy(3), 0, dims)], dims)
        found = effective_qubit(slow_modes(model, None), site=1)
        assert found.gain == pytest.approx(0.2, rel=1e-9)
        assert found.loss == pytest.approx(0.7, rel=1e-9)
        assert found.frequency == pytest.approx(5.0, rel=1e-9)


@pytest.mark.parametrize(("omega", "exchange"), [((0.0, 0.0), 0.6), ((40.0, 55.0), 0.6), ((40.0, -55.0), 0.0)])
def test_qubits_without_fast_modes_are_exact(omega, exchange):
    # all four modes of each qubit are kept and without pumps all elements are resonant: the secular model is the
    # master equation in the frame of the drive. Detunings: .3 of A, -.2 of B
    drive = 0.4
    factors = [qubit(omega[0] + 0.3, 0.3, 0.8, 0.1), qubit(omega[1] - 0.2, 0.6, 0.2)]
    kicks = [
        Kick(LOWER, (0,), omega[0], drive),
        Kick(np.kron(LOWER.T, LOWER), (0, 1), omega[1] - omega[0], exchange),
    ]
    state = secular_state([slow_modes(factor) for factor in factors], kicks)
    h = operators.embed(0.3 * operators.number(2) + drive * (LOWER + LOWER.T), 0, (2, 2))
    swap = exchange * np.kron(LOWER.T, LOWER)
    h = h + operators.embed(-0.2 * operators.number(2), 1, (2, 2)) + swap + swap.T
    jumps = [operators.embed(jump, j, (2, 2)) for j, factor in enumerate(factors) for jump in factor.jumps]
    expected = quantum.steady_state(Lindblad(h, jumps, (2, 2))).dense()
    np.testing.assert_allclose(state.density(), expected, atol=1e-11)
    np.testing.assert_allclose(state.mean(), expected, atol=1e-11)
    assert abs(expected[0, 2]) > 0.01


def test_static_coherences_are_no_part_of_the_mean():
    # a pump off resonance leaves a static coherence of pump/frequency in the frame of the model; a drive at strength 0
    # turns, so that the demodulated mean has none
    pumped = [qubit(50.0, 0.3, 0.8, pump=2.0)]
    state = secular_state([slow_modes(pumped[0])], [Kick(LOWER, (0,), 50.0, 0.0)])
    steady = quantum.steady_state(pumped[0]).dense()
    np.testing.assert_allclose(state.density(), steady, atol=1e-12)
    assert abs(state.density()[0, 1]) > 0.01
    assert abs(state.mean()[0, 1]) < 1e-15
    np.testing.assert_allclose(np.diag(state.mean()), np.diag(steady), atol=1e-12)


def test_generator_conserves_the_trace():
    modes = [slow_modes(qubit(40.0, 0.3, 0.8, pump=1.0)), slow_modes(qubit(55.0, 0.6, 0.2, pump=1.0))]
    kicks = [Kick(LOWER, (0,), 40.0, 0.3), Kick(np.kron(LOWER.T, LOWER), (0, 1), 15.0, 0.2)]
    generator, frame = secular_generator(modes, kicks)
    assert abs(generator[0]).max() < 1e-14
    assert [f.frequency for f in frame] == pytest.approx([-40.0, -55.0])
    rates = np.linalg.eigvals(generator)
    assert np.sort(rates.real)[-1] < 1e-12 < -np.sort(rates.real)[-2]


def test_wrong_arguments():
    modes = slow_modes(qubit(40.0, 0.3, 0.8))
    with pytest.raises(ValueError, match="must have one steady state"):
        slow_modes(Lindblad(operators.number(2), [], (2,)))
    with pytest.raises(ValueError, match="must not tear a pair"):
        slow_modes(qubit(40.0, 0.3, 0.8), 2)
    with pytest.raises(ValueError, match="Argument `count` must be at most 4"):
        slow_modes(qubit(40.0, 0.3, 0.8), 5)
    with pytest.raises(ValueError, match="must have a frame in which all terms stand still"):
        secular_state([modes], [Kick(LOWER, (0,), 40.0), Kick(LOWER, (0,), 41.0)])
    with pytest.raises(ValueError, match="`modes` must hold the modes of at least one factor"):
        secular_state([], [])
    with pytest.raises(ValueError, match="must turn near multiples"):
        secular_state([modes], [Kick(LOWER, (0,), 100.0)])
    with pytest.raises(ValueError, match="Argument `site` must be below 1"):
        effective_qubit(modes, site=1)
    with pytest.raises(ValueError, match="Argument `levels` must be two of 2 levels"):
        effective_qubit(modes, levels=(0, 2))
