"""Operators given as arguments: read as sparse matrices of the right shape, finite, Hermitian where that is asked."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse


def operator(name: str, value: Any, dimension: int) -> sparse.csr_array:
    """Return `value` as a complex CSR matrix; refuse what is no finite matrix of shape (dimension, dimension)."""
    try:
        # a copy: scipy sorts indices in place, and would leave the data of a caller that shares them behind
        matrix = sparse.csr_array(value, dtype=np.complex128, copy=True)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must be a matrix of numbers, but is a {type(value).__name__}.") from None
    if matrix.shape != (dimension, dimension):
        raise ValueError(
            f"Argument `{name}` must have shape {(dimension, dimension)}, the product of `dims`, "
            f"but has shape {matrix.shape}."
        )
    if not np.isfinite(matrix.data).all():
        raise ValueError(f"Argument `{name}` must be finite, but has entries that are not.")
    return matrix


def canonical(matrix: sparse.csr_array) -> sparse.csr_array:
    """Return a copy without duplicate and zero entries, indices ascending."""
    out = matrix.copy()
    out.sum_duplicates()
    out.eliminate_zeros()
    out.sort_indices()
    return out


def elements_of(matrix: sparse.csr_array, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """Dense vector of the elements (rows, cols); scipy returns a sparse one where there are none."""
    return np.asarray(matrix[rows, cols]).ravel() if rows.size else np.zeros(0, dtype=matrix.dtype)


def hermitian_operator(name: str, value: Any, dimension: int) -> sparse.csr_array:
    """The same, Hermitian to 1e-12 of the largest entry."""
    matrix = operator(name, value, dimension)
    asymmetry = abs(matrix - matrix.conj().T).max() if matrix.nnz else 0.0
    if asymmetry > 1e-12 * max(abs(matrix).max() if matrix.nnz else 0.0, 1e-300):
        raise ValueError(f"Argument `{name}` must be Hermitian, but differs from its adjoint by {asymmetry:.3g}.")
    return matrix
