"""Blocks of an ensemble over threads, in an order that the number of threads does not change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from langevin.checks import at_least


def in_order(run: Callable[[int], Any], blocks: int, threads: int | None) -> Iterator[Any]:
    """Results of run(0), run(1), ... in order, over threads and with a few blocks in flight."""
    workers = min(at_least("threads", threads, 1) if threads is not None else os.cpu_count() or 1, blocks)
    with ThreadPoolExecutor(workers) as pool:
        ahead: list[Any] = []
        for block in range(blocks):
            ahead.append(pool.submit(run, block))
            if len(ahead) > 2 * workers:
                yield ahead.pop(0).result()
        while ahead:
            yield ahead.pop(0).result()
