"""Figures by name. They live above this package and are found through entry points, never imported from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compare.checks import known
from compare.plan import Plan
from compare.plans import plans
from compare.reruns import panels_of

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

GROUP = "syncblockade.figures"
FORMATS = ("png", "pdf")


def figures() -> dict[str, EntryPoint]:
    """Return the entry points of all figures, by name."""
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name)}


def find_figure(name: str) -> Callable[[Any], Figure]:
    """Return the function that draws a figure from its dataset; raises ValueError if there is none of this name."""
    return figures()[known("figure", name, figures())].load()


def require_data_of(name: str, data: xr.Dataset | xr.DataTree, source: Path) -> None:
    """Refuse data of another plan than the one with the figure's name; `source` says where the data come from.

    Panels, system, axes and methods must be there; how fine the axes are is free. A figure without a plan takes all data.

    Raises
    ------
    ValueError
        Naming the first thing that is missing.
    """
    if name not in plans():
        return
    given = panels_of(data)
    quick = plans()[name].panels(quick=True)
    missing = _missing_axes(given, quick)
    if not missing:
        # the plans have the same panels and axes, but may differ in methods; the full one takes seconds to make
        missing = _missing_methods(given, quick) and _missing_methods(given, plans()[name].panels())
    if missing:
        raise ValueError(f"File {source} does not belong to figure {name!r}: {missing}.")


def _missing_axes(given: Mapping[str, xr.Dataset], wanted: Mapping[str, Plan]) -> str:
    """The first panel, system or axis of the plans that the data have not; empty if nothing is missing."""
    for panel in wanted:
        if panel not in given:
            return f"it has no panel {panel!r}" if panel else "it has several panels in place of one"
    for panel, plan in wanted.items():
        system = given[panel].attrs.get("system")
        if system != plan.system.name:
            return f"its system{_in(panel)} is {system!r} in place of {plan.system.name!r}"
        for name in ("method", *(name for axis in plan.axes for name in axis.coords)):
            if name not in given[panel].coords:
                return f"it has no axis {name!r}{_in(panel)}"
    return ""


def _missing_methods(given: Mapping[str, xr.Dataset], wanted: Mapping[str, Plan]) -> str:
    """The first method of the plans that the data have not; empty if nothing is missing."""
    for panel, plan in wanted.items():
        for label in plan.labels:
            if label not in given[panel]["method"].values:
                return f"it has no method {label!r}{_in(panel)}"
    return ""


def _in(panel: str) -> str:
    return f" in panel {panel!r}" if panel else ""


def draw(name: str, data: Any, folder: Path) -> list[Path]:
    """Draw a figure and save it in all `FORMATS`.

    Parameters
    ----------
    name : str
        Name of the figure.
    data : xarray.Dataset or xarray.DataTree
        What the plan of the same name gave.
    folder : Path
        Where the files go.

    Returns
    -------
    list of Path
        The files.
    """
    figure = find_figure(name)(data)
    paths = [folder / f"{name}.{format}" for format in FORMATS]
    for path in paths:
        # without a date, the same data gives the same file
        figure.savefig(path, metadata={"CreationDate": None} if path.suffix == ".pdf" else {"Software": None})
    return paths
