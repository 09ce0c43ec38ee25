"""The compiled loops of the jump trajectories. No checks and no defaults here; the layout is in `propagators`.

A trajectory is an unnormalised state x of squared norm 1 just after a jump, and a threshold, uniform in (0, 1): the
squared norm is the probability that no jump has happened yet, so the next jump happens where it falls to the threshold.

Every function takes the `head` row of the sector, `ints`, `reals` and the scratch `w` of the trajectory: x, a candidate y,
the derivative d, populations (seven vectors of length row[PADDED], real before imaginary), then rows of Taylor terms.
Indices in inner loops are unsigned, since numba's wrap-around checks cost as much as the arithmetic.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from quantum.propagators import (
    BAND,
    BANDS,
    CHANNEL,
    ELEMENT,
    ENTRY,
    ENTRY_VALUE,
    EXIT,
    EXIT_RATE,
    EXIT_SLOT,
    FINE,
    FINE_PHASE,
    FIRST_ENTRY,
    FLUSH,
    GENERAL,
    GENERALS,
    HALO,
    LAST_ENTRY,
    LENGTH,
    LEVELS,
    MARCH_PHASE,
    PADDED,
    RATE,
    ROW,
    ROW_COL,
    ROW_VALUE,
    SIZE,
    SLOT,
    SLOT_COLUMNS,
    TARGET,
    TARGET_SIZE,
    TAYLOR_TERMS,
    TILE,
    TILED_SIZE,
    UNITARY,
    WIDTH,
)
from quantum.streams import uniform_pair

# Taylor terms are dropped below this fraction of the squared norm, 1e-16 of the norm
_NEGLIGIBLE = 1e-32
# Sums may be reordered and products fused; no NaN or infinity is assumed away.
_FAST = {"contract", "reassoc", "nsz"}
# Kernels with it are inlined by force: a copy out of line is shared between all kernels of a process, and which one is taken,
# with which rounding, would depend on whether numba compiled them just now or loaded them from its cache.
_1, _2, _3, _4, _5, _6, _7, _8 = (np.uint64(k) for k in range(1, 9))


class Start(NamedTuple):
    """A mixture of normalised states, each inside one sector."""

    cumulative: np.ndarray  # (components,) running sum of the weights, the last one 1
    sector: np.ndarray
    at: np.ndarray  # (components,) where each one's amplitudes begin
    re: np.ndarray
    im: np.ndarray


class Grid(NamedTuple):
    """What is sampled at which grid time; one entry per time."""

    slot: np.ndarray  # snapshot that the density matrix is added to, -1 for none
    averaged: np.ndarray  # 1 where the time counts for the time average
    observed: np.ndarray  # row of the expectation values, -1 for none


class Observables(NamedTuple):
    """Sector-diagonal operators as entries; ptr has shape (observables, sectors + 1)."""

    ptr: np.ndarray
    row: np.ndarray
    col: np.ndarray
    re: np.ndarray
    im: np.ndarray


class Sums(NamedTuple):
    """What a chunk of trajectories adds up."""

    average_re: np.ndarray  # (elements,), upper triangles of the sectors
    average_im: np.ndarray
    snapshot_re: np.ndarray  # (snapshots, elements)
    snapshot_im: np.ndarray
    observed: np.ndarray  # (rows, observables, 3): real, imaginary, squared modulus
    counts: np.ndarray  # (channels,)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST, forceinline=True)
def squared_norm(n, padded, vector, w):
    """|.|^2 of one of the scratch vectors: 0 for x, 1 for y."""
    re = np.uint64(2 * vector * padded)
    im = re + np.uint64(padded)
    norm = 0.0
    for k in range(n):
        i = np.uint64(k)
        norm += w[re + i] * w[re + i] + w[im + i] * w[im + i]
    return norm


# --- y = U x


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST, forceinline=True)
def tiled_product(u, at, n, padded, w):
    """Compute y = U x for U in tiles of 4 rows, written out so that a tile's sums stay in SIMD registers; |y|^2."""
    norm = 0.0
    p, pad, i = np.uint64(at), np.uint64(padded), np.uint64(2 * padded)
    for _ in range(0, n, TILE):
        a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = 0.0
        for k in range(n):
            j = np.uint64(k)
            x, y = w[j], w[pad + j]
            a0 += u[p] * x - u[p + _4] * y
            a1 += u[p + _1] * x - u[p + _5] * y
            a2 += u[p + _2] * x - u[p + _6] * y
            a3 += u[p + _3] * x - u[p + _7] * y
            b0 += u[p] * y + u[p + _4] * x
            b1 += u[p + _1] * y + u[p + _5] * x
            b2 += u[p + _2] * y + u[p + _6] * x
            b3 += u[p + _3] * y + u[p + _7] * x
            p += _8
        w[i] = a0
        w[i + _1] = a1
        w[i + _2] = a2
        w[i + _3] = a3
        w[i + pad] = b0
        w[i + pad + _1] = b1
        w[i + pad + _2] = b2
        w[i + pad + _3] = b3
        norm += (a0 * a0 + b0 * b0) + (a1 * a1 + b1 * b1) + (a2 * a2 + b2 * b2) + (a3 * a3 + b3 * b3)
        i += _4
    return norm


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST, forceinline=True)
def column_product(u, at, n, padded, w):
    """Compute y = U x for U in whole columns; |y|^2."""
    y_re, y_im = w[2 * padded : 2 * padded + n], w[3 * padded : 3 * padded + n]
    for i in range(n):
        y_re[i] = 0.0
        y_im[i] = 0.0
    for j in range(n):
        a, b = w[j], w[padded + j]
        c_re, c_im = u[at : at + n], u[at + n : at + 2 * n]
        for i in range(n):
            y_re[i] += c_re[i] * a - c_im[i] * b
            y_im[i] += c_re[i] * b + c_im[i] * a
        at += 2 * n
    return squared_norm(n, padded, 1, w)


@njit(cache=True, nogil=True, error_model="numpy")
def adopt(n, padded, vector, scale, w):
    """Set x = scale times scratch vector number `vector`, tiny amplitudes to 0."""
    p, q = np.uint64(2 * vector * padded), np.uint64(padded)
    for k in range(n):
        i = np.uint64(k)
        re, im = scale * w[p + i], scale * w[p + q + i]
        w[i] = re if abs(re) > FLUSH else 0.0
        w[q + i] = im if abs(im) > FLUSH else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def try_unitary(row, reals, level, threshold, w):
    """Replace x by U_level x if no jump comes on the way; whether that is so."""
    n, padded = row[SIZE], row[PADDED]
    at = row[UNITARY] + level * row[LENGTH]
    if n <= TILED_SIZE:
        norm = tiled_product(reals, at, n, padded, w)
    else:
        norm = column_product(reals, at, n, padded, w)
    if norm < threshold:
        return False
    adopt(n, padded, 1, 1.0, w)
    return True


# --- Taylor series


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST, forceinline=True)
def band_term(row, ints, reals, scale, now, gap, w):
    """One Taylor term, its real part at `now` and its imaginary part `gap` behind, through the diagonals; |term|^2."""
    size = 0.0
    step, width = np.uint64(gap), row[WIDTH]
    for i in range(0, row[SIZE], TILE):
        a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = 0.0
        for k in range(row[BAND], row[BAND] + 3 * row[BANDS], 3):
            q = np.uint64(now - width + i + ints[k])
            g, h = np.uint64(ints[k + 1] + i), np.uint64(ints[k + 2] + i)
            r = q + step
            a0 += reals[g] * w[q] - reals[h] * w[r]
            a1 += reals[g + _1] * w[q + _1] - reals[h + _1] * w[r + _1]
            a2 += reals[g + _2] * w[q + _2] - reals[h + _2] * w[r + _2]
            a3 += reals[g + _3] * w[q + _3] - reals[h + _3] * w[r + _3]
            b0 += reals[g] * w[r] + reals[h] * w[q]
            b1 += reals[g + _1] * w[r + _1] + reals[h + _1] * w[q + _1]
            b2 += reals[g + _2] * w[r + _2] + reals[h + _2] * w[q + _2]
            b3 += reals[g + _3] * w[r + _3] + reals[h + _3] * w[q + _3]
        a0, a1, a2, a3 = a0 * scale, a1 * scale, a2 * scale, a3 * scale
        b0, b1, b2, b3 = b0 * scale, b1 * scale, b2 * scale, b3 * scale
        p = np.uint64(now + i)
        w[p] = a0
        w[p + _1] = a1
        w[p + _2] = a2
        w[p + _3] = a3
        p += step
        w[p] = b0
        w[p + _1] = b1
        w[p + _2] = b2
        w[p + _3] = b3
        size += (a0 * a0 + b0 * b0) + (a1 * a1 + b1 * b1) + (a2 * a2 + b2 * b2) + (a3 * a3 + b3 * b3)
    return size


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST, forceinline=True)
def row_term(row, ints, reals, scale, now, gap, w):
    """The same through the entries of each row."""
    size = 0.0
    last, n = now - row[WIDTH], row[SIZE]
    for i in range(n):
        re, im = 0.0, 0.0
        for k in range(ints[row[ROW] + i], ints[row[ROW] + i + 1]):
            q, e = np.uint64(last + ints[row[ROW_COL] + k]), np.uint64(row[ROW_VALUE] + 2 * k)
            r = q + np.uint64(gap)
            re += reals[e] * w[q] - reals[e + _1] * w[r]
            im += reals[e] * w[r] + reals[e + _1] * w[q]
        re *= scale
        im *= scale
        w[now + i] = re
        w[now + gap + i] = im
        size += re * re + im * im
    for i in range(now + n, now + n + (-n) % TILE):
        w[i] = 0.0
        w[i + gap] = 0.0
    return size


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST, forceinline=True)
def taylor_terms(row, ints, reals, step, norm, w):
    """Fill the rows with (G step)^j x / j! until they no longer matter; the order reached and |x|^2's slope at 0."""
    n, padded, width = row[SIZE], row[PADDED], row[WIDTH]
    gap = (TAYLOR_TERMS + 1) * width
    base = 7 * padded + row[HALO]
    safe = 2 * FINE_PHASE if row[LEVELS] >= 0 else 2 * MARCH_PHASE
    for i in range(n):
        w[base + i] = w[i]
        w[base + gap + i] = w[padded + i]
    for i in range(base + n, base + n + (-n) % TILE):
        w[i] = 0.0
        w[i + gap] = 0.0
    slope, order = 0.0, TAYLOR_TERMS
    for j in range(1, TAYLOR_TERMS + 1):
        now = base + j * width
        if row[BANDS]:
            size = band_term(row, ints, reals, step / j, now, gap, w)
        else:
            size = row_term(row, ints, reals, step / j, now, gap, w)
        if j == 1:
            for i in range(n):
                slope += w[i] * w[now + i] + w[padded + i] * w[now + gap + i]
        # from `safe` on each term is less than half the one before, so that the last one bounds the rest
        if size <= _NEGLIGIBLE * norm and (j >= safe or size == 0.0):
            order = j
            break
    return order, 2.0 * slope


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST, forceinline=True)
def taylor_value(row, order, theta, w):
    """Compute x = sum_j theta^j row_j and d = dx/dtheta, by Horner; |x|^2 and its derivative."""
    width, pad = np.uint64(row[WIDTH]), np.uint64(row[PADDED])
    gap = np.uint64(TAYLOR_TERMS + 1) * width
    norm, slope = 0.0, 0.0
    i = np.uint64(0)
    for _ in range(0, row[SIZE], TILE):
        p = np.uint64(7) * pad + np.uint64(row[HALO]) + i + np.uint64(order) * width
        a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = 0.0
        c0 = c1 = c2 = c3 = e0 = e1 = e2 = e3 = 0.0
        for _ in range(order + 1):
            q = p + gap
            c0, c1, c2, c3 = c0 * theta + a0, c1 * theta + a1, c2 * theta + a2, c3 * theta + a3
            e0, e1, e2, e3 = e0 * theta + b0, e1 * theta + b1, e2 * theta + b2, e3 * theta + b3
            a0, a1, a2, a3 = a0 * theta + w[p], a1 * theta + w[p + _1], a2 * theta + w[p + _2], a3 * theta + w[p + _3]
            b0, b1, b2, b3 = b0 * theta + w[q], b1 * theta + w[q + _1], b2 * theta + w[q + _2], b3 * theta + w[q + _3]
            p -= width
        w[i] = a0
        w[i + _1] = a1
        w[i + _2] = a2
        w[i + _3] = a3
        w[pad + i] = b0
        w[pad + i + _1] = b1
        w[pad + i + _2] = b2
        w[pad + i + _3] = b3
        d = _4 * pad + i
        w[d] = c0
        w[d + _1] = c1
        w[d + _2] = c2
        w[d + _3] = c3
        d += pad
        w[d] = e0
        w[d + _1] = e1
        w[d + _2] = e2
        w[d + _3] = e3
        norm += (a0 * a0 + b0 * b0) + (a1 * a1 + b1 * b1) + (a2 * a2 + b2 * b2) + (a3 * a3 + b3 * b3)
        slope += (a0 * c0 + b0 * e0) + (a1 * c1 + b1 * e1) + (a2 * c2 + b2 * e2) + (a3 * c3 + b3 * e3)
        i += _4
    return norm, 2.0 * slope


@njit(cache=True, nogil=True, error_model="numpy")
def first_guess(before, slope, after, threshold):
    """Where the parabola through both ends with the slope of the beginning falls to the threshold, in 0 .. 1."""
    bend = after - before - slope
    root = slope * slope - 4.0 * bend * (before - threshold)
    if not (root > 0.0 and slope < 0.0):
        return 0.5
    return min(max(2.0 * (before - threshold) / (math.sqrt(root) - slope), 0.0), 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def taylor_root(row, order, theta, threshold, w):
    """Put x where |x|^2 = threshold, by Newton's method kept in a bracket; that fraction of the step."""
    low, high = 0.0, 1.0
    for _ in range(60):
        norm, slope = taylor_value(row, order, theta, w)
        if norm >= threshold:
            low = theta
        else:
            high = theta
        change = (threshold - norm) / slope if slope < 0.0 else 2.0
        if not (low <= theta + change <= high):
            change = 0.5 * (low + high) - theta
        theta += change
        if abs(change) < 1e-8:  # what the quadratic term would add is below rounding
            padded = row[PADDED]
            for i in range(row[SIZE]):
                w[i] += change * w[4 * padded + i]
                w[padded + i] += change * w[5 * padded + i]
            return theta
    taylor_value(row, order, theta, w)
    return theta


@njit(cache=True, nogil=True, error_model="numpy")
def taylor_step(row, ints, reals, step, threshold, w):
    """Move x by `step` strides, or to where |x|^2 falls to `threshold`: that fraction of the step, or -1 for none."""
    n, padded = row[SIZE], row[PADDED]
    before = squared_norm(n, padded, 0, w)
    order, slope = taylor_terms(row, ints, reals, step, before, w)
    after, _ = taylor_value(row, order, 1.0, w)
    theta = -1.0
    if after < threshold:
        theta = taylor_root(row, order, first_guess(before, slope, after, threshold), threshold, w)
    adopt(n, padded, 0, 1.0, w)
    return theta


# --- to the next jump


@njit(cache=True, nogil=True, error_model="numpy")
def march(row, ints, reals, x, end, threshold, w):
    """Follow the state from x to `end`, at most 1, by Taylor steps; (position, whether it is a jump)."""
    while x < end:
        rest = end - x
        step = min(reals[row[FINE]], rest)
        theta = taylor_step(row, ints, reals, step, threshold, w)
        if theta >= 0.0:
            return x + theta * step, True
        # the last step ends at `end` exactly, whatever x + (end - x) rounds to
        x = end if step == rest else x + step
    return end, False


@njit(cache=True, nogil=True, error_model="numpy")
def climb(row, ints, reals, x, end, threshold, w):
    """The same by dyadic propagators: up the ladder while no jump comes, down it to the fine step that holds one."""
    levels, fine = row[LEVELS], reals[row[FINE]]
    full = np.int64(1) << levels
    p, last = np.int64(math.ceil(x * full)), np.int64(math.floor(end * full))
    if p > last:  # both inside one fine step
        return march(row, ints, reals, x, end, threshold, w)
    if p * fine > x:
        gap = p * fine - x
        theta = taylor_step(row, ints, reals, gap, threshold, w)
        if theta >= 0.0:
            return x + theta * gap, True
    while p < last:
        level, length = levels, np.int64(1)
        while level > 0 and p & length == 0 and p + 2 * length <= last:
            level -= 1
            length *= 2
        if try_unitary(row, reals, level, threshold, w):
            p += length
            continue
        while level < levels:
            level += 1
            length >>= 1
            if try_unitary(row, reals, level, threshold, w):
                p += length
        theta = taylor_step(row, ints, reals, fine, threshold, w)
        if theta >= 0.0:
            return (p + theta) * fine, True
        p += 1
    return march(row, ints, reals, p * fine, end, threshold, w)


@njit(cache=True, nogil=True, error_model="numpy")
def next_event(row, ints, reals, x, end, threshold, w):
    """Follow the state inside the present stride from x to its next jump or to `end`."""
    if row[LEVELS] < 0:
        return march(row, ints, reals, x, end, threshold, w)
    return climb(row, ints, reals, x, end, threshold, w)


# --- the jump


@njit(cache=True, nogil=True, error_model="numpy")
def apply_slot(row, ints, reals, slot, w):
    """Compute y = L x for a slot; |y|^2."""
    padded = row[PADDED]
    at = row[SLOT] + SLOT_COLUMNS * slot
    n = ints[at + TARGET_SIZE]
    for i in range(2 * padded, 2 * padded + n):
        w[i] = 0.0
        w[i + padded] = 0.0
    for k in range(ints[at + FIRST_ENTRY], ints[at + LAST_ENTRY]):
        i, j = 2 * padded + ints[row[ENTRY] + 2 * k], ints[row[ENTRY] + 2 * k + 1]
        v_re, v_im = reals[row[ENTRY_VALUE] + 2 * k], reals[row[ENTRY_VALUE] + 2 * k + 1]
        a, b = w[j], w[padded + j]
        w[i] += v_re * a - v_im * b
        w[padded + i] += v_re * b + v_im * a
    return squared_norm(n, padded, 1, w)


@njit(cache=True, nogil=True, error_model="numpy")
def choose(row, ints, reals, choice, w):
    """Pick a slot by its weight |L x|^2; -1 if all weights are 0. One of weight 0 is never picked."""
    n, padded = row[SIZE], row[PADDED]
    population = 6 * padded
    simple = 0.0
    for i in range(n):
        w[population + i] = reals[row[RATE] + i] * (w[i] * w[i] + w[padded + i] * w[padded + i])
        simple += w[population + i]
    total = simple
    for k in range(row[GENERAL], row[GENERAL] + row[GENERALS]):
        total += apply_slot(row, ints, reals, ints[k], w)
    target, running, chosen = choice * total, 0.0, -1
    for i in range(n):
        weight = w[population + i]
        if weight > 0.0:
            chosen = i
            if running + weight > target:
                break
            running += weight
    if chosen >= 0 and (target < simple or row[GENERALS] == 0):
        return choose_exit(row, ints, reals, chosen, target - running, w)
    chosen, running = -1, simple
    for k in range(row[GENERAL], row[GENERAL] + row[GENERALS]):
        weight = apply_slot(row, ints, reals, ints[k], w)
        if weight > 0.0:
            chosen = ints[k]
            running += weight
            if running > target:
                break
    return chosen


@njit(cache=True, nogil=True, error_model="numpy")
def choose_exit(row, ints, reals, i, target, w):
    """The exit of state i in which the running weight passes `target`, or the last one."""
    scale = w[6 * row[PADDED] + i] / reals[row[RATE] + i]
    running = 0.0
    chosen = -1
    for e in range(ints[row[EXIT] + i], ints[row[EXIT] + i + 1]):
        chosen = ints[row[EXIT_SLOT] + e]
        running += scale * reals[row[EXIT_RATE] + e]
        if running > target:
            break
    return chosen


@njit(cache=True, nogil=True, error_model="numpy")
def jump(row, ints, reals, choice, w):
    """Choose a channel, apply it and normalise; the place of its slot in `ints`, or -1 if nothing can jump."""
    slot = choose(row, ints, reals, choice, w)
    if slot < 0:
        return slot
    norm = apply_slot(row, ints, reals, slot, w)
    at = row[SLOT] + SLOT_COLUMNS * slot
    adopt(ints[at + TARGET_SIZE], row[PADDED], 1, 1.0 / math.sqrt(norm), w)
    return at


@njit(cache=True, nogil=True, error_model="numpy")
def load_start(head, start, choice, w):
    """Put the component of the initial mixture that `choice` falls on into x; its sector."""
    k = min(np.searchsorted(start.cumulative, choice, side="right"), start.cumulative.size - 1)
    s = start.sector[k]
    for i in range(head[s, SIZE]):
        w[i] = start.re[start.at[k] + i]
        w[head[s, PADDED] + i] = start.im[start.at[k] + i]
    return s


# --- what is kept


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST, forceinline=True)
def add_density(row, weight, w, out_re, out_im):
    """Add weight |x><x| to the upper triangle of the sector's elements."""
    n, padded = row[SIZE], row[PADDED]
    for i in range(n):
        a, b = weight * w[i], weight * w[padded + i]
        at = row[ELEMENT] + i * n
        row_re, row_im = out_re[at + i : at + n], out_im[at + i : at + n]
        x_re, x_im = w[i:n], w[padded + i : padded + n]
        for j in range(n - i):
            row_re[j] += a * x_re[j] + b * x_im[j]
            row_im[j] += b * x_re[j] - a * x_im[j]


@njit(cache=True, nogil=True, error_model="numpy")
def add_observables(observables, s, padded, weight, w, out):
    """Add the expectation values in x to one row of the sums."""
    for o in range(out.shape[0]):
        re, im = 0.0, 0.0
        for e in range(observables.ptr[o, s], observables.ptr[o, s + 1]):
            i, j = observables.row[e], observables.col[e]
            # conj(x_i) x_j
            p = w[i] * w[j] + w[padded + i] * w[padded + j]
            q = w[i] * w[padded + j] - w[padded + i] * w[j]
            re += observables.re[e] * p - observables.im[e] * q
            im += observables.re[e] * q + observables.im[e] * p
        re *= weight
        im *= weight
        out[o, 0] += re
        out[o, 1] += im
        out[o, 2] += re * re + im * im


@njit(cache=True, nogil=True, error_model="numpy")
def grown(table):
    """A copy of the jump table with twice the room."""
    out = np.empty((2 * table.shape[0], 3))
    out[: table.shape[0]] = table
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def store_state(row, s, w, out):
    """Write the normalised state and, last, its sector."""
    n, padded = row[SIZE], row[PADDED]
    scale = 1.0 / math.sqrt(squared_norm(n, padded, 0, w))
    for i in range(n):
        out[i] = complex(w[i] * scale, w[padded + i] * scale)
    out[-1] = s


@njit(cache=True, nogil=True, error_model="numpy")
def grid_chunk(tables, scratch, start, grid, observables, key, first, last, sums, record, states):
    """Run trajectories first .. last - 1 over the grid; the jump table, rows (trajectory, time in strides, channel).

    `states`, shape (times, size + 1) or (0, 0), takes the state of each grid time.
    """
    head, ints, reals = tables.head, tables.ints, tables.reals
    counts = sums.counts
    w = np.zeros(scratch)
    table, events = np.empty((16, 3)), 0
    for trajectory in range(first, last):
        choice, threshold = uniform_pair(key, trajectory, 0)
        s = load_start(head, start, choice, w)
        draw = 1
        for k in range(grid.slot.size):
            x = 0.0 if k else 1.0
            while x < 1.0:
                x, jumped = next_event(head[s], ints, reals, x, 1.0, threshold, w)
                if not jumped:
                    break
                choice, fresh = uniform_pair(key, trajectory, draw)
                at = jump(head[s], ints, reals, choice, w)
                if at < 0:  # only a rounding on a dark state comes here: nothing can jump, so nothing does
                    threshold = 0.0
                    continue
                s, threshold, draw = ints[at + TARGET], fresh, draw + 1
                counts[ints[at + CHANNEL]] += 1
                if record:
                    if events == table.shape[0]:
                        table = grown(table)
                    table[events, 0], table[events, 1], table[events, 2] = trajectory, k - 1 + x, ints[at + CHANNEL]
                    events += 1
            slot, averaged, observed = grid.slot[k], grid.averaged[k], grid.observed[k]
            if averaged or slot >= 0 or observed >= 0:
                weight = 1.0 / squared_norm(head[s, SIZE], head[s, PADDED], 0, w)
                if averaged:
                    add_density(head[s], weight, w, sums.average_re, sums.average_im)
                if slot >= 0:
                    add_density(head[s], weight, w, sums.snapshot_re[slot], sums.snapshot_im[slot])
                if observed >= 0:
                    add_observables(observables, s, head[s, PADDED], weight, w, sums.observed[observed])
            if states.shape[0]:
                store_state(head[s], s, w, states[k])
    return table[:events].copy()


@njit(cache=True, nogil=True, error_model="numpy")
def add_landing(head, ints, at, w, out_re, out_im):
    """Add |x><x| of the state that a jump through the slot at `at` has just made."""
    row = head[ints[at + TARGET]]
    entry = ints[at + FIRST_ENTRY]
    if ints[at + LAST_ENTRY] == entry + 1:  # a single matrix element: a basis state
        out_re[row[ELEMENT] + ints[row[ENTRY] + 2 * entry] * (row[SIZE] + 1)] += 1.0
    else:
        add_density(row, 1.0, w, out_re, out_im)


@njit(cache=True, nogil=True, error_model="numpy")
def integral_chunk(tables, scratch, start, begin, end, key, first, last, sums, record):
    """Run trajectories on a clock that restarts at each jump; the jump table as for `grid_chunk`.

    Adds up |x><x| of the state at `begin`, of every landing from then to `end`, and minus that of the state at `end`.
    """
    head, ints, reals = tables.head, tables.ints, tables.reals
    out_re, out_im, counts = sums.average_re, sums.average_im, sums.counts
    w = np.zeros(scratch)
    table, events = np.empty((16, 3)), 0
    for trajectory in range(first, last):
        choice, threshold = uniform_pair(key, trajectory, 0)
        s = load_start(head, start, choice, w)
        draw, now, inside = 1, 0.0, False
        while True:
            mark = end if inside else begin
            if now < mark:
                x, jumped = next_event(head[s], ints, reals, 0.0, min(1.0, mark - now), threshold, w)
                if jumped:
                    now += x
                    choice, fresh = uniform_pair(key, trajectory, draw)
                    at = jump(head[s], ints, reals, choice, w)
                    if at < 0:
                        threshold = 0.0
                        continue
                    s, threshold, draw = ints[at + TARGET], fresh, draw + 1
                    counts[ints[at + CHANNEL]] += 1
                    if inside:
                        add_landing(head, ints, at, w, out_re, out_im)
                    if record:
                        if events == table.shape[0]:
                            table = grown(table)
                        table[events, 0], table[events, 1], table[events, 2] = trajectory, now, ints[at + CHANNEL]
                        events += 1
                    continue
                if mark - now > 1.0:
                    now += 1.0
                    continue
            now = mark
            weight = 1.0 / squared_norm(head[s, SIZE], head[s, PADDED], 0, w)
            add_density(head[s], -weight if inside else weight, w, out_re, out_im)
            if inside:
                break
            inside = True
    return table[:events].copy()
