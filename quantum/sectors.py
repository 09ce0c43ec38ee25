"""Sectors: subspaces that neither the evolution between jumps nor a jump tears apart.

Where the model has a weak symmetry (the total number in a network of oscillators, say), a trajectory that starts
in one sector is in exactly one sector at all times. They are found as connected components of the sparsity graph, so
that spins, mixtures and systems without any symmetry (one sector) need no special case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True, eq=False)
class Sectors:
    """A partition of the basis states.

    Attributes
    ----------
    of_state : int array, shape (D,)
        Sector of each basis state; sectors are numbered by their lowest basis state.
    position : int array, shape (D,)
        Index of each basis state inside its sector.
    states : tuple of int arrays
        Basis states of each sector, ascending.
    target : int array, shape (jumps, sectors)
        Sector in which jump c lands from sector s; -1 where it annihilates the whole sector.
    """

    of_state: np.ndarray
    position: np.ndarray
    states: tuple[np.ndarray, ...]
    target: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """Number of basis states of each sector."""
        return np.array([s.size for s in self.states])


def find_sectors(heff: sparse.csr_array, jumps: Sequence[sparse.csr_array]) -> Sectors:
    """Return the finest partition that `heff` keeps and in which every jump maps a sector into one sector.

    Components of the graph of `heff` are merged while some jump operator spreads one of them over several.
    """
    dimension = heff.shape[0]
    label: np.ndarray
    count, label = connected_components(abs(heff), directed=False)  # scipy would drop imaginary parts
    coo = [jump.tocoo() for jump in jumps]
    while True:
        merges = []
        for jump in coo:
            source, image = label[jump.col], label[jump.row]
            order = np.lexsort((image, source))
            source, image = source[order], image[order]
            same = source[1:] == source[:-1]
            merges.append(np.stack([image[1:][same], image[:-1][same]]))
        pairs = np.concatenate(merges, axis=1) if merges else np.zeros((2, 0), dtype=label.dtype)
        pairs = pairs[:, pairs[0] != pairs[1]]
        if not pairs.shape[1]:
            break
        graph = sparse.coo_array((np.ones(pairs.shape[1]), (pairs[0], pairs[1])), shape=(count, count))
        count, merged = connected_components(graph, directed=False)
        label = merged[label]
    # number the sectors by their lowest basis state, whatever scipy's order was
    _, first, label = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(first.size, dtype=np.int64)
    rank[np.argsort(first)] = np.arange(first.size)
    label = rank[label]
    states = tuple(np.flatnonzero(label == s) for s in range(first.size))
    position = np.empty(dimension, dtype=np.int64)
    for members in states:
        position[members] = np.arange(members.size)
    target = np.full((len(coo), first.size), -1, dtype=np.int64)
    for c, jump in enumerate(coo):
        target[c, label[jump.col]] = label[jump.row]
    return Sectors(of_state=label, position=position, states=states, target=target)
