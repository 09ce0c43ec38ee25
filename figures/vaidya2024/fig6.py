"""Figs. 6 and 15: enhancement and suppression of synchronization of two qubits, and of two qutrits."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.theme import COLUMN, THEME, TWO_COLUMNS, axes_grid, label_panels
from figures.vaidya2024.shared import EXCHANGE, ORANGE, PURPLE, legend, one

_BATHS = {"not inverted": PURPLE, "inverted": ORANGE}
# as in `compare.plans.vaidya2024.paper`
_LABELS = {"not inverted": "$w_A = 0.45,\\ w_B = 0.05$", "inverted": "$w_A = 0.46,\\ w_B = 0.82$"}


def fig6(data: Any) -> Figure:
    r"""R against the exchange (a), and the coherences between dressed states (b).

    (b) Solid: between T and U (equal in magnitude to that between S and U), dashed: between T and D.

    Parameters
    ----------
    data : xarray.Dataset
        Of the plan ``vaidya2024_fig6``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 2, width=0.86 * TWO_COLUMNS, aspect=0.74)
        label_panels(axes)
        _ratios(axes[0, 0], one(data))
        for baths, colour in _BATHS.items():
            part = np.abs(one(data)["dressed_coherence"].sel(baths=baths))
            for state, line in (("TU", "-"), ("TD", "--")):
                axes[0, 1].plot(data["exchange"], part.sel(dressed=state), line, color=colour)
        for state, line in (("U", "-"), ("D", "--")):
            axes[0, 1].plot([], [], line, color="0.3", label=rf"$|\langle T|\rho|{state}\rangle|$")
        axes[0, 1].set(xlabel=EXCHANGE, ylabel=r"dressed coherence$/\epsilon$  ($1/\Gamma$)")
        axes[0, 1].set(xlim=(0.0, 6.0), ylim=(0.0, None))
        legend(axes[0, 1], loc="upper right")
    return figure


def fig15(tree: Any) -> Figure:
    """R of two qutrits against the exchange; thin: two qubits with the same baths.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``vaidya2024_fig15``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 1, width=COLUMN, aspect=0.74)
        _ratios(axes[0, 0], one(tree["qutrits"].to_dataset()))
        qubits = one(tree["qubits"].to_dataset())["sync_entropy_ratio"]
        for baths, colour in _BATHS.items():
            axes[0, 0].plot(qubits["exchange"], qubits.sel(baths=baths), color=colour, linewidth=0.6, linestyle="--")
        axes[0, 0].plot([], [], color="0.3", linewidth=0.6, linestyle="--", label="qubits")
        legend(axes[0, 0], loc="upper right")
    return figure


def _ratios(axes: Axes, data: Any) -> None:
    for baths, colour in _BATHS.items():
        axes.plot(data["exchange"], data["sync_entropy_ratio"].sel(baths=baths), color=colour, label=_LABELS[baths])
    axes.axhline(1.0, color="0.75", linewidth=0.5, zorder=0)
    axes.set(xlabel=EXCHANGE, ylabel=r"$R = \Omega/\Omega|_0$", yscale="log", xlim=(0.0, 6.0), ylim=(0.2, 20.0))
    legend(axes, loc="upper right")
