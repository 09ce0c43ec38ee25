r"""Spherical tensor operators of a spin.

:math:`T_k^q`, k = 0, ..., 2S, q = -k, ..., k, is an irreducible tensor with :math:`\mathrm{tr}(T_k^{q\dagger} T_k^q) = 1`:

.. math::

    \langle m'|T_k^q|m\rangle = \sqrt{\frac{2k+1}{2S+1}}\, \langle S m; k q|S m'\rangle, \qquad
    T_k^{-q} = (-1)^q T_k^{q\dagger}.

Condon-Shortley phases: for S = 1, ``T_1^1 = -S+/2``, ``T_2^1 = -(Sz S+ + S+ Sz)/2`` and ``T_2^2 = S+^2/2``. With them the
Husimi function is ``Q = sum_kq c_kq P_k^q(cos theta) e^{-iq phi} <T_k^q>``; Eq. (A1) of Vaidya et al. (2024) prints
``e^{iq phi} <T_k^-q>``, which lacks a factor (-1)^q.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import eigh_tridiagonal

from quantum.checks import at_least
from quantum.dense import as_density
from quantum.operators import spin_plus, spin_z


def spherical_tensor(spin: float, rank: int, component: int) -> sparse.csr_array:
    """Return T_k^q, real, shape (2S+1, 2S+1), levels ascending in m; it raises m by q.

    Parameters
    ----------
    spin : float
        S = 1/2, 1, 3/2, ...
    rank : int
        k, from 0 to 2S.
    component : int
        q, from -k to k.

    Raises
    ------
    ValueError
        If one is out of its range.
    """
    levels = spin_z(spin).shape[0]
    if at_least("rank", rank, 0) >= levels:
        raise ValueError(f"Argument `rank` must be at most 2S = {levels - 1}, but is {rank}.")
    if isinstance(component, bool) or not isinstance(component, int | np.integer) or abs(component) > rank:
        raise ValueError(f"Argument `component` must be a whole number from {-rank} to {rank}, but is {component!r}.")
    shift = abs(int(component))
    values = _diagonals(levels, shift)[rank - shift]
    if component < 0:
        return sparse.diags_array((-1.0) ** shift * values, offsets=shift, dtype=np.complex128).tocsr()
    return sparse.diags_array(values, offsets=-shift, dtype=np.complex128).tocsr()


def spherical_moment(
    state: Any, rank: int, component: int, subsystem: int = 0, *, dims: Sequence[int] | None = None
) -> np.ndarray:
    """Expectation value <T_k^q> of one spin, shape (...), complex; S follows from the number of levels.

    Parameters
    ----------
    state : Density or array, shape (..., D, D)
        Density matrices; the other subsystems are traced out.
    rank, component : int
        k and q.
    subsystem : int
        The spin.
    dims : sequence of int, optional
        Levels of each subsystem; needed for an array only.

    Raises
    ------
    ValueError
        If an argument is not valid.
    """
    density = as_density(state, dims).reduced([subsystem])
    return density.expect(spherical_tensor((density.dims[0] - 1) / 2, rank, component))


@lru_cache(maxsize=256)
def _diagonals(levels: int, shift: int) -> np.ndarray:
    """Diagonal q = shift >= 0 of T_k^q for k = shift, ..., 2S, one row each.

    They are the eigenvectors, with eigenvalues k(k+1), of the Casimir superoperator sum_a [S_a, [S_a, .]] on matrices that
    raise m by q: a symmetric tridiagonal matrix, whose eigenvectors keep all digits where repeated commutators with S-
    cancel (tests compare the two). The sign is that of <S S-q; k q|S S>, which is (-1)^q.
    """
    spin = (levels - 1) / 2
    m = np.arange(levels - shift) - spin  # column of each element, m' = m + q its row
    raised = m + shift
    climb = spin_plus(spin).diagonal(-1).real  # <m+1|S+|m>
    diagonal = 2 * spin * (spin + 1) - 2 * raised * m
    coupling = -climb[shift:] * climb[: levels - 1 - shift] if levels - shift > 1 else np.zeros(0)
    _, vectors = eigh_tridiagonal(diagonal, coupling)
    rows = vectors.T
    rows = rows * (np.sign(rows[:, -1]) * (-1.0) ** shift)[:, None]
    rows.setflags(write=False)
    return rows
