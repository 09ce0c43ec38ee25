"""Systems, methods, measures and datasets: classical and quantum synchronization on the same axes."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "phase_sync": "compare.measures",
    "PhaseSync": "compare.measures",
    "METHODS": "compare.methods",
    "sweep": "compare.sweeps",
    "run": "compare.sweeps",
    "agree": "compare.agreement",
    "validity_map": "compare.agreement",
    "merge": "compare.records.merging",
    "make_plan": "compare.plan",
    "read_plan": "compare.plan",
    "run_panels": "compare.runs",
    "Processes": "compare.execution.processes",
    "Dask": "compare.execution.cluster",
    "load": "compare.records.datasets",
    "save": "compare.records.datasets",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """Import on first use, so that the command line answers quickly."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"Module 'compare' has no attribute {name!r}.")
