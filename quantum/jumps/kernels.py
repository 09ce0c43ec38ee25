"""The compiled loops of the jump trajectories. No checks and no defaults here; `propagators` fills the tables.

A trajectory is an unnormalised state x of squared norm 1 just after a jump, and a threshold, uniform in (0, 1): the
squared norm is the probability that no jump has happened yet, so the next jump happens where it falls to the threshold.

Most functions take the `head` row of the sector, `ints`, `reals` and the scratch `w` of the trajectory: x, a candidate y,
populations (five vectors of length row[PADDED], real before imaginary), then the rows of the Taylor series, which have zeros
on both sides (row[HALO]) and all imaginary parts behind all real ones.
Indices in inner loops are unsigned, since numba's wrap-around checks cost as much as the arithmetic.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from quantum.jumps.streams import uniform_pair

# The numbers and the layout stand in this file, because numba keys its cache on the file of a kernel alone: compiled code
# would not notice a change of constants that it had from elsewhere.

# Bound on the generator over the fine step of a dyadic sector: 9 Taylor terms reach rounding. From .004 to .5 the cost of
# a jump is the same within 10 %: what more levels cost, fewer terms save.
FINE_PHASE = 0.0625
# The same for a sparse sector: up to 39 terms, and e^6 = 400 roundings lost at most.
MARCH_PHASE = 6.0
TAYLOR_TERMS = 48
# rows: terms 0 .. TAYLOR_TERMS, a value of the series, its derivative
TAYLOR_ROWS = TAYLOR_TERMS + 3
# Amplitudes below this become 0: squares of their Taylor terms would be denormal, which costs 25 times a normal product.
FLUSH = 1e-130
# Rows of a SIMD tile, and the largest sector that is tiled. Measured for one product, tiles against whole columns:
# 5 states 25 and 37 ns, 8 states 28 and 64 ns, 16 states 160 and 134 ns, 50 states 1400 and 815 ns.
TILE = 4
TILED_SIZE = 12
# Columns of `head`, one row for each sector. "at" is a place in `reals`, "in" one in `ints`.
(
    SIZE,  # n, states of the sector
    PADDED,  # length of a scratch vector
    HALO,  # zeros before and after a row of Taylor terms
    WIDTH,  # length of such a row
    LEVELS,  # K, or -1 where the sector marches
    FINE,  # at: fine step in strides
    UNITARY,  # at: U_0, U_1, .. U_K, each as (tiles of rows, columns, real | imaginary, rows of the tile)
    LENGTH,  # reals in one of them
    REAL_BANDS,  # number of diagonals of Re(-i Heff) stride
    BANDS,  # the same and those of the imaginary part; 0 where rows are used
    BAND,  # in: for each of them (column minus row, at: one value for each row), the real ones first
    ROW,  # in: first entry of each row, and one more
    ROW_COL,  # in: column of each entry
    ROW_VALUE,  # at: (real, imaginary) of each entry
    RATE,  # at: rate out of each state through channels whose amplitudes never add
    EXIT,  # in: first exit of each state, and one more
    EXIT_SLOT,  # in: slot of each exit
    EXIT_RATE,  # at: its rate
    GENERALS,  # number of other channels, whose weight needs the whole state
    GENERAL,  # in: their slots
    SLOT,  # in: a slot is one channel in one sector; see the columns below
    ENTRY,  # in: (row, column) of each matrix element
    ENTRY_VALUE,  # at: its (real, imaginary)
    ELEMENT,  # first density-matrix element of the sector, row-major inside
    COLUMNS,
) = range(25)
# Columns of a slot: operator, sector and size where it lands, first and last + 1 of its entries.
CHANNEL, TARGET, TARGET_SIZE, FIRST_ENTRY, LAST_ENTRY, SLOT_COLUMNS = range(6)

# Taylor terms are dropped below this fraction of the squared norm, 1e-16 of the norm
_NEGLIGIBLE = 1e-32
# Sums may be reordered and products fused; no NaN or infinity is assumed away.
_FAST = {"contract", "reassoc", "nsz"}
# Kernels with it are inlined by force: a copy out of line is shared between all kernels of a process, and which one is taken,
# with which rounding, would depend on whether numba compiled them just now or loaded them from its cache. The others up to
# `jump` are inlined because calls with these arguments cost 20 ns each, a third of a jump of the pair.
_1, _2, _3, _4, _5, _6, _7, _8 = (np.uint64(k) for k in range(1, 9))


class Start(NamedTuple):
    """A mixture of normalised states, each inside one sector."""

    cumulative: np.ndarray  # (components,) running sum of the weights, the last one 1
    sector: np.ndarray
    at: np.ndarray  # (components,) where each one's amplitudes begin
    re: np.ndarray
    im: np.ndarray


class Marks(NamedTuple):
    """Times at which the state is looked at, and what for; one entry per time."""

    time: np.ndarray  # in strides since the start, ascending
    weight: np.ndarray  # of the normalised |x><x| in the time average
    slot: np.ndarray  # snapshot that it is added to, -1 for none
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


@njit(nogil=True, error_model="numpy", inline="always")
def adopt(n, padded, vector, scale, w):
    """Set x = scale times scratch vector number `vector`, tiny amplitudes to 0."""
    p, q = np.uint64(2 * vector * padded), np.uint64(padded)
    for k in range(n):
        i = np.uint64(k)
        re, im = scale * w[p + i], scale * w[p + q + i]
        w[i] = re if abs(re) > FLUSH else 0.0
        w[q + i] = im if abs(im) > FLUSH else 0.0


@njit(nogil=True, error_model="numpy", inline="always")
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
def tiled_band_product(row, ints, reals, scale, now, w):
    """Put scale G times the row before into the row at `now`, through the diagonals, tile by tile; |.|^2."""
    size = 0.0
    gap, width = np.uint64(TAYLOR_ROWS * row[WIDTH]), row[WIDTH]
    real_end, end = row[BAND] + 2 * row[REAL_BANDS], row[BAND] + 2 * row[BANDS]
    for i in range(0, row[SIZE], TILE):
        a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = 0.0
        for k in range(row[BAND], real_end, 2):
            q, g = np.uint64(now - width + i + ints[k]), np.uint64(ints[k + 1] + i)
            r = q + gap
            a0 += reals[g] * w[q]
            a1 += reals[g + _1] * w[q + _1]
            a2 += reals[g + _2] * w[q + _2]
            a3 += reals[g + _3] * w[q + _3]
            b0 += reals[g] * w[r]
            b1 += reals[g + _1] * w[r + _1]
            b2 += reals[g + _2] * w[r + _2]
            b3 += reals[g + _3] * w[r + _3]
        for k in range(real_end, end, 2):
            q, g = np.uint64(now - width + i + ints[k]), np.uint64(ints[k + 1] + i)
            r = q + gap
            a0 -= reals[g] * w[r]
            a1 -= reals[g + _1] * w[r + _1]
            a2 -= reals[g + _2] * w[r + _2]
            a3 -= reals[g + _3] * w[r + _3]
            b0 += reals[g] * w[q]
            b1 += reals[g + _1] * w[q + _1]
            b2 += reals[g + _2] * w[q + _2]
            b3 += reals[g + _3] * w[q + _3]
        a0, a1, a2, a3 = a0 * scale, a1 * scale, a2 * scale, a3 * scale
        b0, b1, b2, b3 = b0 * scale, b1 * scale, b2 * scale, b3 * scale
        p = np.uint64(now + i)
        w[p] = a0
        w[p + _1] = a1
        w[p + _2] = a2
        w[p + _3] = a3
        p += gap
        w[p] = b0
        w[p + _1] = b1
        w[p + _2] = b2
        w[p + _3] = b3
        size += (a0 * a0 + b0 * b0) + (a1 * a1 + b1 * b1) + (a2 * a2 + b2 * b2) + (a3 * a3 + b3 * b3)
    return size


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST, forceinline=True)
def band_product(row, ints, reals, scale, now, w):
    """The same diagonal by diagonal, for long ones."""
    n, gap, last = row[SIZE] + (-row[SIZE]) % TILE, TAYLOR_ROWS * row[WIDTH], now - row[WIDTH]
    re, im = w[now : now + n], w[now + gap : now + gap + n]
    if row[REAL_BANDS] == 0:
        for i in range(n):
            re[i] = 0.0
            im[i] = 0.0
    for band in range(row[BANDS]):
        k = row[BAND] + 2 * band
        q = last + ints[k]
        g = reals[ints[k + 1] : ints[k + 1] + n]
        u, v = w[q : q + n], w[q + gap : q + gap + n]
        if band == 0 and row[REAL_BANDS] > 0:
            for i in range(n):
                re[i] = scale * g[i] * u[i]
                im[i] = scale * g[i] * v[i]
        elif band < row[REAL_BANDS]:
            for i in range(n):
                re[i] += scale * g[i] * u[i]
                im[i] += scale * g[i] * v[i]
        else:
            for i in range(n):
                re[i] -= scale * g[i] * v[i]
                im[i] += scale * g[i] * u[i]
    size = 0.0
    for i in range(n):
        size += re[i] * re[i] + im[i] * im[i]
    return size


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST, forceinline=True)
def row_product(row, ints, reals, scale, now, w):
    """The same through the entries of each row of G."""
    size = 0.0
    n, last, gap = row[SIZE], now - row[WIDTH], TAYLOR_ROWS * row[WIDTH]
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


@njit(nogil=True, error_model="numpy", inline="always")
def product(row, ints, reals, scale, number, w):
    """Put scale G times row number - 1 into row `number`; |.|^2."""
    now = 5 * row[PADDED] + row[HALO] + number * row[WIDTH]
    if row[BANDS]:
        if row[SIZE] <= TILED_SIZE:
            return tiled_band_product(row, ints, reals, scale, now, w)
        return band_product(row, ints, reals, scale, now, w)
    return row_product(row, ints, reals, scale, now, w)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST, forceinline=True)
def overlap(row, number, w):
    """Re <row number - 1 | row number>."""
    p = np.uint64(5 * row[PADDED] + row[HALO] + number * row[WIDTH])
    width, gap = np.uint64(row[WIDTH]), np.uint64(TAYLOR_ROWS * row[WIDTH])
    total = 0.0
    for k in range(row[SIZE]):
        i = p + np.uint64(k)
        total += w[i] * w[i - width] + w[i + gap] * w[i + gap - width]
    return total


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST, forceinline=True)
def scale_row(row, number, scale, w):
    """Multiply one row."""
    p, gap = np.uint64(5 * row[PADDED] + row[HALO] + number * row[WIDTH]), np.uint64(TAYLOR_ROWS * row[WIDTH])
    for k in range(row[SIZE]):
        i = p + np.uint64(k)
        w[i] *= scale
        w[i + gap] *= scale


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST, forceinline=True)
def load_row(row, w):
    """Put x into row 0; |x|^2."""
    n, padded = row[SIZE], np.uint64(row[PADDED])
    base, gap = np.uint64(5 * row[PADDED] + row[HALO]), np.uint64(TAYLOR_ROWS * row[WIDTH])
    norm = 0.0
    for k in range(n):
        i = np.uint64(k)
        re, im = w[i], w[padded + i]
        w[base + i] = re
        w[base + gap + i] = im
        norm += re * re + im * im
    for k in range(n, n + (-n) % TILE):
        w[base + np.uint64(k)] = 0.0
        w[base + gap + np.uint64(k)] = 0.0
    return norm


@njit(nogil=True, error_model="numpy", inline="always")
def fill_series(row, ints, reals, longest, predict, threshold, w):
    """Fill the rows with (G step)^j x / j! until they no longer matter: (step, order, |x|^2, its slope).

    The step is `longest`, or with `predict` perhaps shorter: a little more than the wait that the present rate foretells.
    """
    before, slope = load_row(row, w), 0.0
    safe = 2 * FINE_PHASE if row[LEVELS] >= 0 else 2 * MARCH_PHASE
    step, scale, order = longest, 1.0, TAYLOR_TERMS
    for j in range(1, TAYLOR_TERMS + 1):
        size = product(row, ints, reals, scale, j, w)
        if j == 1:  # G x: it tells the rate, and so how long the series should be
            slope = 2.0 * overlap(row, 1, w)
            if predict and slope < 0.0 and before > threshold > 0.0:
                foretold = math.log(before / threshold) * before / -slope
                step = min(step, max(1.05 * foretold, 0.125 * step))
            scale_row(row, 1, step, w)
            size *= step * step
        # from `safe` on each term is less than half the one before, so that the last one bounds the rest
        if size <= _NEGLIGIBLE * before and (j >= safe or size == 0.0):
            order = j
            break
        scale = step / (j + 1)
    return step, order, before, slope * step


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST, forceinline=True)
def series_value(row, order, theta, w):
    """Put sum_j theta^j row_j into the row for values, by Horner; |.|^2."""
    width = np.uint64(row[WIDTH])
    base, gap = np.uint64(5 * row[PADDED] + row[HALO]), np.uint64(TAYLOR_ROWS) * width
    norm = 0.0
    for k in range(0, row[SIZE], TILE):
        p = base + np.uint64(k) + np.uint64(order) * width
        a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = 0.0
        for _ in range(order + 1):
            q = p + gap
            a0, a1, a2, a3 = a0 * theta + w[p], a1 * theta + w[p + _1], a2 * theta + w[p + _2], a3 * theta + w[p + _3]
            b0, b1, b2, b3 = b0 * theta + w[q], b1 * theta + w[q + _1], b2 * theta + w[q + _2], b3 * theta + w[q + _3]
            p -= width
        p = base + np.uint64(k) + np.uint64(TAYLOR_TERMS + 1) * width
        w[p] = a0
        w[p + _1] = a1
        w[p + _2] = a2
        w[p + _3] = a3
        p += gap
        w[p] = b0
        w[p + _1] = b1
        w[p + _2] = b2
        w[p + _3] = b3
        norm += (a0 * a0 + b0 * b0) + (a1 * a1 + b1 * b1) + (a2 * a2 + b2 * b2) + (a3 * a3 + b3 * b3)
    return norm


@njit(nogil=True, error_model="numpy", inline="always")
def take_value(row, change, w):
    """Set x = value + change times its derivative, tiny amplitudes to 0."""
    padded, width = np.uint64(row[PADDED]), np.uint64(row[WIDTH])
    p = np.uint64(5 * row[PADDED] + row[HALO]) + np.uint64(TAYLOR_TERMS + 1) * width
    q = p + np.uint64(TAYLOR_ROWS) * width
    for k in range(row[SIZE]):
        i = np.uint64(k)
        re, im = w[p + i], w[q + i]
        if change != 0.0:
            re += change * w[p + width + i]
            im += change * w[q + width + i]
        w[i] = re if abs(re) > FLUSH else 0.0
        w[padded + i] = im if abs(im) > FLUSH else 0.0


@njit(nogil=True, error_model="numpy", inline="always")
def first_guess(before, slope, after, end_slope, threshold):
    """Where the cubic through both ends, with their slopes, falls to the threshold, in 0 .. 1."""
    c2 = 3.0 * (after - before) - 2.0 * slope - end_slope
    c3 = 2.0 * (before - after) + slope + end_slope
    theta = (before - threshold) / (before - after)
    for _ in range(3):
        value = before + theta * (slope + theta * (c2 + theta * c3)) - threshold
        falling = slope + theta * (2.0 * c2 + theta * 3.0 * c3)
        if not falling < 0.0:
            break
        theta = min(max(theta - value / falling, 0.0), 1.0)
    return theta if 0.0 <= theta <= 1.0 else 0.0


@njit(nogil=True, error_model="numpy", inline="always")
def series(row, ints, reals, longest, predict, threshold, w):
    """Expand x, and find where in the expansion |x|^2 falls to the threshold: (step, order, theta, change).

    theta is that fraction of the step, or 2 if it is not reached. It is found by Newton's method kept in a bracket, from
    the cubic through both ends. The rows for the value and its derivative are left at theta less `change`, which is below
    1e-8, or at the end of the step.
    """
    step, order, before, slope = fill_series(row, ints, reals, longest, predict, threshold, w)
    low, high, theta, change = 0.0, 1.0, 1.0, 0.0
    for iteration in range(60):
        norm = series_value(row, order, theta, w)
        if iteration == 0 and norm >= threshold:
            return step, order, 2.0, 0.0
        product(row, ints, reals, step, TAYLOR_TERMS + 2, w)  # the derivative of the value is step G value
        falling = 2.0 * overlap(row, TAYLOR_TERMS + 2, w)
        if iteration == 0:
            theta = first_guess(before, slope, norm, falling, threshold)
            continue
        if norm >= threshold:
            low = theta
        else:
            high = theta
        change = (threshold - norm) / falling if falling < 0.0 else 2.0
        if not (low <= theta + change <= high):
            change = 0.5 * (low + high) - theta
        theta += change
        if abs(change) < 1e-8:  # what the quadratic term would add is below rounding
            break
    return step, order, theta, change


# --- to the next jump


@njit(nogil=True, error_model="numpy", inline="always")
def forget_series(row, w):
    """The state is no longer on the series that `march` keeps."""
    w[5 * row[PADDED] + 2 * TAYLOR_ROWS * row[WIDTH] + 1] = 0.0


@njit(nogil=True, error_model="numpy", inline="always")
def march(row, ints, reals, x, end, threshold, w):
    """Follow the state from x to `end` by Taylor series; (position, whether it is a jump).

    A series is as long as ||G|| or the next jump lets it be, however many strides that takes, and is kept in w: where it
    begins (counted from the present stride), its length (0: none), its order, and where in it the jump is (2: not in it).
    """
    at = 5 * row[PADDED] + 2 * TAYLOR_ROWS * row[WIDTH]
    while True:
        if w[at + 1] == 0.0:
            step, order, theta, change = series(row, ints, reals, reals[row[FINE]], True, threshold, w)
            w[at], w[at + 1], w[at + 2], w[at + 3] = x, step, order, theta
            known = True  # the value is that of the jump, or of the end of the series
        else:
            step, order, theta = w[at + 1], np.int64(w[at + 2]), w[at + 3]
            known, change = False, 0.0
        first = w[at]
        stop = first + step * min(theta, 1.0)
        if stop > end or not known:
            series_value(row, order, min((end - first) / step, theta, 1.0), w)
            change = 0.0
        take_value(row, change, w)
        if stop > end:
            w[at] = first - end
            return end, False
        w[at + 1] = 0.0
        if theta <= 1.0:
            return stop, True
        x = stop


@njit(nogil=True, error_model="numpy", inline="always")
def climb(row, ints, reals, x, end, threshold, w):
    """The same by dyadic propagators: up the ladder while no jump comes, down it to the fine step that holds one."""
    levels, fine = row[LEVELS], reals[row[FINE]]
    full = np.int64(1) << levels
    last = np.int64(math.floor(end * full))
    while x < end:
        p = np.int64(math.ceil(x * full))
        after = min(p * fine, end)  # to the ladder, if x is off it
        if after == x:
            after = end  # from the ladder's last rung
            if p < last:
                level, length = levels, np.int64(1)
                while level > 0 and p & length == 0 and p + 2 * length <= last:
                    level -= 1
                    length *= 2
                failed = False
                while level <= levels:
                    if try_unitary(row, reals, level, threshold, w):
                        p += length
                        if not failed:
                            break
                    else:
                        failed = True
                    level += 1
                    length >>= 1
                x = p * fine
                if not failed:
                    continue
                after = (p + 1) * fine  # the fine step that holds the jump
        step = after - x
        _, _, theta, change = series(row, ints, reals, step, False, threshold, w)
        take_value(row, change, w)
        if theta <= 1.0:
            return x + theta * step, True
        x = after
    return end, False


@njit(nogil=True, error_model="numpy", inline="always")
def next_event(row, ints, reals, x, end, threshold, w):
    """Follow the state inside the present stride from x to its next jump or to `end`."""
    if row[LEVELS] < 0:
        return march(row, ints, reals, x, end, threshold, w)
    return climb(row, ints, reals, x, end, threshold, w)


# --- the jump


@njit(nogil=True, error_model="numpy", inline="always")
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


@njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST, forceinline=True)
def simple_weights(row, reals, w):
    """Fill the populations with the rate out of each state through channels whose amplitudes never add; their sum."""
    at, padded, rate = np.uint64(4 * row[PADDED]), np.uint64(row[PADDED]), np.uint64(row[RATE])
    total = 0.0
    for k in range(row[SIZE]):
        i = np.uint64(k)
        weight = reals[rate + i] * (w[i] * w[i] + w[padded + i] * w[padded + i])
        w[at + i] = weight
        total += weight
    return total


@njit(nogil=True, error_model="numpy", inline="always")
def choose(row, ints, reals, choice, w):
    """Pick a slot by its weight |L x|^2; -1 if all weights are 0. One of weight 0 is never picked."""
    simple = simple_weights(row, reals, w)
    total = simple
    for k in range(row[GENERAL], row[GENERAL] + row[GENERALS]):
        total += apply_slot(row, ints, reals, ints[k], w)
    target, running, chosen = choice * total, 0.0, -1
    at = np.uint64(4 * row[PADDED])
    for i in range(row[SIZE]):
        weight = w[at + np.uint64(i)]
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


@njit(nogil=True, error_model="numpy", inline="always")
def choose_exit(row, ints, reals, i, target, w):
    """The exit of state i in which the running weight passes `target`, or the last one."""
    scale = w[4 * row[PADDED] + i] / reals[row[RATE] + i]
    running = 0.0
    chosen = -1
    for e in range(ints[row[EXIT] + i], ints[row[EXIT] + i + 1]):
        chosen = ints[row[EXIT_SLOT] + e]
        running += scale * reals[row[EXIT_RATE] + e]
        if running > target:
            break
    return chosen


@njit(nogil=True, error_model="numpy", inline="always")
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
    forget_series(head[s], w)
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
def add_landing(head, ints, at, w, out_re, out_im):
    """Add |x><x| of the state that a jump through the slot at `at` has just made."""
    row = head[ints[at + TARGET]]
    entry = ints[at + FIRST_ENTRY]
    if ints[at + LAST_ENTRY] == entry + 1:  # a single matrix element: a basis state
        out_re[row[ELEMENT] + ints[row[ENTRY] + 2 * entry] * (row[SIZE] + 1)] += 1.0
    else:
        add_density(row, 1.0, w, out_re, out_im)


@njit(nogil=True, error_model="numpy", inline="always")
def look(head, s, marks, m, observables, w, sums):
    """Add the state to every sum that wants it at mark m."""
    slot, observed = marks.slot[m], marks.observed[m]
    if marks.weight[m] != 0.0 or slot >= 0 or observed >= 0:
        scale = 1.0 / squared_norm(head[s, SIZE], head[s, PADDED], 0, w)
        if marks.weight[m] != 0.0:
            add_density(head[s], scale * marks.weight[m], w, sums.average_re, sums.average_im)
        if slot >= 0:
            add_density(head[s], scale, w, sums.snapshot_re[slot], sums.snapshot_im[slot])
        if observed >= 0:
            add_observables(observables, s, head[s, PADDED], scale, w, sums.observed[observed])


@njit(cache=True, nogil=True, error_model="numpy")
def run_chunk(tables, scratch, start, marks, integral, observables, key, first, last, sums, record, states):
    """Run trajectories first .. last - 1; the jump table, rows (trajectory, time in strides, channel).

    Strides are counted from the start, and the marks are whole ones; or, with `integral`, from the last jump, and every
    landing after the first mark is added to the time average. `states`, shape (marks, size + 1) or (0, 0), takes the states
    at the marks.
    """
    head, ints, reals = tables.head, tables.ints, tables.reals
    out_re, out_im, counts = sums.average_re, sums.average_im, sums.counts
    w = np.zeros(scratch)
    table, events = np.empty((16, 3)), 0
    for trajectory in range(first, last):
        choice, threshold = uniform_pair(key, trajectory, 0)
        s = load_start(head, start, choice, w)
        draw, m = 1, 0
        begin, x = 0.0, 0.0  # of the present stride, and the place in it
        while True:
            while m < marks.time.size and marks.time[m] <= begin:
                look(head, s, marks, m, observables, w, sums)
                if states.shape[0]:
                    store_state(head[s], s, w, states[m])
                m += 1
            if m == marks.time.size:
                break
            end = min(1.0, marks.time[m] - begin)
            x, jumped = next_event(head[s], ints, reals, x, end, threshold, w)
            if not jumped:
                begin = marks.time[m] if end < 1.0 else begin + 1.0
                x = 0.0
                continue
            choice, fresh = uniform_pair(key, trajectory, draw)
            at = jump(head[s], ints, reals, choice, w)
            if at < 0:  # only a rounding on a dark state comes here: nothing can jump, so nothing does
                threshold = 0.0
                continue
            s, threshold, draw = ints[at + TARGET], fresh, draw + 1
            counts[ints[at + CHANNEL]] += 1
            if integral and m > 0:
                add_landing(head, ints, at, w, out_re, out_im)
            if record:
                if events == table.shape[0]:
                    table = grown(table)
                table[events, 0], table[events, 1], table[events, 2] = trajectory, begin + x, ints[at + CHANNEL]
                events += 1
            if integral:
                begin, x = begin + x, 0.0
    return table[:events].copy()
