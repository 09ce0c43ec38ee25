"""Fig. 3: synchronization of two groups."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from figures.nadolny2023.maps import DETUNING, DIVERGING, over, paint
from figures.nadolny2023.spectra import difference_curve, spectrum_map
from figures.theme import THEME, TWO_COLUMNS, axes_grid, label_panels


def fig3(tree: Any) -> Figure:
    """Spectra of both groups (a), (b); difference of their dominant frequencies (c), also against the coupling (d).

    (a) to (c): V_AB = V/2 (grey line: the detuning). In (d) white is where the frequencies are equal: an Arnold tongue up to
    V_AB about V. Lines: where the stationary lock is lost; beyond a Hopf point the lock is modulated. Scatter at the upper
    edges: two components of the spectra are nearly equal there.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``nadolny2023_fig3``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(2, 2, width=TWO_COLUMNS, aspect=0.62)
        label_panels(axes)
        spectra, data = tree["spectra"].to_dataset(), tree["map"].to_dataset()
        for panel, group in zip(axes[0], "AB", strict=True):
            spectrum_map(panel, spectra, group, {})
            panel.set_xlabel(DETUNING)
        difference_curve(axes[1, 0], tree["frequencies"].to_dataset(), {})
        both = [
            over(data, "dominant_frequency", "detuning", "intergroup_coupling", group=group) for group in ("A", "B")
        ]
        x, y = data["detuning"].values, data["intergroup_coupling"].values
        top = float(np.abs(x).max())
        paint(
            axes[1, 1], x, y, both[0] - both[1], cmap=DIVERGING, limits=(-top, top),
            label=r"$(\omega_A - \omega_B)/\gamma_-$",
        )  # fmt: skip
        locking = tree["locking"].to_dataset().isel(method=0)
        for sign in (-1.0, 1.0):
            line = sign * locking["locking_detuning"], locking["intergroup_coupling"]
            axes[1, 1].plot(*line, color="black", linewidth=0.8)
        axes[1, 1].set(xlabel=DETUNING, ylabel=r"$V_{AB}/\gamma_-$")
    return figure
