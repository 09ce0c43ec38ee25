"""Finitely many oscillators: exact states for small N beside the mean field of infinitely many."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter, ScalarFormatter

from figures.nadolny2023.maps import DETUNING
from figures.theme import PALETTE, THEME, TWO_COLUMNS, axes_grid, label_panels

_CASES = {
    "unequal rates": (PALETTE[0], r"$\gamma_+ = \gamma_-/2,\ K = 0$"),
    "blocked": ("black", r"$\gamma_+ = \gamma_-,\ K = 0$"),
    "lifted": (PALETTE[1], r"$\gamma_+ = \gamma_-,\ K < 0$"),
}


def finite(tree: Any) -> Figure:
    r"""Coherence of two members against N (a); lifetime of the amplitude (b); two groups against the detuning (c).

    (a) V = .6 (gamma_- + gamma_+): circles exact, crosses quantum jumps, small dots with error bars the discrete Wigner
    ensemble, lines at the right mean field, |<S^+>|^2. The interference blockade is exact at every N. (b) Decay from the
    mean-field state, V = .75 gamma_-: exact and by second-order cumulants. (c) K = 10 gamma_-: real part of the coherence
    between the groups, exact (lines), by jumps (crosses), and in mean field (grey). Members of both groups align in
    antiphase between delta = -K and K, which is frustrated in large groups and falls as 1/N; what is left is near +-K.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``nadolny2023_finite``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(1, 3, width=TWO_COLUMNS, aspect=0.95)
        label_panels(axes)
        _single(axes[0, 0], tree["single"].to_dataset(), tree["infinite"].to_dataset())
        _decay(axes[0, 1], tree["decay"].to_dataset())
        _groups(axes[0, 2], tree["groups"].to_dataset(), tree["groups_infinite"].to_dataset())
    return figure


def _single(axes: Axes, data: Any, infinite: Any) -> None:
    n = data["size"].values
    data, infinite = data.isel(group=0), infinite.isel(group=0, method=0)
    for case, (colour, label) in _CASES.items():
        part = data.sel(case=case)
        exact, jumps, wigner = (part.sel({"method": m}) for m in ("steadystate", "jumps", "discrete_wigner"))
        axes.plot(n, exact["pair_coherence"], "o", color=colour, fillstyle="none", markersize=4, label=label)
        for runs, form in ((jumps, "x"), (wigner, ".")):
            axes.errorbar(
                n,
                runs["pair_coherence"],
                runs["pair_coherence_stderr"],
                fmt=form,
                color=colour,
                markersize=3,
                elinewidth=0.6,
            )
        level = float(infinite["pair_coherence"].sel(case=case))
        axes.axhline(level, xmin=0.8, color=colour, linewidth=1.4)
    axes.set(
        xscale="log",
        xlabel="$N$",
        ylabel=r"$\langle S^+_iS^-_j\rangle$",
        xlim=(1.7, 2.0 * n.max()),
        ylim=(-0.012, 0.115),
    )
    axes.xaxis.set_major_locator(FixedLocator([2, 5, 10, 20, 50, 100, 200, 400]))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.legend(loc="upper right")


def _decay(axes: Axes, data: Any) -> None:
    for method, form, colour in (("permutation", "o-", PALETTE[0]), ("cumulants", "s--", PALETTE[3])):
        part = data["lifetime"].sel({"method": method})
        label = {"permutation": "exact", "cumulants": "cumulants"}[method]
        axes.plot(data["size"], part, form, color=colour, markersize=3, label=label)
    axes.set(xlabel="$N$", ylabel=r"lifetime $T\gamma_-$", ylim=(0.0, 6.0))
    axes.set_xticks(data["size"].values)
    axes.legend(loc="lower right")


def _groups(axes: Axes, data: Any, infinite: Any) -> None:
    x = infinite["detuning"].values
    wave = infinite["cross_coherence"].isel(method=0).values.real
    axes.fill_between(x, 0.0, wave, color="0.7", linewidth=0.0, label=r"$N = \infty$", zorder=3)
    for size, colour in zip(data["size"].values, PALETTE, strict=False):
        part = data.sel(size=size)
        exact = part["cross_coherence"].sel({"method": "steadystate"}).dropna("detuning")
        axes.plot(exact["detuning"], exact.values.real, color=colour, label=f"$N = {int(size)}$")
        jumps, error = (
            part[name].sel({"method": "jumps"}).values.real for name in ("cross_coherence", "cross_coherence_stderr")
        )
        axes.errorbar(data["detuning"], jumps, error, fmt="x", color=colour, markersize=3, elinewidth=0.6)
    axes.axhline(0.0, color="0.8", linewidth=0.5, zorder=0)
    axes.set(xlabel=DETUNING, ylabel=r"Re $\langle S^+_AS^-_B\rangle$", xlim=(x.min(), x.max()), ylim=(-0.75, 0.72))
    axes.legend(ncols=2, loc="upper center")
