"""Time evolution of whole grids of parameter points: blocks of SIMD lanes over threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from quantum.checks import at_least, finite, instance, listed, one_of, reals
from quantum.matrices import operator
from quantum.mean_field import table as table_kernel
from quantum.mean_field import unrolled
from quantum.mean_field.components import functional, offsets
from quantum.mean_field.equations import Equations, closure, equations_of, restricted
from quantum.mean_field.lanes import LANES
from quantum.mean_field.model import MeanField
from quantum.mean_field.states import States, as_states
from quantum.mean_field.steps import LARGEST, class_step, step_classes, stiffness
from quantum.memory import require_memory

Measure = Callable[[np.ndarray, np.ndarray], dict[str, np.ndarray]]


@dataclass(frozen=True, eq=False)
class Trajectories:
    """What `evolve` returns.

    Attributes
    ----------
    times : array of float, shape (times,)
    values : array of complex, shape ``grid + (observables, times)``, or None
        Mean values; None where `measure` made something else of them.
    measured : dict of arrays, each of shape ``grid + (...)``
        What `measure` returned.
    final : States
        The states at the last time.
    steps : array of int, shape of the grid
        Number of Runge-Kutta steps taken.
    """

    times: np.ndarray
    values: np.ndarray | None
    measured: dict[str, np.ndarray]
    final: States
    steps: np.ndarray


def evolve(
    model: MeanField,
    initial: Any,
    times: ArrayLike,
    *,
    observe: Sequence[tuple[int, Any]] | None = None,
    measure: Measure | None = None,
    dt: float | None = None,
    kernel: str = "auto",
    threads: int | None = None,
) -> Trajectories:
    """Integrate the mean-field master equations of all points of a grid.

    The classical Runge-Kutta scheme of order 4, with a fixed step per point. Hermiticity is exact, and traces are
    kept to rounding. Each point's bits are a function of its own parameters and initial state: neither the
    number of threads nor the other points of the grid change them. (They depend on which components are zero in the
    initial states of *all* points, since what cannot become nonzero is left out of the equations.)

    Parameters
    ----------
    model : MeanField
    initial : sequence of one matrix per group, or States
        Density matrices, shape (d, d) or ``grid + (d, d)``.
    times : array-like of float
        Increasing times at which mean values are saved; the first is that of `initial`.
    observe : sequence of (group, matrix), optional
        Operators whose mean values are saved. Default: the B of all couplings, each once, in their order.
    measure : callable, optional
        ``measure(times, values)`` with values of shape (points, observables, times), called for blocks of points (from
        several threads) in place of saving them; it returns a dictionary of arrays of shape (points, ...), computed
        point by point.
    dt : float, optional
        Longest step for all points. Default: `steps.RESOLUTION` over the fastest frequency of each point (level
        splittings, decay, largest fields); amplitudes in the long-time limit are then good to 1e-6.
    kernel : {"auto", "unrolled", "table"}
        "unrolled" compiles a kernel for this structure (fast, once per structure and machine), "table" runs through a
        table; "auto" unrolls up to `unrolled.MOST_TERMS` terms.
    threads : int, optional
        Default: all processors.

    Returns
    -------
    Trajectories

    Raises
    ------
    ValueError
        If states or times do not fit, or `dt` is beyond the stability of the scheme.
    MemoryError
        If the saved values would not fit; a `measure` needs memory for one block a thread.
    """
    instance("model", model, MeanField)
    one_of("kernel", kernel, ("auto", "unrolled", "table"))
    instants = _checked_times(times)
    start = as_states("initial", model, initial)
    workers = at_least("threads", threads if threads is not None else os.cpu_count() or 1, 1)
    observables = _observables(model, observe)
    steps = _steps(model, dt)
    if measure is not None and not callable(measure):
        raise ValueError(f"Argument `measure` must be a function (times, values) -> dict, but is {measure!r}.")
    if measure is None:
        require_memory(16.0 * model.points * len(observables) * instants.size, "The saved mean values of `evolve`")
    job = _Job(model, start, instants, observables, kernel, measure)
    with threadpool_limits(1), ThreadPoolExecutor(workers) as pool:
        list(pool.map(job.run, *zip(*_blocks(steps, job.lanes), strict=True)))
    return job.result()


def _checked_times(times: ArrayLike) -> np.ndarray:
    instants = reals("times", times)
    if instants.ndim != 1 or instants.size == 0 or not np.isfinite(instants).all() or (np.diff(instants) <= 0).any():
        raise ValueError("Argument `times` must be increasing finite numbers, the first one that of `initial`.")
    return instants


def default_observables(model: MeanField) -> list[tuple[int, Any]]:
    """(group, B) of the couplings, each once."""
    out: list[tuple[int, Any]] = []
    for term in model.couplings:
        if not any(g == term.source and abs(b - term.mean).max() == 0.0 for g, b in out):
            out.append((term.source, term.mean))
    return out


def _observables(model: MeanField, observe: Sequence[tuple[int, Any]] | None) -> list[tuple[int, Any]]:
    if observe is None:
        return default_observables(model)
    out = []
    for k, pair in enumerate(listed("observe", observe, "pairs (group, matrix)")):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise ValueError(
                f"Argument `observe[{k}]` must be a pair (group, matrix), but is of type {type(pair).__name__}."
            )
        group, matrix = pair
        if at_least(f"observe[{k}][0]", group, 0) >= len(model.groups):
            raise ValueError(f"Argument `observe[{k}]` must name one of {len(model.groups)} groups, but names {group}.")
        out.append((group, operator(f"observe[{k}][1]", matrix, model.dims[group])))
    return out


def _steps(model: MeanField, dt: float | None) -> list[tuple[np.ndarray, float]]:
    """(points, longest step) of each class of points, in a fixed order."""
    if dt is None:
        classes = step_classes(model)
        return [(np.flatnonzero(classes == k), class_step(int(k))) for k in np.unique(classes)]
    longest, fastest = finite("dt", dt), float(stiffness(model).max())
    if not 0.0 < longest <= LARGEST / fastest:
        raise ValueError(f"Argument `dt` must be between 0 and {LARGEST / fastest:.3g} (stability), but is {dt}.")
    return [(np.arange(model.points), longest)]


def _blocks(steps: list[tuple[np.ndarray, float]], lanes: int) -> list[tuple[np.ndarray, float]]:
    out = [(points[k : k + lanes], dt) for points, dt in steps for k in range(0, points.size, lanes)]
    # the longest first, so that no thread is left with one at the end
    return sorted(out, key=lambda block: block[1])


class _Job:
    """One call of `evolve`: what all blocks share, and what they fill in."""

    def __init__(
        self,
        model: MeanField,
        start: States,
        times: np.ndarray,
        observables: list[tuple[int, Any]],
        kernel: str,
        measure: Measure | None,
    ) -> None:
        self._model, self._times, self._measure = model, times, measure
        equations = equations_of(model)
        kept = closure(equations.tables, (start.components != 0.0).any(axis=0))
        tables = restricted(equations.tables, kept)
        self._start, self._kept = start.components, kept
        self._equations = Equations(tables, equations.dims, equations.values)
        terms = sum(len(linear) for *_, linear in (*tables.static, *tables.driven))
        unroll = kernel == "unrolled" or (kernel == "auto" and terms <= unrolled.MOST_TERMS)
        self.lanes = LANES if unroll else table_kernel.LANES
        self._driver = unrolled.unrolled_driver(tables) if unroll else table_kernel.table_driver(tables)
        self._functionals = _functionals(observables, model.dims, kept)
        self._observables = len(observables)
        self._final = np.zeros_like(start.components)
        self._counts = np.zeros(model.points, dtype=np.int64)
        self._values: np.ndarray | None = None
        if measure is None:
            self._values = np.empty((model.points, len(observables), times.size), dtype=np.complex128)
        self._measured: list[tuple[np.ndarray, dict[str, np.ndarray]]] = []
        self._rooms: list[np.ndarray] = []

    def run(self, points: np.ndarray, longest: float) -> None:
        """Integrate one block; lanes beyond its points repeat the first one."""
        lanes = np.concatenate([points, np.repeat(points[:1], self.lanes - points.size)])
        state = np.ascontiguousarray(self._start[np.ix_(lanes, self._kept)].T)
        table = np.ascontiguousarray(self._equations.values[:, lanes])
        intervals = np.diff(self._times)
        counts = np.ceil(intervals / longest * (1.0 - 1e-12)).astype(np.int64)
        out = self._room()
        self._driver(state, table, intervals / counts, counts, self._functionals, out)
        self._final[np.ix_(points, self._kept)] = state.T[: points.size]
        self._counts[points] = counts.sum()
        if self._values is not None:
            self._values[points] = out[: points.size]
        elif self._measure is not None:
            measured = self._measure(self._times, out[: points.size])
            if not isinstance(measured, dict):
                raise ValueError(
                    f"Argument `measure` must return a dict of arrays, but returned a {type(measured).__name__}."
                )
            # copies: what is a view of the room would be overwritten by the next block
            self._measured.append((points, {name: np.array(part) for name, part in measured.items()}))
        self._rooms.append(out)

    def _room(self) -> np.ndarray:
        """Room for the samples of one block, used again by later ones: fresh memory costs a fifth of the run."""
        try:
            return self._rooms.pop()
        except IndexError:
            return np.empty((self.lanes, self._observables, self._times.size), dtype=np.complex128)

    def result(self) -> Trajectories:
        """Put the blocks together."""
        shape = self._model.shape
        measured: dict[str, np.ndarray] = {}
        for points, parts in self._measured:
            for name, array in parts.items():
                if array.shape[:1] != points.shape:
                    raise ValueError(f"Argument `measure` must return one value per point for '{name}'.")
                full = measured.setdefault(name, np.empty((self._model.points, *array.shape[1:]), dtype=array.dtype))
                full[points] = array
        return Trajectories(
            times=self._times,
            values=None if self._values is None else self._values.reshape((*shape, *self._values.shape[1:])),
            measured={name: array.reshape((*shape, *array.shape[1:])) for name, array in measured.items()},
            final=States(shape, self._model.dims, self._final),
            steps=self._counts.reshape(shape),
        )


def _functionals(observables: list[tuple[int, Any]], dims: tuple[int, ...], kept: np.ndarray) -> tuple:
    """First entry, component and weight of Re and Im of each observable, on the components kept."""
    edges, place = offsets(dims), {int(j): k for k, j in enumerate(kept)}
    lists = []
    for g, matrix in observables:
        for row in functional(matrix):
            filled = np.flatnonzero(row)
            lists.append(tuple((place[j + edges[g]], row[j]) for j in filled if j + edges[g] in place))
    first, (index, weight) = table_kernel.flat(lists, 2)
    return first, index, weight
