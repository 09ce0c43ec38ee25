"""Repeat what a dataset says of itself, and compare bit by bit."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from compare.execution.executors import Executor
from compare.records.datasets import plan_of
from compare.runs import run_panels

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Repeat:
    """How one variable compares with its repetition.

    Attributes
    ----------
    panel, variable : str
        Where it is.
    identical : bool
        Whether all bits are the same.
    largest : float
        Largest difference; NaN if shapes or missing points differ.
    """

    panel: str
    variable: str
    identical: bool
    largest: float


def panels_of(data: xr.Dataset | xr.DataTree) -> dict[str, xr.Dataset]:
    """Return the datasets of a file by panel; one without panels has the name ``""``."""
    import xarray as xr

    if isinstance(data, xr.DataTree):
        return {name: node.to_dataset() for name, node in data.children.items()}
    return {"": data}


def rerun(
    data: xr.Dataset | xr.DataTree,
    *,
    store: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
    progress: bool = False,
) -> list[Repeat]:
    """Compute the plan of a dataset again and compare.

    Parameters
    ----------
    data : xarray.Dataset or xarray.DataTree
        As `compare.records.datasets.load` returns it.
    store, threads, executor, progress
        As for `compare.runs.run_panels`.

    Returns
    -------
    list of Repeat
        One for each variable that either has.

    Raises
    ------
    ValueError
        If the dataset holds no plan, or a plan of something that is not installed.
    """
    old = panels_of(data)
    plans = {name: plan_of(dataset) for name, dataset in old.items()}
    new = panels_of(run_panels(plans, store=store, threads=threads, executor=executor, progress=progress))
    return [
        _compare(panel, variable, old[panel], new[panel])
        for panel in old
        for variable in dict.fromkeys(map(str, [*old[panel].data_vars, *new[panel].data_vars]))
    ]


def _compare(panel: str, variable: str, old: xr.Dataset, new: xr.Dataset) -> Repeat:
    if variable not in old or variable not in new or old[variable].shape != new[variable].shape:
        return Repeat(panel, variable, False, float("nan"))
    a, b = old[variable].transpose(*new[variable].dims).values, new[variable].values
    if a.dtype == b.dtype and a.tobytes() == b.tobytes():
        return Repeat(panel, variable, True, 0.0)
    if not np.array_equal(np.isnan(a), np.isnan(b)):
        return Repeat(panel, variable, False, float("nan"))
    return Repeat(panel, variable, False, float(np.nanmax(np.abs(a - b))))
