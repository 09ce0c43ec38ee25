"""Fig. 5: phase response to a detuned drive."""

from __future__ import annotations

import json
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.theme import THEME, TWO_COLUMNS, axes_grid, label_panels
from figures.vaidya2024.shared import EXCHANGE, ORANGE, PURPLE, azimuths, headroom, legend, one

_CASES = {"resonant": PURPLE, "detuned": ORANGE}
_LOOKS: Any = ({"linestyle": "-"}, {"linestyle": "--"}, {"linestyle": ":", "linewidth": 1.4})


def fig5(tree: Any) -> Figure:
    r"""Coherence of A for a detuned drive (a), its distributions (b), (c), and what restores the zero crossing (d).

    Purple: B resonant with A, where the coherence passes by zero; orange: B detuned by the :math:`\Delta_q` of (d), where it
    vanishes. (b), (c) At the exchange of the crossing and on either side: the peak moves gradually in (b) and jumps in (c).

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``vaidya2024_fig5``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(2, 2, width=0.86 * TWO_COLUMNS, aspect=0.66)
        label_panels(axes)
        _curves(axes[0, 0], tree["curves"].to_dataset())
        changes = one(tree["azimuths"].to_dataset())["response_change"].sel(site="A")
        for panel, case in ((axes[0, 1], "resonant"), (axes[1, 0], "detuned")):
            _azimuths(panel, changes.sel(case=case), _CASES[case])
        _restored(axes[1, 1], one(tree["restored"].to_dataset()))
    return figure


def _curves(axes: Axes, data: Any) -> None:
    parameters = json.loads(data.attrs["parameters"])
    for case, colour in _CASES.items():
        line = abs(one(data, "closed")["response"]).sel(site="A", case=case).dropna("exchange")
        dots = abs(one(data, "steadystate")["spin_coherence"]).sel(site="A", case=case).dropna("exchange")
        label = r"$\Delta_q = 0$" if case == "resonant" else r"$\Delta_q$ of (d)"
        axes.plot(line["exchange"], line, color=colour, label=label)
        axes.plot(dots["exchange"], dots / parameters["drive"], "o", color=colour, markersize=2.2)
    axes.set(
        xlabel=EXCHANGE, ylabel=r"$|\langle S^+_A\rangle|/\epsilon$  ($1/\Gamma$)", yscale="log", xlim=(0.0, 5.0),
        ylim=(1e-4, 1.0),
    )  # fmt: skip
    legend(axes, loc="upper right", title=rf"$\Delta_d = {parameters['drive_detuning']:g}\,\Gamma$", title_fontsize=6.5)


def _azimuths(axes: Axes, change: Any, colour: str) -> None:
    curves = [
        (rf"${float(g):.3g}$", 1e3 * change.sel(exchange=g).values, {"color": colour, **look})
        for g, look in zip(change["exchange"].values, _LOOKS, strict=True)
    ]
    azimuths(axes, change["azimuth"].values, curves, r"$10^3\,\delta P_A(\varphi)/\epsilon$  ($1/\Gamma$)")
    headroom(axes, 0.25)
    legend(
        axes, loc="upper left", ncols=3, columnspacing=0.8, title=r"$g/\Gamma$", title_fontsize=6.5, alignment="left"
    )


def _restored(axes: Axes, data: Any) -> None:
    x = data["drive_detuning"]
    axes.plot(x, data["restored_detuning"], color="black", label=r"$\Delta_q$")
    axes.plot(x, -x / 3.0, color="0.6", linewidth=0.7, linestyle="--", label=r"$-\Delta_d/3$")
    axes.plot(x, data["restored_exchange"], color=ORANGE, label=r"$g_{0,A}$")
    reach = float(np.abs(x).max())
    axes.set(
        xlabel=r"drive detuning $\Delta_d/\Gamma$", ylabel=r"$\Delta_q,\ g_{0,A}$  ($\Gamma$)", xlim=(-reach, reach),
        ylim=(-1.0, 2.6),
    )  # fmt: skip
    legend(axes, loc="center left", bbox_to_anchor=(0.0, 0.62))
