"""A validity map: where over (sigma, K) truncated Wigner reproduces the quantum S."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FormatStrFormatter, NullFormatter

from compare.agreement import validity_map
from figures.theme import THEME, TWO_COLUMNS, axes_grid, label_panels

_BANDS = (0.0, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
_TITLES = {"incoherent": "Eq. (2), reset form", "coherent": "footnote 41, tangential noise"}


def validity(tree: Any) -> Figure:
    r"""Largest deviation of truncated Wigner over the detunings, as a fraction of the largest S.

    White line: 10 %. Dots: verdict "holds" (within 10 % at the 5 % level, grid errors included). Dashed: K = gamma/sigma,
    along which Fig. 3(a) goes. Grey: no state on the grids. Islands in (a): there the deviation at zero detuning changes sign.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``lorch2017_validity``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 2, width=TWO_COLUMNS, aspect=0.72, sharey=True)
        label_panels(axes)
        for panel, (kind, title) in zip(axes[0], _TITLES.items(), strict=True):
            found = validity_map(tree[kind].to_dataset(), "wigner", "steadystate", within=0.1, over=("sigma", "kerr"))
            drawn = _map(panel, found)
            panel.set_title(title)
        axes[0, 0].set_ylabel(r"$K/\gamma$")
        figure.colorbar(drawn, ax=list(axes[0]), ticks=_BANDS, label=r"$\max_\Delta|S_W - S|\,/\max_\Delta S$")
    return figure


def _map(axes: Axes, found: Any) -> Any:
    sigma, kerr = found["sigma"].values, found["kerr"].values
    deviation = found["deviation"].transpose("kerr", "sigma").values
    axes.set_facecolor("0.8")
    norm = BoundaryNorm(_BANDS, 256, extend="max")
    drawn = axes.pcolormesh(sigma, kerr, deviation, norm=norm, cmap="viridis_r", shading="nearest", rasterized=True)
    axes.set(xscale="log", yscale="log", xlabel=r"$\sigma$")
    for axis, ticks in ((axes.xaxis, (0.2, 0.5, 1, 2, 3)), (axes.yaxis, (0.3, 1, 3, 10))):
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_major_formatter(FormatStrFormatter("%g"))
        axis.set_minor_formatter(NullFormatter())
    if np.isfinite(deviation).all() and min(deviation.shape) > 3:
        axes.contour(sigma, kerr, deviation, levels=[0.1], colors="white", linewidths=1.2)
    holds = found["verdict"].transpose("kerr", "sigma").values == 1.0
    rows, columns = np.nonzero(holds)
    axes.plot(sigma[columns], kerr[rows], ".", color="black", markersize=2.5)
    axes.plot(sigma, 1.0 / sigma, "--", color="black", linewidth=0.8, scalex=False, scaley=False)
    return drawn
