r"""Omega of two qubits for a weak drive as a function of the exchange: compiled, with its maxima and minima over g.

The quadratic form of `compare.sync_entropy` from the correlators of `compare.systems.vaidya2024_linear_response`: the undriven
state has the blocks :math:`\{uu\}, \{ud, du\}, \{dd\}`, its first-order change the four elements

.. math::

    \langle du|\rho_1|uu\rangle &= \tfrac12\langle S_A^+\rangle + s, &
    \langle dd|\rho_1|ud\rangle &= \tfrac12\langle S_A^+\rangle - s, \\
    \langle ud|\rho_1|uu\rangle &= \tfrac12\langle S_B^+\rangle + t, &
    \langle dd|\rho_1|du\rangle &= \tfrac12\langle S_B^+\rangle - t .

One value takes .08 microseconds: a map of R_max over 101 x 101 baths takes half a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit

import quantum
from compare import checks
from compare.sync_entropy import sync_entropy_limit
from compare.systems.vaidya2024 import TwoSpins
from compare.systems.vaidya2024_linear_response import first_kernel, zeroth_kernel

# Exchanges at which extrema are looked for, in Gamma. They are 2 % apart; closer pairs of a maximum and a minimum are looked
# for in the slope
SMALLEST_EXCHANGE, LARGEST_EXCHANGE, GRID = 1e-3, 60.0, 512

# Lanes of a chunk; fixed, so that threads change nothing
_CHUNK = 256


class Extrema(NamedTuple):
    """Omega / epsilon^2 over the exchange.

    Attributes
    ----------
    free : float
        At g = 0.
    peak, peak_exchange : float
        Highest local maximum at g > 0 and where it is; NaN if there is none.
    dip, dip_exchange : float
        Lowest local minimum at g > 0 and where it is; NaN if there is none.
    """

    free: float
    peak: float
    peak_exchange: float
    dip: float
    dip_exchange: float

    @property
    def largest(self) -> float:
        """Omega_max / epsilon^2, the largest value at any g, g = 0 included."""
        return float(np.fmax(self.free, self.peak))

    @property
    def ratio_max(self) -> float:
        """R_max of Fig. 7(a), at least 1; infinite where only the free spin has no coherence, NaN where there never is any."""
        return _ratio(self.largest, self.free)

    @property
    def ratio_min(self) -> float:
        """R_min of Fig. 8(a), the value at the local minimum; NaN where there is none."""
        return _ratio(self.dip, self.free)


def _ratio(omega: float, free: float) -> float:
    """R of Eq. (13); below 1e-20 Omega / epsilon^2 is rounding of zero."""
    if not omega > 1e-20:
        return np.nan
    return omega / free if free > 1e-20 else np.inf


# --- compiled ---------------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True, error_model="numpy")
def _inverse_log_mean(a, b):
    """`compare.sync_entropy.inverse_log_mean` of two numbers."""
    a, b = max(a, 1e-16), max(b, 1e-16)
    z = (a - b) / (a + b)
    z2 = z * z
    if z2 > 1e-4:
        return np.log(a / b) / (a - b)
    return 2.0 / (a + b) * (1.0 + z2 * (1 / 3 + z2 * (1 / 5 + z2 * (1 / 7 + z2 / 9))))


@njit(cache=True, nogil=True, error_model="numpy")
def omega_kernel(bath, g):
    """Omega / epsilon^2 at exchange g; bath = (w_A, gamma_A, w_B, gamma_B, Delta_d, Delta_q, gamma_phi)."""
    z_a, z_b, zz, x = zeroth_kernel(bath[0], bath[1], bath[2], bath[3], g, bath[5], bath[6])
    plus_a, plus_b, s, t = first_kernel(bath[0], bath[1], bath[2], bath[3], g, bath[4], bath[5], bath[6], z_a, zz, x)
    p_uu, p_dd = 0.25 + 0.5 * (z_a + z_b) + zz, 0.25 - 0.5 * (z_a + z_b) + zz
    half, d = 0.25 - zz, 0.5 * (z_a - z_b)
    size = np.sqrt(d * d + x.real * x.real + x.imag * x.imag)
    # eigenvector (ud, du) of half + size; that of half - size is (-conj(du), conj(ud))
    if size == 0.0:
        up, down = complex(1.0, 0.0), complex(0.0, 0.0)
    elif d >= 0.0:
        norm = np.sqrt(2.0 * size * (size + d))
        up, down = complex((d + size) / norm, 0.0), x / norm
    else:
        norm = np.sqrt(2.0 * size * (size - d))
        up, down = x.conjugate() / norm, complex((size - d) / norm, 0.0)
    uu_ud, uu_du = 0.5 * plus_b + t, 0.5 * plus_a + s
    dd_ud, dd_du = (0.5 * plus_a - s).conjugate(), (0.5 * plus_b - t).conjugate()
    total = 0.0
    for k in range(2):
        if k == 0:
            value, v, w = half + size, up.conjugate(), down.conjugate()
        else:
            value, v, w = half - size, -down, up
        c = v * uu_ud + w * uu_du
        total += (c.real * c.real + c.imag * c.imag) * _inverse_log_mean(value, p_uu)
        c = v * dd_ud + w * dd_du
        total += (c.real * c.real + c.imag * c.imag) * _inverse_log_mean(value, p_dd)
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def _target(bath, log_g, slope):
    """Omega, or its slope against ln g by central differences (error 1e-8 of the third derivative)."""
    if not slope:
        return omega_kernel(bath, np.exp(log_g))
    h = 1e-4
    return (omega_kernel(bath, np.exp(log_g + h)) - omega_kernel(bath, np.exp(log_g - h))) / (2.0 * h)


@njit(cache=True, nogil=True, error_model="numpy")
def _golden(bath, a, b, sign, slope):
    """Ln g of the largest sign * target between a and b, by golden sections."""
    ratio = 0.6180339887498949
    c, d = b - ratio * (b - a), a + ratio * (b - a)
    fc, fd = sign * _target(bath, c, slope), sign * _target(bath, d, slope)
    while b - a > 2e-9:
        if fc > fd:
            b, d, fd = d, c, fc
            c = b - ratio * (b - a)
            fc = sign * _target(bath, c, slope)
        else:
            a, c, fc = c, d, fd
            d = a + ratio * (b - a)
            fd = sign * _target(bath, d, slope)
    return 0.5 * (a + b)


@njit(cache=True, nogil=True, error_model="numpy")
def _note(bath, a, b, sign, out):
    """Refine the maximum (sign 1) or minimum (-1) between a and b and keep it if it is the best so far."""
    at = _golden(bath, a, b, sign, False)
    value = _target(bath, at, False)
    place = 1 if sign > 0.0 else 3
    if np.isnan(out[place]) or sign * value > sign * out[place]:
        out[place], out[place + 1] = value, np.exp(at)


@njit(cache=True, nogil=True, error_model="numpy")
def _extrema(bath, first, last, count, out):
    """Fill out with the fields of `Extrema`."""
    out[0] = omega_kernel(bath, 0.0)
    out[1:] = np.nan
    step = (last - first) / (count - 1)
    values = np.empty(count)
    for i in range(count):
        values[i] = _target(bath, first + i * step, False)
    for i in range(1, count - 1):
        left, right = values[i] - values[i - 1], values[i + 1] - values[i]
        if left > 0.0 >= right:
            _note(bath, first + (i - 1) * step, first + (i + 1) * step, 1.0, out)
        elif left < 0.0 <= right:
            _note(bath, first + (i - 1) * step, first + (i + 1) * step, -1.0, out)
    # two extrema within one cell: the slope has the sign of its neighbours at the grid but not in between
    for i in range(1, count - 2):
        before, here, after = values[i] - values[i - 1], values[i + 1] - values[i], values[i + 2] - values[i + 1]
        sign = -1.0 if here > 0.0 else 1.0
        if sign * here > sign * before and sign * here > sign * after and min(before * here, here * after) > 0.0:
            a, b = first + (i - 1) * step, first + (i + 2) * step
            top = _golden(bath, a, b, sign, True)
            if sign * _target(bath, top, True) > 0.0:
                _note(bath, a, top, -sign, out)
                _note(bath, top, b, sign, out)


@njit(cache=True, nogil=True, error_model="numpy")
def _extrema_lanes(baths, first, last, count, out):
    for n in range(baths.shape[0]):
        _extrema(baths[n], first, last, count, out[n])


@njit(cache=True, nogil=True, error_model="numpy")
def _omega_lanes(baths, g, out):
    for n in range(baths.shape[0]):
        out[n] = omega_kernel(baths[n], g[n])


# --- public -----------------------------------------------------------------------------------------------------------


def omega_limit(system: TwoSpins) -> float:
    """Return Omega / epsilon^2 for a weak drive; qubits in closed form, larger spins by perturbation theory.

    The drive strength of `system` does not matter.
    """
    if is_pair_of_qubits(system):
        return float(omega_kernel(_bath(system), system.exchange))
    model = system.undriven().lindblad()
    zeroth = quantum.steady_state(model)
    first = quantum.first_order(model, system.drive_operator(), zeroth)
    return sync_entropy_limit(zeroth.dense(), first.dense(), system.excitation)


def omega_limits(systems: Sequence[TwoSpins]) -> np.ndarray:
    """`omega_limit` of several systems, shape (systems,)."""
    if not all(is_pair_of_qubits(system) for system in systems):
        return np.array([omega_limit(system) for system in systems])
    out = np.empty(len(systems))
    _omega_lanes(_baths(systems), np.array([system.exchange for system in systems]), out)
    return out


def extrema(
    systems: Sequence[TwoSpins],
    *,
    largest_exchange: float = LARGEST_EXCHANGE,
    grid: int | None = None,
    threads: int = 1,
) -> list[Extrema]:
    """Return the extrema of Omega / epsilon^2 over the exchange, for each system.

    Parameters
    ----------
    systems : sequence of TwoSpins
        Their exchanges and drives do not matter. Qubits take 50 microseconds each; larger spins are scanned by
        perturbation theory on a coarse grid, without the search in the slope, and take some 0.5 s.
    largest_exchange : float
        Where the search ends, in Gamma; it begins at 1e-3.
    grid : int, optional
        Points of the logarithmic grid. Default: 512 for qubits, 96 for larger spins.
    threads : int
        Chunks of systems side by side; changes no bit.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    last = checks.finite("largest_exchange", largest_exchange)
    if not last > SMALLEST_EXCHANGE:
        raise ValueError(f"Argument `largest_exchange` must exceed {SMALLEST_EXCHANGE:g}, but is {last:g}.")
    points = None if grid is None else checks.at_least("grid", grid, 8)
    if not all(is_pair_of_qubits(system) for system in systems):
        return [_extrema_of_spins(system, last, points or 96) for system in systems]
    baths, out = _baths(systems), np.empty((len(systems), 5))
    ends = np.log(SMALLEST_EXCHANGE), np.log(last)

    def run(first: int) -> None:
        part = slice(first, first + _CHUNK)
        _extrema_lanes(baths[part], *ends, points or GRID, out[part])

    with ThreadPoolExecutor(checks.at_least("threads", threads, 1)) as pool:
        list(pool.map(run, range(0, len(systems), _CHUNK)))
    return [Extrema(*map(float, row)) for row in out]


def is_pair_of_qubits(system: TwoSpins) -> bool:
    """Whether the closed forms hold: two spins 1/2."""
    return system.spin == 0.5 and system.spins_per_site == 1


def _extrema_of_spins(system: TwoSpins, last: float, points: int) -> Extrema:
    """The search on a grid for any spin, each extremum refined by Brent's method."""
    from scipy.optimize import minimize_scalar

    def omega(log_g: float) -> float:
        return omega_limit(system.vary(exchange=float(np.exp(log_g))))

    x = np.linspace(np.log(SMALLEST_EXCHANGE), np.log(last), points)
    values = np.array([omega(log_g) for log_g in x])
    best = {1.0: (np.nan, np.nan), -1.0: (np.nan, np.nan)}
    for i in range(1, points - 1):
        for sign in best:
            if sign * values[i] > sign * values[i - 1] and sign * values[i] >= sign * values[i + 1]:
                found = minimize_scalar(
                    lambda log_g, sign=sign: -sign * omega(log_g), (x[i - 1], x[i], x[i + 1]), options={"xtol": 1e-9}
                )
                value = -sign * float(found.fun)
                if np.isnan(best[sign][0]) or sign * value > sign * best[sign][0]:
                    best[sign] = value, float(np.exp(found.x))
    return Extrema(omega_limit(system.vary(exchange=0.0)), *best[1.0], *best[-1.0])


def _bath(system: TwoSpins) -> np.ndarray:
    s = system
    return np.array([s.w_a, s.gamma_a, s.w_b, s.gamma_b, s.drive_detuning, s.spin_detuning, s.dephasing])


def _baths(systems: Sequence[TwoSpins]) -> np.ndarray:
    return np.array([_bath(system) for system in systems]).reshape(-1, 7)
