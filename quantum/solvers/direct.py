r"""The dense form of ``1 + J' L0'^{-1}`` on Hermitian matrices, for few unknowns: factors, null vector, condition."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numba import njit
from scipy.linalg import lapack

from quantum.generator import Structure
from quantum.solvers.nojump import NoJumpInverse


class RangePlan:
    """Where the unknowns stand: the range of J and the blocks on which J has been given a jump that does nothing.

    A Hermitian u has one real coordinate per unknown: a population itself, and for a pair (i, j), i < j,
    ``sqrt(2) Re u_ij`` and ``sqrt(2) Im u_ij``, which keeps lengths.
    """

    def __init__(self, structure: Structure, regularised: np.ndarray) -> None:
        blocks, jump = structure.blocks, structure.jump
        extra = [np.arange(blocks.offset[b], blocks.offset[b + 1]) for b in regularised]
        self.structure = structure
        self.unknown = np.union1d(jump.image, np.concatenate(extra)) if extra else jump.image
        self.jump_slot = np.searchsorted(self.unknown, jump.image)
        self.block = np.searchsorted(blocks.offset, self.unknown, side="right") - 1
        self.regularised = np.zeros(blocks.left.size)
        self.regularised[regularised] = 1.0
        self.slot = np.full(blocks.elements, -1, dtype=np.int64)
        self.slot[self.unknown] = np.arange(self.unknown.size)

    @cached_property
    def trace(self) -> np.ndarray:
        """One where the unknown is a population, else zero."""
        blocks = self.structure.blocks
        return (blocks.rows[self.unknown] == blocks.cols[self.unknown]).astype(np.float64)

    @cached_property
    def partner(self) -> np.ndarray:
        """Unknown (j, i) of each unknown (i, j)."""
        return self.slot[self.structure.blocks.transpose[self.unknown]]

    @cached_property
    def populations(self) -> tuple[np.ndarray, np.ndarray]:
        """Basis states whose population is unknown, and its place among the unknowns."""
        slot = self.slot[self.structure.blocks.diagonal]
        states = np.flatnonzero(slot >= 0)
        return states, slot[states]

    @cached_property
    def columns(self) -> tuple[np.ndarray, ...]:
        """J by columns: pointer over the elements, unknown in each place, place in the data of J."""
        jump = self.structure.jump
        order = np.argsort(jump.indices, kind="stable")
        pointer = np.searchsorted(jump.indices[order], np.arange(self.structure.blocks.elements + 1))
        row = np.repeat(self.jump_slot, np.diff(jump.indptr))
        return pointer, row[order], order

    def matrix(self, coordinates: np.ndarray) -> np.ndarray:
        """Hermitian u with the given real coordinates."""
        row, col = self.in_block
        other = coordinates[self.partner]
        upper = (coordinates + 1j * other) * np.sqrt(0.5)
        lower = (other - 1j * coordinates) * np.sqrt(0.5)
        return np.where(row == col, coordinates, np.where(row < col, upper, lower))

    def coordinates(self, matrix: np.ndarray) -> np.ndarray:
        """Real coordinates of a Hermitian u."""
        row, col = self.in_block
        upper, lower = matrix.real * np.sqrt(2.0), -matrix.imag * np.sqrt(2.0)
        return np.where(row == col, matrix.real, np.where(row < col, upper, lower))

    @cached_property
    def in_block(self) -> tuple[np.ndarray, np.ndarray]:
        """Row and column of each unknown inside its block."""
        blocks = self.structure.blocks
        width = blocks.sectors.sizes[blocks.right[self.block]]
        row, col = np.divmod(self.unknown - blocks.offset[self.block], width)
        return row, col


@njit(cache=True, nogil=True, error_model="numpy")
def _direct_matrix(
    unknown, row_in, col_in, block, partner, csc_ptr, csc_row, csc_from, jump, slot, extra,
    left, right, offset, sizes, square, start, values, vectors, inverse, vectors_h, inverse_h, shift, work, image, out,
):  # fmt: skip
    """1 + J' L0'^-1 on Hermitian matrices with support `unknown`, in real coordinates (see `RangePlan`)."""
    half = np.sqrt(0.5)
    count = unknown.size
    for a in range(count):
        p, q = row_in[a], col_in[a]
        if p > q:
            continue
        b = block[a]
        s, t = left[b], right[b]
        n, m = sizes[s], sizes[t]
        one = work[0, : n * m].reshape(n, m)
        two = work[1, : n * m].reshape(n, m)
        for i in range(n):
            w = inverse[square[s] + i * n + p]
            for j in range(m):
                gap = -1j * (values[start[s] + i] - values[start[t] + j].conjugate()) - shift[b]
                one[i, j] = w * inverse_h[square[t] + q * m + j] / gap
        np.dot(vectors[square[s] : square[s + 1]].reshape(n, n), one, out=two)
        np.dot(two, vectors_h[square[t] : square[t + 1]].reshape(m, m), out=one)
        image[:] = 0.0
        for e in range(n * m):
            x = work[0, e]
            at = offset[b] + e
            for k in range(csc_ptr[at], csc_ptr[at + 1]):
                image[csc_row[k]] += jump[csc_from[k]] * x
            if slot[at] >= 0:
                image[slot[at]] += extra[slot[at]] * x
        abar = partner[a]
        if a == abar:
            for r in range(count):
                if row_in[r] == col_in[r]:
                    out[r, a] = image[r].real
                elif row_in[r] < col_in[r]:
                    out[r, a] = image[r].real / half
                    out[partner[r], a] = image[r].imag / half
        else:
            for r in range(count):
                if row_in[r] > col_in[r]:
                    continue
                u, v = image[r], image[partner[r]].conjugate()
                even, odd = half * (u + v), 1j * half * (u - v)
                if row_in[r] == col_in[r]:
                    out[r, a], out[r, abar] = even.real, odd.real
                else:
                    out[r, a], out[partner[r], a] = even.real / half, even.imag / half
                    out[r, abar], out[partner[r], abar] = odd.real / half, odd.imag / half
    for a in range(count):
        out[a, a] += 1.0


def chain_matrix(plan: RangePlan, inverse: NoJumpInverse, jump: np.ndarray, extra: np.ndarray) -> np.ndarray:
    """Return 1 + J' L0'^-1 in the real coordinates of `plan`, shape (unknowns, unknowns); diagonal blocks only."""
    count = plan.unknown.size
    assert inverse.has_eigenbases
    out = np.empty((count, count))
    image = np.empty(count, dtype=np.complex128)
    _direct_matrix(
        plan.unknown, *plan.in_block, plan.block, plan.partner, *plan.columns, jump, plan.slot, extra,
        *inverse.kernel_arguments, inverse.work(), image, out,
    )  # fmt: skip
    return out


class DirectChain:
    """Dense LU factors of M = 1 + J' L0'^-1 on Hermitian matrices, bordered by the trace.

    ``[[M, t], [t^T, 0]]`` is regular if and only if M has one null vector and that vector has a trace.

    Parameters
    ----------
    plan : RangePlan
    matrix : array, shape (unknowns, unknowns)
        M in the real coordinates of `plan`.

    Attributes
    ----------
    reciprocal_condition : float
        Of the bordered matrix, in the 1-norm, as LAPACK estimates it.
    """

    def __init__(self, plan: RangePlan, matrix: np.ndarray) -> None:
        count = plan.unknown.size
        self._plan = plan
        bordered = np.zeros((count + 1, count + 1))
        bordered[:count, :count] = matrix
        bordered[:count, count] = bordered[count, :count] = plan.trace / max(np.sqrt(plan.trace.sum()), 1.0)
        norm = float(abs(bordered).sum(axis=0).max())
        self._lu, self._pivots, _ = lapack.dgetrf(bordered, overwrite_a=True)
        self.reciprocal_condition = float(lapack.dgecon(self._lu, norm)[0])

    def _solve(self, rhs: np.ndarray, trace: float) -> np.ndarray:
        solution = lapack.dgetrs(self._lu, self._pivots, np.append(rhs, trace))[0][:-1]
        return self._plan.matrix(solution)

    def null_vector(self) -> np.ndarray:
        """The y with M y = 0, on the unknowns."""
        return self._solve(np.zeros(self._plan.unknown.size), 1.0)

    def solve(self, rhs: np.ndarray) -> np.ndarray:
        """A y with M y = rhs, for Hermitian rhs of zero trace."""
        return self._solve(self._plan.coordinates(rhs), 0.0)
