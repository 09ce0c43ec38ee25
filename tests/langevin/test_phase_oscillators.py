"""Noisy phase oscillators: the simulation against its equations and against the limit of infinitely many."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
from scipy.special import ive

from langevin import (
    PhaseGroups,
    critical_coupling,
    incoherence_growth,
    phase_density,
    phase_oscillators,
    rotating_state,
)

LAGGED = PhaseGroups(0.3, 0.5, 2.0, 0.4)
PAIR = PhaseGroups([0.2, -0.2], [0.5, 0.4], [[2.0, 1.0], [0.8, 2.0]], [[0.2, 0.3], [0.1, 0.2]])


# --- the limit of infinitely many --------------------------------------------------------------------------------------


@pytest.mark.parametrize("coupling", [1.05, 2.0, 6.0])
def test_order_without_lag_solves_the_von_mises_equation(coupling):
    # rho is proportional to exp(K r cos(theta)/D): r = I_1(K r/D)/I_0(K r/D)
    order = brentq(lambda r: r - ive(1, coupling * r / 0.5) / ive(0, coupling * r / 0.5), 1e-3, 1.0, xtol=1e-14)
    state = rotating_state(PhaseGroups(0.7, 0.5, coupling))
    assert abs(state.order[0] - order) < 1e-11
    assert abs(state.frequency - 0.7) < 1e-11
    assert state.residual < 1e-11
    assert abs(state.modes[0, 1] - ive(2, coupling * order / 0.5) / ive(0, coupling * order / 0.5)) < 1e-11


def test_onset_of_one_group_is_at_the_closed_form():
    noise, lag, frequency = 0.5, 0.4, 0.3
    critical = critical_coupling(noise, lag)
    assert critical == 2 * noise / np.cos(lag)
    growth = incoherence_growth(PhaseGroups(frequency, noise, critical, lag))[0]
    assert abs(growth.real) < 1e-15
    assert abs(growth.imag - (frequency - noise * np.tan(lag))) < 1e-15
    assert np.isnan(rotating_state(PhaseGroups(frequency, noise, 0.999 * critical, lag)).frequency)
    just_above = rotating_state(PhaseGroups(frequency, noise, 1.0001 * critical, lag))
    assert abs(just_above.frequency - growth.imag) < 1e-3
    assert just_above.order[0] < 0.02
    assert critical_coupling(noise, 2.0) == np.inf


def test_rotating_states_are_where_the_densities_go():
    for model in (LAGGED, PAIR):
        state = rotating_state(model)
        ends = phase_density(model, [0.0, 79.0, 80.0], initial=[0.3] * model.groups, modes=20)[1:, :, 0]
        np.testing.assert_allclose(np.abs(ends[1]), state.order, atol=1e-8)
        np.testing.assert_allclose(np.angle(ends[1] / ends[0]), state.frequency, atol=1e-8)
        relative = np.angle(ends[1] / ends[1, 0])
        np.testing.assert_allclose(relative, np.angle(state.modes[:, 0]), atol=1e-8)


def test_free_densities_spread_by_diffusion():
    modes = phase_density(
        PhaseGroups([1.0, -2.0], [0.5, 0.1], np.zeros((2, 2))), [0.0, 0.7], initial=[0.9, 0.5j], modes=4
    )
    n = np.arange(1, 5)
    np.testing.assert_allclose(modes[1, 0], 0.9**n * np.exp(0.7 * (1j * n - 0.5 * n**2)), atol=1e-10)
    np.testing.assert_allclose(modes[1, 1], 0.5j**n * np.exp(0.7 * (-2j * n - 0.1 * n**2)), atol=1e-10)


# --- simulations -------------------------------------------------------------------------------------------------------


def test_without_noise_the_oscillators_follow_their_equations():
    rng = np.random.default_rng(2)
    sizes, group = (3, 4), np.repeat([0, 1], (3, 4))
    detunings = [rng.normal(size=n) for n in sizes]
    model = PhaseGroups(PAIR.frequency, 0.0, PAIR.coupling, PAIR.lag, detunings)
    start = rng.uniform(0, 2 * np.pi, 7)
    natural = np.repeat(model.frequency, sizes) + np.concatenate(detunings)
    pull = (model.coupling / np.array(sizes))[group][:, group]
    lag = model.lag[group][:, group]

    def slope(_, theta):
        return natural + (pull * np.sin(theta[None, :] - theta[:, None] - lag)).sum(axis=1)

    end = solve_ivp(slope, (0.0, 3.0), start, rtol=1e-11, atol=1e-12).y[:, -1]
    runs = [
        phase_oscillators(
            model, sizes, [0.0, 3.0], dt=dt, seed=1, realisations=1, initial=start, burn_in=0.0, save=True
        )
        for dt in (0.02, 0.01)
    ]
    errors = []
    for run in runs:
        expected = [np.exp(1j * end[group == g]).mean() for g in (0, 1)]
        errors.append(np.abs(run.series[0, 1] - expected).max())
        frequencies = [(end - start)[group == g].mean() / 3.0 for g in (0, 1)]
        assert np.abs(run.frequencies[0] - frequencies).max() < 20 * errors[-1]
    assert errors[1] < 1e-4
    assert abs(np.log2(errors[0] / errors[1]) - 2.0) < 0.15


def test_a_large_group_is_that_of_the_limit():
    state = rotating_state(PAIR)
    runs = phase_oscillators(PAIR, [400, 400], np.arange(0.0, 60.1, 0.5), dt=0.05, seed=1, burn_in=15.0, threads=1)
    order, error = runs.window_order()
    # fluctuations of the order parameter, and the self-interaction of the lag, are corrections of relative order 1/N
    assert (np.abs(order - state.order) < 4 * error + 1.0 / 400).all()
    frequency, frequency_error = runs.window_frequencies()
    bias = 2.0 / 400 + 0.05**2  # finite N and the weak second order of the step: .03 dt^2 would be .0001
    assert (np.abs(frequency - state.oscillator_frequencies) < 4 * frequency_error + bias).all()
    collective, collective_error = runs.window_collective_frequencies()
    assert (np.abs(collective - state.frequency) < 4 * collective_error + bias).all()
    # c_1 = <e^{-i (phi_1 - phi_2)}>
    lag = np.angle(runs.harmonics[:, 0, 1].mean())
    assert abs(lag - np.angle(state.modes[1, 0] / state.modes[0, 0])) < 0.02


def test_incoherent_groups_fluctuate_as_linear_theory_says():
    model, size = PhaseGroups(0.0, 0.5, 0.5), 200
    runs = phase_oscillators(model, [size], np.arange(0.0, 120.1, 1.0), dt=0.1, seed=1, burn_in=20.0, threads=1)
    squares = runs.squares[:, 0]
    # N <|Z|^2> = 1/(1 - K/K_c); corrections of relative order 1/(N (1 - K/K_c)^2) = .02, time step K dt/2 squared below .01
    assert abs(size * squares.mean() / 2.0 - 1.0) < 4 * squares.std() / 8 / squares.mean() + 0.03


def test_free_oscillators_diffuse():
    model = PhaseGroups([1.0, -1.0], [0.3, 0.6], np.zeros((2, 2)))
    runs = phase_oscillators(
        model, [301, 300], [0.0, 1.0, 2.0], dt=0.5, seed=1, realisations=128, initial=np.zeros(601), save=True, threads=1
    )  # fmt: skip
    for n, time in enumerate((1.0, 2.0), start=1):
        expected = np.exp(time * (1j * model.frequency - model.noise))
        wrong = runs.series[:, n].mean(axis=0) - expected
        assert (np.abs(wrong) < 5 * np.abs(runs.series[:, n].std(axis=0)) / np.sqrt(128)).all()


@pytest.mark.slow
def test_steps_have_weak_order_two():
    state = rotating_state(LAGGED)
    errors, stderrs = [], []
    for dt in (0.5, 0.25):
        runs = phase_oscillators(LAGGED, [4000], np.arange(0.0, 200.1, 0.5), dt=dt, seed=1, burn_in=20.0, threads=1)
        frequency, stderr = runs.window_frequencies()
        errors.append(abs(frequency[0] - state.oscillator_frequencies[0]))
        stderrs.append(stderr[0] + 1.0 / 4000)  # and the finite size
    order = np.log2(errors[0] / errors[1])
    assert abs(order - 2.0) < 0.3 + 3 * np.hypot(stderrs[0] / errors[0], stderrs[1] / errors[1]) / np.log(2)


def test_bits_depend_on_the_seed_alone():
    def run(realisations, threads, seed=1):
        return phase_oscillators(
            PAIR, [5, 4], [0.0, 1.0, 2.0], dt=0.1, seed=seed, realisations=realisations, save=True, threads=threads
        )

    small, large = run(70, 1), run(200, 3)
    np.testing.assert_array_equal(small.series, large.series[:70])
    np.testing.assert_array_equal(small.frequencies, large.frequencies[:70])
    assert np.unique(large.series[:, 2, 0]).size == 200
    assert not np.isin(run(70, 1, seed=2).series, small.series).any()


ONE = PhaseGroups(0.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: PhaseGroups(0.0, -1.0, 1.0), "`noise` must not be negative"),
        (lambda: PhaseGroups(0.0, 1.0, np.ones((2, 3))), "`coupling` must be a square matrix"),
        (lambda: PhaseGroups([0.0, 1.0, 2.0], 1.0, np.ones((2, 2))), "`frequency` must be one number or have shape"),
        (lambda: PhaseGroups(np.nan, 1.0, 1.0), "`frequency` must be finite"),
        (lambda: PhaseGroups("fast", 1.0, 1.0), "`frequency` must hold real numbers"),
        (lambda: PhaseGroups(0.0, 1.0, 1.0, 0.0, [[1.0], [2.0]]), "`detunings` must hold one array per group"),
        (lambda: phase_oscillators(PAIR, [3], [0.0, 1.0], dt=0.1, seed=1), "`sizes` must have one entry per group"),
        (lambda: phase_oscillators(PAIR, [3, 0], [0.0, 1.0], dt=0.1, seed=1), r"sizes\[1\]"),
        (lambda: phase_oscillators(PAIR, [3, 2], [0.0, 1.0], dt=0.3, seed=1), "`dt` must divide"),
        (
            lambda: phase_oscillators(PAIR, [3, 2], [0.0, 1.0], dt=0.1, seed=1, initial=[0.0]),
            "`initial` must have shape",
        ),
        (lambda: phase_oscillators(None, [3], [0.0, 1.0], dt=0.1, seed=1), "`model` must be a PhaseGroups"),
        (lambda: phase_density(PAIR, [0.0, 1.0], initial=[2.0, 0.0]), "modulus at most 1"),
        (lambda: phase_density(PAIR, [0.0, 1.0], initial=[0.1]), "`initial` must have shape"),
        (lambda: rotating_state(PhaseGroups(0.0, 0.0, 1.0)), "must have noise"),
        (lambda: rotating_state(ONE, guess="x"), "`guess` must hold numbers, but is 'x'"),
        (lambda: rotating_state(ONE, guess=[np.nan]), "`guess` must be finite"),
        (lambda: phase_density(ONE, [1.0, 0.0], initial=[0.1]), "`times` must be at least two increasing times"),
        (lambda: phase_density(ONE, [], initial=[0.1]), "`times` must be at least two increasing times"),
        (lambda: phase_density(ONE, "x", initial=[0.1]), "`times` must hold real numbers"),
        (lambda: phase_density(ONE, [0.0, 1.0], initial=0.1), "`initial` must have shape"),
        (lambda: phase_density(ONE, [0.0, 1.0], initial="x"), "`initial` must hold numbers"),
        (lambda: incoherence_growth(3), "`model` must be a PhaseGroups"),
        (lambda: critical_coupling(-1.0), "`noise` must not be negative"),
        (lambda: PhaseGroups([], [], np.ones((0, 0))), "`coupling` must be a square matrix"),
        (lambda: PhaseGroups(0.0, 1.0, 1.0, 0.0, 3), "`detunings` must be a sequence of arrays"),
        (lambda: PhaseGroups(0.0, 1.0, 1.0, 0.0, [np.ones((5, 1))]), "`detunings` must hold arrays of one axis"),
        (lambda: PhaseGroups(0.0, 1.0, 1j), "`coupling` must hold real numbers"),
        (lambda: phase_oscillators(ONE, 3, [0.0, 1.0], dt=0.1, seed=1), "`sizes` must be a sequence of int"),
        (lambda: rotating_state(PhaseGroups(0.0, 1.0, 1.0, 0.0, [[1.0]])), "must have no detunings"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
