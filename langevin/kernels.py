"""The block driver: steps, samples, exits of 64 trajectories; generic, and specialised per model by `langevin.compilation`."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from langevin.lanes import FASTMATH, LANES
from langevin.streams import noise_scratch

STOP, RESTART = 0, 1
"""What a trajectory does after its exit: nothing more, or begin again with its initial state and burn-in."""

_inline = njit(fastmath=FASTMATH, error_model="numpy", forceinline=True)


@njit(error_model="numpy")
def sample_phases(re, im, counted, pairs, harmonics):
    """Add e^{-ik(phi_a - phi_b)} of each pair, k = 1 .. k_max, to harmonics[pair, k - 1, 0 | 1, lane] for counted lanes."""
    for p in range(pairs.shape[0]):
        a, b = pairs[p, 0], pairs[p, 1]
        for lane in range(LANES):
            # alpha_a^* alpha_b = |..| e^{-i (phi_a - phi_b)}
            u = re[a, lane] * re[b, lane] + im[a, lane] * im[b, lane]
            v = re[a, lane] * im[b, lane] - im[a, lane] * re[b, lane]
            norm = 1.0 / math.sqrt(u * u + v * v + 1e-290)
            u *= norm
            v *= norm
            x, y = counted[lane], 0.0
            for k in range(harmonics.shape[1]):
                x, y = x * u - y * v, x * v + y * u
                harmonics[p, k, 0, lane] += x
                harmonics[p, k, 1, lane] += y


@njit(error_model="numpy")
def sample_numbers(re, im, counted, numbers):
    """Add |alpha_j|^2 and its square to numbers[j, 0 | 1, lane] for counted lanes."""
    for j in range(re.shape[0]):
        for lane in range(LANES):
            x = counted[lane] * (re[j, lane] * re[j, lane] + im[j, lane] * im[j, lane])
            numbers[j, 0, lane] += x
            numbers[j, 1, lane] += x * x


@njit(error_model="numpy")
def sample_histogram(re, im, counted, edge, histogram):
    """Count |alpha_j|^2 in equal bins between 0 and `edge`; what lies above goes to no bin."""
    bins = histogram.shape[1]
    for j in range(re.shape[0]):
        for lane in range(LANES):
            x = (re[j, lane] * re[j, lane] + im[j, lane] * im[j, lane]) / edge * bins
            if counted[lane] > 0.0 and x < bins:
                histogram[j, int(x)] += 1


@_inline
def sample_observables(re, im, counted, observe, values, first, second):
    """Add the chosen functions of the whole state, and their products, for counted lanes."""
    column_re, column_im = np.empty(re.shape[0]), np.empty(re.shape[0])
    for lane in range(LANES):
        if counted[lane] > 0.0:
            for j in range(re.shape[0]):
                column_re[j] = re[j, lane]
                column_im[j] = im[j, lane]
            observe(column_re, column_im, values)
            for q in range(values.size):
                first[lane, q] += values[q]
                for r in range(values.size):
                    second[lane, q, r] += values[q] * values[r]


@njit(error_model="numpy")
def settle_exits(re, im, start_re, start_im, largest, alive, age, burn_in, limit, policy, exits, exploded):
    """Find lanes that left their bounds in the last interval; stop them or let them begin again.

    exits[0 | 1, lane] counts exits during and after burn-in. An amplitude that is no longer a number, or beyond `limit`
    bounds, has exploded: it is counted as that, and never begins again. Lanes that have stopped are put to rest, since
    what they run into until the next interval must not reach the sums (0 times infinity is no number).
    """
    for lane in range(LANES):
        if alive[lane]:
            number = largest[lane] <= limit
            for j in range(re.shape[0]):
                number &= abs(re[j, lane]) + abs(im[j, lane]) < np.inf
            if not number:
                exploded[lane] = True
                alive[lane] = False
            elif largest[lane] > 1.0:
                exits[1 if age[lane] >= burn_in else 0, lane] += 1
                alive[lane] = policy == RESTART
                age[lane] = -1
                for j in range(re.shape[0]):
                    re[j, lane] = start_re[j, lane]
                    im[j, lane] = start_im[j, lane]
        if not alive[lane]:
            for j in range(re.shape[0]):
                re[j, lane] = 0.0
                im[j, lane] = 0.0
        largest[lane] = 0.0


@_inline
def run_block(
    start_re,
    start_im,
    lanes,
    state,
    table,
    network,
    scales,
    limit,
    policy,
    dt,
    steps,
    samples,
    burn_in,
    pairs,
    harmonics,
    numbers,
    edge,
    histogram,
    first,
    second,
    weight,
    exits,
    exploded,
    saved,
    spares,
    step,
    frame,
    observe,
    drift,
    noise,
    reset,
    polar,
    unpack,
    draw,
):
    """Run one block over `samples` intervals of `steps` steps, adding to the statistics at the end of each interval.

    Lanes from `lanes` on only fill up the ensemble's last block: they take part in nothing. Interval numbers count from
    the (latest) start of a lane: those from `burn_in` on are sampled.
    """
    oscillators = start_re.shape[0]
    re, im = start_re.copy(), start_im.copy()
    next_re, next_im = np.zeros_like(re), np.zeros_like(im)
    rows = (np.zeros(LANES), np.zeros(LANES), np.zeros(LANES), np.zeros(LANES), np.zeros(LANES), np.zeros(LANES))
    scratch = noise_scratch()
    words = (np.zeros(LANES, np.int32), np.zeros(LANES, np.int32))
    spare = np.zeros((spares, oscillators, LANES))
    largest, counted = np.zeros(LANES), np.zeros(LANES)
    alive, age = np.zeros(LANES, np.bool_), np.zeros(LANES, np.int64)
    alive[:lanes] = True
    values = np.zeros(first.shape[1])
    for sample in range(samples):
        if frame is not None:
            frame(re, im, table, dt, drift, unpack)
        for _ in range(steps):
            step(
                re, im, next_re, next_im, largest, state, rows, scratch, words, spare,
                table, network, scales, dt, drift, noise, reset, polar, unpack, draw,
            )  # fmt: skip
            re, next_re = next_re, re
            im, next_im = next_im, im
        if frame is not None:
            frame(re, im, table, -dt, drift, unpack)
        settle_exits(re, im, start_re, start_im, largest, alive, age, burn_in, limit, policy, exits, exploded)
        for lane in range(LANES):
            age[lane] += 1
            counted[lane] = 1.0 if alive[lane] and age[lane] > burn_in else 0.0
            weight[lane] += counted[lane]
        sample_phases(re, im, counted, pairs, harmonics)
        sample_numbers(re, im, counted, numbers)
        if histogram.shape[1] > 0:
            sample_histogram(re, im, counted, edge, histogram)
        if observe is not None:
            sample_observables(re, im, counted, observe, values, first, second)
        if saved.shape[0] > 0:
            for lane in range(saved.shape[0]):
                for j in range(oscillators):
                    saved[lane, sample, j] = (
                        complex(re[j, lane], im[j, lane]) if alive[lane] else complex(np.nan, np.nan)
                    )
