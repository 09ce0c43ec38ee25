"""Columns of spectra of both groups over the detuning, with the difference of their dominant frequencies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.nadolny2023.maps import DETUNING, over, paint
from figures.theme import THEME, TWO_COLUMNS, axes_grid


def spectrum_map(axes: Axes, data: Any, group: str, chosen: dict[str, Any], *, top: float | None = None) -> None:
    """Draw P(omega) of a group over the detuning, dark where it is large; the grey goes with its square root."""
    x, omega = data["detuning"].values, data["frequency"].values
    z = over(data, "spectrum", "detuning", "frequency", group=group, **chosen)
    paint(axes, x, omega, np.sqrt(z), cmap="Greys", limits=(0.0, np.sqrt(top or float(z.max()))), bar=False)
    axes.set_ylabel(rf"$\omega/\gamma_-$ in $P_{group}$")


def difference_curve(axes: Axes, data: Any, chosen: dict[str, Any]) -> None:
    """Draw omega_A - omega_B over the detuning, where both groups have a frequency; grey: the detuning itself."""
    frequency = data["dominant_frequency"].sel({"method": "mean_field", **chosen})
    x = data["detuning"].values
    axes.plot(x, x, color="0.75", linewidth=0.7)
    axes.plot(x, frequency.sel(group="A") - frequency.sel(group="B"), ".", color="black", markersize=1.8)
    axes.set(xlim=(x.min(), x.max()), ylim=(x.min(), x.max()), xlabel=DETUNING)
    axes.set_ylabel(r"$(\omega_A - \omega_B)/\gamma_-$")


def spectra_columns(tree: Any, axis: str, titles: Sequence[str]) -> Figure:
    """One column for each value of `axis`: spectra of A and B, and the difference of the dominant frequencies.

    Parameters
    ----------
    tree : xarray.DataTree
        With panels ``spectra`` and ``frequencies``.
    axis : str
        Name of the axis of the columns.
    titles : sequence of str
        Their titles.
    """
    spectra, frequencies = tree["spectra"].to_dataset(), tree["frequencies"].to_dataset()
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(3, len(titles), width=TWO_COLUMNS, aspect=0.95, sharex=True, sharey="row")
        for column, (value, title) in enumerate(zip(spectra[axis].values, titles, strict=True)):
            chosen = {axis: value}
            top = float(np.nanmax(spectra["spectrum"].sel(chosen)))
            for row, group in enumerate("AB"):
                spectrum_map(axes[row, column], spectra, group, chosen, top=top)
            difference_curve(axes[2, column], frequencies, chosen)
            axes[0, column].set_title(title)
        for panel in axes.ravel():
            panel.label_outer()
    return figure
