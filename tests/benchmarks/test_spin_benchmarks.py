"""Two spins: maps of Omega maximised over the exchange, and what one value costs in closed form and by general theory.

Run with ``make bench``. Ratios are between medians of one run, one BLAS thread.
"""

import time

import numpy as np
import pytest

import quantum
from compare.plan import make_plan
from compare.sweeps import run
from compare.sync_entropy import sync_entropy_limit
from compare.systems.vaidya2024 import TwoSpins
from compare.systems.vaidya2024_entropy import extrema, omega_limits


def pairs(count):
    rates = np.linspace(0.0, 1.0, count)
    return [TwoSpins(w_a=w_a, w_b=w_b) for w_b in rates for w_a in rates]


def test_map_of_101_by_101_baths(benchmark):
    # the whole way: points of a sweep, extrema over 512 exchanges each with refinement, labelled dataset
    rates = np.linspace(0.0, 1.0, 101)
    extrema(pairs(2))  # compile

    def sweep():
        plan = make_plan(
            TwoSpins(w_a=0.4, w_b=0.75), {"w_b": rates, "w_a": rates}, ["compare.methods.spin_entropy:EXTREMA"]
        )
        return run(plan, threads=2)

    ds = benchmark.pedantic(sweep, rounds=3)
    systems = pairs(101)
    start = time.perf_counter()
    found = extrema(systems, threads=2)
    benchmark.extra_info |= {
        "points": len(systems),
        "seconds of the kernel alone, 2 threads": time.perf_counter() - start,
        "bar in seconds": 60,
    }
    expected = np.array([one.ratio_max for one in found]).reshape(101, 101)
    np.testing.assert_array_equal(ds["ratio_max"].isel(method=0).values, expected)
    assert benchmark.stats.stats.median <= 60.0


def by_perturbation_theory(system):
    model = system.undriven().lindblad()
    zeroth = quantum.steady_state(model)
    first = quantum.first_order(model, system.drive_operator(), zeroth)
    return sync_entropy_limit(zeroth.dense(), first.dense(), system.excitation)


def qutip_seconds(systems, drive=0.01):
    """Median seconds of one Omega from two steady states of QuTiP at a small drive, and their values."""
    qutip = pytest.importorskip("qutip")
    from quantum.interop import to_qutip

    seconds, values = [], []
    for system in systems:
        driven, undriven = (to_qutip(s.lindblad()) for s in (system.vary(drive=drive), system))
        start = time.perf_counter()
        rho, zero = (qutip.steadystate(h, c) for h, c in (driven, undriven))
        _, states = zero.eigenstates()
        diagonal = sum(qutip.expect(rho, s) * s.proj() for s in states)
        values.append((qutip.entropy_vn(diagonal) - qutip.entropy_vn(rho)) / drive**2)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds)), np.array(values)


def test_one_value_of_omega(benchmark):
    rng = np.random.default_rng(1)
    many = [
        TwoSpins(w_a=a, w_b=b, exchange=g)
        for a, b, g in zip(*rng.uniform(0.1, 0.9, (2, 20000)), rng.uniform(0.1, 4, 20000), strict=True)
    ]
    omega_limits(many[:2])
    closed = benchmark.pedantic(omega_limits, (many,), rounds=5)
    some = many[:40]
    by_perturbation_theory(some[0])
    start = time.perf_counter()
    general = [by_perturbation_theory(system) for system in some]
    seconds = (time.perf_counter() - start) / len(some)
    theirs, values = qutip_seconds(some)
    mine = benchmark.stats.stats.median / len(many)
    benchmark.extra_info |= {
        "microseconds, closed form with its arguments read": 1e6 * mine,
        "microseconds, quantum.first_order": 1e6 * seconds,
        "microseconds, two QuTiP steady states": 1e6 * theirs,
        "ratio to first_order": seconds / mine,
        "ratio to QuTiP": theirs / mine,
    }
    np.testing.assert_allclose(closed[: len(some)], general, rtol=1e-9)
    np.testing.assert_allclose(
        closed[: len(some)], values, rtol=5e-3, atol=1e-7
    )  # epsilon = .01: corrections of epsilon^2
    assert seconds / mine >= 100
