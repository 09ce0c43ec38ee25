"""Blocks of the density matrix: which coherences between sectors a calculation needs, and where their elements stand.

A block (s, t) holds the elements <i|rho|j> with i in sector s and j in sector t. The evolution between jumps keeps every
block to itself and jump c maps block (s, t) onto block (c(s), c(t)), so that a set of blocks closed under these maps
evolves on its own. The diagonal blocks (s, s) are closed: a unique steady state has no others. Time evolution needs
the closure of the blocks of the initial state, a two-time correlation that of the blocks of ``B rho``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from quantum.sectors import Sectors


@dataclass(frozen=True, eq=False)
class Blocks:
    """An ordered set of blocks; their elements stand one block after the other, row-major inside a block.

    Attributes
    ----------
    sectors : Sectors
        The partition that the blocks refer to.
    left, right : int arrays, shape (blocks,)
        Sector of the row and of the column index of each block.
    offset : int array, shape (blocks + 1,)
        First element of each block; the last entry is the number of elements.
    """

    sectors: Sectors
    left: np.ndarray
    right: np.ndarray
    offset: np.ndarray

    @property
    def elements(self) -> int:
        """Number of stored elements."""
        return int(self.offset[-1])

    @cached_property
    def number(self) -> np.ndarray:
        """Block number of each pair of sectors, shape (sectors, sectors); -1 where there is none."""
        count = len(self.sectors.states)
        number = np.full((count, count), -1, dtype=np.int64)
        number[self.left, self.right] = np.arange(self.left.size)
        return number

    @cached_property
    def rows(self) -> np.ndarray:
        """Row index in the product basis of each element."""
        states, sizes = self.sectors.states, self.sectors.sizes
        parts = [np.repeat(states[s], sizes[t]) for s, t in zip(self.left, self.right, strict=True)]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    @cached_property
    def cols(self) -> np.ndarray:
        """Column index in the product basis of each element."""
        states, sizes = self.sectors.states, self.sectors.sizes
        parts = [np.tile(states[t], sizes[s]) for s, t in zip(self.left, self.right, strict=True)]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    def index(self, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
        """Position of the elements (rows, cols); -1 where the element is in no stored block."""
        of, position = self.sectors.of_state, self.sectors.position
        block = self.number[of[rows], of[cols]]
        place = self.offset[block] + position[rows] * self.sectors.sizes[of[cols]] + position[cols]
        return np.where(block >= 0, place, -1)

    @cached_property
    def diagonal(self) -> np.ndarray:
        """Positions of the populations that the blocks hold, ascending in the basis index."""
        states = np.arange(self.sectors.of_state.size)
        place = self.index(states, states)
        return place[place >= 0]

    @cached_property
    def transpose(self) -> np.ndarray:
        """Position of (j, i) for each element (i, j); -1 where it is not stored."""
        return self.index(self.cols, self.rows)

    @cached_property
    def is_hermitian(self) -> bool:
        """Whether with every block (s, t) also (t, s) is there."""
        return bool((self.number[self.right, self.left] >= 0).all())


def blocks_of(sectors: Sectors, pairs: Iterable[tuple[int, int]]) -> Blocks:
    """Return the blocks with the given sector pairs, sorted, without repetition."""
    ordered = sorted({(int(s), int(t)) for s, t in pairs})
    left = np.array([s for s, _ in ordered], dtype=np.int64)
    right = np.array([t for _, t in ordered], dtype=np.int64)
    sizes = sectors.sizes
    return Blocks(sectors, left, right, np.concatenate([[0], np.cumsum(sizes[left] * sizes[right])]))


def steady_blocks(sectors: Sectors) -> Blocks:
    """Return the diagonal blocks: all that a unique steady state can have."""
    return blocks_of(sectors, ((s, s) for s in range(len(sectors.states))))


def closed_blocks(sectors: Sectors, rows: np.ndarray, cols: np.ndarray, hermitian: bool = False) -> Blocks:
    """Return the blocks that evolution can reach from the elements (rows, cols).

    Parameters
    ----------
    sectors : Sectors
        Sectors of the model.
    rows, cols : int arrays
        Basis indices of the elements that differ from zero at the start.
    hermitian : bool
        Also take the adjoint blocks.
    """
    of = sectors.of_state
    seeds = np.unique(np.stack([of[np.asarray(rows, dtype=np.int64)], of[np.asarray(cols, dtype=np.int64)]]), axis=1)
    found = {(int(s), int(t)) for s, t in seeds.T}
    if hermitian:
        found |= {(t, s) for s, t in found}
    todo = list(found)
    while todo:
        s, t = todo.pop()
        targets = sectors.target[:, [s, t]]
        for pair in {(int(a), int(b)) for a, b in targets if a >= 0 and b >= 0} - found:
            found.add(pair)
            todo.append(pair)
    return blocks_of(sectors, found)
