"""Fig. 4: bath parameters over which a zero crossing can be observed."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from figures.theme import THEME, TWO_COLUMNS, axes_grid, label_panels
from figures.vaidya2024.shared import gain_map, one


def fig4(data: Any) -> Figure:
    r"""Exchange at the zero crossing of A (a) and of B (b) over the gain rates of both qubits, :math:`\Gamma_A = \Gamma_B`.

    White: no zero crossing; red: beyond :math:`4\Gamma`. B has one wherever the baths are inverted, nowhere beyond
    :math:`4.41\Gamma`; A has none beyond the line where :math:`p + 2q = 2p(p+q)^2`, at which its crossing goes to infinity.

    Parameters
    ----------
    data : xarray.Dataset
        Of the plan ``vaidya2024_fig4``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 2, width=0.86 * TWO_COLUMNS, aspect=0.84)
        label_panels(axes)
        for panel, spin in zip(axes[0], "AB", strict=True):
            crossing = one(data)["zero_crossing"].sel(site=spin).transpose("w_b", "w_a").values
            top, extend = (4.0, "max") if spin == "A" else (5.0, "neither")
            gain_map(panel, data, crossing, limits=(0.0, top), label=rf"$g_{{0,{spin}}}/\Gamma$", extend=extend)
    return figure
