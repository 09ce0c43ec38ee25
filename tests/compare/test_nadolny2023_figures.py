"""The figures of Nadolny and Bruder 2023 as numbers: tables of an independent implementation, and the paper's claims.

Reference numbers: an independent implementation (numpy, scipy), its kernels checked against QuTiP; fourth-order steps.
"""

import json
import sys

import numpy as np
import pytest

import compare
import langevin
from compare.commands import cli
from compare.interfaces import find_method
from compare.methods.mean_fields import CLASSES, LOCKING_KINDS
from compare.plans import find_plan
from compare.plans.nadolny2023.paper import (
    COURSE,
    DECAY,
    DISCRETE_WIGNER,
    JUMPS,
    LOCKING,
    LONG_TIME,
    PAIR_FIRST_ORDER,
    PHASE_DISTRIBUTION,
    PHASE_OSCILLATORS,
    PICTURE,
    ROTATING_WAVE,
    STEADY,
)
from compare.systems import lorch2017, nadolny2023
from compare.systems.nadolny2023 import SpinGroups

# fmt: off
# Fig. 2(b), gamma_+ = gamma_-/2, K = 0; V/(gamma_+ + gamma_-): |<S+>|, nu, |rho01|, |rho12|, |rho02|, p0, p2
FIG2B = {
    0.36: (0.0440077961, -0.3535457493, 0.076456, 0.054226, 0.004201, 0.005970, 0.002985),
    0.4: (0.1035140457, -0.3531963704, 0.183240, 0.132303, 0.026525, 0.038722, 0.019361),
    0.5: (0.1384615961, -0.3507349224, 0.256709, 0.192722, 0.063394, 0.097516, 0.048758),
    0.6: (0.1419604464, -0.3469961597, 0.275442, 0.213633, 0.085343, 0.136296, 0.068148),
    0.8: (0.1308695735, -0.3380258182, 0.277433, 0.226449, 0.109521, 0.183606, 0.091803),
    1.0: (0.1167089497, -0.3286335041, 0.269353, 0.228297, 0.122262, 0.210797, 0.105398),
}
# Fig. 2(a): |<S+>| at t = 5, 10, 20
FIG2A = {0.2: (0.04136030, 0.02971895, 0.01243701), 0.6: (0.08621870, 0.11995436, 0.14421857)}
# Fig. 2(d), Omega = .1: (gamma_+/gamma_-, K/(gamma_+ + gamma_-)): s(k pi/4), k = 0 .. 7
FIG2D = {
    (0.5, -0.1): (0.0286465, -0.0169823, -0.0475309, -0.0313236, -0.0018997, 0.0097242, 0.0207841, 0.0385817),
    (0.5, 0.0): (0.0143227, -0.0215999, -0.0448696, -0.0215999, 0.0143227, 0.0215999, 0.0162242, 0.0215999),
    (0.5, 0.1): (-0.0018997, -0.0313236, -0.0475309, -0.0169823, 0.0286465, 0.0385817, 0.0207841, 0.0097242),
    (1.0, -0.1): (0.0288525, 0.0062443, -0.0155237, -0.0160855, -0.0117227, -0.0126055, -0.0016061, 0.0224467),
    (1.0, 0.0): (0.0096458, 0.0, -0.0096458, 0.0, 0.0096458, 0.0, -0.0096458, 0.0),
    (1.0, 0.1): (-0.0117227, -0.0160855, -0.0155237, 0.0062443, 0.0288525, 0.0224467, -0.0016061, -0.0126055),
}
# Fig. 3, T = 1000: detuning: omega_A - omega_B at V_AB = .25, .5, 1
FIG3_COUPLINGS = [0.25, 0.5, 1.0]
FIG3 = {
    0.0: (0.0, 0.0, 0.0), 0.15: (0.0, 0.0, 0.0), 0.2: (0.0, 0.0, 0.0), 0.25: (0.1633, 0.0, 0.0), 0.3: (0.2513, 0.0, 0.0),
    0.4: (0.3770, 0.3141, 0.0), 0.5: (0.4900, 0.4398, 0.0), 1.0: (1.0052, 1.0052, 1.0429), 2.0: (1.9979, 2.0104, 2.0607),
    3.0: (3.0031, 3.0156, 3.0408),
}
# V_AB: detuning at which the stationary lock is lost, kind, nu, phi_A - phi_B
LOCKS = {0.25: (0.209778, "hopf", -0.38063, 1.7567), 0.5: (0.359448, "hopf", -0.41396, 1.3484),
         1.0: (0.436569, "hopf", -0.38108, 1.1539)}
# Fig. 4, rows K from the top, columns detuning from -R to R
FIG4 = {
    15.0: ("O.......O", "OO.....OO", ".OO...OO.", "..O...O..", "####O####", "####O####", "#.OOOOO.#", ".OOOOOOO.", "OOOOOOOOO"),
    30.0: ("O.......O", ".O.....O.", "..O...O..", "...O.O...", "####O####", "###OOO###", "..OOOOO..", ".OO...OO.", "OO.....OO"),
}
# (delta, K): |<S+>_A|, |<S+>_B|, phi_A - phi_B
FULL = {
    (15.0, -15.0): (0.44353487, 0.50368171, 2.82471121), (7.5, -7.5): (0.45404101, 0.49599442, 2.79719524),
    (-11.25, 11.25): (0.38020289, 0.45633379, 2.90274130), (0.0, -7.5): (0.74333688, 0.74333688, 0.0),
}
# Fig. S1, (delta, K): first-order max s / V_AB, its phase, exact max s / V_AB at V_AB = .01 and .1, exact max s at V_AB = 1
FIGS1 = {
    (-10.0, 10.0): (0.58863488, 1.608279, 0.586761, 0.445843, 0.034280),
    (10.0, 10.0): (0.58863488, -1.608279, 0.586761, 0.445843, 0.034280),
    (-12.0, -12.0): (0.58876121, -1.539556, 0.586886, 0.445967, 0.031067),
    (0.0, 10.0): (0.08786306, 3.141593, 0.087892, 0.087865, 0.067032),
    (-12.0, 0.0): (0.0, None, 0.000022, 0.000220, 0.001825),
    (0.0, 0.0): (0.0, None, 0.005623, 0.034505, 0.008706),
    (-5.0, 3.0): (0.15444436, 0.452247, 0.154196, 0.144946, 0.015204),
}
# Fig. S4, V: T without coupling, T(N) for N = 50, 100, 200, 500, 1000, 2000, 3000
SIZES_S4 = [50, 100, 200, 500, 1000, 2000, 3000]
FIGS4 = {
    0.75: (7.3848, 5.90, 9.40, 15.62, 30.79, 53.55, 96.50, 137.80),
    1.0: (7.6968, 4.15, 6.59, 12.23, 26.58, 50.23, 95.91, 140.50),
    1.5: (8.3041, 2.69, 3.71, 7.30, 17.65, 35.25, 69.73, 103.76),
}
# fmt: on


def one_group(**changes):
    return SpinGroups(**{"groups": 1, "gamma_plus": 0.5, **changes})


def two_groups(**changes):
    return SpinGroups(**{"gamma_plus": 0.5, "coupling": 1.0, "intergroup_coupling": 1.0, **changes})


def computed(system, axes, method, **settings):
    """The dataset of one method, without the dimension `method`."""
    return compare.sweep(system, axes, {"it": {"method": method, **settings}}, threads=2).isel(method=0)


# --- one group --------------------------------------------------------------------------------------------------------


def test_rotating_waves_of_fig_2b():
    found = computed(one_group(), {"coupling_ratio": list(FIG2B)}, ROTATING_WAVE).isel(group=0)
    table = np.array(list(FIG2B.values()))
    np.testing.assert_allclose(found["order"], table[:, 0], rtol=0, atol=1e-8)
    np.testing.assert_allclose(found["rotation_frequency"], table[:, 1], rtol=0, atol=1e-8)
    np.testing.assert_allclose(found["coherence_modulus"], table[:, 2:5], rtol=0, atol=6e-7)
    np.testing.assert_allclose(found["level_population"][:, [0, 2]], table[:, 5:], rtol=0, atol=6e-7)
    # gain and loss balance: gamma_- p2 = gamma_+ p0
    np.testing.assert_allclose(
        found["level_population"][:, 2], 0.5 * found["level_population"][:, 0], rtol=0, atol=1e-12
    )
    assert float(found["residual"].max()) < 1e-12


def test_time_integration_ends_in_the_rotating_waves():
    # |V/V_c - 1| > .05
    ratios = [0.3, *(ratio for ratio in FIG2B if ratio != 0.36)]
    times = {"duration": 600.0, "samples": 1200, "average": 100, "seeds": [0.1]}
    found = computed(one_group(), {"coupling_ratio": ratios}, LONG_TIME, **times)
    np.testing.assert_allclose(
        found["order"].isel(group=0), [0.0, *(FIG2B[r][0] for r in ratios[1:])], rtol=0, atol=1e-6
    )
    np.testing.assert_allclose(found["pair_coherence"], found["order"] ** 2, rtol=0, atol=1e-9)


def test_courses_of_fig_2a():
    found = computed(
        one_group(), {"coupling_ratio": list(FIG2A)}, COURSE, seeds=[[0.1, 0.2]], duration=20.0, samples=20
    )
    moduli = np.abs(found["amplitude"].isel(group=0)).sel(time=[5.0, 10.0, 20.0])
    # what the default step is for
    np.testing.assert_allclose(moduli, list(FIG2A.values()), rtol=0, atol=1e-6)


def test_synchronization_sets_in_at_the_critical_coupling():
    # 5 % below nothing is left, 5 % above there is order; slowest growth about .005/gamma_-
    for ratio in (0.25, 0.5, 1.0, 2.0):
        for k in (-0.1, 0.0, 0.1):
            system = one_group().vary(rate_ratio=ratio, asymmetry_ratio=k)
            threshold = system.critical_coupling
            if np.isinf(threshold):
                threshold = 10.0
                couplings, expected = [threshold], [False]
            else:
                couplings, expected = [0.95 * threshold, 1.05 * threshold], [False, True]
            found = computed(
                system, {"coupling": couplings}, LONG_TIME, duration=3000.0, samples=300, average=10, seeds=[0.1]
            )["order"].values.ravel()
            assert ((found > 1e-3) == expected).all(), (ratio, k, found)


def test_phase_diagram_of_fig_2c_is_that_of_linear_stability():
    axes = {"rate_ratio": np.linspace(0.0, 2.0, 33)[1:], "coupling_ratio": np.linspace(0.0, 1.5, 33)}
    settings = {"duration": 600.0, "samples": 600, "average": 60, "seeds": [0.1], "dt": 0.05}
    order = computed(one_group(coupling=0.0), axes, LONG_TIME, **settings)["order"].values[..., 0]
    growth = np.array([
        [one_group().vary(rate_ratio=r, coupling_ratio=v).growth_rate for v in axes["coupling_ratio"]]
        for r in axes["rate_ratio"]
    ])  # fmt: skip
    clear = np.abs(growth) > 0.02
    assert clear.mean() > 0.95
    np.testing.assert_array_equal((order > 1e-3)[clear], (growth > 0.0)[clear])
    # the interference blockade: nothing at gamma_+ = gamma_-, whatever the coupling
    assert order[15].max() < 1e-3


def test_balanced_groups_are_the_closed_form():
    for k, v in ((-1.0, 1.0), (-0.2, 0.8), (-0.5, 3.0)):
        found = computed(one_group(gamma_plus=1.0, asymmetry=k, coupling=v), None, ROTATING_WAVE)
        order, frequency = nadolny2023.balanced_rotating_wave(1.0, k, v)
        assert float(found["order"].item()) == pytest.approx(order, abs=1e-9)
        assert float(found["rotation_frequency"].item()) == pytest.approx(frequency, abs=1e-9)
    assert nadolny2023.balanced_rotating_wave(1.0, -1.0, 1.0)[0] == pytest.approx(np.sqrt(3.0) / 4.0, abs=1e-15)
    assert nadolny2023.balanced_rotating_wave(1.0, 0.5, 10.0)[0] == 0.0


def test_phase_distributions_of_fig_2d():
    driven = one_group(size=1, coupling=0.0, drive=0.1)
    axes = {"rate_ratio": [0.5, 1.0], "asymmetry_ratio": [-0.1, 0.0, 0.1]}
    found = computed(driven, axes, PHASE_DISTRIBUTION)["spin_phase"]
    for (ratio, k), table in FIG2D.items():
        s = found.sel(rate_ratio=ratio, asymmetry_ratio=k).values[::8]
        np.testing.assert_allclose(s, table, rtol=0, atol=1e-7)
    # s(phi; -K) = s(pi - phi; K)
    mirrored = found.values[:, 0][:, (32 - np.arange(64)) % 64]
    np.testing.assert_allclose(mirrored, found.values[:, 2], rtol=0, atol=1e-12)


def test_weak_drive_is_first_order():
    import quantum

    for plus, k in ((0.5, 0.0), (0.7, -0.3)):
        driven = one_group(size=1, gamma_plus=plus, asymmetry=k, coupling=0.0, drive=1e-4)
        rho = quantum.steady_state(driven.lindblad()).dense()
        expected = nadolny2023.driven_first_order(plus, 1.0, k, 1e-4)
        np.testing.assert_allclose([rho[1, 0], rho[2, 1]], expected, rtol=1e-5)
    balanced = quantum.steady_state(one_group(size=1, gamma_plus=1.0, coupling=0.0, drive=0.1).lindblad()).dense()
    assert abs(balanced[1, 0] + balanced[2, 1]) < 1e-14
    assert balanced[2, 0] == pytest.approx(nadolny2023.balanced_two_photon_coherence(1.0, 0.1), abs=1e-13)


# --- two groups -------------------------------------------------------------------------------------------------------


def test_two_equal_groups_act_as_one_of_twice_the_coupling():
    found = computed(two_groups(), None, ROTATING_WAVE)
    np.testing.assert_allclose(found["order"], 0.0969080573, rtol=0, atol=1e-9)
    assert float(found["rotation_frequency"]) == pytest.approx(-0.3137484, abs=5e-8)
    alone = computed(one_group(coupling=2.0), None, ROTATING_WAVE)
    assert float(alone["order"].item()) == pytest.approx(0.0969080573, abs=1e-9)


def test_frequencies_of_fig_3():
    axes = {"intergroup_coupling": FIG3_COUPLINGS, "detuning": list(FIG3)}
    found = computed(two_groups(), axes, LONG_TIME, duration=1000.0, samples=10000)
    difference = found["dominant_frequency"].diff("group").isel(group=0)
    one_bin = 2.0 * np.pi / 500.0
    np.testing.assert_allclose(-difference, np.transpose(list(FIG3.values())), rtol=0, atol=1.01 * one_bin)
    # the mean slip agrees with them
    np.testing.assert_allclose(found["phase_slip"], -difference, rtol=0, atol=2.0 * one_bin)
    locked = np.transpose(list(FIG3.values())) == 0.0
    np.testing.assert_array_equal(found["sync_class"] == 2, locked)


def test_locking_thresholds():
    found = computed(two_groups(), {"intergroup_coupling": list(LOCKS)}, LOCKING)
    for coupling, (detuning, kind, frequency, phase) in LOCKS.items():
        there = found.sel(intergroup_coupling=coupling)
        assert float(there["locking_detuning"]) == pytest.approx(detuning, abs=1e-4)
        assert LOCKING_KINDS[int(there["locking_kind"])] == kind
        assert float(there["rotation_frequency"]) == pytest.approx(frequency, abs=1e-4)
        assert float(there["locking_phase"]) == pytest.approx(phase, abs=1e-3)


@pytest.mark.slow
def test_weakly_coupled_groups_are_adler_oscillators():
    found = computed(two_groups(), {"intergroup_coupling": [0.05, 0.1]}, LOCKING)
    assert (found["locking_kind"] == LOCKING_KINDS.index("saddle-node")).all()
    slope = found["locking_detuning"] / found["intergroup_coupling"]
    assert (abs(slope - 0.747) < 0.004).all()


@pytest.mark.parametrize("reach", FIG4)
def test_classes_of_fig_4(reach):
    axes = {"asymmetry": np.linspace(reach, -reach, 9), "detuning": np.linspace(-reach, reach, 9)}
    found = computed(two_groups(), axes, LONG_TIME)["sync_class"].values
    assert ["".join(".#O"[int(kind)] for kind in row) for row in found] == list(FIG4[reach])
    assert len(CLASSES) == 3


def test_full_synchronization_of_fig_4():
    for (delta, k), expected in FULL.items():
        there, back = (computed(two_groups(asymmetry=k, detuning=d), None, LONG_TIME) for d in (delta, -delta))
        found = [*there["order"].values, float(there["relative_phase"])]
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
        # exchanging the groups
        np.testing.assert_allclose(back["order"].values[::-1], there["order"].values, rtol=0, atol=1e-9)
        assert float(back["relative_phase"]) == pytest.approx(-float(there["relative_phase"]), abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("reach", "side", "counts"), [(15.0, 33, (440, 205, 444)), (40.0, 41, (1169, 162, 350))])
def test_counts_of_fig_4_on_finer_grids(reach, side, counts):
    axes = {"asymmetry": np.linspace(-reach, reach, side), "detuning": np.linspace(-reach, reach, side)}
    found = computed(two_groups(), axes, LONG_TIME)
    kinds = found["sync_class"].values
    growth = np.array([
        [two_groups(asymmetry=k, detuning=d).growth_rate for d in axes["detuning"]] for k in axes["asymmetry"]
    ])  # fmt: skip
    clear = np.abs(growth) > 0.02
    np.testing.assert_array_equal((kinds > 0)[clear], (growth > 0.0)[clear])
    unclear = np.count_nonzero(~clear)
    for kind, count in enumerate(counts):
        # locking has no margin that linear stability could tell: a point on its edge may go either way
        assert abs(np.count_nonzero(kinds == kind) - count) <= unclear + 2


def test_groups_synchronize_where_they_differ_but_not_where_they_are_alike():
    k = 20.0
    found = computed(two_groups(asymmetry=k), {"detuning": [0.0, 10.0, 22.0]}, LONG_TIME)["sync_class"].values
    assert found.tolist() == [0.0, 0.0, 2.0]
    found = computed(two_groups(asymmetry=-k), {"detuning": [0.0, 14.0]}, LONG_TIME)["sync_class"].values
    assert found.tolist() == [0.0, 2.0]


# --- two oscillators --------------------------------------------------------------------------------------------------


def test_tables_of_fig_s1():
    for (delta, k), (first, angle, *exact) in FIGS1.items():
        pair = SpinGroups(size=1, gamma_plus=0.5, coupling=0.0, detuning=delta, asymmetry=k, intergroup_coupling=0.01)
        closed = computed(pair, None, PAIR_FIRST_ORDER)
        assert float(closed["spin_phase_peak"]) / 0.01 == pytest.approx(first, abs=1e-8)
        solved = computed(pair, None, PHASE_DISTRIBUTION, order="first")
        assert float(solved["spin_phase_peak"]) / 0.01 == pytest.approx(first, abs=1e-8)
        if angle is not None:
            for found in (closed, solved):
                assert abs(np.exp(1j * float(found["spin_phase_angle"])) - np.exp(1j * angle)) < 1e-6
        for coupling, expected in zip((0.01, 0.1, 1.0), exact, strict=True):
            peak = computed(pair.vary(intergroup_coupling=coupling), None, PHASE_DISTRIBUTION)["spin_phase_peak"]
            assert float(peak) / (coupling if coupling < 1.0 else 1.0) == pytest.approx(expected, abs=1e-6)


# --- finite groups ----------------------------------------------------------------------------------------------------


def test_lifetimes_of_fig_s4():
    for coupling, (free, *lifetimes) in FIGS4.items():
        group = one_group(coupling=coupling)
        uncoupled = computed(group.vary(size=2), None, DECAY, engine="uncoupled", duration=40.0)
        assert float(uncoupled["lifetime"]) == pytest.approx(free, rel=0.01)
        found = computed(group, {"size": SIZES_S4}, DECAY, duration=160.0, samples=1600)["lifetime"].values
        np.testing.assert_allclose(found, lifetimes, rtol=0.01)
        # linear in N to a few percent, as the paper says
        fit = np.polynomial.Polynomial.fit(SIZES_S4[3:], found[3:], 1)
        np.testing.assert_allclose(fit(np.array(SIZES_S4[3:])), found[3:], rtol=0.05)


def test_cumulants_of_two_oscillators_are_exact():
    group = one_group(coupling=0.75, size=2)
    settings = {"duration": 10.0, "samples": 100}
    found = [
        computed(group, None, DECAY, engine=e, **settings)["group_amplitude"] for e in ("cumulants", "permutation")
    ]
    np.testing.assert_allclose(*found, rtol=0, atol=1e-8)


def test_two_ways_to_the_same_steady_state():
    for system in (one_group(size=3, coupling=0.9), two_groups(size=2, asymmetry=3.0, detuning=2.5)):
        product, symmetric = (computed(system, None, STEADY, space=space) for space in ("product", "symmetric"))
        np.testing.assert_allclose(product["pair_coherence"], symmetric["pair_coherence"], rtol=0, atol=1e-11)
        if system.groups == 2:
            assert complex(product["cross_coherence"]) == pytest.approx(
                complex(symmetric["cross_coherence"]), abs=1e-11
            )


def test_interference_blockade_is_exact_at_every_size():
    blocked = one_group(gamma_plus=1.0, coupling=1.2)
    found = computed(blocked, {"size": [2, 3, 5]}, STEADY)["pair_coherence"].values
    assert abs(found).max() < 1e-13
    lifted = computed(blocked.vary(asymmetry=-0.2), {"size": [2, 3, 5, 8]}, STEADY)["pair_coherence"].values.ravel()
    assert (np.diff(lifted) < 0.0).all()
    # from above towards the mean field
    assert lifted[-1] > nadolny2023.balanced_rotating_wave(1.0, -0.2, 1.2)[0] ** 2


def test_quantum_jumps_agree_with_the_steady_state():
    pair = two_groups(size=1, asymmetry=10.0, detuning=13.0)
    exact = complex(computed(pair, None, STEADY)["cross_coherence"])
    jumps = computed(pair, None, JUMPS, trajectories=64, duration=400.0)
    error = complex(jumps["cross_coherence_stderr"])
    off = complex(jumps["cross_coherence"]) - exact
    assert abs(off.real) < 4.5 * error.real < 0.2 * abs(exact)
    assert abs(off.imag) < 4.5 * error.imag


# --- classical pictures -----------------------------------------------------------------------------------------------


def test_phase_oscillators_synchronize_at_their_closed_form_only_for_negative_asymmetry():
    threshold = float(nadolny2023.phase_critical_coupling(0.5, 1.0, -0.3))
    for factor, sign in ((0.99, -1.0), (1.01, 1.0)):
        group = one_group(size=10, asymmetry=-0.3, coupling=factor * threshold)
        assert np.sign(langevin.incoherence_growth(group.kuramoto()).real.max()) == sign
    assert threshold == pytest.approx(0.75**2 / 1.2)
    for k in (0.0, 0.3):
        assert np.isinf(nadolny2023.phase_critical_coupling(0.5, 1.0, k))
        strong = one_group(size=10, asymmetry=k, coupling=1e3).kuramoto()
        assert langevin.incoherence_growth(strong).real.max() < 0.0


def test_no_phase_lag_makes_symmetric_phase_oscillators_synchronize():
    for plus in (0.2, 0.5, 2.0):
        answer = complex(nadolny2023.susceptibility(0.0, 0.0, plus, 1.0, 0.0))
        assert abs(answer.real) < 1e-15 < abs(answer.imag)
        # and yet infinite quantum groups do
        assert np.isfinite(nadolny2023.critical_coupling(plus, 1.0, 0.0))


def test_phase_oscillators_do_not_synchronize_because_they_differ():
    for k, expected in ((-3.0, True), (3.0, False)):
        for detuning in (0.0, 2.0):
            growth = langevin.incoherence_growth(two_groups(size=10, asymmetry=k, detuning=detuning).kuramoto())
            assert (growth.real.max() > 0.0) == expected
    # where the quantum groups are blocked, being alike, the phases lock
    blocked = two_groups(size=10, asymmetry=-20.0)
    assert blocked.infinite().growth_rate < 0.0 < langevin.incoherence_growth(blocked.kuramoto()).real.max()


def test_discrete_wigner_shows_the_interference_blockade_and_its_lifting():
    runs = {"trajectories": 128, "duration": 60.0, "burn_in": 20.0}
    group = one_group(size=30, gamma_plus=1.0, coupling=1.2)
    blocked = computed(group, None, DISCRETE_WIGNER, **runs)
    assert abs(float(blocked["pair_coherence"].item())) < 4.5 * float(blocked["pair_coherence_stderr"].item())
    lifted = computed(group.vary(asymmetry=-0.2), None, DISCRETE_WIGNER, **runs)
    expected = nadolny2023.balanced_rotating_wave(1.0, -0.2, 1.2)[0] ** 2
    assert float(lifted["pair_coherence"].item()) > expected / 2.0 + 4.5 * float(lifted["pair_coherence_stderr"].item())


@pytest.mark.slow
def test_discrete_wigner_shows_the_blockade_of_two_groups_and_phase_oscillators_do_not():
    runs = {"trajectories": 64, "duration": 50.0, "burn_in": 20.0, "sample_every": 0.5}
    pair = two_groups(size=30, asymmetry=12.0)
    found = computed(pair, {"detuning": [0.0, 14.0]}, DISCRETE_WIGNER, dt=0.0125, **runs)
    alike, different = np.abs(found["cross_coherence"].values)
    errors = np.abs(found["cross_coherence_stderr"].values)
    # alike, members of both groups align in antiphase, frustrated in large groups: exact at N = 3, falling as 1/N or faster
    three = abs(complex(computed(pair.vary(size=3), None, STEADY)["cross_coherence"]))
    assert alike < three * 3 / 30 + 4.5 * errors[0]
    # different, they synchronize as the infinite groups do, to a quarter of the coherence
    wave = computed(pair.vary(size=None, detuning=14.0), None, LONG_TIME)["cross_coherence"]
    assert abs(different - abs(complex(wave))) < 0.25 * abs(complex(wave)) + 4.5 * errors[1]
    assert different > 5.0 * alike
    phases = computed(pair, {"detuning": [0.0, 14.0]}, PHASE_OSCILLATORS, dt=0.0125, size=50, **runs)
    assert (phases["pair_coherence"] < 4.5 * phases["pair_coherence_stderr"]).all()


# --- bits -------------------------------------------------------------------------------------------------------------


def test_points_have_the_same_bits_alone_and_together():
    method = find_method(LONG_TIME)
    systems = [two_groups(detuning=d, asymmetry=k) for d, k in ((0.0, 0.0), (3.0, -2.0), (-7.0, 5.0))]
    systems += [two_groups(drive=0.05), two_groups(intergroup_coupling=0.0)]
    settings = method.settings(systems[0], {"duration": 20.0, "samples": 200, "average": 20, "coherences": True})
    together = method.run_many(systems, settings, [0] * len(systems), 2)
    for system, found in zip(systems, together, strict=True):
        alone = method.run(system, settings, 0, 1)
        assert alone.keys() == found.keys()
        for name, value in alone.items():
            np.testing.assert_array_equal(value, found[name], err_msg=name)


# --- plans and wrong input --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["figS2", "figS3", "figS4", "finite"])
def test_full_plans_can_be_made(name):
    for plan in find_plan(f"nadolny2023_{name}").panels(quick=False).values():
        assert json.loads(json.dumps(plan.to_dict()))["system"]["name"] == "nadolny2023.SpinGroups"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "panel"), [("fig2", "c"), ("fig3", "map"), ("fig4", "")])
def test_maps_are_of_the_papers_resolution(name, panel):
    plan = find_plan(f"nadolny2023_{name}").panels(quick=False)[panel]
    assert plan.shape[1:] == (PICTURE, PICTURE) == (255, 255)


@pytest.mark.parametrize(
    ("method", "settings", "message"),
    [
        (LONG_TIME, {"seeds": [0.1]}, "Argument `seeds` must have 2 entries, one per group, but has 1"),
        (LONG_TIME, {"seeds": [0.5, 0.0]}, "Argument `coherence` must be at most 1/3 in modulus, but is"),
        (LONG_TIME, {"seeds": 0.1}, "Argument `seeds` must list one coherence per group, but is 0.1"),
        (LONG_TIME, {"seeds": [[0.1, 0.2, 0.3], 0.0]}, "must be a number or [real, imaginary]"),
        (LONG_TIME, {"average": 20000}, "Argument `average` must be at most `samples` = 10000, but is 20000"),
        (LONG_TIME, {"duration": -1.0}, "Argument `duration` must be positive, but is -1"),
        (LONG_TIME, {"dt": 5.0}, "Argument `dt` must be between 0 and"),
        (STEADY, {}, "Argument `size` must be a number of oscillators here, but is None"),
        (STEADY, {"space": "half"}, "Argument `space` must be one of 'auto', 'product', 'symmetric', but is 'half'"),
        (DISCRETE_WIGNER, {"dt": 0.3}, "Argument `dt` must divide `sample_every` (0.25), but is 0.3"),
        (PHASE_DISTRIBUTION, {"order": 1}, "Argument `order` must be one of 'exact', 'first', but is 1"),
    ],
)
def test_wrong_settings_end_a_run_with_one_sentence_and_code_2(
    tmp_path, capsys, monkeypatch, method, settings, message
):
    plan = {"system": {"name": "nadolny2023.SpinGroups", "parameters": {"intergroup_coupling": 1.0}},
            "methods": {"it": {"method": method, **settings}}}  # fmt: skip
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["syncblockade", "run", str(file), "--out", str(tmp_path / "out"), "--quiet"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert message in told
    assert told.startswith("Error: ")
    assert told.count("\n") == 1


def test_methods_for_other_systems_are_refused_in_words():
    with pytest.raises(ValueError, match="Method 'LOCKING' needs two groups, but there is 1"):
        computed(one_group(), None, LOCKING)
    with pytest.raises(ValueError, match="needs parameters at which infinite groups synchronize"):
        computed(one_group(size=5, coupling=0.1), None, DECAY)
    with pytest.raises(ValueError, match="needs one or two oscillators, but there are 4"):
        computed(two_groups(size=2), None, PHASE_DISTRIBUTION)
    kerr = lorch2017.KerrOscillators.pair(detuning=0.0, coupling=0.1, kerr=1.0, n_plus=1, sigma=0.2)
    with pytest.raises(ValueError, match="Method 'LONG_TIME' needs a system with `mean_fields`"):
        compare.sweep(kerr, None, {"it": {"method": LONG_TIME}})
