r"""Schemes: one time step of a block of 64 trajectories.

All integrate

.. math::

    d\alpha_j = \Big[-\big(i\Omega_j + \tfrac12\Gamma_j\big)\alpha_j + F_j + \sum_k M_{jk}\alpha_k\Big]dt + dN_j

with rotation Omega, damping Gamma, force F and noise amplitudes that are functions of the local alpha_j. `SCHEMES` says
of each what it assumes (Itô or Stratonovich), which increments suffice, and its strong and weak orders; the tests
measure these orders.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from numba import njit

from langevin.lanes import FASTMATH, LANES, direction, full_turn, local, turn
from langevin.streams import next_words, unit_interval

_inline = njit(fastmath=FASTMATH, error_model="numpy", forceinline=True)


# --- what all schemes share -------------------------------------------------------------------------------------------


@_inline
def mean_field(re, im, network, rows):
    """Lane sums of v_k alpha_k, needed once per evaluation of a rank-one coupling u_j v_k."""
    vre, vim = network[6], network[7]
    sum_re, sum_im = rows[4], rows[5]
    for lane in range(LANES):
        sum_re[lane] = 0.0
        sum_im[lane] = 0.0
    for k in range(vre.size):
        a, b = vre[k], vim[k]
        for lane in range(LANES):
            sum_re[lane] += a * re[k, lane] - b * im[k, lane]
            sum_im[lane] += a * im[k, lane] + b * re[k, lane]


@_inline
def couple(j, re, im, network, rows):
    """Write sum_k M_jk alpha_k to the first two work rows: sparse entries, then the rank-one part."""
    indptr, indices, mre, mim, ure, uim = network[0], network[1], network[2], network[3], network[4], network[5]
    cre, cim, sum_re, sum_im = rows[0], rows[1], rows[4], rows[5]
    for lane in range(LANES):
        cre[lane] = 0.0
        cim[lane] = 0.0
    for entry in range(indptr[j], indptr[j + 1]):
        k, a, b = indices[entry], mre[entry], mim[entry]
        for lane in range(LANES):
            cre[lane] += a * re[k, lane] - b * im[k, lane]
            cim[lane] += a * im[k, lane] + b * re[k, lane]
    if ure.size > 0:
        a, b = ure[j], uim[j]
        for lane in range(LANES):
            cre[lane] += a * sum_re[lane] - b * sum_im[lane]
            cim[lane] += a * sum_im[lane] + b * sum_re[lane]


@_inline
def note_largest(j, re, im, scale, largest):
    """Keep the largest |alpha_j|^2 / bound_j seen by each lane. NaN is passed over: it stays in the amplitude."""
    for lane in range(LANES):
        x = scale * (re[j, lane] * re[j, lane] + im[j, lane] * im[j, lane])
        seen = largest[lane]
        largest[lane] = x if x > seen else seen


@local
def decay(y):
    """exp(-y) to second order: (1 - y/2)/(1 + y/2), bounded, for damping; 1 - y + y^2/2, without a pole, for growth."""
    return (1.0 - 0.5 * y) / (1.0 + 0.5 * y) if y >= 0.0 else 1.0 - y * (1.0 - 0.5 * y)


@local
def kick(re, im, radial, tangential, z1, z2, polar):
    """Noise increment: along and across alpha unless `polar` is None, else along the real and imaginary axes."""
    if polar is not None:
        c, s = direction(re, im)
        a, b = radial * z1, tangential * z2
        return c * a - s * b, s * a + c * b
    return radial * z1, tangential * z2


@_inline
def scramble(j, re, im, state, words, dt, reset, p):
    """Give alpha_j a fresh uniform phase with probability 1 - exp(-reset dt), amplitude kept."""
    w1, w2 = words
    next_words(state, w1)
    next_words(state, w2)
    for lane in range(LANES):
        a, b = re[j, lane], im[j, lane]
        x = a * a + b * b
        y = reset(a, b, p) * dt
        hit = unit_interval(w1[lane]) < 1.0 - decay(y if y < 2.0 else 2.0)
        cosine, sine = full_turn(float(w2[lane]) * 2.0**-33)
        radius = math.sqrt(x)
        re[j, lane] = radius * cosine if hit else a
        im[j, lane] = radius * sine if hit else b


@local
def polar_kick(re, im, damping, radial, tangential, z1, z2, dt):
    """Damping and polar noise, the tangential part as an angle: (re, im) before the turn, and the angle.

    A tangential kick of variance t = tangential^2 dt makes |alpha|^2 = x grow by t z2^2. Turning by an angle of variance
    t/(x + t) instead keeps |alpha|, so that steep tangential noise does not leak into the amplitude (at Fig. 2(b) of
    Lörch et al., coherent dissipators, <n> was 0.2 off at dt = 0.0025). The mean growth t is put back: the part x t/(x + t)
    through the damping, which contains its counterpart, and the rest, t^2/(x + t), directly.
    """
    x = re * re + im * im
    t = dt * tangential * tangential
    share = t / (x + t + 1e-290)
    c, s = direction(re, im)
    radius = decay(0.5 * (dt * damping - share)) * math.sqrt(x) + math.sqrt(dt) * radial * z1
    rest = t * share
    radius = math.sqrt(radius * radius + rest)
    return radius * c, radius * s, math.sqrt(share) * z2


# --- the schemes: step(re, im, next_re, next_im, ...) advances all oscillators of the block by dt ----------------------


@_inline
def euler(
    re,
    im,
    next_re,
    next_im,
    largest,
    state,
    rows,
    scratch,
    words,
    spare,
    table,
    network,
    scales,
    dt,
    drift,
    noise,
    reset,
    polar,
    unpack,
    draw,
):
    """Euler and Maruyama: everything explicit."""
    cre, cim, z1, z2 = rows[0], rows[1], rows[2], rows[3]
    root = math.sqrt(dt)
    if network[4].size > 0:
        mean_field(re, im, network, rows)
    for j in range(re.shape[0]):
        couple(j, re, im, network, rows)
        draw(j, state, scratch, z1, z2)
        p = unpack(table, j)
        for lane in range(LANES):
            a, b = re[j, lane], im[j, lane]
            rotation, damping, fre, fim = drift(a, b, p)
            radial, tangential = noise(a, b, p)
            ka, kb = kick(a, b, radial, tangential, z1[lane], z2[lane], polar)
            next_re[j, lane] = a + dt * (rotation * b - 0.5 * damping * a + fre + cre[lane]) + root * ka
            next_im[j, lane] = b + dt * (-rotation * a - 0.5 * damping * b + fim + cim[lane]) + root * kb
        if reset is not None:
            scramble(j, next_re, next_im, state, words, dt, reset, p)
        note_largest(j, next_re, next_im, scales[j], largest)


@_inline
def exponential(
    re,
    im,
    next_re,
    next_im,
    largest,
    state,
    rows,
    scratch,
    words,
    spare,
    table,
    network,
    scales,
    dt,
    drift,
    noise,
    reset,
    polar,
    unpack,
    draw,
):
    """Kick, then rotate: damping by a bounded Padé factor, force, coupling and noise explicit; rotation exact.

    The rotation uses the amplitude after the kick, and `half_rotation` opens and closes each interval between samples: the
    product is Strang's splitting of rotation against everything else. (Rotating by the old amplitude, or without
    the halves, is of weak order one too, but at the parameters of Fig. 2(a) of Lörch et al. and dt = 0.01 it is 4 % off.)
    """
    cre, cim, z1, z2 = rows[0], rows[1], rows[2], rows[3]
    root = math.sqrt(dt)
    if network[4].size > 0:
        mean_field(re, im, network, rows)
    for j in range(re.shape[0]):
        couple(j, re, im, network, rows)
        draw(j, state, scratch, z1, z2)
        p = unpack(table, j)
        for lane in range(LANES):
            a, b = re[j, lane], im[j, lane]
            _, damping, fre, fim = drift(a, b, p)
            radial, tangential = noise(a, b, p)
            if polar is not None:
                u, v, angle = polar_kick(a, b, damping, radial, tangential, z1[lane], z2[lane], dt)
            else:
                factor, angle = decay(0.5 * dt * damping), 0.0
                u = factor * a + root * radial * z1[lane]
                v = factor * b + root * tangential * z2[lane]
            u += dt * (fre + cre[lane])
            v += dt * (fim + cim[lane])
            rotation, _, _, _ = drift(u, v, p)
            c, s = turn(dt * rotation - angle)
            next_re[j, lane] = c * u + s * v
            next_im[j, lane] = c * v - s * u
        if reset is not None:
            scramble(j, next_re, next_im, state, words, dt, reset, p)
        note_largest(j, next_re, next_im, scales[j], largest)


@_inline
def half_rotation(re, im, table, dt, drift, unpack):
    """Rotate by half a step (dt > 0) or back (dt < 0); |alpha| and with it the rotation do not change."""
    for j in range(re.shape[0]):
        p = unpack(table, j)
        for lane in range(LANES):
            a, b = re[j, lane], im[j, lane]
            rotation, _, _, _ = drift(a, b, p)
            c, s = turn(0.5 * dt * rotation)
            re[j, lane] = c * a + s * b
            im[j, lane] = c * b - s * a


@_inline
def heun(
    re,
    im,
    next_re,
    next_im,
    largest,
    state,
    rows,
    scratch,
    words,
    spare,
    table,
    network,
    scales,
    dt,
    drift,
    noise,
    reset,
    polar,
    unpack,
    draw,
):
    """Stochastic Heun: Euler predictor, trapezoidal corrector on the same increments (Stratonovich)."""
    cre, cim, z1, z2 = rows[0], rows[1], rows[2], rows[3]
    guess_re, guess_im, all_z1, all_z2 = spare[0], spare[1], spare[2], spare[3]
    root = math.sqrt(dt)
    if network[4].size > 0:
        mean_field(re, im, network, rows)
    for j in range(re.shape[0]):
        couple(j, re, im, network, rows)
        draw(j, state, scratch, z1, z2)
        p = unpack(table, j)
        for lane in range(LANES):
            a, b = re[j, lane], im[j, lane]
            rotation, damping, fre, fim = drift(a, b, p)
            radial, tangential = noise(a, b, p)
            ka, kb = kick(a, b, radial, tangential, z1[lane], z2[lane], polar)
            guess_re[j, lane] = a + dt * (rotation * b - 0.5 * damping * a + fre + cre[lane]) + root * ka
            guess_im[j, lane] = b + dt * (-rotation * a - 0.5 * damping * b + fim + cim[lane]) + root * kb
            all_z1[j, lane] = z1[lane]
            all_z2[j, lane] = z2[lane]
    if network[4].size > 0:
        mean_field(guess_re, guess_im, network, rows)
    for j in range(re.shape[0]):
        couple(j, guess_re, guess_im, network, rows)
        p = unpack(table, j)
        for lane in range(LANES):
            a, b = guess_re[j, lane], guess_im[j, lane]
            rotation, damping, fre, fim = drift(a, b, p)
            radial, tangential = noise(a, b, p)
            ka, kb = kick(a, b, radial, tangential, all_z1[j, lane], all_z2[j, lane], polar)
            u = a + dt * (rotation * b - 0.5 * damping * a + fre + cre[lane]) + root * ka
            v = b + dt * (-rotation * a - 0.5 * damping * b + fim + cim[lane]) + root * kb
            next_re[j, lane] = 0.5 * (re[j, lane] + u)
            next_im[j, lane] = 0.5 * (im[j, lane] + v)
        if reset is not None:
            scramble(j, next_re, next_im, state, words, dt, reset, p)
        note_largest(j, next_re, next_im, scales[j], largest)


@_inline
def flow_drift(re, im, out_re, out_im, mid_re, mid_im, rows, table, network, dt, drift, unpack):
    """Advance without noise by dt to second order: exponential midpoint rule."""
    cre, cim = rows[0], rows[1]
    if network[4].size > 0:
        mean_field(re, im, network, rows)
    for j in range(re.shape[0]):
        couple(j, re, im, network, rows)
        p = unpack(table, j)
        for lane in range(LANES):
            a, b = re[j, lane], im[j, lane]
            rotation, damping, fre, fim = drift(a, b, p)
            factor = decay(0.25 * dt * damping)
            u = factor * a + 0.5 * dt * (fre + cre[lane])
            v = factor * b + 0.5 * dt * (fim + cim[lane])
            c, s = turn(0.5 * dt * rotation)
            mid_re[j, lane] = c * u + s * v
            mid_im[j, lane] = c * v - s * u
    if network[4].size > 0:
        mean_field(mid_re, mid_im, network, rows)
    for j in range(re.shape[0]):
        couple(j, mid_re, mid_im, network, rows)
        p = unpack(table, j)
        for lane in range(LANES):
            rotation, damping, fre, fim = drift(mid_re[j, lane], mid_im[j, lane], p)
            half = decay(0.25 * dt * damping)
            c, s = turn(0.5 * dt * rotation)
            a, b = half * re[j, lane], half * im[j, lane]
            # half a turn, the force of the midpoint, another half
            u = c * a + s * b + dt * (fre + cre[lane])
            v = c * b - s * a + dt * (fim + cim[lane])
            out_re[j, lane] = half * (c * u + s * v)
            out_im[j, lane] = half * (c * v - s * u)


@local
def flow_radius(radius, z, noise, p):
    """Solve dr/ds = radial(r) from s = 0 to z by one Runge-Kutta step of order four; r >= 0 by reflection."""
    k1, _ = noise(radius, 0.0, p)
    k2, _ = noise(abs(radius + 0.5 * z * k1), 0.0, p)
    k3, _ = noise(abs(radius + 0.5 * z * k2), 0.0, p)
    k4, _ = noise(abs(radius + z * k3), 0.0, p)
    return abs(radius + z * (k1 + 2.0 * k2 + 2.0 * k3 + k4) / 6.0)


@_inline
def splitting(
    re,
    im,
    next_re,
    next_im,
    largest,
    state,
    rows,
    scratch,
    words,
    spare,
    table,
    network,
    scales,
    dt,
    drift,
    noise,
    reset,
    polar,
    unpack,
    draw,
):
    """Ninomiya and Victoir: half the drift, the flows of the noise fields in random order, half the drift."""
    z1, z2 = rows[2], rows[3]
    w1 = words[0]
    root = math.sqrt(dt)
    flow_drift(re, im, next_re, next_im, spare[0], spare[1], rows, table, network, 0.5 * dt, drift, unpack)
    for j in range(re.shape[0]):
        draw(j, state, scratch, z1, z2)
        p = unpack(table, j)
        if reset is not None:
            scramble(j, next_re, next_im, state, words, 0.5 * dt, reset, p)
        if polar is not None:
            next_words(state, w1)
            for lane in range(LANES):
                a, b = next_re[j, lane], next_im[j, lane]
                c, s = direction(a, b)
                radius = math.sqrt(a * a + b * b)
                grown = flow_radius(radius, root * z1[lane], noise, p)
                chosen = grown if w1[lane] < 0 else radius
                _, tangential = noise(chosen, 0.0, p)
                cosine, sine = turn(root * z2[lane] * tangential / (chosen + 1e-145))
                next_re[j, lane] = grown * (c * cosine - s * sine)
                next_im[j, lane] = grown * (s * cosine + c * sine)
        else:
            for lane in range(LANES):
                a, b = next_re[j, lane], next_im[j, lane]
                radial, tangential = noise(a, b, p)
                next_re[j, lane] = a + root * radial * z1[lane]
                next_im[j, lane] = b + root * tangential * z2[lane]
        if reset is not None:
            scramble(j, next_re, next_im, state, words, 0.5 * dt, reset, p)
    flow_drift(next_re, next_im, next_re, next_im, spare[0], spare[1], rows, table, network, 0.5 * dt, drift, unpack)
    for j in range(re.shape[0]):
        note_largest(j, next_re, next_im, scales[j], largest)


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
        Order of averages in dt.
    strong_order_additive, strong_order_multiplicative : float
        Order of paths in dt for additive and for multiplicative noise (Gaussian increments).
    noises : tuple of str
        Increments whose moments suffice for the weak order.
    multiplicative : tuple of str
        Kinds of multiplicative noise taken.
    spare : int
        Work arrays of the size of the state.
    frame : compiled function, optional
        What opens (dt) and closes (-dt) each interval between samples.
    """

    name: str
    step: Callable
    calculus: str
    weak_order: int
    strong_order_additive: float
    strong_order_multiplicative: float
    noises: tuple[str, ...]
    multiplicative: tuple[str, ...]
    spare: int = 0
    frame: Callable | None = None


_WEAK_ONE = ("gaussian", "two-point", "three-point")
_WEAK_TWO = ("gaussian", "three-point")

SCHEMES = {
    scheme.name: scheme
    for scheme in (
        Scheme("euler", euler, "ito", 1, 1.0, 0.5, _WEAK_ONE, ("isotropic", "polar")),
        Scheme("exponential", exponential, "ito", 1, 1.0, 0.5, _WEAK_ONE, ("isotropic", "polar"), frame=half_rotation),
        # the two noises of a complex amplitude do not commute in general: strong order one half with multiplicative noise
        Scheme("heun", heun, "stratonovich", 1, 1.0, 0.5, _WEAK_ONE, ("isotropic", "polar"), spare=4),
        Scheme("splitting", splitting, "stratonovich", 2, 1.0, 0.5, _WEAK_TWO, ("polar",), spare=2),
    )
}
"""Schemes by name."""
