r"""Quantum-jump (Monte Carlo wave function) trajectories of a Lindblad model.

Between jumps a state follows ``Heff = H - (i/2) sum L^+ L`` and loses norm; where the squared norm has fallen to a
uniform random number a jump happens, in channel c with probability proportional to ``||L_c psi||^2`` [1]_. Jump times
are found without an ODE solver, to rounding: see `quantum.jumps.propagators`.

References
----------
.. [1] Dalibard, Castin and Molmer, Phys. Rev. Lett. 68, 580 (1992).
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from quantum import checks
from quantum.density import Density
from quantum.jumps.engine import prepare
from quantum.jumps.kernels import Sums
from quantum.jumps.records import JumpRuns, JumpTable, jackknife
from quantum.jumps.streams import stream_key
from quantum.jumps.totals import Totals
from quantum.lindblad import Lindblad

# Trajectories in a chunk, at most. Fixed, so that neither threads nor the ensemble change the order of a sum.
CHUNK = 256
# Groups by default, and the memory for their density matrices, which may make them fewer.
GROUPS = 64
DENSITY_MEMORY = 512 * 2**20
# A target is looked at after every sixteenth of the groups, the first time after four groups.
LOOKS = 16
FIRST_LOOK = 4


def jump_trajectories(
    model: Lindblad,
    initial: Any,
    times: Any,
    *,
    trajectories: int = 1000,
    seed: int | np.random.SeedSequence,
    threads: int | None = None,
    sampling: str = "grid",
    burn_in: float | None = None,
    groups: int | None = None,
    observables: Sequence[Any] | None = None,
    snapshots: Any = None,
    density: bool = True,
    record: bool = False,
    coherences: bool = False,
    target_stderr: float | None = None,
    measure: Callable[[Density], Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> JumpRuns:
    r"""Run an ensemble of quantum-jump trajectories.

    Parameters
    ----------
    model : Lindblad
    initial : int, tuple of int, array of shape (D,) or (D, D), or Density
        Basis index, level of each subsystem, state vector, or density matrix.
        A start that is spread over several sectors is measured: each trajectory draws a sector (and an eigenvector of
        that block of a density matrix). That is exact for the elements inside sectors, which is what is kept; sectors
        that `observables` link, or that some channel maps into one, are joined first. See `coherences`.
    times : array, shape (times,)
        Evenly spaced grid, at least two times; times[0] is the start.
    trajectories : int
        How many to run, at most if there is a target.
    seed : int or SeedSequence
        Trajectory number j is a function of (seed, j) alone: it does not depend on `threads`, and a larger ensemble
        begins with the smaller.
    threads : int, optional
        Default: the cores that this process may use.
    sampling : {"grid", "integral"}
        How the time average of the density matrix is taken. "grid": over the grid times >= `burn_in`. "integral":
        exactly over burn_in <= t <= times[-1], with the waiting times integrated out (`quantum.jumps.integrals`): the sum
        of each group is unbiased for ``int rho dt``, and only dividing by its trace leaves a bias of order
        1 / (trajectories x time). It needs a model without dark states, and one dense Schur decomposition per sector. The
        grid then matters only by its ends.
    burn_in : float, optional
        Begin of the time average. Default: times[0].
    groups : int, optional
        Number of groups of consecutive trajectories that are kept apart. Default: 64, fewer for a small ensemble or
        where their density matrices would take more than 512 MiB.
    observables : sequence of matrices (D, D), optional
        Their expectation values are averaged over the trajectories at every grid time.
    snapshots : array, optional
        Grid times at which the ensemble's density matrix is kept.
    density : bool
        Whether the time-averaged density matrix is kept. It takes as many products per grid time as the largest sector
        has elements.
    record : bool
        Keep every jump in a table. Its memory grows with the jumps; nothing else grows with time or trajectories.
    coherences : bool
        Keep coherences between sectors, by taking the whole space as one sector.
    target_stderr : float, optional
        Stop early once the standard error of `measure`, or without one that of every expectation value at every time, is at
        most this. It is looked at after every sixteenth of the groups, so that the number of trajectories is a function of the
        seed too.
    measure : callable, optional
        Takes a `Density` of trace 1, the time average, and returns a number or an array.
    progress : callable, optional
        Called as ``progress(done, total)`` with numbers of trajectories.

    Returns
    -------
    JumpRuns

    Raises
    ------
    ValueError
        In one sentence, for an argument that does not fit.
    MemoryError
        If the density matrices would not fit, before they are allocated.
    """
    engine = prepare(
        checks.instance("model", model, Lindblad),
        initial,
        times,
        burn_in=burn_in,
        sampling=sampling,
        observables=observables,
        snapshots=snapshots,
        density=density,
        coherences=coherences,
    )
    number = checks.at_least("trajectories", trajectories, 1)
    edges = _group_edges(number, groups, engine.bytes_per_group)
    reached = _target(target_stderr, measure, observables, density)
    workers = _workers(threads)
    key = stream_key(seed, "jumps")
    totals = Totals(engine, edges)

    def run(chunk: tuple[int, int, int]) -> tuple[Sums, JumpTable]:
        sums = engine.empty_sums()
        return sums, engine.run(key, chunk[1], chunk[2], sums, record)

    every = max(1, (edges.size - 1) // LOOKS)
    done = 0
    for (group, _, last), (sums, table) in _in_order(run, _chunks(edges), workers):
        totals.add(group, sums, table)
        if progress is not None:
            progress(last, number)
        if last < edges[group + 1]:
            continue
        done = group + 1
        if done >= FIRST_LOOK and done % every == 0 and reached(totals, done):
            break
    return totals.result(done, seed, key, sampling, record)


def _chunks(edges: np.ndarray) -> list[tuple[int, int, int]]:
    """(group, first, last + 1) of each chunk."""
    return [
        (g, a, min(a + CHUNK, int(edges[g + 1])))
        for g in range(edges.size - 1)
        for a in range(int(edges[g]), int(edges[g + 1]), CHUNK)
    ]


def _group_edges(trajectories: int, groups: int | None, bytes_per_group: float) -> np.ndarray:
    if groups is None:
        number = min(trajectories, GROUPS, max(2, int(DENSITY_MEMORY / max(bytes_per_group, 1.0))))
    else:
        number = checks.at_least("groups", groups, 1)
        if number > trajectories:
            raise ValueError(
                f"Argument `groups` must be at most the number of trajectories ({trajectories}), but is {number}."
            )
    return np.arange(number + 1) * trajectories // number


def _target(
    target: float | None, measure: Callable[[Density], Any] | None, observables: Sequence[Any] | None, density: bool
) -> Callable[[Totals, int], bool]:
    """Whether the first groups already reach the target."""
    if target is None:
        return lambda totals, groups: False
    wanted = checks.finite("target_stderr", target)
    if wanted <= 0.0:
        raise ValueError(f"Argument `target_stderr` must be positive, but is {wanted}.")
    if measure is None:
        if not observables:
            raise ValueError("Argument `target_stderr` must come with `observables` or a `measure`, but has neither.")
        return lambda totals, groups: bool(np.max(totals.expectations(groups)[1]) <= wanted)
    if not density:
        raise ValueError("Argument `density` must be True for a `measure`, but is False.")

    def reached(totals: Totals, groups: int) -> bool:
        average = totals.density(groups)
        assert average is not None
        return bool(np.max(jackknife(average, measure)[1]) <= wanted)

    return reached


def _workers(threads: int | None) -> int:
    if threads is not None:
        return checks.at_least("threads", threads, 1)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_order(run: Callable[[Any], Any], chunks: Sequence[Any], workers: int) -> Iterator[tuple[Any, Any]]:
    """(chunk, result) in order, a few chunks ahead; an interrupt lets those that run end and starts no more."""
    waiting: deque[tuple[Any, Future[Any]]] = deque()
    pending = iter(chunks)
    with ThreadPoolExecutor(workers) as pool:
        try:
            while True:
                while len(waiting) < 2 * workers and (chunk := next(pending, None)) is not None:
                    waiting.append((chunk, pool.submit(run, chunk)))
                if not waiting:
                    return
                chunk, future = waiting.popleft()
                yield chunk, future.result()
        finally:
            for _, future in waiting:
                future.cancel()
