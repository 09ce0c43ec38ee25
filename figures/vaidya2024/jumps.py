"""Quantum jumps of the driven two-qubit oscillator."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.theme import THEME, TWO_COLUMNS, axes_grid, label_panels
from figures.vaidya2024.shared import EXCHANGE, SPINS, legend, one

_SHOWN = 40.0  # time of the tracks, in 1/Gamma


def jumps(tree: Any) -> Figure:
    r"""Trajectories of qubit A (a), their coherence and that of the average (b), time averages (c), and phase slips (d).

    (a) :math:`\mathrm{Im}\langle\psi|S_A^+|\psi\rangle` of one trajectory before, at and after the zero crossing: on
    resonance the phase is :math:`\pm\pi/2` and slips by :math:`\pi`. (b) Dashed: root mean square over time and
    trajectories; solid: coherence of the steady state. At the crossings single trajectories are as coherent as elsewhere:
    the two signs cancel. (c) Lines: steady state; markers: jumps with standard errors. (d) Slips of both phases; at g = 0
    qubit B has no coherence and so no slips.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``vaidya2024_jumps``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(2, 2, width=TWO_COLUMNS, aspect=0.6)
        label_panels(axes)
        _tracks(axes[0, 0], one(tree["tracks"].to_dataset())["conditional_coherence"].sel(site="A"))
        averages = tree["averages"].to_dataset()
        exact, found = one(averages, "steadystate"), one(averages, "jumps").dropna("exchange", subset=["slip_rate"])
        _sizes(axes[0, 1], exact, found)
        _averages(axes[1, 0], exact, found)
        _slips(axes[1, 1], found)
    return figure


def _tracks(axes: Axes, tracks: Any) -> None:
    time = tracks["time"].values
    shown = time <= _SHOWN
    for place, g in enumerate(tracks["exchange"].values):
        c = tracks.sel(exchange=g).isel(trajectory=0).values[shown].imag
        base = -1.2 * place
        axes.axhline(base, color="0.75", linewidth=0.5, zorder=0)
        axes.fill_between(time[shown], base, base + np.maximum(c, 0.0), color=SPINS["A"], linewidth=0)
        axes.fill_between(time[shown], base, base + np.minimum(c, 0.0), color=SPINS["B"], linewidth=0)
        axes.text(0.99 * _SHOWN, base + 0.55, rf"$g = {float(g):.3g}\,\Gamma$", ha="right", va="center", fontsize=6.5)
    axes.set(xlim=(0.0, _SHOWN), xlabel=r"time ($1/\Gamma$)", ylabel=r"$\mathrm{Im}\,\langle\psi|S^+_A|\psi\rangle$")
    axes.set(ylim=(-3.0, 0.8), yticks=[0.0, -1.2, -2.4], yticklabels=["0", "0", "0"])


def _sizes(axes: Axes, exact: Any, found: Any) -> None:
    g = exact["exchange"].values
    for spin, colour in SPINS.items():
        axes.plot(
            g, np.abs(exact["spin_coherence"].sel(site=spin)), color=colour, label=rf"$|\langle S^+_{spin}\rangle|$"
        )
        size = found["conditional_coherence_rms"].sel(site=spin)
        axes.plot(found["exchange"], size.where(size > 0.0), "--", color=colour)
    axes.plot([], [], "--", color="0.3", label="rms of trajectories")
    axes.set(xlabel=EXCHANGE, ylabel="coherence", xlim=(0.0, float(g.max())), yscale="log", ylim=(3e-4, 2.0))
    legend(axes, loc="upper right", ncols=3, columnspacing=0.8)


def _averages(axes: Axes, exact: Any, found: Any) -> None:
    g = exact["exchange"].values
    for (spin, colour), part in zip(SPINS.items(), (np.imag, np.real), strict=True):
        name = r"$\mathrm{Im}\,\langle S^+_A\rangle$" if spin == "A" else r"$\mathrm{Re}\,\langle S^+_B\rangle$"
        axes.plot(g, part(exact["spin_coherence"].sel(site=spin).values), color=colour, label=name)
        axes.errorbar(
            found["exchange"], part(found["spin_coherence"].sel(site=spin).values),
            part(found["spin_coherence_stderr"].sel(site=spin).values), fmt="o", color=colour, markersize=2.4, elinewidth=0.7,
        )  # fmt: skip
    axes.axhline(0.0, color="0.75", linewidth=0.5, zorder=0)
    axes.set(xlabel=EXCHANGE, ylabel="coherence", xlim=(0.0, float(g.max())))
    legend(axes, loc="upper right")


def _slips(axes: Axes, data: Any) -> None:
    for spin, colour in SPINS.items():
        part = data.sel(site=spin)
        part = part.isel(exchange=part["conditional_coherence_rms"].values > 0.0)
        axes.errorbar(
            part["exchange"], part["slip_rate"], part["slip_rate_stderr"], fmt="o-", color=colour, markersize=2.4,
            elinewidth=0.7, linewidth=0.7, label=f"qubit {spin}",
        )  # fmt: skip
    axes.set(xlabel=EXCHANGE, ylabel=r"phase slips per time ($\Gamma$)", xlim=(0.0, float(data["exchange"].max())))
    axes.set_ylim(0.0, None)
    legend(axes, loc="lower right")
