"""Networks: chains and rings of four and five quantum oscillators, and a lattice of 100 classical ones."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from figures.lorch2017.maps import few_ticks
from figures.theme import PALETTE, THEME, TWO_COLUMNS, axes_grid, label_panels

_TIGHT: Any = {"handlelength": 0.8, "columnspacing": 0.6, "handletextpad": 0.3, "borderaxespad": 0.7}
_SHAPES = {"chain4": "chain of 4", "ring4": "ring of 4", "chain5": "chain of 5", "ring5": "ring of 5"}


def networks(tree: Any) -> Figure:
    r"""S of oscillator 0 with each other against the detuning of every other one, and S of all pairs of a lattice.

    (a)-(d) Lines: steady state; markers: jumps; dashed: :math:`\pm 2K`. Oscillators 0, 2 and 4 are identical, and 1 and 3; in
    the ring of four k = 1 and 3 coincide. (e) All pairs of the ring of five at the detuning 2K. (f), (g) S of each site of a
    classical lattice (Eq. 5, random frequencies) with the one marked, at two couplings. (h) S against the distance along
    links, means over all pairs; bars: their standard error, as if the pairs were independent.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``lorch2017_networks``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(2, 4, width=TWO_COLUMNS, aspect=0.95)
        label_panels(axes)
        for panel, (name, title) in zip(axes[0], _SHAPES.items(), strict=True):
            _curves(panel, tree[name].to_dataset())
            panel.set_title(title)
        axes[0, 0].set_ylabel("$S_{0k}$")
        _matrix(axes[1, 0], tree["ring5"].to_dataset())
        lattice = tree["lattice"].to_dataset().isel(method=0)
        couplings = lattice["coupling"].values
        for panel, place in zip(axes[1, 1:3], (1, 2), strict=True):
            _neighbourhood(panel, lattice["sync"].isel(coupling=place))
            panel.set_title(f"lattice, $V = {couplings[place]:g}\\gamma$")
        _distances(axes[1, 3], lattice)
    return figure


def _curves(axes: Axes, data: Any) -> None:
    detuning = data["omega[1]"].values
    partners = [str(pair) for pair in data["pair"].values if str(pair).startswith("0-")]
    for pair, colour in zip(partners, PALETTE, strict=False):
        part = data.sel(pair=pair)
        axes.plot(detuning, part["sync"].sel({"method": "steadystate"}), color=colour, label=pair[2:])
        jumps = part.sel({"method": "jumps"})
        axes.errorbar(
            detuning, jumps["sync"], jumps["sync_stderr"], fmt="o", color=colour, markersize=1.8, elinewidth=0.5
        )
    for side in (-20.0, 20.0):
        axes.axvline(side, ymax=0.68, color="0.7", linewidth=0.6, dashes=(3, 2), zorder=0)
    axes.set(xlabel=r"$\Delta/\gamma$", xlim=(detuning.min(), detuning.max()), ylim=(0.0, 0.55))
    axes.legend(title="with $k$ =", ncols=4, loc="upper center", **_TIGHT)


def full_matrix(sync: Any) -> np.ndarray:
    """The symmetric matrix of S from its pairs, NaN on the diagonal."""
    pairs = np.array([str(pair).split("-") for pair in sync["pair"].values], dtype=int)
    out = np.full((pairs.max() + 1,) * 2, np.nan)
    out[pairs[:, 0], pairs[:, 1]] = out[pairs[:, 1], pairs[:, 0]] = sync.values
    return out


def _image(axes: Axes, values: np.ndarray) -> None:
    axes.set_facecolor("0.85")
    drawn = axes.imshow(values, vmin=0.0, origin="upper")
    bar = axes.figure.colorbar(drawn, ax=axes, aspect=18, pad=0.02)
    bar.ax.set_title("$S$", fontsize=7, pad=3)
    few_ticks(bar)


def _matrix(axes: Axes, data: Any) -> None:
    place = int(abs(data["omega[1]"].values - 20.0).argmin())
    sync = data["sync"].sel({"method": "steadystate"}).isel({data["omega[1]"].dims[0]: place})
    values = full_matrix(sync)
    _image(axes, values)
    axes.set(xticks=range(len(values)), yticks=range(len(values)), xlabel="oscillator", ylabel="oscillator")
    axes.set_title(r"ring of 5, $\Delta = 2K$")


def _side(size: int) -> int:
    return round(np.sqrt(size))


def _neighbourhood(axes: Axes, sync: Any) -> None:
    values = full_matrix(sync)
    side = _side(len(values))
    centre = (side // 2) * side + side // 2
    _image(axes, values[centre].reshape(side, side))
    axes.plot([side // 2], [side // 2], "k+", markersize=4)
    axes.set(xlabel="column", ylabel="row")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5, integer=True))


def _distances(axes: Axes, data: Any) -> None:
    for coupling, colour in zip(data["coupling"].values, PALETTE, strict=False):
        part = data.sel(coupling=coupling)
        values, error = full_matrix(part["sync"]), full_matrix(part["sync_stderr"])
        row, column = np.divmod(np.arange(len(values)), _side(len(values)))
        apart = abs(np.subtract.outer(row, row)) + abs(np.subtract.outer(column, column))
        steps = np.arange(1, apart.max() + 1)
        mean = np.array([values[apart == d].mean() for d in steps])
        # each pair stands twice in the matrix
        spread = np.array([np.sqrt(2.0) * np.linalg.norm(error[apart == d]) / (apart == d).sum() for d in steps])
        axes.errorbar(
            steps,
            mean,
            spread,
            fmt="o-",
            color=colour,
            label=f"{coupling:g}",
            markersize=2.0,
            elinewidth=0.6,
            linewidth=0.8,
        )
    axes.set(xlabel="distance along links", ylabel="mean $S$", yscale="log", ylim=(1e-2, 200.0))
    axes.legend(title=r"$V/\gamma$", ncols=3, loc="upper center", **_TIGHT)
