"""Points computed by a Dask cluster: local, or one that a scheduler somewhere offers. Needs the extra ``dask``."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

from compare.checks import at_least
from compare.execution.batches import Batch, Queue
from compare.execution.executors import drive
from compare.execution.worker import answer
from compare.interfaces import Result


class Dask:
    """Executor on Dask distributed. Workers that die are dealt with by the scheduler.

    Parameters
    ----------
    address : str, optional
        Address of a scheduler, ``tcp://host:8786``. Its workers must have the same version of this package.
        Default: a cluster of processes on this machine, for the time of the sweep.
    workers : int, optional
        Processes of the local cluster. Default: what Dask finds fit.
    threads : int
        Threads of the kernels in each worker.
    timeout : float
        Seconds to wait for the scheduler.

    Raises
    ------
    ValueError
        If Dask is not installed, or no scheduler answers at the address.
    """

    def __init__(
        self, address: str | None = None, *, workers: int | None = None, threads: int = 1, timeout: float = 10.0
    ) -> None:
        if address is not None and workers is not None:
            raise ValueError(
                "Arguments `address` and `workers` must not both be given: the cluster has its own workers."
            )
        self.address = address
        self.workers = None if workers is None else at_least("workers", workers, 1)
        self.timeout = timeout
        self.threads = at_least("threads", threads, 1)
        try:
            import distributed
        except ImportError:
            raise ValueError("Dask must be installed to compute on it: pip install 'syncblockade[dask]'.") from None
        self._distributed = distributed

    def run(self, queue: Queue) -> Iterator[tuple[Batch, list[Result]]]:
        """Compute everything in the queue; results come in any order."""
        with self._client() as client:
            threads = self.threads
            lost = (self._distributed.KilledWorker,)
            with client.get_executor(pure=False) as pool:
                yield from drive(queue, lambda request: pool.submit(answer, request, threads), _Width(client), lost)

    def _client(self) -> Any:
        if self.address is None:
            cluster = {"n_workers": self.workers, "threads_per_worker": 1, "dashboard_address": None}
            return self._distributed.Client(**cluster)
        try:
            return self._distributed.Client(self.address, timeout=self.timeout)
        except (OSError, TimeoutError, ValueError) as error:
            raise ValueError(f"No Dask scheduler answers at {self.address}: {error}.") from None


class _Width:
    """Twice as many batches as there are workers, so that none waits for the next; asked for again from time to time."""

    SECONDS = 2.0

    def __init__(self, client: Any) -> None:
        self._client = client
        self._known, self._asked = 2, -math.inf

    def __call__(self) -> int:
        if time.monotonic() - self._asked > self.SECONDS:
            self._known = 2 * max(1, sum(self._client.nthreads().values()))
            self._asked = time.monotonic()
        return self._known
