"""The sums of all chunks of trajectories, and the result they make."""

from __future__ import annotations

from typing import Any

import numpy as np

from quantum.density import Density
from quantum.jumps.engine import Engine
from quantum.jumps.kernels import SIZE, Sums
from quantum.jumps.records import JumpRuns, JumpTable


class Totals:
    """Sums by group, to which chunks are added in the order of their trajectories, so that no bit depends on threads."""

    def __init__(self, engine: Engine, edges: np.ndarray) -> None:
        groups = edges.size - 1
        one = engine.empty_sums()
        self._engine, self._edges = engine, edges
        self._average_re, self._average_im = np.zeros((2, groups, *one.average_re.shape))
        self._snapshot_re, self._snapshot_im = np.zeros((2, groups, *one.snapshot_re.shape))
        self._observed = np.zeros_like(one.observed)
        self._counts = np.zeros((groups, *one.counts.shape), dtype=np.int64)
        self._tables: list[JumpTable] = []

    def add(self, group: int, sums: Sums, table: JumpTable) -> None:
        """Add one chunk."""
        self._average_re[group] += sums.average_re
        self._average_im[group] += sums.average_im
        self._snapshot_re[group] += sums.snapshot_re
        self._snapshot_im[group] += sums.snapshot_im
        self._observed += sums.observed
        self._counts[group] += sums.counts
        self._tables.append(table)

    def density(self, groups: int) -> Density | None:
        """Time average of the first groups; the mean of their traces is 1."""
        engine = self._engine
        if not engine.density:
            return None
        values = engine.elements(self._average_re[:groups], self._average_im[:groups])
        if engine.integrals is not None:
            values = engine.integrated(values)
        rows, cols = engine.pattern()
        values /= values[:, rows == cols].real.sum() / groups
        return Density(engine.model.dims, rows, cols, values)

    def snapshots(self, groups: int) -> Density | None:
        """Ensemble density matrix at the snapshot times."""
        engine = self._engine
        if not engine.snapshot_times.size:
            return None
        rows, cols = engine.pattern()
        values = engine.elements(self._snapshot_re[:groups], self._snapshot_im[:groups])
        return Density(engine.model.dims, rows, cols, values * (groups / self._edges[groups]))

    def expectations(self, groups: int) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard error over the trajectories so far, shape (times, observables)."""
        number = int(self._edges[groups])
        mean = (self._observed[..., 0] + 1j * self._observed[..., 1]) / number
        variance = np.maximum(self._observed[..., 2] / number - np.abs(mean) ** 2, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):  # a single trajectory has no standard error: NaN
            return mean, np.sqrt(variance / np.float64(number - 1))

    def result(self, groups: int, seed: Any, key: np.ndarray, sampling: str, record: bool) -> JumpRuns:
        """The result of the first groups."""
        engine = self._engine
        mean, stderr = self.expectations(groups)
        kinds, sizes = engine.propagation.kinds, engine.propagation.tables.head[:, SIZE]
        return JumpRuns(
            times=engine.times,
            trajectories=int(self._edges[groups]),
            groups=self._edges[: groups + 1],
            seed=seed,
            sampling=sampling,
            burn_in=engine.burn_in,
            density=self.density(groups),
            snapshot_times=engine.snapshot_times,
            snapshots=self.snapshots(groups),
            expect=mean,
            expect_stderr=stderr,
            counts=self._counts[:groups],
            record=_joined(self._tables) if record else None,
            propagators={
                kind: tuple(int(n) for n, k in zip(sizes, kinds, strict=True) if k == kind)
                for kind in sorted(set(kinds))
            },
            _replay=lambda trajectory: engine.replay(key, trajectory),
        )


def _joined(tables: list[JumpTable]) -> JumpTable:
    return JumpTable(
        np.concatenate([t.trajectory for t in tables]),
        np.concatenate([t.time for t in tables]),
        np.concatenate([t.channel for t in tables]),
    )
