"""Density matrices on their known pattern: the elements that can differ from zero, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse


def _collect(values: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """Sum of ``values[..., e]`` over the elements e of each group, shape (..., count)."""
    sums = sparse.csr_array((np.ones(group.size), (group, np.arange(group.size))), shape=(count, group.size))
    flat = values.reshape(math.prod(values.shape[:-1]), group.size)
    return (sums @ flat.T).T.reshape(*values.shape[:-1], count)


@dataclass(frozen=True, eq=False)
class Density:
    """A density matrix rho, or a stack of them, as the list of its elements ``rho[rows[e], cols[e]] = values[..., e]``.

    Attributes
    ----------
    dims : tuple of int
        Levels of each subsystem.
    rows, cols : int arrays, shape (elements,)
        Basis indices of each stored element; every pair appears once, and with (i, j) also (j, i).
    values : complex array, shape (..., elements)
        Leading axes, if any, count independent groups of trajectories or times.
    """

    dims: tuple[int, ...]
    rows: np.ndarray
    cols: np.ndarray
    values: np.ndarray

    def _distinct(self, name: str, subsystems: Sequence[int]) -> list[int]:
        chosen = [int(j) for j in subsystems]
        if not chosen or len(set(chosen)) < len(chosen) or min(chosen) < 0 or max(chosen) >= len(self.dims):
            raise ValueError(
                f"Argument `{name}` must hold different numbers from 0 to {len(self.dims) - 1}, but is {subsystems!r}."
            )
        return chosen

    @property
    def dimension(self) -> int:
        """Dimension D of the Hilbert space."""
        return int(np.prod(self.dims))

    def dense(self) -> np.ndarray:
        """The full matrix, shape (..., D, D)."""
        out = np.zeros((*self.values.shape[:-1], self.dimension, self.dimension), dtype=np.complex128)
        out[..., self.rows, self.cols] = self.values
        return out

    def trace(self) -> np.ndarray:
        """Trace of rho, shape (...)."""
        return self.values[..., self.rows == self.cols].real.sum(axis=-1)

    def expect(self, operator: Any) -> np.ndarray:
        """Expectation value tr(operator rho), shape (...), complex."""
        matrix = sparse.csr_array(operator)
        if matrix.shape != (self.dimension, self.dimension):
            raise ValueError(
                f"Argument `operator` must have shape {(self.dimension, self.dimension)}, but has shape {matrix.shape}."
            )
        return self.values @ np.asarray(matrix[self.cols, self.rows]).ravel()

    def populations(self, subsystem: int) -> np.ndarray:
        """Populations of the levels of one subsystem, shape (..., levels)."""
        diagonal = np.flatnonzero(self.rows == self.cols)
        (subsystem,) = self._distinct("subsystem", [subsystem])
        level = np.unravel_index(self.rows[diagonal], self.dims)[subsystem]
        return _collect(self.values[..., diagonal].real, level, self.dims[subsystem])

    def mean_number(self, subsystem: int) -> np.ndarray:
        """Mean level index of one subsystem, <n>, shape (...)."""
        return self.populations(subsystem) @ np.arange(self.dims[subsystem])

    def tail_population(self) -> np.ndarray:
        """Largest population of a highest kept level over the subsystems, the evidence for the cutoff, shape (...)."""
        return np.max([self.populations(j)[..., -1] for j in range(len(self.dims))], axis=0)

    def reduced(self, subsystems: Sequence[int]) -> Density:
        """Trace out all but `subsystems`, which come out in the given order."""
        keep = self._distinct("subsystems", subsystems)
        drop = [j for j in range(len(self.dims)) if j not in keep]
        row, col = np.unravel_index(self.rows, self.dims), np.unravel_index(self.cols, self.dims)
        same = np.ones(self.rows.size, dtype=bool)
        for j in drop:
            same &= row[j] == col[j]
        dims = tuple(self.dims[j] for j in keep)
        r = np.ravel_multi_index([row[j][same] for j in keep], dims)
        c = np.ravel_multi_index([col[j][same] for j in keep], dims)
        key, inverse = np.unique(r * int(np.prod(dims)) + c, return_inverse=True)
        rows, cols = np.divmod(key, int(np.prod(dims)))
        return Density(dims, rows, cols, _collect(self.values[..., same], inverse, key.size))

    def relative_phase_harmonics(self, pair: tuple[int, int]) -> np.ndarray:
        """c_k of the relative phase of two subsystems, k = 0 .. levels - 1, shape (..., levels).

        ``c_k = sum_{n,m} <n, m| rho |n + k, m - k>`` in the phase states
        ``|phi> = (2 pi)^(-1/2) sum_n e^{i n phi} |n>``, so that
        ``2 pi P(phi) = sum_k c_k e^{i k phi}`` with ``c_-k = conj(c_k)``.
        """
        if len(pair) != 2:
            raise ValueError(f"Argument `pair` must name two subsystems, but is {pair!r}.")
        j, k = self._distinct("pair", pair)
        row, col = np.unravel_index(self.rows, self.dims), np.unravel_index(self.cols, self.dims)
        shift = col[j] - row[j]
        same = (shift >= 0) & (row[k] - col[k] == shift)
        for other in range(len(self.dims)):
            if other not in pair:
                same &= row[other] == col[other]
        order = min(self.dims[j], self.dims[k])
        return _collect(self.values[..., same], shift[same], order)
