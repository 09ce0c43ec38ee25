"""Axes of a sweep: which parameters vary along a dimension, and through which values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from compare.canonical import plain
from compare.checks import finite, known

# Values closer than this, relative to the largest of the axis, are one position: 0.1 * 3 and 0.3 must not become two.
SAME_POSITION = 1e-12
# A parameter, or one entry of it: `omega[2]`, `coupling[0,1]`.
_NAME = re.compile(r"[A-Za-z_]\w*(\[\d+(, ?\d+)?\])?")


@dataclass(frozen=True)
class Axis:
    """One dimension of a sweep.

    Attributes
    ----------
    dim : str
        Name of the dimension.
    coords : dict of tuples
        Coordinate name -> its value at each position. A plain axis has one, of its own name; a zipped one has several.
    changes : tuple of dicts
        The arguments of ``system.vary`` at each position.
    labelled : bool
        Whether the coordinate holds labels, each of them standing for several changes.
    """

    dim: str
    coords: dict[str, tuple[Any, ...]]
    changes: tuple[dict[str, Any], ...]
    labelled: bool = False

    def __len__(self) -> int:
        return len(self.changes)

    @property
    def positions(self) -> list[tuple[Any, ...]]:
        """The coordinates of each position, as one tuple."""
        return list(zip(*self.coords.values(), strict=True))


def _values(name: str, given: Any) -> tuple[Any, ...]:
    """Return the values of one axis as Python numbers or words; refuse empty axes, NaN and duplicates."""
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise ValueError(f"Axis `{name}` must be a list of values, but is {given!r}.")
    values = tuple(_value(name, value) for value in given)
    if not values:
        raise ValueError(f"Axis `{name}` must hold at least one value, but is empty.")
    words = sum(isinstance(value, str) for value in values)
    if 0 < words < len(values):
        raise ValueError(f"Axis `{name}` must hold numbers or words, but mixes them.")
    return values


def _value(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        raise ValueError(f"Axis `{name}` must hold numbers or words, but holds {value}.")
    if isinstance(value, int | np.integer):
        return int(value)
    return finite(f"axes[{name!r}]", value) + 0.0  # -0.0 is 0.0


def _span(given: Mapping[str, Any], name: str) -> np.ndarray:
    for key in given:
        known(f"key in axis `{name}`:", key, ("start", "stop", "count"))
    if set(given) != {"start", "stop", "count"} or not isinstance(given["count"], int) or given["count"] < 1:
        raise ValueError(f"Axis `{name}` must have a start, a stop and a count of at least 1, but is {dict(given)}.")
    return np.linspace(finite("start", given["start"]), finite("stop", given["stop"]), given["count"])


def _refuse_duplicates(what: str, positions: Sequence[Any]) -> None:
    seen: set[Any] = set()
    for position in positions:
        if position in seen:
            raise ValueError(f"{what} must not repeat a value, but has {position!r} twice.")
        seen.add(position)


def _axis(name: str, given: Any) -> Axis:
    if isinstance(given, Mapping) and given and all(isinstance(changes, Mapping) for changes in given.values()):
        labels = tuple(str(label) for label in given)
        return Axis(name, {name: labels}, tuple(dict(changes) for changes in given.values()), labelled=True)
    values = _values(name, _span(given, name) if isinstance(given, Mapping) else given)
    _refuse_duplicates(f"Axis `{name}`", values)
    return Axis(name, {name: values}, tuple({name: value} for value in values))


def _zipped(names: Sequence[str], axes: Mapping[str, Any]) -> Axis:
    values = {
        name: _values(name, _span(axes[name], name) if isinstance(axes[name], Mapping) else axes[name])
        for name in names
    }
    lengths = {name: len(column) for name, column in values.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"Zipped axes must have the same length, but have {lengths}.")
    positions = list(zip(*values.values(), strict=True))
    dim = "_".join(names)
    _refuse_duplicates(f"Zipped axis `{dim}`", positions)
    return Axis(dim, values, tuple(dict(zip(names, position, strict=True)) for position in positions))


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _groups(zipped: Any, names: Iterable[str]) -> list[tuple[str, ...]]:
    names = list(names)
    if not zipped:
        return []
    lists = _is_list(zipped) and (
        all(isinstance(item, str) for item in zipped) or all(_is_list(item) for item in zipped)
    )
    if not lists:
        raise ValueError(f"Argument `zipped` must be a list of axis names, or of such lists, but is {zipped!r}.")
    groups = [tuple(zipped)] if isinstance(zipped[0], str) else [tuple(group) for group in zipped]
    flat = [name for group in groups for name in group]
    for name in flat:
        known("axis in `zipped`:", name, names)
    _refuse_duplicates("Argument `zipped`", flat)
    if any(len(group) < 2 for group in groups):
        raise ValueError("Argument `zipped` must join at least two axes, but joins one.")
    return groups


def make_axes(axes: Mapping[str, Any] | None, zipped: Any = None) -> tuple[Axis, ...]:
    """Return the axes of an outer product, checked.

    Parameters
    ----------
    axes : mapping
        Parameter -> its values: numbers or words; ``{"start", "stop", "count"}`` for evenly spaced numbers; or a
        mapping from labels to changes, ``{"a": {"kerr": 2.0}, "b": {"kerr": 10.0, "sigma": 0.1}}``, whose
        axis is then named by the labels.
    zipped : sequence of str, or sequence of those, optional
        Axes that vary together, along one dimension named ``<first>_<second>``.

    Raises
    ------
    ValueError
        If an axis is empty, repeats a value, is not finite, or zipped axes differ in length.
    """
    if axes is not None and not isinstance(axes, Mapping):
        raise ValueError(f"Argument `axes` must map parameters to values, but is {axes!r}.")
    axes = dict(axes or {})
    for name in axes:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(f"Argument `axes` must be named after parameters, but has the name {name!r}.")
    groups = _groups(zipped, axes)
    leader = {group[0]: group for group in groups}
    followers = {name for group in groups for name in group[1:]}
    made = [
        _zipped(leader[name], axes) if name in leader else _axis(name, axes[name])
        for name in axes
        if name not in followers
    ]
    return tuple(made)


def describe(axes: Sequence[Axis]) -> dict[str, Any]:
    """Return the axes as `make_axes` takes them, in the types of JSON: keys ``axes`` and ``zipped``."""
    spelled: dict[str, Any] = {}
    for axis in axes:
        if axis.labelled:
            meaning = zip(axis.coords[axis.dim], axis.changes, strict=True)
            spelled[axis.dim] = {label: plain(changes) for label, changes in meaning}
        else:
            spelled |= {name: plain(values) for name, values in axis.coords.items()}
    zipped = [list(axis.coords) for axis in axes if len(axis.coords) > 1]
    return {"axes": spelled, **({"zipped": zipped} if zipped else {})}


def union(first: Axis, second: Axis) -> Axis:
    """Return the axis that holds the positions of both, each once; numbers ascend, words keep their order.

    Positions that differ by rounding alone (`SAME_POSITION`) are one: the one of `first`.

    Raises
    ------
    ValueError
        If a label stands for different changes in the two.
    """
    second = snap(second, first)
    place = dict(zip(first.positions, first.changes, strict=True))
    for position, changes in zip(second.positions, second.changes, strict=True):
        if plain(place.setdefault(position, changes)) != plain(changes):
            raise ValueError(
                f"Axis `{first.dim}` must give {position[0]!r} one meaning, but parts of the plan give it two."
            )
    positions = list(place)
    if len(positions) > len(first) and not any(isinstance(value, str) for position in positions for value in position):
        positions.sort()
    columns = zip(*positions, strict=True)
    coords = dict(zip(first.coords, columns, strict=True))
    return Axis(first.dim, coords, tuple(place[position] for position in positions), first.labelled)


def snap(axis: Axis, onto: Axis) -> Axis:
    """Return `axis` with the numbers that equal one of `onto` up to rounding replaced by it."""
    if axis.labelled:
        return axis
    coords = {name: _snap(values, onto.coords[name]) for name, values in axis.coords.items()}
    if coords == axis.coords:
        return axis
    changes = tuple(dict(zip(coords, position, strict=True)) for position in zip(*coords.values(), strict=True))
    return Axis(axis.dim, coords, changes)


def _snap(values: tuple[Any, ...], onto: tuple[Any, ...]) -> tuple[Any, ...]:
    if any(isinstance(value, str) for value in (*values, *onto)):
        return values
    grid = np.sort(np.array(onto, dtype=float))
    mine = np.array(values, dtype=float)
    place = (
        np.clip(np.searchsorted(grid, mine), 1, max(grid.size - 1, 1)) if grid.size > 1 else np.zeros(mine.size, int)
    )
    left = grid[np.maximum(place - 1, 0)]
    right = grid[np.minimum(place, grid.size - 1)]
    nearest = np.where(np.abs(mine - left) <= np.abs(mine - right), left, right)
    close = np.abs(mine - nearest) <= SAME_POSITION * np.abs(grid).max()
    exact = {float(value): value for value in onto}
    return tuple(exact[float(n)] if c else value for value, n, c in zip(values, nearest, close, strict=True))
