"""Points computed by processes on this machine, for methods that do not keep all processors busy by themselves."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from compare.checks import at_least
from compare.execution.batches import Batch, Queue
from compare.execution.executors import WorkerLost, available_cpus, drive
from compare.execution.worker import receive, send
from compare.interfaces import Result


class _Worker:
    """One process and its pipes."""

    def __init__(self, threads: int) -> None:
        # workers import what this process can; the script that started it is not run again
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "compare.execution.worker", str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )

    def ask(self, request: bytes) -> bytes:
        """Send a request and wait for the answer; raises WorkerLost if the process dies."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            send(self.process.stdin, request)  # type: ignore[arg-type]
            return receive(self.process.stdout)  # type: ignore[arg-type]
        except (EOFError, OSError, ValueError):
            raise WorkerLost(f"its worker died (exit code {self.process.wait()})") from None

    def stop(self) -> None:
        """End the process at once; everything it had to say was said."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # unsent bytes for a process that is gone
                    pipe.close()


class Processes:
    """Executor that keeps several processes busy. A process that dies costs its batch, which is computed again.

    Parameters
    ----------
    workers : int, optional
        Number of processes; default: one for each processor.
    threads : int
        Threads of the kernels in each process.
    """

    def __init__(self, workers: int | None = None, *, threads: int = 1) -> None:
        self.workers = available_cpus() if workers is None else at_least("workers", workers, 1)
        self.threads = at_least("threads", threads, 1)

    def run(self, queue_: Queue) -> Iterator[tuple[Batch, list[Result]]]:
        """Compute everything in the queue; results come in any order."""
        idle: queue.SimpleQueue[_Worker | None] = queue.SimpleQueue()
        started: list[_Worker] = []
        closed = threading.Event()
        for _ in range(self.workers):
            idle.put(None)

        def ask(request: bytes) -> bytes:
            worker = idle.get()
            try:
                if closed.is_set():  # nobody waits for this reply any more: start no process for it
                    raise WorkerLost("the run was closed")
                if worker is None:
                    worker = _Worker(self.threads)
                    started.append(worker)
                reply = worker.ask(request)
            except WorkerLost:
                if worker is not None:
                    worker.stop()
                    started.remove(worker)
                worker = None
                raise
            finally:
                idle.put(worker)
            return reply

        try:
            with ThreadPoolExecutor(self.workers) as pool:
                try:
                    yield from drive(queue_, lambda request: pool.submit(ask, request), lambda: self.workers)
                finally:
                    closed.set()
                    for worker in started:
                        worker.stop()
        finally:
            for worker in started:  # those that were being started while the others were stopped
                worker.stop()
