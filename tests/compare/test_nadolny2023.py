"""The system of Nadolny and Bruder 2023: closed forms, its faces against each other, and independent reference values.

Reference numbers: an independent implementation (numpy, scipy), its kernels checked against QuTiP.
"""

import math

import numpy as np
import pytest
from scipy.optimize import brentq

import compare
import quantum
import quantum.operators
from compare.systems import nadolny2023
from compare.systems.nadolny2023 import SpinGroups

# fmt: off
# gamma_+/gamma_-: V_c/(gamma_+ + gamma_-) at K/(gamma_+ + gamma_-) = -.1, 0, .1
THRESHOLDS = {
    0.1: (0.07808168, 0.08784105, 0.10277304),
    0.25: (0.13123765, 0.16666667, 0.22012654),
    0.5: (0.21231056, 0.35355339, 0.61231056),
    1.0: (0.325, math.inf, math.inf),
    4 / 3: (0.28996644, 0.86602540, 2.68996644),
    2.0: (0.21231056, 0.35355339, 0.61231056),
    10.0: (0.07808168, 0.08784105, 0.10277304),
}
# V_AB = V = gamma_-, gamma_+ = .5: K, detunings > 0 at which the unsynchronized state changes stability, stable at detuning 0
BOUNDARIES = [
    (-40, (30.757027, 40.209754), True), (-30, (20.232322, 30.222590), True), (-20, (8.501535, 20.251322), True),
    (-17, (3.103267, 17.268606), True), (-15, (15.285514,), False), (-10, (10.384142,), False), (-5, (), False),
    (-2, (), False), (0.1, (), False), (0.5, (0.966039, 3.393867), True), (1, (1.271885, 4.378938), True),
    (3, (3.053003, 7.693549), True), (5, (4.986067, 10.379149), True), (10, (9.920359, 16.257442), True),
    (15, (14.893130, 21.701896), True), (30, (29.861670, 37.297713), True), (40, (39.852955, 47.482566), True),
]
# fmt: on


def one_group(**changes):
    return SpinGroups(**{"groups": 1, "gamma_plus": 0.5, **changes})


def two_groups(**changes):
    return SpinGroups(**{"gamma_plus": 0.5, "coupling": 1.0, "intergroup_coupling": 1.0, **changes})


# --- closed forms: one group ------------------------------------------------------------------------------------------


def test_table_of_critical_couplings():
    for ratio, row in THRESHOLDS.items():
        total = 1.0 + ratio
        found = nadolny2023.critical_coupling(ratio, 1.0, total * np.array([-0.1, 0.0, 0.1])) / total
        np.testing.assert_allclose(found, row, rtol=0, atol=5e-9)


def test_threshold_is_where_the_unsynchronized_state_becomes_unstable():
    # property over random parameters: marginal at V_c to rounding, of either sign, at the predicted frequency
    rng = np.random.default_rng(5)
    for _ in range(50):
        plus, minus, k = rng.uniform(0.05, 2.0), rng.uniform(0.05, 2.0), rng.normal()
        system = one_group(gamma_plus=plus, gamma_minus=minus, asymmetry=k)
        for negative in (True, False):
            threshold = float(nadolny2023.critical_coupling(plus, minus, k, negative=negative))
            assert abs(nadolny2023.growth_rate(system.vary(coupling=threshold))) < 1e-10 * max(1.0, abs(threshold))
            assert nadolny2023.growth_rate(system.vary(coupling=1.01 * threshold)) > 0.0
            assert nadolny2023.growth_rate(system.vary(coupling=0.99 * threshold)) < 0.0
        values = np.linalg.eigvals(nadolny2023.stability_matrix(system.vary(coupling=threshold)))
        # <S^+> is the conjugate of what the matrix turns
        assert -values[values.real.argmax()].imag == pytest.approx(
            float(nadolny2023.onset_frequency(plus, minus, k)), abs=1e-9 * max(1.0, threshold)
        )


def test_critical_couplings_have_the_symmetries_of_the_model():
    plus, minus, k = np.array([0.2, 0.5, 1.0]), np.array([1.0, 0.7, 1.0]), np.array([0.3, -0.2, -0.4])
    found = nadolny2023.critical_coupling(plus, minus, k)
    np.testing.assert_allclose(found, nadolny2023.critical_coupling(minus, plus, k), rtol=1e-14)
    # (K, V) -> (-K, -V)
    np.testing.assert_allclose(found, -nadolny2023.critical_coupling(plus, minus, -k, negative=True), rtol=1e-14)


def test_equal_rates_have_no_threshold_unless_the_asymmetry_is_negative():
    assert np.isinf(nadolny2023.critical_coupling(1.0, 1.0, [0.0, 0.1, 3.0])).all()
    for coupling in (1.0, 1e3, 1e6):
        assert nadolny2023.growth_rate(one_group(gamma_plus=1.0, coupling=coupling)) <= 0.0
    # Eq. (G^2 + K^2)/8|K|
    assert float(nadolny2023.critical_coupling(1.0, 1.0, -0.2)) == pytest.approx(0.65, abs=1e-12)
    assert math.isnan(nadolny2023.onset_frequency(1.0, 1.0, 0.0))


# --- closed forms: two groups -----------------------------------------------------------------------------------------


def test_stability_boundaries_of_two_groups():
    for k, crossings, stable in BOUNDARIES:
        system = two_groups(asymmetry=k)

        def growth(detuning, system=system):
            return nadolny2023.growth_rate(system.vary(detuning=detuning))

        assert (growth(0.0) < 0.0) == stable
        for crossing in crossings:
            assert brentq(growth, crossing - 0.02, crossing + 0.02, xtol=1e-10) == pytest.approx(crossing, abs=6e-7)
        # and no other change of sign between 0 and 50
        signs = np.sign([growth(d) for d in np.linspace(0.0, 50.0, 251)])
        assert np.count_nonzero(np.diff(signs)) == len(crossings)


def test_boundary_is_where_the_susceptibilities_add_up():
    for k, crossings, _ in BOUNDARIES:
        for crossing in crossings[:1]:
            values = np.linalg.eigvals(nadolny2023.stability_matrix(two_groups(asymmetry=k, detuning=crossing)))
            growth = values[values.real.argmax()]
            chi = nadolny2023.susceptibility(growth, np.array([0.5, -0.5]) * crossing, 0.5, 1.0, k)
            assert abs(chi.sum() - 1.0) < 1e-9


def test_sync_windows():
    assert nadolny2023.sync_window(0.5, 1.0, 2.0) == pytest.approx((-16.45207075, 0.45207075), abs=5e-9)
    assert nadolny2023.sync_window(0.5, 1.0, 1.0) == pytest.approx((-8.17582327, 0.17582327), abs=5e-9)
    for edge in nadolny2023.sync_window(0.5, 1.0, 2.0):
        assert abs(nadolny2023.growth_rate(two_groups(asymmetry=edge))) < 1e-12
    # far apart, each group is on its own
    for edge in nadolny2023.sync_window(0.5, 1.0, 1.0):
        assert abs(nadolny2023.growth_rate(two_groups(asymmetry=edge, detuning=1e6))) < 1e-5
    assert math.isnan(nadolny2023.sync_window(1.0, 1.0, 0.1)[0])


def test_stability_of_two_groups_is_even_in_the_detuning():
    for k in (-12.0, 0.3, 7.0):
        there, back = (nadolny2023.growth_rate(two_groups(asymmetry=k, detuning=d)) for d in (8.1, -8.1))
        assert there == pytest.approx(back, abs=1e-13)


# --- the master equation ----------------------------------------------------------------------------------------------


def by_hand(system):
    """H of Eq. (1) by sums of Kronecker products; the oracle of the test below."""
    plus = np.sqrt(2.0) * np.diag([1.0, 1.0], -1)
    z, top = np.diag([-1.0, 0.0, 1.0]), np.diag([0.0, 0.0, 1.0])
    count = system.oscillators

    def place(operator, j):
        return np.kron(np.kron(np.eye(3**j), operator), np.eye(3 ** (count - 1 - j)))

    h = np.zeros((3**count, 3**count))
    for j in range(count):
        sign = 1.0 if j < system.size else -1.0
        h += 0.5 * sign * system.detuning * place(z, j) + system.asymmetry * place(top, j)
        h += system.drive * place(plus + plus.T, j)
        for k in range(j):
            same = (j < system.size) == (k < system.size)
            hop = place(plus, j) @ place(plus.T, k)
            h += (system.coupling if same else system.intergroup_coupling) / system.size * (hop + hop.T)
    return h


@pytest.mark.parametrize(("groups", "size"), [(1, 1), (1, 3), (2, 1), (2, 2)])
def test_hamiltonian_and_jumps_are_those_of_eq_1(groups, size):
    two = {"detuning": 0.7, "intergroup_coupling": 0.3} if groups == 2 else {}
    system = SpinGroups(groups=groups, size=size, asymmetry=1.3, coupling=0.9, drive=0.2, gamma_plus=0.4, **two)
    model = system.lindblad()
    np.testing.assert_allclose(model.hamiltonian.toarray(), by_hand(system), rtol=0, atol=1e-14)
    assert len(model.jumps) == 2 * groups * size
    # every oscillator ends in |1>
    free = quantum.steady_state(system.vary(coupling=0.0, drive=0.0, **dict.fromkeys(two, 0.0)).lindblad())
    for j in range(groups * size):
        np.testing.assert_allclose(free.populations(j), [0.0, 1.0, 0.0], atol=1e-12)
    means = [(state.conj().T @ state).trace().real for state in system.mean_raising()]
    assert means == pytest.approx([4 * 3 ** (groups * size - 1) / size] * groups)


def test_pair_operators_average_over_different_members():
    system = two_groups(size=2)
    plus, dims = quantum.operators.spin_plus(1), system.lindblad().dims
    s = [quantum.operators.embed(plus, j, dims).toarray() for j in range(4)]
    np.testing.assert_allclose(
        system.pair_operator(0, 0).toarray(), (s[0] @ s[1].T + s[1] @ s[0].T) / 2.0, rtol=0, atol=1e-14
    )
    across = sum(s[i] @ s[j].T for i in (0, 1) for j in (2, 3)) / 4.0
    np.testing.assert_allclose(system.pair_operator(0, 1).toarray(), across, rtol=0, atol=1e-14)
    with pytest.raises(ValueError, match="Argument `size` must be at least 2 for pairs within a group, but is 1"):
        one_group(size=1).pair_operator(0, 0)


def test_methods_for_all_systems_take_this_one():
    pair = two_groups(size=1, intergroup_coupling=0.01, asymmetry=10.0)
    methods = {name: {"levels": 3} for name in ("steadystate", "perturbation")}
    sync = compare.sweep(pair, {"detuning": [0.0, 10.0]}, methods)["sync"].values[..., 0]
    # first order, up to O(V^2)
    np.testing.assert_allclose(sync[0], sync[1], rtol=0.01)
    # resonant where the levels match: the blockade of two oscillators
    assert sync[0, 1] > 5.0 * sync[0, 0]


def test_mean_field_coupling_of_finite_groups():
    assert one_group(coupling=2.0).mean_field_coupling == 2.0
    assert one_group(coupling=2.0, size=4).mean_field_coupling == 1.5
    np.testing.assert_array_equal(two_groups(intergroup_coupling=0.2).field_couplings(), [[1.0, 0.2], [0.2, 1.0]])


# --- parameters and wrong input ---------------------------------------------------------------------------------------


def test_parameters_come_back():
    system = two_groups(size=3, asymmetry=-0.4, detuning=2.0)
    assert SpinGroups.from_parameters(system.parameters()) == system
    assert SpinGroups.from_parameters({"groups": 1}) == SpinGroups(groups=1)


def test_ratios_refer_to_the_rates_after_the_change():
    system = one_group().vary(coupling_ratio=0.6, asymmetry_ratio=-0.1, rate_ratio=2.0)
    assert (system.gamma_plus, system.coupling, system.asymmetry) == pytest.approx((2.0, 1.8, -0.3))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gamma_plus": -1.0}, "Argument `gamma_plus` must be non-negative, but is -1."),
        ({"gamma_plus": 0.0, "gamma_minus": 0.0}, "must not both be 0"),
        ({"groups": 3}, "Argument `groups` must be 1 or 2, but is 3."),
        ({"size": 0}, "Argument `size` must be a whole number of at least 1, but is 0."),
        ({"size": 2.5}, "Argument `size` must be a whole number"),
        ({"asymmetry": float("nan")}, "Argument `asymmetry` must be finite, but is nan."),
        ({"coupling": "strong"}, "Argument `coupling` must be a real number, but is 'strong'."),
        ({"groups": 1, "detuning": 1.0}, "Argument `detuning` must be 0 for one group, but is 1."),
        (
            {"groups": 1, "intergroup_coupling": 0.5},
            "Argument `intergroup_coupling` must be 0 for one group, but is 0.5.",
        ),
        ({"kerr": 1.0}, "Unknown parameter of nadolny2023.SpinGroups: 'kerr'"),
    ],
)
def test_wrong_parameters_are_refused_in_words(changes, message):
    with pytest.raises(ValueError, match=message) as caught:
        SpinGroups.from_parameters(changes)
    assert str(caught.value).count(".") <= 3
    assert "\n" not in str(caught.value)


def test_axes_that_set_one_parameter_twice_are_refused():
    with pytest.raises(ValueError, match="Axis `coupling_ratio` must not be changed together with `coupling`"):
        one_group().vary(coupling_ratio=0.3, coupling=1.0)
    with pytest.raises(ValueError, match="Unknown parameter"):
        one_group().vary(omega=1.0)


def test_faces_that_need_a_finite_number_say_so():
    with pytest.raises(ValueError, match="Argument `size` must be a number of oscillators here"):
        two_groups().lindblad()
    with pytest.raises(ValueError, match="at most 2187 states, but 8 oscillators have"):
        two_groups(size=4).lindblad()
    with pytest.raises(ValueError, match="Argument `levels` must be 3"):
        two_groups(size=1).lindblad(levels=2)
    with pytest.raises(
        ValueError, match="Argument `drive` must be 0 for the stability of the unsynchronized state, but is"
    ):
        nadolny2023.growth_rate(one_group(drive=0.1))
    with pytest.raises(ValueError, match="Argument `drive` must be 0 for the discrete Wigner ensemble, but is"):
        one_group(size=2, drive=0.1).discrete_wigner()
    with pytest.raises(ValueError, match="must be at most 1/3 in modulus"):
        nadolny2023.seeded_state(0.4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nadolny2023.critical_coupling(-1.0, 1.0, 0.0), "`gamma_plus` must be non-negative, but is -1.0"),
        (lambda: nadolny2023.critical_coupling(1.0, "fast", 0.0), "`gamma_minus` must hold numbers, but is 'fast'"),
        (lambda: nadolny2023.balanced_rotating_wave(-1.0, -1.0, 1.0), "`rate` must be positive, but is -1.0"),
        (lambda: nadolny2023.sync_window(0.0, 1.0, 1.0), "`gamma_plus` must be positive, but is 0.0"),
        (lambda: nadolny2023.driven_first_order(1.0, 0.0, 0.0, 0.1), "`gamma_minus` must be positive, but is 0.0"),
        (lambda: nadolny2023.pair_first_order(0.0, two_groups(size=3)), "two groups of one oscillator, but has 2 of 3"),
        (lambda: nadolny2023.seeded_state("a"), "`coherence` must be at most 1/3 in modulus, but is 'a'"),
    ],
)
def test_closed_forms_refuse_what_they_do_not_hold_for(call, message):
    with pytest.raises(ValueError, match=message):
        call()
