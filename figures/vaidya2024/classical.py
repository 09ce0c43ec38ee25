"""Classical counterparts of the two-qubit oscillator: which zero crossings need quantum correlations."""

from __future__ import annotations

import json
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MultipleLocator, NullLocator, ScalarFormatter

from figures.theme import PALETTE, THEME, TWO_COLUMNS, axes_grid, label_panels
from figures.vaidya2024.shared import EXCHANGE, SPINS, legend, one

_NUMBERS = ("#08306B", "#2171B5", "#6BAED6", "#9ECAE1", "#C6DBEF")
_WIGNER, _MEAN_FIELD = PALETTE[2], "0.5"
_MAP_COLOURS = {1: "#C6DBEF", 2: "#6BAED6", 3: "#2171B5"}


def classical(tree: Any) -> Figure:
    r"""Responses in all pictures (a)-(c), crossings with N spins per site (d), where they exist (e), mean field (f).

    (a), (b) Baths of Fig. 3: blue, N spins per site by the master equation; green, discrete truncated Wigner of one spin per
    site with standard errors; grey, mean field; all at one drive. Mean field has no zero crossing, discrete Wigner has one at a
    shifted place. (c) Baths of Fig. 5: discrete Wigner crosses zero far outside, two spins per site not at all; mean field is
    above. (d) Crossings of A. (e) Baths for which A has a crossing with one, two, and three spins per site. (f) Above
    :math:`g_c` the undriven mean field is a limit cycle; lines: closed form, markers: integration. For the baths of (c) both
    amplitudes are equal.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``vaidya2024_classical``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(2, 3, width=TWO_COLUMNS, aspect=0.86)
        label_panels(axes)
        near, far = tree["near"].to_dataset(), tree["far"].to_dataset()
        _responses(axes[0, 0], near, "A")
        _responses(axes[0, 1], near, "B")
        _responses(axes[0, 2], far, "A")
        axes[0, 2].set_ylim(-0.06, 0.14)
        axes[0, 0].set_ylim(-0.1, 0.34)
        axes[0, 1].set_ylim(-0.03, 0.11)
        _pictures(axes[0, 0], near)
        _numbers(axes[1, 0], one(tree["number"].to_dataset())["zero_crossing"].sel(site="A"))
        _existence(axes[1, 1], tree)
        _cycle(axes[1, 2], tree["cycle"].to_dataset())
    return figure


def _responses(axes: Axes, data: Any, spin: str) -> None:
    parameters = json.loads(data.attrs["parameters"])
    drive = parameters["drive"]

    def part(values: Any) -> tuple[np.ndarray, np.ndarray]:
        # where nothing was asked for, complex numbers are NaN in their real part alone
        there = values.sel(site=spin).dropna("exchange")
        return there["exchange"].values, (there.values.imag if spin == "A" else there.values.real) / drive

    exact = one(data, "steadystate")["spin_coherence"]
    for number, colour in zip(data["spins_per_site"].values, _NUMBERS, strict=False):
        axes.plot(*part(exact.sel(spins_per_site=number)), color=colour)
    axes.plot(*part(one(data, "mean_field")["spin_coherence"].sel(spins_per_site=1)), color=_MEAN_FIELD, linestyle="--")
    wigner = one(data, "discrete_wigner").sel(spins_per_site=1)
    axes.errorbar(
        *part(wigner["spin_coherence"]), part(wigner["spin_coherence_stderr"])[1], fmt="o", color=_WIGNER, markersize=2.2,
        elinewidth=0.7,
    )  # fmt: skip
    axes.axhline(0.0, color="0.6", linewidth=0.5, zorder=0)
    name = r"\mathrm{Im}" if spin == "A" else r"\mathrm{Re}"
    axes.set(
        xlabel=EXCHANGE, ylabel=rf"${name}\,\langle S^+_{spin}\rangle/\epsilon$  ($1/\Gamma$)",
        xlim=(0.0, float(data["exchange"].max())),
    )  # fmt: skip
    axes.set_title(rf"$w_A = {parameters['w_a']:g},\ w_B = {parameters['w_b']:g}$", fontsize=7, loc="right")


def _pictures(axes: Axes, data: Any) -> None:
    for number, colour in zip(data["spins_per_site"].values, _NUMBERS, strict=False):
        axes.plot([], [], color=colour, label=f"$N = {int(number)}$")
    axes.plot([], [], color=_MEAN_FIELD, linestyle="--", label="mean field")
    axes.plot([], [], "o", color=_WIGNER, markersize=2.2, label="discrete Wigner")
    legend(axes, loc="upper right", ncols=2, columnspacing=0.8)


def _numbers(axes: Axes, crossings: Any) -> None:
    n = crossings["spins_per_site"].values
    for baths, colour, mark in zip(crossings["baths"].values, PALETTE, "osD^v", strict=False):
        label = str(baths).replace("w_A", "$w_A").replace(", w_B", ",\\ w_B") + "$"
        axes.plot(n, crossings.sel(baths=baths), mark + "-", color=colour, linewidth=0.7, label=label)
    lowest = float(crossings.isel(spins_per_site=0).min())
    axes.plot(n, 0.85 * lowest * np.sqrt(n), ":", color="0.5", linewidth=0.8, label=r"$\propto\sqrt{N}$")
    axes.set(
        xlabel="spins per site $N$",
        ylabel=r"zero crossing $g_{0,A}/\Gamma$",
        xscale="log",
        yscale="log",
        ylim=(0.3, 15.0),
    )
    for axis, ticks in ((axes.xaxis, n), (axes.yaxis, [0.5, 1.0, 2.0, 5.0, 10.0])):
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_major_formatter(ScalarFormatter())
        axis.set_minor_locator(NullLocator())
    legend(axes, loc="upper left", fontsize=6)


def _existence(axes: Axes, tree: Any) -> None:
    for number, colour in _MAP_COLOURS.items():
        data = one(tree[f"map{number}"].to_dataset())
        found = data["zero_crossing"].sel(site="A").transpose("w_b", "w_a").values
        there = np.where(np.isfinite(found), 1.0, np.nan)
        axes.pcolormesh(
            data["w_a"], data["w_b"], there, cmap=ListedColormap([colour]), shading="nearest", rasterized=True
        )
        axes.plot([], [], "s", color=colour, markersize=5, label=f"$N = {number}$")
    axes.set(xlim=(0.5, 1.0), ylim=(0.0, 0.5), xlabel=r"gain $w_A/\Gamma$", ylabel=r"gain $w_B/\Gamma$")
    axes.xaxis.set_major_locator(MultipleLocator(0.25))
    axes.yaxis.set_major_locator(MultipleLocator(0.25))
    legend(axes, loc="upper right", title="crossing of A", title_fontsize=6.5, alignment="left")


def _cycle(axes: Axes, data: Any) -> None:
    for baths, line in (("near", "-"), ("far", "--")):
        for spin, colour in SPINS.items():
            place = {"baths": baths, "site": spin}
            closed = one(data, "bloch")["limit_cycle_amplitude"].sel(place)
            found = one(data, "mean_field")["limit_cycle_amplitude"].sel(place)
            closed, found = closed.dropna("exchange"), found.dropna("exchange")
            axes.plot(closed["exchange"], closed, line, color=colour, linewidth=1.3 if baths == "near" else 0.9)
            axes.plot(found["exchange"], found, "o", color=colour, markersize=2.2)
    for spin, colour in SPINS.items():
        axes.plot([], [], color=colour, label=rf"$|\langle S^+_{spin}\rangle|$")
    for line, label in (("-", "baths of (a)"), ("--", "baths of (c)")):
        axes.plot([], [], line, color="0.3", label=label)
    axes.set(
        xlabel=EXCHANGE, ylabel="mean-field limit cycle", xlim=(0.0, float(data["exchange"].max())), ylim=(0.0, 0.3)
    )
    legend(axes, loc="upper left", ncols=2, columnspacing=0.8)
