"""Batches and results as bytes, for workers in other processes: JSON and raw arrays, nothing that runs code.

A message is the length of its header (8 bytes), the header in JSON, and the bytes of the arrays that it lists.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from compare.canonical import plain
from compare.execution.batches import Batch
from compare.interfaces import Method, Result, System, find_method, find_system


class Refused(Exception):
    """A method failed in a worker; `kind` and `text` are those of the error there."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(kind, text)
        self.kind, self.text = kind, text


def _pack(header: dict[str, Any], arrays: Sequence[np.ndarray] = ()) -> bytes:
    head = json.dumps(header).encode()
    return b"".join([len(head).to_bytes(8), head, *(np.ascontiguousarray(array).tobytes() for array in arrays)])


def _unpack(message: bytes) -> tuple[dict[str, Any], memoryview]:
    size = int.from_bytes(message[:8])
    return json.loads(message[8 : 8 + size]), memoryview(message)[8 + size :]


def pack_batch(batch: Batch) -> bytes:
    """Return a batch as bytes.

    Raises
    ------
    ValueError
        If the system or the method cannot be found by its name, which is all that a worker gets.
    """
    system = batch.systems[0]
    if find_system(system.name) is not type(system) or find_method(batch.method.name) != batch.method:
        raise ValueError(
            f"System {system.name!r} and method {batch.method.name!r} must be importable by these names to be computed "
            "in other processes, but are not."
        )
    parameters = [plain(system.parameters()) for system in batch.systems]
    return _pack(
        {
            "system": system.name,
            "parameters": parameters,
            "method": batch.method.name,
            "settings": batch.settings,
            "seeds": batch.seeds,
        }
    )


def unpack_batch(message: bytes) -> tuple[Method, list[System], dict[str, Any], list[int]]:
    """Return method, systems, settings and seeds of a batch."""
    header, _ = _unpack(message)
    cls = find_system(header["system"])
    systems = [cls.from_parameters(parameters) for parameters in header["parameters"]]
    return find_method(header["method"]), systems, header["settings"], header["seeds"]


def pack_results(results: Sequence[Result], seconds: float) -> bytes:
    """Return results, and the time that they took, as bytes."""
    arrays: list[np.ndarray] = []
    listed = []
    for result in results:
        columns = {name: np.asarray(value) for name, value in result.items()}
        listed.append({name: [array.dtype.str, array.shape] for name, array in columns.items()})
        arrays += columns.values()
    return _pack({"seconds": seconds, "results": listed}, arrays)


def pack_refusal(error: Exception) -> bytes:
    """Return an error as bytes."""
    return _pack({"kind": type(error).__name__, "text": str(error)})


def unpack_results(message: bytes) -> tuple[float, list[Result]]:
    """Return the time and the results; raises Refused if the method failed."""
    header, body = _unpack(message)
    if "kind" in header:
        raise Refused(header["kind"], header["text"])
    results: list[Result] = []
    offset = 0
    for columns in header["results"]:
        result: dict[str, np.ndarray] = {}
        for name, (dtype, shape) in columns.items():
            count = int(np.prod(shape))
            result[name] = np.frombuffer(body, dtype, count, offset).reshape(shape)
            offset += count * np.dtype(dtype).itemsize
        results.append(result)
    return header["seconds"], results
