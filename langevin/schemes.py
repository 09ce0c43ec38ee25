r"""Schemes: one time step of a block of 64 trajectories.

All integrate

.. math::

    d\alpha_j = \Big[-\big(i\Omega_j + \tfrac12\Gamma_j\big)\alpha_j + F_j + \sum_k M_{jk}\alpha_k\Big]dt + dN_j

with rotation Omega, damping Gamma, force F and noise amplitudes that are functions of the local alpha_j. `SCHEMES` says
of each what it assumes (Itô or Stratonovich), which increments suffice, and its strong and weak orders; the tests
measure these orders.

What they share is grouped: `block` is (number of oscillators, rows of alpha, rows for the next alpha, spare rows, largest),
`random` the generators of increments and of events and a buffer, `system` the parameters, coupling and bounds; see
`langevin.kernels.run_block`. Oscillator j's lanes begin at j * LANES.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from numba import njit

from langevin.lanes import FASTMATH, LANES, decay, direction, full_turn, local, row, turn, word_row
from langevin.streams import next_word_pairs, next_words, unit_interval

_inline = njit(fastmath=FASTMATH, error_model="numpy", forceinline=True)


# --- what all schemes share -------------------------------------------------------------------------------------------


@_inline
def take(j, random, merged, draw, real, imag):
    """Increments of oscillator j: fresh ones, or the sums that `merge_increments` prepared for this step."""
    if merged == 1:
        draw(random, real, imag)
    else:
        path, at = random[2], 2 * j * LANES
        for lane in range(LANES):
            real[lane] = path[at + lane]
            imag[lane] = path[at + LANES + lane]


@_inline
def merge_increments(size, random, merged, draw):
    """Sum the increments of `merged` fine steps, which keeps one long step on the Brownian path of the fine ones."""
    z1, z2, path = row(), row(), random[2]
    for at in range(2 * size * LANES):
        path[at] = 0.0
    for _ in range(merged):
        for j in range(size):
            draw(random, z1, z2)
            at = 2 * j * LANES
            for lane in range(LANES):
                path[at + lane] += z1[lane]
                path[at + LANES + lane] += z2[lane]
    scale = 1.0 / math.sqrt(merged)
    for at in range(2 * size * LANES):
        path[at] *= scale


@_inline
def mean_field(size, re, im, network, sum_re, sum_im):
    """Lane sums of v_k alpha_k, needed once per evaluation of a rank-one coupling u_j v_k."""
    rank_one, vre, vim = network[4], network[7], network[8]
    if rank_one:
        for lane in range(LANES):
            sum_re[lane] = 0.0
            sum_im[lane] = 0.0
        for k in range(size):
            a, b, at = vre[k], vim[k], k * LANES
            for lane in range(LANES):
                sum_re[lane] += a * re[at + lane] - b * im[at + lane]
                sum_im[lane] += a * im[at + lane] + b * re[at + lane]


@_inline
def couple(j, re, im, network, sum_re, sum_im, rest_re, rest_im, nothing):
    """What the others push oscillator j with: (a + i b)(x + i y) + (rest_re + i rest_im), as (a, b, x, y, at, rest rows).

    One entry of j's row, or the rank-one coupling, is left to the loop that needs it: rows at x[at + lane], y[at + lane].
    The others, if any, are summed here; a row of zeros stands in for them, since what is stored costs more than what is read.
    """
    indptr, indices, mre, mim, rank_one, ure, uim, _, _ = network
    first, last = indptr[j], indptr[j + 1]
    a, b, x, y, at = 0.0, 0.0, re, im, j * LANES
    if rank_one:
        a, b, x, y, at = ure[j], uim[j], sum_re, sum_im, 0
    elif first < last:
        a, b, at = mre[last - 1], mim[last - 1], indices[last - 1] * LANES
    if first + 1 >= last:
        return a, b, x, y, at, nothing, nothing
    c, d, k = mre[first], mim[first], indices[first] * LANES
    for lane in range(LANES):
        rest_re[lane] = c * re[k + lane] - d * im[k + lane]
        rest_im[lane] = c * im[k + lane] + d * re[k + lane]
    for entry in range(first + 1, last - 1):
        c, d, k = mre[entry], mim[entry], indices[entry] * LANES
        for lane in range(LANES):
            rest_re[lane] += c * re[k + lane] - d * im[k + lane]
            rest_im[lane] += c * im[k + lane] + d * re[k + lane]
    return a, b, x, y, at, rest_re, rest_im


@local
def push(entry, lane):
    """The push of `couple` on one lane: its real and imaginary part."""
    a, b, x, y, at, rest_re, rest_im = entry
    u, v = x[at + lane], y[at + lane]
    return rest_re[lane] + (a * u - b * v), rest_im[lane] + (a * v + b * u)


@_inline
def zeros(out):
    """Fill a row with zeros."""
    for lane in range(LANES):
        out[lane] = 0.0


@local
def larger(seen, scale, re, im):
    """The larger of `seen` and |alpha|^2 / bound. NaN is passed over: it stays in the amplitude."""
    x = scale * (re * re + im * im)
    return x if x > seen else seen


@local
def kick(re, im, radial, tangential, z1, z2, polar):
    """Noise increment: along and across alpha unless `polar` is None, else along the real and imaginary axes."""
    if polar is not None:
        c, s = direction(re, im)
        a, b = radial * z1, tangential * z2
        return c * a - s * b, s * a + c * b
    return radial * z1, tangential * z2


@_inline
def scramble(j, re, im, random, dt, reset, p):
    """Give alpha_j a fresh uniform phase with probability 1 - exp(-reset dt), amplitude kept."""
    w1, w2, at = word_row(), word_row(), j * LANES
    next_word_pairs(random[1], w1, w2)
    for lane in range(LANES):
        a, b = re[at + lane], im[at + lane]
        hit = unit_interval(w1[lane]) > decay(reset(a, b, p) * dt)
        cosine, sine = full_turn(float(w2[lane]) * 2.0**-32)
        radius = math.sqrt(a * a + b * b)
        re[at + lane] = radius * cosine if hit else a
        im[at + lane] = radius * sine if hit else b


@local
def polar_kick(re, im, damping, radial, tangential, z1, z2, dt, noise, p):
    """Damping and polar noise, the tangential part as an angle: (re, im) before the turn, and the angle.

    A tangential kick of variance t = tangential^2 dt makes |alpha|^2 = x grow by t z2^2. Turning by an angle of variance
    t/(x + t) instead keeps |alpha|, so that steep tangential noise does not leak into the amplitude (at Fig. 2(b) of
    Lörch et al., coherent dissipators, <n> was 0.2 off at dt = 0.0025). The mean growth t is put back: the part x t/(x + t)
    through the damping, which contains its counterpart, and the rest, t^2/(x + t), directly.

    The radial kick b z1 sqrt(dt) comes with Milstein's term b b' (z1^2 - 1) dt/2, from a difference over one kick. Without it
    S at Fig. 2(b), V = .5, was 4 and 6 % low (coherent and reset form) at dt = .002 and 11 % at .008; with it 0 to 1 %
    (standard error .7 %) at .002 and .004 and up to 3 % at .008. Mean numbers are 2 % high at .008.
    """
    x = re * re + im * im
    t = dt * tangential * tangential
    share = t / (x + t + 1e-290)
    c, s = direction(re, im)
    size, root = math.sqrt(x), math.sqrt(dt)
    reach = 0.5 * root * radial
    outer, _ = noise(size + reach, 0.0, p)
    inner, _ = noise(size - reach, 0.0, p)
    radius = decay(0.5 * (dt * damping - share)) * size
    radius += root * (radial * z1 + 0.5 * (outer - inner) * (z1 * z1 - 1.0))
    rest = t * share
    radius = math.sqrt(radius * radius + rest)
    return radius * c, radius * s, math.sqrt(share) * z2


# --- the schemes ------------------------------------------------------------------------------------------------------


@_inline
def euler(block, random, merged, system, dt, drift, noise, reset, polar, unpack, draw):
    """Euler and Maruyama: everything explicit."""
    size, re, im, next_re, next_im, _, largest = block
    table, network, scales = system
    sum_re, sum_im, rest_re, rest_im, nothing, z1, z2 = row(), row(), row(), row(), row(), row(), row()
    zeros(nothing)
    root = math.sqrt(dt)
    mean_field(size, re, im, network, sum_re, sum_im)
    for j in range(size):
        others = couple(j, re, im, network, sum_re, sum_im, rest_re, rest_im, nothing)
        take(j, random, merged, draw, z1, z2)
        p, scale, at = unpack(table, j), scales[j], j * LANES
        for lane in range(LANES):
            a, b = re[at + lane], im[at + lane]
            rotation, damping, fre, fim = drift(a, b, p)
            radial, tangential = noise(a, b, p)
            cre, cim = push(others, lane)
            ka, kb = kick(a, b, radial, tangential, z1[lane], z2[lane], polar)
            u = a + dt * (rotation * b - 0.5 * damping * a + fre + cre) + root * ka
            v = b + dt * (-rotation * a - 0.5 * damping * b + fim + cim) + root * kb
            next_re[at + lane] = u
            next_im[at + lane] = v
            largest[lane] = larger(largest[lane], scale, u, v)
        if reset is not None:
            scramble(j, next_re, next_im, random, dt, reset, p)


@_inline
def exponential(block, random, merged, system, dt, drift, noise, reset, polar, unpack, draw):
    """Kick, then rotate: damping by an exponential factor, force, coupling and noise explicit; rotation exact.

    The rotation uses the amplitude after the kick, and `half_rotation` opens and closes each interval between samples: the
    product is Strang's splitting of rotation against everything else. (Rotating by the old amplitude, or without
    the halves, is of weak order one too, but at the parameters of Fig. 2(a) of Lörch et al. and dt = 0.01 it is 4 % off.)
    """
    size, re, im, next_re, next_im, _, largest = block
    table, network, scales = system
    sum_re, sum_im, rest_re, rest_im, nothing, z1, z2 = row(), row(), row(), row(), row(), row(), row()
    zeros(nothing)
    pushed_re, pushed_im = row(), row()
    root = math.sqrt(dt)
    mean_field(size, re, im, network, sum_re, sum_im)
    for j in range(size):
        others = couple(j, re, im, network, sum_re, sum_im, rest_re, rest_im, nothing)
        take(j, random, merged, draw, z1, z2)
        p, scale, at = unpack(table, j), scales[j], j * LANES
        for lane in range(LANES):
            a, b = re[at + lane], im[at + lane]
            _, damping, fre, fim = drift(a, b, p)
            radial, tangential = noise(a, b, p)
            if polar is not None:
                u, v, angle = polar_kick(a, b, damping, radial, tangential, z1[lane], z2[lane], dt, noise, p)
                z1[lane] = angle
            else:
                factor = decay(0.5 * dt * damping)
                u = factor * a + root * radial * z1[lane]
                v = factor * b + root * tangential * z2[lane]
            cre, cim = push(others, lane)
            pushed_re[lane] = u + dt * (fre + cre)
            pushed_im[lane] = v + dt * (fim + cim)
        # a loop of its own: a chain of half the length keeps the processor's schedulers from filling up
        for lane in range(LANES):
            u, v = pushed_re[lane], pushed_im[lane]
            rotation, _, _, _ = drift(u, v, p)
            c, s = turn(dt * rotation - z1[lane] if polar is not None else dt * rotation)
            next_re[at + lane] = c * u + s * v
            next_im[at + lane] = c * v - s * u
            # neither the rotation nor a reset changes |alpha|
            largest[lane] = larger(largest[lane], scale, u, v)
        if reset is not None:
            scramble(j, next_re, next_im, random, dt, reset, p)


@_inline
def half_rotation(block, system, dt, drift, unpack):
    """Rotate by half a step (dt > 0) or back (dt < 0); |alpha| and with it the rotation do not change."""
    size, re, im, next_re, next_im, _, _ = block
    for j in range(size):
        p, at = unpack(system[0], j), j * LANES
        for lane in range(LANES):
            a, b = re[at + lane], im[at + lane]
            rotation, _, _, _ = drift(a, b, p)
            c, s = turn(0.5 * dt * rotation)
            next_re[at + lane] = c * a + s * b
            next_im[at + lane] = c * b - s * a


@_inline
def heun(block, random, merged, system, dt, drift, noise, reset, polar, unpack, draw):
    """Stochastic Heun: Euler predictor, trapezoidal corrector on the same increments (Stratonovich)."""
    size, re, im, next_re, next_im, spare, largest = block
    guess_re, guess_im, z1, z2 = spare
    table, network, scales = system
    sum_re, sum_im, rest_re, rest_im, nothing, new1, new2 = row(), row(), row(), row(), row(), row(), row()
    zeros(nothing)
    root = math.sqrt(dt)
    mean_field(size, re, im, network, sum_re, sum_im)
    for j in range(size):
        others = couple(j, re, im, network, sum_re, sum_im, rest_re, rest_im, nothing)
        take(j, random, merged, draw, new1, new2)
        p, at = unpack(table, j), j * LANES
        for lane in range(LANES):
            a, b = re[at + lane], im[at + lane]
            rotation, damping, fre, fim = drift(a, b, p)
            radial, tangential = noise(a, b, p)
            cre, cim = push(others, lane)
            ka, kb = kick(a, b, radial, tangential, new1[lane], new2[lane], polar)
            guess_re[at + lane] = a + dt * (rotation * b - 0.5 * damping * a + fre + cre) + root * ka
            guess_im[at + lane] = b + dt * (-rotation * a - 0.5 * damping * b + fim + cim) + root * kb
            z1[at + lane] = new1[lane]
            z2[at + lane] = new2[lane]
    mean_field(size, guess_re, guess_im, network, sum_re, sum_im)
    for j in range(size):
        others = couple(j, guess_re, guess_im, network, sum_re, sum_im, rest_re, rest_im, nothing)
        p, scale, at = unpack(table, j), scales[j], j * LANES
        for lane in range(LANES):
            a, b = guess_re[at + lane], guess_im[at + lane]
            rotation, damping, fre, fim = drift(a, b, p)
            radial, tangential = noise(a, b, p)
            cre, cim = push(others, lane)
            ka, kb = kick(a, b, radial, tangential, z1[at + lane], z2[at + lane], polar)
            u = a + dt * (rotation * b - 0.5 * damping * a + fre + cre) + root * ka
            v = b + dt * (-rotation * a - 0.5 * damping * b + fim + cim) + root * kb
            u, v = 0.5 * (re[at + lane] + u), 0.5 * (im[at + lane] + v)
            next_re[at + lane] = u
            next_im[at + lane] = v
            largest[lane] = larger(largest[lane], scale, u, v)
        if reset is not None:
            scramble(j, next_re, next_im, random, dt, reset, p)


@_inline
def flow(size, re, im, out_re, out_im, end_re, end_im, system, dt, drift, unpack):
    """Advance without noise by dt to second order: half with the rates of the start, half with those of the end foreseen.

    (The rates of the midpoint would do as well where they vary little; far out, where damping is strong, they are those of
    a point that the damping has already brought home, and nothing holds the trajectory.)
    """
    table, network, _ = system
    sum_re, sum_im, rest_re, rest_im, nothing = row(), row(), row(), row(), row()
    zeros(nothing)
    mean_field(size, re, im, network, sum_re, sum_im)
    for j in range(size):
        others = couple(j, re, im, network, sum_re, sum_im, rest_re, rest_im, nothing)
        p, at = unpack(table, j), j * LANES
        for lane in range(LANES):
            a, b = re[at + lane], im[at + lane]
            rotation, damping, fre, fim = drift(a, b, p)
            factor = decay(0.25 * dt * damping)
            c, s = turn(0.5 * dt * rotation)
            c, s = factor * c, factor * s
            cre, cim = push(others, lane)
            push_re, push_im = 0.5 * dt * (fre + cre), 0.5 * dt * (fim + cim)
            u, v = a + push_re, b + push_im
            u, v = c * u + s * v, c * v - s * u
            out_re[at + lane], out_im[at + lane] = u, v
            end_re[at + lane] = c * u + s * v + push_re
            end_im[at + lane] = c * v - s * u + push_im
    mean_field(size, end_re, end_im, network, sum_re, sum_im)
    for j in range(size):
        others = couple(j, end_re, end_im, network, sum_re, sum_im, rest_re, rest_im, nothing)
        p, at = unpack(table, j), j * LANES
        for lane in range(LANES):
            rotation, damping, fre, fim = drift(end_re[at + lane], end_im[at + lane], p)
            factor = decay(0.25 * dt * damping)
            c, s = turn(0.5 * dt * rotation)
            cre, cim = push(others, lane)
            u, v = factor * out_re[at + lane], factor * out_im[at + lane]
            out_re[at + lane] = c * u + s * v + 0.5 * dt * (fre + cre)
            out_im[at + lane] = c * v - s * u + 0.5 * dt * (fim + cim)


@local
def flow_radius(radius, z, noise, p):
    """Solve dr/ds = radial(r) from s = 0 to z by one Runge-Kutta step of order four; r >= 0 by reflection."""
    k1, _ = noise(radius, 0.0, p)
    k2, _ = noise(abs(radius + 0.5 * z * k1), 0.0, p)
    k3, _ = noise(abs(radius + 0.5 * z * k2), 0.0, p)
    k4, _ = noise(abs(radius + z * k3), 0.0, p)
    return abs(radius + z * (k1 + 2.0 * k2 + 2.0 * k3 + k4) / 6.0)


@_inline
def splitting(block, random, merged, system, dt, drift, noise, reset, polar, unpack, draw):
    """Ninomiya and Victoir: the flows of the noise fields in random order, then the flow of the drift.

    `half_flow` opens and closes each interval between samples with half the drift, which makes the product symmetric.
    """
    size, re, im, next_re, next_im, spare, largest = block
    mid_re, mid_im, _, _ = spare
    table, _, scales = system
    z1, z2, order = row(), row(), word_row()
    root = math.sqrt(dt)
    for j in range(size):
        take(j, random, merged, draw, z1, z2)
        p, at = unpack(table, j), j * LANES
        if reset is not None:
            scramble(j, re, im, random, 0.5 * dt, reset, p)
        if polar is not None:
            next_words(random[1], order)
            for lane in range(LANES):
                a, b = re[at + lane], im[at + lane]
                c, s = direction(a, b)
                radius = math.sqrt(a * a + b * b)
                grown = flow_radius(radius, root * z1[lane], noise, p)
                chosen = grown if order[lane] < 0 else radius
                _, tangential = noise(chosen, 0.0, p)
                cosine, sine = turn(root * z2[lane] * tangential / (chosen + 1e-145))
                re[at + lane] = grown * (c * cosine - s * sine)
                im[at + lane] = grown * (s * cosine + c * sine)
        else:
            for lane in range(LANES):
                a, b = re[at + lane], im[at + lane]
                radial, tangential = noise(a, b, p)
                re[at + lane] = a + root * radial * z1[lane]
                im[at + lane] = b + root * tangential * z2[lane]
        if reset is not None:
            scramble(j, re, im, random, 0.5 * dt, reset, p)
    flow(size, re, im, next_re, next_im, mid_re, mid_im, system, dt, drift, unpack)
    for j in range(size):
        scale, at = scales[j], j * LANES
        for lane in range(LANES):
            largest[lane] = larger(largest[lane], scale, next_re[at + lane], next_im[at + lane])


@_inline
def half_flow(block, system, dt, drift, unpack):
    """Half a step of the drift (dt > 0) or back (dt < 0)."""
    size, re, im, next_re, next_im, spare, _ = block
    flow(size, re, im, next_re, next_im, spare[0], spare[1], system, 0.5 * dt, drift, unpack)


@dataclass(frozen=True)
class Scheme:
    """What a scheme is and what it may be used for.

    Attributes
    ----------
    name : str
        Name by which `langevin.simulate` finds it.
    step : compiled function
        One time step of a block.
    calculus : str
        The calculus in which the noise is read, "ito" or "stratonovich"; no matter where the noise is additive.
    weak_order : int
        Order of averages in dt, with all `noises`.
    strong_order_additive, strong_order_multiplicative : float
        Order of paths in dt for additive and for multiplicative noise (Gaussian increments).
    noises : tuple of str
        Increments whose moments suffice for the weak order.
    multiplicative : tuple of str
        Kinds of multiplicative noise taken.
    weak_order_additive : int
        Order of averages with additive Gaussian noise.
    frame : compiled function, optional
        What opens (dt) and closes (-dt) each interval between samples: it reads alpha and writes the next alpha.
    """

    name: str
    step: Callable
    calculus: str
    weak_order: int
    strong_order_additive: float
    strong_order_multiplicative: float
    noises: tuple[str, ...]
    multiplicative: tuple[str, ...]
    weak_order_additive: int = 1
    frame: Callable | None = None


_WEAK_ONE = ("gaussian", "two-point", "three-point")
_WEAK_TWO = ("gaussian", "three-point")

SCHEMES = {
    scheme.name: scheme
    for scheme in (
        Scheme("euler", euler, "ito", 1, 1.0, 0.5, _WEAK_ONE, ("isotropic", "polar")),
        Scheme("exponential", exponential, "ito", 1, 1.0, 0.5, _WEAK_ONE, ("isotropic", "polar"), frame=half_rotation),
        # the two noises of a complex amplitude do not commute in general: strong order one half with multiplicative noise
        Scheme("heun", heun, "stratonovich", 1, 1.0, 0.5, _WEAK_ONE, ("isotropic", "polar"), 2),
        Scheme("splitting", splitting, "stratonovich", 2, 1.0, 0.5, _WEAK_TWO, ("polar",), 2, frame=half_flow),
    )
}
"""Schemes by name."""
