"""The classical pictures: which of the two blockades they show."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.nadolny2023.maps import ASYMMETRY, DETUNING, over, paint, stability_lines
from figures.theme import PALETTE, THEME, TWO_COLUMNS, axes_grid, label_panels

_ASYMMETRIES = (PALETTE[1], "black", PALETTE[0])
_TITLES = ("mean field (quantum)", "discrete Wigner", "phase oscillators")
_CUT = 12.0
"""K of panel (c)."""


def classical(tree: Any) -> Figure:
    r"""One group across gamma_+ = gamma_- (a), (b); two groups at K = 12 gamma_- (c) and over the plane (d) to (f).

    (a) Lines: mean field; dots: discrete Wigner ensemble of 200 oscillators (quick: 50). (b) As many phase oscillators:
    those with K < 0 synchronize, those with K >= 0 never do, whatever the rates. (c) Coherence between the groups: only where
    they differ, in mean field and discrete Wigner (30 oscillators in a group); phase oscillators have none for K > 0.
    (d) to (f) The same over detuning and asymmetry; dashed: where the mean field's unsynchronized state becomes unstable.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``nadolny2023_classical``.
    """
    panels = {name: tree[name].to_dataset() for name in ("mean_field", "discrete_wigner", "phases")}
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(2, 3, width=TWO_COLUMNS, aspect=0.82)
        label_panels(axes)
        single = tree["single"].to_dataset().isel(coupling_ratio=0, group=0)
        _single(axes[0, 0], single)
        _phases(axes[0, 1], single)
        _cut(axes[0, 2], panels)
        growth = over(panels["mean_field"], "growth_rate", "detuning", "asymmetry", method="stability")
        for panel, (name, data), title in zip(axes[1], panels.items(), _TITLES, strict=True):
            _map(panel, data, name)
            stability_lines(panel, panels["mean_field"]["detuning"], panels["mean_field"]["asymmetry"], growth)
            panel.set_title(title, fontsize=7, loc="right")
    return figure


def _single(axes: Axes, data: Any) -> None:
    x = data["rate_ratio"].values
    for k, colour in zip(data["asymmetry_ratio"].values, _ASYMMETRIES, strict=True):
        part = data.sel(asymmetry_ratio=k)
        wave, runs = part.sel({"method": "mean_field"}), part.sel({"method": "discrete_wigner"})
        known = np.isfinite(wave["pair_coherence"].values)
        label = rf"$K/(\gamma_- + \gamma_+) = {k:g}$"
        axes.plot(x[known], wave["pair_coherence"].values[known], color=colour, label=label)
        axes.errorbar(x, runs["pair_coherence"], runs["pair_coherence_stderr"], fmt=".", color=colour, elinewidth=0.6)
    axes.set(
        xlabel=r"$\gamma_+/\gamma_-$", ylabel=r"$\langle S^+_iS^-_j\rangle$", xlim=(0.0, x.max()), ylim=(-0.004, 0.036)
    )
    axes.set_title("mean field, discrete Wigner", fontsize=7, loc="right")
    axes.legend(loc="upper center")


def _phases(axes: Axes, data: Any) -> None:
    for k, colour in zip(data["asymmetry_ratio"].values, _ASYMMETRIES, strict=True):
        runs = data.sel({"asymmetry_ratio": k, "method": "phases"}).dropna("rate_ratio", subset=["pair_coherence"])
        axes.errorbar(
            runs["rate_ratio"],
            runs["pair_coherence"],
            runs["pair_coherence_stderr"],
            fmt=".-",
            color=colour,
            linewidth=0.7,
        )
    axes.set(xlabel=r"$\gamma_+/\gamma_-$", ylabel=r"$\langle S^+_iS^-_j\rangle$", ylim=(-0.1, 2.0))
    axes.set_xlim(0.0, float(data["rate_ratio"].max()))
    axes.set_title("phase oscillators", fontsize=7, loc="right")


def _cut(axes: Axes, panels: dict[str, Any]) -> None:
    for (name, data), title, colour in zip(panels.items(), _TITLES, (PALETTE[0], PALETTE[2], PALETTE[1]), strict=True):
        row = data.sel({"asymmetry": _CUT, "method": name})
        row = row.where(row["detuning"] >= 0.0, drop=True)
        z = np.abs(row["cross_coherence"].values)
        if name == "mean_field":
            axes.plot(row["detuning"], z, color=colour, label=title)
            continue
        parts = row["cross_coherence_stderr"].values
        axes.errorbar(
            row["detuning"], z, np.hypot(parts.real, parts.imag), fmt=".", color=colour, elinewidth=0.6, label=title
        )
    axes.axvline(_CUT, color="0.8", linewidth=0.5, zorder=0)
    axes.set(xlabel=DETUNING, ylabel=r"$|\langle S^+_AS^-_B\rangle|$", ylim=(-0.01, 0.34))
    axes.set_xlim(0.0, float(panels["mean_field"]["detuning"].max()))
    axes.legend(loc="upper left")


def _map(axes: Axes, data: Any, method: str) -> None:
    x, y = data["detuning"].values, data["asymmetry"].values
    z = np.abs(over(data, "cross_coherence", "detuning", "asymmetry", method=method))
    if x.min() >= 0.0:  # exchanging the groups: the other half
        x, z = np.concatenate([-x[:0:-1], x]), np.concatenate([z[:, :0:-1], z], axis=1)
    paint(axes, x, y, z, label=r"$|\langle S^+_AS^-_B\rangle|$")
    axes.set(xlabel=DETUNING, ylabel=ASYMMETRY)
