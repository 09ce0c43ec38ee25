"""Fig. 7: enhancement of synchronization over the baths."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator, ScalarFormatter

from figures.theme import THEME, TWO_COLUMNS, axes_grid, label_panels
from figures.vaidya2024.shared import ORANGE, PURPLE, gain_map, legend, one


def fig7(tree: Any) -> Figure:
    r"""R maximised over the exchange (a), and Omega at its maximum and without exchange for a cold qubit B (b).

    (a) White: beyond 10, up to infinity at :math:`w_A = \gamma_A`. (b) :math:`w_B = 0`.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``vaidya2024_fig7``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 2, width=0.86 * TWO_COLUMNS, aspect=0.84)
        label_panels(axes)
        data = tree["map"].to_dataset()
        ratio = one(data)["ratio_max"].transpose("w_b", "w_a").values
        mesh = gain_map(
            axes[0, 0],
            data,
            ratio,
            limits=(1.0, 10.0),
            label=r"$R_\mathrm{max}$",
            beyond="white",
            norm=LogNorm(1.0, 10.0),
        )
        bar = mesh.colorbar.ax.yaxis
        bar.set_major_locator(FixedLocator([1, 2, 5, 10]))
        bar.set_major_formatter(ScalarFormatter())
        bar.set_minor_locator(NullLocator())
        cold = one(tree["cold"].to_dataset())
        axes[0, 1].plot(cold["w_a"], cold["sync_entropy_free"], color=PURPLE, label=r"$\Omega|_0$")
        axes[0, 1].plot(cold["w_a"], cold["sync_entropy_max"], "--", color=ORANGE, label=r"$\Omega_\mathrm{max}$")
        axes[0, 1].set(
            xlabel=r"gain $w_A/\Gamma$", ylabel=r"$\Omega/\epsilon^2$  ($1/\Gamma^2$)", xlim=(0.0, 1.0), ylim=(0.0, 2.0)
        )
        axes[0, 1].set_box_aspect(1.0)
        legend(axes[0, 1], loc="upper center", title="$w_B = 0$", title_fontsize=6.5)
    return figure
