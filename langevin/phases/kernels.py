"""Kernel of noisy phase oscillators in groups: 64 realisations side by side, see `langevin.lanes`."""

from __future__ import annotations

import math

from numba import njit

from langevin.lanes import FASTMATH, LANES, pointer, row, turn
from langevin.streams import gaussian

_inline = njit(fastmath=FASTMATH, error_model="numpy", forceinline=True)


@_inline
def _fields(sums, couplings, groups, fields):
    """fields[g] = sum_h couplings[g, h] * (sum of e^{i theta} over group h), real and imaginary parts in turn."""
    for g in range(groups):
        re, im = row(), row()
        for lane in range(LANES):
            re[lane], im[lane] = 0.0, 0.0
        for h in range(groups):
            c, d = couplings[g, h].real, couplings[g, h].imag
            for lane in range(LANES):
                x, y = sums[2 * h * LANES + lane], sums[(2 * h + 1) * LANES + lane]
                re[lane] += c * x - d * y
                im[lane] += c * y + d * x
        for lane in range(LANES):
            fields[2 * g * LANES + lane], fields[(2 * g + 1) * LANES + lane] = re[lane], im[lane]


@_inline
def _slopes(theta, at, frequency, dt, fx, fy, slope):
    """Set the slope to dt (omega + Im(h e^{-i theta})) of one oscillator."""
    for lane in range(LANES):
        c, s = turn(theta[at + lane])
        slope[lane] = dt * (frequency + fy[lane] * c - fx[lane] * s)


@_inline
def _add_directions(theta, at, x, y):
    """Add cos and sin of one oscillator's phases."""
    for lane in range(LANES):
        c, s = turn(theta[at + lane])
        x[lane] += c
        y[lane] += s


@_inline
def _group_sums(theta, sizes, sums):
    """Sums of e^{i theta} over the groups."""
    at = 0
    for g in range(sizes.size):
        x, y = row(), row()
        for lane in range(LANES):
            x[lane], y[lane] = 0.0, 0.0
        for _ in range(sizes[g]):
            _add_directions(theta, at, x, y)
            at += LANES
        for lane in range(LANES):
            sums[2 * g * LANES + lane], sums[(2 * g + 1) * LANES + lane] = x[lane], y[lane]


@_inline
def _predict(theta, trial, base, sizes, frequencies, noises, dt, fields, random):
    """Set trial = theta + f dt + dW, base = theta + f dt/2 + dW. Two oscillators share a pair of normal numbers."""
    at, site = 0, 0
    slope, first, second, fx, fy = row(), row(), row(), row(), row()
    for g in range(sizes.size):
        width = math.sqrt(2.0 * noises[g] * dt)
        for lane in range(LANES):
            fx[lane], fy[lane] = fields[2 * g * LANES + lane], fields[(2 * g + 1) * LANES + lane]
        for i in range(sizes[g]):
            if i % 2 == 0:
                gaussian(random, first, second)
            else:
                for lane in range(LANES):
                    first[lane] = second[lane]
            _slopes(theta, at, frequencies[site], dt, fx, fy, slope)
            for lane in range(LANES):
                moved = theta[at + lane] + width * first[lane]
                first[lane] = moved + slope[lane]
                slope[lane] = moved + 0.5 * slope[lane]
            for lane in range(LANES):
                trial[at + lane] = first[lane]
            for lane in range(LANES):
                base[at + lane] = slope[lane]
            at += LANES
            site += 1


@_inline
def _correct(theta, trial, base, sizes, frequencies, dt, fields):
    """Set theta = base + f(trial) dt/2."""
    at, site = 0, 0
    slope, fx, fy = row(), row(), row()
    for g in range(sizes.size):
        for lane in range(LANES):
            fx[lane], fy[lane] = fields[2 * g * LANES + lane], fields[(2 * g + 1) * LANES + lane]
        for _ in range(sizes[g]):
            _slopes(trial, at, frequencies[site], 0.5 * dt, fx, fy, slope)
            for lane in range(LANES):
                slope[lane] += base[at + lane]
            for lane in range(LANES):
                theta[at + lane] = slope[lane]
            at += LANES
            site += 1


@_inline
def _sample(theta, sizes, sums, out):
    """out[g] = mean of e^{i theta} (two rows) and mean of theta itself."""
    at = 0
    for g in range(sizes.size):
        total = row()
        for lane in range(LANES):
            total[lane] = 0.0
        for _ in range(sizes[g]):
            for lane in range(LANES):
                total[lane] += theta[at + lane]
            at += LANES
        for lane in range(LANES):
            out[g, 0, lane] = sums[2 * g * LANES + lane] / sizes[g]
            out[g, 1, lane] = sums[(2 * g + 1) * LANES + lane] / sizes[g]
            out[g, 2, lane] = total[lane] / sizes[g]


@njit(fastmath=FASTMATH, error_model="numpy", nogil=True, cache=True)
def run_phases(phases, dt, steps, sizes, frequencies, noises, couplings, state, room, rows, series):
    """Heun steps of one block from `phases`, shape (oscillators, lanes); samples into series[time, group, 0..2, lane].

    `couplings[g, h]` is K e^{-i alpha} over the size of group h; `state` the generators of the lanes, shape (4, lanes).
    `room`, shape (2, oscillators, lanes), and `rows`, shape (3, groups, 2, lanes), are the caller's: an array made here
    would be freed after its last mention, which is that of its pointer.
    """
    theta, trial, base = pointer(phases), pointer(room[0]), pointer(room[1])
    sums, trial_sums, fields = pointer(rows[0]), pointer(rows[1]), pointer(rows[2])
    random = (pointer(state),)
    _group_sums(theta, sizes, sums)
    _sample(theta, sizes, sums, series[0])
    for n in range(1, series.shape[0]):
        for _ in range(steps):
            _fields(sums, couplings, sizes.size, fields)
            _predict(theta, trial, base, sizes, frequencies, noises, dt, fields, random)
            _group_sums(trial, sizes, trial_sums)
            _fields(trial_sums, couplings, sizes.size, fields)
            _correct(theta, trial, base, sizes, frequencies, dt, fields)
            _group_sums(theta, sizes, sums)
        _sample(theta, sizes, sums, series[n])
