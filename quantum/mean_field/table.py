"""The kernel for large structures: terms in a table, run through for 64 points at a time; nothing is compiled per model.

A term takes .14 to .2 ns a point and stage (.6 ns a term and step): a van der Pol oscillator of 7 levels 260 ns a step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numba import njit

from quantum.mean_field.equations import Tables
from quantum.mean_field.lanes import FASTMATH, STEPS_BETWEEN_FLUSHES, flush, inline, pointer, sample, stack

LANES = 64
"""Points per block: enough to hide the look-up of each term behind its arithmetic."""

TOGETHER = 4
"""Terms that are added in one pass over the lanes: fewer passes over the sums."""

_row = stack(LANES)


@inline
def _add(sums, weight, factor, x, at_factor, at_x):
    at_factor, at_x = at_factor * LANES, at_x * LANES
    for lane in range(LANES):
        sums[lane] += weight * factor[at_factor + lane] * x[at_x + lane]


@inline
def _fields(x, factors, first_mean, means, first_field, fields, coefficients):
    """Mean values, then fields; both behind the coefficient rows in `factors`."""
    mean_index, mean_weight = means
    field_row, field_mean, field_sign = fields
    sums = _row()
    number = first_mean.size - 1
    for m in range(number):
        for lane in range(LANES):
            sums[lane] = 0.0
        for e in range(first_mean[m], first_mean[m + 1]):
            for lane in range(LANES):
                sums[lane] += mean_weight[e] * x[mean_index[e] * LANES + lane]
        for lane in range(LANES):
            factors[(coefficients + m) * LANES + lane] = sums[lane]
    for k in range(first_field.size - 1):
        for lane in range(LANES):
            sums[lane] = 0.0
        for e in range(first_field[k], first_field[k + 1]):
            _add(sums, field_sign[e], factors, factors, field_row[e], coefficients + field_mean[e])
        for lane in range(LANES):
            factors[(coefficients + number + k) * LANES + lane] = sums[lane]


@inline
def _stage(x, base, total, ahead, factors, first, terms, a, b, start):
    """Set ahead = base + a dx/dt and add b dx/dt to total, which begins with base where `start`."""
    factor, index, weight = terms
    sums = _row()
    for i in range(first.size - 1):
        for lane in range(LANES):
            sums[lane] = 0.0
        for e in range(first[i], first[i + 1], TOGETHER):
            f0, f1, f2, f3 = factor[e], factor[e + 1], factor[e + 2], factor[e + 3]
            j0, j1, j2, j3 = index[e], index[e + 1], index[e + 2], index[e + 3]
            w0, w1, w2, w3 = weight[e], weight[e + 1], weight[e + 2], weight[e + 3]
            for lane in range(LANES):
                sums[lane] += (w0 * factors[f0 + lane] * x[j0 + lane] + w1 * factors[f1 + lane] * x[j1 + lane]) + (
                    w2 * factors[f2 + lane] * x[j2 + lane] + w3 * factors[f3 + lane] * x[j3 + lane]
                )
        for lane in range(LANES):
            at = i * LANES + lane
            total[at] = (base[at] if start else total[at]) + b * sums[lane]
            ahead[at] = base[at] + a * sums[lane]


@inline
def _step(x, ahead, base, total, factors, first, terms, first_mean, means, first_field, fields, coefficients, h):
    """One Runge-Kutta step of order 4 for all lanes, from base to total."""
    for lane in range((first.size - 1) * LANES):
        x[lane] = base[lane]
    for s in range(4):
        _fields(x, factors, first_mean, means, first_field, fields, coefficients)
        a = h if s == 2 else 0.5 * h
        b = h / 6.0 if s == 0 or s == 3 else h / 3.0
        _stage(x, base, total, ahead, factors, first, terms, a, b, s == 0)
        x, ahead = ahead, x


@njit(nogil=True, fastmath=FASTMATH, error_model="numpy", cache=True)
def _driver(state, table, dt, counts, functionals, out, first, terms, first_mean, means, first_field, fields):
    size, coefficients = state.shape[0], table.shape[0]
    room = np.empty((coefficients + first_mean.size + first_field.size) * LANES)
    room[: coefficients * LANES] = table.ravel()
    states = np.empty((4, size * LANES))
    states[0] = state.ravel()
    factors = pointer(room)
    base, total, x, ahead = pointer(states[0]), pointer(states[1]), pointer(states[2]), pointer(states[3])
    sample(base, LANES, functionals, 0, out)
    for k in range(counts.size):
        for n in range(counts[k]):
            _step(
                x,
                ahead,
                base,
                total,
                factors,
                first,
                terms,
                first_mean,
                means,
                first_field,
                fields,
                coefficients,
                dt[k],
            )
            base, total = total, base
            if n % STEPS_BETWEEN_FLUSHES == 0:
                flush(base, size * LANES)
        flush(base, size * LANES)
        sample(base, LANES, functionals, k + 1, out)
    for i in range(size):
        for lane in range(LANES):
            state[i, lane] = base[i * LANES + lane]
    # keeps the arrays alive that the pointers point into
    return room[0] + states[0, 0]


def _entries(tables: Tables) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Terms of each component: first entry of each, and (place of the factor, place of the component, weight).

    Fields follow coefficient rows and mean values. Each component's terms are filled up with zeros to a multiple of
    `TOGETHER`.
    """
    shift = len(tables.rows) + len(tables.means)
    lists: list[list[tuple[int, int, float]]] = [[] for _ in range(tables.size)]
    for place, terms in ((0, tables.static), (shift, tables.driven)):
        for i, q, linear in terms:
            lists[i] += [((place + q) * LANES, j * LANES, w) for j, w in linear]
    return flat([terms + [(0, 0, 0.0)] * (-len(terms) % TOGETHER) for terms in lists], 3)


def flat(lists: Sequence[Sequence[tuple]], width: int) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Lists of entries (int, ..., float) one behind the other: first entry of each list, and the `width` columns."""
    first = np.concatenate([[0], np.cumsum([len(entries) for entries in lists])]).astype(np.int64)
    joined = [entry for entries in lists for entry in entries]
    columns = [np.array([entry[k] for entry in joined], dtype=np.int64) for k in range(width - 1)]
    return first, (*columns, np.array([entry[-1] for entry in joined], dtype=np.float64))


@lru_cache(maxsize=64)
def table_driver(tables: Tables) -> Callable:
    """Return a driver as `unrolled.unrolled_driver` does, for blocks of `LANES` points."""
    first, terms = _entries(tables)
    first_mean, means = flat(tables.means, 2)
    first_field, fields = flat(tables.fields, 3)

    def driver(state, table, dt, counts, functionals, out):
        _driver(state, table, dt, counts, functionals, out, first, terms, first_mean, means, first_field, fields)

    return driver
