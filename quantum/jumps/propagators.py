"""What a trajectory needs between and at its jumps, as flat arrays for the compiled loops, one slice per sector.

Between jumps a state follows ``U(t) = exp(-i Heff t)``. Time is counted in strides (the spacing of the grid). Per sector
there is a fine step of 2^-K strides, short enough that a Taylor series of some ten terms is exact to rounding. Small
sectors also hold the dyadic propagators ``U_k = U(stride / 2^k)``, k = 0 .. K, so that a long wait costs log(wait) dense
products; large ones march with sparse Taylor steps of ``||Heff|| step <= 6`` instead. The cheaper one is taken, within a
memory budget.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from scipy import sparse

from quantum.jumps.kernels import (
    BAND,
    BANDS,
    COLUMNS,
    ELEMENT,
    ENTRY,
    ENTRY_VALUE,
    EXIT,
    EXIT_RATE,
    EXIT_SLOT,
    FINE,
    FINE_PHASE,
    FLUSH,
    GENERAL,
    GENERALS,
    HALO,
    LENGTH,
    LEVELS,
    MARCH_PHASE,
    PADDED,
    RATE,
    REAL_BANDS,
    ROW,
    ROW_COL,
    ROW_VALUE,
    SIZE,
    SLOT,
    TAYLOR_ROWS,
    TILE,
    TILED_SIZE,
    UNITARY,
    WIDTH,
)
from quantum.lindblad import Lindblad
from quantum.sectors import Sectors

# Longest Taylor series, in strides.
LONGEST_SERIES = 1024.0
# 2^-K strides must stay exact in a double next to 1
MAX_LEVELS = 48
# Largest sector whose propagators stay in the cache.
_CACHED_SIZE = 128
# Measured cost of a complex multiply-add: dense, in bands (a real or an imaginary factor), through row indices.
_DENSE_COST, _BAND_COST, _ROW_COST = 0.4, 0.4, 2.0  # ns


class Tables(NamedTuple):
    """All sectors in three arrays. A kernel that is handed thirty arrays spends its time on counting references."""

    head: np.ndarray  # int64, (sectors, COLUMNS); the columns are in `jump_kernels`
    ints: np.ndarray  # int64
    reals: np.ndarray  # float64


class _Pool:
    """Pieces of a flat array, and where each one begins."""

    def __init__(self, dtype: type) -> None:
        self._dtype, self._length = dtype, 0
        self._pieces: list[np.ndarray] = [np.zeros(0, dtype)]

    def add(self, piece: np.ndarray) -> int:
        at = self._length
        self._pieces.append(np.ascontiguousarray(piece, dtype=self._dtype).ravel())
        self._length += piece.size
        return at

    def array(self) -> np.ndarray:
        return np.concatenate(self._pieces)


class Propagation(NamedTuple):
    """Tables and what they stand for."""

    tables: Tables
    sectors: np.ndarray  # (sectors,) number in the model's partition
    states: np.ndarray  # basis states, sector after sector
    size: int  # states in the largest sector
    scratch: int  # length of the scratch array of one trajectory
    elements: int  # elements of the sector-diagonal density matrix
    kinds: tuple[str, ...]  # "dyadic" | "taylor" for each sector


def reachable(partition: Sectors, start: np.ndarray) -> np.ndarray:
    """Sectors that jumps lead to from the sectors `start`, ascending."""
    seen, frontier = set(start.tolist()), set(start.tolist())
    while frontier:
        landed = set(np.unique(partition.target[:, sorted(frontier)]).tolist()) - {-1}
        frontier = landed - seen
        seen |= frontier
    return np.array(sorted(seen), dtype=np.int64)


def build(model: Lindblad, partition: Sectors, used: np.ndarray, stride: float, memory: float) -> Propagation:
    """Tabulate the sectors `used` for steps of `stride`, with at most `memory` bytes of dyadic propagators."""
    states = np.concatenate([partition.states[s] for s in used])
    sizes = partition.sizes[used]
    offset = np.concatenate([[0], np.cumsum(sizes)])
    generator = _generator(model, states, offset, stride)
    head = np.zeros((used.size, COLUMNS), dtype=np.int64)
    ints, reals = _Pool(np.int64), _Pool(np.float64)
    head[:, SIZE] = sizes
    head[:, ELEMENT] = np.concatenate([[0], np.cumsum(sizes**2)[:-1]])
    halo = _add_bands(head, ints, reals, generator, offset)
    _add_rows(head, ints, reals, generator, offset)
    entries = np.diff(generator.indptr[offset])
    cost = np.where(head[:, BANDS] > 0, _BAND_COST * head[:, BANDS] * sizes, _ROW_COST * entries)
    # a guess: the mean over the states of the sector
    rate = np.add.reduceat(model.total_rate.diagonal().real[states], offset[:-1]) / sizes
    levels, fine = _choose(sizes, cost, _phases(generator, offset), stride * rate, memory)
    head[:, LEVELS] = levels
    head[:, FINE] = reals.add(fine) + np.arange(used.size)
    _add_dyadic(head, reals, generator, offset)
    _add_channels(head, ints, reals, model, partition, used, offset)
    padded = (int(sizes.max()) + TILE - 1) // TILE * TILE
    head[:, PADDED], head[:, HALO], head[:, WIDTH] = padded, halo, padded + 2 * halo
    kinds = tuple("taylor" if k < 0 else "dyadic" for k in levels)
    # state and candidate (real and imaginary), populations, the rows of the Taylor series, where it is
    scratch = 5 * padded + 2 * TAYLOR_ROWS * (padded + 2 * halo) + 4
    tables = Tables(head, ints.array(), reals.array())
    return Propagation(tables, used, states, int(sizes.max()), scratch, int((sizes**2).sum()), kinds)


def _generator(model: Lindblad, states: np.ndarray, offset: np.ndarray, stride: float) -> sparse.csr_array:
    """-i Heff stride on `states`, less a phase common to each sector, which no observable inside sectors can see."""
    heff = model.effective_hamiltonian[states][:, states]
    energy = heff.diagonal().real
    centre = [(energy[a:b].min() + energy[a:b].max()) / 2 for a, b in itertools.pairwise(offset)]
    shift = sparse.diags_array(np.repeat(centre, np.diff(offset)))
    generator = sparse.csr_array(-1j * stride * (heff - shift))
    generator.eliminate_zeros()
    generator.sort_indices()
    return generator


def _phases(generator: sparse.csr_array, offset: np.ndarray) -> np.ndarray:
    """Upper bound (||.||_1 ||.||_inf)^(1/2) on the 2-norm of each diagonal block."""
    size = abs(generator)
    rows, columns = np.asarray(size.sum(axis=1)).ravel(), np.asarray(size.sum(axis=0)).ravel()
    return np.sqrt(np.maximum.reduceat(rows, offset[:-1]) * np.maximum.reduceat(columns, offset[:-1]))


def _choose(
    sizes: np.ndarray, cost: np.ndarray, phase: np.ndarray, jumps: np.ndarray, memory: float
) -> tuple[np.ndarray, np.ndarray]:
    """Levels K (-1: march) and fine step of each sector, from the phase of a stride, its jumps and the cost of G x in ns.

    The smallest sectors get the memory first.
    """
    halvings = np.maximum(0, np.ceil(np.log2(np.maximum(phase, 1e-300) / FINE_PHASE))).astype(np.int64)
    if halvings.max() > MAX_LEVELS:
        raise ValueError(
            "Argument `times` must have a spacing below 2^46 over the norm of the effective Hamiltonian, "
            f"but is {phase.max() / 2.0 ** (MAX_LEVELS - 2):.3g} times as large."
        )
    # per stride: products with U_0 and, at each jump, half a ladder up and a whole one down; against Taylor series of 6
    # products per unit of phase and some 15 more at each jump, whose values take 6 ns per state
    states = sizes.astype(float)
    product = np.where(states <= _CACHED_SIZE, _DENSE_COST, 2.5 * _DENSE_COST) * states**2
    dense = product * (1 + 1.5 * jumps * halvings) + 20 * jumps * cost
    march = cost * (6 * phase + 15 * jumps) + 6.0 * states * (1 + 4 * jumps)
    need = 16.0 * sizes.astype(float) ** 2 * (1 + halvings)
    dyadic = dense <= march
    order = np.argsort(need, kind="stable")
    dyadic[order] &= np.cumsum(np.where(dyadic, need, 0.0)[order]) <= memory
    marching = MARCH_PHASE / np.maximum(phase, MARCH_PHASE / LONGEST_SERIES)
    return np.where(dyadic, halvings, -1), np.where(dyadic, 0.5**halvings, marching)


def _add_dyadic(head: np.ndarray, reals: _Pool, generator: sparse.csr_array, offset: np.ndarray) -> None:
    """U_0 .. U_K of each dyadic sector, in tiles of rows."""
    for s in np.flatnonzero(head[:, LEVELS] >= 0):
        n, k = int(head[s, SIZE]), int(head[s, LEVELS])
        rows = TILE if n <= TILED_SIZE else n
        tiles = -(-n // rows)
        ladder = np.zeros((k + 1, tiles * rows, n), dtype=np.complex128)
        ladder[k, :n] = _short_exponential(_block(generator, offset[s], offset[s + 1]) * 0.5**k, n)
        for level in range(k, 0, -1):
            ladder[level - 1, :n] = ladder[level, :n] @ ladder[level, :n]
        tiled = ladder.reshape(k + 1, tiles, rows, n).transpose(0, 1, 3, 2)
        flat = np.stack([tiled.real, tiled.imag], axis=3).ravel()
        flat[np.abs(flat) < FLUSH] = 0.0
        head[s, UNITARY], head[s, LENGTH] = reals.add(flat), 2 * tiles * rows * n


def _block(generator: sparse.csr_array, first: int, last: int) -> sparse.csr_array | np.ndarray:
    """One diagonal block; dense where that is faster."""
    ptr = generator.indptr[first : last + 1]
    rows = slice(ptr[0], ptr[-1])
    n = int(last - first)
    block = sparse.csr_array((generator.data[rows], generator.indices[rows] - first, ptr - ptr[0]), shape=(n, n))
    return block if n > 32 else block.toarray()


def _short_exponential(block: sparse.csr_array | np.ndarray, n: int) -> np.ndarray:
    """Exponential of a block of norm at most FINE_PHASE: the remainder after 10 terms is .0625^11/11! = 1e-21."""
    identity = np.eye(n, dtype=np.complex128)
    power = identity
    for j in range(10, 0, -1):
        power = identity + np.asarray(block @ power) / j
    return power


def _add_bands(head: np.ndarray, ints: _Pool, reals: _Pool, generator: sparse.csr_array, offset: np.ndarray) -> int:
    """Diagonals of the sectors where they are at least half full, padded to whole tiles; the largest distance."""
    reach = 0
    for s, (first, last) in enumerate(itertools.pairwise(offset)):
        ptr = generator.indptr[first : last + 1]
        n = int(last - first)
        row = np.repeat(np.arange(n), np.diff(ptr))
        col = generator.indices[ptr[0] : ptr[-1]] - first
        data = generator.data[ptr[0] : ptr[-1]]
        bands = [_diagonals(row, col, part, n) for part in (data.real, data.imag)]
        distance = np.concatenate([d for d, _ in bands])
        if distance.size * n > 2 * (np.count_nonzero(data.real) + np.count_nonzero(data.imag)) + TILE:
            continue
        values = np.concatenate([v for _, v in bands])
        at = reals.add(values) + values.shape[1] * np.arange(distance.size)
        head[s, REAL_BANDS], head[s, BANDS] = bands[0][0].size, distance.size
        head[s, BAND] = ints.add(np.stack([distance, at], axis=1))
        reach = max(reach, int(np.abs(distance).max(initial=0)))
    return reach


def _diagonals(row: np.ndarray, col: np.ndarray, part: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances of the diagonals that hold anything, and their values, padded to whole tiles."""
    kept = part != 0.0
    distance, band = np.unique((col - row)[kept], return_inverse=True)
    values = np.zeros((distance.size, (n + TILE - 1) // TILE * TILE))
    values[band, row[kept]] = part[kept]
    return distance, values


def _add_rows(head: np.ndarray, ints: _Pool, reals: _Pool, generator: sparse.csr_array, offset: np.ndarray) -> None:
    first = np.repeat(offset[:-1], np.diff(generator.indptr[offset]))
    head[:, ROW] = ints.add(generator.indptr) + offset[:-1]
    head[:, ROW_COL] = ints.add(generator.indices - first)
    head[:, ROW_VALUE] = reals.add(generator.data.view(np.float64))


def _add_channels(
    head: np.ndarray,
    ints: _Pool,
    reals: _Pool,
    model: Lindblad,
    partition: Sectors,
    used: np.ndarray,
    offset: np.ndarray,
) -> None:
    """The channels that act in each sector: state by state where amplitudes never add, as a list of slots otherwise."""
    number = np.full(len(partition.states), -1, dtype=np.int64)
    number[used] = np.arange(used.size)
    coo = [jump.tocoo() for jump in model.jumps]
    none, count = np.zeros(0, dtype=np.int64), max(len(coo), 1)
    channel = np.concatenate([none, *(np.full(jump.nnz, c) for c, jump in enumerate(coo))])
    row = np.concatenate([none, *(jump.row for jump in coo)])
    col = np.concatenate([none, *(jump.col for jump in coo)])
    value = np.concatenate([none.astype(np.complex128), *(jump.data for jump in coo)])
    sector = number[partition.of_state[col]]
    order = np.lexsort((col, row, channel, sector))
    order = order[sector[order] >= 0]
    channel, row, col, value, sector = channel[order], row[order], col[order], value[order], sector[order]
    key, first, slot = np.unique(sector * count + channel, return_index=True, return_inverse=True)
    owner, which = np.divmod(key, count)
    target = number[partition.target[which, used[owner]]] if key.size else none
    row, col = partition.position[row], partition.position[col]
    head[:, SLOT] = ints.add(
        np.stack([which, target, head[target, SIZE], first, np.append(first, row.size)[1:]], axis=1)
    )
    head[:, ENTRY] = ints.add(np.stack([row, col], axis=1))
    head[:, ENTRY_VALUE] = reals.add(value.view(np.float64))
    # where a row of the operator holds two entries in one sector, amplitudes add and the weight needs them all
    general = np.zeros(key.size, dtype=bool)
    pair, repeats = np.unique(slot * partition.of_state.size + row, return_counts=True)
    general[pair[repeats > 1] // partition.of_state.size] = True
    head[:, GENERALS] = np.bincount(owner[general], minlength=used.size)
    head[:, GENERAL] = ints.add(np.flatnonzero(general)) + np.searchsorted(owner[general], np.arange(used.size))
    state = offset[sector] + col
    single = np.flatnonzero(~general[slot])
    single = single[np.argsort(state[single], kind="stable")]
    rate, state = np.abs(value[single]) ** 2, state[single]
    head[:, RATE] = reals.add(np.bincount(state, weights=rate, minlength=int(offset[-1]))) + offset[:-1]
    head[:, EXIT] = ints.add(np.searchsorted(state, np.arange(int(offset[-1]) + 1))) + offset[:-1]
    head[:, EXIT_SLOT] = ints.add(slot[single])
    head[:, EXIT_RATE] = reals.add(rate)
