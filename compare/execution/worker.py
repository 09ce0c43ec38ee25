"""A worker process: answers requests on standard input until that ends. Started by `compare.execution.processes`."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import BinaryIO

from compare.execution.wire import pack_refusal, pack_results, unpack_batch
from compare.interfaces import run_limited


def answer(request: bytes, threads: int) -> bytes:
    """Compute one request of `compare.execution.wire`; errors of the method become part of the answer."""
    try:
        method, systems, settings, seeds = unpack_batch(request)
        start = time.perf_counter()
        results = run_limited(method, systems, settings, seeds, threads)
        return pack_results(results, time.perf_counter() - start)
    except Exception as error:
        return pack_refusal(error)


def send(pipe: BinaryIO, message: bytes) -> None:
    """Write a message with its length."""
    pipe.write(len(message).to_bytes(8) + message)
    pipe.flush()


def receive(pipe: BinaryIO) -> bytes:
    """Read a message; raises EOFError if the other side is gone."""
    size = pipe.read(8)
    message = pipe.read(int.from_bytes(size)) if len(size) == 8 else b""
    if len(size) < 8 or len(message) < int.from_bytes(size):
        raise EOFError
    return message


def main() -> None:
    """Answer until there is nothing left to read. The only argument is the number of threads."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    requests = sys.stdin.buffer
    # what methods print must not end up between the answers
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            request = receive(requests)
        except EOFError:
            return
        send(answers, answer(request, int(sys.argv[1])))


if __name__ == "__main__":
    main()
