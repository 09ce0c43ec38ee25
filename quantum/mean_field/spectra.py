"""Spectra of mean values and frequency locking.

Frequencies are angular, with the sign of a mean value e^{i omega t}. Two groups can be called locked in three ways that
differ near the end of locking: a stationary lock (a stable rotating wave: `rotating_waves` and `eigenvalues`), equal
frequencies of the largest peaks, and no slip of the phase on average.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft

from quantum.checks import one_of, reals


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Power over frequency.

    Attributes
    ----------
    frequency : array of float, shape (n,)
        Ascending angular frequencies, one bin ``2 pi/(n dt)`` apart.
    power : array of float, shape (..., n)
        |Fourier transform of the windowed values|^2, normalised so that a pure rotation of amplitude A peaks at A^2.
    """

    frequency: np.ndarray
    power: np.ndarray

    @property
    def peak(self) -> np.ndarray:
        """Frequency of the largest peak, to one bin, shape (...)."""
        return self.frequency[np.argmax(self.power, axis=-1)]


def _spacing(times: np.ndarray, values: np.ndarray) -> float:
    steps = np.diff(times)
    if times.ndim != 1 or times.size < 2 or (abs(steps - steps[:1]) > 1e-6 * abs(steps[:1])).any() or steps[0] <= 0:
        raise ValueError("Argument `times` must be at least two evenly spaced, increasing times.")
    if values.shape[-1] != times.size:
        raise ValueError(f"Argument `values` must have {times.size} times last, but has shape {values.shape}.")
    return float((times[-1] - times[0]) / (times.size - 1))


def spectrum(times: ArrayLike, values: ArrayLike, *, window: str = "hann") -> Spectrum:
    """Power spectrum of complex mean values.

    Parameters
    ----------
    times : array-like of float, shape (n,)
        Evenly spaced.
    values : array-like of complex, shape (..., n)
    window : {"hann", "boxcar", "blackman", "flattop"}
        Multiplied with the values (in its periodic form), so that a finite time does not smear peaks.

    Returns
    -------
    Spectrum

    Raises
    ------
    ValueError
        If the times are not even, or shapes do not fit.
    """
    one_of("window", window, ("hann", "boxcar", "blackman", "flattop"))
    instants, data = reals("times", times), np.asarray(values, np.complex128)
    dt = _spacing(instants, data)
    n = instants.size
    from scipy.signal import get_window  # costs a fifth of a second, which every import would pay

    weights = get_window(window, n)
    power = abs(fft.fftshift(fft.fft(data * (weights / weights.sum()), axis=-1), axes=-1)) ** 2
    return Spectrum(fft.fftshift(2.0 * np.pi * fft.fftfreq(n, dt)), power)


def phase_slip(times: ArrayLike, first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """Mean rate at which the phase difference of two mean values grows, arg(first) - arg(second).

    Parameters
    ----------
    times : array-like of float, shape (n,)
        Evenly spaced, and close enough that the difference turns by less than pi in between.
    first, second : array-like of complex, shape (..., n)

    Returns
    -------
    array of float, shape (...)
        Difference of the unwrapped phases at the end and the beginning over the time between them; bounded phase differences
        give at most 2 pi over that time. Zero where one of the values is zero throughout.

    Raises
    ------
    ValueError
        If the times are not even, or shapes do not fit.
    """
    instants = reals("times", times)
    a, b = np.asarray(first, np.complex128), np.asarray(second, np.complex128)
    if a.shape != b.shape:
        raise ValueError(f"Argument `second` must have shape {a.shape} as `first`, but has shape {b.shape}.")
    dt = _spacing(instants, a)
    product = a * b.conj()
    turns = np.angle(product[..., 1:] * product[..., :-1].conj())
    return turns.sum(axis=-1) / (dt * (instants.size - 1))
