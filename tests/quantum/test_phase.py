import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum import operators as op
from quantum.dense import as_density
from quantum.phase import (
    phase_density,
    phase_distribution,
    phase_harmonics,
    phase_weights,
    relative_phase_distribution,
    relative_phase_harmonics,
)
from quantum.phase_space import husimi, spin_husimi, wigner

PHI = np.linspace(-np.pi, np.pi, 9)


def random_state(size, seed=0):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    rho = root @ root.conj().T
    return rho / np.trace(rho).real


def test_canonical_harmonics_are_overlaps_with_the_phase_states():
    rho = random_state(6)
    states = np.exp(1j * PHI[:, None] * np.arange(6)) / np.sqrt(2 * np.pi)
    expected = np.einsum("pn,nm,pm->p", states.conj(), rho, states).real
    np.testing.assert_allclose(phase_distribution(rho, PHI), expected, atol=1e-15)


def gauss(count, begin, end):
    node, weight = np.polynomial.legendre.leggauss(count)
    return (begin + end) / 2 + (end - begin) / 2 * node, (end - begin) / 2 * weight


@pytest.mark.parametrize(("ordering", "function"), [("wigner", wigner), ("husimi", husimi)])
def test_phase_space_phases_are_the_phase_space_function_integrated_over_the_amplitude(ordering, function):
    # beyond |alpha| = 9 a state of 8 levels is below 1e-25; 120 nodes integrate the rest to rounding
    rho = random_state(8, 1)
    radius, weight = gauss(120, 0.0, 9.0)
    values = function(rho, radius[:, None] * np.exp(1j * PHI))
    np.testing.assert_allclose(phase_distribution(rho, PHI, ordering=ordering), (weight * radius) @ values, atol=1e-13)


@pytest.mark.parametrize("levels", [2, 3, 6])
def test_spin_phases_are_the_husimi_function_integrated_over_the_polar_angle(levels):
    rho = random_state(levels, 2)
    theta, weight = gauss(60, 0.0, np.pi)
    values = spin_husimi(rho, theta[:, None], PHI)
    expected = (weight * np.sin(theta)) @ values
    np.testing.assert_allclose(phase_distribution(rho, PHI, ordering="spin"), expected, atol=1e-13)


def test_spin_one_has_its_published_closed_form():
    # Nadolny and Bruder 2023, Eqs. (S4)-(S6) integrated: s(phi) = P - 1/2pi for rho_ab = <a|rho|b>, a, b = 0, 1, 2
    rho = random_state(3, 3)
    lowering = np.trace(op.spin_minus(1) @ rho)
    expected = 3 / 16 * (np.exp(1j * PHI) * lowering).real + (np.exp(2j * PHI) * rho[2, 0]).real / (2 * np.pi)
    np.testing.assert_allclose(phase_distribution(rho, PHI, ordering="spin") - 1 / (2 * np.pi), expected, atol=1e-15)


def test_wigner_and_husimi_weights_tend_to_the_canonical_one_at_high_levels():
    # 1 - w is (k/2)^2/2n for Husimi; the Wigner weight alternates about 1 by k/4n
    for k in (1, 2, 3):
        husimi_weight, wigner_weight = phase_weights(1000, "husimi"), phase_weights(1000, "wigner")
        assert husimi_weight[900, k] == pytest.approx(1 - k**2 / (8 * 900), abs=1e-5)
        assert wigner_weight[900:902, k] == pytest.approx([1 + k / 3600, 1 - k / 3600], abs=1e-5)
    assert phase_weights(2, "wigner")[0, 1] == pytest.approx(np.sqrt(np.pi / 2), rel=1e-14)


@pytest.mark.parametrize("ordering", ["canonical", "husimi", "wigner", "spin"])
def test_product_states_convolve_and_the_pair_may_be_anywhere(ordering):
    first, other, second = random_state(4, 4), random_state(2, 5), random_state(3, 6)
    state = as_density(np.kron(np.kron(first, other), second), (4, 2, 3))
    c, d = phase_harmonics(first, ordering=ordering), phase_harmonics(second, ordering=ordering)
    np.testing.assert_allclose(relative_phase_harmonics(state, (0, 2), ordering=ordering), c[:3] * d.conj(), atol=1e-15)
    np.testing.assert_allclose(phase_harmonics(state, 2, ordering=ordering), d, atol=1e-15)
    np.testing.assert_allclose(
        relative_phase_distribution(state, PHI, (2, 0), ordering=ordering),
        relative_phase_distribution(state, -PHI, (0, 2), ordering=ordering),
        atol=1e-15,
    )


def test_canonical_relative_harmonics_are_those_of_the_density():
    state = as_density(np.stack([random_state(12, seed) for seed in (7, 8)]), (4, 3))
    np.testing.assert_allclose(
        relative_phase_harmonics(state, (0, 1)), state.relative_phase_harmonics((0, 1)), atol=1e-15
    )
    assert relative_phase_distribution(state, PHI.reshape(3, 3), (0, 1)).shape == (2, 3, 3)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), turn=st.floats(-3, 3), ordering=st.sampled_from(["canonical", "husimi", "spin"]))
def test_distributions_are_positive_normalised_and_turn_with_the_state(seed, turn, ordering):
    rho = random_state(5, seed)
    phi = 2 * np.pi * np.arange(64) / 64  # sums of harmonics below 64 are exact on this grid
    density = phase_distribution(rho, phi, ordering=ordering)
    assert density.min() > -1e-14
    assert density.sum() * 2 * np.pi / 64 == pytest.approx(1, abs=1e-13)
    sign = 1 if ordering == "spin" else -1  # exp(-i turn S_z) turns the spin by +turn, the mode's phase by -turn
    generator = np.exp(-1j * turn * np.arange(5))
    turned = generator[:, None] * rho * generator.conj()
    expected = phase_distribution(rho, phi - sign * turn, ordering=ordering)
    np.testing.assert_allclose(phase_distribution(turned, phi, ordering=ordering), expected, atol=1e-13)


def test_density_evaluates_the_fourier_sum():
    np.testing.assert_allclose(phase_density([1.0, 0.5j], PHI), (1 - np.sin(PHI)) / (2 * np.pi), atol=1e-16)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: phase_weights(3, "weyl"), "`ordering` must be one of 'canonical', 'husimi', 'wigner', 'spin', but is"),
        (lambda: phase_harmonics(np.eye(4) / 4, 2, dims=(2, 2)), "must hold different numbers from 0 to 1, but is [2]"),
        (lambda: relative_phase_harmonics(np.eye(4) / 4, (0, 1)), "must hold different numbers from 0 to 0"),
        (lambda: relative_phase_harmonics(np.eye(4) / 4, (0,), dims=(2, 2)), "`pair` must name two subsystems"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call, sentence):
    with pytest.raises(ValueError, match="Argument ") as caught:
        call()
    assert sentence in str(caught.value)
