"""The block driver: steps, samples, exits of 64 trajectories; generic, and specialised per model by `langevin.compilation`.

Numbers of one lane lie LANES apart in all arrays, lanes side by side: see `langevin.lanes`.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from langevin.lanes import FASTMATH, LANES, flush_denormals, generator_rows, pointer, restore_denormals, row
from langevin.schemes import merge_increments

STOP, RESTART = 0, 1
"""What a trajectory does after its exit: nothing more, or begin again with its initial state and burn-in."""

_inline = njit(fastmath=FASTMATH, error_model="numpy", forceinline=True)


@_inline
def sample_phases(re, im, counted, pairs, harmonics, k_max):
    """Add e^{-ik(phi_a - phi_b)} of each pair, k = 1 .. k_max, to harmonics[pair, k - 1, 0 | 1, lane] for counted lanes."""
    u, v, x, y = row(), row(), row(), row()
    out = pointer(harmonics)
    at = 0
    for p in range(pairs.shape[0]):
        a, b = pairs[p, 0] * LANES, pairs[p, 1] * LANES
        for lane in range(LANES):
            # alpha_a^* alpha_b = |..| e^{-i (phi_a - phi_b)}
            s = re[a + lane] * re[b + lane] + im[a + lane] * im[b + lane]
            t = re[a + lane] * im[b + lane] - im[a + lane] * re[b + lane]
            norm = 1.0 / math.sqrt(s * s + t * t + 1e-290)
            u[lane], v[lane] = s * norm, t * norm
            x[lane], y[lane] = counted[lane], 0.0
        for _ in range(k_max):
            for lane in range(LANES):
                s = x[lane] * u[lane] - y[lane] * v[lane]
                t = x[lane] * v[lane] + y[lane] * u[lane]
                x[lane], y[lane] = s, t
                out[at + lane] += s
                out[at + LANES + lane] += t
            at += 2 * LANES


@_inline
def sample_numbers(size, re, im, counted, numbers):
    """Add |alpha_j|^2 and its square to numbers[j, 0 | 1, lane] for counted lanes."""
    out = pointer(numbers)
    for j in range(size):
        at = j * LANES
        for lane in range(LANES):
            x = counted[lane] * (re[at + lane] * re[at + lane] + im[at + lane] * im[at + lane])
            out[2 * at + lane] += x
            out[2 * at + LANES + lane] += x * x


@_inline
def sample_histogram(size, re, im, counted, edge, histogram):
    """Count |alpha_j|^2 in equal bins between 0 and `edge`; what lies above goes to no bin."""
    bins = histogram.shape[1]
    for j in range(size):
        at = j * LANES
        for lane in range(LANES):
            x = (re[at + lane] * re[at + lane] + im[at + lane] * im[at + lane]) / edge * bins
            if counted[lane] > 0.0 and x < bins:
                histogram[j, int(x)] += 1


@_inline
def sample_observables(size, re, im, counted, observe, column_re, column_im, values, first, second):
    """Add the chosen functions of the whole state, and their products, for counted lanes."""
    for lane in range(LANES):
        if counted[lane] > 0.0:
            for j in range(size):
                column_re[j] = re[j * LANES + lane]
                column_im[j] = im[j * LANES + lane]
            observe(column_re, column_im, values)
            for q in range(values.size):
                first[lane, q] += values[q]
                for r in range(values.size):
                    second[lane, q, r] += values[q] * values[r]


@_inline
def save_amplitudes(size, re, im, alive, sample, saved):
    """Keep the amplitudes of the living; NaN for the others."""
    for lane in range(saved.shape[0]):
        for j in range(size):
            number = complex(re[j * LANES + lane], im[j * LANES + lane])
            saved[lane, sample, j] = number if alive[lane] > 0.0 else complex(np.nan, np.nan)


@_inline
def count_troubled(size, re, im, largest, alive):
    """Number of lanes that have left their bounds, are no longer numbers, or have stopped before."""
    worst = row()
    for lane in range(LANES):
        worst[lane] = largest[lane] if alive[lane] > 0.0 else np.inf
    for j in range(size):
        at = j * LANES
        for lane in range(LANES):
            # false for NaN
            worst[lane] = worst[lane] if abs(re[at + lane]) + abs(im[at + lane]) < np.inf else np.inf
    troubled = 0.0
    for lane in range(LANES):
        troubled += 0.0 if worst[lane] <= 1.0 else 1.0
    return troubled


@_inline
def settle_exits(size, here, start, seen, largest, alive, age, burn_in, limit, policy, exits, exploded):
    """Find lanes that left their bounds in the last interval; stop them or let them begin again.

    `here` are the amplitudes that the steps go on with, to be restarted from `start`; `seen` what samples see of them.
    exits[0 | 1, lane] counts exits during and after burn-in, exits[2, lane] the intervals up to the first one (0: none yet; a
    lane that has not yet left is as old as the run). An amplitude that is no longer a number, or beyond `limit`
    bounds, has exploded: it is counted as that, and never begins again. Lanes that have stopped are put to rest, since
    what they run into until the next interval must not reach the sums (0 times infinity is no number).
    """
    for lane in range(LANES):
        if alive[lane] > 0.0:
            number = largest[lane] <= limit
            for j in range(size):
                number &= abs(here[0][j * LANES + lane]) + abs(here[1][j * LANES + lane]) < np.inf
            if not number:
                exploded[lane] = True
                alive[lane] = 0.0
            elif largest[lane] > 1.0:
                if exits[0, lane] + exits[1, lane] == 0:
                    exits[2, lane] = int(age[lane]) + 1
                exits[1 if age[lane] >= burn_in else 0, lane] += 1
                alive[lane] = 1.0 if policy == RESTART else 0.0
                age[lane] = -1.0
                for j in range(size):
                    at = j * LANES + lane
                    here[0][at], here[1][at], seen[0][at], seen[1][at] = (
                        start[0][at],
                        start[1][at],
                        start[2][at],
                        start[3][at],
                    )
        if not alive[lane] > 0.0:
            for j in range(size):
                at = j * LANES + lane
                here[0][at], here[1][at], seen[0][at], seen[1][at] = 0.0, 0.0, 0.0, 0.0


@_inline
def run_block(
    size,
    work,
    lanes,
    state,
    events,
    merged,
    table,
    coupling,
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

    `work` has rows of the size of the state, of which the first two hold the initial one. All arrays belong to the caller.
    Lanes from `lanes` on only fill up the ensemble's last block: they take part in nothing. Interval numbers count from
    the (latest) start of a lane: those from `burn_in` on are sampled.
    """
    begin_re, begin_im, opened_re, opened_im = pointer(work[0]), pointer(work[1]), pointer(work[2]), pointer(work[3])
    re, im, next_re, next_im = pointer(work[4]), pointer(work[5]), pointer(work[6]), pointer(work[7])
    spare = (pointer(work[8]), pointer(work[9]), pointer(work[10]), pointer(work[11]))
    largest, counted, alive, age, weights = row(), row(), row(), row(), pointer(weight)
    random = (generator_rows(), generator_rows(), pointer(work[12]))
    for lane in range(4 * LANES):
        random[0][lane], random[1][lane] = state.flat[lane], events.flat[lane]
    indptr, indices, mre, mim, ure, uim, vre, vim = coupling
    network = (
        pointer(indptr), pointer(indices), pointer(mre), pointer(mim), ure.size > 0,
        pointer(ure), pointer(uim), pointer(vre), pointer(vim),
    )  # fmt: skip
    system = (pointer(table), network, pointer(scales))
    column_re, column_im, values = np.empty(size), np.empty(size), np.zeros(first.shape[1])
    mode = flush_denormals()
    for lane in range(LANES):
        largest[lane], alive[lane], age[lane] = 0.0, 1.0 if lane < lanes else 0.0, 0.0
    for at in range(size * LANES):
        opened_re[at], opened_im[at] = begin_re[at], begin_im[at]
    if frame is not None:
        frame((size, begin_re, begin_im, opened_re, opened_im, spare, largest), system, dt, drift, unpack)
    for at in range(size * LANES):
        re[at], im[at] = opened_re[at], opened_im[at]
    for sample in range(samples):
        for _ in range(steps):
            if merged > 1:
                merge_increments(size, random, merged, draw)
            step(
                (size, re, im, next_re, next_im, spare, largest), random, merged, system, dt,
                drift, noise, reset, polar, unpack, draw,
            )  # fmt: skip
            re, next_re = next_re, re
            im, next_im = next_im, im
        seen_re, seen_im = re, im
        if frame is not None:
            # the steps go on from the open interval; samples see a closed copy, in rows that the next step overwrites
            frame((size, re, im, next_re, next_im, spare, largest), system, -dt, drift, unpack)
            seen_re, seen_im = next_re, next_im
        if count_troubled(size, re, im, largest, alive) > 0.0:
            settle_exits(
                size, (re, im), (opened_re, opened_im, begin_re, begin_im), (seen_re, seen_im), largest, alive, age,
                float(burn_in), limit, policy, exits, exploded,
            )  # fmt: skip
        for lane in range(LANES):
            largest[lane] = 0.0
            age[lane] += 1.0
            counted[lane] = alive[lane] if age[lane] > burn_in else 0.0
            weights[lane] += counted[lane]
        sample_phases(seen_re, seen_im, counted, pairs, harmonics, harmonics.shape[1])
        sample_numbers(size, seen_re, seen_im, counted, numbers)
        if histogram.shape[1] > 0:
            sample_histogram(size, seen_re, seen_im, counted, edge, histogram)
        if observe is not None:
            sample_observables(
                size, seen_re, seen_im, counted, observe, column_re, column_im, values, first, second
            )  # fmt: skip
        if saved.shape[0] > 0:
            save_amplitudes(size, seen_re, seen_im, alive, sample, saved)
    restore_denormals(mode)
