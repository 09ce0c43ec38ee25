r"""Distribution of the phase of one subsystem, and of the relative phase of two.

Each is a finite Fourier sum :math:`2\pi P(\phi) = \sum_k c_k e^{ik\phi}`, with weights w that say what "phase" means:

.. math::

    c_k = \sum_n w(n, k) \langle n|\rho|n+k\rangle, \qquad
    c_k = \sum_{n,m} w_1(n, k) w_2(m-k, k) \langle n, m|\rho|n+k, m-k\rangle

- ``"canonical"``: w = 1, from the phase states ``|phi> = (2 pi)^(-1/2) sum_n e^{i n phi} |n>``.
- ``"husimi"``: the Husimi function integrated over the amplitude, w < 1. What a heterodyne measurement sees.
- ``"wigner"``: the Wigner function integrated over the amplitude; it can be negative, and w(0, 1) = sqrt(pi/2) > 1.
  Samples of a truncated Wigner simulation have ``c_k = <e^{-ik phi}>`` with these weights, not the canonical ones.
- ``"spin"``: the Husimi function of a spin on spin-coherent states integrated over the polar angle (levels ascending
  in m); phi is the azimuth of <S>. Since <S+> ~ e^{i phi} where a mode has <a> ~ e^{i phi}, c_k is the conjugate of
  the sum above.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import betaln, gammaln

from quantum.checks import at_least, one_of
from quantum.dense import as_density

ORDERINGS = ("canonical", "husimi", "wigner", "spin")


def phase_weights(levels: int, ordering: str) -> np.ndarray:
    """Return w(n, k), shape (levels, levels); 0 where n + k is beyond the cutoff.

    Raises
    ------
    ValueError
        If `ordering` is not one of `ORDERINGS`.

    References
    ----------
    .. [1] Tanas, Miranowicz and Gantsog, Prog. Opt. 35, 355 (1996): phases from the Wigner and Husimi functions.
    """
    levels = at_least("levels", levels, 1)
    one_of("ordering", ordering, ORDERINGS)
    n, k = np.indices((levels, levels))
    kept = n + k < levels
    n, k = n[kept], k[kept]
    weights = np.zeros((levels, levels))
    weights[kept] = np.exp(_log_weight(n, k, levels, ordering))
    return weights


def phase_harmonics(
    state: Any, subsystem: int = 0, *, ordering: str = "canonical", dims: Sequence[int] | None = None
) -> np.ndarray:
    """Harmonics c_k of the phase of one subsystem, k = 0, ..., levels - 1, shape (..., levels); c_-k = conj(c_k).

    Parameters
    ----------
    state : Density or array, shape (..., D, D)
        Density matrices.
    subsystem : int
        Mode or spin whose phase is meant; the others are traced out.
    ordering : {"canonical", "husimi", "wigner", "spin"}
        What phase means; see the module.
    dims : sequence of int, optional
        Levels of each subsystem; needed for an array only.

    Raises
    ------
    ValueError
        If `subsystem`, `ordering` or the state is not valid.
    """
    density = as_density(state, dims).reduced([subsystem])
    levels = density.dims[0]
    weights = phase_weights(levels, ordering)
    shift = density.cols - density.rows
    upper = shift >= 0
    terms = density.values[..., upper] * weights[density.rows[upper], shift[upper]]
    return _harmonics(terms, shift[upper], levels, ordering)


def relative_phase_harmonics(
    state: Any, pair: tuple[int, int], *, ordering: str = "canonical", dims: Sequence[int] | None = None
) -> np.ndarray:
    """Harmonics c_k of the relative phase phi_1 - phi_2 of two subsystems, shape (..., smaller number of levels).

    Parameters
    ----------
    state, ordering, dims
        As for `phase_harmonics`.
    pair : tuple of int
        The two subsystems.

    Raises
    ------
    ValueError
        If `pair`, `ordering` or the state is not valid.
    """
    density = as_density(state, dims)
    if len(pair) != 2:
        raise ValueError(f"Argument `pair` must name two subsystems, but is {pair!r}.")
    density = density.reduced(pair)
    row, col = np.unravel_index(density.rows, density.dims), np.unravel_index(density.cols, density.dims)
    shift = col[0] - row[0]
    kept = (shift >= 0) & (row[1] - col[1] == shift)
    shift, n, m = shift[kept], row[0][kept], col[1][kept]
    first, second = (phase_weights(levels, ordering) for levels in density.dims)
    terms = density.values[..., kept] * first[n, shift] * second[m, shift]
    return _harmonics(terms, shift, min(density.dims), ordering)


def phase_density(harmonics: Any, phi: Any) -> np.ndarray:
    """Evaluate P(phi) = (1/2 pi) sum_k c_k e^{i k phi} from the harmonics k >= 0.

    Parameters
    ----------
    harmonics : array of complex, shape (..., K)
        c_0, c_1, ..., c_{K-1}; c_-k = conj(c_k) is understood.
    phi : array of float, any shape
        Angles in radians.

    Returns
    -------
    array of float, shape (..., *phi.shape)
        Density per radian; its integral over 2 pi is c_0.
    """
    c, angle = np.asarray(harmonics, dtype=np.complex128), np.asarray(phi, dtype=np.float64)
    waves = np.exp(1j * np.multiply.outer(np.arange(c.shape[-1]), angle))
    waves[1:] *= 2.0
    return np.tensordot(c, waves, axes=1).real / (2 * np.pi)


def phase_distribution(
    state: Any, phi: Any, subsystem: int = 0, *, ordering: str = "canonical", dims: Sequence[int] | None = None
) -> np.ndarray:
    """Distribution P(phi) of the phase of one subsystem, per radian, shape (..., *phi.shape); see `phase_harmonics`."""
    return phase_density(phase_harmonics(state, subsystem, ordering=ordering, dims=dims), phi)


def relative_phase_distribution(
    state: Any, phi: Any, pair: tuple[int, int], *, ordering: str = "canonical", dims: Sequence[int] | None = None
) -> np.ndarray:
    """Distribution P(phi_1 - phi_2) of a pair, per radian, shape (..., *phi.shape); see `relative_phase_harmonics`."""
    return phase_density(relative_phase_harmonics(state, pair, ordering=ordering, dims=dims), phi)


def _log_weight(n: np.ndarray, k: np.ndarray, levels: int, ordering: str) -> np.ndarray:
    if ordering == "canonical":
        return np.zeros(n.size)
    norm = 0.5 * (gammaln(n + 1.0) + gammaln(n + k + 1.0))
    if ordering == "husimi":  # int_0^inf 2 r dr e^{-r^2} r^{2n + k} / sqrt(n! (n+k)!)
        return gammaln(n + 0.5 * k + 1.0) - norm
    if ordering == "wigner":
        # int_0^inf of the Laguerre function of order k by its generating function, (1 + t)(1 - t^2)^(-k/2 - 1)
        half = n // 2
        return 0.5 * k * np.log(2.0) + gammaln(half + 0.5 * k + 1.0) - gammaln(half + 1.0) + gammaln(n + 1.0) - norm
    top = levels - 1.0  # 2 S
    binomials = gammaln(top + 1.0) - 0.5 * (gammaln(top - n + 1.0) + gammaln(top - n - k + 1.0)) - norm
    return np.log(levels) + binomials + betaln(n + 0.5 * k + 1.0, top - n - 0.5 * k + 1.0)


def _harmonics(terms: np.ndarray, shift: np.ndarray, count: int, ordering: str) -> np.ndarray:
    """Sum of the terms of each k, shape (..., count)."""
    sums = np.zeros((*terms.shape[:-1], count), dtype=np.complex128)
    np.add.at(np.moveaxis(sums, -1, 0), shift, np.moveaxis(terms, -1, 0))
    return sums.conj() if ordering == "spin" else sums
