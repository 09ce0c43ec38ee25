"""Fig. 14: spherical tensors of a qutrit."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from figures.theme import PALETTE, THEME, TWO_COLUMNS, axes_grid, label_panels
from figures.vaidya2024.shared import EXCHANGE, legend, one

_NAMES = {"T11": (r"$|\langle T_1^1\rangle|/\epsilon$", "-"), "T21": (r"$|\langle T_2^1\rangle|/\epsilon$", "--"),
          "T22": (r"$|\langle T_2^2\rangle|/\epsilon^2$", "-.")}  # fmt: skip


def fig14(data: Any) -> Figure:
    r"""Spherical tensors of qutrit A (a) and of qutrit B (b), to leading order in the drive, in units of :math:`\Gamma`.

    Every dip is a zero crossing; T22 of A, of second order in the drive, has two.

    Parameters
    ----------
    data : xarray.Dataset
        Of the plan ``vaidya2024_fig14``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 2, width=0.86 * TWO_COLUMNS, aspect=0.74, sharey=True)
        label_panels(axes)
        for panel, spin in zip(axes[0], "AB", strict=True):
            for (name, (label, line)), colour in zip(_NAMES.items(), PALETTE, strict=False):
                values = np.abs(one(data)["multipole"].sel(site=spin, tensor=name))
                panel.plot(data["exchange"], values, line, color=colour, label=label)
            panel.set(xlabel=EXCHANGE, xlim=(0.0, 4.0), yscale="log", ylim=(1e-5, 1.0))
            panel.set_title(f"qutrit {spin}")
        axes[0, 0].set_ylabel("spherical tensors")
        legend(axes[0, 0], loc="upper right")
    return figure
