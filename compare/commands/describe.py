"""Plans, systems, methods and files in words: plain tables that the command line prints or gives as JSON."""

from __future__ import annotations

import dataclasses
import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from compare.agreement import ERRORS, pick
from compare.commands.drawing import figures
from compare.interfaces import find_method, find_system, method_names, module_methods, system_names
from compare.plan import Plan
from compare.plans import NamedPlan, find_plan, plans
from compare.records.datasets import load
from compare.reruns import panels_of

if TYPE_CHECKING:
    import xarray as xr


def contents() -> dict[str, list[dict[str, Any]]]:
    """Return plans, figures, systems and methods, with one line about each."""
    drawn, named = figures(), plans()
    systems = {name: find_system(name) for name in system_names()}
    return {
        "plans": [
            {"name": p.name, "summary": p.summary, "paper": p.paper, "figure": p.name in drawn} for p in named.values()
        ],
        "figures": [
            {"name": name, "summary": f"drawn from the plan of this name by {entry.value}"}
            for name, entry in drawn.items()
        ],
        "systems": [
            {"name": name, "summary": _first_line(cls), "paper": getattr(inspect.getmodule(cls), "PAPER", "")}
            for name, cls in systems.items()
        ],
        "methods": [
            {"name": name, "summary": getattr(method, "summary", "")}
            for name, method in ({name: find_method(name) for name in method_names()} | module_methods()).items()
        ],
    }


def _first_line(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def describe(name: str) -> dict[str, Any]:
    """Return what there is to know about a named plan, a system or a method.

    Raises
    ------
    ValueError
        If nothing has this name; it suggests the nearest.
    """
    from compare.checks import known

    if name in plans():
        return _describe_named_plan(find_plan(name))
    if name in system_names():
        return _describe_system(find_system(name))
    if ":" not in name:
        known("plan, system or method", name, [*plans(), *system_names(), *method_names()])
    return _describe_method(name)


def _describe_named_plan(named: NamedPlan) -> dict[str, Any]:
    panels = {panel or "the only panel": _describe_plan(plan) for panel, plan in named.panels().items()}
    return {"plan": named.name, "what": named.summary, "paper": named.paper, "panels": panels}


def _describe_plan(plan: Plan) -> dict[str, Any]:
    spelled = plan.to_dict()
    counts = {label: sum(plan.labels[point.index[0]] == label for point in plan.points) for label in plan.labels}
    return {
        "system": spelled["system"]["name"],
        "parameters": spelled["system"]["parameters"],
        "axes": {name: _span(values) for axis in plan.axes for name, values in axis.coords.items()},
        "methods": {
            ask.label: {"points": counts[ask.label], "method": ask.method.name, **ask.settings} for ask in plan.asks
        },
        "seed": plan.seed,
    }


def _span(values: Any) -> str:
    values = list(values)
    if len(values) <= 8 or isinstance(values[0], str):
        return ", ".join(str(value) if isinstance(value, str) else f"{value:.6g}" for value in values)
    return f"{len(values)} values from {min(values):.6g} to {max(values):.6g}"


def _describe_system(cls: type) -> dict[str, Any]:
    module = inspect.getmodule(cls)
    fields = dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else ()
    defaults = {
        field.name: "required" if field.default is dataclasses.MISSING else field.default
        for field in fields
        if field.init
    }
    return {
        "system": cls.name,  # type: ignore[attr-defined]
        "what": inspect.getdoc(cls) or "",
        "equations": (inspect.getdoc(module) or "") if module else "",
        "parameters": defaults,
    }


def _describe_method(name: str) -> dict[str, Any]:
    method: Any = find_method(name)
    table = getattr(method, "table", {})
    return {
        "method": name,
        "what": getattr(method, "summary", inspect.getdoc(method) or ""),
        "definition": getattr(method, "definition", None),
        "settings": {key: getattr(setting, "default", setting) for key, setting in table.items()},
    }


def describe_file(path: str | Path) -> dict[str, Any]:
    """Return what a file of `compare.records.datasets.save` holds; raises ValueError if it is something else."""
    panels = {panel or "the only panel": _describe_dataset(dataset) for panel, dataset in panels_of(load(path)).items()}
    return {"file": str(path), "panels": panels}


def _describe_dataset(dataset: xr.Dataset) -> dict[str, Any]:
    attrs = dataset.attrs
    stored = json.loads(attrs["plan"])
    settings = {label: asked for part in stored["parts"] for label, asked in part["methods"].items()}
    axes = [str(name) for name in dataset.coords if name not in ("method", "pair", "oscillator", "phi")]
    return {
        "system": attrs["system"],
        "parameters": json.loads(attrs["parameters"]),
        "axes": {name: _span(dataset[name].values) for name in axes},
        "methods": {
            str(label): {**settings.get(str(label), {}), **_quality(pick(dataset, str(label)))}
            for label in dataset["method"].values
        },
        "variables": {
            str(
                name
            ): f"{value.attrs.get('long_name', '')} [{value.attrs.get('units', '')}]; {value.attrs.get('source', '')}"
            for name, value in dataset.data_vars.items()
        },
        "definitions": json.loads(attrs.get("definitions", "{}")),
        "seed": int(attrs["seed"]),
        "git_revision": attrs["git_revision"],
        "versions": json.loads(attrs["versions"]),
        "created": attrs["created"],
    }


def _quality(dataset: xr.Dataset) -> dict[str, Any]:
    """How many points a method has and the largest of each of its errors and diagnostics."""
    values = {str(name): value.values for name, value in dataset.data_vars.items()}
    first = next(iter(values), None)
    points = int(dataset[first].notnull().any(_inner(dataset[first])).sum()) if first is not None else 0
    found: dict[str, Any] = {"computed points": points}
    for name, value in values.items():
        budget = any(name.endswith(f"_{suffix}") for suffix in ERRORS)
        if (budget or name in ("residual", "tail_population", "exit_rate")) and np.isfinite(value).any():
            found[f"largest {name}"] = float(np.nanmax(np.abs(value)))
    return found


def _inner(variable: xr.DataArray) -> list[str]:
    return [str(dim) for dim in variable.dims if dim in ("pair", "oscillator", "phi")]
