"""Datasets joined: points are taken by their key, so that only equal questions share an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from compare.interfaces import Result
from compare.plan import Plan
from compare.records.datasets import assemble, plan_of
from compare.records.table import Table
from compare.variables import VARIABLES

if TYPE_CHECKING:
    import xarray as xr


def known_results(dataset: xr.Dataset) -> Iterator[tuple[bytes, Result]]:
    """Yield key and result of each point that a dataset holds; raises ValueError if it holds no plan."""
    plan = plan_of(dataset)
    names = [str(name) for name in dataset.data_vars if name in VARIABLES]
    axes = ("method", *(axis.dim for axis in plan.axes))
    columns = {name: dataset[name].transpose(*axes, *VARIABLES[name].dims).values for name in names}
    dims = {dim for name in names for dim in VARIABLES[name].dims}
    labels = {dim: dataset[dim].values for dim in dims}
    for point in plan.points:
        values = {name: column[point.index] for name, column in columns.items()}
        found = {name: value for name, value in values.items() if not np.isnan(value).all()}
        if found:
            yield point.key, {**found, **{d: labels[d] for name in found for d in VARIABLES[name].dims}}


def take_over(table: Table, plan: Plan, rows: np.ndarray, datasets: Sequence[xr.Dataset]) -> None:
    """Write into the table what `datasets` know of the points of `plan`; raises ValueError if they are no datasets."""
    import xarray as xr

    if not isinstance(datasets, Sequence) or not all(isinstance(dataset, xr.Dataset) for dataset in datasets):
        raise ValueError(f"Argument `reuse` must be a list of datasets, but is of type {type(datasets).__name__}.")
    place = {point.key: int(row) for point, row in zip(plan.points, rows, strict=True)}
    for dataset in datasets:
        known = [(place[key], result) for key, result in known_results(dataset) if key in place]
        fresh = [(row, result) for row, result in known if not table.done[row]]
        table.write([row for row, _ in fresh], [result for _, result in fresh])


def merge(*datasets: xr.Dataset) -> xr.Dataset:
    """Join datasets of one system and one seed into one, with all their points and methods.

    Returns
    -------
    xarray.Dataset
        As if one sweep with all the parts had computed it.

    Raises
    ------
    ValueError
        If the datasets differ in system, fixed parameters or seed, or hold one point computed in two ways.
    """
    if not datasets:
        raise ValueError("Function `merge` needs at least one dataset, but got none.")
    plans = [plan_of(dataset) for dataset in datasets]
    parts = tuple(part for number, plan in enumerate(plans) for part in plan.parts)
    plan = Plan(plans[0].system, parts, plans[0].seed)
    keys = {point.key for point in plan.points}
    for other in plans[1:]:
        strange = next((point for point in other.points if point.key not in keys), None)
        if strange is not None:
            raise ValueError(
                "Datasets must have one system, one seed and the same fixed parameters to be merged, but differ at "
                f"{other.where(strange)}."
            )
    table, rows = Table(len(plan.points)), np.arange(len(plan.points))
    take_over(table, plan, rows, datasets)
    return assemble(plan, table, rows)
