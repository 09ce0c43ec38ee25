"""Fig. 12: Omega with diagonal and with partially coherent limit-cycle states."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from figures.theme import THEME, TWO_COLUMNS, axes_grid, label_panels
from figures.vaidya2024.shared import EXCHANGE, ORANGE, PURPLE, legend, one


def fig12(data: Any) -> Figure:
    r"""Both kinds of limit-cycle states (a), and by how much they differ at two drives (b).

    (a) At :math:`\epsilon = 0.1\,\Gamma`; line: the limit of a weak drive. (b) The difference of the two is of order
    :math:`\epsilon^4`: dashed, that at the smaller drive multiplied by the square of the ratio of the drives.

    Parameters
    ----------
    data : xarray.Dataset
        Of the plan ``vaidya2024_fig12``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 2, width=0.86 * TWO_COLUMNS, aspect=0.74)
        label_panels(axes)
        exact, drives = one(data, "steadystate"), data["drive"].values
        strong = exact.isel(drive=-1)
        g = data["exchange"].values
        limit = one(data, "closed")["sync_entropy"].isel(drive=0)
        axes[0, 0].plot(g, limit, color="0.6", label=r"$\epsilon \to 0$")
        few = slice(None, None, max(1, g.size // 25))
        for name, mark, colour, label in (
            ("sync_entropy_diagonal", "o", PURPLE, "diagonal"),
            ("sync_entropy_block", "x", ORANGE, "partially coherent"),
        ):
            axes[0, 0].plot(g[few], strong[name].values[few], mark, color=colour, markersize=3.2, label=label)
        axes[0, 0].set(
            xlabel=EXCHANGE, ylabel=r"$\Omega/\epsilon^2$  ($1/\Gamma^2$)", xlim=(0.0, g.max()), ylim=(0.0, None)
        )
        legend(axes[0, 0], loc="lower right")
        difference = exact["sync_entropy_diagonal"] - exact["sync_entropy_block"]
        for k, colour in enumerate((PURPLE, ORANGE)):
            axes[0, 1].plot(
                g[1:], difference.isel(drive=k)[1:], color=colour, label=rf"$\epsilon = {drives[k]:g}\,\Gamma$"
            )
        scaled = difference.isel(drive=0) * (drives[1] / drives[0]) ** 2
        axes[0, 1].plot(g[1:], scaled[1:], "--", color="black", linewidth=0.7)
        axes[0, 1].set(xlabel=EXCHANGE, yscale="log", xlim=(0.0, g.max()))
        top = float(np.nanmax(difference))
        axes[0, 1].set(ylabel=r"difference of $\Omega/\epsilon^2$  ($1/\Gamma^2$)", ylim=(1e-4 * top, 20.0 * top))
        legend(axes[0, 1], loc="upper right")
    return figure
