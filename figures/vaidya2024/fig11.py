"""Fig. 11: Omega of the circuit against the exchange."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from figures.theme import THEME, TWO_COLUMNS, axes_grid, label_panels
from figures.vaidya2024.circuit import curve, frame, methods_legend
from figures.vaidya2024.shared import PURPLE


def fig11(tree: Any) -> Figure:
    r""":math:`\Omega` of both transmons' levels g and e, without dephasing (above) and with it (below).

    Left: the circuit of the paper's panel (a), right: of (b). Solid: qubits with the circuit's gain and loss; dashed: the
    16 slow elements of the circuit; circles: all its 81 states.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``vaidya2024_fig11``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(2, 2, width=TWO_COLUMNS, aspect=0.62)
        label_panels(axes)
        for column, name in enumerate("ab"):
            data, rates = tree[name].to_dataset(), tree[f"{name}_rates"].to_dataset()
            for row, dephasing in enumerate(data["dephasing"].values):
                panel = axes[row, column]
                for method in ("qubits", "secular", "split"):
                    curve(panel, data["driven_entropy"].sel(dephasing=dephasing), method, PURPLE)
                frame(panel, rates, float(dephasing))
                panel.set(ylabel=r"$\Omega$", ylim=(0.0, None))
        methods_legend(axes[0, 0], loc="upper right")
    return figure
