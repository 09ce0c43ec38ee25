r"""The equations and their Jacobian as dense matrices, for many points at once: Newton's method and stability.

.. math::

    F(x) = M x + \sum_k (f_k \cdot x) N_k x, \qquad
    J(x) = M + \sum_k \bigl[(f_k \cdot x) N_k + (N_k x) f_k^T\bigr]

Traces are conserved. `Reduction` takes the population of each group's first level out as one minus the others, which
leaves an ordinary (not singular) problem.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from quantum.mean_field.components import offsets
from quantum.mean_field.equations import Equations

BYTES_AT_ONCE = 2e8
"""Memory for the Jacobians of the points that are worked on together."""


@dataclass(frozen=True, eq=False)
class Form:
    """M (points, D, D), N (fields, D, D) and f (points, fields, D)."""

    linear: np.ndarray
    operators: np.ndarray
    functionals: np.ndarray

    def flow(self, x: np.ndarray) -> np.ndarray:
        """F(x), shape (points, D)."""
        driven = np.einsum("kij,pj->pki", self.operators, x)
        strengths = np.einsum("pki,pi->pk", self.functionals, x)
        return np.einsum("pij,pj->pi", self.linear, x) + np.einsum("pk,pki->pi", strengths, driven)

    def jacobian(self, x: np.ndarray) -> np.ndarray:
        """J(x), shape (points, D, D)."""
        driven = np.einsum("kij,pj->pki", self.operators, x)
        strengths = np.einsum("pki,pi->pk", self.functionals, x)
        out = self.linear + np.einsum("pk,kij->pij", strengths, self.operators)
        return out + np.einsum("pki,pkj->pij", driven, self.functionals)


def form_of(equations: Equations) -> Form:
    """Dense matrices of the equations."""
    tables, values = equations.tables, equations.values
    size, points = tables.size, equations.points
    linear = np.zeros((points, size, size))
    for i, row, combination in tables.static:
        for j, w in combination:
            linear[:, i, j] += w * values[row]
    operators = np.zeros((len(tables.fields), size, size))
    for i, k, combination in tables.driven:
        for j, w in combination:
            operators[k, i, j] += w
    functionals = np.zeros((points, len(tables.fields), size))
    for k, terms in enumerate(tables.fields):
        for row, mean, sign in terms:
            for j, w in tables.means[mean]:
                functionals[:, k, j] += sign * w * values[row]
    return Form(linear, operators, functionals)


def chunks(points: int, size: int) -> Iterator[slice]:
    """Slices of points whose Jacobians fit into `BYTES_AT_ONCE`, copies included."""
    width = max(1, int(BYTES_AT_ONCE / (8.0 * size * size * 6.0)))
    for start in range(0, points, width):
        yield slice(start, min(start + width, points))


class Reduction:
    """Coordinates without the conserved traces."""

    def __init__(self, dims: tuple[int, ...]) -> None:
        edges = offsets(dims)
        size = int(edges[-1])
        self.kept = np.setdiff1d(np.arange(size), edges[:-1])
        # x = whole + embed @ y
        self.whole = np.zeros(size)
        self.whole[edges[:-1]] = 1.0
        self.embed = np.zeros((size, self.kept.size))
        self.embed[self.kept, np.arange(self.kept.size)] = 1.0
        for first, d in zip(edges, dims, strict=False):
            populations = np.isin(self.kept, first + np.arange(1, d))
            self.embed[first, populations] = -1.0

    def matrix(self, full: np.ndarray) -> np.ndarray:
        """The matrix on the reduced coordinates, of (..., D, D)."""
        return full[..., self.kept, :] @ self.embed
