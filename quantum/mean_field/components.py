"""Hermitian matrices as real vectors: populations, then real and imaginary parts of the elements below the diagonal.

The components of a matrix of d levels are rho_00, ..., rho_(d-1)(d-1), then for each pair i > j (row by row) Re rho_ij
and Im rho_ij: d^2 real numbers, Hermitian by construction. Groups follow each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy import sparse


@lru_cache(maxsize=64)
def pairs(levels: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns (i > j) of the coherences, in the order of the components."""
    return np.tril_indices(levels, -1)


@lru_cache(maxsize=64)
def to_matrix(levels: int) -> sparse.csr_array:
    """Complex matrix that makes the row-major elements rho_ij out of the real components, shape (d^2, d^2)."""
    i, j = pairs(levels)
    n = np.arange(levels)
    re = levels + 2 * np.arange(i.size)
    rows = np.concatenate([n * levels + n, i * levels + j, i * levels + j, j * levels + i, j * levels + i])
    cols = np.concatenate([n, re, re + 1, re, re + 1])
    one = np.ones(i.size)
    values = np.concatenate([np.ones(levels), one, 1j * one, one, -1j * one])
    return sparse.csr_array((values, (rows, cols)), shape=(levels**2, levels**2))


@lru_cache(maxsize=64)
def from_matrix(levels: int) -> sparse.csr_array:
    """Complex matrix whose real part makes components out of row-major elements of a Hermitian matrix."""
    i, j = pairs(levels)
    n = np.arange(levels)
    re = levels + 2 * np.arange(i.size)
    rows = np.concatenate([n, re, re + 1])
    cols = np.concatenate([n * levels + n, i * levels + j, i * levels + j])
    values = np.concatenate([np.ones(levels + i.size), -1j * np.ones(i.size)])
    return sparse.csr_array((values, (rows, cols)), shape=(levels**2, levels**2))


def real_superoperator(elements: sparse.sparray, levels: int) -> sparse.coo_array:
    """A superoperator on row-major elements that keeps Hermiticity, as a real matrix on components."""
    image = (from_matrix(levels) @ elements @ to_matrix(levels)).real.tocoo()
    keep = abs(image.data) > 1e-14 * abs(image.data).max(initial=0.0)
    return sparse.coo_array((image.data[keep], (image.row[keep], image.col[keep])), shape=image.shape)


def commutator(operator: sparse.csr_array) -> sparse.csr_array:
    """-i[H, rho] on row-major elements."""
    one = sparse.eye_array(operator.shape[0], format="csr")
    return -1j * (sparse.kron(operator, one, format="csr") - sparse.kron(one, operator.T, format="csr"))


def dissipator(jump: sparse.csr_array) -> sparse.csr_array:
    """D[L] rho on row-major elements."""
    one = sparse.eye_array(jump.shape[0], format="csr")
    rate = jump.conj().T @ jump
    loss = sparse.kron(rate, one, format="csr") + sparse.kron(one, rate.T, format="csr")
    return sparse.kron(jump, jump.conj(), format="csr") - 0.5 * loss


def functional(operator: sparse.csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Real and imaginary part of ``Tr[B rho]`` as row vectors over components."""
    levels = operator.shape[0]
    # Tr[B rho] = sum_ij B_ji rho_ij
    row = sparse.csr_array(operator.T.reshape((1, levels**2))) @ to_matrix(levels)
    dense = np.asarray(row.todense()).ravel()
    return dense.real.copy(), dense.imag.copy()


def offsets(dims: Sequence[int]) -> np.ndarray:
    """First component of each group, and the number of all, shape (groups + 1,)."""
    return np.concatenate([[0], np.cumsum([d * d for d in dims])])


def pack(matrices: Sequence[np.ndarray], dims: Sequence[int]) -> np.ndarray:
    """Components of one Hermitian matrix per group, each of shape (points, d, d); shape (points, components)."""
    parts = []
    for matrix, d in zip(matrices, dims, strict=True):
        i, j = pairs(d)
        out = np.empty((matrix.shape[0], d * d))
        out[:, :d] = np.einsum("pnn->pn", matrix).real
        lower = matrix[:, i, j]
        out[:, d::2], out[:, d + 1 :: 2] = lower.real, lower.imag
        parts.append(out)
    return np.concatenate(parts, axis=1)


def unpack(components: np.ndarray, dims: Sequence[int]) -> list[np.ndarray]:
    """Matrices of each group from components of shape (points, components)."""
    edges, out = offsets(dims), []
    for g, d in enumerate(dims):
        part = components[:, edges[g] : edges[g + 1]]
        i, j = pairs(d)
        matrix = np.zeros((part.shape[0], d, d), dtype=np.complex128)
        n = np.arange(d)
        matrix[:, n, n] = part[:, :d]
        matrix[:, i, j] = part[:, d::2] + 1j * part[:, d + 1 :: 2]
        matrix[:, j, i] = part[:, d::2] - 1j * part[:, d + 1 :: 2]
        out.append(matrix)
    return out
