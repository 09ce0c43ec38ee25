"""Fig. 5: a ring of four oscillators, two and two identical."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from figures.lorch2017 import maps
from figures.theme import THEME, TWO_COLUMNS, axes_grid, label_panel

_ROWS = (("a", 0, r"$S_{AB}$"), ("b", 2, r"$S_{AD}$"))  # letter, pair among 0-1, 0-2, 0-3, ...
_LABELS = (r"$\Delta/\gamma$", r"$V/\gamma$")


def fig5(tree: Any) -> Figure:
    """S of a detuned pair (a) and of an identical pair (b) of the ring A-B-D-C-A, as `figures.lorch2017.fig4` draws them.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``lorch2017_fig5``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(2, 4, width=TWO_COLUMNS, aspect=0.84)
        for row, (letter, pair, name) in zip(axes, _ROWS, strict=True):
            _row(row, pair, tree)
            label_panel(row[0], letter)
            row[3].set_ylabel(name)
        for panel, title in zip(axes[0], maps.COLUMNS, strict=True):
            panel.set_title(title, fontsize=8)
    return figure


def _row(axes: np.ndarray, pair: int, tree: Any) -> None:
    shown = [
        maps.values(tree[name].to_dataset(), "omega[0]", "coupling", method, pair)
        for name, method in (("ring", "steadystate"), ("ring_wigner", "wigner"), ("ring_classical", "langevin"))
    ]
    maps.pictures(axes[:3], shown, [([d, d], [0.0, 1.0]) for d in (-20.0, 20.0)], _LABELS)
    cuts = tree["ring_cuts"].to_dataset()
    jumps = maps.values(cuts, "omega[0]", "coupling", "jumps", pair)
    maps.cuts(axes[3], shown[0], jumps, maps.errors(cuts, "omega[0]", "coupling", "jumps", pair), _LABELS)
