"""How methods are declared: settings with their checks, and a method made of a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from compare import checks
from compare.checks import non_negative as non_negative
from compare.checks import positive as positive
from compare.measures import PhaseSync

PHI = 2.0 * np.pi * np.arange(64) / 64
"""Angles at which datasets keep P(phi)."""

Check = Callable[[str, Any], Any]


def count(least: int) -> Check:
    """Return a check for whole numbers from `least` on."""
    return lambda name, value: checks.at_least(name, value, least)


def word(*words: str) -> Check:
    """Return a check for one of some words."""

    def check(name: str, value: Any) -> str:
        if value not in words:
            raise ValueError(f"Argument `{name}` must be one of {', '.join(map(repr, words))}, but is {value!r}.")
        return value

    return check


def flag(name: str, value: Any) -> bool:
    """Return true or false; raises ValueError for anything else."""
    if not isinstance(value, bool):
        raise ValueError(f"Argument `{name}` must be true or false, but is {value!r}.")
    return value


def pair_list(name: str, value: Any) -> Any:
    """The word "all", or a list of pairs of whole numbers."""
    if value == "all":
        return value
    try:
        pairs = [[checks.at_least(name, j, 0) for j in pair] for pair in value]
    except TypeError:
        pairs = []
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"Argument `{name}` must be 'all' or a list of pairs of oscillators, but is {value!r}.")
    return pairs


def optional(check: Check) -> Check:
    """Return a check that lets None through."""
    return lambda name, value: None if value is None else check(name, value)


@dataclass(frozen=True)
class Setting:
    """One setting of a method: its default and the check that returns a clean value or raises ValueError."""

    default: Any
    check: Check


@dataclass(frozen=True)
class FunctionMethod:
    """A method made of a function; see `compare.interfaces.Method`. `fit` refuses settings that do not fit together."""

    name: str
    summary: str
    table: Mapping[str, Setting]
    function: Callable[..., dict[str, Any]]
    definition: str | None = None
    many: Callable[..., list[dict[str, Any]]] | None = None
    fit: Callable[[Mapping[str, Any]], None] | None = None

    def settings(self, system: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        """Check settings and fill in defaults; raises ValueError for unknown names and wrong values."""
        for name in given:
            checks.known(f"setting of method {self.name!r}:", name, self.table)
        clean = {name: s.check(name, given[name]) if name in given else s.default for name, s in self.table.items()}
        if self.fit is not None:
            self.fit(clean)
        return clean

    def run(self, system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
        """Return the numbers of one point."""
        return self.function(system, settings, seed, threads)

    def run_many(
        self, systems: Sequence[Any], settings: Mapping[str, Any], seeds: Sequence[int], threads: int
    ) -> list[dict[str, Any]]:
        """Return the numbers of several points, together where that is quicker."""
        if self.many is not None:
            return self.many(systems, settings, seeds, threads)
        return [self.run(system, settings, seed, threads) for system, seed in zip(systems, seeds, strict=True)]


def fit_window(settings: Mapping[str, Any]) -> None:
    """Refuse a window that is no whole number of sampling intervals, or holds no sample after the burn-in."""
    duration, burn_in, every = settings["duration"], settings["burn_in"], settings["sample_every"]
    if abs(round(duration / every) * every - duration) > 1e-9 * duration:
        raise ValueError(f"Argument `sample_every` must divide the duration {duration:g}, but is {every:g}.")
    if duration - burn_in < every * (1.0 - 1e-9):
        raise ValueError(
            f"Argument `burn_in` must leave at least one sample (every {every:g}) of the duration {duration:g}, "
            f"but is {burn_in:g}."
        )


def in_threads(function: Callable[..., dict[str, Any]]) -> Callable[..., list[dict[str, Any]]]:
    """Points side by side, for solvers that have no threads of their own; one BLAS thread each."""

    def run(
        systems: Sequence[Any], settings: Mapping[str, Any], seeds: Sequence[int], threads: int
    ) -> list[dict[str, Any]]:
        with threadpool_limits(1), ThreadPoolExecutor(threads) as pool:
            return list(pool.map(lambda system, seed: function(system, settings, seed, 1), systems, seeds))

    return run


def pair_results(syncs: Sequence[PhaseSync], pairs: Sequence[tuple[int, int]], *, errors: bool) -> dict[str, Any]:
    """The variables of the relative phases of `pairs`."""
    out: dict[str, Any] = {
        "pair": [f"{a}-{b}" for a, b in pairs],
        "sync": np.array([s.sync for s in syncs]),
        "locked_phase": np.array([s.phase for s in syncs]),
        "phi": PHI,
        "phase_density": np.array([s.density(PHI) for s in syncs]).reshape(len(syncs), PHI.size),
    }
    if errors:
        out["sync_stderr"] = np.array([s.stderr for s in syncs])
    return out


def require(system: Any, face: str, method: str) -> None:
    """Raise ValueError if the system lacks the face that a method needs."""
    if not hasattr(system, face):
        raise ValueError(f"Method {method!r} needs a system with `{face}`, which {system.name!r} has not.")
