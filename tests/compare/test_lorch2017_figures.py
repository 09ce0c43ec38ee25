"""The maps of Loerch et al. 2017 against independent reference values, and the claims that the paper makes about them.

Reference numbers: exact steady states of an independent implementation (numpy, scipy), cross-checked against QuTiP 5.3.1, at
the stated numbers of levels.
"""

import numpy as np
import pytest

import compare
from compare.agreement import agree, pick
from compare.plans import find_plan
from compare.plans.lorch2017 import fig3, fig4, fig5
from compare.sweeps import run as run_plan
from compare.systems.lorch2017 import KerrOscillators

# fmt: off
# 14 levels, V = .1, n_plus = 4, K = 1/sigma
DETUNINGS_3A = [-16, -12, -8, -4, 0, 4, 8, 12, 16]
FIG3A = {
    0.2: [0.064348052130, 0.114953699756, 0.146892113400, 0.130095483543, 0.120541283732, 0.130095483543,
        0.146892113400, 0.114953699756, 0.064348052130],
    0.4: [0.027021630983, 0.038405965451, 0.064713844757, 0.084882304722, 0.090937992608, 0.084882304722,
        0.064713844757, 0.038405965451, 0.027021630983],
    0.6: [0.018052405573, 0.026549894336, 0.036600934074, 0.048499437993, 0.052741633959, 0.048499437993,
        0.036600934074, 0.026549894336, 0.018052405573],
    0.8: [0.013224652438, 0.019530454564, 0.026607305577, 0.032650958282, 0.034996685769, 0.032650958282,
        0.026607305577, 0.019530454564, 0.013224652438],
}
# the same at detuning 0, n_plus of the second oscillator varied
NUMBERS_3B = [2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0]
FIG3B = {
    0.2: [0.075210869714, 0.097709217524, 0.140960838573, 0.111386973727, 0.120541283732, 0.114467877574,
        0.140443504864, 0.101748189211, 0.103881949149],
    0.4: [0.053904947722, 0.063505106501, 0.080781606216, 0.084703013429, 0.090937992608, 0.087294457129,
        0.080957657908, 0.070157245560, 0.060920224178],
    0.6: [0.041207548263, 0.045950923558, 0.050446310850, 0.052817774469, 0.052741633959, 0.052943637149,
        0.049550368749, 0.047880302624, 0.042427301990],
    0.8: [0.032533412181, 0.033951504552, 0.034722555178, 0.035390471198, 0.034996685769, 0.035123990279,
        0.033916737770, 0.033639319210, 0.031837862729],
}
# 14 levels, V = .1, n_plus = 4, sigma = .2
DETUNINGS_3D = [0, 4, 8, 12, 20]
FIG3D = {
    0.0: [0.242182271243, 0.008509116519, 0.001940714277, 0.000687502602, 0.000168517646],
    0.5: [0.073738042791, 0.036299282744, 0.017983787879, 0.009719860399, 0.004018638672],
    1.0: [0.115518071585, 0.133576598867, 0.034175382835, 0.017074272591, 0.007960034909],
    2.0: [0.152498920444, 0.134734277369, 0.137548444329, 0.034874024223, 0.011576035534],
    3.0: [0.150561582288, 0.152536221571, 0.110594677748, 0.119836554163, 0.019331061574],
    5.0: [0.120541283732, 0.130095483543, 0.146892113400, 0.114953699756, 0.087423759174],
    10.0: [0.070072507530, 0.072637286901, 0.080465530987, 0.096694968045, 0.139722051364],
}
# 4 levels, K = 10, n_plus = 1, sigma = .2: (detuning of C, V1, V2, S_AC, S_AB)
FIG4 = [
    (-20.0, 0.25, -1.0, 0.177197754717, 0.193007124392),
    (-20.0, 0.25, -0.5, 0.235166626604, 0.052770125637),
    (-20.0, 0.25, -0.25, 0.256304896596, 0.013346096365),
    (-20.0, 0.25, 0.0, 0.264394931414, 0.075621618758),
    (-20.0, 0.25, 0.25, 0.258441781540, 0.129650171558),
    (-20.0, 0.25, 0.5, 0.242649581563, 0.178479886010),
    (-20.0, 0.25, 1.0, 0.200985000751, 0.272762787439),
    (-20.0, 0.5, -1.0, 0.263272578450, 0.112242519187),
    (-20.0, 0.5, -0.5, 0.293729552518, 0.028088790187),
    (-20.0, 0.5, -0.25, 0.296007709677, 0.094952643820),
    (-20.0, 0.5, 0.0, 0.291521043096, 0.153216372939),
    (-20.0, 0.5, 0.25, 0.283895057528, 0.202750952672),
    (-20.0, 0.5, 0.5, 0.275174577212, 0.246345858339),
    (-20.0, 0.5, 1.0, 0.253615899449, 0.326661228436),
    (-20.0, 1.0, -1.0, 0.271509305113, 0.023733229083),
    (-20.0, 1.0, -0.5, 0.254420344242, 0.085121271984),
    (-20.0, 1.0, -0.25, 0.239828275522, 0.139317537502),
    (-20.0, 1.0, 0.0, 0.223857551481, 0.191039693152),
    (-20.0, 1.0, 0.25, 0.209141069411, 0.240128905937),
    (-20.0, 1.0, 0.5, 0.197610927152, 0.286727495642),
    (-20.0, 1.0, 1.0, 0.184698343906, 0.372854654162),
    (20.0, 0.25, -1.0, 0.215747256448, 0.120249534062),
    (20.0, 0.25, -0.5, 0.263160178149, 0.022598610628),
    (20.0, 0.25, -0.25, 0.278113341722, 0.081571977236),
    (20.0, 0.25, 0.0, 0.285819574437, 0.134713813504),
    (20.0, 0.25, 0.25, 0.287019628331, 0.183276305037),
    (20.0, 0.25, 0.5, 0.283314533423, 0.229048044364),
    (20.0, 0.25, 1.0, 0.268106012398, 0.316421182349),
    (20.0, 0.5, -1.0, 0.302867524061, 0.039115967238),
    (20.0, 0.5, -0.5, 0.330630655880, 0.142713859651),
    (20.0, 0.5, -0.25, 0.335830643858, 0.182503515855),
    (20.0, 0.5, 0.0, 0.336221443894, 0.217228778065),
    (20.0, 0.5, 0.25, 0.332857690313, 0.249479045490),
    (20.0, 0.5, 0.5, 0.326727500180, 0.281122136347),
    (20.0, 0.5, 1.0, 0.309481279124, 0.345546870184),
    (20.0, 1.0, -1.0, 0.267872771005, 0.082353485862),
    (20.0, 1.0, -0.5, 0.262475183244, 0.126113149712),
    (20.0, 1.0, -0.25, 0.259062701083, 0.146809140317),
    (20.0, 1.0, 0.0, 0.255685677457, 0.168302905658),
    (20.0, 1.0, 0.25, 0.252519589097, 0.191115440156),
    (20.0, 1.0, 0.5, 0.249617567347, 0.215334179721),
    (20.0, 1.0, 1.0, 0.244417090806, 0.266936350033),
]
# V = .5, the other parameters as in FIG4: (levels, detuning of A and D, S_AB, S_AD)
FIG5 = [
    (3, -20.0, 0.273561630809, 0.115866800112),
    (3, 0.0, 0.124459317576, 0.031841435981),
    (3, 10.0, 0.163772934578, 0.043254876295),
    (3, 20.0, 0.273561630809, 0.179454395506),
    (3, 25.0, 0.171872337982, 0.054503417204),
    (4, -20.0, 0.264616703005, 0.117707143013),
    (4, 0.0, 0.122966682337, 0.032075667646),
    (4, 10.0, 0.163093863745, 0.043299508649),
    (4, 20.0, 0.264616703006, 0.176681542193),
    (4, 25.0, 0.155288459476, 0.050812684417),
    (5, 0.0, 0.122204566051, 0.031884660016),
    (5, 20.0, 0.262955637247, 0.175220979897),
]
# 3 levels, V = .8, n_plus = 1, sigma = .2, by K
DETUNINGS_7 = [-45, -30, -28, -15, 0, 15, 28, 30, 45]
FIG7 = {
    0.0: [0.001082483957, 0.002419007772, 0.002771886335, 0.009329601303, 0.170064746450, 0.009329601303,
        0.002771886335, 0.002419007772, 0.001082483957],
    15.0: [0.098246838194, 0.380358639383, 0.441541253942, 0.171906972684, 0.130490473220, 0.171906972684,
        0.441541253942, 0.380358639383, 0.098246838194],
}
# fmt: on


def pair(**changes):
    """The pair of Fig. 3."""
    return KerrOscillators.pair(**{"detuning": 0.0, "coupling": 0.1, "kerr": 5.0, "n_plus": 4, "sigma": 0.2, **changes})


def sync(system, axes, levels, zipped=None):
    """S of every pair along `axes`, dims (*axes, pair)."""
    ds = compare.sweep(system, axes, {"steadystate": {"levels": levels}}, zipped=zipped)
    assert float(ds["residual"].max()) < 1e-11
    return ds["sync"].isel(method=0)


def widths(values):
    return {"sigma": list(values), "kerr": [1.0 / value for value in values]}


# --- tables -----------------------------------------------------------------------------------------------------------


def test_table_of_fig_3a():
    found = sync(pair(), {**widths(FIG3A), "detuning": DETUNINGS_3A}, 14, ["sigma", "kerr"]).isel(pair=0)
    np.testing.assert_allclose(found, list(FIG3A.values()), rtol=0, atol=1e-9)


def test_table_of_fig_3b():
    found = sync(pair(), {**widths(FIG3B), "n_plus[1]": NUMBERS_3B}, 14, ["sigma", "kerr"]).isel(pair=0)
    np.testing.assert_allclose(found, list(FIG3B.values()), rtol=0, atol=1e-9)


def test_table_of_fig_3d():
    found = sync(pair(), {"kerr": list(FIG3D), "detuning": DETUNINGS_3D}, 14).isel(pair=0)
    np.testing.assert_allclose(found, list(FIG3D.values()), rtol=0, atol=1e-9)


def three(detuning, indirect, direct, kerr=10.0):
    coupling = [[0.0, direct, indirect], [direct, 0.0, indirect], [indirect, indirect, 0.0]]
    return KerrOscillators(omega=[0.0, 0.0, detuning], kerr=kerr, coupling=coupling, n_plus=1, sigma=0.2)


def steady_syncs(system, levels):
    return sync(system, None, levels).values


def test_table_of_fig_4():
    for detuning, indirect, direct, ac, ab in FIG4:
        found = steady_syncs(three(detuning, indirect, direct), 4)
        np.testing.assert_allclose(found, [ab, ac, ac], rtol=0, atol=1e-6)


def ring(detuning, coupling=0.5):
    matrix = np.zeros((4, 4))
    for j, k in ((0, 1), (1, 3), (3, 2), (2, 0)):
        matrix[j, k] = matrix[k, j] = coupling
    return KerrOscillators(omega=[detuning, 0.0, 0.0, detuning], kerr=10.0, coupling=matrix, n_plus=1, sigma=0.2)


@pytest.mark.parametrize("levels", [3, 4, pytest.param(5, marks=pytest.mark.slow)])
def test_table_of_fig_5(levels):
    for _, detuning, ab, ad in (row for row in FIG5 if row[0] == levels):
        found = steady_syncs(ring(detuning), levels)
        np.testing.assert_allclose(found[[0, 2]], [ab, ad], rtol=0, atol=1e-6)


def test_table_of_fig_7():
    system = pair(coupling=0.8, n_plus=1)
    found = sync(system, {"kerr": list(FIG7), "detuning": DETUNINGS_7}, 3).isel(pair=0)
    np.testing.assert_allclose(found, list(FIG7.values()), rtol=0, atol=1e-9)


def test_two_levels_do_not_synchronize_at_any_detuning():
    found = sync(pair(coupling=0.8, n_plus=1), {"kerr": [0.0, 15.0], "detuning": DETUNINGS_7}, 2)
    assert float(abs(found).max()) < 1e-12


# --- what the paper says ----------------------------------------------------------------------------------------------


def peaks(x, y):
    """Places of the local maxima."""
    inner = (y[1:-1] > y[:-2]) & (y[1:-1] > y[2:])
    return x[1:-1][inner]


def test_fig_3a_two_maxima_merge():
    x = np.linspace(-12.0, 12.0, 49)
    found = sync(pair(), {**widths([0.2, 0.6, 0.8]), "detuning": x}, 14, ["sigma", "kerr"]).isel(pair=0).values
    narrow = peaks(x, found[0])
    assert narrow.size == 2
    np.testing.assert_allclose(np.abs(narrow), 2 * 5.0, atol=2.0)
    for curve in found[1:]:
        np.testing.assert_array_equal(peaks(x, curve), [0.0])


def test_fig_3b_unequal_amplitudes_synchronize_in_the_quantum_regime():
    x = np.linspace(2.0, 6.0, 41)
    found = sync(pair(), {**widths([0.1, 0.2, 0.6]), "n_plus[1]": x}, 14, ["sigma", "kerr"]).isel(pair=0).values
    equal = int(np.flatnonzero(x == 4.0)[0])
    for curve in found[:2]:
        for side in (x < 4.0, x > 4.0):
            # within a quarter of a quantum of n1 -+ 1: the maximum is split in two there
            assert abs(abs(x[side][curve[side].argmax()] - 4.0) - 1.0) < 0.3
        assert curve[[10, 30]].min() > curve[equal]
    assert abs(x[found[2].argmax()] - 4.0) <= 0.5
    # flat: at n1 itself S is 1.2 % below its maximum
    assert found[2][equal] > 0.98 * found[2].max() > found[2][[0, -1]].max()


def test_fig_3d_one_peak_then_suppression_then_two():
    x = np.linspace(-24.0, 24.0, 97)
    kerrs = [0.0, 0.5, 5.0, 7.5, 10.0]
    found = sync(pair(), {"kerr": kerrs, "detuning": x}, 14).isel(pair=0).values
    middle = x.size // 2
    np.testing.assert_array_equal(peaks(x, found[0]), [0.0])
    assert found[1][middle] < found[0][middle] / 2
    for kerr, curve in zip(kerrs[2:], found[2:], strict=True):
        assert abs(abs(x[curve.argmax()]) - 2 * kerr) < 2.0
        assert curve[middle] < 0.9 * curve.max()
    # nearer and nearer to the resonance, in units of it
    away = [abs(abs(x[curve.argmax()]) / (2 * kerr) - 1) for kerr, curve in zip(kerrs[2:], found[2:], strict=True)]
    assert away[0] > away[-1]


def test_resonances_of_fig_3c_follow_the_larger_oscillator():
    # with H of Eq. (1): Delta - 2 K (n1 - n2) +- 2 K = 0; Eq. (7) prints + 2 K Delta n
    for second, difference in ((3, 1), (5, -1)):
        system = pair().vary(**{"n_plus[1]": second})
        near, far = (
            steady_syncs(system.vary(detuning=20.0 * difference), 14),
            steady_syncs(system.vary(detuning=-20.0 * difference), 14),
        )
        assert near[0] > 3 * far[0]


def test_identical_oscillators_synchronize_through_a_detuned_one():
    x = np.linspace(-30.0, 30.0, 61)
    blocked, lifted = steady_syncs(three(0.0, 0.5, 0.0), 4)[0], []
    found = sync(three(0.0, 0.5, 0.0), {"omega[2]": x}, 4).values
    for side in (x < 0, x > 0):
        for which in (0, 1):
            assert abs(abs(x[side][found[side, which].argmax()]) - 20.0) <= 2.0
        lifted.append(found[side, 0].max())
    assert min(lifted) > 5 * blocked
    detuned, same = (steady_syncs(ring(d), 3) for d in (20.0, 0.0))
    assert detuned[2] > 4 * same[2]
    assert detuned[0] > 2 * same[0]


def test_identical_oscillators_of_the_ring_are_resonant_near_2k():
    # Fig. 5(b): A-D over the detuning of A and D from B and C
    x = np.linspace(-30.0, 30.0, 31)
    found = sync(ring(0.0, 0.5), {"omega[0]": x, "omega[3]": x}, 3, ["omega[0]", "omega[3]"]).values[:, 2]
    for side in (x < 0, x > 0):
        assert abs(abs(x[side][found[side].argmax()]) - 20.0) <= 4.0
        assert found[side].max() > 4 * found[15]


def test_direct_link_suppresses_synchronization_for_one_sign():
    # Fig. 4(d): a strip of suppressed S_AB, at V2 < 0 for Delta = + 2 K
    against, along = steady_syncs(three(20.0, 0.25, -0.5), 4)[0], steady_syncs(three(20.0, 0.25, 0.5), 4)[0]
    without, alone = steady_syncs(three(20.0, 0.25, 0.0), 4)[0], steady_syncs(three(20.0, 1e-9, -0.5), 4)[0]
    assert against < 0.25 * min(without, alone)
    assert along > max(without, alone)


def test_only_the_loop_of_couplings_matters():
    rng = np.random.default_rng(7)
    base = three(13.0, 0.6, -0.4)
    expected = steady_syncs(base, 3)
    phases = np.exp(1j * rng.uniform(0, 2 * np.pi, 3))
    turned = np.array(base.coupling) * np.outer(phases, phases.conj())
    np.testing.assert_allclose(steady_syncs(base.vary(coupling=(turned + turned.conj().T) / 2), 3), expected, atol=1e-9)
    np.testing.assert_allclose(steady_syncs(three(13.0, -0.6, -0.4), 3), expected, atol=1e-9)
    assert abs(steady_syncs(three(13.0, 0.6, 0.4), 3)[0] - expected[0]) > 0.01
    # complex conjugation
    np.testing.assert_allclose(steady_syncs(three(-13.0, -0.6, 0.4, kerr=-10.0), 3), expected, atol=1e-9)


def test_phase_distribution_is_bimodal_without_kerr_only():
    density = {}
    for kerr in (0.0, 5.0):
        ds = compare.sweep(pair(kerr=kerr), None, {"steadystate": {"levels": 14}})
        density[kerr] = ds["phase_density"].isel(method=0, pair=0).values
    around = {k: np.concatenate([d[-1:], d, d[:1]]) for k, d in density.items()}
    phi = np.concatenate([[-1.0], np.arange(64), [64.0]]) * 2 * np.pi / 64
    twice, once = (peaks(phi, np.where(2 * np.pi * around[k] > 1, around[k], 0.0)) for k in (0.0, 5.0))
    np.testing.assert_allclose(twice, [np.pi / 2, 3 * np.pi / 2], atol=0.11)
    assert once.size == 1


# --- footnote 41: "the effects we want to show exist in both cases" ---------------------------------------------------


@pytest.mark.parametrize("dissipators", ["incoherent", "coherent"])
def test_both_kinds_of_dissipators_show_the_blockade_of_fig_3a_and_lose_it(dissipators):
    x = np.linspace(0.0, 24.0, 49)
    system = pair(dissipators=dissipators)
    narrow, wide = sync(system, {**widths([0.1, 0.6]), "detuning": x}, 14, ["sigma", "kerr"]).isel(pair=0).values
    # K = 10: the maximum at 2K, and half of it at zero
    assert abs(x[narrow.argmax()] - 20.0) <= 2.0
    assert narrow[0] < 0.6 * narrow.max()
    assert wide.argmax() == 0


def test_coherent_dissipators_need_narrower_lorentzians():
    # at sigma = .2, where the paper has its cuts, the claim of the footnote does not hold for Fig. 3(a)
    x = np.linspace(0.0, 15.0, 31)
    incoherent, coherent = (
        sync(pair(dissipators=kind), {"detuning": x}, 14).isel(pair=0).values for kind in ("incoherent", "coherent")
    )
    assert incoherent[0] < 0.9 * incoherent.max()
    assert coherent.argmax() == 0


@pytest.mark.parametrize("dissipators", ["incoherent", "coherent"])
def test_unequal_amplitudes_synchronize_with_both_kinds(dissipators):
    # Fig. 3(b) at sigma = .1
    x = np.linspace(3.0, 5.0, 41)
    axes = {"n_plus[1]": x}
    found = sync(pair(dissipators=dissipators, sigma=0.1, kerr=10.0), axes, 14).isel(pair=0).values
    for side in (x < 4.0, x > 4.0):
        assert abs(abs(x[side][found[side].argmax()] - 4.0) - 1.0) <= 0.3
        assert found[side].max() > 1.5 * found[20]


# --- semiclassical pictures ---------------------------------------------------------------------------------------------


def semiclassical(system, face, bound=14.0, wall="reflecting"):
    settings = {"face": face, "bound": bound, "wall": wall, "cells": 24}
    return compare.sweep(system, None, {"fokker_planck": settings})["sync"].item()


def test_no_semiclassical_picture_has_the_maxima_of_fig_3():
    # (a), (d): detuned by 2K = 10 against equal; (b), (c): a quantum of difference against none
    for face, system in (("wigner", pair()), ("langevin", pair(thermal_noise=0.1))):
        bound, wall = (14.0, "reflecting") if face == "wigner" else (7.0, "absorbing")
        equal, detuned, unequal = (
            semiclassical(system.vary(**change), face, bound, wall)
            for change in ({}, {"detuning": 10.0}, {"n_plus[1]": 5.0})
        )
        assert equal > 1.2 * max(detuned, unequal)
    equal, detuned, unequal = (
        steady_syncs(pair().vary(**change), 14)[0] for change in ({}, {"detuning": 10.0}, {"n_plus[1]": 5.0})
    )
    assert equal < 0.9 * min(detuned, unequal)


def test_wigner_holds_for_wide_lorentzians_and_fails_for_narrow_ones():
    # the map of lorch2017_validity, four of its points, at zero detuning
    for sigma, least, most in ((0.2, 0.3, 1.0), (3.0, 0.0, 0.1)):
        for kerr in (0.3, 10.0):
            system = pair(dissipators="coherent", sigma=sigma, kerr=kerr)
            exact = sync(system, None, 20).item()
            assert least <= abs(semiclassical(system, "wigner", bound=20.0) / exact - 1) < most


@pytest.mark.parametrize(("name", "maps"), [("fig3", "abcd"), ("fig4", ["ab", "cd"]), ("fig5", ["ring"])])
def test_semiclassical_maps_stand_beside_the_exact_ones_at_the_same_parameters(name, maps):
    panels = find_plan(f"lorch2017_{name}").panels(quick=True)
    for panel in maps:
        plans = exact, wigner, classical = [panels[panel + kind] for kind in ("", "_wigner", "_classical")]
        assert wigner.system == exact.system
        assert classical.system == exact.system.vary(thermal_noise=0.1)
        fine, coarse, same = [{n: (min(v), max(v)) for a in p.axes for n, v in a.coords.items()} for p in plans]
        assert coarse == same
        for axis, (low, high) in fine.items():
            # S is even in the detuning where the oscillators are equal otherwise
            assert coarse[axis] in ((low, high), (0.0, high))


# --- plans ------------------------------------------------------------------------------------------------------------


def test_maps_have_the_grids_they_promise():
    def shape(axes, follower):
        return tuple(len(values) for name, values in axes.items() if name != follower)

    assert {
        shape(axes["exact"], "kerr" if "sigma" in axes["exact"] else None) for axes in fig3._maps(False).values()
    } == {(81, 161)}
    assert {panel: shape(axes["exact"], "coupling[1,2]") for panel, axes in fig4._axes(False).items()} == {
        "ab": (61, 241),
        "cd": (81, 161),
    }
    assert fig5.fig5(False)["ring"].shape == (1, 41, 121)


@pytest.mark.parametrize(
    # measured between 14 and 28 levels: .0011; between 4 and 8: .0047; between 4 and 5: .0017
    ("name", "fewer", "more", "most"),
    [("fig3", 14, 20, 0.0011), ("fig4", 4, 6, 0.0047), ("fig5", 3, 4, 0.011)],
)
def test_cutoff_panels_say_what_the_levels_leave_out(name, fewer, more, most):
    ds = run_plan(find_plan(f"lorch2017_{name}").panels(quick=True)["cutoff"])
    change = ds["sync"].sel({"method": f"{fewer} levels"}) - ds["sync"].sel({"method": f"{more} levels"})
    assert 0.0 < float(abs(change).max()) < most


CUTS = {
    "fig3": ["a_cuts", "b_cuts", "c_cuts", "d_cuts"],
    "fig4": ["ab_cuts", "cd_cuts"],
    "fig5": ["ring_cuts"],
    "fig7": ["sync"],
}


@pytest.mark.slow
def test_jumps_agree_with_the_steady_states_on_all_cuts():
    # those of Fig. 2(b) are in test_lorch2017.py
    z = []
    for name, panels in CUTS.items():
        plans = find_plan(f"lorch2017_{name}").panels(quick=False)
        exact = "3 levels" if name == "fig7" else "steadystate"
        for panel in panels:
            ds = run_plan(plans[panel])
            found = agree(pick(ds, "jumps"), pick(ds, exact)).points["z"].values.ravel()
            z.append(found[np.isfinite(found)])
            assert np.abs(z[-1]).max() < 4.5
            print(f"{name} {panel}: {z[-1].size} points, mean z^2 {np.mean(z[-1] ** 2):.2f}")
    together = np.concatenate(z)
    assert together.size > 300
    assert 0.7 < np.mean(together**2) < 1.4
