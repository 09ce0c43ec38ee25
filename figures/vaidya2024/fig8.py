"""Fig. 8: suppression of synchronization over the baths."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from figures.theme import PALETTE, THEME, TWO_COLUMNS, axes_grid, label_panels
from figures.vaidya2024.shared import EXCHANGE, gain_map, legend, one

_MARKS = ("o", "s", "^", "D")


def fig8(tree: Any) -> Figure:
    r"""R at the local minimum over the exchange (a), and Omega at the four points marked there (b).

    (a) White: no local minimum. It exists only where the baths are inverted.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``vaidya2024_fig8``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 2, width=0.86 * TWO_COLUMNS, aspect=0.84)
        label_panels(axes)
        data, curves = tree["map"].to_dataset(), one(tree["curves"].to_dataset())
        ratio = one(data)["ratio_min"].transpose("w_b", "w_a").values
        gain_map(axes[0, 0], data, ratio, limits=(0.0, 1.0), label=r"$R_\mathrm{min}$", extend="neither")
        height = float(tree["curves"].attrs.get("w_b", _cut(tree)))
        for gain, colour, mark in zip(curves["w_a"].values, PALETTE, _MARKS, strict=False):
            axes[0, 0].plot(
                gain, height, mark, color=colour, markeredgecolor="black", markeredgewidth=0.4, markersize=4
            )
            omega = curves["sync_entropy"].sel(w_a=gain)
            axes[0, 1].plot(curves["exchange"], omega, color=colour)
            axes[0, 1].plot([], [], mark, color=colour, label=rf"$w_A = {float(gain):g}$")
        axes[0, 1].set(
            xlabel=EXCHANGE,
            ylabel=r"$\Omega/\epsilon^2$  ($1/\Gamma^2$)",
            yscale="log",
            xlim=(0.0, 5.0),
            ylim=(2e-3, 1.0),
        )
        axes[0, 1].set_box_aspect(1.0)
        legend(axes[0, 1], loc="upper right", title=rf"$w_B = {height:g}$", title_fontsize=6.5)
    return figure


def _cut(tree: Any) -> float:
    """w_B of the cut, from the parameters that the dataset holds."""
    import json

    return float(json.loads(tree["curves"].to_dataset().attrs["parameters"])["w_b"])
