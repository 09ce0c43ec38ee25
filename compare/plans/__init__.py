"""Named plans: what a paper's figure needs, under a name. One file per paper; each plan is a function.

A plan function takes ``quick`` and returns its panels, name -> `Plan`. Figures with one panel return ``{"": plan}``.
Files import systems inside of these functions, so that listing the names compiles nothing.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points

from compare.checks import known
from compare.plan import Plan

Build = Callable[[bool], dict[str, Plan]]


@dataclass(frozen=True)
class NamedPlan:
    """A plan function with what people want to know about it.

    Attributes
    ----------
    name : str
        ``<paper>_<figure>``; the figure function has the same name.
    summary, paper : str
        One line each.
    build : callable
        ``build(quick) -> {panel: Plan}``.
    """

    name: str
    summary: str
    paper: str
    build: Build

    def panels(self, quick: bool = False) -> dict[str, Plan]:
        """Return the plan of each panel; `quick` for a coarse version of seconds."""
        return self.build(quick)


PLANS: dict[str, NamedPlan] = {}


def named_plan(name: str, *, summary: str, paper: str) -> Callable[[Build], Build]:
    """Register the decorated function as a plan; raises ValueError if the name is taken."""

    def register(build: Build) -> Build:
        if name in PLANS and PLANS[name].build.__module__ != build.__module__:
            raise ValueError(f"Named plan {name!r} must be defined once, but is by {PLANS[name].build.__module__} too.")
        PLANS[name] = NamedPlan(name, summary, paper, build)
        return build

    return register


def plans() -> dict[str, NamedPlan]:
    """Return all named plans, those of other packages (entry points ``syncblockade.plans``) included."""
    for paper in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{paper}")
    for entry in entry_points(group="syncblockade.plans"):
        entry.load()
    return PLANS


def find_plan(name: str) -> NamedPlan:
    """Return the plan of this name; raises ValueError, suggesting the nearest one, if there is none."""
    return plans()[known("plan", name, plans())]
