"""What jump trajectories hand back: arrays, and how they were made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from quantum.density import Density


@dataclass(frozen=True, eq=False)
class JumpTable:
    """Every jump of every trajectory, ordered by trajectory and then by time; all arrays have shape (events,).

    Attributes
    ----------
    trajectory : int array
        Number of the trajectory.
    time : float array
        When it jumped, exact to rounding.
    channel : int array
        Index of the jump operator in `Lindblad.jumps`.
    """

    trajectory: np.ndarray
    time: np.ndarray
    channel: np.ndarray


@dataclass(frozen=True, eq=False)
class Trajectory:
    """One trajectory in full.

    Attributes
    ----------
    number : int
        Its number in the ensemble.
    times : float array, shape (times,)
        The grid.
    states : complex array, shape (times, D)
        Normalised states at the grid times, up to a global phase.
    jumps : JumpTable
        Its jumps, with the same bits as in the ensemble.
    """

    number: int
    times: np.ndarray
    states: np.ndarray
    jumps: JumpTable


@dataclass(frozen=True, eq=False)
class JumpRuns:
    """An ensemble of jump trajectories, summed up while it ran.

    Groups of consecutive trajectories are kept apart, so that any function of the density matrix gets a standard error
    from a jackknife over them. The values of a group carry its share of the samples as its trace: the mean over the groups
    is the ensemble's density matrix, with trace 1, and a group's own is ``values[g] / trace()[g]``.

    Attributes
    ----------
    times : float array, shape (times,)
    trajectories : int
        How many were run.
    groups : int array, shape (groups + 1,)
        Group g holds the trajectories ``groups[g] .. groups[g + 1] - 1``.
    seed : object
        As given.
    sampling : str
        "grid" or "integral"; see `jump_trajectories`.
    burn_in : float
        Time from which on the time average was taken.
    density : Density or None
        Time-averaged density matrix, values of shape (groups, elements); None if it was not wanted.
    snapshot_times : float array, shape (snapshots,)
    snapshots : Density or None
        Ensemble density matrix at those times, values of shape (groups, snapshots, elements).
    expect : complex array, shape (times, observables)
        Mean over the trajectories of each expectation value.
    expect_stderr : float array, shape (times, observables)
        Its standard error; for an observable that is not Hermitian that of the complex number, (var Re + var Im)^(1/2).
    counts : int array, shape (groups, channels)
        Jumps of each channel from times[0] to times[-1].
    record : JumpTable or None
        Every jump, if asked for.
    propagators : dict
        For each kind, "dyadic" or "taylor", the sizes of the sectors that used it.
    """

    times: np.ndarray
    trajectories: int
    groups: np.ndarray
    seed: Any
    sampling: str
    burn_in: float
    density: Density | None
    snapshot_times: np.ndarray
    snapshots: Density | None
    expect: np.ndarray
    expect_stderr: np.ndarray
    counts: np.ndarray
    record: JumpTable | None
    propagators: dict[str, tuple[int, ...]]
    _replay: Callable[[int], Trajectory] = field(repr=False)

    @property
    def jumps(self) -> int:
        """Total number of jumps."""
        return int(self.counts.sum())

    def replay(self, trajectory: int) -> Trajectory:
        """Run one trajectory again, alone; its jumps have the same bits as in the ensemble.

        Raises
        ------
        ValueError
            If `trajectory` is not a number from 0 on. It may lie beyond the ensemble.
        """
        return self._replay(trajectory)

    def estimate(self, measure: Callable[[Density], Any]) -> tuple[np.ndarray, np.ndarray]:
        """Return (value, standard error) of a measure of the time-averaged density matrix, by a jackknife over the groups.

        `measure` takes a `Density` of trace 1 without leading axes and returns a number or an array. The value has the
        jackknife's bias correction. With fewer than two groups the error is NaN.

        Raises
        ------
        ValueError
            If the density matrix was not kept.
        """
        if self.density is None:
            raise ValueError("Argument `density` of `jump_trajectories` must be True for an estimate, but was False.")
        return jackknife(self.density, measure)


def jackknife(groups: Density, measure: Callable[[Density], Any]) -> tuple[np.ndarray, np.ndarray]:
    """Bias-corrected value and standard error of `measure` over the groups on the first axis of `groups`."""
    values = groups.values
    number = values.shape[0]
    total = values.sum(axis=0)
    on_diagonal = groups.rows == groups.cols

    def normalised(sums: np.ndarray) -> Density:
        trace = sums[..., on_diagonal].real.sum(axis=-1, keepdims=True)
        return Density(groups.dims, groups.rows, groups.cols, sums / trace)

    value = np.asarray(measure(normalised(total)))
    if number < 2:
        return value, np.full(value.shape, np.nan)
    left_out = np.array([measure(normalised(total - v)) for v in values])
    mean = left_out.mean(axis=0)
    spread = (np.abs(left_out - mean) ** 2).sum(axis=0)
    return number * value - (number - 1) * mean, np.sqrt((number - 1) / number * spread)
