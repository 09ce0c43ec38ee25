"""Fig. S1: the relative phase of two oscillators."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.nadolny2023.maps import ASYMMETRY, CYCLIC, DETUNING, DIVERGING, over, paint
from figures.theme import PALETTE, THEME, TWO_COLUMNS, axes_grid, label_panel

# place of each marked point around the central panel
_PLACES = {"A": (0, 0), "B": (0, 1), "C": (0, 2), "D": (1, 0), "E": (1, 2), "F": (2, 0), "G": (2, 1), "H": (2, 2)}
_PLANE = ("detuning", "asymmetry")
THRESHOLD = 5e-3
"""Least s of the bitmap (d), the paper's."""
# amplitude above which groups are outlined: at the edges, decaying ones may still be of one frequency at the final time
_CLEAR = 0.02


def figS1(tree: Any) -> Figure:
    """Distributions of the relative phase around the map of Fig. 4(a) (a); largest s (b); its phase (c); bitmap (d).

    (a) Solid: first order in V_AB; dashed: exact, V_AB = gamma_-/10. The centre shows the frequency difference of the infinite
    groups. (d) White: s above 5e-3 and its phase closer to 0 than to pi; outlined: full synchronization of the infinite groups.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``nadolny2023_figS1``.
    """
    groups, marked, pair = (tree[name].to_dataset() for name in ("groups", "marked", "pair"))
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(3, 4, width=TWO_COLUMNS, aspect=0.9)
        places = _marks(marked)
        for name, (row, column) in _PLACES.items():
            _distribution(axes[row, column], marked.sel(point=name), name, places[name])
        label_panel(axes[0, 0], "a")
        _groups(axes[1, 1], groups, places)
        for panel, letter in zip(axes[:, 3], "bcd", strict=True):
            label_panel(panel, letter)
        _largest(axes[0, 3], pair)
        _angle(axes[1, 3], pair)
        _bitmap(axes[2, 3], pair, groups)
    return figure


def _marks(marked: Any) -> dict[str, tuple[float, float]]:
    """(delta, K) of the marked points, from the plan in the dataset."""
    import json

    axes = json.loads(marked.attrs["plan"])["parts"][0]["axes"]["point"]
    return {name: (changes["detuning"], changes["asymmetry"]) for name, changes in axes.items()}


def _distribution(axes: Axes, data: Any, name: str, place: tuple[float, float]) -> None:
    phi = np.append(data["phi"].values, 2.0 * np.pi) / np.pi
    for method, style in (("first_order", "-"), ("steadystate", "--")):
        s = 1e3 * data["spin_phase"].sel({"method": method}).values
        colour = PALETTE[0 if method == "first_order" else 3]
        axes.plot(
            phi, np.append(s, s[0]), style, color=colour, label=method.replace("_", " ").replace("steadystate", "exact")
        )
    axes.axhline(0.0, color="0.8", linewidth=0.5, zorder=0)
    axes.set(xlim=(0.0, 2.0), ylim=(-70.0, 70.0), xlabel=r"$\phi_{AB}/\pi$", ylabel=r"$10^3 s$  (1/rad)")
    if name == "B":
        axes.legend(loc="upper center", fontsize=6.5)
    axes.set_title(rf"$\delta, K = {place[0]:g}, {place[1]:g}$", fontsize=7, loc="right" if name == "A" else "center")


def _groups(axes: Axes, data: Any, places: dict[str, tuple[float, float]]) -> None:
    x, y = data["detuning"].values, data["asymmetry"].values
    kind = over(data, "sync_class", *_PLANE)
    both = [over(data, "dominant_frequency", *_PLANE, group=group) for group in ("A", "B")]
    top = float(np.abs(x).max())
    paint(axes, x, y, np.where(kind == 2, 0.0, both[0] - both[1]), cmap=DIVERGING, limits=(-top, top), bar=False)
    axes.plot(*np.array(list(places.values())).T, "o", color="0.55", markersize=3)
    axes.set(xlabel=DETUNING, ylabel=ASYMMETRY)
    axes.set_title("infinite groups", fontsize=7)


def _largest(axes: Axes, data: Any) -> None:
    x, y = data["detuning"].values, data["asymmetry"].values
    z = over(data, "spin_phase_peak", *_PLANE, method="first_order")
    paint(axes, x, y, 1e3 * z, label=r"$10^3 \max s$")
    axes.set(xlabel=DETUNING, ylabel=ASYMMETRY)


def _angle(axes: Axes, data: Any) -> None:
    x, y = data["detuning"].values, data["asymmetry"].values
    z = over(data, "spin_phase_angle", *_PLANE, method="first_order")
    paint(axes, x, y, z / np.pi, cmap=CYCLIC, limits=(-1.0, 1.0), label=r"$\phi_{AB}^{\max}/\pi$")
    axes.set(xlabel=DETUNING, ylabel=ASYMMETRY)


def _bitmap(axes: Axes, data: Any, groups: Any) -> None:
    x, y = data["detuning"].values, data["asymmetry"].values
    peak = over(data, "spin_phase_peak", *_PLANE, method="first_order")
    angle = over(data, "spin_phase_angle", *_PLANE, method="first_order")
    white = (peak > THRESHOLD) & (np.abs(angle) < 0.5 * np.pi)
    paint(axes, x, y, white.astype(float), cmap="gray", limits=(0.0, 1.0), bar=False)
    weaker = np.minimum(*(over(groups, "order", *_PLANE, group=group) for group in ("A", "B")))
    full = (over(groups, "sync_class", *_PLANE) == 2) & (weaker > _CLEAR)
    axes.contour(
        groups["detuning"], groups["asymmetry"], full.astype(float), levels=[0.5], colors=[PALETTE[1]], linewidths=0.8
    )
    axes.set(xlabel=DETUNING, ylabel=ASYMMETRY)
