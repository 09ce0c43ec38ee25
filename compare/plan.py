"""A plan: which points of which system are computed by which methods, with which settings and random streams.

A plan is data. It is made of parts, each an outer product of axes together with methods and their settings, and its
points are independent of each other: the random stream of a point is a function of the seed, the name of the method
in the plan and all parameters of the system there. Adding points or methods changes nothing about the others.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from compare.axes import Axis, describe, make_axes, snap, union
from compare.canonical import digest, plain, restore
from compare.checks import at_least, no_other_keys
from compare.interfaces import Method, System, find_method, find_system

SEED_SCHEME = (
    "Each point has one 128-bit seed: the first 16 bytes of the SHA-256 of the canonical JSON of "
    "[seed, name of the method in the plan, name of the system, all parameters of the system at the point]."
)


@dataclass(frozen=True)
class Ask:
    """A method as a plan asks for it: under a label, which is its place along the dimension ``method``."""

    label: str
    method: Method
    settings: dict[str, Any]


@dataclass(frozen=True)
class Part:
    """Methods on an outer product of axes."""

    axes: tuple[Axis, ...]
    asks: tuple[Ask, ...]


@dataclass(frozen=True)
class Point:
    """One independent task.

    Attributes
    ----------
    ask : int
        Index into ``plan.asks``.
    index : tuple of int
        Place of the result along ``(method, *axes)``.
    changes : dict
        Arguments of ``plan.system.vary``.
    seed : int
        Seed of the point's random streams, 128 bits.
    key : bytes
        Digest of everything that the result depends on.
    """

    ask: int
    index: tuple[int, ...]
    changes: dict[str, Any]
    seed: int
    key: bytes


def _make_asks(system: System, methods: Any) -> tuple[Ask, ...]:
    if isinstance(methods, str) or not isinstance(methods, Iterable):
        raise ValueError(f"Argument `methods` must be a list of methods or map them to settings, but is {methods!r}.")
    given = methods if isinstance(methods, Mapping) else {_label(method): {} for method in methods}
    objects = {_label(method): method for method in methods if not isinstance(method, str)}
    if not given:
        raise ValueError("Argument `methods` must name at least one method, but is empty.")
    if len(given) < len(list(methods)):
        raise ValueError(f"Argument `methods` must not repeat a method, but is {methods!r}.")
    return tuple(_make_ask(system, label, settings, objects) for label, settings in given.items())


def _label(method: Any) -> str:
    return method if isinstance(method, str) else str(getattr(method, "name", method))


def _make_ask(system: System, label: Any, settings: Any, objects: Mapping[str, Method]) -> Ask:
    label = _label(label)
    if not isinstance(settings, Mapping | None):
        raise ValueError(f"Settings of method {label!r} must map names to values, but are {settings!r}.")
    settings = dict(settings or {})
    name = settings.pop("method", label)
    method = name if not isinstance(name, str) else objects.get(name) or find_method(name)
    if not isinstance(method, Method):
        raise ValueError(f"Argument `methods` must hold names of methods or methods, but holds {name!r}.")
    return Ask(label, method, plain(method.settings(system, settings)))


@dataclass(frozen=True, eq=False)
class Plan:
    """A system, the parts of the sweep over it, and the seed. Make it with `make_plan`.

    Attributes
    ----------
    system : System
        Base system; the axes vary it.
    parts : tuple of Part
        All with the same axis names. Where parts overlap they agree.
    seed : int
        Root of all randomness.
    """

    system: System
    parts: tuple[Part, ...]
    seed: int

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """The axes of the dataset: the union over the parts."""
        merged = list(self.parts[0].axes)
        for part in self.parts[1:]:
            mine = {axis.dim: axis for axis in part.axes}
            if {d: tuple(a.coords) for d, a in mine.items()} != {a.dim: tuple(a.coords) for a in merged}:
                raise ValueError(
                    "Parts of one plan must have the same axes, but have "
                    f"{sorted(a.dim for a in merged)} and {sorted(mine)}; put them into different panels."
                )
            merged = [union(axis, mine[axis.dim]) for axis in merged]
        return tuple(merged)

    @cached_property
    def asks(self) -> tuple[Ask, ...]:
        """The methods in order, each once for every different set of settings."""
        found: list[Ask] = []
        for ask in (ask for part in self.parts for ask in part.asks):
            if not any(ask.label == other.label and ask.settings == other.settings for other in found):
                found.append(ask)
        return tuple(found)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Coordinate of the dimension ``method``."""
        return tuple(dict.fromkeys(ask.label for ask in self.asks))

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of ``(method, *axes)``."""
        return (len(self.labels), *(len(axis) for axis in self.axes))

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """All points, methods in order and the last axis fastest.

        Raises
        ------
        ValueError
            If the system refuses a position, or two parts ask for a method at one position with different settings.
        """
        found: dict[tuple[int, ...], Point] = {}
        for ask, point in self._walk():
            other = found.setdefault(point.index, point)
            if other.key != point.key:
                raise ValueError(
                    f"Parts of one plan must not ask for method {ask.label!r} twice with different settings, but do "
                    f"at {self.where(point)}; give one of them another label."
                )
        return tuple(found.values())

    def _walk(self) -> Iterable[tuple[Ask, Point]]:
        """Every ask of every part at every position, overlaps included."""
        systems: dict[tuple[int, ...], list[Any]] = {}
        places = [{position: i for i, position in enumerate(axis.positions)} for axis in self.axes]
        for part in self.parts:
            mine = {axis.dim: axis for axis in part.axes}
            axes = [snap(mine[axis.dim], axis) for axis in self.axes]
            cells = [
                [(place[position], changes) for position, changes in zip(axis.positions, axis.changes, strict=True)]
                for axis, place in zip(axes, places, strict=True)
            ]
            for ask in part.asks:
                label = self.labels.index(ask.label)
                number = next(i for i, a in enumerate(self.asks) if a.label == ask.label and a.settings == ask.settings)
                for cell in itertools.product(*cells):
                    index = tuple(i for i, _ in cell)
                    changes = {name: value for _, change in cell for name, value in change.items()}
                    if index not in systems:
                        system = self.system_at(changes)
                        systems[index] = [system.name, system.parameters()]
                    stream = digest(self.seed, ask.label, *systems[index])
                    key = digest(stream.hex(), ask.method.name, ask.settings)
                    yield ask, Point(number, (label, *index), changes, int.from_bytes(stream), key)

    def system_at(self, changes: Mapping[str, Any]) -> System:
        """Return the system with `changes` made; raises ValueError, naming the position, if it refuses them."""
        try:
            return self.system.vary(**changes) if changes else self.system
        except (ValueError, TypeError) as error:
            place = ", ".join(f"{name}={value}" for name, value in changes.items())
            raise ValueError(f"The system refuses {place}: {error}") from None

    def where(self, point: Point) -> str:
        """Return the coordinates of a point in words."""
        named = []
        for axis, i in zip(self.axes, point.index[1:], strict=True):
            named += [f"{name}={values[i]}" for name, values in axis.coords.items()]
        return ", ".join(named) or "its only point"

    def to_dict(self) -> dict[str, Any]:
        """Return the plan in the types of JSON; `plan_from_dict` undoes it."""
        return {
            "system": {"name": self.system.name, "parameters": plain(self.system.parameters())},
            "seed": self.seed,
            "parts": [
                describe(part.axes)
                | {"methods": {ask.label: {"method": ask.method.name, **ask.settings} for ask in part.asks}}
                for part in self.parts
            ],
        }


def make_plan(
    system: System,
    axes: Mapping[str, Any] | None = None,
    methods: Any = None,
    *,
    seed: int = 0,
    zipped: Any = None,
    parts: Sequence[Mapping[str, Any]] = (),
) -> Plan:
    """Return a checked plan.

    Parameters
    ----------
    system : System
        Base system.
    axes, zipped
        See `compare.axes.make_axes`.
    methods : list or mapping
        Names of methods (or methods), or label -> settings. Settings may name the method in ``"method"``;
        otherwise the label does: ``{"jumps": {}, "ten levels": {"method": "steadystate", "levels": 10}}``.
    seed : int
        Root of all randomness.
    parts : sequence of mappings, optional
        Further parts with keys ``axes``, ``methods`` and ``zipped``, for methods that are wanted at other positions.

    Raises
    ------
    ValueError
        In one sentence, for whatever is wrong with the arguments. Positions are checked as well.
    """
    if isinstance(system, type) or not isinstance(system, System):
        raise ValueError(f"Argument `system` must be a system with parameters, but is {system!r}.")
    seed = at_least("seed", seed, 0)
    if isinstance(parts, Mapping | str) or not isinstance(parts, Sequence):
        raise ValueError(f"Argument `parts` must be a list of parts, but is {parts!r}.")
    wanted = [{"axes": axes, "methods": methods, "zipped": zipped}] if methods is not None or axes is not None else []
    for part in parts:
        if not isinstance(part, Mapping):
            raise ValueError(f"Argument `parts` must hold tables of axes and methods, but holds {part!r}.")
        no_other_keys("part", part, ("axes", "methods", "zipped"))
        wanted.append(dict(part))
    if not wanted:
        raise ValueError("Argument `methods` must name at least one method, but is missing.")
    made = [
        Part(make_axes(part.get("axes"), part.get("zipped")), _make_asks(system, part.get("methods")))
        for part in wanted
    ]
    plan = Plan(system, tuple(made), seed)
    _ = plan.points  # every position is checked before anything is computed
    return plan


def plan_from_dict(table: Any) -> Plan:
    """Return the plan that a table, of a TOML or JSON file say, spells out.

    Keys: ``system`` (``name`` and ``parameters``), ``seed``, and either ``axes``, ``methods`` and ``zipped`` or
    ``parts``, a list of tables with these three.

    Raises
    ------
    ValueError
        In one sentence, for unknown keys, systems and methods and for wrong values.
    """
    if not isinstance(table, Mapping):
        raise ValueError(f"A plan must be a table, but is {table!r}.")
    no_other_keys("plan", table, ("system", "seed", "axes", "methods", "zipped", "parts"))
    system = _system_from_dict(table.get("system"))
    arguments = {key: restore(table[key]) for key in ("axes", "methods", "zipped", "parts", "seed") if key in table}
    return make_plan(system, **arguments)


def _system_from_dict(table: Any) -> System:
    if isinstance(table, str):
        table = {"name": table}
    if not isinstance(table, Mapping) or "name" not in table:
        raise ValueError(f"Key `system` of a plan must be a table with a name and parameters, but is {table!r}.")
    no_other_keys("system", table, ("name", "parameters"))
    cls = find_system(table["name"])
    parameters = table.get("parameters", {})
    if not isinstance(parameters, Mapping):
        raise ValueError(f"Key `parameters` of a system must be a table, but is {parameters!r}.")
    try:
        return cls.from_parameters(dict(parameters))
    except TypeError as error:
        raise ValueError(f"System {table['name']!r} refuses its parameters: {error}.") from None


def read_plan(path: str | Path) -> Plan:
    """Return the plan in a TOML or JSON file; raises ValueError, naming the file, if it holds none."""
    import tomllib

    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        table = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise ValueError(f"Plan {path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise ValueError(f"Plan {path} is not {'JSON' if path.suffix == '.json' else 'TOML'}: {error}.") from None
    return plan_from_dict(table)


def grid_index(plan: Plan) -> np.ndarray:
    """Place of each point in the flattened ``plan.shape``, shape (points,)."""
    return np.ravel_multi_index(np.array([point.index for point in plan.points]).T, plan.shape)
