"""Time evolution against the exponential of the full generator, QuTiP, closed forms and conservation laws."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import linalg

from quantum import memory
from quantum.density import Density
from quantum.evolution import evolve
from quantum.lindblad import Lindblad
from quantum.steady import steady_state

TIMES = np.array([0.0, 0.5, 1.0, 1.5])


def random_state(dimension, seed=1):
    draw = np.random.default_rng(seed).standard_normal((2, dimension))
    psi = draw[0] + 1j * draw[1]
    return psi / np.linalg.norm(psi)


def test_agrees_with_the_exponential_of_the_full_generator(model, step):
    psi = random_state(model.dimension)
    found = evolve(model, psi, TIMES, tolerance=1e-11).dense()
    expected = np.outer(psi, psi.conj()).ravel()
    for rho in found:  # at multiples of 1/2
        np.testing.assert_allclose(rho.ravel(), expected, rtol=0, atol=1e-10)
        expected = step @ expected


def test_agrees_with_qutip(model, qutip_model):
    qutip = pytest.importorskip("qutip")
    h, jumps = qutip_model(model)
    psi = random_state(model.dimension)
    times = [0.0, 0.05, 0.2]
    options = {"method": "vern9", "atol": 1e-12, "rtol": 1e-11, "nsteps": 100_000, "progress_bar": ""}
    expected = qutip.mesolve(h, qutip.Qobj(psi), times, jumps, options=options).states
    found = evolve(model, psi, times).dense()
    for rho, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(rho, other.full(), rtol=0, atol=1e-8)


@pytest.mark.parametrize("tolerance", [1e-4, 1e-7, 1e-10])
def test_error_stays_below_the_tolerance(zoo, tolerance):
    model = zoo.driven_van_der_pol()
    psi = random_state(model.dimension)
    found = evolve(model, psi, [0.0, 3.0], tolerance=tolerance).dense()[1]
    expected = linalg.expm(3.0 * zoo.liouvillian(model)) @ np.outer(psi, psi.conj()).ravel()
    assert np.linalg.norm(found.ravel() - expected) < tolerance


def test_a_state_in_one_sector_stays_in_its_blocks(zoo):
    # |1, 1> and |0, 2> have the same total number: 670 elements are reached. A superposition of |0, 0> and |0, 1> needs the
    # blocks (N, N +/- 1) as well: 2 x 660 more, and no others.
    model = zoo.pair(3.0, 0.2)
    assert evolve(model, (1, 1), [0.0, 0.1]).values.shape == (2, 670)
    psi = np.zeros(100)
    psi[:2] = np.sqrt(0.5)
    sizes = model.sectors.sizes
    assert evolve(model, psi, [0.0, 0.1]).values.shape == (2, 670 + 2 * int(sizes[1:] @ sizes[:-1]))


def test_damped_cavity_in_closed_form(zoo):
    # amplitude damping keeps coherent states coherent: <a> = alpha e^{-i w t - kappa t / 2}
    levels, alpha, omega = 24, 1.2, 0.7
    a = zoo.lowering(levels)
    n = np.arange(levels)
    psi = alpha**n / np.sqrt(np.cumprod(np.maximum(n, 1.0)))
    states = evolve(Lindblad(omega * a.T @ a, [a], (levels,)), psi / np.linalg.norm(psi), TIMES)
    expected = alpha * np.exp(-(1j * omega + 0.5) * TIMES)
    np.testing.assert_allclose(states.expect(a), expected, rtol=0, atol=1e-10)


def test_ends_in_the_steady_state(zoo):
    model = zoo.two_spins()
    late = evolve(model, 0, [0.0, 150.0])
    np.testing.assert_allclose(late.dense()[1], steady_state(model).dense(), rtol=0, atol=1e-9)


def test_initial_states_in_all_forms(zoo):
    model = zoo.two_spins()
    rho = np.zeros((9, 9))
    rho[5, 5] = 1.0
    psi = rho[5]
    single = Density((3, 3), np.array([5]), np.array([5]), np.ones(1, dtype=complex))
    expected = evolve(model, 5, TIMES).values
    for initial in ((1, 2), psi, rho, single):
        np.testing.assert_allclose(evolve(model, initial, TIMES).values, expected, rtol=0, atol=1e-14)


def test_without_jumps_the_evolution_is_unitary(zoo):
    model = Lindblad(zoo.two_spins().hamiltonian, [], (3, 3))
    psi = random_state(9)
    turned = linalg.expm(-2j * model.hamiltonian.toarray()) @ psi
    found = evolve(model, psi, [0.0, 2.0]).dense()[1]
    np.testing.assert_allclose(found, np.outer(turned, turned.conj()), rtol=0, atol=1e-10)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), time=st.floats(0.0, 3.0))
def test_states_stay_states(zoo, seed, time):
    model = zoo.two_spins()
    rho = evolve(model, random_state(9, seed), [0.0, time]).dense()[1]
    assert abs(np.trace(rho) - 1) < 1e-10
    np.testing.assert_allclose(rho, rho.conj().T, rtol=0, atol=1e-13)
    assert np.linalg.eigvalsh(rho).min() > -1e-10


def test_bad_arguments(zoo, monkeypatch):
    model = zoo.two_spins()
    for times in ([], [0.0, np.nan], [1.0, 0.5], [[0.0, 1.0]]):
        with pytest.raises(ValueError, match="`times` must be"):
            evolve(model, 0, times)
    with pytest.raises(ValueError, match="`tolerance` must be positive"):
        evolve(model, 0, TIMES, tolerance=-1.0)
    with pytest.raises(ValueError, match="`initial`"):
        evolve(model, np.ones(4), TIMES)
    monkeypatch.setattr(memory, "available_bytes", lambda: 1e3)
    with pytest.raises(MemoryError, match="GB may be used"):
        evolve(model, 0, TIMES)
