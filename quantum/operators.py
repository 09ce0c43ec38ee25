"""Elementary operators of one subsystem as sparse matrices, and their embedding into a product of subsystems.

All are `scipy.sparse.csr_array` of complex128. The basis of a mode is |0>, |1>, ..., |levels - 1>. The basis of a
spin S is ascending in m, level n = m + S: level 0 is the lowest state, S+ raises the level as a^+ does, and
``Density.mean_number`` is <S_z> + S. (QuTiP's `jmat` is descending: reverse rows and columns to compare.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from quantum.checks import at_least


def identity(levels: int) -> sparse.csr_array:
    """Return the identity, shape (levels, levels)."""
    return sparse.eye_array(at_least("levels", levels, 1), dtype=np.complex128, format="csr")


def destroy(levels: int) -> sparse.csr_array:
    """Return a, ``a|n> = sqrt(n)|n-1>``, cut off at |levels - 1>."""
    return _diagonal(np.sqrt(np.arange(1.0, at_least("levels", levels, 1))), offset=1)


def create(levels: int) -> sparse.csr_array:
    """Return a^+, ``a^+|n> = sqrt(n+1)|n+1>``; it annihilates |levels - 1>."""
    return _diagonal(np.sqrt(np.arange(1.0, at_least("levels", levels, 1))), offset=-1)


def number(levels: int) -> sparse.csr_array:
    """Return a^+ a, diagonal 0, 1, ..., levels - 1."""
    return _diagonal(np.arange(float(at_least("levels", levels, 1))), offset=0)


def projector(row: int, column: int, levels: int) -> sparse.csr_array:
    """Return ``|row><column|``, shape (levels, levels); a projector where the two are equal, a transition otherwise."""
    levels = at_least("levels", levels, 1)
    for name, value in (("row", row), ("column", column)):
        if at_least(name, value, 0) >= levels:
            raise ValueError(f"Argument `{name}` must be below `levels` ({levels}), but is {value}.")
    return sparse.csr_array(([1.0 + 0j], ([row], [column])), shape=(levels, levels))


def spin_z(spin: float) -> sparse.csr_array:
    """Return S_z of a spin S = 1/2, 1, 3/2, ...; shape (2S+1, 2S+1), diagonal -S, -S+1, ..., S."""
    return _diagonal(_projections(spin), offset=0)


def spin_plus(spin: float) -> sparse.csr_array:
    """Return S+, ``S+|m> = sqrt(S(S+1) - m(m+1))|m+1>``, shape (2S+1, 2S+1)."""
    m = _projections(spin)[:-1]
    # (S - m)(S + m + 1) is S(S+1) - m(m+1) without the cancellation at large S
    return _diagonal(np.sqrt((spin - m) * (spin + m + 1.0)), offset=-1)


def spin_minus(spin: float) -> sparse.csr_array:
    """Return S-, the adjoint of S+, shape (2S+1, 2S+1)."""
    return sparse.csr_array(spin_plus(spin).T)


def spin_x(spin: float) -> sparse.csr_array:
    """Return S_x = (S+ + S-)/2, shape (2S+1, 2S+1)."""
    return 0.5 * (spin_plus(spin) + spin_minus(spin))


def spin_y(spin: float) -> sparse.csr_array:
    """Return S_y = (S+ - S-)/2i, shape (2S+1, 2S+1)."""
    return -0.5j * (spin_plus(spin) - spin_minus(spin))


def embed(operator: Any, subsystem: int, dims: Sequence[int]) -> sparse.csr_array:
    """Return an operator of one subsystem as an operator of the whole system: 1 x ... x operator x ... x 1.

    Parameters
    ----------
    operator : matrix, shape (dims[subsystem], dims[subsystem])
        Dense or sparse.
    subsystem : int
        The factor on which it acts, from 0.
    dims : sequence of int
        Levels of each subsystem; the basis index is row-major in them, as in `quantum.Lindblad`.

    Returns
    -------
    csr_array of complex128, shape (D, D) with D the product of `dims`

    Raises
    ------
    ValueError
        If the shape does not fit, or `subsystem` is none of 0, ..., len(dims) - 1.
    """
    dims = tuple(at_least(f"dims[{j}]", levels, 1) for j, levels in enumerate(dims))
    if at_least("subsystem", subsystem, 0) >= len(dims):
        raise ValueError(f"Argument `subsystem` must be below the {len(dims)} subsystems, but is {subsystem}.")
    matrix = sparse.csr_array(operator, dtype=np.complex128)
    levels = dims[subsystem]
    if matrix.shape != (levels, levels):
        raise ValueError(f"Argument `operator` must have shape {(levels, levels)}, but has shape {matrix.shape}.")
    left, right = identity(math.prod(dims[:subsystem])), identity(math.prod(dims[subsystem + 1 :]))
    return sparse.csr_array(sparse.kron(sparse.kron(left, matrix, format="csr"), right, format="csr"))


def _projections(spin: float) -> np.ndarray:
    if isinstance(spin, bool | str) or not (spin > 0 and float(2 * spin).is_integer()):
        raise ValueError(f"Argument `spin` must be a positive multiple of 1/2, but is {spin!r}.")
    return np.arange(2 * float(spin) + 1) - float(spin)


def _diagonal(values: np.ndarray, offset: int) -> sparse.csr_array:
    size = values.size + abs(offset)
    return sparse.diags_array(values, offsets=offset, shape=(size, size), dtype=np.complex128).tocsr()
