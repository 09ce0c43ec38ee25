"""Fig. 4: the macroscopic quantum synchronization blockade."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from figures.nadolny2023.maps import ASYMMETRY, CYCLIC, DETUNING, DIVERGING, over, paint, stability_lines
from figures.theme import THEME, TWO_COLUMNS, axes_grid, label_panels


def fig4(dataset: Any) -> Figure:
    """Frequency difference (a), order parameter (b) and relative phase (c) over detuning and asymmetry.

    Black in (a) and (c): no synchronization. Dashed: where the unsynchronized state becomes unstable. (b) shows the mean of
    the two groups' order parameters; near the diagonals they differ. Where each group synchronizes on its own (colours in (a))
    the relative phase is arbitrary.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of the plan ``nadolny2023_fig4``.
    """
    x, y = dataset["detuning"].values, dataset["asymmetry"].values
    plane = ("detuning", "asymmetry")
    kind = over(dataset, "sync_class", *plane)
    both = [over(dataset, "dominant_frequency", *plane, group=group) for group in ("A", "B")]
    order = [over(dataset, "order", *plane, group=group) for group in ("A", "B")]
    phase = np.where(kind > 0, over(dataset, "relative_phase", *plane), np.nan)
    growth = over(dataset, "growth_rate", *plane, method="stability")
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 3, width=TWO_COLUMNS, aspect=0.86)
        label_panels(axes)
        one, two, three = axes[0]
        difference = np.where(kind == 2, 0.0, both[0] - both[1])
        top = float(np.abs(x).max())
        paint(one, x, y, difference, cmap=DIVERGING, limits=(-top, top), label=r"$(\omega_A - \omega_B)/\gamma_-$")
        paint(two, x, y, 0.5 * (order[0] + order[1]), label=r"$\overline{|\langle S^+\rangle|}$")
        paint(three, x, y, phase / np.pi, cmap=CYCLIC, limits=(-1.0, 1.0), label=r"$(\phi_A - \phi_B)/\pi$")
        for panel, colour in zip(axes[0], ("0.5", "white", "0.5"), strict=True):
            stability_lines(panel, x, y, growth, colour)
            panel.set(xlabel=DETUNING, ylabel=ASYMMETRY)
            panel.label_outer()
    return figure
