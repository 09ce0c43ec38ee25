"""The permutation-symmetric master equation against the full one, published zeros of the linear response, jumps."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from quantum import operators as op
from quantum import permutation
from quantum.evolution import evolve
from quantum.groups import Groups, product_terms
from quantum.jumps import jump_trajectories
from quantum.lindblad import Lindblad
from quantum.permutation import PermutationSymmetric
from quantum.perturbation import first_order
from quantum.steady import steady_state

PLUS, MINUS = op.spin_plus(1).toarray(), op.spin_minus(1).toarray()
EXCHANGE = np.kron(PLUS, MINUS) + np.kron(MINUS, PLUS)


def oscillator(detuning, asymmetry=0.3):
    h = detuning * op.spin_z(1) + asymmetry * op.projector(2, 2, 3)
    return Lindblad(h, [np.sqrt(0.5) * op.projector(1, 0, 3), op.projector(1, 2, 3)], [3])


def spin_one_groups(sizes, detuning=0.4, between=0.7):
    members = [oscillator(sign * detuning / 2) for sign in (1, -1)][: len(sizes)]
    couplings = {(g, g): EXCHANGE / size for g, size in enumerate(sizes)}
    if len(sizes) == 2:
        couplings[0, 1] = between / max(sizes) * EXCHANGE
    return Groups(members, sizes, couplings)


def without_symmetry(sizes):
    """Qubits with drives and a three-level group, couplings without any structure: nothing is conserved."""
    rng = np.random.default_rng(7)

    def hermitian(levels):
        a = rng.normal(size=(levels, levels)) + 1j * rng.normal(size=(levels, levels))
        return 0.3 * (a + a.conj().T)

    qubit = Lindblad(hermitian(2), [op.spin_minus(0.5), 0.4 * hermitian(2)], [2])
    within = hermitian(4).reshape(2, 2, 2, 2)
    within = (within + within.transpose(1, 0, 3, 2)).reshape(4, 4)
    three = Lindblad(hermitian(3), [hermitian(3)], [3])
    return Groups([qubit, three], sizes, {(0, 0): within, (0, 1): hermitian(6)})


def random_state(seed, levels):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(levels, levels)) + 1j * rng.normal(size=(levels, levels))
    return a @ a.conj().T / np.trace(a @ a.conj().T)


MODELS = {
    "2 of one": spin_one_groups([2]),
    "3 of one": spin_one_groups([3]),
    "1 + 1": spin_one_groups([1, 1]),
    "2 + 1": spin_one_groups([2, 1]),
    "2 + 2": spin_one_groups([2, 2]),
    "no symmetry": without_symmetry([3, 1]),
}


def assert_same_reductions(symmetric, full, groups, atol):
    first = np.concatenate([[0], np.cumsum(groups.sizes)])
    for g in range(len(groups.sizes)):
        np.testing.assert_allclose(symmetric.one_body(g), full.reduced([first[g]]).dense(), atol=atol)
    for g, k in groups.pairs():
        last = first[k] + (g == k)
        np.testing.assert_allclose(symmetric.two_body(g, k), full.reduced([first[g], last]).dense(), atol=atol)


@pytest.mark.parametrize("name", MODELS)
def test_steady_states_are_those_of_the_full_master_equation(name):
    groups = MODELS[name]
    symmetric = PermutationSymmetric(groups)
    assert symmetric.conserved == (name != "no symmetry")
    # residuals of 1e-14 over relaxation rates that are not far below 1; measured below 6e-15
    assert_same_reductions(symmetric.steady_state(), steady_state(groups.tensor_product()), groups, 1e-12)


@pytest.mark.parametrize("name", ["3 of one", "2 + 1", "no symmetry"])
def test_evolution_is_that_of_the_full_master_equation(name):
    groups, times = MODELS[name], np.array([0.0, 0.7, 3.0])
    states = [random_state(g, levels) for g, levels in enumerate(groups.levels)]
    joint = np.ones((1, 1))
    for g, size in enumerate(groups.sizes):
        for _ in range(size):
            joint = np.kron(joint, states[g])
    result = PermutationSymmetric(groups).evolve(states, times)
    np.testing.assert_allclose(result.trace(), 1.0, atol=1e-12)
    # both cut their series at 1e-10 of the norm, which is at most 1
    assert_same_reductions(result, evolve(groups.tensor_product(), joint, times), groups, 3e-10)
    for g, state in enumerate(states):
        np.testing.assert_allclose(result.one_body(g)[0], state, atol=1e-14)


@pytest.mark.parametrize("name", ["3 of one", "2 + 1", "no symmetry"])
def test_first_order_responses_are_those_of_the_full_master_equation(name):
    groups = MODELS[name]
    drives = [op.spin_x((levels - 1) / 2) + 0.2 * op.spin_z((levels - 1) / 2) for levels in groups.levels]
    drives[1:] = [None] * (len(groups.levels) - 1)
    full = groups.tensor_product()
    total = sum(op.embed(drives[0], i, full.dims) for i in range(groups.sizes[0]))
    response = PermutationSymmetric(groups).first_order(drives)
    np.testing.assert_allclose(response.trace(), 0.0, atol=1e-13)
    assert_same_reductions(response, first_order(full, total), groups, 1e-11)


def test_gmres_and_factors_agree(monkeypatch):
    for groups in (MODELS["2 + 2"], MODELS["no symmetry"]):
        symmetric = PermutationSymmetric(groups)
        drives = [op.spin_x((groups.levels[0] - 1) / 2), None]
        direct, response = symmetric.steady_state(), symmetric.first_order(drives)
        with monkeypatch.context() as patch:
            patch.setattr(permutation, "DIRECT_STATES", 10)
            np.testing.assert_allclose(symmetric.steady_state().one_body(1), direct.one_body(1), atol=1e-12)
            np.testing.assert_allclose(symmetric.first_order(drives).one_body(1), response.one_body(1), atol=1e-12)


def test_dimensions_and_conserved_traces():
    for size, expected in {2: 45, 3: 165, 4: 495, 6: 3003}.items():
        assert PermutationSymmetric(spin_one_groups([size])).dimension == expected
    symmetric = PermutationSymmetric(spin_one_groups([3]))
    sizes = [symmetric.sector_dimension(c) for c in range(7)]
    assert sizes[0] + 2 * sum(sizes[1:]) == 165
    trace = symmetric._sector(0).covector([space.trace for space in symmetric._spaces])
    np.testing.assert_allclose(trace @ symmetric.generator(0), 0.0, atol=1e-13)


def test_uncoupled_members_stay_independent_at_large_numbers():
    """40 qubits, 12 341 symmetric operators for a space of 10^12 states: rotation and decay in closed form."""
    qubit = Lindblad(0.9 * op.spin_z(0.5), [np.sqrt(0.3) * op.spin_minus(0.5)], [2])
    times, rho = np.array([0.0, 1.0]), random_state(3, 2)
    result = PermutationSymmetric(Groups([qubit], [40])).evolve([rho], times, 1e-12)
    up = rho[1, 1].real * np.exp(-0.3)
    expected = np.array([[1 - up, rho[0, 1] * np.exp(-0.15 + 0.9j)], [rho[1, 0] * np.exp(-0.15 - 0.9j), up]])
    np.testing.assert_allclose(result.one_body()[1], expected, atol=1e-12)
    np.testing.assert_allclose(result.two_body()[1], np.kron(expected, expected), atol=1e-12)


def test_an_exchange_leaves_products_of_thermal_states_alone():
    size, rate = 12, 2.5
    ups, downs = op.spin_plus(0.5).toarray(), op.spin_minus(0.5).toarray()
    exchange = np.kron(ups, downs) + np.kron(downs, ups)
    qubit = Lindblad(0 * op.spin_z(0.5), [np.sqrt(0.3) * ups, np.sqrt(0.7) * downs], [2])
    state = PermutationSymmetric(Groups([qubit], [size], {(0, 0): rate * exchange})).steady_state()
    # identical baths: their product of thermal states is a function of the total number, which the exchange conserves
    np.testing.assert_allclose(state.two_body(), np.diag(np.kron([0.7, 0.3], [0.7, 0.3])), atol=1e-13)


def spin_half_response(coupling, size, gains):
    """First-order <S+> of one member of both groups for H = (g/2N) (J+_A J-_B + h.c.) + eps S_x on group A."""
    up, down = op.spin_plus(0.5).toarray(), op.spin_minus(0.5).toarray()
    members = [Lindblad(0 * op.spin_z(0.5), [np.sqrt(w) * up, np.sqrt(1 - w) * down], [2]) for w in gains]
    pair = coupling / (2 * size) * (np.kron(up, down) + np.kron(down, up))
    response = PermutationSymmetric(Groups(members, [size, size], {(0, 1): pair})).first_order([op.spin_x(0.5), None])
    return response.expect(up, 0), response.expect(up, 1)


# Reference values of an independent implementation, Vaidya et al. (2024) with N spins a site, (w_A, w_B) = (.4, .75).
ZEROS = {1: (0.870843001, 1.065307849), 2: (1.398069, 1.663731), 3: (1.774821, 2.033300)}


@pytest.mark.parametrize("size", ZEROS)
def test_zeros_of_the_linear_response_of_two_sites(size):
    first, second = ZEROS[size]
    tolerance = 1e-8 if size == 1 else 1e-6
    found = brentq(lambda g: spin_half_response(g, size, (0.4, 0.75))[0].imag, 0.9 * first, 1.1 * first, xtol=1e-10)
    assert found == pytest.approx(first, abs=tolerance)
    found = brentq(lambda g: spin_half_response(g, size, (0.4, 0.75))[1].real, 0.9 * second, 1.1 * second, xtol=1e-10)
    assert found == pytest.approx(second, abs=tolerance)


def test_linear_responses_of_two_sites_tend_to_the_mean_field():
    """At g = 1: -.024647, .052165, .087014 for N = 1, 2, 3 (reference) and .222222 without correlations."""
    responses = {size: spin_half_response(1.0, size, (0.4, 0.75))[0] for size in (1, 2, 3, 4, 6)}
    for size, expected in {1: -0.024647, 2: 0.052165, 3: 0.087014}.items():
        assert responses[size] == pytest.approx(1j * expected, abs=5e-7)
    distance = [2 / 9 - response.imag for response in responses.values()]
    assert all(np.diff(distance) < 0)
    # for N = 2 and (.25, .75) the zero of one spin a site, at 1.805657, is gone
    assert spin_half_response(1.805657, 1, (0.25, 0.75))[0].imag == pytest.approx(0.0, abs=1e-6)
    assert min(spin_half_response(g, 2, (0.25, 0.75))[0].imag for g in (0.5, 1.8, 3.0, 6.0)) > 0.01


@pytest.mark.parametrize("size", [1, 2])
def test_quantum_jumps_of_groups_agree_with_the_steady_state(size):
    """Two groups of 1 and 2 three-level members, 9 and 81 states: trajectories, full and symmetric master equation."""
    groups = spin_one_groups([size, size])
    full, symmetric = groups.tensor_product(), PermutationSymmetric(groups).steady_state()
    runs = jump_trajectories(full, (1,) * (2 * size), [0.0, 25.0], trajectories=400, seed=3, burn_in=10.0)
    exchange = op.embed(PLUS, 0, full.dims) @ op.embed(MINUS, size, full.dims)
    value, error = runs.estimate(lambda density: (density.expect(exchange) / density.trace()).real)
    expected = np.trace(np.kron(PLUS, MINUS) @ symmetric.two_body(0, 1)).real
    assert abs(value - expected) < 4 * error
    assert error < 0.05


def test_three_members_a_group_agree_with_the_full_master_equation():
    """729 states and 27 225 symmetric operators, 3483 in sector 0."""
    groups = spin_one_groups([3, 3])
    assert_same_reductions(
        PermutationSymmetric(groups).steady_state(), steady_state(groups.tensor_product()), groups, 1e-11
    )


def test_product_terms_rebuild_the_pair_and_are_few():
    for first, second, pair in ((3, 3, EXCHANGE), (2, 3, np.random.default_rng(1).normal(size=(6, 6)))):
        terms = product_terms(pair, first, second)
        np.testing.assert_allclose(sum(np.kron(a, b) for a, b in terms), pair, atol=1e-13)
        assert len(terms) == (2 if second == first else min(first, second) ** 2)


def test_a_second_steady_state_is_found():
    dark = Lindblad(np.zeros((2, 2)), [np.diag([0.0, 1.0])], [2])
    with pytest.raises(ValueError, match="must have a unique steady state"):
        PermutationSymmetric(Groups([dark], [3])).steady_state()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: PermutationSymmetric(MODELS["2 + 1"]).first_order([None]),
            "`drives` must have one entry for each of 2",
        ),
        (
            lambda: PermutationSymmetric(MODELS["2 + 1"]).product_state([]),
            "`initial` must hold one state for each of 2",
        ),
        (lambda: PermutationSymmetric(MODELS["2 + 1"]).steady_state().two_body(1, 1), "that group has one member"),
        (lambda: PermutationSymmetric(MODELS["2 + 1"]).steady_state().one_body(2), "`group` must be below 2, but is 2"),
        (lambda: PermutationSymmetric(3), "`groups` must be a Groups"),
        (
            lambda: PermutationSymmetric(MODELS["2 + 1"]).sector_dimension(1.5),
            "`charge` must be a whole number of at least 0, but is 1.5",
        ),
        (
            lambda: PermutationSymmetric(MODELS["2 + 1"]).generator("x"),
            "`charge` must be a whole number of at least 0, but is 'x'",
        ),
        (
            lambda: PermutationSymmetric(MODELS["2 + 1"]).first_order([None, None]),
            "`drives` must hold at least one matrix",
        ),
        (
            lambda: PermutationSymmetric(MODELS["2 + 1"]).first_order(3),
            "`drives` must be a sequence of matrices or None, but is of type int",
        ),
        (
            lambda: PermutationSymmetric(MODELS["2 + 1"]).evolve(None, [0, 1]),
            "`initial` must be a sequence of density matrices",
        ),
        (
            lambda: PermutationSymmetric(MODELS["2 + 1"]).steady_state().expect(np.eye(7)),
            "`operator` must have shape",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_what_does_not_fit_is_refused_before_it_starts():
    assert math.comb(60 + 8, 8) > 7e9
    with pytest.raises(MemoryError):
        PermutationSymmetric(spin_one_groups([60]))
