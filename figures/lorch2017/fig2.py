"""Fig. 2: a pair against its detuning."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from figures.theme import PALETTE, THEME, TWO_COLUMNS, axes_grid, label_panels

_DETUNING = r"detuning $\Delta/\gamma$"
_SCALED = r"$S/V$  ($1/\gamma$)"
_WIGNER = PALETTE[5]


def fig2(tree: Any) -> Figure:
    """S/V against detuning: classical, quantum, and truncated Wigner at the quantum parameters.

    Parameters
    ----------
    tree : xarray.DataTree
        Panels ``a`` and ``b`` of the plan ``lorch2017_fig2``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 2, width=TWO_COLUMNS, aspect=0.78)
        label_panels(axes)
        _classical(axes[0, 0], tree["a"].to_dataset())
        _quantum(axes[0, 1], tree["b"].to_dataset())
    return figure


def _curve(data: Any, method: str, coupling: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Detunings, S/V and its standard error of one method, where it was computed."""
    part = data.sel({"method": method, "coupling": coupling}).isel(pair=0)
    known = np.isfinite(part["sync"].values)
    error = part["sync_stderr"].values if "sync_stderr" in part else np.full(known.size, np.nan)
    return part["detuning"].values[known], part["sync"].values[known] / coupling, error[known] / coupling


def _errors(axes: Axes, curve: tuple[np.ndarray, ...], colour: Any, marker: str, **style: Any) -> None:
    x, y, error = curve
    axes.errorbar(x, y, error, color=colour, fmt=marker, markersize=2.4, elinewidth=0.6, markeredgewidth=0.5, **style)


def _classical(axes: Axes, data: Any) -> None:
    for coupling, colour in zip(data["coupling"].values, PALETTE, strict=False):
        x, y, error = _curve(data, "langevin", coupling)
        axes.fill_between(x, y - error, y + error, color=colour, alpha=0.4, linewidth=0.0)
        x, y, _ = _curve(data, "fokker_planck", coupling)
        axes.plot(x, y, color=colour, linewidth=0.7, label=f"${coupling:.4f}$")
    axes.set(xlabel=_DETUNING, ylabel=_SCALED, xlim=(data["detuning"].min(), data["detuning"].max()), ylim=(0.0, None))
    axes.add_artist(axes.legend(loc="upper left", title=r"$V/\gamma$", handlelength=1.2, alignment="left"))
    kinds = [Patch(color="0.3", alpha=0.4, linewidth=0), Line2D([], [], color="0.3", linewidth=0.7)]
    axes.legend(kinds, ["Langevin\n($\\pm$ s.e.)", "Fokker-\nPlanck"], loc="upper right", handlelength=1.2)
    rate = data["exit_rate"].sel({"method": "fokker_planck"})
    note = (
        "quasi-stationary:\nsampled until one\n"
        r"$|\alpha_j|^2 > n_- + 10\sigma$;"
        f"\nexit rate {float(rate.min()):.4f}\nto {float(rate.max()):.4f} $\\gamma$"
    )
    axes.text(0.985, 0.66, note, transform=axes.transAxes, ha="right", va="top", fontsize=6.0, linespacing=1.35)


_DOTTED, _DASHED = (0, (1, 1.2)), (0, (4, 2))


def _quantum(axes: Axes, data: Any) -> None:
    couplings = data["coupling"].values
    for coupling, colour in zip(couplings, PALETTE, strict=False):
        x, y, _ = _curve(data, "steadystate", coupling)
        axes.plot(x, y, color=colour, label=f"${coupling:g}$")
        _errors(axes, _curve(data, "jumps", coupling), colour, "o")
    x, y, _ = _curve(data, "perturbation", couplings[0])
    axes.plot(x, y, color="black", linestyle=_DASHED, linewidth=0.8)
    for method, line in (("fokker_planck_coherent", "-"), ("fokker_planck_reset", _DOTTED)):
        x, y, _ = _curve(data, method, couplings[0])
        axes.plot(x, y, color=_WIGNER, linestyle=line)
    for method, marker in (("wigner_coherent", "s"), ("wigner_reset", "D")):
        _errors(axes, _curve(data, method, couplings[-1]), _WIGNER, marker, fillstyle="none")
    axes.set(xlabel=_DETUNING, ylabel=_SCALED, xlim=(data["detuning"].min(), data["detuning"].max()), ylim=(0.0, 2.55))
    axes.add_artist(axes.legend(loc="upper left", title=r"$V/\gamma$", handlelength=1.2, alignment="left"))
    tuples = {tuple: HandlerTuple(ndivide=None)}
    handles = _quantum_handles()
    axes.legend(handles, _quantum_names(couplings), loc="upper right", handlelength=1.8, handler_map=tuples)


def _quantum_handles() -> list[Any]:
    def marker(colour: str, shape: str, **style: Any) -> Line2D:
        return Line2D(
            [], [], color=colour, marker=shape, markersize=2.4, linestyle="none", markeredgewidth=0.5, **style
        )

    return [
        Line2D([], [], color="0.3"),
        marker("0.3", "o"),
        Line2D([], [], color="black", linestyle=_DASHED, linewidth=0.8),
        Line2D([], [], color=_WIGNER),
        Line2D([], [], color=_WIGNER, linestyle=_DOTTED),
        (marker(_WIGNER, "s", fillstyle="none"), marker(_WIGNER, "D", fillstyle="none")),
    ]


def _quantum_names(couplings: np.ndarray) -> list[str]:
    return [
        "steady state",
        "quantum jumps",
        "first order",
        f"trunc. Wigner, coherent, $V={couplings[0]:g}$",
        f"trunc. Wigner, reset, $V={couplings[0]:g}$",
        f"the same two, sampled, $V={couplings[-1]:g}$",
    ]
