"""Kernels of the discrete truncated Wigner ensemble: precession in lanes, events and noise per lane.

A row holds one number of each of the 64 trajectories of a block. The state of a site is `size` rows (components of its
phase-point matrix, see `langevin.spins.algebra`); with noise they are followed by the components of its conditional state.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from langevin.lanes import FASTMATH, LANES, local, pointer, row, word_row
from langevin.streams import _word, unit_interval

_inline = njit(fastmath=FASTMATH, error_model="numpy", forceinline=True)
_function = njit(fastmath=FASTMATH, error_model="numpy", nogil=True)


# --- mean-field precession --------------------------------------------------------------------------------------------


@_inline
def _expectation(state, at, begin, end, which, weight, out):
    """out[lane] = sum of weight * component of the site whose rows start at `at`."""
    total = row()
    for lane in range(LANES):
        total[lane] = 0.0
    for e in range(begin, end):
        w, source = weight[e], at + which[e] * LANES
        for lane in range(LANES):
            total[lane] += w * state[source + lane]
    for lane in range(LANES):
        out[lane] = total[lane]


@_function
def _group_fields(state, stride, sizes, linear, strength, sums, fields):
    """fields[g, t, re | im] = sum over all sites j of C_t[g, g_j] <L_t>_j; `sums` is room for the sums of groups."""
    pointers, which, weight = linear
    y, total_rows = pointer(state), pointer(sums)
    index, values = pointer(which), pointer(weight)
    own = row()
    terms = strength.shape[0]
    sums[:] = 0.0
    at = 0
    for g in range(sizes.size):
        for _ in range(sizes[g]):
            for part in range(2 * terms):
                _expectation(y, at, pointers[part], pointers[part + 1], index, values, own)
                target = (g * 2 * terms + part) * LANES
                for lane in range(LANES):
                    total_rows[target + lane] += own[lane]
            at += stride
    fields[:] = 0.0
    for g in range(sizes.size):
        for t in range(terms):
            for h in range(sizes.size):
                c = strength[t, g, h]
                if c != 0.0:
                    for lane in range(LANES):
                        re, im = sums[h, 2 * t, lane], sums[h, 2 * t + 1, lane]
                        fields[g, 2 * t, lane] += c.real * re - c.imag * im
                        fields[g, 2 * t + 1, lane] += c.real * im + c.imag * re


@_inline
def _site_fields(y, at, g, linear, strength, fields, here):
    """Fields at one site: those of its group less its own part. Row 0 holds ones, for what does not depend on fields."""
    pointers, which, weight = linear
    index, values = pointer(which), pointer(weight)
    re, im = row(), row()
    for t in range(strength.shape[0]):
        c = strength[t, g, g].real
        _expectation(y, at, pointers[2 * t], pointers[2 * t + 1], index, values, re)
        _expectation(y, at, pointers[2 * t + 1], pointers[2 * t + 2], index, values, im)
        for lane in range(LANES):
            here[1 + 2 * t, lane] = fields[g, 2 * t, lane] - c * re[lane]
            here[2 + 2 * t, lane] = fields[g, 2 * t + 1, lane] - c * im[lane]


@_inline
def _site_slope(y, at, begin, size, generator, here, slope):
    """Slope = (sum over fields of field * generator) state, of one site."""
    pointers, source, field, weight = generator
    sources, fields, weights = pointer(source), pointer(field), pointer(weight)
    rows, out = pointer(here), pointer(slope)
    total = row()
    for m in range(size):
        for lane in range(LANES):
            total[lane] = 0.0
        for e in range(pointers[begin + m], pointers[begin + m + 1]):
            w, s, f = weights[e], at + sources[e] * LANES, fields[e] * LANES
            for lane in range(LANES):
                total[lane] += w * rows[f + lane] * y[s + lane]
        for lane in range(LANES):
            out[m * LANES + lane] = total[lane]


@_function
def _stage(state, stage, total, dt, weight, ahead, size, copies, sizes, generator, linear, strength, room):
    """One stage of the Runge-Kutta step: total += weight dt k, stage = state + ahead dt k, k the slope at `stage`."""
    sums, fields, here, slope = room
    _group_fields(stage, size * copies * LANES, sizes, linear, strength, sums, fields)
    y, x, z, k = pointer(state), pointer(stage), pointer(total), pointer(slope)
    at = 0
    for g in range(sizes.size):
        for _ in range(sizes[g]):
            _site_fields(x, at, g, linear, strength, fields, here)
            for _ in range(copies):
                _site_slope(x, at, g * size, size, generator, here, slope)
                for r in range(size):
                    a, b = at + r * LANES, r * LANES
                    for lane in range(LANES):
                        step = dt * k[b + lane]
                        z[a + lane] += weight * step
                        x[a + lane] = y[a + lane] + ahead * step
                at += size * LANES


@_function
def flow(state, stage, total, dt, size, copies, sizes, generator, linear, strength, room):
    """Advance all sites by `dt` along their mean-field equations (classical Runge-Kutta, fourth order)."""
    stage[:] = state
    total[:] = state
    common = (size, copies, sizes, generator, linear, strength, room)
    _stage(state, stage, total, dt, 1.0 / 6.0, 0.5, *common)
    _stage(state, stage, total, dt, 1.0 / 3.0, 0.5, *common)
    _stage(state, stage, total, dt, 1.0 / 3.0, 1.0, *common)
    _stage(state, stage, total, dt, 1.0 / 6.0, 0.0, *common)
    state[:] = total


# --- randomness of one lane -------------------------------------------------------------------------------------------


@local
def _draw(random, lane):
    """The next signed 32-bit word of one lane's generator."""
    word, s0, s1, s2, s3 = _word(random[0, lane], random[1, lane], random[2, lane], random[3, lane])
    random[0, lane], random[1, lane], random[2, lane], random[3, lane] = s0, s1, s2, s3
    return word


@local
def _uniform(random, lane):
    return unit_interval(_draw(random, lane))


@local
def _component(j, k, levels):
    """Row of Re A_jk for j > k; the row of Im A_jk follows."""
    return levels + j * (j - 1) + 2 * k


# --- events -----------------------------------------------------------------------------------------------------------


@_inline
def _redraw(rows, lane, source, levels, random):
    """Draw coherences of the level that has just been emptied.

    One of the others, n, is drawn with its population (cut to be a probability), and the coherence with n becomes
    (+-1 +- i)/2, all others zero.
    """
    whole = 0.0
    for n in range(levels):
        if n != source:
            whole += max(rows[n, lane], 0.0)
    left = _uniform(random, lane) * whole
    chosen = -1
    for n in range(levels):
        if n != source:
            p = max(rows[n, lane], 0.0)
            if chosen < 0 and left < p:
                chosen = n
            left -= p
            r = _component(max(n, source), min(n, source), levels)
            rows[r, lane], rows[r + 1, lane] = 0.0, 0.0
    if chosen < 0:
        chosen = levels - 1 if source != levels - 1 else levels - 2
    word = _draw(random, lane)
    r = _component(max(chosen, source), min(chosen, source), levels)
    rows[r, lane] = 0.5 if word < 0 else -0.5
    rows[r + 1, lane] = 0.5 if np.int32(word << np.int32(1)) < 0 else -0.5


@_function
def events(state, waiting, dt, levels, sizes, jumps, random):
    """Reset jumps within `dt`, each at its own constant rate: empty one level into another.

    `jumps` = (pointers of groups, cumulative rates, sources, targets); `waiting` is the time to a site's next event.
    """
    pointers, cumulative, sources, targets = jumps
    site = 0
    for g in range(sizes.size):
        begin, end = pointers[g], pointers[g + 1]
        for _ in range(sizes[g]):
            if end > begin:
                rate = cumulative[end - 1]
                for lane in range(LANES):
                    left = waiting[site, lane] - dt
                    while left <= 0.0:
                        u = _uniform(random, lane) * rate
                        kind = begin
                        while kind < end - 1 and u >= cumulative[kind]:
                            kind += 1
                        source, target = sources[kind], targets[kind]
                        rows = state[site]
                        rows[target, lane] += rows[source, lane]
                        rows[source, lane] = 0.0
                        if _draw(random, lane) < 0:
                            _redraw(rows, lane, source, levels, random)
                        left -= math.log(_uniform(random, lane)) / rate
                    waiting[site, lane] = left
            site += 1


@_function
def first_events(waiting, sizes, jumps, random):
    """Draw every site's time to its first event."""
    pointers, cumulative, _, _ = jumps
    site = 0
    for g in range(sizes.size):
        for _ in range(sizes[g]):
            if pointers[g + 1] > pointers[g]:
                for lane in range(LANES):
                    waiting[site, lane] = -math.log(_uniform(random, lane)) / cumulative[pointers[g + 1] - 1]
            site += 1


@_function
def dephase(state, dt, levels, sizes, diagonals, random):
    """Rotate each site by exp(-i c dW) for each real diagonal jump operator c of its group."""
    pointers, values = diagonals
    width = math.sqrt(dt)
    site = 0
    for g in range(sizes.size):
        for _ in range(sizes[g]):
            for c in range(pointers[g], pointers[g + 1]):
                for lane in range(LANES):
                    radius = width * math.sqrt(-2.0 * math.log(_uniform(random, lane)))
                    angle = radius * math.cos(2.0 * math.pi * _uniform(random, lane))
                    for j in range(1, levels):
                        for k in range(j):
                            turn = -(values[c, j] - values[c, k]) * angle
                            co, si = math.cos(turn), math.sin(turn)
                            r = _component(j, k, levels)
                            x, y = state[site, r, lane], state[site, r + 1, lane]
                            state[site, r, lane] = co * x - si * y
                            state[site, r + 1, lane] = co * y + si * x
            site += 1


# --- noise ------------------------------------------------------------------------------------------------------------


@_inline
def _factorize(state, site, levels, factor):
    """Lower triangular F with F F^+ = the conditional state of a site, for all lanes; zero columns where it is singular.

    F_jk lies in rows 2 (d j + k) and the next one.
    """
    size = levels * levels
    s, t, inverse = row(), row(), row()
    for k in range(levels):
        for j in range(k, levels):
            if j == k:
                for lane in range(LANES):
                    s[lane], t[lane] = state[site, size + k, lane], 0.0
            else:
                r = size + _component(j, k, levels)
                for lane in range(LANES):
                    s[lane], t[lane] = state[site, r, lane], state[site, r + 1, lane]
            for m in range(k):
                a, b = 2 * (levels * j + m), 2 * (levels * k + m)
                for lane in range(LANES):
                    s[lane] -= factor[a, lane] * factor[b, lane] + factor[a + 1, lane] * factor[b + 1, lane]
                    t[lane] -= factor[a + 1, lane] * factor[b, lane] - factor[a, lane] * factor[b + 1, lane]
            at = 2 * (levels * j + k)
            if j == k:
                for lane in range(LANES):
                    root = math.sqrt(s[lane] if s[lane] > 1e-14 else 0.0)
                    inverse[lane] = 1.0 / root if root > 0.0 else 0.0
                    factor[at, lane], factor[at + 1, lane] = root, 0.0
            else:
                for lane in range(LANES):
                    factor[at, lane], factor[at + 1, lane] = s[lane] * inverse[lane], t[lane] * inverse[lane]


@_inline
def _spread(levels, factor, width, random, product):
    """Product = F Xi, the entries of Xi being width (+-1 +- i); one word holds sixteen of them."""
    words = word_row()
    for r in range(2 * levels * levels):
        for lane in range(LANES):
            product[r, lane] = 0.0
    used = 16
    for b in range(levels):
        for k in range(levels):
            if used == 16:
                for lane in range(LANES):
                    words[lane] = _draw(random, lane)
                used = 0
            shift = np.int32(2 * used)
            used += 1
            for a in range(k, levels):
                f, p = 2 * (levels * a + k), 2 * (levels * a + b)
                for lane in range(LANES):
                    re = width if np.int32(words[lane] << shift) < 0 else -width
                    im = width if np.int32(words[lane] << np.int32(shift + 1)) < 0 else -width
                    product[p, lane] += factor[f, lane] * re - factor[f + 1, lane] * im
                    product[p + 1, lane] += factor[f, lane] * im + factor[f + 1, lane] * re


@_inline
def _add_hermitian(state, site, a, b, levels, product, p, re, im):
    """Add the Hermitian part of (re + i im) times the matrix with the one element (a, b), given in rows p, p + 1."""
    if a == b:
        for lane in range(LANES):
            state[site, a, lane] += re * product[p, lane] - im * product[p + 1, lane]
    else:
        r = _component(max(a, b), min(a, b), levels)
        sign = 0.5 if a > b else -0.5
        for lane in range(LANES):
            state[site, r, lane] += 0.5 * (re * product[p, lane] - im * product[p + 1, lane])
            state[site, r + 1, lane] += sign * (re * product[p + 1, lane] + im * product[p, lane])


@_function
def noise(state, dt, levels, sizes, jumps, random, factor, product):
    """Add the Hermitian part of the sum over c of [F Xi_c, c] to the phase-point matrices.

    `jumps` = (pointers of groups, pointers of operators, rows, columns, elements).
    """
    groups, operators, rows, columns, elements = jumps
    width = math.sqrt(dt)
    site = 0
    for g in range(sizes.size):
        for _ in range(sizes[g]):
            if groups[g + 1] > groups[g]:
                _factorize(state, site, levels, factor)
            for c in range(groups[g], groups[g + 1]):
                _spread(levels, factor, width, random, product)
                for e in range(operators[c], operators[c + 1]):
                    m, n, value = rows[e], columns[e], elements[e]
                    for x in range(levels):
                        # (B c)_xn = B_xm c_mn and -(c B)_mx = -c_mn B_nx
                        p, q = 2 * (levels * x + m), 2 * (levels * n + x)
                        _add_hermitian(state, site, x, n, levels, product, p, value.real, value.imag)
                        _add_hermitian(state, site, m, x, levels, product, q, -value.real, -value.imag)
            site += 1


# --- samples ----------------------------------------------------------------------------------------------------------


@_function
def sample(state, sizes, linear, pairs, own, out):
    """Group means of the observables into out[group * Q + q, re | im], then the correlations of different sites."""
    pointers, _, _ = linear
    quantities = (pointers.size - 1) // 2
    out[:] = 0.0
    site = 0
    base = sizes.size * quantities
    for g in range(sizes.size):
        for _ in range(sizes[g]):
            for part in range(2 * quantities):
                for lane in range(LANES):
                    own[part, lane] = 0.0
                for e in range(pointers[part], pointers[part + 1]):
                    for lane in range(LANES):
                        own[part, lane] += linear[2][e] * state[site, linear[1][e], lane]
                for lane in range(LANES):
                    out[g * quantities + part // 2, part % 2, lane] += own[part, lane]
            for p in range(pairs.shape[0]):
                if pairs[p, 0] == g and pairs[p, 2] == g:
                    q, r = 2 * pairs[p, 1], 2 * pairs[p, 3]
                    for lane in range(LANES):
                        out[base + p, 0, lane] -= own[q, lane] * own[r, lane] - own[q + 1, lane] * own[r + 1, lane]
                        out[base + p, 1, lane] -= own[q, lane] * own[r + 1, lane] + own[q + 1, lane] * own[r, lane]
            site += 1
    for p in range(pairs.shape[0]):
        g, h = pairs[p, 0], pairs[p, 2]
        a, b = g * quantities + pairs[p, 1], h * quantities + pairs[p, 3]
        number = sizes[g] * (sizes[h] - 1 if g == h else sizes[h])
        for lane in range(LANES):
            re = out[a, 0, lane] * out[b, 0, lane] - out[a, 1, lane] * out[b, 1, lane]
            im = out[a, 0, lane] * out[b, 1, lane] + out[a, 1, lane] * out[b, 0, lane]
            out[base + p, 0, lane] = (out[base + p, 0, lane] + re) / number
            out[base + p, 1, lane] = (out[base + p, 1, lane] + im) / number
    for g in range(sizes.size):
        for q in range(quantities):
            for lane in range(LANES):
                out[g * quantities + q, 0, lane] /= sizes[g]
                out[g * quantities + q, 1, lane] /= sizes[g]


@njit(fastmath=FASTMATH, error_model="numpy", nogil=True, cache=True)
def run_block(
    state, dt, steps, flows, levels, sizes, generator, linear, strength, noisy, resets, diagonals, jumps, random, observed,
    pairs, series,
):  # fmt: skip
    """Strang steps of one block: half a flow, dissipation, half a flow. Samples into series[time].

    A flow is made in `flows` equal parts. `noisy` chooses between noise (by `jumps`) and events and dephasing (by `resets`
    and `diagonals`).
    """
    size, terms, copies = levels * levels, strength.shape[0], 2 if noisy else 1
    stage, total = np.empty_like(state), np.empty_like(state)
    room = (
        np.zeros((sizes.size, 2 * terms, LANES)), np.zeros((sizes.size, 2 * terms, LANES)),
        np.ones((1 + 2 * terms, LANES)), np.zeros((size, LANES)),
    )  # fmt: skip
    factor, product = np.zeros((2 * size, LANES)), np.zeros((2 * size, LANES))
    waiting, own = np.zeros((state.shape[0], LANES)), np.zeros((observed[0].size, LANES))
    if not noisy:
        first_events(waiting, sizes, resets, random)
    sample(state, sizes, observed, pairs, own, series[0])
    for n in range(1, series.shape[0]):
        for _ in range(flows):
            flow(state, stage, total, 0.5 * dt / flows, size, copies, sizes, generator, linear, strength, room)
        for s in range(steps):
            if noisy:
                noise(state, dt, levels, sizes, jumps, random, factor, product)
            else:
                events(state, waiting, dt, levels, sizes, resets, random)
                dephase(state, dt, levels, sizes, diagonals, random)
            # the halves of two neighbouring steps are one
            ahead = dt if s < steps - 1 else 0.5 * dt
            for _ in range(flows):
                flow(state, stage, total, ahead / flows, size, copies, sizes, generator, linear, strength, room)
        sample(state, sizes, observed, pairs, own, series[n])
