"""What Figs. 10 and 11 share: curves of the circuit, its secular model and the qubits, over the exchange in kHz."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from figures.vaidya2024.shared import SPINS, legend, one

# of each method: how it is drawn
_STYLES: dict[str, dict[str, Any]] = {
    "qubits": {"linestyle": "-"},
    "secular": {"linestyle": (0, (3.0, 1.6)), "linewidth": 0.7},
    "split": {"linestyle": "none", "marker": "o", "markersize": 2.8},
}
_NAMES = {"qubits": "qubit model", "secular": "circuit, secular model", "split": "circuit, all states"}


def curve(axes: Axes, values: Any, method: str, colour: str) -> None:
    """Draw one variable over the exchange by one method, where it was computed."""
    part = values.sel({"method": method})
    known = np.isfinite(part.values)
    axes.plot(1e3 * part["exchange"].values[known], part.values[known], color=colour, **_STYLES[method])


def methods_legend(axes: Axes, colour: str = "0.3", **options: Any) -> None:
    """Legend of the methods, and nothing else."""
    for method, style in _STYLES.items():
        axes.plot([], [], color=colour, label=_NAMES[method], **style)
    legend(axes, **options)


def spins_key(axes: Axes) -> None:
    """Entries of the two transmons for the next legend."""
    for site, colour in SPINS.items():
        axes.plot([], [], color=colour, linewidth=2.0, label=f"transmon {site}")


def frame(axes: Axes, rates: Any, dephasing: float) -> None:
    """Exchange in kHz on the axis, the circuit's ratios of gain and loss and its dephasing above."""
    part = one(rates).sel(dephasing=0.0)
    ratio = part["qubit_gain"] / part["qubit_loss"]
    text = ", ".join(rf"$w_{site}/\gamma_{site} = {float(ratio.sel(site=site)):.2g}$" for site in "AB")
    axes.set_title(rf"{text}, $\gamma_\phi/2\pi = {1e3 * dephasing:g}$ kHz", fontsize=7, loc="right")
    axes.set(xlabel=r"exchange $g_{AB}/2\pi$ (kHz)", xlim=(0.0, 350.0))
