"""Discrete truncated Wigner ensembles: exact where they must be, and where a published system puts them.

Statistical bounds are `SIGMAS` standard errors with fixed seeds.
"""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from spins import (
    LOWER,
    RAISE,
    S_MINUS,
    S_PLUS,
    evolved,
    hermitian_basis,
    liouvillian,
    random_state,
    spin_one,
    transition,
    two_qubits,
)

from langevin import SpinNetwork, discrete_wigner
from langevin.spins.algebra import components, matrices, phase_points

SIGMAS = 4.5  # a false alarm in 1.5e5 numbers
QUBIT = (
    0.7 * (RAISE + LOWER) + 0.3 * transition(1, 1, 2),
    [np.sqrt(0.3) * RAISE, np.sqrt(0.7) * LOWER, np.sqrt(0.4) * np.diag([-0.5, 0.5])],
)
LADDER = (0.4 * (S_PLUS + S_MINUS) + 0.5 * transition(2, 2), [np.sqrt(0.5) * transition(1, 0), transition(1, 2)])
SPIN_JUMPS = (LADDER[0], [np.sqrt(0.3) * S_PLUS, np.sqrt(0.5) * S_MINUS, 0.3 * np.diag([-1.0, 0.0, 1.0])])


def symmetrized(rho, basis):
    """tr rho {a, b}/2 of all pairs, and tr rho a."""
    products = np.einsum("aij,bjk->abik", basis, basis)
    return np.einsum("abik,ki->ab", products, rho).real, np.einsum("aij,ji->a", basis, rho).real


def moments(values):
    """Second moments over the first axis, and their standard errors."""
    products = values[:, :, None] * values[:, None, :]
    return products.mean(axis=0), products.std(axis=0) / np.sqrt(len(values)) + 1e-9


def scores(runs, exact):
    """Deviations of the means of group 0 at all times after the first in standard errors (of real parts)."""
    return (runs.means[1:, 0].real - exact[1:].real) / runs.means_stderr[1:, 0].real


@pytest.mark.parametrize("levels", [2, 3, 5])
def test_phase_points_have_the_means_and_symmetrized_products_of_the_state(levels):
    rho = random_state(levels, np.random.default_rng(levels))
    basis = hermitian_basis(levels)
    points = phase_points(rho[None], seed=1, first=0, count=40_000)[0]
    values = np.einsum("aij,mji->ma", basis, matrices(points.T)).real
    second, first = symmetrized(rho, basis)
    found, error = moments(values)
    assert np.abs((values.mean(axis=0) - first) / (values.std(axis=0) / 200 + 1e-9)).max() < SIGMAS
    assert np.abs((found - second) / error).max() < SIGMAS


def test_phase_points_of_a_basis_state_are_the_wigner_lattice():
    points = phase_points(transition(1, 1, 2)[None], seed=1, first=0, count=64)[0]
    np.testing.assert_array_equal(points[:2], np.array([0.0, 1.0])[:, None] * np.ones(64))
    np.testing.assert_array_equal(np.abs(points[2:]), 0.5)
    # a larger ensemble begins with the smaller
    np.testing.assert_array_equal(points[:, 32:], phase_points(transition(1, 1, 2)[None], 1, 32, 32)[0])


def test_a_trajectory_without_jumps_follows_the_classical_equations():
    rng = np.random.default_rng(3)
    hamiltonians = np.array([random_state(3, rng) for _ in range(3)])
    operator = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    strength = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    strength = 0.05 * (strength + strength.conj().T)
    # one group of two sites, so that the coupling within a group is seen as well
    network = SpinNetwork(hamiltonians[:2], [[], []], (1, 2), [(operator, strength[:2, :2])])
    basis = hermitian_basis(3)
    runs = discrete_wigner(
        network, transition(1, 1), [0.0, 0.8], dt=0.005, seed=2, trajectories=3, observables=basis, save=True, threads=1
    )
    group = [0, 1, 1]
    start = phase_points(np.repeat(transition(1, 1)[None], 3, axis=0), 2, 0, 3)

    def slope(_, y):
        a = y.reshape(3, 3, 3)
        lowered = np.einsum("ij,sji->s", operator, a)
        out = np.empty_like(a)
        for s in range(3):
            field = sum(strength[group[s], group[r]] * lowered[r] for r in range(3) if r != s)
            h = hamiltonians[group[s]] + field * operator.conj().T + np.conj(field) * operator
            out[s] = -1j * (h @ a[s] - a[s] @ h)
        return out.ravel()

    for m in range(3):
        a = matrices(start[:, :, m])
        end = solve_ivp(slope, (0.0, 0.8), a.ravel(), rtol=1e-10, atol=1e-12, method="DOP853").y[:, -1].reshape(3, 3, 3)
        expected = np.einsum("qij,sji->sq", basis, end).real
        np.testing.assert_allclose(runs.series[m, 1, 0], expected[0], atol=1e-7)
        np.testing.assert_allclose(runs.series[m, 1, 1], expected[1:].mean(axis=0), atol=1e-7)


@pytest.mark.parametrize(
    ("system", "dissipation"),
    [(QUBIT, "reset"), (LADDER, "reset"), (QUBIT, "noise"), (SPIN_JUMPS, "noise")],
    ids=["qubit-reset", "ladder-reset", "qubit-noise", "spin-noise"],
)
def test_one_driven_site_is_exact(system, dissipation):
    hamiltonian, jumps = system
    levels = len(hamiltonian)
    basis, rho = hermitian_basis(levels), random_state(levels, np.random.default_rng(5))
    times = np.array([0.0, 1.0, 2.0, 3.0])
    runs = discrete_wigner(
        SpinNetwork(hamiltonian, [jumps]), rho, times, dt=0.05, seed=3, trajectories=60_000, observables=basis,
        dissipation=dissipation, save=True, threads=1,
    )  # fmt: skip
    exact = [symmetrized(evolved(hamiltonian, jumps, rho, t), basis) for t in times]
    assert np.abs(scores(runs, np.array([first for _, first in exact]))).max() < SIGMAS
    deviations = []
    for n in range(1, 4):
        found, error = moments(runs.series[:, n, 0].real)
        deviations.append((found - exact[n][0]) / error)
    worst = np.abs(deviations).max()
    # resets keep the means only: their products are off by some .02 (d = 2) and .1 (d = 3)
    assert worst < SIGMAS if dissipation == "noise" else worst > SIGMAS


def test_resets_of_a_qubit_keep_the_squares_of_its_components():
    hamiltonian, jumps = 0.0 * RAISE, QUBIT[1][:2]
    spins = [0.5 * (RAISE + LOWER), 0.5j * (LOWER - RAISE), np.diag([-0.5, 0.5])]
    runs = discrete_wigner(
        SpinNetwork(hamiltonian, [jumps]), transition(1, 1, 2), [0.0, 1.0, 2.0], dt=0.5, seed=3, trajectories=256,
        observables=spins, save=True, threads=1,
    )  # fmt: skip
    np.testing.assert_allclose(runs.series.real**2, 0.25, rtol=1e-12)


def test_products_of_uncoupled_sites_are_exact():
    network = SpinNetwork([LADDER[0], 0.5 * LADDER[0]], [LADDER[1], LADDER[1]], (2, 1))
    runs = discrete_wigner(
        network, transition(1, 1), [0.0, 1.0, 2.0], dt=0.05, seed=4, trajectories=20_000, observables=[S_MINUS, S_PLUS],
        correlations=[((0, 0), (0, 1)), ((0, 0), (1, 1))], threads=1,
    )  # fmt: skip
    for n, time in enumerate((1.0, 2.0), start=1):
        a, b = (np.trace(S_MINUS @ evolved(f * LADDER[0], LADDER[1], transition(1, 1), time)) for f in (1.0, 0.5))
        wrong = runs.correlations[n] - np.array([a * a.conjugate(), a * b.conjugate()])
        error = runs.correlations_stderr[n]
        assert np.abs(wrong.real / error.real).max() < SIGMAS
        assert np.abs(wrong.imag / error.imag).max() < SIGMAS


def test_coupled_sites_are_exact_to_second_order_in_time():
    g = 1.0
    network = SpinNetwork(0.0 * RAISE, [[], []], (1, 1), [(LOWER, [[0.0, g / 2], [g / 2, 0.0]])])
    time = 0.4
    runs = discrete_wigner(
        network, [transition(1, 1, 2), transition(0, 0, 2)], [0.0, time], dt=0.02, seed=1, trajectories=40_000,
        observables=[np.diag([-0.5, 0.5]), LOWER, RAISE], correlations=[((0, 1), (1, 2))], threads=1,
    )  # fmt: skip
    # the second order of <z_A> = cos(g t)/2 is g^2 t^2/4; the fourth order bounds what may be wrong
    wrong = runs.means[1, 0, 0].real - 0.5 * np.cos(g * time)
    assert abs(wrong) < SIGMAS * runs.means_stderr[1, 0, 0].real + (g * time) ** 4 / 12
    correlation = runs.correlations[1, 0].imag, runs.correlations_stderr[1, 0].imag
    # magnitude of <S_A^- S_B^+> = (i/2) sin(g t), off from third order on
    assert abs(abs(correlation[0]) - 0.5 * np.sin(g * time)) < SIGMAS * correlation[1] + (g * time) ** 3 / 6


# (g, Im <S+_A>/eps and its error) for w_A = .4 and w_B = .75 at eps = .3: ../shared/reference/vaidya2024.md, section 9(c)
RESET_TABLE = [(0.5, 0.0918, 0.0015), (1.0, 0.0022, 0.0017), (2.0, -0.0525, 0.0012), (3.0, -0.0520, 0.0014)]


def response(exchange, trajectories, **options):
    """Im <S+_A>/eps of the steady pair, and its standard error."""
    network = two_qubits(exchange, **options)
    runs = discrete_wigner(
        network, np.eye(2) / 2, np.linspace(0.0, 40.0, 41), dt=0.1, seed=1, trajectories=trajectories,
        observables=[RAISE], burn_in=8.0, threads=1,
    )  # fmt: skip
    mean, error = runs.window_means()
    return mean[0, 0].imag / 0.3, error[0, 0].imag / 0.3


@pytest.mark.parametrize(("exchange", "value", "uncertainty"), RESET_TABLE)
def test_two_qubits_reproduce_the_table_of_resets(exchange, value, uncertainty):
    found, error = response(exchange, 16_000)
    # exact: .0901, -.0194, -.0739, -.0562; the step's error is (g dt)^2/24 of the value, below 1e-3
    assert abs(found - value) < 4 * np.hypot(error, uncertainty) + 1e-3


@pytest.mark.slow
def test_spin_noise_alone_makes_a_zero_crossing_that_mean_field_lacks():
    below, error_below = response(0.85, 200_000)
    above, error_above = response(1.2, 200_000)
    # between .85 and 1.2, where the master equation has .889 and mean field none
    assert below > 4 * error_below
    assert above < -4 * error_above


def test_many_qubits_a_site_approach_mean_field():
    g, eps, p, q = 1.0, 0.3, -0.1, 0.25

    def bloch(_, y):
        a, b, z_a, z_b = y
        return [
            -a / 2 - 1j * g * z_a * b - 1j * eps * z_a,
            -b / 2 - 1j * g * z_b * a,
            -z_a + p + g * (a * np.conj(b)).imag + eps * a.imag,
            -z_b + q - g * (a * np.conj(b)).imag,
        ]

    limit = solve_ivp(bloch, (0.0, 60.0), np.zeros(4, complex), rtol=1e-9, atol=1e-11).y[0, -1].imag / eps
    few, error = response(g, 512, size=8)
    many, error_many = response(g, 64, size=256)
    assert abs(few - limit) > 4 * error
    # what is left is of order 1/N: that of 8 spins over 32
    assert abs(many - limit) < 4 * error_many + abs(few - limit) / 32 + error / 8


# <S->, rho_20 at Omega = .1: ../shared/reference/nadolny2023.md, section 5
@pytest.mark.parametrize(
    ("gamma_plus", "asymmetry", "amplitude", "coherence", "dissipation"),
    [
        (0.5, 0.15, -0.08145642 + 0.18217322j, 0.08402770 - 0.02280197j, "reset"),
        (1.0, 0.0, 0.0, 2.0 / 33.0, "reset"),
        (0.5, 0.15, -0.08145642 + 0.18217322j, 0.08402770 - 0.02280197j, "noise"),
    ],
)
def test_a_driven_three_level_oscillator_is_exact(gamma_plus, asymmetry, amplitude, coherence, dissipation):
    runs = discrete_wigner(
        spin_one(gamma_plus, asymmetry, drive=0.1), transition(1, 1), np.linspace(0.0, 60.0, 61), dt=0.1, seed=1,
        trajectories=4000, observables=[S_MINUS, transition(0, 2)], burn_in=25.0, dissipation=dissipation, threads=1,
    )  # fmt: skip
    mean, error = runs.window_means()
    wrong = mean[0] - [amplitude, coherence]
    assert np.abs(wrong.real / error[0].real).max() < 4
    assert np.abs(wrong.imag / error[0].imag).max() < 4


@pytest.mark.slow
@pytest.mark.parametrize("dissipation", ["reset", "noise"])
def test_a_large_group_of_three_level_oscillators_approaches_the_quantum_mean_field(dissipation):
    """|<S+>| at V/Sum = .6 is .1419604464 (nadolny2023.md, section 3): the product moment of different sites."""
    deviations = []
    for size, trajectories in ((100, 512), (1000, 64)):
        runs = discrete_wigner(
            spin_one(size=size, coupling=0.9), np.eye(3) / 3 + 0.1 * (transition(1, 2) + transition(2, 1)),
            np.linspace(0.0, 80.0, 81), dt=0.1, seed=1, trajectories=trajectories, observables=[S_PLUS, S_MINUS],
            correlations=[((0, 0), (0, 1))], burn_in=30.0, dissipation=dissipation, threads=1,
        )  # fmt: skip
        mean, error = runs.window_correlations()
        deviations.append((mean[0].real - 0.1419604464**2, error[0].real))
    (few, few_error), (many, many_error) = deviations
    assert abs(many) < 4 * many_error + (abs(few) + 4 * few_error) / 5
    # below the threshold V_c/Sum = .354 nothing but noise of order 1/N is left
    quiet = discrete_wigner(
        spin_one(size=1000, coupling=0.3), transition(1, 1), np.linspace(0.0, 40.0, 41), dt=0.1, seed=1, trajectories=64,
        observables=[S_PLUS], burn_in=20.0, dissipation=dissipation, threads=1,
    )  # fmt: skip
    assert quiet.window_moduli()[0][0, 0] < 0.08


@pytest.mark.parametrize("dissipation", ["reset", "noise"])
@pytest.mark.parametrize("asymmetry", [0.0, 10.0])
def test_two_three_level_oscillators_keep_one_quantum_coherence_and_lose_that_of_two(asymmetry, dissipation):
    """Where the ensemble is good, and where it is not: <S_A^- S_B^+> and <2,0|rho|0,2> against the master equation."""
    single = asymmetry * transition(2, 2)
    jumps, one = LADDER[1], np.eye(3)
    exchange = np.kron(S_PLUS, S_MINUS) + np.kron(S_MINUS, S_PLUS)
    matrix = liouvillian(
        np.kron(single, one) + np.kron(one, single) + exchange,
        [np.kron(c, one) for c in jumps] + [np.kron(one, c) for c in jumps],
    )
    values, vectors = np.linalg.eig(matrix)
    steady = vectors[:, np.abs(values).argmin()].reshape(9, 9)
    steady = steady / np.trace(steady)
    first = np.trace(np.kron(S_MINUS, S_PLUS) @ steady).real
    second = np.trace(np.kron(transition(0, 2), transition(2, 0)) @ steady).real
    runs = discrete_wigner(
        SpinNetwork(single, [jumps, jumps], (1, 1), [(S_MINUS, [[0.0, 1.0], [1.0, 0.0]])]), transition(1, 1),
        np.arange(0.0, 30.1, 0.5), dt=0.025, seed=1, trajectories=512, observables=[S_MINUS, S_PLUS, transition(0, 2),
        transition(2, 0)], correlations=[((0, 0), (1, 1)), ((0, 2), (1, 3))], burn_in=8.0, dissipation=dissipation, threads=1,
    )  # fmt: skip
    mean, error = runs.window_correlations()
    # the blockade of isochronous oscillators, first = 0, is there; with K = 10 "noise" exceeds -.586 by 37 %
    assert abs(mean[0].real - first) < 4 * error[0].real + 0.45 * abs(first)
    assert mean[1].real < 0.4 * second


def test_resets_have_weak_order_two():
    """Steady mean of a strongly driven qubit, whose damping and rotation do not commute, against the master equation."""
    hamiltonian, jumps = 1.5 * (RAISE + LOWER) + 0.5 * transition(1, 1, 2), [2.0 * LOWER]
    exact = np.trace(LOWER @ evolved(hamiltonian, jumps, transition(1, 1, 2), 50.0))
    errors, relative = [], []
    for dt in (0.5, 0.25):
        runs = discrete_wigner(
            SpinNetwork(hamiltonian, [jumps]), transition(1, 1, 2), np.arange(0.0, 400.1, 0.5), dt=dt, seed=8,
            trajectories=4096, observables=[LOWER], burn_in=10.0, threads=1,
        )  # fmt: skip
        mean, stderr = runs.window_means()
        errors.append(abs(mean[0, 0] - exact))
        relative.append(abs(stderr[0, 0]) / errors[-1])
    assert relative[1] < 0.1  # or there is nothing to measure
    # the splitting itself, without noise, has errors of .0446 and .0116 here: order 1.94
    assert abs(np.log2(errors[0] / errors[1]) - 1.94) < 3 * np.hypot(*relative) / np.log(2)


def test_fast_levels_turn_without_damping_at_any_step():
    runs = discrete_wigner(
        SpinNetwork(np.diag([0.0, 60.0]), [[]]), transition(0, 0, 2), [0.0, 1.0], dt=0.1, seed=1, trajectories=3,
        observables=[LOWER], save=True, threads=1,
    )  # fmt: skip
    # 120 parts of half a radian, each wrong by turn^6/144 in the modulus and turn^5/120 in the phase
    turned = runs.series[:, 1] / runs.series[:, 0]
    np.testing.assert_allclose(np.abs(turned), 1.0, atol=120 * 0.5**6 / 144)
    np.testing.assert_allclose(turned, np.exp(-60j), atol=1.1 * 120 * 0.5**5 / 120)


def test_exploding_runs_are_refused():
    network = SpinNetwork(0.0 * LOWER, [[]], (50,), [(LOWER, [[1000.0]])])
    with pytest.raises(ValueError, match="`dt` must be smaller"):
        discrete_wigner(
            network, np.eye(2) / 2, [0.0, 20.0], dt=1.0, seed=1, trajectories=2, observables=[LOWER], threads=1
        )


def test_bits_depend_on_the_seed_alone():
    def run(trajectories, threads, seed=1, dissipation="reset"):
        return discrete_wigner(
            two_qubits(1.0, size=2), np.eye(2) / 2, [0.0, 1.0, 2.0], dt=0.1, seed=seed, trajectories=trajectories,
            observables=[RAISE], phases=[((0, 0), (1, 0))], dissipation=dissipation, save=True, threads=threads,
        )  # fmt: skip

    for dissipation in ("reset", "noise"):
        small, large = run(70, 1, dissipation=dissipation), run(200, 3, dissipation=dissipation)
        np.testing.assert_array_equal(small.series, large.series[:70])
        np.testing.assert_array_equal(small.harmonics, large.harmonics[:70])
        # zero, where two opposite spins stay opposite, may come twice
        again = np.isin(run(70, 1, seed=2, dissipation=dissipation).series[:, 1], small.series[:, 1])
        assert again.sum() < 3
    # no two trajectories share a stream
    assert np.unique(large.series[:, 2, 0, 0]).size == 200


def test_windows_harmonics_and_moduli_are_those_of_the_series():
    runs = discrete_wigner(
        two_qubits(1.0, size=3), np.eye(2) / 2, np.linspace(0.0, 4.0, 9), dt=0.1, seed=1, trajectories=100,
        observables=[RAISE, LOWER], correlations=[((0, 0), (1, 1))], phases=[((0, 0), (1, 0))], k_max=2, burn_in=1.0,
        save=True, threads=1,
    )  # fmt: skip
    window = runs.series[:, 2:]
    np.testing.assert_allclose(runs.averages, window.mean(axis=1), atol=1e-14)
    np.testing.assert_allclose(runs.moduli, np.abs(window).mean(axis=1), atol=1e-14)
    np.testing.assert_allclose(runs.correlation_averages[:, 0], (window[:, :, 0, 0] * window[:, :, 1, 1]).mean(axis=1))
    phase = np.angle(window[:, :, 0, 0]) - np.angle(window[:, :, 1, 0])
    np.testing.assert_allclose(runs.harmonics[:, 0, 2], np.exp(-2j * phase).mean(axis=1), atol=1e-12)
    np.testing.assert_allclose(runs.means, runs.series.mean(axis=0), atol=1e-14)
    np.testing.assert_allclose(runs.means_stderr.imag[1:], runs.series.imag.std(axis=0, ddof=1)[1:] / 10.0, rtol=1e-9)


def test_components_and_matrices_are_inverse():
    rho = random_state(4, np.random.default_rng(1))
    np.testing.assert_allclose(matrices(components(rho)), rho, atol=1e-15)
    steady = liouvillian(*LADDER)
    assert np.abs(np.eye(3).ravel() @ steady).max() < 1e-15  # the oracle keeps the trace


ONE = SpinNetwork(0.0 * RAISE, [[LOWER]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"initial": np.eye(3) / 3}, "`initial` must have shape"),
        ({"initial": np.diag([1.5, -0.5])}, "`initial` must hold density matrices"),
        ({"dissipation": "jumps"}, "`dissipation` must be one of"),
        (
            {"network": SpinNetwork(0.0 * S_PLUS, [[S_PLUS]]), "initial": np.eye(3) / 3, "observables": [S_PLUS]},
            "reset",
        ),
        ({"observables": []}, "`observables` must hold at least one"),
        ({"observables": [S_PLUS]}, "`observables` must hold matrices of shape"),
        ({"observables": 3}, "`observables` must be a sequence of matrices, but is of type int"),
        ({"correlations": [((0, 0.5), (0, 0))]}, "`correlations` must hold pairs"),
        ({"correlations": [((0, 0), (0, 0))]}, "different sites"),
        ({"phases": [((0, 0), (1, 0))]}, "`phases` must name groups below 1"),
        ({"burn_in": 3.0}, "`burn_in` must lie between"),
        ({"dt": 0.3}, "`dt` must divide"),
        ({"trajectories": 0}, "`trajectories` must be"),
        ({"network": None}, "`network` must be a SpinNetwork"),
    ],
)
def test_bad_input_is_refused(change, message):
    arguments = {
        "network": ONE, "initial": np.eye(2) / 2, "times": [0.0, 1.0], "dt": 0.1, "seed": 1, "trajectories": 2,
        "observables": [LOWER],
    } | change  # fmt: skip
    network, initial, times = (arguments.pop(name) for name in ("network", "initial", "times"))
    with pytest.raises(ValueError, match=message):
        discrete_wigner(network, initial, times, **arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((LOWER, [[LOWER]]), "`hamiltonian` must hold Hermitian"),
        ((np.zeros((2, 3)), [[LOWER]]), "`hamiltonian` must have shape"),
        ((np.full((2, 2), np.nan), [[LOWER]]), "`hamiltonian` must be finite"),
        ((0 * LOWER, [[LOWER], [LOWER]]), "`jumps` must hold one sequence"),
        ((0 * LOWER, [[S_PLUS]]), "`jumps` must hold matrices of shape"),
        ((0 * LOWER, [[LOWER]], (0,)), "sizes"),
        ((0 * LOWER, [[LOWER]], 2), "`sizes` must be a sequence of int, but is of type int"),
        ((1.0, [[LOWER]]), "`hamiltonian` must have shape"),
        ((0 * LOWER, None), "`jumps` must be a sequence of sequences, but is of type NoneType"),
        ((0 * LOWER, [3]), "`jumps` must be a sequence of jump operators for each group"),
        ((0 * LOWER, [[]], (2,), 3), "`couplings` must be a sequence of pairs"),
        ((0 * LOWER, [[]], (2,), [3]), r"`couplings` must hold pairs \(operator, strength\), but holds 3"),
        ((0 * LOWER, [[]], (2,), [(LOWER,)]), "`couplings` must hold pairs"),
        ((0 * LOWER, [[], []], (1, 1), [(LOWER, [[0, 1], [2, 0]])]), "`couplings` must hold Hermitian"),
    ],
)
def test_bad_networks_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        SpinNetwork(*arguments)
