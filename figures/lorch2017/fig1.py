"""Fig. 1(a): one oscillator, its rates and populations, and the energies of its classical counterpart."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.theme import METHOD_COLOURS, PALETTE, THEME, TWO_COLUMNS, axes_grid, label_panels

_GAIN, _LOSS, _CLASSICAL = "#7B4FA3", PALETTE[2], "0.75"
_SHOWN = 6  # levels in the ladder


def fig1(tree: Any) -> Figure:
    """The ladder (a), its rates (b), and the distribution of energy in three pictures (c).

    In (a) arrows are as thick as their rates, black bars as long as the populations; grey: the classical distribution of
    |alpha|^2 by Eq. (5), at the noise of Fig. 2(a), inside its escape bound.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``lorch2017_fig1``.
    """
    ladder = tree["ladder"].to_dataset().isel(method=0)
    classical = tree["classical"].to_dataset().isel(method=0)
    wigner = tree["wigner"].to_dataset().isel(method=0)
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 3, width=TWO_COLUMNS, aspect=0.9)
        label_panels(axes)
        _ladder(axes[0, 0], ladder, classical)
        _rates(axes[0, 1], ladder)
        _distributions(axes[0, 2], ladder, classical, wigner)
    return figure


def _ladder(axes: Axes, ladder: Any, classical: Any) -> None:
    number, density = classical["number"].values, classical["number_density"].values
    axes.fill_betweenx(number, 1.25, 1.25 + 0.8 * density / density.max(), color=_CLASSICAL, linewidth=0)
    population, gain, loss = (ladder[name].values for name in ("population", "gain_rate", "loss_rate"))
    widest = max(gain.max(), loss.max())
    for n in range(_SHOWN):
        axes.plot([0.0, 1.15], [n, n], color="0.5", linewidth=0.8)
        axes.plot([1.25, 1.25 + 0.8 * population[n]], [n, n], color="black", linewidth=3.0, solid_capstyle="butt")
        axes.text(-0.06, n, rf"$|{n}\rangle$", ha="right", va="center", fontsize=7)
        if n:
            _arrow(axes, 0.35, n - 1, n, gain[n] / widest, _GAIN)
            _arrow(axes, 0.8, n, n - 1, loss[n] / widest, _LOSS)
    axes.set(xlim=(-0.3, 2.1), ylim=(-0.65, _SHOWN - 0.6), xticks=[], yticks=[])
    axes.text(0.35, -0.5, "gain", ha="center", color=_GAIN, fontsize=7)
    axes.text(0.8, -0.5, "loss", ha="center", color=_LOSS, fontsize=7)


def _arrow(axes: Axes, x: float, start: float, stop: float, strength: float, colour: str) -> None:
    look = {"arrowstyle": "-|>", "color": colour, "linewidth": 0.3 + 3.0 * strength, "shrinkA": 2, "shrinkB": 2}
    axes.annotate("", (x, stop), (x, start), arrowprops={**look, "mutation_scale": 5 + 5 * strength})


def _rates(axes: Axes, ladder: Any) -> None:
    n = ladder["level"].values
    for name, colour, label, shift in (
        ("gain_rate", _GAIN, r"$\gamma_+ n f_+(n)$: $|n-1\rangle\to|n\rangle$", -0.18),
        ("loss_rate", _LOSS, r"$\gamma_- n f_-(n)$: $|n\rangle\to|n-1\rangle$", 0.18),
    ):
        axes.bar(n[1:] + shift, ladder[name].values[1:], width=0.34, color=colour, label=label)
    axes.set(xlabel="upper level $n$", ylabel=r"rate ($\gamma$)", yscale="log", xlim=(0.4, n.max() + 0.6))
    axes.set_ylim(None, 30.0)
    axes.legend(loc="upper right", fontsize=6.5)


def _distributions(axes: Axes, ladder: Any, classical: Any, wigner: Any) -> None:
    axes.bar(ladder["level"], ladder["population"], width=0.5, color="black", label="Fock states, exact")
    number = classical["number"].values
    axes.fill_between(
        number, classical["number_density"], color=_CLASSICAL, linewidth=0, label=r"$|\alpha|^2$, Eq. (5)", zorder=0
    )
    label = r"$|\alpha|^2 - \frac{1}{2}$, trunc. Wigner"
    axes.plot(wigner["number"], wigner["number_density"], color=METHOD_COLOURS["wigner"], label=label)
    axes.set(xlabel="quanta", ylabel="probability (density)", xlim=(-0.5, 6.5))
    # room for the legend above the highest of them
    axes.set_ylim(0.0, 1.5 * float(max(classical["number_density"].max(), ladder["population"].max())))
    axes.set_xticks(np.arange(7))
    axes.legend(loc="upper right", fontsize=6.5)
