"""Fig. 4: three oscillators, two of them identical."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from figures.lorch2017 import maps
from figures.theme import THEME, TWO_COLUMNS, axes_grid, label_panel

_ROWS = (("a", "ab", 1), ("b", "ab", 0), ("c", "cd", 1), ("d", "cd", 0))  # letter, panel, pair: 0 is A-B, 1 is A-C
_PAIRS = (r"$S_{AB}$", r"$S_{AC}$")


def fig4(tree: Any) -> Figure:
    r"""S of the detuned pair A-C and of the identical pair A-B: exact, truncated Wigner, classical; cuts with jumps.

    (a), (b): no direct link between A and B, over the detuning of C and V1; dashed, the resonances :math:`\pm 2K`. (c), (d):
    at :math:`\Delta = 2K` over V1 and the direct link V2, with contours. Only the sign of :math:`V_1^2V_2` has a meaning
    (`compare.plans.lorch2017.fig4`): the strip of suppressed S_AB is at V2 < 0. Parameters as in Fig. 3.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``lorch2017_fig4``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(4, 4, width=TWO_COLUMNS, aspect=0.84)
        for row, (letter, panel, pair) in zip(axes, _ROWS, strict=True):
            _row(row, letter, panel, pair, tree)
        for panel, title in zip(axes[0], maps.COLUMNS, strict=True):
            panel.set_title(title, fontsize=8)
    return figure


def _row(axes: np.ndarray, letter: str, panel: str, pair: int, tree: Any) -> None:
    x, y = ("omega[2]", "coupling") if panel == "ab" else ("coupling[0,1]", "coupling[0,2]")
    labels = (r"$\Delta/\gamma$" if panel == "ab" else r"$V_2/\gamma$", r"$V_1/\gamma$")
    shown = [
        maps.values(tree[name].to_dataset(), x, y, method, pair)
        for name, method in ((panel, "steadystate"), (f"{panel}_wigner", "wigner"), (f"{panel}_classical", "langevin"))
    ]
    lines = [([d, d], [0.0, 1.0]) for d in (-20.0, 20.0)] if panel == "ab" else []
    maps.pictures(axes[:3], shown, lines, labels)
    if panel == "cd":
        axes[0].contour(*shown[0], levels=8, colors="white", linewidths=0.4)
    label_panel(axes[0], letter)
    cuts = tree[f"{panel}_cuts"].to_dataset()
    jumps = maps.values(cuts, x, y, "jumps", pair)
    maps.cuts(axes[3], shown[0], jumps, maps.errors(cuts, x, y, "jumps", pair), labels)
    axes[3].set_ylabel(_PAIRS[pair])
