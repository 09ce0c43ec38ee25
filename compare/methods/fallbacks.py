"""Methods for sweeps that should not stop where one point has no answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from compare.methods import METHODS, PHI, FunctionMethod

_FINER = (1.0, 1.25, 1.5)
# Grid error, in units of S, above which the finer grid is tried
_COARSE = 0.05


def _fokker_planck(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    """The method ``fokker_planck``; where its grid holds no state, or S to 5 % only, a finer one; where none does, NaN.

    In far tails the phase of neighbouring cells turns at very different speed, and by chance one cell may be resonant.
    """
    method = METHODS["fokker_planck"]
    best: dict[str, Any] | None = None
    for cells in (round(factor * settings["cells"]) for factor in _FINER):
        try:
            found = method.run(system, {**settings, "cells": cells}, seed, threads)
        except RuntimeError:
            continue
        if best is None or found["sync_grid_error"][0] < best["sync_grid_error"][0]:
            best = found
        if best["sync_grid_error"][0] <= _COARSE * best["sync"][0]:
            break
    if best is not None:
        return best
    return {
        "pair": ["0-1"], "sync": [np.nan], "locked_phase": [np.nan], "sync_grid_error": [np.nan],
        "phi": PHI, "phase_density": np.full((1, PHI.size), np.nan), "mean_number": [np.nan, np.nan],
        "exit_rate": np.nan, "residual": np.nan,
    }  # fmt: skip


def _many(
    systems: Sequence[Any], settings: Mapping[str, Any], seeds: Sequence[int], threads: int
) -> list[dict[str, Any]]:
    """Points side by side, one BLAS thread each."""
    with threadpool_limits(1), ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda system, seed: _fokker_planck(system, settings, seed, 1), systems, seeds))


FOKKER_PLANCK = FunctionMethod(
    "compare.methods.fallbacks:FOKKER_PLANCK",
    "Fokker-Planck state, on a finer grid where needed; NaN where none holds one",
    METHODS["fokker_planck"].table,
    _fokker_planck,
    METHODS["fokker_planck"].definition,
    many=_many,
)
