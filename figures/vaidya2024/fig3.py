"""Fig. 3: phase response of the individual qubits."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.theme import THEME, TWO_COLUMNS, axes_grid, label_panels
from figures.vaidya2024.shared import EXCHANGE, SPINS, azimuths, headroom, legend, one

_LOOKS: Any = (
    {"linestyle": "-"}, {"linestyle": "--"}, {"linestyle": ":", "linewidth": 1.4}
)  # fmt: skip


def fig3(tree: Any) -> Figure:
    r"""Coherence of both qubits against the exchange (a), and the azimuthal distributions of A (b) and B (c).

    (a) Lines: Eqs. (C3), (C4) in closed form; markers: steady states at :math:`\epsilon = 0.01\,\Gamma`; stars: positive
    roots of the crossing polynomials. (b), (c) Before, at and after the zero crossing, where the distribution is flat and
    its peak has moved by :math:`\pi`.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``vaidya2024_fig3``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 3, width=TWO_COLUMNS, aspect=0.86)
        label_panels(axes)
        _curves(axes[0, 0], tree["curves"].to_dataset(), one(tree["crossings"].to_dataset()))
        changes = one(tree["azimuths"].to_dataset())["response_change"]
        for panel, spin, middle in ((axes[0, 1], "A", 1), (axes[0, 2], "B", 2)):
            _azimuths(panel, changes.sel(site=spin).isel(exchange=[0, middle, 3]), spin)
    return figure


def _curves(axes: Axes, data: Any, crossings: Any) -> None:
    closed, exact = one(data, "closed"), one(data, "steadystate")
    drive = 0.01
    for spin, colour in SPINS.items():
        line = abs(closed["response"].sel(site=spin)).dropna("exchange")
        dots = (abs(exact["spin_coherence"].sel(site=spin)) / drive).dropna("exchange")
        axes.plot(line["exchange"], line, color=colour, label=f"qubit {spin}")
        axes.plot(dots["exchange"], dots, "o", color=colour, markersize=2.2)
        axes.plot(
            crossings["zero_crossing"].sel(site=spin), 0.0, "*", color=colour, markersize=8, clip_on=False,
            markeredgecolor="black", markeredgewidth=0.4, zorder=5,
        )  # fmt: skip
    axes.set(
        xlabel=EXCHANGE, ylabel=r"$|\langle S^+\rangle|/\epsilon$  ($1/\Gamma$)", xlim=(0.0, 5.0), ylim=(0.0, None)
    )
    legend(axes, loc="upper right")


def _azimuths(axes: Axes, change: Any, spin: str) -> None:
    curves = [
        (rf"$g = {float(g):.3g}\,\Gamma$", change.sel(exchange=g).values, {"color": SPINS[spin], **look})
        for g, look in zip(change["exchange"].values, _LOOKS, strict=True)
    ]
    azimuths(axes, change["azimuth"].values, curves, rf"$\delta P_{spin}(\varphi)/\epsilon$  ($1/\Gamma$)")
    headroom(axes, 0.25)
    legend(axes, loc="upper left", ncols=3, columnspacing=0.8)
