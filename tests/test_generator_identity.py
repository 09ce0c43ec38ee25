"""Amplitude equations against master equations, without randomness: rates of first and second moments in coherent states.

The Itô generator of a truncated Wigner equation, averaged over the Gaussian Wigner function of |beta> by Gauss-Hermite
quadrature, must give Tr(O L rho) to rounding for O = a, n, a^2 and their cousins between two oscillators: the third
derivatives that the truncation drops vanish on symbols of degree two. Exact for linear gain and loss, force, Kerr term,
coupling and two-quantum loss.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
import pytest
from scipy import sparse, special

import langevin
import quantum
from compare.systems import lorch2017

# variance 1/4 per component; four nodes are exact for polynomials of degree 7, and the moments below have degree 4
NODES, WEIGHTS = np.polynomial.hermite.hermgauss(4)
NODES, WEIGHTS = NODES / np.sqrt(2.0), WEIGHTS / np.sqrt(np.pi)


# --- the two sides ----------------------------------------------------------------------------------------------------


def generator(model, alpha):
    """Rates of <alpha_j>, <alpha_j^* alpha_k> and <alpha_j alpha_k> from one point: shapes (N,), (N, N), (N, N)."""
    count = model.oscillators
    drift, diffusion, anomalous = model.coupling_matrix() @ alpha, np.zeros(count), np.zeros(count, complex)
    for j, z in enumerate(alpha):
        p = model.local_parameters(j)
        rotation, damping, force_re, force_im = model.drift(z.real, z.imag, p)
        radial, tangential = model.noise(z.real, z.imag, p)
        drift[j] += -(1j * rotation + damping / 2) * z + force_re + 1j * force_im
        diffusion[j] = radial**2 + tangential**2
        turn = (z / abs(z)) ** 2 if model.noise_kind == "polar" else 1.0
        anomalous[j] = turn * (radial**2 - tangential**2)
    across = np.outer(alpha.conj(), drift)
    along = np.outer(alpha, drift)
    return drift, across + across.conj().T + np.diag(diffusion), along + along.T + np.diag(anomalous)


def wigner_average(model, beta):
    """Average of `generator` over the Wigner function of the product of coherent states beta."""
    total = [0.0, 0.0, 0.0]
    for point in product(range(NODES.size), repeat=2 * len(beta)):
        x = NODES[list(point)]
        rates = generator(model, np.array(beta) + x[0::2] + 1j * x[1::2])
        total = [t + np.prod(WEIGHTS[list(point)]) * rate for t, rate in zip(total, rates, strict=True)]
    return total


def coherent(beta, levels):
    """Amplitudes <n|beta>."""
    n = np.arange(levels)
    return np.exp(-(abs(beta) ** 2) / 2) * beta**n / np.sqrt(special.factorial(n))


def lindblad_rates(model, beta):
    """Tr(O L rho) in the product of coherent states, for O = a_j, a_j^+ a_k, a_j a_k."""
    levels, count = model.dims[0], len(beta)
    psi = np.ones(1)
    for b in beta:
        psi = np.kron(psi, coherent(b, levels))
    lower = sparse.diags_array(np.sqrt(np.arange(1.0, levels)), offsets=1, dtype=complex)
    a = [
        sparse.csr_array(
            sparse.kron(sparse.kron(sparse.eye_array(levels**j), lower), sparse.eye_array(levels ** (count - 1 - j)))
        )
        for j in range(count)
    ]

    def rate(operator):
        """<psi| i[H, O] + sum L^+ O L - {L^+ L, O}/2 |psi>, all operators applied to the vector."""
        image, back = operator @ psi, operator.conj().T @ psi
        total = 1j * (np.vdot(model.hamiltonian @ psi, image) - np.vdot(back, model.hamiltonian @ psi))
        for jump in model.jumps:
            after = jump @ psi
            total += np.vdot(after, operator @ after)
            total -= (np.vdot(after, jump @ image) + np.vdot(jump @ back, after)) / 2
        return total

    return (
        np.array([rate(x) for x in a]),
        np.array([[rate(x.conj().T @ y) for y in a] for x in a]),
        np.array([[rate(x @ y) for y in a] for x in a]),
    )


def assert_same_rates(model, lindblad, beta):
    for ours, exact in zip(wigner_average(model, beta), lindblad_rates(lindblad, beta), strict=True):
        np.testing.assert_allclose(ours, exact, rtol=1e-11, atol=1e-11)


# --- one oscillator with everything that is exact ---------------------------------------------------------------------


class Driven(NamedTuple):
    """H = delta n - kerr n (n - 1) + i (F a^+ - F^* a); jumps a^+ at `gain`, a at `loss`, a^2 at `pair`."""

    delta: float
    kerr: float
    gain: float
    loss: float
    pair: float
    force_re: float
    force_im: float


@langevin.local
def driven_drift(re, im, p):
    x = re * re + im * im
    return p.delta - 2.0 * p.kerr * (x - 1.0), p.loss - p.gain + 2.0 * p.pair * (x - 1.0), p.force_re, p.force_im


@langevin.local
def driven_noise(re, im, p):
    x = re * re + im * im
    amplitude = np.sqrt(0.25 * (p.gain + p.loss) + 0.5 * p.pair * (2.0 * x - 1.0))
    return amplitude, amplitude


@pytest.mark.parametrize("beta", [0.0, 0.7 - 0.2j, -1.1 + 0.9j])
def test_driven_oscillator(beta):
    p = Driven(delta=0.8, kerr=0.6, gain=1.3, loss=0.4, pair=0.3, force_re=0.5, force_im=-0.25)
    levels = 36  # <n|beta>^2 < 1e-25 at the edge
    a = np.diag(np.sqrt(np.arange(1.0, levels)), 1).astype(complex)
    n, force = a.T @ a, p.force_re + 1j * p.force_im
    h = p.delta * n - p.kerr * (n @ n - n) + 1j * (force * a.T - np.conj(force) * a)
    jumps = [np.sqrt(p.gain) * a.T, np.sqrt(p.loss) * a, np.sqrt(p.pair) * a @ a]
    model = langevin.Model(driven_drift, driven_noise, p, calculus="ito", noise_kind="isotropic")
    assert_same_rates(model, quantum.Lindblad(h, jumps, (levels,)), [beta])


# --- Lörch et al. -----------------------------------------------------------------------------------------------------

# Lorentzians so wide that gain and loss are linear: (x - n)^2/sigma^2 < 1e-11
LINEAR = {
    "kerr": [0.7, 0.3], "n_plus": 2.0, "n_minus": 3.0, "sigma": 1e6, "gamma_plus": [0.9, 0.5], "gamma_minus": [0.6, 1.1],
    "thermal_noise": [0.2, 0.1], "bath_damping": [0.3, 0.4], "dissipators": "coherent",
}  # fmt: skip
PAIR = lorch2017.KerrOscillators(omega=[1.3, -0.4], coupling=[[0, 0.3 + 0.2j], [0.3 - 0.2j, 0]], **LINEAR)


@pytest.mark.parametrize("beta", [(0.4 - 0.3j, 0.5), (0.3j, -0.6 + 0.2j)])
def test_wigner_form_of_the_pair(beta):
    assert_same_rates(PAIR.wigner("coherent"), PAIR.lindblad(14), beta)


@pytest.mark.parametrize("beta", [(0.4 - 0.3j, 0.5), (0.3j, -0.6 + 0.2j)])
def test_classical_equation_at_a_point_is_the_master_equation_in_the_coherent_state(beta):
    # normal order: |beta> is the point beta, <a^+ a a> is |beta|^2 beta, and gain adds its quantum to <n> as noise
    pair = lorch2017.KerrOscillators(
        omega=PAIR.omega, coupling=PAIR.coupling, **(LINEAR | {"gamma_plus": 0.0, "gamma_minus": [0.6, 1.1]})
    )
    amplitude, number, _ = generator(pair.langevin(), np.array(beta))
    exact_amplitude, exact_number, _ = lindblad_rates(pair.lindblad(14), beta)
    np.testing.assert_allclose(amplitude, exact_amplitude, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(number, exact_number, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("form", ["coherent", "reset"])
@pytest.mark.parametrize("x", [0.3, 1.7, 2.4, 3.1, 6.0])
def test_the_radial_part_is_the_ladder_read_at_its_edges(form, x):
    # dx = [F+ - F- + (F+ + F-)'/2] dt + sqrt(F+ + F-) dW, F = x gamma f(x), and the linear bath
    bath, thermal = 0.3, 0.2
    system = lorch2017.KerrOscillators(
        omega=[0.0], coupling=[[0]], kerr=10.0, n_plus=2.0, sigma=0.4, sigma_minus=0.3, gamma_plus=0.8, gamma_minus=1.2,
        thermal_noise=thermal, bath_damping=bath,
    )  # fmt: skip
    model, alpha = system.wigner(form), np.sqrt(x) * np.exp(0.7j)

    def rates(y):
        return 0.8 * y * 0.4**2 / ((y - 2) ** 2 + 0.4**2), 1.2 * y * 0.3**2 / ((y - 3) ** 2 + 0.3**2)

    h = 1e-5
    up, down = rates(x)
    slope = (sum(rates(x + h)) - sum(rates(x - h))) / (2 * h)
    drift = generator(model, np.array([alpha]))[1][0, 0].real
    radial, _ = model.noise(alpha.real, alpha.imag, model.local_parameters(0))
    # a bath at rates thermal and thermal + bath: drift -bath x + (2 thermal + bath)/2
    assert drift == pytest.approx(up - down + slope / 2 - bath * x + thermal + bath / 2, rel=1e-8)
    assert 4 * x * radial**2 == pytest.approx(up + down + (2 * thermal + bath) * x, rel=1e-12)
