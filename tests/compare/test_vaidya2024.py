"""The composite two-qubit oscillator of Vaidya et al. 2024 against independent reference values and the paper's claims.

Reference numbers: an independent implementation (numpy, 16 and 81 dimensional Liouvillians), cross-checked against QuTiP to
1e-16. Gamma_A = Gamma_B = 1 unless said.
"""

import re

import numpy as np
import pytest
from scipy import integrate, optimize
from scipy.spatial.transform import Rotation
from scipy.stats import chi2

import compare
import quantum
from compare.commands import cli
from compare.interfaces import find_system
from compare.methods import spin_jumps, spin_response
from compare.methods.spin_entropy import dressed_coherences
from compare.methods.spin_response import (
    crossing_by_root,
    crossings,
    first_order_response,
    leading_tensors,
)
from compare.sync_entropy import sync_entropy, sync_entropy_limit
from compare.systems import vaidya2024_entropy as entropy
from compare.systems.nadolny2023 import SpinGroups
from compare.systems.vaidya2024 import TwoSpins
from compare.systems.vaidya2024_bloch import bloch_response, critical_exchange, limit_cycle
from compare.systems.vaidya2024_linear_response import (
    crossing_polynomials,
    first_crossing,
    linear_response,
    restored_crossing,
    zero_crossings,
)
from quantum import operators
from quantum.mean_field import evolve
from quantum.spherical_tensors import spherical_moment, spherical_tensor

NAN = float("nan")
JUMPS = "compare.methods.spin_jumps:JUMPS"
STEADY = "compare.methods.spin_response:STEADY"
GENERIC = TwoSpins(
    w_a=0.3, gamma_a=0.5, w_b=1.1, gamma_b=0.4, exchange=1.2, drive_detuning=0.3, spin_detuning=-0.2, dephasing=0.15
)


def pair(w_a, w_b, exchange=0.0, **others):
    return TwoSpins(w_a=w_a, w_b=w_b, exchange=exchange, **others)


def responses(system):
    found = linear_response(system)
    return np.array([found.plus_a, found.plus_b])


# --- Appendix C -------------------------------------------------------------------------------------------------------


def test_generic_point():
    found = linear_response(GENERIC)
    np.testing.assert_allclose(
        responses(GENERIC),
        [0.003869044663 - 0.017462267542j, 0.001874544586 - 0.000337742565j],
        rtol=0,
        atol=1e-12,  # printed to 1e-12
    )
    assert found.z_a == pytest.approx(-0.012142512369, abs=6e-13)
    assert found.z_b == pytest.approx(0.173142673263, abs=6e-13)
    assert found.zz == pytest.approx(-0.009375715937, abs=6e-13)
    assert found.swap == pytest.approx(-0.010377700012 + 0.075238325087j, abs=6e-13)


def random_system(rng):
    rates = rng.uniform(0.05, 2.0, 4)
    frequencies = rng.normal(0.0, 1.5, 3)
    return TwoSpins(
        w_a=rates[0], gamma_a=rates[1], w_b=rates[2], gamma_b=rates[3], exchange=frequencies[0],
        drive_detuning=frequencies[1], spin_detuning=frequencies[2], dephasing=rng.uniform(0.0, 1.0),
    )  # fmt: skip


def test_appendix_c_is_first_order_perturbation_theory():
    # (C3) and (C4) hold as printed: 200 random sets of all parameters against the general theory
    rng = np.random.default_rng(2024)
    z, plus = operators.spin_z(0.5), operators.spin_plus(0.5)
    za, zb = (operators.embed(z, j, (2, 2)) for j in (0, 1))
    pa, pb = (operators.embed(plus, j, (2, 2)) for j in (0, 1))
    worst = 0.0
    for _ in range(200):
        system = random_system(rng)
        model = system.undriven().lindblad()
        zeroth = quantum.steady_state(model)
        first = quantum.first_order(model, system.drive_operator(), zeroth)
        expected = [zeroth.expect(o) for o in (za, zb, za @ zb, pa @ pb.T)]
        expected += [first.expect(o) for o in (pa, pb, pa @ zb, za @ pb)]
        worst = max(worst, np.abs(np.array(linear_response(system)) - expected).max())
        assert abs(first.expect(pa @ pb)) < 1e-15  # <S+S+>_1 = 0 identically
    assert worst < 1e-13


def test_master_equation_is_that_of_qutip():
    qutip = pytest.importorskip("qutip")
    s = GENERIC.vary(drive=0.7)
    sz, sp = qutip.jmat(0.5, "z"), qutip.jmat(0.5, "+")
    one = qutip.qeye(2)
    za, zb, pa, pb = qutip.tensor(sz, one), qutip.tensor(one, sz), qutip.tensor(sp, one), qutip.tensor(one, sp)
    h = s.drive_detuning * za + (s.drive_detuning + s.spin_detuning) * zb
    h += s.exchange / 2 * (pa * pb.dag() + pa.dag() * pb) + s.drive / 2 * (pa + pa.dag())
    jumps = [(s.w_a, pa), (s.gamma_a, pa.dag()), (s.w_b, pb), (s.gamma_b, pb.dag()), (2 * s.dephasing, za)]
    jumps += [(2 * s.dephasing, zb)]
    rho = qutip.steadystate(h, [np.sqrt(rate) * op for rate, op in jumps])
    ours = spin_response.coherences(quantum.steady_state(s.lindblad()), s)
    np.testing.assert_allclose(ours, [qutip.expect(pa, rho), qutip.expect(pb, rho)], atol=1e-12)


# --- Fig. 3 -----------------------------------------------------------------------------------------------------------

FIG3 = {0.0: (0.200000000, 0.0), 0.5: (0.100124253, 0.027019116), 0.75: (0.028442640, 0.017756345),
        1.0: (-0.024647436, 0.003525641), 2.0: (-0.076725738, -0.021350211), 5.0: (-0.027222471, -0.008037666)}  # fmt: skip


@pytest.mark.parametrize("exchange", FIG3)
def test_responses_of_fig_3(exchange):
    a, b = FIG3[exchange]
    expected = np.array([1j * a, b])
    np.testing.assert_allclose(responses(pair(0.4, 0.75, exchange)), expected, atol=6e-10)  # printed to 1e-9
    np.testing.assert_allclose(first_order_response(pair(0.4, 0.75, exchange)), expected, atol=6e-10)


def test_zero_crossings_of_fig_3():
    closed = crossings(pair(0.4, 0.75))
    np.testing.assert_allclose(closed, [0.870843001, 1.065307849], atol=6e-10)
    np.testing.assert_allclose(crossings(pair(0.4, 0.75), "response", points=24), closed, atol=1e-12)
    # .4045 G^2 + .88 G - .9 = 0
    poly, _ = crossing_polynomials(pair(0.4, 0.75))
    np.testing.assert_allclose(poly / poly[0], np.array([0.4045, 0.88, -0.9]) / 0.4045, rtol=1e-13)


def lobe(system, site, low, high):
    def size(g):
        return -abs(responses(system.vary(exchange=g))[site])

    found = optimize.minimize_scalar(size, bounds=(low, high), method="bounded", options={"xatol": 1e-8})
    return -found.fun, found.x


def test_lobes_of_fig_3():
    system = pair(0.4, 0.75)
    for site, low, high, height, place in (
        (0, 1.0, 4.0, 0.0776949, 1.829), (1, 0.1, 1.0, 0.0273506, 0.450), (1, 1.2, 5.0, 0.0213746, 2.046)
    ):  # fmt: skip
        found, at = lobe(system, site, low, high)
        assert found == pytest.approx(height, abs=6e-8)
        assert at == pytest.approx(place, abs=1e-3)


def test_crossings_at_finite_drive_and_with_dephasing():
    system = pair(0.4, 0.75)
    search = {"smallest": 0.7, "largest": 1.6, "points": 6}
    for drive, a, b in ((0.01, 0.8708634, 1.0653512), (0.3, 0.8886885, 1.1038744), (1.0, 1.0279585, 1.4565336)):
        found = crossings(system.vary(drive=drive), "steadystate", **search)
        np.testing.assert_allclose(found, [a, b], atol=6e-8)
    for dephasing, a, b in ((0.1, 0.9667667, 1.2169544), (0.5, 1.3023558, 1.7871878)):
        np.testing.assert_allclose(crossings(system.vary(dephasing=dephasing)), [a, b], atol=6e-8)


def test_phases_of_the_response():
    # at g = 0 the distribution of A peaks at +pi/2 for p < 0; beyond the crossing at -pi/2
    for exchange, peak in ((0.0, np.pi / 2), (2.0, -np.pi / 2)):
        ds = compare.sweep(pair(0.4, 0.75, exchange), None, ["compare.methods.spin_response:RESPONSE"])
        change = ds["response_change"].isel(method=0).sel(site="A")
        assert np.angle(np.exp(1j * (change.azimuth.values[change.values.argmax()] - peak))) == pytest.approx(
            0.0, abs=1e-12
        )
        assert float(change.max()) == pytest.approx(abs(FIG3[exchange][0]) / 4, abs=1e-9)  # Eq. (8)


# --- Fig. 4 -----------------------------------------------------------------------------------------------------------

# w_B -> values at w_A = .6, .7, .8, .9
FIG4A = {0.1: (0.657976, 1.023716, 1.422025, 1.925489), 0.2: (0.778742, 1.255892, 1.838892, 2.674148),
         0.4: (1.743636, 12.680636, NAN, NAN)}  # fmt: skip
FIG4B = {0.1: (0.773966, 1.270373, 1.908201, 3.0), 0.2: (0.935151, 1.666483, 3.0, 4.397575),
         0.4: (3.0, 3.368368, 2.508287, 2.070606)}  # fmt: skip


@pytest.mark.parametrize("w_b", FIG4A)
def test_crossings_of_fig_4(w_b):
    for w_a, a, b in zip((0.6, 0.7, 0.8, 0.9), FIG4A[w_b], FIG4B[w_b], strict=True):
        np.testing.assert_allclose(first_crossing(pair(w_a, w_b)), [a, b], atol=6e-7)
        # invariant under w -> 1 - w
        np.testing.assert_allclose(first_crossing(pair(1 - w_a, 1 - w_b)), [a, b], atol=6e-7)


def test_existence_of_crossings_without_a_mismatch():
    rates = np.round(np.arange(0.1, 0.95, 0.1), 9)
    scan = np.geomspace(1e-3, 80.0, 400)
    for w_a in rates:
        for w_b in rates:
            p, q = w_a - 0.5, w_b - 0.5
            found = zero_crossings(pair(w_a, w_b))
            inverted = p * q < -1e-12
            same_sign = np.sign(p + 2 * q - 2 * p * (p + q) ** 2) == np.sign(q)
            assert [roots.size for roots in found] == [int(inverted and same_sign), int(inverted)]
            along = np.array([responses(pair(w_a, w_b, g)) for g in scan])
            for roots, values in zip(found, (along[:, 0].imag, along[:, 1].real), strict=True):
                changes = np.flatnonzero(values[1:] * values[:-1] < -1e-30)
                assert changes.size == roots.size
                for k, root in zip(changes, roots, strict=True):
                    assert scan[k] < root < scan[k + 1]


def test_edge_of_the_red_band():
    def leading(w_a, w_b):
        p, q = w_a - 0.5, w_b - 0.5
        return p + 2 * q - 2 * p * (p + q) ** 2

    for w_b, edge in ((0.4, 0.704462), (0.3, 0.965847)):
        at = optimize.brentq(leading, 0.55, 1.0, args=(w_b,), xtol=1e-12)
        assert at == pytest.approx(edge, abs=6e-7)
        assert first_crossing(pair(at - 1e-6, w_b))[0] > 50.0
        assert np.isnan(first_crossing(pair(at + 1e-6, w_b))[0])
    assert leading(1.0, 0.2) * leading(0.51, 0.2) > 0.0


def test_crossings_for_different_total_rates():
    system = TwoSpins(w_a=0.3, gamma_a=0.5, w_b=1.1, gamma_b=0.4)
    np.testing.assert_allclose(first_crossing(system), [0.9447791347, 1.0498681616], atol=6e-11)
    rng = np.random.default_rng(5)
    for _ in range(20):
        system = random_system(rng).vary(drive_detuning=0.0, spin_detuning=0.0)
        for site, roots in enumerate(zero_crossings(system)):
            for root in roots:
                around = [abs(responses(system.vary(exchange=root * f))[site]) for f in (1.0, 1.1)]
                assert around[0] < 1e-12 * max(around[1], 1e-3)


# --- Fig. 5 -----------------------------------------------------------------------------------------------------------

RESTORED = {0.0: (0.0, 1.8056574), 0.1: (-0.0332843, 1.8063263), 0.2: (-0.0666396, 1.8083272),
            0.3: (-0.1001466, 1.8116471), 0.5: (-0.1680314, 1.8222321), 1.0: (-0.3490250, 1.8760056),
            2.0: (-0.7660270, 2.1680180)}  # fmt: skip


def test_a_detuning_of_b_restores_the_crossing():
    for detuning, expected in RESTORED.items():
        found = restored_crossing(pair(0.25, 0.75, drive_detuning=detuning))
        np.testing.assert_allclose(found, expected, atol=6e-8)
        if detuning:
            mirrored = restored_crossing(pair(0.25, 0.75, drive_detuning=-detuning))
            np.testing.assert_allclose(mirrored, [-expected[0], expected[1]], atol=6e-8)
    assert RESTORED[0.0][1] == pytest.approx(np.sqrt((0.5 + np.sqrt(36.25)) / 2), abs=6e-8)


def test_the_restored_crossing_is_unique():
    rng = np.random.default_rng(3)
    system = pair(0.25, 0.75, drive_detuning=0.5)
    found = [restored_crossing(system, (rng.uniform(-2, 2), rng.uniform(0.2, 6.0))) for _ in range(24)]
    kept = [at for at in found if np.isfinite(at).all()]
    assert len(kept) >= 8
    np.testing.assert_allclose(kept, [RESTORED[0.5]] * len(kept), atol=6e-8)


def test_a_detuned_drive_has_no_crossing():
    for detuning, least, place in ((0.1, 0.0033892, 1.8082), (0.2, 0.0066631, 1.8157), (0.5, 0.0149711, 1.8680)):
        system = pair(0.25, 0.75, drive_detuning=detuning)
        found = optimize.minimize_scalar(
            lambda g, system=system: abs(responses(system.vary(exchange=g))[0]), bounds=(1.0, 3.0), method="bounded",
            options={"xatol": 1e-9},
        )  # fmt: skip
        assert found.fun == pytest.approx(least, abs=6e-8)
        assert found.x == pytest.approx(place, abs=6e-5)


# --- Omega ------------------------------------------------------------------------------------------------------------


def omega(w_a, w_b, exchange):
    return entropy.omega_limit(pair(w_a, w_b, exchange))


def test_omega_of_a_free_qubit():
    for w, expected in ((0.1, 1.75777966), (0.25, 0.54930614), (0.46, 0.01282741), (0.8, 0.6 * np.log(4.0))):
        assert omega(w, 0.82, 0.0) == pytest.approx(expected, abs=6e-9)
        assert omega(w, 0.82, 0.0) == pytest.approx((2 * w - 1) * np.log(w / (1 - w)), rel=1e-13)


def test_omega_in_the_limit_of_a_weak_drive():
    system = pair(0.46, 0.82, 1.5)
    assert entropy.omega_limit(system) == pytest.approx(0.0481481428, abs=6e-11)
    zeroth = quantum.steady_state(system.lindblad()).dense()
    for drive, expected, tolerance in ((0.3, 0.04293, 6e-6), (0.1, 0.0475381, 6e-8), (0.01, 0.0481420, 6e-8)):
        rho = quantum.steady_state(system.vary(drive=drive).lindblad()).dense()
        found = sync_entropy(rho, zeroth, system.excitation) / drive**2
        assert found == pytest.approx(expected, abs=tolerance)


def test_the_kernel_is_the_quadratic_form():
    rng = np.random.default_rng(11)
    for system in (*(random_system(rng) for _ in range(20)), pair(0.5, 0.3, 0.0), pair(0.3, 0.7, 1.0)):
        model = system.undriven().lindblad()
        zeroth = quantum.steady_state(model)
        first = quantum.first_order(model, system.drive_operator(), zeroth)
        expected = sync_entropy_limit(zeroth.dense(), first.dense(), system.excitation)
        assert entropy.omega_limit(system) == pytest.approx(expected, rel=1e-10, abs=1e-25)


def test_ratios_of_fig_6():
    free = omega(0.46, 0.82, 0.0)
    assert free == pytest.approx(0.0128274120, abs=6e-11)
    expected = (0.5893528, 0.4180804, 2.5683988, 3.3143765, 1.8349661, 0.6228525)
    found = [omega(0.46, 0.82, g) / free for g in (0.25, 0.5, 1, 2, 3, 5)]
    np.testing.assert_allclose(found, expected, rtol=1e-7)
    one, two, three = entropy.extrema([pair(0.46, 0.82), pair(0.45, 0.05), pair(0.4, 0.75)])
    assert (one.ratio_min, one.ratio_max) == pytest.approx((0.3579020, 3.7585482), abs=6e-8)
    assert (one.dip_exchange, one.peak_exchange) == pytest.approx((0.421540, 1.539703), abs=1e-6)
    assert (two.ratio_max, two.peak_exchange) == pytest.approx((9.8301915, 1.292873), abs=1e-6)
    assert np.isnan(two.dip)
    assert (three.ratio_min, three.dip_exchange) == pytest.approx((0.0817262, 0.960756), abs=1e-6)
    assert (three.peak / three.free, three.peak_exchange) == pytest.approx((0.1544412, 1.796300), abs=1e-6)
    assert three.ratio_max == 1.0


def test_dressed_coherences_of_fig_6():
    found = abs(dressed_coherences(pair(0.46, 0.82, 1.0)))
    np.testing.assert_allclose(found, [0.0584530, 0.0584530, 0.0360508, 0.0360508], atol=6e-8)


def test_enhancement_of_fig_7():
    # w_A = .1, .2, .3, .4; the same for w -> 1 - w; 1 for .4 <= w_B <= .6
    table = {
        0.1: (1, 1, 1.140019, 2.551682),
        0.2: (1, 1, 1.000053, 1.676790),
        0.3: (1, 1, 1, 1.125844),
        0.4: (1, 1, 1, 1),
    }
    for w_b, expected in table.items():
        for sign in (1, -1):
            systems = [pair(0.5 + sign * (w_a - 0.5), 0.5 + sign * (w_b - 0.5)) for w_a in (0.1, 0.2, 0.3, 0.4)]
            found = [one.ratio_max for one in entropy.extrema(systems)]
            # R_max - 1 of positive temperatures is tiny but not zero: 6.3e-4 at w_A = .1 and w_B = 0
            np.testing.assert_allclose(found, expected, atol=1e-6)
    assert entropy.extrema([pair(0.5, 0.1)])[0].ratio_max == np.inf
    assert np.isnan(entropy.extrema([pair(0.5, 0.5)])[0].ratio_max)


COLD = {0.2: (0.8887565, 0.525), 0.3: (0.5150126, 0.904), 0.4: (0.3201267, 1.185), 0.5: (0.2008651, 1.418),
        0.55: (0.1575282, 1.524), 0.6: (0.1220106, 1.626)}  # fmt: skip


def test_a_cold_qubit_b():
    found = entropy.extrema([pair(w_a, 0.0) for w_a in COLD])
    for one, (largest, place) in zip(found, COLD.values(), strict=True):
        assert one.largest == pytest.approx(largest, abs=6e-8)
        assert one.peak_exchange == pytest.approx(place, abs=6e-4)
    # the paper's "any nonzero temperature" fails for strongly inverted A
    for one in entropy.extrema([pair(w_a, 0.0) for w_a in (0.62, 0.65, 0.7, 0.8, 0.9)]):
        assert one.ratio_max == 1.0
    assert entropy.extrema([pair(0.61, 0.0)])[0].ratio_max > 1.1
    # for positive temperatures it holds, by little
    cold, colder = entropy.extrema([pair(0.1, 0.0), pair(0.05, 0.0)])
    assert (cold.ratio_max - 1, colder.ratio_max - 1) == pytest.approx((6.3e-4, 8.3e-6), rel=0.01)
    assert entropy.omega_limit(pair(0.01, 0.0, 2.4e-4)) / entropy.omega_limit(pair(0.01, 0.0)) - 1 == pytest.approx(
        3e-9, rel=0.05
    )


def test_suppression_of_fig_8():
    rates = np.round(np.arange(0.1, 0.95, 0.1), 9)
    table = {(0.6, 0.1): 0.184987, (0.7, 0.1): 0.060581, (0.6, 0.2): 0.110778, (0.6, 0.3): 0.054931}
    for w_a in rates:
        for w_b in rates:
            expected = table.get((w_a, w_b), table.get((round(1 - w_a, 9), round(1 - w_b, 9)), NAN))
            if w_a == 0.5:
                continue  # Omega at g = 0 is zero there
            found = entropy.extrema([pair(w_a, w_b)])[0].ratio_min
            assert found == pytest.approx(expected, abs=6e-7, nan_ok=True)


def test_curves_of_fig_8():
    only_max, deep, shallow, faint, none = entropy.extrema([pair(w, 0.82) for w in (0.52, 0.46, 0.38, 0.30, 0.25)])
    assert (only_max.peak_exchange, only_max.peak) == pytest.approx((1.3301, 0.0789867), abs=6e-5)
    assert np.isnan(only_max.dip)
    for one, (dip, at, peak, there) in (
        (deep, (0.00459096, 0.42154, 0.0482124, 1.5397)),
        (shallow, (0.0111165, 0.914873, 0.0235817, 1.783019)),
        (faint, (0.0116083, 1.6027, 0.0116525, 1.7810)),
    ):
        assert (one.dip, one.peak) == pytest.approx((dip, peak), abs=6e-8)
        assert (one.dip_exchange, one.peak_exchange) == pytest.approx((at, there), abs=6e-5)
    assert np.isnan([none.dip, none.peak]).all()


def test_the_minimum_ends_in_a_saddle_node():
    # minimum and maximum merge at w_A = .297726; grid points are 2 % apart, the slope in between tells
    low, high = 0.29, 0.31
    for _ in range(22):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if entropy.extrema([pair(middle, 0.82)])[0].dip > 0.0 else (middle, high)
    assert high == pytest.approx(0.297726, abs=1e-6)
    # evidence that does not look for extrema: Omega is monotonic below and not above
    g = np.linspace(1.69, 1.71, 401)
    for w_a, rises in ((0.2977255, False), (0.2977265, True)):
        along = entropy.omega_limits([pair(w_a, 0.82, exchange) for exchange in g])
        assert (np.diff(along) > 0.0).any() == rises


def test_extrema_do_not_depend_on_threads_and_chunks():
    systems = [pair(w_a, w_b) for w_a in np.linspace(0, 1, 21) for w_b in np.linspace(0, 1, 31)]
    once, twice = entropy.extrema(systems), entropy.extrema(systems, threads=2)
    np.testing.assert_array_equal(once, twice)
    np.testing.assert_array_equal(entropy.extrema(systems[100:103]), once[100:103])


# --- Appendix B -------------------------------------------------------------------------------------------------------

APPENDIX_B = {0.25: (0.012037108, 0.012016808, 0.0123287268), 0.5: (0.010230157, 0.010195497, 0.0102874307),
              1.0: (0.058286515, 0.058281250, 0.0595256803), 2.0: (0.076747302, 0.076742192, 0.0773593166),
              4.0: (0.023060085, 0.023057326, 0.0230534861)}  # fmt: skip


def test_a_strong_drive_removes_the_minimum_of_omega():
    # "only quantitative changes" for epsilon up to about Gamma (Sec. III C) holds for the crossings, not for the minimum
    for drive, dip in ((0.3, True), (0.6, True), (0.8, False)):
        along = [both_kinds(pair(0.46, 0.82, g, drive=drive))[0] for g in np.linspace(0.0, 1.0, 9)]
        assert (np.argmin(along) > 0) == dip


def both_kinds(system):
    rho = quantum.steady_state(system.lindblad()).dense()
    undriven = quantum.steady_state(system.undriven().lindblad()).dense()
    return [sync_entropy(rho, undriven, system.excitation, kind) / system.drive**2 for kind in ("diagonal", "block")]


@pytest.mark.parametrize("exchange", APPENDIX_B)
def test_partially_coherent_limit_cycles(exchange):
    diagonal, block, limit = APPENDIX_B[exchange]
    found = both_kinds(pair(0.55, 0.09, exchange, drive=0.1))
    np.testing.assert_allclose(found, [diagonal, block], atol=6e-10)
    assert found[1] <= found[0]
    assert omega(0.55, 0.09, exchange) == pytest.approx(limit, abs=6e-11)
    # the difference is of fourth order in the drive
    weaker = both_kinds(pair(0.55, 0.09, exchange, drive=0.01))
    assert (found[0] - found[1]) / (weaker[0] - weaker[1]) == pytest.approx(100.0, rel=0.05)


def test_the_block_projection_is_the_optimum():
    # relative entropy to any block-diagonal state, minimised directly; parametrised by a Cholesky factor per block
    system = pair(0.55, 0.09, 1.0, drive=0.3)
    rho = quantum.steady_state(system.lindblad()).dense()
    undriven = quantum.steady_state(system.undriven().lindblad()).dense()
    own = np.trace(rho @ _logm(rho)).real

    def distance(x):
        middle = np.array([[x[1], 0.0], [x[2] + 1j * x[3], x[4]]])
        candidate = np.zeros((4, 4), dtype=complex)
        candidate[0, 0], candidate[3, 3] = x[0] ** 2, x[5] ** 2
        candidate[1:3, 1:3] = middle @ middle.conj().T
        candidate += 1e-15 * np.eye(4)
        return own - np.trace(rho @ _logm(candidate / np.trace(candidate).real)).real

    start = np.sqrt(np.abs(np.diag(rho).real))
    found = optimize.minimize(
        distance, [start[0], start[1], 0.05, 0.05, start[2], start[3]], method="BFGS", options={"gtol": 1e-9}
    )
    # a minimum: quadratic in the error of the gradient
    assert found.fun == pytest.approx(sync_entropy(rho, undriven, system.excitation, "block"), abs=1e-12)


def _logm(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.log(values)) @ vectors.conj().T


# --- Appendix D -------------------------------------------------------------------------------------------------------


TENSORS = {0.0: (0.50836120, 0.21404682, 0.21404682), 0.5: (0.31505394, 0.08023463, 0.05892307),
           1.0: (0.06343861, 0.00593296, 0.01382432), 2.0: (0.01862285, 0.00485305, 0.00051796),
           4.0: (0.01075746, 0.00040408, 0.00032384)}  # fmt: skip


def test_tensors_of_fig_14():
    qutrits = pair(0.25, 0.75, spin=1.0)
    for exchange, expected in TENSORS.items():
        found = leading_tensors(qutrits.vary(exchange=exchange))
        np.testing.assert_allclose(abs(found[0]), expected, atol=6e-9)
    # first order is that of the general theory
    first = quantum.first_order(qutrits.vary(exchange=2.0).lindblad(), qutrits.drive_operator())
    tensor = operators.embed(spherical_tensor(1.0, 2, 1), 0, (3, 3))
    assert leading_tensors(qutrits.vary(exchange=2.0))[0, 1] == pytest.approx(complex(first.expect(tensor)), abs=1e-13)


def test_second_order_is_the_limit_of_the_driven_state():
    system = pair(0.25, 0.75, 0.5, spin=1.0)
    tensor = operators.embed(spherical_tensor(1.0, 2, 2), 0, (3, 3))
    limit = leading_tensors(system)[0, 2]
    off = [
        abs(quantum.steady_state(system.vary(drive=e).lindblad()).expect(tensor) / e**2 - limit) for e in (0.04, 0.02)
    ]
    assert off[0] / off[1] == pytest.approx(4.0, rel=0.02)
    assert off[1] < 1e-3 * abs(limit)


def test_zero_crossings_of_a_qutrit():
    def component(n, exchange, **others):
        value = leading_tensors(pair(0.25, 0.75, exchange, spin=1.0, **others))[0, n]
        return value.real if n == 2 else value.imag

    for n, smallest, expected in (
        (0, 0.3, 1.38141606),
        (1, 0.3, 0.90263645),
        (2, 0.3, 0.74364600),
        (2, 1.0, 2.15816918),
    ):
        found = crossing_by_root(lambda g, n=n: component(n, g), 4.0, 12, smallest)
        assert found == pytest.approx(expected, abs=6e-9)
    # with jump operators |m+1><m| all rates, and so all crossings, halve
    assert crossing_by_root(lambda g: component(0, g, ladder="unit"), 4.0, 12, 0.3) == pytest.approx(
        0.69070803, abs=6e-9
    )


def test_omega_of_two_qutrits():
    for (w_a, w_b), free, expected in (
        ((0.46, 0.82), 0.0337949, (0.90324, 3.20215, 2.60789, 1.79580, 0.93767, 0.39079)),
        ((0.45, 0.05), 0.0525104, (4.43125, 6.18603, 4.43564, 2.98130, 1.54914, 0.64643)),
    ):
        qutrits = pair(w_a, w_b, spin=1.0)
        zero = entropy.omega_limit(qutrits)
        assert zero == pytest.approx(free, abs=6e-8)
        found = [entropy.omega_limit(qutrits.vary(exchange=g)) / zero for g in (0.5, 1, 1.5, 2, 3, 5)]
        np.testing.assert_allclose(found, expected, atol=6e-6)


def test_extrema_of_larger_spins_are_those_of_the_curve():
    (found,) = entropy.extrema([pair(0.46, 0.82, spin=1.0)], largest_exchange=8.0, grid=24)
    for value, at, sign in ((found.peak, found.peak_exchange, 1), (found.dip, found.dip_exchange, -1)):
        around = [entropy.omega_limit(pair(0.46, 0.82, at * f, spin=1.0)) for f in (0.99, 1.0, 1.01)]
        assert value == pytest.approx(around[1], rel=1e-9)
        assert sign * around[1] > max(sign * around[0], sign * around[2])


# --- phase space: Eqs. (6)-(8), (A3) ------------------------------------------------------------------------------------


def husimi(rho, theta, phi, sign):
    """<theta, phi|rho|theta, phi> with e^{sign i phi Sz} e^{sign i theta Sy} on the top state; basis ascending in m."""
    levels = rho.shape[0]
    y, z = (op((levels - 1) / 2).toarray() for op in (operators.spin_y, operators.spin_z))
    values, vectors = np.linalg.eigh(y)
    turn = (vectors * np.exp(sign * 1j * theta * values)) @ vectors.conj().T
    state = np.exp(sign * 1j * phi * np.diag(z)) * turn[:, -1]
    return (state.conj() @ rho @ state).real


def test_the_coherent_states_of_eq_7_rotate_the_other_way_than_printed():
    system = pair(0.4, 0.75, 0.5, drive=0.6, drive_detuning=0.3)
    state = quantum.steady_state(system.lindblad())
    rho, plus = state.reduced([0]).dense(), complex(state.expect(system.raising_operators()[0]))
    z = state.mean_number(0) - 0.5
    theta, phi = 1.1, 0.7
    printed = 0.5 + z * np.cos(theta) + (plus * np.exp(-1j * phi)).real * np.sin(theta)  # Eq. (7)
    assert husimi(rho, theta, phi, -1) == pytest.approx(printed, abs=1e-14)
    assert abs(husimi(rho, theta, phi, +1) - printed) > 0.01
    # the spin points along (theta, phi) with the minus signs
    direction = Rotation.from_euler("yz", [theta, phi]).apply([0.0, 0.0, 1.0])
    np.testing.assert_allclose(direction, [np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])


def test_the_qutrit_of_eq_a3_needs_a_real_part():
    system = pair(0.4, 0.75, 0.5, drive=1.2, drive_detuning=0.3, spin=1.0)
    state = quantum.steady_state(system.lindblad())
    t = {(k, q): complex(spherical_moment(state, k, q)) for k in range(3) for q in range(k + 1)}
    for theta, phi in ((1.1, 0.7), (2.3, -1.9)):
        x, y = np.cos(theta), np.sin(theta)
        first = (-y * t[1, 1] - x * y * t[2, 1]) * np.exp(-1j * phi)  # P_1^1 T11 + P_2^1 T21 / 3
        second = 0.5 * y * y * t[2, 2] * np.exp(-2j * phi)  # P_2^2 T22 / 6
        flat = t[0, 0] / np.sqrt(3) + x * t[1, 0] / np.sqrt(2) + 0.5 * (3 * x * x - 1) * t[2, 0] / np.sqrt(6)
        expected = husimi(state.reduced([0]).dense(), theta, phi, -1)
        assert (flat + first.real + second.real) == pytest.approx(expected, abs=1e-14)
        assert abs((flat + first.real + second).imag) > 1e-5  # as printed it is not even real


def test_azimuths_are_the_husimi_function_over_the_polar_angle():
    for spin, per_site in ((0.5, 1), (1.0, 1), (0.5, 2)):
        system = pair(0.4, 0.75, 0.5, drive=0.6, drive_detuning=0.3, spin=spin, spins_per_site=per_site)
        ds = compare.sweep(system, None, ["compare.methods.spin_response:STEADY"]).isel(method=0)
        state = quantum.steady_state(system.lindblad())
        nodes, weights = np.polynomial.legendre.leggauss(8)
        for site, subsystem in (("A", 0), ("B", per_site)):
            rho = state.reduced([subsystem]).dense()
            for phi in ds.azimuth.values[::16]:
                q = sum(w * husimi(rho, np.arccos(x), phi, -1) for x, w in zip(nodes, weights, strict=True))
                expected = (2 * spin + 1) / (4 * np.pi) * q - 1 / (2 * np.pi)
                found = float(ds.azimuth_change.sel(site=site, azimuth=phi))
                # sin(theta) of odd harmonics is no polynomial: eight nodes leave 1e-3 of them
                assert found == pytest.approx(expected, abs=2e-4)
        if spin == 0.5:
            plus = ds.spin_coherence.values[:, None] * np.exp(-1j * ds.azimuth.values)
            np.testing.assert_allclose(ds.azimuth_change, 0.25 * plus.real, atol=1e-14)  # Eq. (8)


# --- N spins per site ---------------------------------------------------------------------------------------------------


def test_one_spin_per_site_is_the_paper_and_more_move_the_crossing():
    table = {1: (0.870843, 1.065308, -0.024647), 2: (1.398069, 1.663731, 0.052165)}
    for number, (a, b, at_one) in table.items():
        system = pair(0.4, 0.75, spins_per_site=number)
        found = crossings(system, "response", smallest=0.5, largest=2.5, points=6)
        np.testing.assert_allclose(found, [a, b], atol=6e-7)
        assert first_order_response(system.vary(exchange=1.0))[0].imag == pytest.approx(at_one, abs=6e-7)


def test_symmetric_operators_are_the_whole_hilbert_space():
    system = GENERIC.vary(spins_per_site=2, spin=1.0)
    np.testing.assert_allclose(spin_response._symmetric_response(system), first_order_response(system), atol=1e-12)


def test_crossings_move_out_as_the_root_of_the_number():
    # g_0^2 is linear in N to .1 % of its slope
    squares = [
        crossings(pair(0.46, 0.82, spins_per_site=n), "response", smallest=0.3, largest=1.5, points=4)[0] ** 2
        for n in (1, 2, 3, 4)
    ]
    slopes = np.diff(squares)
    np.testing.assert_allclose(slopes, slopes.mean(), rtol=1.5e-3)
    assert slopes.mean() == pytest.approx(0.226, abs=1e-3)


@pytest.mark.slow
def test_three_spins_per_site():
    system = pair(0.4, 0.75, spins_per_site=3)
    found = crossings(system, "response", smallest=0.5, largest=2.5, points=6)
    np.testing.assert_allclose(found, [1.774821, 2.033300], atol=6e-7)
    assert first_order_response(system.vary(exchange=1.0))[0].imag == pytest.approx(0.087014, abs=6e-7)
    for number in (2, 3):
        none = crossings(pair(0.25, 0.75, spins_per_site=number), "response", largest=6.0, points=40)
        assert np.isnan(none[0])


# --- classical pictures: none of them in the paper ------------------------------------------------------------------------

MEAN_FIELD = "compare.methods.spin_pictures:MEAN_FIELD"
DISCRETE_WIGNER = "compare.methods.spin_pictures:DISCRETE_WIGNER"


def test_critical_exchange_and_limit_cycle():
    assert critical_exchange(pair(0.4, 0.75)) == pytest.approx(3.162278, abs=6e-7)
    assert critical_exchange(pair(0.25, 0.75)) == pytest.approx(2.0, abs=1e-14)
    assert critical_exchange(pair(0.25, 0.35)) == np.inf
    for w_a, g, a in ((0.4, 4.0, 0.0643187), (0.25, 2.5, 0.1414214), (0.25, 3.0, 0.1666667), (0.25, 4.0, 0.1767767)):
        assert limit_cycle(pair(w_a, 0.75, g)).amplitude_a == pytest.approx(a, abs=6e-8)
    assert limit_cycle(pair(0.25, 0.75, 1.99)).amplitude_a == 0.0
    assert limit_cycle(pair(0.25, 0.35, 50.0))[:2] == (0.0, 0.0)


def bloch(t, y, s):
    """The equations in the docstring of the system, y = (a, b, z_A, z_B)."""
    a, b, z_a, z_b = y
    (p, q), (total_a, total_b) = s.inversions, s.total_rates
    swap = s.exchange * (a * np.conj(b)).imag
    return [
        (1j * s.drive_detuning - total_a / 2 - s.dephasing) * a - 1j * s.exchange * z_a * b - 1j * s.drive * z_a,
        (1j * (s.drive_detuning + s.spin_detuning) - total_b / 2 - s.dephasing) * b - 1j * s.exchange * z_b * a,
        -total_a * z_a + p + swap + s.drive * a.imag,
        -total_b * z_b + q - swap,
    ]


def test_mean_field_is_the_bloch_equations():
    s = GENERIC.vary(drive=0.6, exchange=3.0)
    start = [0.1 + 0.05j, -0.2j, -0.1, 0.2]
    rho = [np.array([[0.5 - z, plus], [np.conj(plus), 0.5 + z]]) for plus, z in zip(start[:2], start[2:], strict=True)]
    times = np.linspace(0.0, 6.0, 5)
    expected = integrate.solve_ivp(
        bloch, (0.0, 6.0), np.array(start, complex), "DOP853", times, args=(s,), rtol=1e-11, atol=1e-12
    )
    z, plus = operators.spin_z(0.5), operators.spin_plus(0.5)
    found = evolve(s.mean_field(), rho, times, observe=[(0, plus), (1, plus), (0, z), (1, z)])
    # `evolve` promises 1e-6
    np.testing.assert_allclose(found.values, expected.y, atol=2e-6)


def test_closed_forms_of_mean_field_are_what_integration_gives():
    # undriven, above the critical exchange of rates that differ, with dephasing; then the response below it
    above = TwoSpins(w_a=0.3, gamma_a=0.5, w_b=1.1, gamma_b=0.4, exchange=9.0, dephasing=0.1)
    cycle = limit_cycle(above)
    assert cycle.amplitude_a > 0.03
    ds = compare.sweep(above, None, [MEAN_FIELD]).isel(method=0)
    np.testing.assert_allclose(ds.limit_cycle_amplitude, [cycle.amplitude_a, cycle.amplitude_b], atol=2e-6)
    np.testing.assert_allclose(ds.spin_z, [cycle.z_a, cycle.z_b], atol=2e-6)
    below = GENERIC.vary(drive=1e-4)
    ds = compare.sweep(below, None, {"mean_field": {"method": MEAN_FIELD, "coherence": 0.0}}).isel(method=0)
    # corrections of second order in the drive, 1e-8, and the integration's 1e-6 of the state
    np.testing.assert_allclose(ds.spin_coherence / below.drive, bloch_response(below), atol=1e-3)
    # what the reference page has at g = 1
    np.testing.assert_allclose(bloch_response(pair(0.4, 0.75, 1.0))[0], 0.222222j, atol=6e-7)


def test_mean_field_has_no_zero_crossing():
    for w_a, w_b in ((0.4, 0.75), (0.25, 0.75), (0.46, 0.82), (0.9, 0.1), (0.3, 0.2)):
        edge = min(critical_exchange(pair(w_a, w_b)), 40.0)
        along = np.array([bloch_response(pair(w_a, w_b, g)) for g in np.linspace(1e-3, 0.999 * edge, 200)])
        assert np.unique(np.sign(along[:, 0].imag)).size == 1
        assert np.unique(np.sign(along[:, 1].real)).size == 1


def test_spins_per_site_lead_to_mean_field():
    # away from criticality the difference to mean field falls as 1/N
    off = [
        abs(first_order_response(pair(0.45, 0.05, 0.5, spins_per_site=n)) - bloch_response(pair(0.45, 0.05, 0.5)))
        for n in (1, 2)
    ]
    np.testing.assert_allclose(off[0] / off[1], 2.0, rtol=0.25)


def test_discrete_wigner_is_exact_for_a_single_driven_spin():
    ds = compare.sweep(
        pair(0.4, 0.75, drive=0.8, drive_detuning=0.4, dephasing=0.1), None,
        {"wigner": {"method": DISCRETE_WIGNER, "trajectories": 4096}, "exact": {"method": STEADY}},
    )  # fmt: skip
    wigner, exact = (ds.sel({"method": name}).sel(site="A") for name in ("wigner", "exact"))
    off, error = (wigner.spin_coherence - exact.spin_coherence).item(), wigner.spin_coherence_stderr.item()
    # weak order 2: a step of .05 at rates of order 1 leaves some 1e-3 of the coherence
    bias = 2.5e-3 * abs(exact.spin_coherence.item())
    assert abs(off.real) < 4 * error.real + bias
    assert abs(off.imag) < 4 * error.imag + bias
    assert abs((wigner.spin_z - exact.spin_z).item()) < 4 * wigner.spin_z_stderr.item() + bias
    assert abs(error) < 0.01


@pytest.mark.slow
def test_discrete_wigner_against_the_master_equation():
    # reference: an independent ensemble, error of the last two digits in brackets; epsilon = .3
    wigner = {"method": DISCRETE_WIGNER, "trajectories": 16384, "duration": 160.0}
    for w_a, table in (
        (0.4, {0.5: (0.0918, 0.0015), 1.0: (0.0022, 0.0017), 2.0: (-0.0525, 0.0012), 3.0: (-0.0520, 0.0014)}),
        (0.25, {2.0: (0.0363, 0.0015)}),
    ):
        ds = compare.sweep(
            pair(w_a, 0.75, drive=0.3), {"exchange": list(table)}, {"wigner": wigner, "exact": {"method": STEADY}}
        )
        for g, (value, error) in table.items():
            at = ds.sel(exchange=g, site="A")
            found = at.spin_coherence.sel({"method": "wigner"}).item().imag / 0.3
            mine = at.spin_coherence_stderr.sel({"method": "wigner"}).item().imag / 0.3
            assert abs(found - value) < 4 * np.hypot(error, mine)
            exact = at.spin_coherence.sel({"method": "exact"}).item().imag / 0.3
            if 1.0 <= g <= 2.0:  # the ensemble is not the master equation: its crossing is shifted, or missing
                assert found - exact > 4 * mine


# --- quantum jumps ------------------------------------------------------------------------------------------------------


def z_scores(system, exchanges, seed=0, **settings):
    """Deviations of time averages from the steady state in standard errors: <S+_A>, <S+_B>, <S_z>."""
    ds = compare.sweep(
        system,
        {"exchange": exchanges},
        {"jumps": {"method": JUMPS, **settings}, "exact": {"method": STEADY}},
        seed=seed,
    )
    jumps, exact = (ds.sel({"method": name}) for name in ("jumps", "exact"))
    off, error = (jumps.spin_coherence - exact.spin_coherence).values, jumps.spin_coherence_stderr.values
    z = [
        off[:, 0].imag / error[:, 0].imag,
        off[:, 1].real / error[:, 1].real,
        *((jumps.spin_z - exact.spin_z) / jumps.spin_z_stderr).values.T,
    ]
    return np.concatenate(z)


def test_jumps_average_to_the_steady_state():
    z = z_scores(pair(0.4, 0.75, drive=0.6), [0.5, 0.95, 2.0], duration=100.0, followed=2)
    assert np.abs(z).max() < 4.5
    # mean z^2 of twelve values within its 99.9 % range
    assert chi2.ppf(5e-4, z.size) < np.sum(z**2) < chi2.ppf(1 - 5e-4, z.size)


@pytest.mark.slow
def test_mean_square_deviation_of_jumps():
    z = np.concatenate(
        [z_scores(pair(w_a, w_b, drive=e), [0.3, 0.7, 1.1, 1.8, 3.0], followed=2)
         for (w_a, w_b) in ((0.4, 0.75), (0.25, 0.75), (0.46, 0.82)) for e in (0.3, 1.0)]
    )  # fmt: skip
    assert np.abs(z).max() < 4.5
    assert 0.7 < np.mean(z**2) < 1.4


def test_phases_of_single_trajectories_are_two_valued_on_resonance():
    for detuning in (0.0, 0.7):
        system = pair(0.4, 0.75, 1.2, drive=0.8, drive_detuning=detuning, spin_detuning=0.2 if detuning else 0.0)
        runs = quantum.jump_trajectories(
            system.lindblad(), 0, 0.05 * np.arange(2001), trajectories=2, seed=1, coherences=True, density=False
        )
        a, b = spin_jumps.conditional_coherences(runs.replay(0).states, system)
        mixed = max(abs(a.real).max(), abs(b.imag).max())
        assert (mixed < 1e-12) == (detuning == 0.0)


def test_slips_of_a_free_weakly_driven_qubit_are_its_jumps():
    # each jump lands on the level whose coherence has the other sign: slips at the jump rate 2 w gamma / Gamma
    settings = {"duration": 210.0, "sample_every": 0.02, "followed": 48, "trajectories": 48}
    ds = compare.sweep(pair(0.4, 0.75, drive=0.01), None, {"jumps": {"method": JUMPS, **settings}})
    rate, error = ds.slip_rate.sel(site="A").item(), ds.slip_rate_stderr.sel(site="A").item()
    # two jumps within a sample are missed: a fraction of about 2 w gamma / Gamma * dt
    assert abs(rate - 0.48) < 4 * error + 0.48 * 0.48 * 0.02
    assert error < 0.02


# --- the system ---------------------------------------------------------------------------------------------------------


def test_parameters_come_back():
    system = GENERIC.vary(spin=1.0, ladder="unit", drive=0.2)
    assert TwoSpins.from_parameters(system.parameters()) == system
    assert find_system("vaidya2024.TwoSpins") is TwoSpins


def test_a_gain_that_varies_keeps_the_total_rate():
    moved = GENERIC.vary(w_a=0.6)
    assert (moved.w_a, moved.gamma_a) == pytest.approx((0.6, 0.2))
    assert GENERIC.vary(w_a=0.6, gamma_a=3.0).gamma_a == 3.0
    assert pair(0.3, 0.7).gamma_a == 0.7


def test_sectors_of_the_undriven_oscillator():
    assert quantum.steady_state(pair(0.3, 0.7, 1.0, spin=1.0).lindblad()).values.size == 1 + 4 + 9 + 4 + 1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"w_a": -0.1}, "`w_a` must be non-negative, but is -0.1"),
        ({"w_a": 1.5}, "`gamma_a` must be given where `w_a` exceeds 1"),
        ({"w_a": "much"}, "`w_a` must be a real number, but is 'much'"),
        ({"w_a": NAN}, "`w_a` must be finite"),
        ({"w_b": 0.0, "gamma_b": 0.0}, "`w_b` and `gamma_b` must not both be 0"),
        ({"exchange": 1j}, "`exchange` must be a real number"),
        ({"dephasing": -1.0}, "`dephasing` must be non-negative"),
        ({"spin": 0.7}, "`spin` must be a positive multiple of 1/2, but is 0.7"),
        ({"spin": 0}, "`spin` must be a positive multiple of 1/2"),
        ({"ladder": "steps"}, "Unknown ladder 'steps'"),
        ({"spins_per_site": 0}, "`spins_per_site` must be a whole number of at least 1"),
        ({"spins_per_site": 1.5}, "`spins_per_site` must be a whole number"),
    ],
)
def test_wrong_parameters(wrong, told):
    with pytest.raises(ValueError, match=told):
        TwoSpins(**{"w_a": 0.4, "w_b": 0.75, **wrong})


def test_wrong_use():
    system = pair(0.4, 0.75)
    with pytest.raises(ValueError, match=r"must not exceed w_a \+ gamma_a = 1, which it keeps, but is 1.2"):
        system.vary(w_a=1.2)
    with pytest.raises(
        ValueError, match=r"Unknown parameter of vaidya2024\.TwoSpins: 'exchang'; did you mean 'exchange'"
    ):
        system.vary(exchang=0.2)
    with pytest.raises(ValueError, match="must be given the gain rate `w_b`"):
        TwoSpins.from_parameters({"w_a": 0.3})
    with pytest.raises(ValueError, match=r"`levels` must be 2 S \+ 1 = 2"):
        system.lindblad(10)
    with pytest.raises(ValueError, match=r"have 2\^40"):
        system.vary(spins_per_site=20).lindblad()
    with pytest.raises(ValueError, match="must be two spins of size 1/2"):
        linear_response(system.vary(spin=1.0))
    with pytest.raises(ValueError, match="must be on resonance"):
        zero_crossings(system.vary(drive_detuning=0.1))
    with pytest.raises(ValueError, match="must be on resonance"):
        crossings(system.vary(drive_detuning=0.1), "response")
    with pytest.raises(ValueError, match="`drive` must not be 0"):
        crossings(system, "steadystate")
    with pytest.raises(ValueError, match="Unknown limit cycle 'round'"):
        sync_entropy(np.eye(4) / 4, np.eye(4) / 4, system.excitation, "round")
    with pytest.raises(ValueError, match="`by` must be one of 'polynomial', 'response', 'steadystate', but is 'foo'"):
        crossings(system, "foo")
    with pytest.raises(ValueError, match="`smallest` must lie between 0 and `largest` = 40, but is -1"):
        crossings(system, "response", smallest=-1.0)
    with pytest.raises(ValueError, match="`points` must be a whole number of at least 2"):
        crossings(system, "response", points=1)
    with pytest.raises(ValueError, match=r"`start` must be a pair \(Delta_q, g\), but is 'x'"):
        restored_crossing(system, start="x")
    with pytest.raises(ValueError, match="`largest_exchange` must exceed"):
        entropy.extrema([system], largest_exchange=1e-4)
    with pytest.raises(ValueError, match="must be two single spins"):
        leading_tensors(system.vary(spins_per_site=2))


MIXED, CHARGES = np.eye(4) / 4, np.array([-1.0, 0.0, 0.0, 1.0])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((np.eye(3) / 3, MIXED, CHARGES), r"`charge` must hold one finite charge for each of 3 basis states"),
        ((MIXED, np.eye(3) / 3, CHARGES), r"`undriven` must have shape \(4, 4\), but has shape \(3, 3\)"),
        ((MIXED * np.nan, MIXED, CHARGES), "`rho` must be finite"),
        ((np.eye(4), MIXED, CHARGES), "`rho` must be a Hermitian matrix of trace 1"),
        ((MIXED + np.eye(4, k=1), MIXED, CHARGES), "`rho` must be a Hermitian matrix of trace 1"),
        (("x", MIXED, CHARGES), "`rho` must be a matrix of numbers, but is 'x'"),
        ((MIXED, MIXED, CHARGES * np.nan), "`charge` must hold one finite charge"),
        ((MIXED, MIXED, "x"), "`charge` must hold real numbers, but is 'x'"),
    ],
)
def test_entropy_refuses_what_is_no_state(arguments, told):
    with pytest.raises(ValueError, match=told):
        sync_entropy(*arguments)


def test_methods_of_groups_refuse_two_spins_in_a_sentence():
    for method in ("spin_groups:JUMPS", "spin_groups:DISCRETE_WIGNER", "spin_phases:DISTRIBUTION"):
        with pytest.raises(ValueError, match=r"needs a system with `.*`, which 'vaidya2024\.TwoSpins' has not"):
            compare.sweep(pair(0.4, 0.75), {"exchange": [0.1]}, {"m": {"method": f"compare.methods.{method}"}}, seed=1)


def test_what_does_not_fit_into_memory_is_refused_at_its_point():
    method = {"method": "compare.methods.spin_groups:STEADY"}
    with pytest.raises(ValueError, match=r"refuses coupling=0\.1: Storage of the symmetric operators .* needs about"):
        compare.sweep(SpinGroups(size=60), {"coupling": [0.1]}, {"m": method}, seed=1)


PLAN = """
seed = 1
[system]
name = "vaidya2024.TwoSpins"
parameters = {{ {parameters} }}
[axes]
{axes}
[methods]
{methods}
"""
GOOD = {
    "parameters": "w_a = 0.4, w_b = 0.75",
    "axes": "exchange = [0.5, 1.0]",
    "methods": '"compare.methods.spin_response:RESPONSE" = {}',
}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"parameters": "w_a = 0.4"}, "must be given the gain rate `w_b`"),
        ({"parameters": 'w_a = 0.4, w_b = "hot"'}, "`w_b` must be a real number, but is 'hot'"),
        ({"parameters": "w_a = 0.4, w_b = 0.75, spin = 0.3"}, "`spin` must be a positive multiple of 1/2"),
        ({"axes": "w_a = [0.2, 1.7]"}, "which it keeps, but is 1.7"),
        ({"axes": "g = [0.2]"}, "Unknown parameter of vaidya2024.TwoSpins: 'g'"),
        ({"methods": "steadystate = {}"}, "`levels` must be 2 S \\+ 1 = 2 for spins of size 0.5, but is 10"),
        ({"methods": "langevin = {}"}, "needs a system with `langevin`"),
        ({"methods": '"compare.methods.spin_response:RESPONSE" = { by = "eye" }'}, "`by` must be one of"),
        ({"methods": '"compare.methods.spin_entropy:DRIVEN" = {}'}, "`drive` must not be 0"),
        (
            {"methods": '"compare.methods.spin_jumps:JUMPS" = { burn_in = 300.0 }'},
            "`burn_in` must leave at least one sample",
        ),
        (
            {"methods": '"compare.methods.spin_entropy:EXTREMA" = { largest = 1e-4 }'},
            "`largest` must exceed 0.001, but is 0.0001",
        ),
    ],
)
def test_the_command_line_answers_wrong_plans_in_a_sentence(wrong, told, tmp_path, monkeypatch, capsys):
    (tmp_path / "plan.toml").write_text(PLAN.format(**{**GOOD, **wrong}))
    monkeypatch.setattr(
        "sys.argv", ["syncblockade", "run", str(tmp_path / "plan.toml"), "--quiet", "--out", str(tmp_path)]
    )
    with pytest.raises(SystemExit) as stop:
        cli.main()
    error = capsys.readouterr().err
    assert stop.value.code == 2
    assert error.startswith("Error: ")
    assert error.count("\n") == 1
    assert re.search(told, error)


def test_oscillator_methods_refuse_other_systems_in_a_sentence():
    from compare.systems.lorch2017 import KerrOscillators

    kerr = KerrOscillators.pair(detuning=0.0, coupling=0.05, kerr=10.0, n_plus=2, sigma=0.2)
    for method in ("spin_response:RESPONSE", "spin_entropy:LIMIT", "spin_entropy:EXTREMA", "spin_jumps:JUMPS"):
        with pytest.raises(ValueError, match=r"needs a system of two spins, but 'lorch2017\.KerrOscillators' is none"):
            compare.sweep(kerr, None, [f"compare.methods.{method}"])
