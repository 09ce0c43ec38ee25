"""Phase distributions and spherical tensors of spins: quadrature on independently made coherent states, published forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from quantum import operators as op
from quantum.spherical_tensors import spherical_moment, spherical_tensor
from quantum.spin_phases import SpinPhase, relative_spin_phase, spin_phase

PHI = np.linspace(-3.0, 3.0, 7)


def random_state(seed, dimension):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(dimension, dimension)) + 1j * rng.normal(size=(dimension, dimension))
    rho = a @ a.conj().T
    return rho / np.trace(rho)


def coherent_states(spin, theta, phi):
    """exp(-i phi S_z) exp(-i theta S_y)|S>, shape (theta, 2S+1); neither closed form nor binomials."""
    levels = int(2 * spin) + 1
    top = np.eye(levels)[-1]
    y, z = op.spin_y(spin).toarray(), op.spin_z(spin).toarray()
    return np.array([expm(-1j * phi * z) @ expm(-1j * t * y) @ top for t in theta])


def polar_quadrature(count=24):
    """Gauss-Legendre nodes and weights of int_0^pi d theta: the integrands are trigonometric polynomials in theta / 2."""
    x, w = np.polynomial.legendre.leggauss(count)
    return np.pi / 2 * (x + 1), np.pi / 2 * w


def husimi_integral(spin, phi):
    """int sin(theta) d theta (2S+1)/(4 pi) |theta, phi><theta, phi|, so that its expectation value is P(phi)."""
    theta, weight = polar_quadrature()
    vectors = coherent_states(spin, theta, phi)
    return (2 * spin + 1) / (4 * np.pi) * np.einsum("t,ti,tj->ij", weight * np.sin(theta), vectors, vectors.conj())


@pytest.mark.parametrize("spin", [0.5, 1, 1.5, 3])
def test_the_phase_of_one_spin_is_its_husimi_function_integrated(spin):
    rho = random_state(3, int(2 * spin) + 1)
    expected = [np.trace(husimi_integral(spin, phi) @ rho).real - 1 / (2 * np.pi) for phi in PHI]
    # measured 3e-16 at S = 1/2 and 1, below 2e-15 at S = 3 (rounding of the quadrature)
    np.testing.assert_allclose(spin_phase(rho).deviation(PHI), expected, atol=3e-15)


@pytest.mark.parametrize("spins", [(0.5, 0.5), (1, 1), (1, 1.5)])
def test_the_relative_phase_is_the_husimi_function_of_the_pair_integrated(spins):
    levels = [int(2 * s) + 1 for s in spins]
    rho = random_state(4, levels[0] * levels[1])
    # P(phi) = int d phi_B Q(phi_B + phi, phi_B); the trapezoidal rule is exact on a finite Fourier sum
    common = 2 * np.pi * np.arange(8) / 8
    expected = []
    for phi in PHI:
        effect = sum(np.kron(husimi_integral(spins[0], b + phi), husimi_integral(spins[1], b)) for b in common)
        expected.append(2 * np.pi / 8 * np.trace(effect @ rho).real - 1 / (2 * np.pi))
    np.testing.assert_allclose(relative_spin_phase(rho, dims=levels).deviation(PHI), expected, atol=3e-15)


def test_published_closed_forms():
    """Nadolny and Bruder, Eqs. (S4)-(S10); Vaidya et al., Eq. (8)."""
    rho = random_state(5, 3)
    lowering = np.trace(op.spin_minus(1) @ rho)
    expected = 3 / 16 * (np.exp(1j * PHI) * lowering).real + 1 / (2 * np.pi) * (np.exp(2j * PHI) * rho[2, 0]).real
    np.testing.assert_allclose(spin_phase(rho).deviation(PHI), expected, atol=1e-15)

    pair = random_state(6, 9)
    flip = np.trace(np.kron(op.spin_minus(1).toarray(), op.spin_plus(1).toarray()) @ pair)
    expected = 9 * np.pi / 256 * (np.exp(1j * PHI) * flip).real
    expected += 1 / (4 * np.pi) * (np.exp(2j * PHI) * pair[6, 2]).real  # <2,0|rho|0,2>
    np.testing.assert_allclose(relative_spin_phase(pair, dims=(3, 3)).deviation(PHI), expected, atol=1e-15)

    qubit = random_state(7, 2)
    raising = np.trace(op.spin_plus(0.5) @ qubit)
    np.testing.assert_allclose(spin_phase(qubit).deviation(PHI), (raising * np.exp(-1j * PHI)).real / 4, atol=1e-15)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), spin=st.sampled_from([0.5, 1, 2.5]), turn=st.floats(-3, 3))
def test_the_peak_is_the_largest_value_and_turns_with_the_spin(seed, spin, turn):
    rho = random_state(seed, int(2 * spin) + 1)
    height, angle = spin_phase(rho).peak()
    grid = np.linspace(-np.pi, np.pi, 4001)
    values = spin_phase(rho).deviation(grid)
    assert height >= values.max() - 1e-15
    # a maximum between two grid points is higher than both by at most half the largest curvature times (h/2)^2
    order = np.arange(1, int(2 * spin) + 1)
    curvature = (order**2 * np.abs(spin_phase(rho).harmonics[1:])).sum() / np.pi
    assert height <= values.max() + 0.5 * curvature * (np.pi / 4000) ** 2
    np.testing.assert_allclose(spin_phase(rho).deviation(angle), height, atol=1e-15)
    rotation = expm(-1j * turn * op.spin_z(spin).toarray())
    turned_height, turned = spin_phase(rotation @ rho @ rotation.conj().T).peak()
    np.testing.assert_allclose(turned_height, height, atol=1e-13)
    elsewhere = np.abs(np.exp(1j * (grid - angle)) - 1) > 0.3
    if values[elsewhere].max() < height - 1e-6:  # otherwise either of two equal maxima may be returned
        assert abs(np.exp(1j * (turned - angle - turn)) - 1) < 1e-5


def test_a_stack_of_states_and_a_flat_distribution():
    rho = np.stack([random_state(1, 3), np.eye(3) / 3, random_state(2, 3)]).reshape(3, 1, 3, 3)
    phase = spin_phase(rho)
    assert phase.deviation(PHI).shape == (3, 1, 7)
    height, angle = phase.peak()
    assert height.shape == angle.shape == (3, 1)
    assert height[1, 0] == 0
    assert np.isnan(angle[1, 0])
    np.testing.assert_array_equal(height[2, 0], spin_phase(rho[2, 0]).peak()[0])
    height, angle = SpinPhase(np.array([1.0, -0.1j])).peak()
    np.testing.assert_allclose([height, angle], [0.1 / np.pi, np.pi / 2], atol=1e-15)


def test_spherical_tensors_of_spin_one_have_their_signs():
    """Vaidya et al., Appendix D, normalised to Tr(T^+ T) = 1."""
    plus, z = op.spin_plus(1).toarray(), op.spin_z(1).toarray()
    for (rank, component), expected in {
        (1, 1): -plus / 2,
        (2, 1): -(z @ plus + plus @ z) / 2,
        (2, 2): plus @ plus / 2,
        (1, 0): z / np.sqrt(2),
        (2, -1): (z @ plus + plus @ z).T / 2,
    }.items():
        np.testing.assert_allclose(spherical_tensor(1, rank, component).toarray(), expected, atol=1e-15)


@pytest.mark.parametrize("spin", [0.5, 2, 3.5])
def test_spherical_tensors_are_orthonormal_and_irreducible(spin):
    levels = int(2 * spin) + 1
    tensors = {(k, q): spherical_tensor(spin, k, q).toarray() for k in range(levels) for q in range(-k, k + 1)}
    overlaps = np.array([[np.trace(a.conj().T @ b) for b in tensors.values()] for a in tensors.values()])
    np.testing.assert_allclose(overlaps, np.eye(levels**2), atol=1e-14)
    minus, z = op.spin_minus(spin).toarray(), op.spin_z(spin).toarray()
    for (k, q), tensor in tensors.items():
        np.testing.assert_allclose(z @ tensor - tensor @ z, q * tensor, atol=1e-13)
        lowered = np.sqrt((k + q) * (k - q + 1)) * tensors.get((k, q - 1), 0 * tensor)
        np.testing.assert_allclose(minus @ tensor - tensor @ minus, lowered, atol=1e-13)


def test_the_husimi_function_is_the_sum_of_its_multipoles():
    """Eq. (A1) of Vaidya et al. with e^{-iq phi}<T_k^q> and (2S)! outside the inner root of Eq. (A2)."""
    from math import factorial

    from scipy.special import lpmv

    spin, theta, phi = 1, 0.7, 1.9
    rho = random_state(8, 3)
    total = 0.0
    for k in range(3):
        for q in range(-k, k + 1):
            legendre = lpmv(abs(q), k, np.cos(theta))
            if q < 0:
                legendre *= (-1) ** q * factorial(k + q) / factorial(k - q)
            weight = np.sqrt((2 * k + 1) * factorial(k - q) / factorial(k + q))
            weight *= factorial(2 * spin) / np.sqrt(factorial(2 * spin - k) * factorial(2 * spin + k + 1))
            total += weight * legendre * np.exp(-1j * q * phi) * spherical_moment(rho, k, q)
    vector = coherent_states(spin, [theta], phi)[0]
    np.testing.assert_allclose(total, vector.conj() @ rho @ vector, atol=1e-15)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, 3, 0), "`rank` must be at most 2S = 2, but is 3"),
        ((1, 2, 3), "`component` must be a whole number from -2 to 2, but is 3"),
        ((0.7, 1, 0), "`spin` must be a positive multiple of 1/2, but is 0.7"),
    ],
)
def test_bad_tensors_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        spherical_tensor(*arguments)
