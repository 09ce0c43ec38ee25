"""The path from quantum to classical: n_+ from 2 to 50 at a fixed classical limit."""

from __future__ import annotations

import json
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter, ScalarFormatter

from figures.theme import METHOD_COLOURS, PALETTE, THEME, TWO_COLUMNS, axes_grid, label_panels

_ALONG = "n_plus_n_minus_sigma_kerr_thermal_noise"
_QUANTA = r"quanta $n_+$"


def classical_limit(tree: Any) -> Figure:
    r"""S/V against the detuning (a); distance from the classical limit (b); no such limit for Eq. (2) (c).

    (a) Solid: master equation; dashed: truncated Wigner; grey: Eq. (5), the same for all n_+; markers: quantum jumps.
    (b) At zero detuning: quantum and truncated Wigner go to Eq. (5) as :math:`1/n_+`, to each other as :math:`1/n_+^2`
    (dotted). Crosses: the general solver in sectors. (c) The same with the dissipators of Eq. (2), whose every jump resets
    the phase.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``lorch2017_classical_limit``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 3, width=TWO_COLUMNS, aspect=0.95)
        label_panels(axes)
        _curves(axes[0, 0], tree["curves"].to_dataset())
        _jumps(axes[0, 0], tree["convergence"].to_dataset(), tree["curves"]["n_plus"].values)
        _convergence(axes[0, 1], tree["convergence"].to_dataset())
        _incoherent(axes[0, 2], tree["incoherent"].to_dataset())
    return figure


def _coupling(data: Any) -> float:
    return float(json.loads(data.attrs["parameters"])["coupling"][0][1])


def _curves(axes: Axes, data: Any) -> None:
    scale = 1.0 / _coupling(data)
    sync = data["sync"].isel(pair=0) * scale
    detuning = data["detuning"].values
    classical = sync.sel({"method": "langevin"}).isel({_ALONG: -1})
    axes.plot(detuning, classical, color="0.6", linewidth=2.5, label="Eq. (5)")
    for place, colour in zip(range(sync.sizes[_ALONG]), PALETTE, strict=False):
        part = sync.isel({_ALONG: place})
        axes.plot(detuning, part.sel({"method": "steadystate"}), color=colour, label=f"{float(part['n_plus']):g}")
        axes.plot(detuning, part.sel({"method": "wigner"}), color=colour, linestyle="--", linewidth=0.8)
    axes.set(xlabel=r"detuning $\Delta/\gamma$", ylabel=r"$S/V$  ($1/\gamma$)", xlim=(-0.6, 30.0), ylim=(0.0, None))
    axes.plot([], [], color="0.3", linestyle="--", linewidth=0.8, label="trunc. Wigner")
    axes.plot([], [], "o", color="0.3", markersize=2.6, label="jumps")
    axes.legend(title="$n_+$", alignment="left", labelspacing=0.3)


def _jumps(axes: Axes, data: Any, drawn: np.ndarray) -> None:
    """Quantum jumps at zero detuning, in the colours of the curves that are drawn."""
    part = data.sel({"method": "jumps"}).isel(pair=0, detuning=0)
    scale = 1.0 / _coupling(data)
    for n, sync, error in zip(part["n_plus"].values, part["sync"].values, part["sync_stderr"].values, strict=True):
        if np.isfinite(sync):
            colour = PALETTE[int(np.flatnonzero(drawn == n)[0])]
            axes.errorbar([0.0], [scale * sync], [scale * error], fmt="o", color=colour, markersize=2.6, elinewidth=0.7)


def _at_zero(data: Any) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    sync = data["sync"].isel(pair=0, detuning=0)
    return data["n_plus"].values, {str(m): sync.sel({"method": m}).values for m in data["method"].values}


def _few_ticks(axes: Axes) -> None:
    axes.xaxis.set_major_locator(FixedLocator([2, 5, 10, 20, 50]))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())


def _convergence(axes: Axes, data: Any) -> None:
    n, sync = _at_zero(data)
    exact, wigner, classical = sync["steadystate"], sync["wigner"], sync["langevin"]
    for values, colour, marker, label in (
        (1 - exact / classical, METHOD_COLOURS["steadystate"], "o", "quantum to Eq. (5)"),
        (1 - wigner / classical, METHOD_COLOURS["wigner"], "s", "Wigner to Eq. (5)"),
        (1 - wigner / exact, "black", "D", "Wigner to quantum"),
    ):
        axes.loglog(n, abs(values), marker, color=colour, markersize=3, linestyle="-", linewidth=0.7, label=label)
    sectors = abs(1 - sync["sectors"] / classical)
    axes.loglog(n, sectors, "x", color="black", markersize=4.5, markeredgewidth=0.7, label="sectors to Eq. (5)")
    last = n[-1]
    for gap, power, label in (
        (1 - exact[-1] / classical[-1], 1, r"$\propto 1/n_+$ and $1/n_+^2$"),
        (1 - wigner[-1] / exact[-1], 2, "_"),  # in the label of the other
    ):
        far = n[n >= 8]
        axes.loglog(far, abs(gap) * (last / far) ** power, ":", color="0.5", linewidth=0.8, label=label)
    axes.set(xlabel=_QUANTA, ylabel=r"relative difference of $S$", ylim=(None, 100.0))
    _few_ticks(axes)
    axes.legend(loc="upper right", labelspacing=0.3)


def _incoherent(axes: Axes, data: Any) -> None:
    n, sync = _at_zero(data)
    scale = 1.0 / _coupling(data)
    for method, marker, label in (
        ("langevin", "", "Eq. (5)"),
        ("steadystate", "o", "master equation, Eq. (2)"),
        ("wigner", "s", "trunc. Wigner, reset"),
    ):
        colour = "0.6" if method == "langevin" else METHOD_COLOURS[method]
        axes.loglog(n, scale * sync[method], marker=marker, color=colour, markersize=3, label=label)
    axes.set(xlabel=_QUANTA, ylabel=r"$S/V$  ($1/\gamma$)", ylim=(None, 40.0))
    _few_ticks(axes)
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.legend(loc="upper right", labelspacing=0.3)
