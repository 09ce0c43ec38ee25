"""Sec. III C: what dephasing and stronger drives change."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.theme import PALETTE, THEME, TWO_COLUMNS, axes_grid, label_panels
from figures.vaidya2024.shared import EXCHANGE, SPINS, legend, one

_CASES = {
    "weak drive": r"$\epsilon = 0.01\,\Gamma$",
    "drive 0.3": r"$\epsilon = 0.3\,\Gamma$",
    "drive 1": r"$\epsilon = \Gamma$",
    "dephasing 0.2": r"$\gamma_\phi = 0.2\,\Gamma$, weak",
}


def robustness(tree: Any) -> Figure:
    r"""Zero crossings with dephasing (a) and at stronger drives (b), and Omega in both cases (c).

    (a) Closed form, weak drive. (b) Roots of the coherences of the exact steady state: they stay exact zeros. (c) Baths of
    Fig. 6, :math:`w_A = 0.46`, :math:`w_B = 0.82`.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``vaidya2024_robustness``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 3, width=TWO_COLUMNS, aspect=0.86)
        label_panels(axes)
        dephasing, drive = one(tree["dephasing"].to_dataset()), one(tree["drive"].to_dataset())
        _crossings(axes[0, 0], dephasing["dephasing"], dephasing, r"dephasing $\gamma_\phi/\Gamma$")
        _crossings(axes[0, 1], drive["drive"], drive, r"drive $\epsilon/\Gamma$")
        axes[0, 1].set_xscale("log")
        omega = one(tree["omega"].to_dataset())["sync_entropy_diagonal"]
        for case, colour in zip(omega["case"].values, PALETTE, strict=False):
            axes[0, 2].plot(omega["exchange"], omega.sel(case=case), color=colour, label=_CASES[str(case)])
        axes[0, 2].set(
            xlabel=EXCHANGE, ylabel=r"$\Omega/\epsilon^2$  ($1/\Gamma^2$)", xlim=(0.0, 6.0), ylim=(0.0, None)
        )
        legend(axes[0, 2], loc="upper right")
    return figure


def _crossings(axes: Axes, x: Any, data: Any, label: str) -> None:
    for spin, colour in SPINS.items():
        axes.plot(x, data["zero_crossing"].sel(site=spin), color=colour, label=rf"$g_{{0,{spin}}}$")
    axes.set(xlabel=label, ylabel=r"zero crossing ($\Gamma$)", xlim=(float(x.min()), float(x.max())), ylim=(0.0, None))
    legend(axes, loc="upper left")
