"""Mean field of two groups of spins 1 over a plane of parameters, against a loop of scipy over its points.

Run with ``make bench``. The plane is that of Fig. 4 of Nadolny and Bruder (2023): 255 x 255 points, T = 500, ten
thousand samples a point, spectra and averages included. The loop integrates the same equations with DOP853 in packed real
form at tolerances that leave the same error (1e-6 in stationary amplitudes), and does nothing else. Times are
processor seconds, the plane's divided by its points, in the same run.
"""

import os
import time

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from quantum.mean_field import Coupling, Group, MeanField, evolve, rotating_waves, spectrum
from quantum.operators import projector, spin_minus, spin_plus, spin_z

RAISING, LOWERING = spin_plus(1), spin_minus(1)
GAIN, LOSS, STRENGTH = 0.5, 1.0, 1.0
SEED = np.eye(3, dtype=complex) / 3
SEED[1, 2] = SEED[2, 1] = 0.1
START = [SEED, np.eye(3, dtype=complex) / 3]


def two_groups(delta, kerr, within=STRENGTH, between=STRENGTH):
    jumps = [(GAIN, projector(1, 0, 3)), (LOSS, projector(1, 2, 3))]
    groups = [Group([(sign * np.asarray(delta) / 2, spin_z(1)), (kerr, projector(2, 2, 3))], jumps) for sign in (1, -1)]
    strengths = [[within, between], [between, within]]
    return MeanField(groups, [Coupling(strengths[g][h], g, RAISING, h, LOWERING) for g in (0, 1) for h in (0, 1)])


def slope(_, y, delta, kerr):
    """Both groups in packed form (p0, p2, rho10, rho21, rho20), complex numbers where they are complex."""
    out = np.empty(10, dtype=complex)
    mean = [y[2] + y[3], y[7] + y[8]]
    for g, sign in ((0, 1.0), (1, -1.0)):
        p0, p2, a, b, c = y[5 * g : 5 * g + 5]
        f = 2.0 * STRENGTH * (mean[0] + mean[1])
        d, p1 = 0.5 * sign * delta, 1.0 - p0 - p2
        out[5 * g] = 2.0 * (f.conjugate() * a).imag - GAIN * p0
        out[5 * g + 1] = 2.0 * (f * b.conjugate()).imag - LOSS * p2
        out[5 * g + 2] = -1j * (d * a + f.conjugate() * c + f * (p0 - p1)) - 0.5 * GAIN * a
        out[5 * g + 3] = -1j * ((d + kerr) * b + f * (p1 - p2) - f.conjugate() * c) - 0.5 * LOSS * b
        out[5 * g + 4] = -1j * ((2 * d + kerr) * c + f * (a - b)) - 0.5 * (GAIN + LOSS) * c
    return out


def loop(points):
    """Seconds per point of scipy, and the last amplitudes |<S+>| of both groups."""
    begin, ends = time.process_time(), []
    for delta, kerr in points:
        y0 = np.concatenate([[rho[0, 0], rho[2, 2], rho[1, 0], rho[2, 1], rho[2, 0]] for rho in START])
        run = solve_ivp(slope, (0.0, 500.0), y0, method="DOP853", args=(delta, kerr), rtol=1e-7, atol=1e-9)
        last = run.y[:, -1]
        ends.append([np.sqrt(2.0) * abs(last[2] + last[3]), np.sqrt(2.0) * abs(last[7] + last[8])])
    return (time.process_time() - begin) / len(points), np.array(ends)


def plane(delta, kerr, threads):
    """What Fig. 4 shows at each point."""
    times = np.linspace(0.0, 500.0, 10000)

    def measure(times, values):
        peak = spectrum(times[5000:], values[..., 5000:]).peak
        return {
            "peaks": peak[:, 0] - peak[:, 1],
            "size": abs(values[..., -1000:]).mean(axis=-1),
            "last": values[..., -1],
        }

    observe = [(0, RAISING), (1, RAISING)]
    return evolve(two_groups(delta, kerr), START, times, observe=observe, measure=measure, threads=threads)


def test_figure_4_at_full_resolution(benchmark):
    axis = np.linspace(-15.0, 15.0, 255)
    chosen = [(15.0, -15.0), (7.5, -7.5), (-11.25, 11.25), (0.0, -7.5)]
    delta, kerr = np.transpose(chosen)
    cores = os.cpu_count() or 1
    plane(delta, kerr, 1)  # compiles
    theirs, expected = loop(chosen)

    def run():
        begin = time.process_time(), time.perf_counter()
        result = plane(axis, axis[:, None], cores)
        return result, time.process_time() - begin[0], time.perf_counter() - begin[1]

    result, seconds, wall = benchmark.pedantic(run, rounds=1, iterations=1)
    ours = seconds / result.steps.size
    benchmark.extra_info.update(
        wall_seconds=wall, processor_seconds=seconds, scipy_per_point=theirs, ratio=theirs / ours,
        nanoseconds_per_step=1e9 * seconds / result.steps.sum(),
    )  # fmt: skip
    # both sides solve the same problem equally well
    few = plane(delta, kerr, 1)
    waves = rotating_waves(two_groups(delta, kerr), few.final)
    exact = np.stack([abs(waves.states.expect(g, RAISING)) for g in (0, 1)], axis=-1)
    assert abs(abs(few.measured["last"]) - exact).max() < 1e-6
    assert abs(expected - exact).max() < 1e-5
    assert seconds < 360.0  # 3 minutes on two cores
    assert theirs / ours > 300.0


@pytest.mark.parametrize("kernel", ["unrolled", "table"])
def test_a_group_below_threshold_costs_the_same(benchmark, kernel):
    # 64 points each, T = 10^4; without care, amplitudes of 1e-310 make this 25 times slower
    def seconds(strength):
        group = two_groups(0.0, 0.0).groups[0]
        model = MeanField([group], [Coupling(np.full(64, strength), 0, RAISING, 0, LOWERING)])
        begin = time.process_time()
        evolve(model, START[:1], [0.0, 10000.0], dt=0.05, kernel=kernel, threads=1)
        return time.process_time() - begin

    seconds(1.0)
    above = seconds(1.0)
    below = benchmark.pedantic(seconds, args=(0.25,), rounds=1, iterations=1)
    benchmark.extra_info.update(below_over_above=below / above, nanoseconds_per_step=above / 200_000 / 64 * 1e9)
    assert below < 1.3 * above
