"""One look for all figures: the journals' column widths, fonts, and colours that colour-blind readers tell apart."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Physical Review: widths of one column and of both, in inches
COLUMN = 3.375
TWO_COLUMNS = 7.0

# Okabe and Ito (2008), without the yellow that is too pale for lines; an order in which neighbours differ in lightness
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#000000")

# The same method has the same colour in every figure that compares methods
METHOD_COLOURS = {
    "steadystate": PALETTE[0],
    "langevin": PALETTE[1],
    "wigner": PALETTE[2],
    "wigner_coherent": PALETTE[2],
    "wigner_reset": PALETTE[4],
    "jumps": PALETTE[3],
    "perturbation": PALETTE[6],
    "fokker_planck": PALETTE[5],
    "mean_field": "#7F7F7F",
}

# Maps: perceptually even, one for magnitudes and one for signed quantities
SEQUENTIAL = "viridis"
DIVERGING = "RdBu_r"

THEME: Any = {
    "font.family": "serif",
    "font.serif": ["STIX Two Text", "STIXGeneral", "Times New Roman", "DejaVu Serif"],
    "mathtext.fontset": "stix",
    "font.size": 8.0,
    "axes.labelsize": 8.0,
    "axes.titlesize": 8.0,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "legend.fontsize": 7.0,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "axes.linewidth": 0.6,
    "axes.prop_cycle": cycler(color=PALETTE),
    "lines.linewidth": 1.0,
    "lines.markersize": 3.0,
    "errorbar.capsize": 1.5,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "image.cmap": SEQUENTIAL,
    "savefig.dpi": 300,
    "pdf.fonttype": 42,  # journals want fonts embedded as text
}


class ThemedFigure(Figure):
    """A figure that carries its theme: matplotlib looks some parameters up only when it draws."""

    def draw(self, renderer: Any) -> None:
        """Draw under `THEME`, whatever the parameters are outside."""
        with mpl.rc_context(THEME):
            super().draw(renderer)

    def savefig(self, fname: Any, **kwargs: Any) -> None:
        """Save under `THEME`."""
        with mpl.rc_context(THEME):
            super().savefig(fname, **kwargs)


def axes_grid(
    rows: int = 1, columns: int = 1, *, width: float = COLUMN, aspect: float = 0.72, **subplots: Any
) -> tuple[ThemedFigure, np.ndarray]:
    """Return an empty themed figure and its axes.

    Parameters
    ----------
    rows, columns : int
        Panels.
    width : float
        Width of the figure in inches: `COLUMN` or `TWO_COLUMNS`.
    aspect : float
        Height of a panel in units of its width.
    **subplots
        Further arguments of `matplotlib.figure.Figure.subplots`, ``sharex`` say.

    Returns
    -------
    figure : ThemedFigure
        Laid out by matplotlib's constrained layout.
    axes : array of Axes, shape (rows, columns)
    """
    with mpl.rc_context(THEME):
        figure = ThemedFigure(figsize=(width, width / columns * aspect * rows), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False, **subplots)
    return figure, axes


def label_panels(axes: np.ndarray, labels: str = "abcdefghijklmnopqrstuvwxyz") -> None:
    """Write (a), (b), ... above the panels, row by row."""
    for panel, letter in zip(np.ravel(axes), labels, strict=False):
        label_panel(panel, letter)


def label_panel(panel: Axes, letter: str) -> None:
    """Write the letter of one panel above its left corner."""
    panel.set_title(f"({letter})", loc="left", fontweight="bold")
