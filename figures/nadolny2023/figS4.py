"""Fig. S4: the lifetime of the coherence of finitely many oscillators."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.theme import THEME, TWO_COLUMNS, axes_grid, label_panels

_SMALL = 100
"""Largest N of the inset."""


def figS4(tree: Any) -> Figure:
    """|<S^+>| in time (left) and the time in which it falls to 1/e against N (right), by second-order cumulants.

    Left: V = .75 gamma_-, light to dark N = 100, 500, 1000, 2000 and infinity (a constant: the start is the mean-field state);
    dashed: without coupling. Right: dots at N = 0 of the same colour: without coupling.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``nadolny2023_figS4``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 2, width=TWO_COLUMNS, aspect=0.66)
        label_panels(axes)
        uncoupled = tree["uncoupled"].to_dataset().isel(method=0)
        _courses(axes[0, 0], tree["courses"].to_dataset().isel(method=0), uncoupled.isel(coupling=0))
        _lifetimes(axes[0, 1], tree["lifetimes"].to_dataset().isel(method=0), uncoupled)
    return figure


def _courses(axes: Axes, data: Any, uncoupled: Any) -> None:
    amplitude = data["group_amplitude"]
    shades = mpl.colormaps["Blues"](np.linspace(0.35, 0.85, data.sizes["size"]))
    for size, colour in zip(data["size"].values, shades, strict=True):
        axes.plot(data["time"], amplitude.sel(size=size), color=colour, label=f"$N = {int(size)}$")
    start = float(amplitude.isel(time=0).max())
    axes.plot(data["time"], np.full(data.sizes["time"], start), color="#08204a", label=r"$N = \infty$")
    axes.plot(uncoupled["time"], uncoupled["group_amplitude"], "--", color="black", label="$V = 0$")
    axes.axhline(start / np.e, color="0.8", linewidth=0.5, zorder=0)
    axes.set(xlabel=r"time $t\gamma_-$", ylabel=r"$|\langle S^+\rangle|$", ylim=(0.0, 1.45 * start))
    axes.set_xlim(0.0, float(data["time"].max()))
    axes.legend(ncols=3, loc="upper center")


def _lifetimes(axes: Axes, data: Any, uncoupled: Any) -> None:
    inset = axes.inset_axes((0.12, 0.56, 0.36, 0.38))
    shades = mpl.colormaps["Reds"](np.linspace(0.95, 0.4, data.sizes["coupling"]))
    for v, colour in zip(data["coupling"].values, shades, strict=True):
        part = data["lifetime"].sel(coupling=v)
        axes.plot(data["size"], part, ".-", color=colour, markersize=3, label=f"${v:g}$")
        small = part.where(data["size"] <= _SMALL, drop=True)
        inset.plot(small["size"], small, ".-", color=colour, markersize=2.5, linewidth=0.7)
        inset.plot([0.0], uncoupled["lifetime"].sel(coupling=v), "o", color=colour, markersize=2.5, clip_on=False)
    inset.tick_params(labelsize=6)
    inset.set(xlim=(0.0, _SMALL), ylim=(0.0, None), xticks=[0, 50], yticks=[0, 5, 10])
    axes.set(xlabel="$N$", ylabel=r"lifetime $T\gamma_-$", xlim=(0.0, None), ylim=(0.0, None))
    axes.legend(title=r"$V/\gamma_-$", title_fontsize=7, loc="lower right")
