"""Linear systems, whose first and second moments are known: driven, damped, amplified, coupled, resting in the vacuum."""

import numpy as np
import pytest
from oscillators import assert_mean_within, model
from scipy import linalg

import langevin

# a strongly damped, a weakly damped and an amplified oscillator, all coupled, with a force on each
OMEGA, GAMMA = np.array([1.0, -0.7, 0.4]), np.array([1.6, 0.5, -0.6])
FORCE = np.array([0.4 + 0.3j, -0.2j, 0.1])
COUPLING = -1j * np.array([[0.0, 0.3, 0.1j], [0.3, 0.0, 0.2], [-0.1j, 0.2, 0.0]])
DIFFUSION = np.array([0.4, 0.2, 0.3])  # <eta eta*> = D delta(t - t')
START = np.array([0.5, -0.4j, 0.3 + 0.2j])
TIME = 1.5

SCHEMES = [("euler", "gaussian", 2e-3), ("exponential", "gaussian", 2e-3), ("exponential", "two-point", 2e-3),
           ("heun", "gaussian", 1e-2), ("splitting", "three-point", 2e-2)]  # fmt: skip


def exact():
    """Mean <alpha> and covariance <alpha alpha^+> - <alpha><alpha>^+ at TIME, starting from START exactly."""
    matrix = COUPLING - np.diag(1j * OMEGA + GAMMA / 2)
    steady = np.linalg.solve(matrix, -FORCE)
    decay = linalg.expm(matrix * TIME)
    mean = steady + decay @ (START - steady)
    # C(t) = X - e^{At} X e^{A^+ t} with A X + X A^+ = -D
    x = linalg.solve_sylvester(matrix, matrix.conj().T, -np.diag(DIFFUSION).astype(complex))
    return mean, x - decay @ x @ decay.conj().T


@pytest.mark.parametrize(("scheme", "noise", "dt"), SCHEMES)
def test_driven_coupled_oscillators_have_the_exact_moments(scheme, noise, dt):
    system = model(
        omega=OMEGA, gamma=GAMMA, force_re=FORCE.real, force_im=FORCE.imag, s=DIFFUSION / 2, t=DIFFUSION / 2,
        coupling=COUPLING,
    )  # fmt: skip
    start = np.tile(START, (20_000, 1))
    runs = langevin.simulate(
        system, start, [0.0, TIME], dt=dt, seed=5, scheme=scheme, noise=noise, burn_in=0.0, save=True
    )
    alpha = runs.amplitudes[:, -1]
    mean, covariance = exact()
    # local errors of a weak scheme of order p: at most (rate dt)^p TIME rate / 2 of the moments, all rates < 2, size < 1
    order = langevin.SCHEMES[scheme].weak_order
    bias = 0.5 * (2.0 * dt) ** order * 2.0 * TIME
    for j in range(3):
        assert_mean_within(alpha[:, j].real, mean[j].real, bias=bias)
        assert_mean_within(alpha[:, j].imag, mean[j].imag, bias=bias)
        for k in range(j + 1):
            product = (alpha[:, j] - mean[j]) * (alpha[:, k] - mean[k]).conj()
            assert_mean_within(product.real, covariance[j, k].real, bias=bias)
            assert_mean_within(product.imag, covariance[j, k].imag, bias=bias)
            anomalous = (alpha[:, j] - mean[j]) * (alpha[:, k] - mean[k])
            assert_mean_within(anomalous.real, 0.0, bias=bias)
            assert_mean_within(anomalous.imag, 0.0, bias=bias)


def test_the_wigner_vacuum_stays_the_vacuum():
    # loss at rate gamma: <|alpha|^2> = 1/2 and <|alpha|^4> = 1/2 at all times, harmonics of the relative phase 0
    gamma = np.array([1.0, 3.0])
    system = model(omega=[2.0, -1.0], gamma=gamma, s=gamma / 4, t=gamma / 4)
    runs = langevin.simulate(
        system, langevin.initial.vacuum(20_000, 2, seed=1), [0.0, 0.5, 1.0], dt=1e-3, seed=1, burn_in=0.0, save=True
    )
    for j in range(2):
        x = abs(runs.amplitudes[:, 1:, j]) ** 2
        # the step damps by (1 - gamma dt/2 + ...) and kicks by gamma dt/4: x is high by gamma dt/4 of itself at rest
        bias = 0.5 * gamma[j] * 1e-3
        for time in range(2):
            assert_mean_within(x[:, time], 0.5, bias=bias)
            assert_mean_within(x[:, time] ** 2, 0.5, bias=2.0 * bias)


def test_amplification_adds_half_a_quantum_per_quantum_of_gain():
    # gain at rate g of the coherent state beta: <|alpha|^2> = (|beta|^2 + 1) e^{gt} - 1/2
    gain, beta, dt = 1.5, 0.8 - 0.3j, 1e-3
    system = model(omega=1.0, gamma=-gain, s=gain / 4, t=gain / 4)
    runs = langevin.simulate(
        system, langevin.initial.coherent([beta], 20_000, seed=1), [0.0, 1.0], dt=dt, seed=1, burn_in=0.0, save=True
    )
    alpha = runs.amplitudes[:, 1, 0]
    size = (abs(beta) ** 2 + 1) * np.exp(gain)
    assert_mean_within(abs(alpha) ** 2, size - 0.5, bias=gain * dt * size)
    expected = beta * np.exp(gain / 2 - 1j)
    assert_mean_within(alpha.real, expected.real, bias=gain * dt * abs(expected))
    assert_mean_within(alpha.imag, expected.imag, bias=gain * dt * abs(expected))


@pytest.mark.parametrize("form", ["dense", "sparse", "mean field"])
def test_forms_of_coupling_are_the_same_coupling(form):
    from scipy import sparse

    out, inward = np.array([0.1, -0.2j, 0.3, 0.1 + 0.1j]), np.array([1.0, 0.5, -0.3j, 0.2])
    matrix = np.outer(out, inward)
    given = {"dense": matrix, "sparse": sparse.coo_array(matrix), "mean field": langevin.MeanField(out, inward)}[form]
    system = model(omega=np.arange(4.0), coupling=given)
    start = np.array([[1.0, 1j, -0.5, 0.2 + 1j]])
    runs = langevin.simulate(system, start, [0.0, 1.0], dt=2e-4, seed=1, burn_in=0.0, save=True)
    expected = linalg.expm(matrix - np.diag(1j * np.arange(4.0))) @ start[0]
    # no noise: the error of one step is that of explicit coupling, |M|^2 dt / 2 per unit of time
    np.testing.assert_allclose(runs.amplitudes[0, 1], expected, atol=2e-4)
    np.testing.assert_allclose(system.coupling_matrix(), matrix, atol=1e-15)
