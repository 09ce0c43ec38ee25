"""Two-time correlations and spectra against QuTiP, the exponential of the full generator and closed forms."""

import numpy as np
import pytest
from scipy import linalg

from quantum.correlations import spectrum, two_time
from quantum.lindblad import Lindblad
from quantum.steady import steady_state

TIMES = np.linspace(0.0, 2.5, 6)
FREQUENCIES = np.array([-3.0, -0.4, 0.0, 1.1, 6.0])


def lowering_of_first(zoo, model):
    """Lowers the level of the first subsystem, which changes the sector where there is more than one."""
    return np.kron(zoo.lowering(model.dims[0]).toarray(), np.eye(model.dimension // model.dims[0]))


def by_exponential(model, step, a, b, left=None):
    """tr[a e^{Lt} (b rho left)] at multiples of 1/2."""
    rho = steady_state(model).dense()
    x = (b @ rho @ (np.eye(model.dimension) if left is None else left)).ravel()
    out = []
    for _ in TIMES:
        out.append(np.trace(a @ x.reshape(rho.shape)))
        x = step @ x
    return np.array(out)


def test_agrees_with_the_exponential_of_the_full_generator(zoo, model, step):
    a = lowering_of_first(zoo, model)
    for pair in ((a.T, a), (a + a.T, a + a.T), (a.T @ a, a.T @ a)):
        np.testing.assert_allclose(two_time(model, *pair, TIMES), by_exponential(model, step, *pair), rtol=0, atol=1e-9)


def test_agrees_with_qutip(zoo, model, qutip_model):
    qutip = pytest.importorskip("qutip")
    h, jumps = qutip_model(model)
    a = lowering_of_first(zoo, model)
    options = {"method": "vern9", "atol": 1e-12, "rtol": 1e-11, "nsteps": 100_000, "progress_bar": ""}
    times = [0.0, 0.05, 0.2]
    expected = qutip.correlation_2op_1t(h, None, times, jumps, qutip.Qobj(a.T), qutip.Qobj(a), options=options)
    np.testing.assert_allclose(two_time(model, a.T, a, times), expected, rtol=0, atol=1e-8)


def test_spectrum_agrees_with_qutip(zoo, model, qutip_model):
    qutip = pytest.importorskip("qutip")
    h, jumps = qutip_model(model)
    a = lowering_of_first(zoo, model)
    frequencies = FREQUENCIES[FREQUENCIES != 0]  # QuTiP keeps the coherent line, which is infinite there
    expected = qutip.spectrum(h, frequencies, jumps, qutip.Qobj(a.T), qutip.Qobj(a), solver="solve")
    np.testing.assert_allclose(spectrum(model, a.T, a, frequencies), expected, rtol=0, atol=1e-8)


def test_three_operators(zoo):
    model = zoo.driven_van_der_pol(levels=10)
    a = zoo.lowering(10).toarray()
    found = two_time(model, a.T @ a, a, TIMES, left=a.T)
    step = linalg.expm(0.5 * zoo.liouvillian(model))
    np.testing.assert_allclose(found, by_exponential(model, step, a.T @ a, a, left=a.T), rtol=0, atol=1e-9)


def test_damped_cavity_in_closed_form(zoo):
    # thermal cavity: <a^+(t) a(0)> = n e^{i w t - kappa t / 2}, a Lorentzian line of width kappa at w.
    # The cut at 30 levels leaves (n / (n + 1))^30 = 1e-21 at n_th = .25.
    levels, omega, kappa, n_th = 30, 0.7, 1.0, 0.25
    a = zoo.lowering(levels)
    model = Lindblad(omega * a.T @ a, [np.sqrt(kappa * (n_th + 1)) * a, np.sqrt(kappa * n_th) * a.T], (levels,))
    found = two_time(model, a.T, a, TIMES)
    np.testing.assert_allclose(found, n_th * np.exp((1j * omega - kappa / 2) * TIMES), rtol=0, atol=1e-10)
    line = n_th * kappa / ((FREQUENCIES - omega) ** 2 + kappa**2 / 4)
    np.testing.assert_allclose(spectrum(model, a.T, a, FREQUENCIES), line, rtol=0, atol=1e-10)


def test_spectrum_is_the_transform_of_the_fluctuations(zoo):
    # without the coherent part, at omega = 0 included, where L itself is singular
    model = zoo.two_spins()
    z = np.kron(np.diag([1.0, 0.0, -1.0]), np.eye(3))
    x = np.kron(np.diag([1.0, 1.0], 1) + np.diag([1.0, 1.0], -1), np.eye(3)) + z
    rho = steady_state(model).dense().ravel()
    generator, one = zoo.liouvillian(model), np.eye(81)
    mean = (x @ rho.reshape(9, 9)).trace()
    start = (x @ rho.reshape(9, 9)).ravel() - mean * rho
    expected = []
    for w in FREQUENCIES:
        # a projector on the steady state makes the matrix regular at 0 and changes nothing for a traceless start
        shifted = generator - 1j * w * one - np.outer(rho, np.eye(9).ravel())
        response = -np.linalg.solve(shifted, start).reshape(9, 9)
        expected.append(2 * (x @ response).trace().real)
    np.testing.assert_allclose(spectrum(model, x, x, FREQUENCIES), expected, rtol=0, atol=1e-10)


def test_a_given_state_is_used(zoo):
    model = zoo.two_spins()
    state = steady_state(model)
    a = lowering_of_first(zoo, model)
    np.testing.assert_array_equal(two_time(model, a.T, a, TIMES, state=state), two_time(model, a.T, a, TIMES))
    np.testing.assert_array_equal(
        spectrum(model, a.T, a, FREQUENCIES, state=state), spectrum(model, a.T, a, FREQUENCIES)
    )


def test_an_operator_that_annihilates_the_state(zoo):
    # the vacuum: a rho = 0
    a = zoo.lowering(5)
    model = Lindblad(a.T @ a, [a], (5,))
    np.testing.assert_array_equal(two_time(model, a.T, a, TIMES), np.zeros(6))
    np.testing.assert_array_equal(spectrum(model, a.T, a, FREQUENCIES), np.zeros(5))


def test_bad_arguments(zoo):
    model = zoo.two_spins()
    one = np.eye(9)
    with pytest.raises(ValueError, match="`A` must have shape"):
        two_time(model, np.eye(3), one, TIMES)
    with pytest.raises(ValueError, match="`B` must have shape"):
        spectrum(model, one, np.eye(3), FREQUENCIES)
    with pytest.raises(ValueError, match="`times` must not be negative"):
        two_time(model, one, one, [-1.0, 0.0])
    with pytest.raises(ValueError, match="`frequencies` must be"):
        spectrum(model, one, one, [0.0, np.inf])
    with pytest.raises(ValueError, match="`state` must be a single Density"):
        two_time(model, one, one, TIMES, state=steady_state(zoo.three_ring()))
