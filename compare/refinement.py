"""Points where they matter: between points whose curve bends, in cells that interpolation misses, and where errors are large.

All decisions allow for the errors of the points: a bend counts only as far as it exceeds the noise.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from compare.agreement import error_budget
from compare.axes import Axis, make_axes
from compare.checks import at_least, finite, known
from compare.plan import Ask, Part, Plan
from compare.records.datasets import plan_of
from compare.sweeps import run

if TYPE_CHECKING:
    import xarray as xr

# A bend must exceed the noise by this many standard errors to count.
SIGMAS = 2.0

Cell = tuple[float, float, float, float]


def refine_curve(
    plan: Plan,
    along: str,
    *,
    tolerance: float = 0.02,
    variable: str = "sync",
    most: int = 200,
    **options: Any,
) -> xr.Dataset:
    """Compute curves, adding points where linear interpolation would miss them.

    An interval is halved as long as one of its ends lies off the line through its neighbours by more than the tolerance
    and the noise. All curves of the plan share the points. A peak that is narrower than the first points are dense
    cannot be seen.

    Parameters
    ----------
    plan : Plan
        With the first, coarse points along the axis: at least three numbers.
    along : str
        Axis to refine.
    tolerance : float
        Allowed deviation from the straight line, as a fraction of the largest ``|value|`` of a curve.
    variable : str
        What the curves show.
    most : int
        Largest number of points along the axis.
    **options
        Further arguments of `compare.sweeps.run`: ``store``, ``threads``, ``executor``, ``progress``.

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    ValueError
        If the axis is not one of numbers, or an argument is wrong.
    """
    axis = _numbers(plan, along, 3)
    _check(tolerance, most)
    dataset = run(plan, **options)
    while True:
        x = dataset[along].values
        new = _halved(x, _bends(dataset, axis.dim, variable), tolerance, most)
        if not new.size:
            return dataset
        wanted = make_axes({along: new})[0]
        parts = [Part(tuple(wanted if a.dim == axis.dim else a for a in plan.axes), part.asks) for part in plan.parts]
        plan = Plan(plan.system, (*plan.parts, *parts[:1]), plan.seed)
        dataset = run(plan, reuse=[dataset], **options)


def _check(tolerance: float, most: int) -> None:
    if not finite("tolerance", tolerance) > 0:
        raise ValueError(f"Argument `tolerance` must be positive, but is {tolerance}.")
    at_least("most", most, 1)


def _numbers(plan: Plan, name: str, least: int) -> Axis:
    """Return a plain axis of at least so many ascending numbers."""
    known("axis", name, [axis.dim for axis in plan.axes])
    axis = next(axis for axis in plan.axes if axis.dim == name)
    values = axis.coords.get(name, ())
    if axis.labelled or len(axis.coords) > 1 or isinstance(values[0], str):
        raise ValueError(f"Axis `{name}` must hold numbers to be refined, but is labelled or zipped.")
    if len(values) < least or list(values) != sorted(values):
        raise ValueError(f"Axis `{name}` must hold at least {least} ascending numbers to be refined, but is {values}.")
    return axis


def _curves(dataset: xr.Dataset, dims: Iterable[str], variable: str) -> tuple[np.ndarray, np.ndarray]:
    """Values and errors, shape (..., *dims), each curve in units of its largest |value|."""
    kept = tuple(dims)
    value = dataset[known("variable", variable, map(str, dataset.data_vars))].transpose(..., *kept)
    error = error_budget(dataset, variable).transpose(..., *kept).values
    scale = abs(value).max(kept).values.reshape(*value.shape[: value.ndim - len(kept)], *(1,) * len(kept))
    with np.errstate(invalid="ignore", divide="ignore"):
        return value.values / scale, error / scale


def _bends(dataset: xr.Dataset, dim: str, variable: str) -> np.ndarray:
    """How far each inner point lies off the line through its neighbours, beyond the noise; shape (points,)."""
    x = dataset[dim].values
    y, error = _curves(dataset, (dim,), variable)
    left = (x[2:] - x[1:-1]) / (x[2:] - x[:-2])
    line = left * y[..., :-2] + (1 - left) * y[..., 2:]
    noise = np.sqrt((left * error[..., :-2]) ** 2 + ((1 - left) * error[..., 2:]) ** 2 + error[..., 1:-1] ** 2)
    excess = np.nan_to_num(np.abs(y[..., 1:-1] - line) - SIGMAS * noise, nan=0.0)
    return np.concatenate([[0.0], excess.reshape(-1, x.size - 2).max(axis=0), [0.0]])


def _halved(x: np.ndarray, bends: np.ndarray, tolerance: float, most: int) -> np.ndarray:
    """Midpoints of the intervals at points that bend too much, the worst first if there is not room for all."""
    worst = np.maximum(bends[:-1], bends[1:])
    order = np.argsort(-worst, kind="stable")
    chosen = order[worst[order] > tolerance][: max(0, most - x.size)]
    return np.sort(0.5 * (x[chosen] + x[chosen + 1]))


def refine_map(
    plan: Plan,
    over: tuple[str, str],
    *,
    tolerance: float = 0.05,
    variable: str = "sync",
    most: int = 2000,
    **options: Any,
) -> xr.Dataset:
    """Compute a map, adding points where bilinear interpolation would miss it: at edges, ridges and tongue boundaries.

    A cell is divided into four as long as its centre deviates from the mean of its corners by more than the tolerance and
    the noise.

    Parameters
    ----------
    plan : Plan
        With a coarse grid of at least 2 x 2 over the two axes. Other axes remain.
    over : pair of str
        The two axes.
    tolerance, variable, options
        As for `refine_curve`.
    most : int
        Largest number of points of the map.

    Returns
    -------
    xarray.Dataset
        The points of the map lie along one dimension, ``<first>_<second>``, with both as coordinates along it.

    Raises
    ------
    ValueError
        If the axes are not two of numbers, the plan has parts that differ, or an argument is wrong.
    """
    if len(over) != 2 or over[0] == over[1]:
        raise ValueError(f"Argument `over` must name two axes, but is {over!r}.")
    _check(tolerance, most)
    if len(plan.parts) > 1:
        raise ValueError("A map can be refined only where all methods share one grid, but the plan has several parts.")
    xs, ys = (np.array(_numbers(plan, name, 2).coords[name], dtype=float) for name in over)
    rest = tuple(axis for axis in plan.axes if axis.dim not in over)
    cells: list[Cell] = [(x0, x1, y0, y1) for x0, x1 in pairwise(xs) for y0, y1 in pairwise(ys)]
    points = dict.fromkeys(point for cell in cells for point in _five(cell))
    parts: list[Part] = []
    seen: list[xr.Dataset] = []
    while True:
        (zipped,) = make_axes(dict(zip(over, zip(*points, strict=True), strict=True)), zipped=over)
        parts.append(Part((zipped, *rest), plan.parts[0].asks))
        dataset = run(Plan(plan.system, tuple(parts), plan.seed), reuse=seen, **options)
        seen = [dataset]
        cells, points = _divided(dataset, over, cells, tolerance, variable, most)
        if not points:
            return dataset


def _five(cell: Cell) -> list[tuple[float, float]]:
    """Corners and centre of a cell."""
    x0, x1, y0, y1 = cell
    return [(x0, y0), (x0, y1), (x1, y0), (x1, y1), (0.5 * (x0 + x1), 0.5 * (y0 + y1))]


def _divided(
    dataset: xr.Dataset,
    over: tuple[str, str],
    cells: list[Cell],
    tolerance: float,
    variable: str,
    most: int,
) -> tuple[list[Cell], dict[tuple[float, float], None]]:
    """Quarters of the cells that deviate too much, and the points that they need."""
    dim = "_".join(over)
    y, error = _curves(dataset, (dim,), variable)
    place = {point: i for i, point in enumerate(zip(*(dataset[name].values.tolist() for name in over), strict=True))}
    index = np.array([[place[point] for point in _five(cell)] for cell in cells])
    off = np.abs(y[..., index[:, 4]] - y[..., index[:, :4]].mean(axis=-1))
    noise = np.sqrt(error[..., index[:, 4]] ** 2 + (error[..., index[:, :4]] ** 2).sum(axis=-1) / 16)
    excess = np.nan_to_num(off - SIGMAS * noise, nan=0.0).reshape(-1, len(cells)).max(axis=0)
    quarters: list[Cell] = []
    points: dict[tuple[float, float], None] = {}
    for number in np.argsort(-excess, kind="stable"):
        if excess[number] <= tolerance:
            break
        x0, x1, y0, y1 = cells[number]
        x, z = 0.5 * (x0 + x1), 0.5 * (y0 + y1)
        four = [(x0, x, y0, z), (x0, x, z, y1), (x, x1, y0, z), (x, x1, z, y1)]
        needed = [point for cell in four for point in _five(cell) if point not in place]
        if len(place) + len(points | dict.fromkeys(needed)) > most:
            break
        quarters += four
        points |= dict.fromkeys(needed)
    return quarters, points


def sharpen(
    dataset: xr.Dataset, target: float, *, variable: str = "sync", most: int = 64, rounds: int = 2, **options: Any
) -> xr.Dataset:
    """Give more trajectories to the points whose standard error is above a target.

    Parameters
    ----------
    dataset : xarray.Dataset
        What a sweep returned; its methods with a setting ``trajectories`` are looked at.
    target : float
        Largest allowed standard error, in the units of the variable.
    variable : str
        Its standard error is ``<variable>_stderr``.
    most : int
        A point gets at most this many times its trajectories in each round.
    rounds : int
        How often to look again: errors of errors make the first estimate a little off.
    **options
        Further arguments of `compare.sweeps.run`. A ``store`` gets a folder for each round.

    Returns
    -------
    xarray.Dataset
        All other points are as they were.

    Raises
    ------
    ValueError
        If the target is not positive, or the variable has no standard error.
    """
    if not finite("target", target) > 0:
        raise ValueError(f"Argument `target` must be positive, but is {target}.")
    at_least("most", most, 2)
    known("standard error", f"{variable}_stderr", map(str, dataset.data_vars))
    store = options.pop("store", None)
    for number in range(at_least("rounds", rounds, 1)):
        plan = plan_of(dataset)
        wanted = _larger_ensembles(plan, dataset[f"{variable}_stderr"], target, most)
        if not wanted:
            break
        place = None if store is None else Path(store) / f"round{number}"
        dataset = run(_with_settings(plan, wanted), reuse=[dataset], store=place, **options)
    return dataset


def _larger_ensembles(plan: Plan, stderr: xr.DataArray, target: float, most: int) -> dict[int, dict[str, Any]]:
    """Number of a point -> its new settings."""
    dims = ("method", *(axis.dim for axis in plan.axes))
    errors = stderr.max([d for d in stderr.dims if d not in dims]).transpose(*dims).values
    wanted = {}
    for number, point in enumerate(plan.points):
        settings = plan.asks[point.ask].settings
        error = errors[point.index]
        if "trajectories" in settings and error > target:
            factor = min(most, (error / target) ** 2)
            wanted[number] = {**settings, "trajectories": math.ceil(settings["trajectories"] * factor)}
    return wanted


def _with_settings(plan: Plan, wanted: Mapping[int, dict[str, Any]]) -> Plan:
    """Return the plan with other settings at some points; the methods concerned are spelled out row by row."""
    touched = {plan.asks[plan.points[number].ask].label for number in wanted}
    parts = [replace(part, asks=tuple(ask for ask in part.asks if ask.label not in touched)) for part in plan.parts]
    rows: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    along = max(range(len(plan.axes)), key=lambda k: len(plan.axes[k]), default=None)
    asks: dict[tuple[str, str], Ask] = {}
    for number, point in enumerate(plan.points):
        ask = plan.asks[point.ask]
        if ask.label not in touched:
            continue
        settings = wanted.get(number, ask.settings)
        name = (ask.label, json.dumps(settings, sort_keys=True))
        asks[name] = replace(ask, settings=settings)
        others = tuple(i for k, i in enumerate(point.index[1:]) if k != along)
        rows[(name, others)].append(-1 if along is None else point.index[1 + along])
    for (name, others), places in rows.items():
        left = iter(others)
        axes = tuple(_only(axis, places if k == along else [next(left)]) for k, axis in enumerate(plan.axes))
        parts.append(Part(axes, (asks[name],)))
    return Plan(plan.system, tuple(part for part in parts if part.asks), plan.seed)


def _only(axis: Axis, places: list[int]) -> Axis:
    """The axis at some of its positions."""
    coords = {name: tuple(values[i] for i in places) for name, values in axis.coords.items()}
    return replace(axis, coords=coords, changes=tuple(axis.changes[i] for i in places))
