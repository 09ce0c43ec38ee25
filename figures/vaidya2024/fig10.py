"""Fig. 10: coherences of the two transmons of the circuit against the exchange."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from figures.theme import THEME, TWO_COLUMNS, axes_grid, label_panels
from figures.vaidya2024.circuit import curve, frame, methods_legend, spins_key
from figures.vaidya2024.shared import SPINS


def fig10(tree: Any) -> Figure:
    r""":math:`|\langle S_j^+\rangle|` of both transmons, without dephasing (above) and with it (below).

    Left: the circuit of the paper's panel (a), right: of (b). Solid: qubits with the circuit's gain and loss; dashed: the
    16 slow elements of the circuit; circles: all its 81 states. What is a zero for qubits is a finite minimum of the
    circuit, at a smaller exchange.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``vaidya2024_fig10``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(2, 2, width=TWO_COLUMNS, aspect=0.62, sharex=False)
        label_panels(axes)
        for column, name in enumerate("ab"):
            data, rates = tree[name].to_dataset(), tree[f"{name}_rates"].to_dataset()
            for row, dephasing in enumerate(data["dephasing"].values):
                panel, part = axes[row, column], data.sel(dephasing=dephasing)
                for site, colour in SPINS.items():
                    for method in ("qubits", "secular", "split"):
                        curve(panel, np.abs(part["spin_coherence"].sel(site=site)), method, colour)
                frame(panel, rates, float(dephasing))
                panel.set(ylabel=r"$|\langle S_j^+\rangle|$", ylim=(0.0, None))
        spins_key(axes[0, 0])
        methods_legend(axes[0, 0], loc="upper right")
    return figure
