"""Second-order cumulants: exact limits, order of the closure's error, published lifetimes."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from quantum import operators as op
from quantum.cumulants import decay_time, evolve_cumulants
from quantum.evolution import evolve
from quantum.groups import Groups
from quantum.lindblad import Lindblad
from quantum.liouville import liouvillian
from quantum.permutation import PermutationSymmetric

PLUS, MINUS = op.spin_plus(1).toarray(), op.spin_minus(1).toarray()
EXCHANGE = np.kron(PLUS, MINUS) + np.kron(MINUS, PLUS)


def oscillator(detuning=0.0, asymmetry=0.0, gain=0.5, loss=1.0):
    """Three levels driven to the middle one: Nadolny and Bruder, Eqs. (1), (2)."""
    h = detuning * op.spin_z(1) + asymmetry * op.projector(2, 2, 3)
    return Lindblad(h, [np.sqrt(gain) * op.projector(1, 0, 3), np.sqrt(loss) * op.projector(1, 2, 3)], [3])


def one_group(size, coupling, asymmetry=0.0):
    return Groups([oscillator(asymmetry=asymmetry)], [size], {(0, 0): coupling / size * EXCHANGE})


def two_groups(sizes, coupling=1.0, between=0.7, detuning=0.4, asymmetry=0.3):
    members = [oscillator(sign * detuning / 2, asymmetry) for sign in (1, -1)]
    scaled = {(0, 0): coupling / sizes[0], (1, 1): coupling / sizes[1], (0, 1): between / max(sizes)}
    return Groups(members, sizes, {key: value * EXCHANGE for key, value in scaled.items()})


def random_state(seed, levels=3):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(levels, levels)) + 1j * rng.normal(size=(levels, levels))
    return a @ a.conj().T / np.trace(a @ a.conj().T)


def product(states):
    out = np.ones((1, 1))
    for state in states:
        out = np.kron(out, state)
    return out


def test_two_members_are_exact():
    # an element's error per unit time is at most the tolerance: 1e-9 after 10
    rho, times = random_state(1), np.linspace(0, 10, 5)
    for groups, states in ((one_group(2, 1.3, 0.3), [rho]), (two_groups([1, 1]), [rho, random_state(2)])):
        result = evolve_cumulants(groups, states, times, tolerance=1e-10)
        exact = evolve(groups.tensor_product(), product([rho, states[-1]]), times)
        (pair,) = result.pair.values()
        np.testing.assert_allclose(pair, exact.dense(), atol=1e-9)
        for g, single in enumerate(result.single):
            np.testing.assert_allclose(single, exact.reduced([g]).dense(), atol=1e-9)


def test_correlated_pairs_may_start_and_unequal_levels_may_couple():
    """A qubit and a three-level system: an entangled start, a coupling that is neither real nor of one product."""
    rng = np.random.default_rng(5)
    h = rng.normal(size=(6, 6)) + 1j * rng.normal(size=(6, 6))
    h = 0.3 * (h + h.conj().T)
    qubit = Lindblad(0.2 * op.spin_x(0.5), [op.spin_minus(0.5)], [2])
    groups = Groups([qubit, oscillator()], [1, 1], {(0, 1): h})
    joint = random_state(6, 6)
    parts = [np.einsum("ikjk->ij", joint.reshape(2, 3, 2, 3)), np.einsum("kikj->ij", joint.reshape(2, 3, 2, 3))]
    result = evolve_cumulants(groups, parts, [0.0, 4.0], pairs={(0, 1): joint}, tolerance=1e-10)
    exact = evolve(groups.tensor_product(), joint, [0.0, 4.0])
    np.testing.assert_allclose(result.pair[0, 1], exact.dense(), atol=1e-9)
    np.testing.assert_allclose(
        result.expect(op.spin_z(0.5)), exact.expect(op.embed(op.spin_z(0.5), 0, (2, 3))), atol=1e-9
    )


def test_many_members_follow_the_mean_field():
    size, times = 10**12, np.linspace(0, 15, 4)
    groups, states = two_groups([size, size]), [random_state(3), random_state(4)]
    generators = [liouvillian(member) for member in groups.members]

    def mean_field(_, y):
        rho = y.reshape(2, 3, 3)
        amplitude = [np.trace(MINUS @ r) for r in rho]
        out = np.empty_like(rho)
        for g in range(2):
            field = amplitude[g] + 0.7 * amplitude[1 - g]
            h = field * PLUS + field.conjugate() * MINUS
            out[g] = (generators[g] @ rho[g].ravel()).reshape(3, 3) - 1j * (h @ rho[g] - rho[g] @ h)
        return out.ravel()

    exact = solve_ivp(mean_field, (0, 15), np.ravel(states), t_eval=times, rtol=1e-12, atol=1e-13, method="DOP853")
    result = evolve_cumulants(groups, states, times, tolerance=1e-11)
    found = np.stack(result.single, axis=1).reshape(times.size, 18)
    # 1/N = 1e-12 grows by e^(rate t) < 1e3 while the oscillation builds up (measured: 1e-8 at N = 1e9)
    np.testing.assert_allclose(found, exact.y.T, atol=2e-9)
    np.testing.assert_allclose(
        result.pair[0, 1], np.einsum("nij,nkl->nikjl", *result.single).reshape(-1, 9, 9), atol=1e-8
    )
    larger = evolve_cumulants(two_groups([10**6] * 2), states, times, tolerance=1e-11)
    ratio = np.abs(larger.single[0][-1] - result.single[0][-1]).max() * 10**6
    much_smaller = evolve_cumulants(two_groups([10**4] * 2), states, times, tolerance=1e-11)
    assert np.abs(much_smaller.single[0][-1] - result.single[0][-1]).max() * 10**4 == pytest.approx(ratio, rel=0.05)


def test_the_error_of_the_closure_is_that_of_third_cumulants():
    """From a product state pairs err from t^3 on and members from t^4 on, as (N - 1)(N - 2)/N^4 at a fixed time."""
    rho = np.eye(3) / 3 + 0.1 * (PLUS + MINUS) / np.sqrt(2)
    times = np.array([0.0, 0.04, 0.08])
    error = {}
    for size in (3, 4, 8):
        groups = one_group(size, 1.0)
        exact = PermutationSymmetric(groups).evolve([rho], times, 1e-15)
        result = evolve_cumulants(groups, [rho], times, tolerance=1e-14)
        pairs = np.abs(exact.two_body() - result.pair[0, 0]).max(axis=(1, 2))
        error[size] = np.abs(exact.one_body() - result.single[0]).max(axis=(1, 2))
        assert pairs[2] / pairs[1] == pytest.approx(8, rel=0.1)
        assert error[size][2] / error[size][1] == pytest.approx(16, rel=0.1)
    share = {n: (n - 1) * (n - 2) / n**4 for n in error}
    for n in (4, 8):
        assert error[n][2] / error[3][2] == pytest.approx(share[n] / share[3], rel=0.02)


def test_pairs_across_groups_err_as_pairs_within():
    groups, states, times = two_groups([2, 3]), [random_state(1), random_state(2)], np.array([0.0, 0.02, 0.04])
    exact = PermutationSymmetric(groups).evolve(states, times, 1e-15)
    result = evolve_cumulants(groups, states, times, tolerance=1e-14)
    for key in groups.pairs():
        error = np.abs(exact.two_body(*key) - result.pair[key]).max(axis=(1, 2))
        assert error[2] / error[1] == pytest.approx(8, rel=0.15)


def test_traces_stay_and_pairs_reduce_to_members():
    states = [random_state(1), random_state(2)]
    result = evolve_cumulants(two_groups([5, 7]), states, [0.0, 1.0, 3.0], tolerance=1e-11)
    for (g, k), pair in result.pair.items():
        blocks = pair.reshape(-1, 3, 3, 3, 3)
        np.testing.assert_allclose(np.einsum("nikjk->nij", blocks), result.single[g], atol=1e-10)
        np.testing.assert_allclose(np.einsum("nkikj->nij", blocks), result.single[k], atol=1e-10)
        np.testing.assert_allclose(pair, pair.conj().swapaxes(1, 2), atol=1e-10)
        if g == k:
            np.testing.assert_allclose(blocks, blocks.transpose(0, 2, 1, 4, 3), atol=1e-10)
    spins = result.expect_pair(PLUS, MINUS, (0, 1))
    np.testing.assert_allclose(spins[0], np.trace(PLUS @ states[0]) * np.trace(MINUS @ states[1]), atol=1e-14)


# Reference: an independent implementation, started from the mean-field steady state; the paper (Fig. S4) does not give
# the initial state, and only this one makes T grow with N. Time of decay to 1/e, V/gamma_-: (uncoupled, {N: T}).
LIFETIMES = {
    0.75: (7.3848, {50: 5.90, 200: 15.62, 500: 30.79, 3000: 137.80}),
    1.0: (7.6968, {50: 4.15, 200: 12.23, 500: 26.58, 3000: 140.50}),
    1.5: (8.3041, {50: 2.69, 200: 7.30, 500: 17.65, 3000: 103.76}),
}


@pytest.mark.parametrize("coupling", LIFETIMES)
def test_lifetimes_of_the_coherence(coupling):
    uncoupled, lifetimes = LIFETIMES[coupling]
    seed = np.eye(3) / 3 + 0.1 * (PLUS + MINUS) / 2
    steady = evolve_cumulants(one_group(10**12, coupling), [seed], [0.0, 400.0]).single[0][-1]
    free = evolve_cumulants(one_group(2, 0.0), [steady], np.linspace(0, 20, 2001))
    assert decay_time(free.times, free.expect(PLUS)) == pytest.approx(uncoupled, abs=1e-4)
    for size, expected in lifetimes.items():
        result = evolve_cumulants(one_group(size, coupling), [steady], np.linspace(0, 1.3 * expected, 601))
        # the table has two decimals
        assert decay_time(result.times, result.expect(PLUS)) == pytest.approx(expected, abs=6e-3)
        assert result.least_eigenvalue().min() > -6e-3  # measured -.005 at V = .75


def test_decay_below_the_smallest_numbers_costs_no_more():
    # 40 lifetimes more than doubles hold: denormal numbers would make each step many times slower
    result = evolve_cumulants(one_group(10**9, 0.1), [random_state(1)], [0.0, 3000.0])
    assert np.abs(result.expect(PLUS)[-1]) == 0.0


def test_decay_time_takes_the_last_crossing():
    times = np.linspace(0, 10, 1001)
    assert decay_time(times, np.exp((2j - 0.5) * times)) == pytest.approx(2.0, abs=1e-12)
    assert decay_time(times, np.exp(-times), 0.5) == pytest.approx(np.log(2), abs=1e-12)
    # below, above again, and below for good between 5 and 6, where the logarithm is interpolated
    expected = 5 - 3 + np.log(0.5 * np.e) / np.log(0.5 / 0.3)
    assert decay_time([3, 4, 5, 6], [1, 0.2j, -0.5, 0.3]) == pytest.approx(expected, abs=1e-14)
    assert np.isnan(decay_time(times, 1 + 0 * times))


def test_divergence_is_reported():
    # far stronger than N = 50 members with a coupling of order 1: the closure blows up in a time of .002
    groups = Groups([oscillator()], [50], {(0, 0): 1e3 * EXCHANGE})
    with pytest.raises(RuntimeError, match="cumulants diverge"):
        evolve_cumulants(groups, [random_state(1)], [0.0, 1e3])


def started():
    return evolve_cumulants(one_group(2, 1.0), [np.eye(3) / 3], [0.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: evolve_cumulants(one_group(2, 1.0), [np.eye(2) / 2], [0, 1]),
            r"`initial\[0\]` must have shape \(3, 3\)",
        ),
        (
            lambda: evolve_cumulants(one_group(2, 1.0), [np.eye(3)], [0, 1]),
            r"`initial\[0\]` must be a Hermitian matrix of trace 1",
        ),
        (lambda: evolve_cumulants(one_group(2, 1.0), [], [0, 1]), "`initial` must hold one state for each of 1 groups"),
        (
            lambda: evolve_cumulants(one_group(2, 1.0), [np.eye(3) / 3], [0, 1], tolerance=0),
            "`tolerance` must be positive",
        ),
        (
            lambda: evolve_cumulants(one_group(1, 1.0), [np.eye(3) / 3], [0, 1], pairs={(0, 0): np.eye(9) / 9}),
            "`pairs` must have",
        ),
        (lambda: Groups([oscillator()], [2, 3]), "`sizes` must hold one number for each of 1 groups"),
        (lambda: Groups([oscillator()], [0]), r"`sizes\[0\]` must be a whole number of at least 1"),
        (lambda: Groups([oscillator()], [2], {(0, 1): EXCHANGE}), "`couplings` must have keys"),
        (lambda: Groups([oscillator()], [2], {(0, 0): np.kron(PLUS, MINUS)}), "must be Hermitian"),
        (
            lambda: Groups([oscillator()], [2], {(0, 0): np.kron(op.spin_z(1).toarray(), np.eye(3))}),
            "the same for both orders",
        ),
        (lambda: decay_time([0, 1], [1, 0.1], 1.5), "`fraction` must lie between 0 and 1"),
        (lambda: decay_time([0, 1], [0, 0]), "`amplitude` must not be zero"),
        (lambda: decay_time([0, 1], [1, np.nan]), "`amplitude` must be finite"),
        (lambda: evolve_cumulants(one_group(2, 1.0), None, [0, 1]), "`initial` must be a sequence of density matrices"),
        (lambda: evolve_cumulants(one_group(2, 1.0), ["x"], [0, 1]), r"`initial\[0\]` must be a matrix of numbers"),
        (lambda: evolve_cumulants(one_group(2, 1.0), [np.eye(3) / 3], "x"), "`times` must hold real numbers"),
        (lambda: evolve_cumulants(one_group(2, 1.0), [np.eye(3) / 3], [0, 1], pairs=[1]), "`pairs` must be a mapping"),
        (lambda: started().expect(np.eye(3), 1), "`group` must be below 1, but is 1"),
        (lambda: started().expect(np.eye(2)), r"`operator` must have shape \(3, 3\)"),
        (lambda: started().expect_pair(np.eye(3), np.eye(2)), r"`operator` must have shape \(3, 3\)"),
        (lambda: Groups(3, [2]), "`members` must be a sequence of Lindblad, but is of type int"),
        (lambda: Groups([oscillator()], 2), "`sizes` must be a sequence of int, but is of type int"),
        (lambda: Groups([oscillator()], [2], [EXCHANGE]), "`couplings` must be a mapping"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
