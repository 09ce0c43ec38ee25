"""What the figures of this paper share: the colours of the two spins, maps over both gain rates, azimuthal distributions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, MultipleLocator

from figures.theme import SEQUENTIAL

PURPLE, ORANGE = "#7B4FA3", "#E69F00"
SPINS = {"A": PURPLE, "B": ORANGE}
"""Colours of the driven spin and of the other one, as in the paper."""

EXCHANGE = r"exchange $g/\Gamma$"
BEYOND = "#C0392B"
"""Colour of what exceeds a map's scale."""

_SMALL: Any = {"fontsize": 6.5, "handlelength": 1.3, "labelspacing": 0.25, "handletextpad": 0.4}


def one(data: Any, method: str | None = None) -> Any:
    """The part of a dataset that one method computed; its only method if none is named."""
    return data.isel(method=0) if method is None else data.sel({"method": method})


def legend(axes: Axes, **options: Any) -> None:
    """Add a small legend."""
    axes.legend(**{**_SMALL, **options})


def gain_map(
    axes: Axes,
    data: Any,
    values: np.ndarray,
    *,
    limits: tuple[float, float],
    label: str,
    beyond: str | None = BEYOND,
    extend: str = "max",
    norm: Any = None,
) -> Any:
    """Draw values over w_A and w_B, shape (w_b, w_a); white where there are none, `beyond` above the scale.

    Returns the mesh.
    """
    colours = mpl.colormaps[SEQUENTIAL].with_extremes(bad="white", over=beyond)
    scale: Any = {"norm": norm} if norm is not None else {"vmin": limits[0], "vmax": limits[1]}
    x, y = data["w_a"].values, data["w_b"].values
    masked = np.ma.masked_invalid(values)
    mesh = axes.pcolormesh(x, y, masked, cmap=colours, shading="nearest", rasterized=True, **scale)
    axes.set(xlim=(0.0, 1.0), ylim=(0.0, 1.0), xlabel=r"gain $w_A/\Gamma$", ylabel=r"gain $w_B/\Gamma$")
    axes.set_aspect("equal")
    for locate in (axes.xaxis, axes.yaxis):
        locate.set_major_locator(MultipleLocator(0.25))
    for draw in (axes.axhline, axes.axvline):
        draw(0.5, color="0.6", linewidth=0.5, linestyle=":")
    bar = axes.figure.colorbar(mesh, ax=axes, aspect=22, pad=0.02, extend=extend)
    bar.outline.set_linewidth(0.4)
    bar.ax.tick_params(width=0.4, length=1.5, labelsize=6.5)
    if norm is None:
        bar.locator = MaxNLocator(4)
        bar.update_ticks()
    bar.ax.set_title(label, fontsize=7, pad=4)
    return mesh


def azimuths(axes: Axes, azimuth: np.ndarray, changes: Sequence[tuple[str, np.ndarray, Any]], ylabel: str) -> None:
    """Draw changes of P(phi) from -pi to pi; each is (label, values, line properties)."""
    centred = np.append(azimuth - np.pi, np.pi) / np.pi
    for label, values, look in changes:
        turned = np.roll(values, values.size // 2)
        axes.plot(centred, np.append(turned, turned[0]), label=label, **look)
    axes.axhline(0.0, color="0.75", linewidth=0.5, zorder=0)
    axes.set(xlim=(-1.0, 1.0), xlabel=r"azimuth $\varphi/\pi$", ylabel=ylabel)
    axes.xaxis.set_major_locator(MultipleLocator(0.5))


def headroom(axes: Axes, share: float) -> None:
    """Leave `share` of the height free above the curves, for a legend."""
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + share * (high - low))
