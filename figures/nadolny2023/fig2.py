"""Fig. 2: synchronization of a single group."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.nadolny2023.maps import over, paint
from figures.theme import PALETTE, THEME, TWO_COLUMNS, axes_grid, label_panels

_BELOW, _ABOVE = PALETTE[3], PALETTE[0]
# K / (gamma_+ + gamma_-) = -.1, 0, .1, as in the paper: orange, black, blue
_ASYMMETRIES = (PALETTE[1], "black", PALETTE[0])
_ELEMENTS = {
    "01": (PALETTE[3], r"$|\rho_{01}|$"),
    "12": (PALETTE[2], r"$|\rho_{12}|$"),
    "02": (PALETTE[5], r"$|\rho_{02}|$"),
}
_RATIO = r"$V/(\gamma_- + \gamma_+)$"


def fig2(tree: Any) -> Figure:
    r"""Amplitude in time (a), order parameter and coherences (b), phase diagram (c), response of one oscillator (d).

    (a) Solid: modulus of <S^+>, thin: its real part, for V/(gamma_- + gamma_+) = 1/5 and 3/5. (b) Dots: time integration;
    lines: rotating waves. (c) Order parameter at K = 0, and the critical couplings of linear stability. (d) s(phi) of one
    oscillator driven with Omega = gamma_-/10: solid gamma_+ = gamma_-, dashed gamma_+ = gamma_-/2.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``nadolny2023_fig2``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(2, 2, width=TWO_COLUMNS, aspect=0.62)
        label_panels(axes)
        _courses(axes[0, 0], tree["a"].to_dataset())
        _transition(axes[0, 1], tree["b"].to_dataset())
        _diagram(axes[1, 0], tree["c"].to_dataset(), tree["thresholds"].to_dataset())
        _responses(axes[1, 1], tree["d"].to_dataset())
    return figure


def _courses(axes: Axes, data: Any) -> None:
    for ratio, colour, label in zip(data["coupling_ratio"].values, (_BELOW, _ABOVE), ("1/5", "3/5"), strict=True):
        course = data["amplitude"].isel(method=0, group=0).sel(coupling_ratio=ratio)
        axes.plot(data["time"], np.abs(course), color=colour, label=f"{_RATIO} = {label}")
        axes.plot(data["time"], course.real, color=colour, linewidth=0.5)
    axes.set(xlabel=r"time $t\gamma_-$", ylabel=r"$|\langle S^+\rangle|$, Re $\langle S^+\rangle$", xlim=(0.0, 50.0))
    axes.set_ylim(-0.17, 0.24)
    axes.axhline(0.0, color="0.8", linewidth=0.5, zorder=0)
    axes.legend(loc="upper right")


def _transition(axes: Axes, data: Any) -> None:
    x = data["coupling_ratio"].values
    shown = slice(None, None, max(1, x.size // 40))
    curves: list[tuple[str, dict[str, str], str, str]] = [("order", {}, "black", r"$\overline{|\langle S^+\rangle|}$")]
    curves += [("coherence_modulus", {"element": kl}, colour, label) for kl, (colour, label) in _ELEMENTS.items()]
    for name, chosen, colour, label in curves:
        part = data[name].isel(group=0).sel(chosen)
        axes.plot(x, part.sel({"method": "rotating_wave"}), color=colour, label=label)
        axes.plot(x[shown], part.sel({"method": "mean_field"})[shown], ".", color=colour, markersize=3)
    axes.set(xlabel=_RATIO, ylabel="order parameter, coherences", xlim=(0.0, 1.0), ylim=(-0.01, 0.31))
    axes.legend(loc="upper left")


def _diagram(axes: Axes, data: Any, thresholds: Any) -> None:
    x, y = data["coupling_ratio"].values, data["rate_ratio"].values
    z = over(data, "order", "coupling_ratio", "rate_ratio", group="A")
    paint(axes, x, y, z, cmap="Greys", label=r"$\overline{|\langle S^+\rangle|}$")
    critical = thresholds["critical_ratio"].isel(method=0)
    for k, colour in zip(thresholds["asymmetry_ratio"].values, _ASYMMETRIES, strict=True):
        line = critical.sel(asymmetry_ratio=k)
        style = "--" if k == 0 else "-"
        axes.plot(line.where(np.isfinite(line)), thresholds["rate_ratio"], style, color=colour, label=_percent(k))
    axes.set(xlabel=_RATIO, ylabel=r"$\gamma_+/\gamma_-$", xlim=(0.0, x.max()), ylim=(0.0, y.max()))
    axes.legend(
        title=r"$V_c$ for $K/(\gamma_- + \gamma_+) =$", title_fontsize=7, ncols=3, loc="center", bbox_to_anchor=(0.64, 0.51),
        columnspacing=1.0,
    )  # fmt: skip


def _percent(k: float) -> str:
    return f"${k:+.1f}$" if k else "$0$"


def _responses(axes: Axes, data: Any) -> None:
    phi = np.append(data["phi"].values, 2.0 * np.pi) / np.pi
    part = data["spin_phase"].isel(method=0)
    for ratio, style in ((1.0, "-"), (0.5, "--")):
        for k, colour in zip(data["asymmetry_ratio"].values, _ASYMMETRIES, strict=True):
            s = part.sel(rate_ratio=ratio, asymmetry_ratio=k).values
            label = _percent(k) if ratio == 1.0 else None
            axes.plot(phi, np.append(s, s[0]), style, color=colour, label=label)
    axes.plot([], [], "-", color="0.4", label=r"$\gamma_+ = \gamma_-$")
    axes.plot([], [], "--", color="0.4", label=r"$\gamma_+ = \gamma_-/2$")
    axes.axhline(0.0, color="0.8", linewidth=0.5, zorder=0)
    axes.set(xlabel=r"$\phi/\pi$", ylabel=r"$s(\phi)$  (1/rad)", xlim=(0.0, 2.0), ylim=(-0.055, 0.095))
    axes.legend(ncols=2, loc="upper center", title=r"$K/(\gamma_- + \gamma_+)$", title_fontsize=7)
