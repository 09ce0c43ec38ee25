"""From dense arrays to `Density`, so that every measure takes either."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from quantum.checks import at_least
from quantum.density import Density


def as_density(state: Any, dims: Sequence[int] | None = None) -> Density:
    """Return `state` as a `Density`, elements that are zero in a whole stack left out.

    Parameters
    ----------
    state : Density or array, shape (..., D, D)
        A density matrix or a stack of them. A `Density` is returned as it is.
    dims : sequence of int, optional
        Levels of each subsystem of an array; default one subsystem of D levels.

    Raises
    ------
    ValueError
        If the array is not a stack of finite square matrices, `dims` does not multiply to D or contradicts a
        `Density`, or a matrix is not Hermitian to 1e-8 of its largest element.
    """
    if isinstance(state, Density):
        if dims is not None and tuple(dims) != state.dims:
            raise ValueError(f"Argument `dims` must be left out or equal the state's {state.dims}, but is {dims!r}.")
        return state
    matrix = _stack(state)
    dimension = matrix.shape[-1]
    sizes = (dimension,) if dims is None else tuple(at_least(f"dims[{j}]", n, 1) for j, n in enumerate(dims))
    if math.prod(sizes) != dimension:
        raise ValueError(f"Argument `dims` must multiply to {dimension}, the size of `state`, but is {sizes}.")
    largest = np.abs(matrix).max(axis=tuple(range(matrix.ndim - 2)), initial=0.0)
    adjoint = np.conj(np.swapaxes(matrix, -1, -2))
    asymmetry = np.abs(matrix - adjoint).max(initial=0.0)
    if asymmetry > 1e-8 * largest.max():
        raise ValueError(f"Argument `state` must be Hermitian, but differs from its adjoint by {asymmetry:.3g}.")
    # the diagonal is always kept, so that no block of the pattern is lost
    rows, cols = np.nonzero((largest + largest.T + np.eye(dimension)) > 0)
    return Density(sizes, rows, cols, matrix[..., rows, cols])


def _stack(state: Any) -> np.ndarray:
    try:
        matrix = np.asarray(state, dtype=np.complex128)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `state` must be a Density or an array, but is a {type(state).__name__}.") from None
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2] or matrix.shape[-1] == 0:
        raise ValueError(f"Argument `state` must have shape (..., D, D), but has shape {matrix.shape}.")
    if not np.isfinite(matrix).all():
        raise ValueError("Argument `state` must be finite, but has elements that are not.")
    return matrix
