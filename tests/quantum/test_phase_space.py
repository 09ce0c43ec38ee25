from decimal import Decimal

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import eval_laguerre

from quantum import operators as op
from quantum.phase_space import husimi, spin_husimi, wigner

X, Y = np.linspace(-6.0, 6.5, 41), np.linspace(-5.0, 6.0, 37)
ALPHA = X[:, None] + 1j * Y


def random_state(size, seed=0):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    rho = root @ root.conj().T
    return rho / np.trace(rho).real


def coherent(beta, levels):
    vector = np.exp(-(abs(beta) ** 2) / 2) * np.cumprod(np.concatenate([[1.0], beta / np.sqrt(np.arange(1.0, levels))]))
    return np.outer(vector, vector.conj())


@pytest.mark.parametrize("levels", [2, 25, 100])
def test_wigner_and_husimi_agree_with_qutip(levels):
    rho = random_state(levels, levels)
    oracle = qutip.Qobj(rho)
    np.testing.assert_allclose(wigner(rho, ALPHA), qutip.wigner(oracle, X, Y, g=2).T, atol=1e-13)
    np.testing.assert_allclose(husimi(rho, ALPHA), qutip.qfunc(oracle, X, Y, g=2).T, atol=1e-13)


@pytest.mark.parametrize("n", [0, 1, 7, 99, 399])
def test_fock_states_have_their_closed_form_far_into_the_tail(n):
    # radius 26 is where exp(-2 r^2) = exp(-1352) underflows although |399> still reaches it from inside
    rho = np.zeros((n + 1, n + 1))
    rho[n, n] = 1.0
    radius = np.linspace(0.0, 26.0, 131)
    inside = 4 * radius**2 < 1380  # where the closed form itself neither over- nor underflows
    x = 4 * radius[inside] ** 2
    expected = 2 / np.pi * (-1.0) ** n * np.exp(-x / 2) * eval_laguerre(n, x)
    np.testing.assert_allclose(wigner(rho, radius * np.exp(1.1j))[inside], expected, atol=1e-12)
    assert np.abs(wigner(rho, radius)).max() <= 2 / np.pi + 1e-12
    log = 2 * n * np.log(radius[1:]) - radius[1:] ** 2 - np.sum(np.log(np.arange(1, n + 1)))
    np.testing.assert_allclose(husimi(rho, radius[1:]), np.exp(log) / np.pi, atol=1e-13)


def test_the_tail_of_a_high_fock_state_is_not_lost_where_exponentials_underflow():
    n, r = 399, 19.6
    rho = np.zeros((n + 1, n + 1))
    rho[n, n] = 1.0
    assert np.exp(-2 * r**2) == 0.0
    # Laguerre polynomials by their recurrence, to 28 digits and with exponents without bounds
    x = Decimal(4 * r**2)
    last, now = Decimal(1), 1 - x
    for m in range(1, n):
        last, now = now, ((2 * m + 1 - x) * now - m * last) / (m + 1)
    expected = 2 / np.pi * (-1) ** n * float((-x / 2).exp() * now)
    assert abs(expected) > 1e-4
    np.testing.assert_allclose(wigner(rho, r), expected, rtol=1e-9)


@pytest.mark.parametrize("beta", [0.0, 1.5 - 0.7j, -4.0 + 5.0j])
def test_coherent_states_are_gaussians(beta):
    # 150 levels hold |beta|^2 = 41 to 1e-30
    rho = coherent(beta, 150)
    np.testing.assert_allclose(wigner(rho, ALPHA), 2 / np.pi * np.exp(-2 * abs(ALPHA - beta) ** 2), atol=1e-13)
    np.testing.assert_allclose(husimi(rho, ALPHA), np.exp(-(abs(ALPHA - beta) ** 2)) / np.pi, atol=1e-13)


def test_thermal_states_are_gaussians():
    mean = 0.8
    rho = np.diag((mean / (1 + mean)) ** np.arange(100) / (1 + mean))  # beyond 100 levels: 6e-36
    width = 2 * mean + 1
    np.testing.assert_allclose(wigner(rho, ALPHA), 2 / np.pi / width * np.exp(-2 * abs(ALPHA) ** 2 / width), atol=1e-14)
    np.testing.assert_allclose(
        husimi(rho, ALPHA), np.exp(-(abs(ALPHA) ** 2) / (1 + mean)) / np.pi / (1 + mean), atol=1e-14
    )


def test_moments_of_the_wigner_function_are_symmetric_and_of_the_husimi_function_antinormal():
    rho = random_state(6, 3)
    step = 0.1  # a sum over a grid of an entire, fast decaying function is exact to rounding
    line = np.arange(-70, 71) * step
    alpha = line[:, None] + 1j * line
    a = op.destroy(40).toarray()
    padded = np.zeros((40, 40), dtype=complex)
    padded[:6, :6] = rho
    n = np.trace(a.conj().T @ a @ padded).real
    for function, shift in ((wigner, 0.5), (husimi, 1.0)):
        density = function(rho, alpha) * step**2
        assert density.sum() == pytest.approx(1, abs=1e-12)
        np.testing.assert_allclose((density * alpha).sum(), np.trace(a @ padded), atol=1e-12)
        np.testing.assert_allclose((density * alpha**2).sum(), np.trace(a @ a @ padded), atol=1e-12)
        assert (density * abs(alpha) ** 2).sum() == pytest.approx(n + shift, abs=1e-11)
    overlap = np.pi * (wigner(rho, alpha) ** 2).sum() * step**2
    assert overlap == pytest.approx(np.trace(rho @ rho).real, abs=1e-12)


def test_one_mode_of_several_in_a_stack():
    first, second = random_state(3, 4), random_state(4, 5)
    stack = np.stack([np.kron(first, second), np.kron(second[:3, :3] / np.trace(second[:3, :3]), second)])
    for function in (wigner, husimi):
        values = function(stack, ALPHA, 1, dims=(3, 4))
        assert values.shape == (2, *ALPHA.shape)
        np.testing.assert_allclose(values[1], function(second, ALPHA), atol=1e-15)
        np.testing.assert_allclose(function(stack, ALPHA, 0, dims=(3, 4))[0], function(first, ALPHA), atol=1e-15)
        assert function(second, 0.3j).shape == ()
        assert function(second, np.zeros((0, 2))).shape == (0, 2)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 12), turn=st.floats(-3, 3))
def test_husimi_is_positive_wigner_bounded_and_both_turn_with_the_state(seed, size, turn):
    rho = random_state(size, seed)
    rng = np.random.default_rng(seed)
    alpha = 3 * (rng.normal(size=20) + 1j * rng.normal(size=20))
    wave = np.exp(-1j * turn * np.arange(size))
    turned = wave[:, None] * rho * wave.conj()
    for function in (wigner, husimi):
        expected = function(rho, alpha * np.exp(1j * turn))
        np.testing.assert_allclose(function(turned, alpha), expected, atol=1e-14)
    assert husimi(rho, alpha).min() > -1e-16
    assert np.abs(wigner(rho, alpha)).max() <= 2 / np.pi + 1e-14


@pytest.mark.parametrize("spin", [0.5, 1, 2.5])
def test_the_spin_husimi_function_agrees_with_qutip(spin):
    size = round(2 * spin) + 1
    rho = random_state(size, 6)
    theta, phi = np.linspace(0, np.pi, 7), np.linspace(-np.pi, np.pi, 9)
    oracle = qutip.Qobj(rho[::-1, ::-1])  # QuTiP orders m descending
    expected = qutip.spin_q_function(oracle, theta, phi)[0]
    # QuTiP's is <theta, phi|rho|theta, phi> with its own sign of the azimuth
    ours = spin_husimi(rho, theta, phi[:, None]) * 4 * np.pi / size
    np.testing.assert_allclose(ours, expected.reshape(ours.shape), atol=1e-13)


@pytest.mark.parametrize("spin", [0.5, 1, 2.5, 60])
def test_a_spin_coherent_state_points_where_it_says(spin):
    size = round(2 * spin) + 1
    theta, phi = 0.9, -2.1
    x, y, z = (operator(spin).toarray() for operator in (op.spin_x, op.spin_y, op.spin_z))
    direction = np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    _, vectors = np.linalg.eigh(direction[0] * x + direction[1] * y + direction[2] * z)
    rho = np.outer(vectors[:, -1], vectors[:, -1].conj())
    polar, azimuth = np.linspace(0, np.pi, 11)[:, None], np.linspace(-3, 3, 13)
    cosine = np.sin(polar) * np.cos(azimuth - phi) * np.sin(theta) + np.cos(polar) * np.cos(theta)
    expected = size / (4 * np.pi) * ((1 + cosine) / 2) ** (2 * spin)
    np.testing.assert_allclose(spin_husimi(rho, polar, azimuth), expected, atol=1e-12 * size)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: wigner(np.eye(2) / 2, [0.0, np.nan]), "`alpha` must be finite, but has values that are not"),
        (lambda: husimi(np.eye(2) / 2, np.inf), "`alpha` must be finite, but has values that are not"),
        (lambda: wigner(np.eye(2) / 2, 0.0, 1), "must hold different numbers from 0 to 0, but is [1]"),
        (lambda: wigner(np.ones((2, 3)), 0.0), "`state` must have shape (..., D, D), but has shape (2, 3)"),
        (lambda: spin_husimi(np.eye(2) / 2, -0.1, 0.0), "`theta` must lie between 0 and pi, but has values outside"),
        (lambda: spin_husimi(np.eye(2) / 2, np.nan, 0.0), "`theta` must lie between 0 and pi, but has values outside"),
        (lambda: spin_husimi(np.eye(2) / 2, 0.1, np.nan), "`phi` must be finite, but has values that are not"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call, sentence):
    with pytest.raises(ValueError, match="Argument ") as caught:
        call()
    assert sentence in str(caught.value)
