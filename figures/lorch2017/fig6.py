"""Fig. 6: energies of two identical oscillators, and which exchanges of a quantum are resonant."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.theme import PALETTE, THEME, TWO_COLUMNS, axes_grid, label_panels

_EQUAL, _ONE_APART = PALETTE[3], PALETTE[0]


def fig6(data: Any) -> Figure:
    r"""Energies against :math:`n_1 - n_2`, without (a) and with (b) anharmonicity.

    States of one total number stand in a row; lines join those that an exchange of one quantum connects, solid where it is
    resonant. Red: equal numbers, resonant in (a) and blocked in (b). Blue: numbers that differ by one, resonant in both.

    Parameters
    ----------
    data : xarray.Dataset
        Of the plan ``lorch2017_fig6``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 2, width=TWO_COLUMNS, aspect=0.72, sharey=True)
        label_panels(axes)
        for panel, kerr in zip(axes[0], data["kerr"].values, strict=True):
            _diagram(panel, data["energy"].sel(kerr=kerr).isel(method=0).values)
            panel.set_title("$K = 0$" if kerr == 0.0 else rf"$K = {kerr:g}\gamma$")
            panel.set_xlabel("$n_1 - n_2$")
        axes[0, 0].set_ylabel(r"energy ($\gamma$)")
    return figure


def _diagram(axes: Axes, energy: np.ndarray) -> None:
    levels = len(energy)
    for total in range(levels):
        for n in range(total + 1):  # of the first oscillator
            m = total - n
            colour = _EQUAL if n == m else _ONE_APART if abs(n - m) == 1 else "0.4"
            x, y = n - m, energy[n, m]
            axes.plot([x - 0.45, x + 0.45], [y, y], color=colour, linewidth=2.0, solid_capstyle="butt", zorder=3)
            axes.text(x, y + 12.0, rf"$|{n},{m}\rangle$", ha="center", va="bottom", fontsize=6, color=colour)
            if n < total:
                _link(axes, (x, y), (x + 2, energy[n + 1, m - 1]), {n - m, n - m + 2})
    axes.set(ylim=(-50.0, energy[levels // 2, levels // 2] + 130.0), xlim=(1 - levels - 0.7, levels - 0.3))
    axes.set_xticks(np.arange(1 - levels, levels))


def _link(axes: Axes, left: tuple[float, float], right: tuple[float, float], differences: set[int]) -> None:
    resonant = bool(np.isclose(left[1], right[1]))
    colour = _EQUAL if 0 in differences else _ONE_APART if differences == {-1, 1} else "0.7"
    axes.plot(
        [left[0] + 0.45, right[0] - 0.45], [left[1], right[1]],
        color=colour, linewidth=0.8, linestyle="-" if resonant else ":", zorder=2,
    )  # fmt: skip
