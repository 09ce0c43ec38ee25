"""Figures by name. They live above this package and are found through entry points, never imported from here."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compare.checks import known

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GROUP = "syncblockade.figures"
FORMATS = ("png", "pdf")


def figures() -> dict[str, EntryPoint]:
    """Return the entry points of all figures, by name."""
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name)}


def find_figure(name: str) -> Callable[[Any], Figure]:
    """Return the function that draws a figure from its dataset; raises ValueError if there is none of this name."""
    return figures()[known("figure", name, figures())].load()


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
