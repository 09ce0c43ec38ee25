"""What the maps of several figures share: values over two axes, colours with black where nothing synchronizes, stability."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator

from figures.theme import DIVERGING, SEQUENTIAL

CYCLIC = LinearSegmentedColormap.from_list(
    "hues",
    mpl.colors.hsv_to_rgb([((0.62 + n / 64) % 1.0, 0.5 + 0.15 * np.cos(2 * np.pi * n / 64), 0.92) for n in range(65)]),
)
"""Phases, without the dark colours that would be taken for black."""
DETUNING = r"$\delta/\gamma_-$"
ASYMMETRY = r"$K/\gamma_-$"

__all__ = ["ASYMMETRY", "CYCLIC", "DETUNING", "DIVERGING", "SEQUENTIAL", "over", "paint", "stability_lines"]


def over(dataset: Any, name: str, x: str, y: str, method: str = "mean_field", **chosen: Any) -> np.ndarray:
    """Values of one variable and method over two axes, shape (y, x)."""
    part = dataset[name].sel({"method": method, **chosen})
    return part.transpose(y, x).values


def paint(
    axes: Axes,
    x: np.ndarray,
    y: np.ndarray,
    z: np.ndarray,
    *,
    cmap: Any = SEQUENTIAL,
    limits: tuple[float, float] | None = None,
    label: str | None = None,
    bad: str = "black",
    bar: bool = True,
) -> Any:
    """Colour a map; points without a value are `bad`. Returns the mesh."""
    colours = (mpl.colormaps[cmap] if isinstance(cmap, str) else cmap).with_extremes(bad=bad)
    low, high = limits or (0.0, float(np.nanmax(z)))
    drawn = axes.pcolormesh(
        x, y, np.ma.masked_invalid(z), cmap=colours, vmin=low, vmax=high, shading="nearest", rasterized=True
    )
    axes.set(xlim=(x.min(), x.max()), ylim=(y.min(), y.max()))
    if bar:
        scale = axes.figure.colorbar(drawn, ax=axes, aspect=18, pad=0.02)
        scale.outline.set_linewidth(0.4)
        scale.ax.tick_params(width=0.4, length=1.5, labelsize=6)
        scale.locator = MaxNLocator(4)
        scale.update_ticks()
        if label:
            scale.set_label(label, fontsize=7)
    return drawn


def stability_lines(axes: Axes, x: np.ndarray, y: np.ndarray, growth: np.ndarray, colour: str = "white") -> None:
    """Draw where the growth rate of the unsynchronized state changes its sign."""
    axes.contour(x, y, growth, levels=[0.0], colors=[colour], linewidths=0.7, linestyles="--")
