"""Sweeps: every point of a plan, by every method asked for, into one labelled dataset."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from compare.checks import at_least, path_of
from compare.execution.batches import Queue
from compare.execution.executors import Executor, InProcess, available_cpus
from compare.execution.progress import Progress, make_progress
from compare.interfaces import System
from compare.plan import Plan, make_plan
from compare.records.datasets import assemble
from compare.records.merging import take_over
from compare.records.store import Store, open_store
from compare.records.table import Table

if TYPE_CHECKING:
    import xarray as xr


def sweep(
    system: System,
    axes: Mapping[str, Any] | None = None,
    methods: Any = None,
    *,
    seed: int = 0,
    zipped: Any = None,
    parts: Sequence[Mapping[str, Any]] = (),
    store: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
    progress: bool | Progress | None = None,
    reuse: Sequence[xr.Dataset] = (),
) -> xr.Dataset:
    """Compute a system by several methods over a grid of its parameters.

    Parameters
    ----------
    system : System
        Base system; `axes` vary it through ``system.vary``.
    axes : mapping, optional
        Parameter -> values, an outer product. Values are numbers or words, ``{"start", "stop", "count"}``, or labels
        mapped to several changes each (`compare.axes.make_axes`). Without axes there is one point.
    methods : list or mapping
        Names of methods, or label -> settings. Settings may name the method under ``"method"``, so that one method
        can stand twice: ``{"langevin": {}, "half step": {"method": "langevin", "dt": 5e-3}}``.
    seed : int
        Root of all randomness. The stream of a point depends on it, on the method's label and on the parameters there
        alone: more points or methods change nothing about the others, and neither do threads and executors.
    zipped : sequence of str, or sequence of those, optional
        Axes that vary together instead of in an outer product.
    parts : sequence of mappings, optional
        Further ``{"axes", "methods", "zipped"}`` for methods that are wanted at other positions, say at fewer. The
        dataset has the union of all positions, NaN where a method was not asked for.
    store : path, optional
        Folder for results as they come; the same sweep goes on where it was stopped, however it was stopped.
    threads : int, optional
        Threads for the methods' kernels. Default: one for each processor.
    executor : Executor, optional
        Where points are computed; default: in this process. See `compare.execution.executors`.
    progress : bool or Progress, optional
        True shows a bar for each method.
    reuse : sequence of datasets, optional
        Earlier results; points that they hold, computed in the same way, are taken over.

    Returns
    -------
    xarray.Dataset
        Dimensions ``method``, the axes, and ``pair``, ``oscillator``, ``phi`` as the variables need; see
        `compare.variables`. The attributes hold system, plan, seed scheme, versions, git revision and time.

    Raises
    ------
    ValueError
        In one sentence, for whatever is wrong with the arguments, before anything is computed.
    """
    plan = make_plan(system, axes, methods, seed=seed, zipped=zipped, parts=parts)
    return run(plan, store=store, threads=threads, executor=executor, progress=progress, reuse=reuse)


def run(
    plan: Plan,
    *,
    store: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
    progress: bool | Progress | None = None,
    reuse: Sequence[xr.Dataset] = (),
) -> xr.Dataset:
    """Compute a plan; arguments and result as for `sweep`."""
    threads = available_cpus() if threads is None else at_least("threads", threads, 1)
    table: Table
    if store is None:
        table, rows = Table(len(plan.points)), np.arange(len(plan.points))
    else:
        table, rows = open_store(path_of("store", store), plan)
    with table:
        take_over(table, plan, rows, reuse)
        _compute(plan, table, rows, executor or InProcess(threads), make_progress(progress))
        table.flush()
        dataset = assemble(plan, table, rows)
    if isinstance(table, Store):
        revisions = dict.fromkeys(session["git_revision"] for session in table.sessions)
        dataset.attrs["git_revision"] = ", ".join(revisions) or dataset.attrs["git_revision"]
    return dataset


def _compute(plan: Plan, table: Table, rows: np.ndarray, executor: Executor, progress: Progress) -> None:
    """Compute what the table does not hold yet."""
    todo = [number for number, row in enumerate(rows) if not table.done[row]]
    if todo and isinstance(table, Store):
        table.begin_session()
    with progress:
        progress.start(_totals(plan, lambda number: bool(table.done[rows[number]])))
        for batch, results in executor.run(Queue(plan, todo)):
            table.write([int(rows[number]) for number in batch.points], results)
            progress.advance(batch.label, len(batch.points))


def _totals(plan: Plan, is_done: Callable[[int], bool]) -> dict[str, tuple[int, int]]:
    """Points done and points in all, by label."""
    totals = dict.fromkeys(plan.labels, (0, 0))
    for number, point in enumerate(plan.points):
        done, total = totals[plan.labels[point.index[0]]]
        totals[plan.labels[point.index[0]]] = (done + is_done(number), total + 1)
    return totals
