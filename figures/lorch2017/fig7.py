"""Fig. 7: the minimal model, two oscillators of three levels."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.theme import PALETTE, THEME, TWO_COLUMNS, axes_grid, label_panels

_EXCHANGE = PALETTE[3]
_CASES = {"harmonic": "$K = 0$", "anharmonic": r"$K = 15\gamma$", "detuned": r"$\Delta = 2K$"}
_LINES = {"3 levels": ("-", 1.0), "10 levels": ("--", 0.7), "2 levels": (":", 1.2)}


def fig7(tree: Any) -> Figure:
    r"""The exchange :math:`a_L^\dagger a_R` in the levels of both oscillators (a), and S against the detuning (b).

    Two levels (dotted) give S = 0; ten levels (dashed) show that three already tell the story. Markers: quantum jumps.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``lorch2017_fig7``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 2, width=TWO_COLUMNS, aspect=0.68)
        label_panels(axes)
        _levels(axes[0, 0], tree["levels"].to_dataset().isel(method=0)["energy"])
        _curves(axes[0, 1], tree["sync"].to_dataset().isel(pair=0))
    return figure


def _levels(axes: Axes, energy: Any) -> None:
    for place, (case, label) in enumerate(_CASES.items()):
        e = energy.sel(case=case).values
        gained, lost = e[2, 0] - e[1, 0], e[0, 1] - e[0, 0]
        for side, levels in enumerate((e[:, 0], e[0, :])):
            x = 3.0 * place + 1.1 * side
            for y in levels:
                axes.plot([x, x + 0.8], [y, y], color="0.4", linewidth=1.0)
            axes.plot(
                [x + 0.4], [levels[1]], "o", color="black", markersize=3, label="steady state" if x == 0 else None
            )
            start, stop = (levels[1], levels[2]) if side == 0 else (levels[1], levels[0])
            axes.annotate("", (x + 0.6, stop), (x + 0.6, start), arrowprops={"arrowstyle": "-|>", "color": _EXCHANGE})
            axes.text(x + 0.4, -14.0, "LR"[side], ha="center", va="top", fontsize=7)
        resonant = np.isclose(gained, lost)
        verdict = "resonant" if resonant else f"off by {abs(gained - lost):g}$\\gamma$"
        axes.text(3.0 * place + 0.95, 172.0, f"{label}\n{verdict}", ha="center", va="bottom", fontsize=7)
    axes.set(xlim=(-0.4, 8.3), ylim=(-35.0, 215.0), xticks=[], ylabel=r"energy ($\gamma$)")


def _curves(axes: Axes, data: Any) -> None:
    for kerr, colour in zip(data["kerr"].values, PALETTE, strict=False):
        for method, (line, width) in _LINES.items():
            part = data["sync"].sel({"method": method, "kerr": kerr})
            known = np.isfinite(part.values)
            label = ("$K = 0$" if kerr == 0.0 else rf"$K = {kerr:g}\gamma$") if method == "3 levels" else None
            axes.plot(data["detuning"][known], part[known], line, color=colour, linewidth=width, label=label)
        jumps = data.sel({"method": "jumps", "kerr": kerr})
        axes.errorbar(
            data["detuning"], jumps["sync"], jumps["sync_stderr"], fmt="o", color=colour, markersize=2.2, elinewidth=0.6
        )
    for method, (line, width) in _LINES.items():
        axes.plot([], [], line, color="0.3", linewidth=width, label=method)
    axes.plot([], [], "o", color="0.3", markersize=2.2, label="jumps (3 levels)")
    axes.set(xlabel=r"detuning $\Delta/\gamma$", ylabel="$S$", xlim=(-45.0, 45.0), ylim=(-0.01, 0.6))
    axes.legend(ncols=2, loc="upper center", fontsize=6.5)
