"""Wigner and Husimi functions of a mode, and the Husimi function of a spin.

Normalisation: the integral of W and of Q over d^2 alpha = d(Re alpha) d(Im alpha) is 1, so that the vacuum has
W = (2/pi) exp(-2|alpha|^2) and Q = (1/pi) exp(-|alpha|^2). QuTiP's `wigner` and `qfunc` are the same with ``g=2``. The
Husimi function of a spin has integral 1 over the sphere, sin(theta) d(theta) d(phi).

The phase alone, integrated over the amplitude, is in `quantum.phase` (``ordering="wigner"`` or ``"husimi"``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numba import njit
from scipy.special import gammaln, xlogy

from quantum.dense import as_density
from quantum.density import Density

# Grid points that go through the recurrence together, one per SIMD lane.
LANES = 64
# Grid points whose coherent states are held at a time.
CHUNK = 2048
# Values below exp(-LOG_SCALE) = 1e-261 are carried times a power of exp(LOG_SCALE).
LOG_SCALE = 600.0


def wigner(state: Any, alpha: Any, subsystem: int = 0, *, dims: Sequence[int] | None = None) -> np.ndarray:
    """Wigner function of one mode.

    Parameters
    ----------
    state : Density or array, shape (..., D, D)
        Density matrices; all subsystems but one are traced out.
    alpha : array of complex, any shape
        Where to evaluate; ``x[:, None] + 1j * y`` for a grid.
    subsystem : int
        The mode.
    dims : sequence of int, optional
        Levels of each subsystem; needed for an array only.

    Returns
    -------
    array of float, shape (..., *alpha.shape)
        W(alpha), normalised to 1 over d^2 alpha.

    Raises
    ------
    ValueError
        If `alpha`, `subsystem` or the state is not valid.

    Notes
    -----
    ``W = (2/pi) sum_{m,k} (2 - delta_k0) (-1)^m Re(rho_{m,m+k} e^{i k theta}) psi^k_m(4 |alpha|^2)`` with the
    normalised Laguerre functions psi, of which three neighbours in m are connected. They are matrix elements of a
    unitary operator and so never exceed 1: unlike factorials they cannot overflow, at any number of levels. Measured
    against 28-digit arithmetic at 400 levels, the error is below 1e-15.
    """
    density, point = _mode(state, subsystem, dims), _points(alpha)
    levels = density.dims[0]
    stack = density.dense().reshape(-1, levels, levels)
    coefficients = np.zeros((levels, levels, stack.shape[0]), dtype=np.complex128)  # k, m, stack
    for k in range(levels):
        sign = (-1.0) ** np.arange(levels - k) * (2 if k == 0 else 4) / np.pi
        coefficients[k, : levels - k] = (np.diagonal(stack, k, axis1=1, axis2=2) * sign).T
    radius = np.abs(point).ravel()
    turn = np.exp(1j * np.angle(point)).ravel()
    out = np.zeros((stack.shape[0], radius.size))
    used = np.abs(coefficients).max(axis=(1, 2), initial=0.0) > 0
    _wigner_points(4 * radius**2, turn, coefficients.real.copy(), coefficients.imag.copy(), used, out)
    return out.reshape((*density.values.shape[:-1], *point.shape))


def husimi(state: Any, alpha: Any, subsystem: int = 0, *, dims: Sequence[int] | None = None) -> np.ndarray:
    """Husimi function Q(alpha) = <alpha|rho|alpha>/pi of one mode.

    Parameters
    ----------
    state, alpha, subsystem, dims
        As for `wigner`.

    Returns
    -------
    array of float, shape (..., *alpha.shape)
        Q(alpha), normalised to 1 over d^2 alpha.

    Raises
    ------
    ValueError
        If `alpha`, `subsystem` or the state is not valid.
    """
    density, point = _mode(state, subsystem, dims), _points(alpha)
    n = np.arange(density.dims[0])

    def amplitudes(radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
        size = np.exp(xlogy(n, radius) - 0.5 * (radius**2 + gammaln(n + 1.0)))
        return size * np.exp(1j * angle) ** n

    return _overlap(density, amplitudes, np.abs(point), np.angle(point)) / np.pi


def spin_husimi(
    state: Any, theta: Any, phi: Any, subsystem: int = 0, *, dims: Sequence[int] | None = None
) -> np.ndarray:
    """Husimi function (2S+1)/(4 pi) <theta, phi|rho|theta, phi> of a spin on spin-coherent states.

    |theta, phi> has <S> = S (sin theta cos phi, sin theta sin phi, cos theta).

    Parameters
    ----------
    state, subsystem, dims
        As for `wigner`; the 2S+1 levels of the spin are ascending in m, as in `quantum.operators`.
    theta, phi : arrays of float
        Polar angle from 0 to pi and azimuth; shapes are broadcast together.

    Returns
    -------
    array of float, shape (..., *broadcast shape)
        Q, normalised to 1 over sin(theta) d(theta) d(phi).

    Raises
    ------
    ValueError
        If angles, `subsystem` or the state is not valid.
    """
    density = _mode(state, subsystem, dims)
    polar, azimuth = np.broadcast_arrays(np.asarray(theta, dtype=np.float64), np.asarray(phi, dtype=np.float64))
    if not ((polar >= 0) & (polar <= np.pi)).all():
        raise ValueError("Argument `theta` must lie between 0 and pi, but has values outside.")
    if not np.isfinite(azimuth).all():
        raise ValueError("Argument `phi` must be finite, but has values that are not.")
    top = density.dims[0] - 1
    n = np.arange(top + 1)
    binomial = gammaln(top + 1.0) - gammaln(n + 1.0) - gammaln(top - n + 1.0)

    def amplitudes(polar: np.ndarray, azimuth: np.ndarray) -> np.ndarray:
        size = np.exp(xlogy(n, np.cos(polar / 2)) + xlogy(top - n, np.sin(polar / 2)) + 0.5 * binomial)
        return size * np.exp(-1j * azimuth) ** n

    return _overlap(density, amplitudes, polar, azimuth) * (top + 1) / (4 * np.pi)


def _mode(state: Any, subsystem: int, dims: Sequence[int] | None) -> Density:
    return as_density(state, dims).reduced([subsystem])


def _points(alpha: Any) -> np.ndarray:
    point = np.asarray(alpha, dtype=np.complex128)
    if not np.isfinite(point).all():
        raise ValueError("Argument `alpha` must be finite, but has values that are not.")
    return point


def _overlap(
    density: Density,
    amplitudes: Callable[[np.ndarray, np.ndarray], np.ndarray],
    first: np.ndarray,
    second: np.ndarray,
) -> np.ndarray:
    """<point|rho|point> for the vectors amplitudes(first, second)[point, level], shape (..., *first.shape)."""
    stack = density.dense().reshape(-1, *(density.dims * 2))
    out = np.empty((stack.shape[0], first.size))
    for begin in range(0, first.size, CHUNK):
        part = slice(begin, begin + CHUNK)
        vectors = amplitudes(first.ravel()[part, None], second.ravel()[part, None])
        for values, rho in zip(out, stack, strict=True):
            values[part] = ((vectors.conj() @ rho) * vectors).real.sum(axis=1)
    return out.reshape((*density.values.shape[:-1], *first.shape))


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _wigner_points(x, turn, c_re, c_im, used, out):
    """Add sum_k Re(turn[i]^k sum_m c[k, m, g] psi^k_m(x[i])) to out[g, i], LANES points at a time."""
    levels, stack = c_re.shape[0], c_re.shape[2]
    now, last, scale = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    sum_re, sum_im = np.empty((stack, LANES)), np.empty((stack, LANES))
    xs, us, wave = np.zeros(LANES), np.zeros(LANES, np.complex128), np.empty(LANES, np.complex128)
    for begin in range(0, x.size, LANES):
        count = min(LANES, x.size - begin)
        xs[:count] = x[begin : begin + count]
        us[:count] = turn[begin : begin + count]
        wave[:] = 1.0
        for k in range(levels):
            if used[k]:
                sum_re[:] = 0.0
                sum_im[:] = 0.0
                scaled = _start(k, xs, now, last, scale)
                m = 0
                while scaled and m < levels - k:
                    _add_unscaled(c_re[k, m], c_im[k, m], now, scale, sum_re, sum_im)
                    _step(m, k, xs, now, last)
                    scaled = _rescale(now, last, scale)
                    m += 1
                _run(m, k, xs, c_re[k], c_im[k], now, last, sum_re, sum_im)
                for g in range(stack):
                    for i in range(count):
                        out[g, begin + i] += wave[i].real * sum_re[g, i] - wave[i].imag * sum_im[g, i]
            for i in range(LANES):
                wave[i] *= us[i]


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _start(k, x, now, last, scale):
    """Set psi^k_0 = sqrt(x^k e^-x / k!), times exp(LOG_SCALE * scale) where it is tiny; whether it is so anywhere."""
    scaled = False
    norm = math.lgamma(k + 1.0)
    for i in range(LANES):
        log = -0.5 * (x[i] + norm)
        if k > 0:
            log += 0.5 * k * math.log(max(x[i], 1e-300))
        scale[i] = max(0.0, math.ceil((-LOG_SCALE - log) / LOG_SCALE))
        scaled |= scale[i] > 0
        now[i] = math.exp(log + LOG_SCALE * scale[i])
        last[i] = 0.0
    return scaled


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _run(m, k, x, c_re, c_im, now, last, sum_re, sum_im):
    """Add c[m, g] psi^k_m to sum[g] for all m from the given one."""
    for j in range(m, c_re.shape[0] - k):
        for g in range(c_re.shape[1]):
            re, im = c_re[j, g], c_im[j, g]
            for i in range(LANES):
                sum_re[g, i] += re * now[i]
                sum_im[g, i] += im * now[i]
        _step(j, k, x, now, last)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _step(m, k, x, now, last):
    """From psi^k_m, psi^k_{m-1} to psi^k_{m+1}, psi^k_m."""
    norm = 1.0 / math.sqrt((m + 1.0) * (m + 1.0 + k))
    down = -norm * math.sqrt(m * (m + k + 0.0))
    middle = norm * (2.0 * m + 1.0 + k)
    for i in range(LANES):
        following = (middle - norm * x[i]) * now[i] + down * last[i]
        last[i] = now[i]
        now[i] = following


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _rescale(now, last, scale):
    """Take a factor exp(LOG_SCALE) out where the scaled value has grown beyond 1; whether any scale is left."""
    left = False
    factor = math.exp(-LOG_SCALE)
    for i in range(LANES):
        if scale[i] > 0 and abs(now[i]) > 1.0:
            now[i] *= factor
            last[i] *= factor
            scale[i] -= 1.0
        left |= scale[i] > 0
    return left


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _add_unscaled(c_re, c_im, now, scale, sum_re, sum_im):
    """Add c[g] psi to sum[g]; what is still scaled is below 1e-260 and left out."""
    for g in range(c_re.size):
        for i in range(LANES):
            psi = now[i] if scale[i] == 0 else 0.0
            sum_re[g, i] += c_re[g] * psi
            sum_im[g, i] += c_im[g] * psi
