r"""The generator L of a Lindblad equation on a closed set of density-matrix blocks.

.. math:: L = L_0 + J, \qquad L_0 \rho = -i(H_{eff}\rho - \rho H_{eff}^\dagger), \qquad J\rho = \sum_c L_c\rho L_c^\dagger

`Structure` holds what depends on the sparsity alone and is shared by the points of a sweep, `Generator` the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from scipy import sparse

from quantum.lindblad import Lindblad
from quantum.memory import require_memory
from quantum.sectors import Sectors, find_sectors
from quantum.solvers.blocks import Blocks, steady_blocks


@njit(cache=True, nogil=True, error_model="numpy")
def _count_pairs(segment, target, left, right, number):
    """Number of element pairs (source element, image element) that the jumps make."""
    count = 0
    for c in range(target.shape[0]):
        for b in range(left.size):
            s, t = left[b], right[b]
            if target[c, s] >= 0 and target[c, t] >= 0 and number[target[c, s], target[c, t]] >= 0:
                count += (segment[c, s + 1] - segment[c, s]) * (segment[c, t + 1] - segment[c, t])
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def _fill_pairs(segment, target, left, right, number, offset, sizes, position, row, col, keys, first, second, elements):
    """List image * elements + source and the two jump entries (e, f) whose product L_e conj(L_f) links them."""
    n = 0
    for c in range(target.shape[0]):
        for b in range(left.size):
            s, t = left[b], right[b]
            if target[c, s] < 0 or target[c, t] < 0:
                continue
            image = number[target[c, s], target[c, t]]
            if image < 0:
                continue
            for e in range(segment[c, s], segment[c, s + 1]):
                to = offset[image] + position[row[e]] * sizes[target[c, t]]
                source = offset[b] + position[col[e]] * sizes[t]
                for f in range(segment[c, t], segment[c, t + 1]):
                    keys[n] = (to + position[row[f]]) * elements + source + position[col[f]]
                    first[n] = e
                    second[n] = f
                    n += 1


@njit(cache=True, nogil=True, error_model="numpy")
def _fill_values(values, first, second, group, out):
    """Add L_e conj(L_f) to out[group[n]]."""
    for n in range(first.size):
        out[group[n]] += values[first[n]] * values[second[n]].conjugate()


@njit(cache=True, nogil=True, error_model="numpy")
def _row_pairs(pointer, cols, first, second, keys, dimension):
    """List the entries e, f of each row of each jump and where conj(L_e) L_f stands in L^+ L: cols[e] * D + cols[f]."""
    n = 0
    for r in range(pointer.size - 1):
        for e in range(pointer[r], pointer[r + 1]):
            for f in range(pointer[r], pointer[r + 1]):
                first[n], second[n], keys[n] = f, e, cols[e] * dimension + cols[f]
                n += 1


@njit(cache=True, nogil=True, error_model="numpy")
def add_csr(row_of, indptr, indices, data, x, out):
    """Add A x to `out` at `row_of`, A in CSR form."""
    for r in range(row_of.size):
        total = 0j
        for j in range(indptr[r], indptr[r + 1]):
            total += data[j] * x[indices[j]]
        out[row_of[r]] += total


@njit(cache=True, nogil=True, error_model="numpy")
def no_jump_part(indptr, indices, data, members, start, position, left, right, offset, sizes, x, out):
    """Write -i (Heff x - x Heff^+) into out, block by block; Heff is in CSR form on the full basis."""
    for b in range(left.size):
        s, t = left[b], right[b]
        width = sizes[t]
        for i in range(sizes[s]):
            state = members[start[s] + i]
            to = offset[b] + i * width
            for j in range(width):
                out[to + j] = 0.0
            for e in range(indptr[state], indptr[state + 1]):
                factor = -1j * data[e]
                source = offset[b] + position[indices[e]] * width
                for j in range(width):
                    out[to + j] += factor * x[source + j]
        for i in range(sizes[s]):
            row = offset[b] + i * width
            for j in range(width):
                state = members[start[t] + j]
                total = 0j
                for e in range(indptr[state], indptr[state + 1]):
                    total += data[e].conjugate() * x[row + position[indices[e]]]
                out[row + j] += 1j * total


@dataclass(frozen=True, eq=False)
class JumpPattern:
    """Where J has entries, and which products of jump operator entries stand there."""

    image: np.ndarray  # elements that a jump can fill: the range of J
    indptr: np.ndarray
    indices: np.ndarray
    first: np.ndarray
    second: np.ndarray
    group: np.ndarray


def _jump_entries(jumps: Sequence[sparse.csr_array], sectors: Sectors) -> tuple[np.ndarray, ...]:
    """Rows, columns and places in the concatenated data of all jump entries, by jump and source sector."""
    count = len(sectors.states)
    rows = np.concatenate(
        [np.zeros(0, np.int64), *(np.repeat(np.arange(j.shape[0]), np.diff(j.indptr)) for j in jumps)]
    )
    cols = np.concatenate([np.zeros(0, np.int64), *(j.indices for j in jumps)]).astype(np.int64)
    jump = np.repeat(np.arange(len(jumps)), [j.nnz for j in jumps])
    bucket = jump * count + sectors.of_state[cols]
    order = np.argsort(bucket, kind="stable")
    edges = np.searchsorted(bucket[order], np.arange(len(jumps) * count + 1))
    segment = np.stack([edges[c * count : (c + 1) * count + 1] for c in range(len(jumps))])
    return segment, rows[order], cols[order], order


def _jump_pattern(jumps: Sequence[sparse.csr_array], blocks: Blocks) -> JumpPattern:
    empty = np.zeros(0, dtype=np.int64)
    if not jumps:
        return JumpPattern(empty, np.zeros(1, dtype=np.int64), empty, empty, empty, empty)
    sectors = blocks.sectors
    segment, rows, cols, order = _jump_entries(jumps, sectors)
    layout = (segment, sectors.target, blocks.left, blocks.right, blocks.number)
    count = _count_pairs(*layout)
    # three index arrays, then a sort with its permutation and inverse
    require_memory(80.0 * count, "Argument `model` has jump operators whose superoperator")
    keys, first, second = (np.empty(count, dtype=np.int64) for _ in range(3))
    _fill_pairs(
        *layout, blocks.offset, sectors.sizes, sectors.position, rows, cols, keys, first, second, blocks.elements
    )
    unique, group = np.unique(keys, return_inverse=True)
    to, source = np.divmod(unique, blocks.elements)
    image, start = np.unique(to, return_index=True)
    return JumpPattern(image, np.append(start, to.size), source, order[first], order[second], group)


def _rate_pattern(jumps: Sequence[sparse.csr_array], dimension: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Entries (f, e) of the jumps and the place row * D + col of the product L_f conj(L_e) in sum L^+ L."""
    lengths = np.concatenate([np.zeros(0, np.int64), *(np.diff(jump.indptr) for jump in jumps)]).astype(np.int64)
    cols = np.concatenate([np.zeros(0, np.int64), *(jump.indices for jump in jumps)]).astype(np.int64)
    count = int((lengths**2).sum())
    first, second, keys = (np.empty(count, dtype=np.int64) for _ in range(3))
    _row_pairs(np.concatenate([[0], np.cumsum(lengths)]), cols, first, second, keys, dimension)
    return first, second, keys


def _pattern_of(keys: np.ndarray, dimension: int) -> sparse.csr_array:
    rows, cols = np.divmod(np.unique(keys), dimension)
    return sparse.csr_array((np.ones(rows.size), (rows, cols)), shape=(dimension, dimension))


def _union_pattern(matrices: Sequence[sparse.csr_array]) -> sparse.csr_array:
    dimension = matrices[0].shape[0]
    total = sparse.csr_array(sparse.eye_array(dimension))
    for matrix in matrices:
        ones = sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
        total = total + ones
    total = sparse.csr_array(total)
    total.sort_indices()
    return total


@dataclass(frozen=True, eq=False)
class Structure:
    """Blocks, the pattern of Heff and the pattern of J: all of L but its numbers."""

    blocks: Blocks
    indptr: np.ndarray
    indices: np.ndarray
    jump: JumpPattern
    jump_shapes: tuple[tuple[np.ndarray, np.ndarray], ...]
    rate: tuple[np.ndarray, np.ndarray, np.ndarray]  # entries (f, e) of the jumps, place of L_f conj(L_e) in Heff
    cancelled: tuple[np.ndarray, np.ndarray, np.ndarray, int]  # the same for entries between sectors, which sum to zero

    @cached_property
    def keys(self) -> np.ndarray:
        """Place row * D + col of each entry of the pattern of Heff."""
        dimension = self.indptr.size - 1
        return np.repeat(np.arange(dimension), np.diff(self.indptr)) * dimension + self.indices

    @cached_property
    def layout(self) -> tuple[np.ndarray, ...]:
        """What the kernels need to know about the blocks."""
        sectors = self.blocks.sectors
        start = np.concatenate([[0], np.cumsum(sectors.sizes)])
        members = np.concatenate(sectors.states)
        return members, start, sectors.position, self.blocks.left, self.blocks.right, self.blocks.offset, sectors.sizes

    def hamiltonian_data(self, matrix: sparse.csr_array) -> np.ndarray | None:
        """Entries of `matrix` on the pattern of Heff; None where the pattern has no room for one."""
        dimension = self.indptr.size - 1
        keys = np.repeat(np.arange(dimension), np.diff(matrix.indptr)) * dimension + matrix.indices
        place = np.minimum(np.searchsorted(self.keys, keys), self.keys.size - 1)
        if not np.array_equal(self.keys[place], keys):
            return None
        data = np.zeros(self.keys.size, dtype=np.complex128)
        data[place] = matrix.data
        return data

    def _require_cancellation(self, values: np.ndarray, scale: float) -> None:
        first, second, group, count = self.cancelled
        rest = np.zeros(count, dtype=np.complex128)
        _fill_values(values, first, second, group, rest)
        if abs(rest).max(initial=0.0) > 1e-12 * scale:
            raise ValueError("Argument `model` must have jump operators that keep the sectors of the first model.")

    def fits_jumps(self, model: Lindblad) -> bool:
        """Whether the jumps of `model` have the very entries of this pattern."""
        return len(model.jumps) == len(self.jump_shapes) and all(
            np.array_equal(jump.indptr, shape[0]) and np.array_equal(jump.indices, shape[1])
            for jump, shape in zip(model.jumps, self.jump_shapes, strict=True)
        )

    def jump_data(self, model: Lindblad) -> tuple[np.ndarray, np.ndarray]:
        """Entries of J for the jumps of `model`, real where all of them are, and those of sum L^+ L on the pattern of Heff."""
        out = np.zeros(self.jump.indices.size, dtype=np.complex128)
        total = np.zeros(self.keys.size, dtype=np.complex128)
        if model.jumps:
            values = np.concatenate([jump.data for jump in model.jumps])
            _fill_values(values, self.jump.first, self.jump.second, self.jump.group, out)
            _fill_values(values, *self.rate, total)
            self._require_cancellation(values, abs(total).max())
        return (out.real.copy() if not out.imag.any() else out), total


def structure_of(models: Sequence[Lindblad], blocks: Blocks | None = None) -> Structure:
    """Return the structure that all `models` fit into; their jump operators must share one sparsity.

    `blocks` defaults to the diagonal blocks of the sectors that the models have in common.
    """
    first, dimension = models[0], models[0].dimension
    entry, partner, keys = _rate_pattern(first.jumps, dimension)
    if blocks is None and len(models) > 1:
        everything = _union_pattern([*(model.hamiltonian for model in models), _pattern_of(keys, dimension)])
        blocks = steady_blocks(find_sectors(everything, first.jumps))
    elif blocks is None:
        blocks = steady_blocks(first.sectors)
    # entries of L^+ L between sectors: they cancel in the sum over the jumps
    of = blocks.sectors.of_state
    inside = of[keys // dimension] == of[keys % dimension]
    pattern = _union_pattern([*(model.hamiltonian for model in models), _pattern_of(keys[inside], dimension)])
    own = np.repeat(np.arange(dimension), np.diff(pattern.indptr)) * dimension + pattern.indices
    outer, group = np.unique(keys[~inside], return_inverse=True)
    return Structure(
        blocks=blocks,
        indptr=pattern.indptr.astype(np.int64),
        indices=pattern.indices.astype(np.int64),
        jump=_jump_pattern(first.jumps, blocks),
        jump_shapes=tuple((jump.indptr, jump.indices) for jump in first.jumps),
        rate=(entry[inside], partner[inside], np.searchsorted(own, keys[inside])),
        cancelled=(entry[~inside], partner[~inside], group, outer.size),
    )


@dataclass(frozen=True, eq=False)
class Generator:
    """L on the blocks of `structure`: entries of Heff on its pattern and entries of J on its own."""

    structure: Structure
    heff: np.ndarray
    jump: np.ndarray

    def no_jump(self, x: np.ndarray) -> np.ndarray:
        """-i (Heff x - x Heff^+), shape (elements,)."""
        out = np.empty(x.size, dtype=np.complex128)
        no_jump_part(self.structure.indptr, self.structure.indices, self.heff, *self.structure.layout, x, out)
        return out

    def add_jumps(self, x: np.ndarray, out: np.ndarray) -> np.ndarray:
        """Add J x to `out`."""
        pattern = self.structure.jump
        add_csr(pattern.image, pattern.indptr, pattern.indices, self.jump, x, out)
        return out

    def apply(self, x: np.ndarray) -> np.ndarray:
        """L x, shape (elements,), from the sparse entries alone."""
        return self.add_jumps(x, self.no_jump(x))

    @cached_property
    def rates(self) -> np.ndarray:
        """Total jump rate of each basis state, shape (D,)."""
        return -2.0 * self.diagonal.imag

    @cached_property
    def diagonal(self) -> np.ndarray:
        """Diagonal of Heff, shape (D,)."""
        dimension = self.structure.indptr.size - 1
        return self.heff[np.searchsorted(self.structure.keys, np.arange(dimension) * (dimension + 1))]

    @cached_property
    def scale(self) -> float:
        """Largest total jump rate of a basis state: the unit of relative residuals."""
        return float(self.rates.max(initial=0.0))


def generator_of(model: Lindblad, blocks: Blocks | None = None) -> Generator:
    """Return L of `model` on `blocks` (default: the diagonal blocks, which is what a steady state needs)."""
    structure = structure_of([model], blocks)
    jump, total = structure.jump_data(model)
    hamiltonian = structure.hamiltonian_data(model.hamiltonian)
    assert hamiltonian is not None
    return Generator(structure, hamiltonian - 0.5j * total, jump)
