"""Where the points of a sweep are computed: in this process; others in `processes` and `cluster` beside it."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Protocol

from compare.execution.batches import Batch, Queue
from compare.execution.wire import Refused, pack_batch, unpack_results
from compare.interfaces import Result, run_limited
from compare.plan import Plan

# So often may a point lose its worker before it is held to be the cause.
DEATHS = 3


class Executor(Protocol):
    """Runs batches and yields their results as they come, in any order."""

    def run(self, queue: Queue) -> Iterator[tuple[Batch, list[Result]]]:
        """Compute everything in the queue."""


def available_cpus() -> int:
    """Return the number of processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def execute(batch: Batch, threads: int) -> list[Result]:
    """Compute one batch here."""
    return run_limited(batch.method, batch.systems, batch.settings, batch.seeds, threads)


def blame(plan: Plan, batch: Batch, kind: str, text: str) -> Exception:
    """Return an error that names the method and the point that failed: ValueError if the method refused it or memory does."""
    place = plan.where(plan.points[batch.points[0]])
    # what does not fit into memory is refused before it starts (`quantum.memory`)
    if kind in ("ValueError", "MemoryError"):
        return ValueError(f"Method {batch.label!r} refuses {place}: {text}")
    return RuntimeError(f"Method {batch.label!r} failed at {place}: {kind}: {text}")


@dataclass(frozen=True)
class InProcess:
    """Batch after batch in this process; the methods' kernels use `threads` threads."""

    threads: int

    def run(self, queue: Queue) -> Iterator[tuple[Batch, list[Result]]]:
        """Compute everything in the queue, in order."""
        while batch := queue.take():
            start = time.perf_counter()
            try:
                results = execute(batch, self.threads)
            except Exception as error:
                if len(batch.points) == 1:
                    raise blame(queue.plan, batch, type(error).__name__, str(error)) from error
                # one by one: the good points are kept, and the bad one gets its name
                queue.put_back(batch.single_points())
                continue
            queue.took(batch, time.perf_counter() - start)
            yield batch, results


class WorkerLost(Exception):
    """A worker died before it answered."""


def drive(
    queue: Queue,
    submit: Callable[[bytes], Future[bytes]],
    width: Callable[[], int],
    lost: tuple[type[Exception], ...] = (WorkerLost,),
) -> Iterator[tuple[Batch, list[Result]]]:
    """Keep some batches under way elsewhere and yield their results as they come.

    Parameters
    ----------
    queue : Queue
    submit : callable
        Starts the work on one request of `compare.execution.wire`; its future gives the answer.
    width : callable
        How many batches should be under way now; workers may come and go.
    lost : tuple of exception types
        What the future raises if the worker died.

    Raises
    ------
    ValueError, RuntimeError
        If a method fails at a point, or a point loses its worker `DEATHS` times.
    """
    under_way: dict[Future[bytes], Batch] = {}
    deaths: Counter[int] = Counter()
    while True:
        while len(under_way) < width() and (batch := queue.take()):
            under_way[submit(pack_batch(batch))] = batch
        if not under_way:
            return
        for future in wait(under_way, return_when=FIRST_COMPLETED).done:
            batch = under_way.pop(future)
            try:
                seconds, results = unpack_results(future.result())
            except lost as error:
                deaths.update(batch.points)
                if max(deaths[point] for point in batch.points) >= DEATHS:
                    raise blame(queue.plan, batch, "WorkerLost", str(error)) from error
                queue.put_back(batch.single_points())
            except Refused as error:
                if len(batch.points) == 1:
                    raise blame(queue.plan, batch, error.kind, error.text) from None
                queue.put_back(batch.single_points())
            else:
                queue.took(batch, seconds)
                yield batch, results
