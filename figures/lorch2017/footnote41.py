"""Footnote 41: the blockade with one jump operator per direction, beside that with one per level."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from figures.lorch2017 import maps
from figures.theme import PALETTE, THEME, TWO_COLUMNS, axes_grid, label_panels

_LINES: dict[str, Any] = {"incoherent": "-", "coherent": "--"}
_NAMES = {"incoherent": "Eq. (2)", "coherent": "footnote 41"}


def footnote41(tree: Any) -> Figure:
    r"""Fig. 2(b) and Fig. 3(a) for both kinds of dissipators, and how deep the suppression at zero detuning is.

    (a) Solid: Eq. (2), dashed: one operator per direction; markers: quantum jumps at the strongest coupling. (b), (c) Maps
    over detuning and width, computed for one sign of the detuning, in which S is even; dashed: :math:`\pm 2K`. (d) S at zero
    detuning in units of the largest along the detuning: 1 where the blockade is lifted. It is there in both cases, but for
    coherent jumps it needs narrower Lorentzians: at the sigma = .2 of the paper's cuts S is largest at zero detuning.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``lorch2017_footnote41``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(2, 2, width=TWO_COLUMNS, aspect=0.62)
        label_panels(axes)
        _curves(axes[0, 0], tree["fig2b"].to_dataset())
        axes[0, 0].set_title("Fig. 2(b)")
        maps_of = tree["fig3a"].to_dataset()
        top = float(maps_of["sync"].max())
        for panel, kind in zip((axes[0, 1], axes[1, 0]), _LINES, strict=True):
            half = maps.values(maps_of.sel(dissipators=kind), "detuning", "sigma", "steadystate")
            maps.paint(panel, *maps.mirrored(*half), top=top)
            fine = np.linspace(half[1].min(), half[1].max(), 200)
            maps.draw_lines(panel, [(sign * 2.0 / fine, fine) for sign in (-1, 1)])
            panel.set(xlabel=r"$\Delta/\gamma$", ylabel=r"$\sigma$")
            panel.set_title(f"Fig. 3(a), {_NAMES[kind]}")
        _depth(axes[1, 1], maps_of)
    return figure


def _curves(axes: Axes, data: Any) -> None:
    for coupling, colour in zip(data["coupling"].values, PALETTE, strict=False):
        for kind, line in _LINES.items():
            part = data.isel(pair=0).sel(coupling=coupling, dissipators=kind)
            axes.plot(data["detuning"], part["sync"].sel({"method": "steadystate"}) / coupling, line, color=colour)
            jumps = part.sel({"method": "jumps"})
            axes.errorbar(
                data["detuning"], jumps["sync"] / coupling, jumps["sync_stderr"] / coupling, fmt="o", color=colour,
                markersize=2.8, elinewidth=0.6, markeredgewidth=0.6, fillstyle="full" if kind == "incoherent" else "none",
            )  # fmt: skip
        axes.plot([], [], color=colour, label=f"{coupling:g}")
    axes.set(xlabel=r"$\Delta/\gamma$", ylabel=r"$S/V$  ($1/\gamma$)", xlim=(-30.0, 30.0), ylim=(0.0, 2.3))
    axes.add_artist(axes.legend(title=r"$V/\gamma$", ncols=2, loc="upper left", alignment="left"))
    kinds = [Line2D([], [], color="0.3", linestyle=line) for line in _LINES.values()]
    marker = Line2D([], [], color="0.3", marker="o", linestyle="none", markersize=2.8)
    axes.legend([*kinds, marker], [*_NAMES.values(), "jumps"], loc="upper right")


def _depth(axes: Axes, data: Any) -> None:
    sync = data["sync"].isel(pair=0, method=0)
    middle = sync.sel(detuning=0.0) / sync.max("detuning")
    for kind, line in _LINES.items():
        axes.plot(data["sigma"], middle.sel(dissipators=kind), line, color="black", label=_NAMES[kind])
    axes.set(xlabel=r"$\sigma$", ylabel=r"$S(0)\,/\max_\Delta S$", ylim=(0.0, 1.05))
    axes.legend(loc="lower right")
