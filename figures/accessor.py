"""Plots as methods of datasets: ``import figures``, then ``ds.draw.curves()``.

The accessor is not called ``sync``, since ``ds.sync`` is the variable S.
"""

from __future__ import annotations

from typing import Any

import xarray as xr
from matplotlib.axes import Axes

from compare.agreement import agree, pick, validity_map
from figures import plots


@xr.register_dataset_accessor("draw")
class Draw:
    """The plots of `figures.plots` for one dataset; each takes ``axes`` and returns axes."""

    def __init__(self, dataset: xr.Dataset) -> None:
        self._dataset = dataset

    def curves(self, variable: str = "sync", **options: Any) -> Axes:
        """Draw curves with bands; see `figures.plots.curves`."""
        return plots.curves(self._dataset, variable, **options)

    def map(self, variable: str = "sync", **options: Any) -> Axes:
        """Draw a map; see `figures.plots.colour_map`."""
        return plots.colour_map(self._dataset, variable, **options)

    def phases(self, **options: Any) -> Axes:
        """Draw phase distributions; see `figures.plots.phase_distributions`."""
        return plots.phase_distributions(self._dataset, **options)

    def agreement(self, first: str, second: str, *, axes: Axes | None = None, **options: Any) -> Axes:
        """Draw where two methods agree; options are those of `compare.agreement.agree`."""
        return plots.agreement(agree(pick(self._dataset, first), pick(self._dataset, second), **options), axes=axes)

    def validity(self, method: str, reference: str, *, axes: Axes | None = None, **options: Any) -> Axes:
        """Draw where a method holds; options are those of `compare.agreement.validity_map`."""
        return plots.validity(validity_map(self._dataset, method, reference, **options), axes=axes)
