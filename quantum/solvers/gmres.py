"""GMRES with right preconditioning and restarts, on plain arrays; it counts products and says how far it came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class GmresResult:
    """Solution, relative residual (as the Givens rotations estimate it) and number of products with the matrix."""

    x: np.ndarray
    residual: float
    products: int


class _LeastSquares:
    """min |beta e_1 - H y| for a Hessenberg matrix that grows by a column at a time, by Givens rotations."""

    def __init__(self, beta: float, size: int, dtype: np.dtype) -> None:
        self.triangle = np.zeros((size, size), dtype=dtype)
        self.rhs = np.zeros(size + 1, dtype=dtype)
        self.rhs[0] = beta
        self.rotations: list[tuple[float, complex]] = []

    def add(self, column: np.ndarray) -> float:
        """Append a column with len(rotations) + 2 entries; return the new residual norm."""
        j = len(self.rotations)
        for i, (c, s) in enumerate(self.rotations):
            upper, lower = column[i], column[i + 1]
            column[i], column[i + 1] = c * upper + s * lower, -np.conj(s) * upper + c * lower
        a, b = column[j], column[j + 1]  # b, a norm, is real
        size = np.hypot(abs(a), abs(b))
        phase = a / abs(a) if a != 0 else 1.0
        c, s = (abs(a) / size, phase * b / size) if size > 0 else (1.0, 0.0)
        self.rotations.append((c, s))
        self.triangle[:j, j] = column[:j]
        self.triangle[j, j] = c * a + s * b
        self.rhs[j], self.rhs[j + 1] = c * self.rhs[j], -np.conj(s) * self.rhs[j]
        return float(abs(self.rhs[j + 1]))

    def solve(self) -> np.ndarray:
        """Coefficients y."""
        j = len(self.rotations)
        y = np.zeros(j, dtype=self.triangle.dtype)
        for i in range(j - 1, -1, -1):
            if abs(self.triangle[i, i]) <= 1e-15 * abs(self.triangle[: i + 1, i]).max() or self.triangle[i, i] == 0:
                continue  # a vector that the matrix annihilates adds nothing
            y[i] = (self.rhs[i] - self.triangle[i, i + 1 : j] @ y[i + 1 :]) / self.triangle[i, i]
        return y


def gmres(
    product: Callable[[np.ndarray], np.ndarray],
    rhs: np.ndarray,
    precondition: Callable[[np.ndarray], np.ndarray],
    tolerance: float,
    basis: int = 80,
    most_products: int = 2000,
) -> GmresResult:
    """Solve A x = rhs from x = 0.

    Parameters
    ----------
    product, precondition : callable
        A v and an approximation of A^-1 v; linear, and returning fresh arrays of the type of `rhs`.
    rhs : array, shape (n,)
        Real or complex. Hermitian matrices form a real space: passed as a view of real numbers they need half the
        work of complex ones and stay Hermitian.
    tolerance : float
        Wanted |rhs - A x|.
    basis : int
        Vectors kept before a restart.
    most_products : int
        Where to give up; the residual says so.
    """
    x = np.zeros_like(rhs)
    residual, r, products = float(np.linalg.norm(rhs)), rhs, 0
    while residual > tolerance and products < most_products:
        before = residual
        step, estimate, count = _cycle(product, r, precondition, tolerance, min(basis, most_products - products))
        x += step
        products += count
        if estimate <= tolerance:
            return GmresResult(x, estimate, products)
        r = rhs - product(x)
        products += 1
        residual = float(np.linalg.norm(r))
        if not residual <= 0.9 * before:  # at the rounding floor, stagnant, or not a number
            break
    return GmresResult(x, residual, products)


def _cycle(
    product: Callable[[np.ndarray], np.ndarray],
    r: np.ndarray,
    precondition: Callable[[np.ndarray], np.ndarray],
    tolerance: float,
    size: int,
) -> tuple[np.ndarray, float, int]:
    norm = float(np.linalg.norm(r))
    vectors = np.empty((min(size + 1, 16), r.size), dtype=r.dtype)
    vectors[0] = r / norm
    system = _LeastSquares(norm, size, r.dtype)
    estimate, j = norm, 0
    while j < size and estimate > tolerance:
        w = product(precondition(vectors[j]))
        column = np.zeros(j + 2, dtype=r.dtype)
        for _ in range(2):  # Gram-Schmidt twice is enough
            overlap = vectors[: j + 1].conj() @ w if np.iscomplexobj(w) else vectors[: j + 1] @ w
            w = w - overlap @ vectors[: j + 1]
            column[: j + 1] += overlap
        length = float(np.linalg.norm(w))
        column[j + 1] = length
        estimate = system.add(column)
        j += 1
        if length <= 1e-15 * norm:
            break
        if j == vectors.shape[0]:
            vectors = np.concatenate([vectors, np.empty((min(j, size + 1 - j), r.size), dtype=r.dtype)])
        if j < vectors.shape[0]:
            vectors[j] = w / length
    y = system.solve()
    return precondition(y @ vectors[:j]), estimate, j
