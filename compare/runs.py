"""Runs of whole figures: several panels, and a store that takes care of itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from compare.checks import path_of
from compare.execution.executors import Executor
from compare.execution.progress import Bars, Progress
from compare.plan import Plan
from compare.records.provenance import stamp
from compare.records.store import is_store_of
from compare.sweeps import run

if TYPE_CHECKING:
    import xarray as xr


def run_panels(
    panels: Mapping[str, Plan],
    *,
    store: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    executor: Executor | None = None,
    progress: bool = False,
) -> xr.Dataset | xr.DataTree:
    """Compute the panels of a figure.

    Parameters
    ----------
    panels : mapping
        Panel -> plan, as a named plan gives them.
    store : path, optional
        Folder; each panel has its store in it, under its name.
    threads, executor
        As for `compare.sweeps.sweep`.
    progress : bool
        Whether to show bars.

    Returns
    -------
    xarray.Dataset or xarray.DataTree
        A dataset if the only panel has the name ``""``, else a tree with one dataset for each panel.

    Raises
    ------
    ValueError
        If `panels` is no mapping to plans, or `store` no path; besides, what `compare.sweeps.sweep` refuses.
    """
    import xarray as xr

    if not isinstance(panels, Mapping) or not all(isinstance(plan, Plan) for plan in panels.values()):
        raise ValueError(f"Argument `panels` must map names to plans, but is {panels!r}.")
    store = None if store is None else path_of("store", store)
    results = {}
    for panel, plan in panels.items():
        watcher: Progress = Bars(f"({panel}) " if panel else "") if progress else Progress()
        place = panel_store(store, panel)
        results[panel] = run(plan, store=place, threads=threads, executor=executor, progress=watcher)
    if set(results) == {""}:
        return results[""]
    tree = xr.DataTree.from_dict({f"/{panel}": dataset for panel, dataset in results.items()})
    tree.attrs.update(stamp())
    return tree


def panel_store(store: str | os.PathLike[str] | None, panel: str) -> Path | None:
    """Return the store of one panel."""
    return None if store is None else Path(store) / panel if panel else Path(store)


class RunStore:
    """The store of a run: the one that was asked for, or one that lasts until the run succeeds.

    The latter lets an interrupted run go on. It is thrown away once the results are in their file, and at once if it
    is from other code or another plan: no one asked to keep it.

    Parameters
    ----------
    asked : path or None
        Store to keep.
    temporary : path
        Place for the other kind.
    panels : mapping
        Panel -> plan.
    """

    def __init__(self, asked: Path | None, temporary: Path, panels: Mapping[str, Plan]) -> None:
        self.path = asked or temporary
        self._temporary = asked is None
        if self._temporary and not all(
            is_store_of(place, plan) for panel, plan in panels.items() if (place := panel_store(temporary, panel))
        ):
            shutil.rmtree(temporary, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._temporary and kind is None:
            shutil.rmtree(self.path, ignore_errors=True)
