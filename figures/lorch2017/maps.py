"""What the maps of several figures share: colours over two axes, mirrored halves, resonance lines, marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from figures.theme import PALETTE

COLUMNS = ("master equation", "truncated Wigner", "classical, Eq. (5)", "cuts: exact and jumps")
MARKS = ("o", "s", "^", "D")
_SMALL: Any = {
    "fontsize": 6, "handlelength": 0.9, "columnspacing": 0.6, "handletextpad": 0.3, "borderaxespad": 0.2, "borderpad": 0.2
}  # fmt: skip
_LINE: Any = {"color": "white", "linewidth": 0.7, "dashes": (3, 2), "alpha": 0.9}


def values(dataset: Any, x: str, y: str, method: str, pair: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Abscissae, ordinates and S of one method, shape (y, x)."""
    part = dataset["sync"].sel({"method": method}).isel(pair=pair)
    return (
        dataset[x].values,
        dataset[y].values,
        part.transpose(dataset[y].dims[0], dataset[x].dims[0]).values,
    )


def mirrored(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The other half of a map that is even in x, known for x >= 0."""
    return np.concatenate([-x[:0:-1], x]), y, np.concatenate([z[:, :0:-1], z], axis=1)


def paint(
    axes: Axes, x: np.ndarray, y: np.ndarray, z: np.ndarray, *, top: float | None = None, label: str | None = "$S$"
) -> Any:
    """Colour a map from 0 to `top` (default: its largest value) and give it a colour bar."""
    top = float(np.nanmax(z)) if top is None else top
    drawn = axes.pcolormesh(x, y, z, vmin=0.0, vmax=top, shading="nearest", rasterized=True)
    axes.set(xlim=(x.min(), x.max()), ylim=(y.min(), y.max()))
    bar = axes.figure.colorbar(drawn, ax=axes, aspect=18, pad=0.02)
    few_ticks(bar)
    if label:
        bar.ax.set_title(label, fontsize=7, pad=3)
    return drawn


def pictures(
    axes: Any,
    maps: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]],
    lines: Sequence[tuple[Any, Any]] = (),
    labels: tuple[str, str] = ("", ""),
) -> None:
    """Draw the exact, the truncated-Wigner and the classical map side by side.

    `axes` are three panels. The first two share their scale. The coarse maps are cut off where the exact one ends.
    """
    (x, y, z), wigner, _ = maps
    top = max(float(np.nanmax(z)), float(np.nanmax(wigner[2])))
    for panel, drawn, high in zip(axes, maps, (top, top, None), strict=True):
        paint(panel, *drawn, top=high)
        panel.set(xlim=(x.min(), x.max()), ylim=(y.min(), y.max()), xlabel=labels[0])
        draw_lines(panel, lines)
    axes[0].set_ylabel(labels[1])


def cuts(
    axes: Axes,
    exact: tuple[np.ndarray, np.ndarray, np.ndarray],
    jumps: tuple[np.ndarray, np.ndarray, np.ndarray],
    error: np.ndarray,
    labels: tuple[str, str],
    named: Sequence[float] | None = None,
) -> None:
    """Draw lines of the exact map where there are jumps, and these with their standard errors, shape (y, x).

    `labels` are those of the abscissa and of the number that tells the cuts apart; `named`, if given, replaces its values.
    """
    x, y, z = exact
    names = jumps[1] if named is None else named
    for height, points, bars, name, colour in zip(jumps[1], jumps[2], error, names, PALETTE, strict=False):
        axes.plot(x, z[int(np.argmin(abs(y - height)))], color=colour, label=f"{name:g}", linewidth=0.8)
        axes.errorbar(jumps[0], points, bars, fmt="o", color=colour, markersize=1.8, elinewidth=0.5, capsize=1.0)
    axes.set(xlabel=labels[0], ylabel="$S$", xlim=(x.min(), x.max()), ylim=(0.0, 1.5 * axes.get_ylim()[1]))
    # below the ticks of the upper side
    small = {**_SMALL, "borderaxespad": 0.75}
    axes.legend(title=labels[1], title_fontsize=6.5, ncols=len(names), loc="upper center", **small)


def errors(dataset: Any, x: str, y: str, method: str, pair: int = 0) -> np.ndarray:
    """Standard errors that belong to `values`, shape (y, x)."""
    part = dataset["sync_stderr"].sel({"method": method}).isel(pair=pair)
    return part.transpose(dataset[y].dims[0], dataset[x].dims[0]).values


def few_ticks(bar: Any) -> None:
    """Give a small colour bar three thin ticks."""
    bar.outline.set_linewidth(0.4)
    bar.ax.tick_params(width=0.4, length=1.5, labelsize=6)
    bar.locator = MaxNLocator(3)
    bar.update_ticks()


def draw_lines(axes: Axes, lines: Sequence[tuple[Any, Any]]) -> None:
    """Draw resonance lines over a map, clipped to it."""
    for x, y in lines:
        axes.plot(x, y, scalex=False, scaley=False, **_LINE)


def mark(axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    """Mark points of a map; the k-th has the shape and the colour that `phases` gives its distribution."""
    for (x, y), shape, colour in zip(points, MARKS, PALETTE, strict=False):
        axes.plot(
            [x], [y], shape, color=colour, markeredgecolor="white", markeredgewidth=0.6, markersize=4, clip_on=False
        )


def phases(axes: Axes, distributions: Sequence[tuple[str, np.ndarray, np.ndarray]], title: str) -> None:
    """Draw P(phi) of the marked points: (label, phi, density); `title` says what the labels are."""
    for (label, phi, density), shape, colour in zip(distributions, MARKS, PALETTE, strict=False):
        turn = np.append(phi, 2.0 * np.pi)
        axes.plot(turn / np.pi, 2.0 * np.pi * np.append(density, density[0]), color=colour)
        first = 5 * MARKS.index(shape)  # markers of different curves apart
        axes.plot(
            phi[first::16] / np.pi,
            2.0 * np.pi * density[first::16],
            shape,
            color=colour,
            markersize=2.6,
            linestyle="none",
        )
        axes.plot([], [], marker=shape, color=colour, markersize=2.6, label=label)
    axes.set_title(title, fontsize=7)
    axes.axhline(1.0, color="0.7", linewidth=0.5, zorder=0)
    low, high = axes.get_ylim()
    axes.set(xlim=(0.0, 2.0), ylim=(low, high + 0.45 * (high - low)), xlabel=r"$\phi/\pi$")
    axes.legend(
        fontsize=6,
        handlelength=0.9,
        loc="upper center",
        ncols=3,
        columnspacing=0.7,
        handletextpad=0.3,
        borderaxespad=0.6,
    )
