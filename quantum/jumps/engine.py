"""One prepared jump simulation: everything that a chunk of trajectories needs, whichever its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from quantum import checks
from quantum.jumps.integrals import NoJumpIntegrals
from quantum.jumps.kernels import ELEMENT, SIZE, Marks, Observables, Start, Sums, run_chunk
from quantum.jumps.propagators import Propagation, build, reachable
from quantum.jumps.records import JumpTable, Trajectory
from quantum.jumps.start import Mixture, basis_or_matrix, mixture, partition_for
from quantum.lindblad import Lindblad
from quantum.memory import require_memory
from quantum.sectors import Sectors

# Bytes for dyadic propagators: 700 states have 8 MB for each of some 12 levels, which take 2 s to build.
PROPAGATOR_MEMORY = 128 * 2**20
# Mean jumps in a stride of integral sampling; the cost is within 10 % from 1 to 10.
JUMPS_PER_STRIDE = 4.0


@dataclass(frozen=True, eq=False)
class Engine:
    """A model, a start and what is to be kept, tabulated for the kernels."""

    model: Lindblad
    times: np.ndarray
    burn_in: float
    stride: float
    propagation: Propagation
    partition: Sectors
    start: Start
    marks: Marks
    observables: Observables
    snapshot_times: np.ndarray
    density: bool
    integrals: NoJumpIntegrals | None  # for sampling="integral"

    @property
    def bytes_per_group(self) -> float:
        """Memory for the density matrices of one group."""
        return 16.0 * self.propagation.elements * (self.snapshot_times.size + self.density)

    def empty_sums(self) -> Sums:
        """Zeros for the sums of one chunk."""
        elements, snapshots = self.propagation.elements, self.snapshot_times.size
        kept = elements if self.density else 0
        rows = self.times.size if self.observables.ptr.shape[0] else 0
        return Sums(
            np.zeros(kept),
            np.zeros(kept),
            np.zeros((snapshots, elements)),
            np.zeros((snapshots, elements)),
            np.zeros((rows, self.observables.ptr.shape[0], 3)),
            np.zeros(len(self.model.jumps), dtype=np.int64),
        )

    def run(
        self, key: np.ndarray, first: int, last: int, sums: Sums, record: bool, states: np.ndarray | None = None
    ) -> JumpTable:
        """Run trajectories first .. last - 1 and add to `sums`; `states` takes the states at the marks."""
        table = run_chunk(
            self.propagation.tables,
            self.propagation.scratch,
            self.start,
            self.marks,
            self.integrals is not None,
            self.observables,
            key,
            first,
            last,
            sums,
            record,
            np.zeros((0, 0), dtype=np.complex128) if states is None else states,
        )
        time = self.times[0] + self.stride * table[:, 1]
        return JumpTable(table[:, 0].astype(np.int64), time, table[:, 2].astype(np.int64))

    def pattern(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns, in the basis, of the density-matrix elements."""
        blocks = [self.partition.states[s] for s in self.propagation.sectors]
        rows = np.concatenate([np.repeat(b, b.size) for b in blocks])
        return rows, np.concatenate([np.tile(b, b.size) for b in blocks])

    def elements(self, re: np.ndarray, im: np.ndarray) -> np.ndarray:
        """Hermitian elements from sums over upper triangles, shape (..., elements)."""
        out = re + 1j * im
        for block in self._blocks(out):
            lower = np.tril_indices(block.shape[-1], -1)
            block[..., lower[0], lower[1]] = block[..., lower[1], lower[0]].conj()
        return out

    def integrated(self, landings: np.ndarray) -> np.ndarray:
        """Time integrals from the sums of landings, shape (..., elements)."""
        assert self.integrals is not None
        out = landings.copy()
        for s, block in enumerate(self._blocks(out)):
            block[...] = self.integrals.solve(s, block)
        return out

    def _blocks(self, values: np.ndarray) -> list[np.ndarray]:
        """Views of the sectors' blocks, each of shape (..., n, n)."""
        head = self.propagation.tables.head
        return [
            values[..., at : at + n * n].reshape(*values.shape[:-1], n, n)
            for at, n in zip(head[:, ELEMENT], head[:, SIZE], strict=True)
        ]

    def _on_grid(self) -> Engine:
        """The same trajectories, looked at on the grid and added to nothing."""
        stride = _spacing(self.times)
        propagation = build(self.model, self.partition, self.propagation.sectors, stride, PROPAGATOR_MEMORY)
        time, unused = np.arange(self.times.size, dtype=np.float64), np.full(self.times.size, -1)
        marks = Marks(time, np.zeros(time.size), unused, unused)
        return replace(self, propagation=propagation, stride=stride, marks=marks, integrals=None)

    def replay(self, key: np.ndarray, number: int) -> Trajectory:
        """One trajectory alone, its states on the grid."""
        number = checks.at_least("trajectory", number, 0)
        local = np.zeros((self.times.size, self.propagation.size + 1), dtype=np.complex128)
        jumps = self.run(key, number, number + 1, self.empty_sums(), True, local if self.integrals is None else None)
        if self.integrals is not None:  # the same random numbers on the grid give the same path, to rounding
            on_grid = self._on_grid()
            on_grid.run(key, number, number + 1, on_grid.empty_sums(), False, local)
        states = np.zeros((self.times.size, self.model.dimension), dtype=np.complex128)
        for k, s in enumerate(local[:, -1].real.astype(np.int64)):
            members = self.partition.states[self.propagation.sectors[s]]
            states[k, members] = local[k, : members.size]
        return Trajectory(number, self.times, states, jumps)


def prepare(
    model: Lindblad,
    initial: Any,
    times: Any,
    *,
    burn_in: float | None,
    sampling: str,
    observables: Sequence[Any] | None,
    snapshots: Any,
    density: bool,
    coherences: bool,
) -> Engine:
    """Check the arguments of `jump_trajectories` and tabulate what they describe."""
    checks.one_of("sampling", sampling, ("grid", "integral"))
    grid = _grid_times(times)
    begin = float(grid[0]) if burn_in is None else checks.finite("burn_in", burn_in)
    operators = _operators(model, observables)
    at = _snapshot_indices(grid, snapshots)
    integral = sampling == "integral"
    _refuse_conflicts(grid, begin, integral, bool(operators), at, density)
    start = basis_or_matrix(model, initial)
    partition = partition_for(model, start, operators, coherences)
    parts = mixture(start, partition)
    used = reachable(partition, np.unique(parts.sectors))
    _require_density_memory(partition, used, at.size + density)
    integrals = NoJumpIntegrals(model, partition, used) if integral else None
    stride = _free_stride(model, partition, used, grid) if integral else _spacing(grid)
    if integral:
        marks = _window_marks((begin - grid[0]) / stride, (grid[-1] - grid[0]) / stride)
    else:
        marks = _grid_marks(grid, begin, density, at, bool(operators))
    return Engine(
        model=model,
        times=grid,
        burn_in=begin,
        stride=stride,
        propagation=build(model, partition, used, stride, PROPAGATOR_MEMORY),
        partition=partition,
        start=_flat_start(parts, used),
        marks=marks,
        observables=_sector_entries(operators, partition, used),
        snapshot_times=grid[at],
        density=density,
        integrals=integrals,
    )


def _spacing(grid: np.ndarray) -> float:
    return float(grid[-1] - grid[0]) / (grid.size - 1)


def _grid_marks(grid: np.ndarray, begin: float, density: bool, snapshots: np.ndarray, observed: bool) -> Marks:
    number = np.arange(grid.size)
    slot = np.full(grid.size, -1)
    slot[snapshots] = np.arange(snapshots.size)
    # a little slack: burn_in = 3.0 must keep a grid time of 2.9999999999999996
    weight = (grid >= begin - 1e-9 * (grid[1] - grid[0])) & density
    return Marks(
        number.astype(np.float64), weight.astype(np.float64), slot, number if observed else np.full_like(number, -1)
    )


def _window_marks(begin: float, end: float) -> Marks:
    """The state at the begin of a window counts for its integral, and that at its end against it."""
    return Marks(np.array([begin, end]), np.array([1.0, -1.0]), np.array([-1, -1]), np.array([-1, -1]))


def _free_stride(model: Lindblad, partition: Sectors, used: np.ndarray, grid: np.ndarray) -> float:
    """A stride with a few jumps in it, where no grid sets one."""
    states = np.concatenate([partition.states[s] for s in used])
    rate = float(model.total_rate.diagonal().real[states].mean())
    return min(JUMPS_PER_STRIDE / rate, float(grid[-1] - grid[0]))


def _refuse_conflicts(
    grid: np.ndarray, begin: float, integral: bool, observed: bool, snapshots: np.ndarray, density: bool
) -> None:
    if not grid[0] <= begin <= grid[-1]:
        raise ValueError(f"Argument `burn_in` must lie within `times`, {grid[0]} to {grid[-1]}, but is {begin}.")
    if not integral:
        return
    if observed or snapshots.size:
        raise ValueError(
            'Argument `sampling` must be "grid" for `observables` or `snapshots` at given times, but is "integral".'
        )
    if not density or begin >= grid[-1]:
        raise ValueError(
            'Argument `sampling` must be "grid" without a `density` over a window of time, but is "integral".'
        )


def _require_density_memory(partition: Sectors, used: np.ndarray, matrices: int) -> None:
    # two groups, and a few chunks on their way
    elements = float((partition.sizes[used].astype(float) ** 2).sum())
    require_memory(16.0 * 6 * elements * matrices, f"A density matrix of {elements:.3g} elements for every group")


def _flat_start(parts: Mixture, used: np.ndarray) -> Start:
    number = {int(s): k for k, s in enumerate(used)}
    sizes = np.array([a.size for a in parts.amplitudes])
    flat = np.concatenate(parts.amplitudes)
    return Start(
        np.cumsum(parts.weights),
        np.array([number[int(s)] for s in parts.sectors]),
        np.concatenate([[0], np.cumsum(sizes)[:-1]]),
        flat.real.copy(),
        flat.imag.copy(),
    )


def _grid_times(times: Any) -> np.ndarray:
    try:
        grid = np.array(times, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `times` must be an array of numbers, but is a {type(times).__name__}.") from None
    if grid.ndim != 1 or grid.size < 2:
        raise ValueError(f"Argument `times` must hold at least two times on one axis, but has shape {grid.shape}.")
    if not np.isfinite(grid).all() or not (np.diff(grid) > 0).all():
        raise ValueError("Argument `times` must be finite and increase, but does not.")
    spacing = _spacing(grid)
    off = np.abs(grid - (grid[0] + spacing * np.arange(grid.size))).max()
    if off > 1e-6 * spacing + 1e-12 * np.abs(grid).max():
        raise ValueError(
            f"Argument `times` must be evenly spaced, but is off by {off:.3g} at a mean spacing of {spacing:.3g}."
        )
    return grid


def _snapshot_indices(grid: np.ndarray, snapshots: Any) -> np.ndarray:
    if snapshots is None:
        return np.zeros(0, dtype=np.int64)
    wanted = np.atleast_1d(np.asarray(snapshots, dtype=np.float64))
    nearest = np.abs(grid[None, :] - wanted[:, None]).argmin(axis=1)
    if not (np.abs(grid[nearest] - wanted) <= 1e-6 * (grid[1] - grid[0])).all():
        raise ValueError(f"Argument `snapshots` must hold times of the grid, but is {snapshots!r}.")
    return np.unique(nearest)


def _operators(model: Lindblad, observables: Sequence[Any] | None) -> list[sparse.csr_array]:
    shape = (model.dimension, model.dimension)
    out = []
    for k, operator in enumerate(observables if observables is not None else ()):
        matrix = sparse.csr_array(operator, dtype=np.complex128)
        if matrix.shape != shape or not np.isfinite(matrix.data).all():
            raise ValueError(
                f"Argument `observables[{k}]` must be a finite matrix of shape {shape}, but has shape {matrix.shape}."
            )
        out.append(matrix)
    return out


def _sector_entries(operators: list[sparse.csr_array], partition: Sectors, used: np.ndarray) -> Observables:
    """Entries of each operator inside the sectors `used`, sector after sector."""
    number = np.full(len(partition.states), -1, dtype=np.int64)
    number[used] = np.arange(used.size)
    ptr = np.zeros((len(operators), used.size + 1), dtype=np.int64)
    rows, cols, values, length = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.complex128)], 0
    for o, operator in enumerate(operators):
        coo = operator.tocoo()
        a, b = number[partition.of_state[coo.row]], number[partition.of_state[coo.col]]
        inside = np.flatnonzero((a == b) & (a >= 0))
        inside = inside[np.argsort(a[inside], kind="stable")]
        ptr[o] = length + np.searchsorted(a[inside], np.arange(used.size + 1))
        rows.append(partition.position[coo.row[inside]])
        cols.append(partition.position[coo.col[inside]])
        values.append(coo.data[inside])
        length += inside.size
    flat = np.concatenate(values)
    return Observables(ptr, np.concatenate(rows), np.concatenate(cols), flat.real.copy(), flat.imag.copy())
