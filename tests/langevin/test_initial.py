"""Initial states: moments of Wigner functions, circles, limit cycles, stationary states; prefixes of one another."""

import numpy as np
import pytest
from oscillators import assert_mean_within, model
from scipy import stats

import langevin
from langevin import initial

COUNT = 100_000


@pytest.mark.parametrize(("number", "beta"), [(0.0, 0.0), (0.0, 1.2 - 0.5j), (1.7, 0.3j)])
def test_thermal_and_coherent_states_are_gaussians_of_their_width(number, beta):
    alpha = initial.thermal([number, 0.0], COUNT, beta=[beta, 1.0], seed=1)
    variance = (number + 0.5) / 2
    for part, centre in ((alpha[:, 0].real, np.real(beta)), (alpha[:, 0].imag, np.imag(beta))):
        assert stats.kstest((part - centre) / np.sqrt(variance), "norm").pvalue > 1e-3
        assert_mean_within((part - centre) ** 2, variance)
    # symmetric order: <|alpha|^2> = n + |beta|^2 + 1/2
    assert_mean_within(abs(alpha[:, 0]) ** 2, number + abs(beta) ** 2 + 0.5)
    # oscillators and components are independent
    assert_mean_within((alpha[:, 0] - beta).real * (alpha[:, 1] - 1.0).real, 0.0)
    assert_mean_within((alpha[:, 0] - beta).real * (alpha[:, 0] - beta).imag, 0.0)


def test_vacuum_and_coherent_are_cases_of_thermal():
    np.testing.assert_array_equal(initial.vacuum(10, 2, seed=1), initial.thermal([0.0, 0.0], 10, seed=1))
    moved = initial.vacuum(10, 2, seed=1) + np.array([1.0, 2j])
    np.testing.assert_allclose(initial.coherent([1.0, 2j], 10, seed=1), moved, rtol=1e-15)


def test_fock_states_are_circles_of_random_phase():
    alpha = initial.fock([0, 3], COUNT, seed=1)
    np.testing.assert_allclose(abs(alpha) ** 2, np.tile([0.5, 3.5], (COUNT, 1)), rtol=1e-14)
    for j in range(2):
        assert stats.kstest(np.angle(alpha[:, j]), "uniform", (-np.pi, 2 * np.pi)).pvalue > 1e-3
    for k in (1, 2):
        assert_mean_within(np.cos(k * (np.angle(alpha[:, 0]) - np.angle(alpha[:, 1]))), 0.0)


def test_limit_cycles_are_stable_zeros_of_the_drift_of_x():
    # damping -1 + x/2: x = 2; polar noise with variance rates .1 + .2 x: the drift of x gets .1 + .2 x, x = 2.472
    alpha = initial.limit_cycle(model(gamma=[-1.0, -2.0], eta=0.5), 5, seed=1)
    np.testing.assert_allclose(abs(alpha) ** 2, np.tile([2.0, 4.0], (5, 1)), rtol=1e-10)
    noisy = initial.limit_cycle(model(gamma=-1.0, eta=0.5, s=0.1, t_x=0.2, kind="polar"), 5, seed=1)
    np.testing.assert_allclose(abs(noisy) ** 2, 1.2 + np.sqrt(1.2**2 + 0.2), rtol=1e-10)


def test_stationary_states_have_the_density_of_their_fokker_planck_equation():
    system = model(gamma=-1.0, eta=0.5, s=0.15, t=0.15, bound=5.0)
    reference = langevin.fokker_planck(system, wall="reflecting", cells=60)
    x = abs(initial.stationary(system, COUNT, bound=5.0, seed=1)[:, 0]) ** 2
    # p(x) ~ exp(-(gamma x + eta x^2/2)/s'), s' = <eta eta*> = .3
    grid = np.linspace(0.0, 5.0, 20_001)
    density = np.exp((grid - grid**2 / 4) / 0.3)
    law = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    assert stats.kstest(x, lambda value: np.interp(value, grid, law / law[-1])).pvalue > 1e-3
    assert_mean_within(x, reference.mean_number[0], bias=reference.mean_number_error[0] + 1e-4)


def test_larger_ensembles_begin_with_smaller_ones():
    system = model(gamma=[-1.0, -2.0], eta=0.5, s=0.15, t=0.15)
    for make in (
        lambda n, seed: initial.thermal([0.3, 0.0], n, beta=[1.0, 1j], seed=seed),
        lambda n, seed: initial.fock([1, 2], n, seed=seed),
        lambda n, seed: initial.limit_cycle(system, n, seed=seed),
        lambda n, seed: initial.stationary(system, n, bound=5.0, seed=seed),
    ):
        full = make(300, 4)
        np.testing.assert_array_equal(make(100, 4), full[:100])
        assert not (make(100, 5) == full[:100]).any()
        assert np.unique(full).size == full.size
