"""Fig. 3: maps of S for a pair with n_+ = 4, by the master equation, truncated Wigner and the classical equation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.lorch2017 import maps
from figures.theme import THEME, TWO_COLUMNS, axes_grid, label_panel

_DETUNING = r"$\Delta/\gamma$"


@dataclass(frozen=True)
class _Map:
    """What one row shows.

    Attributes
    ----------
    x, y, cut : str
        Coordinates along the two sides of the map, and the one that labels its cuts.
    even : bool
        Whether semiclassical maps were computed for x >= 0 only: the two oscillators are identical.
    labels : (str, str)
        Of x and of y.
    marked : tuple of (x, y)
        Points whose P(phi) is shown.
    """

    x: str
    y: str
    even: bool
    labels: tuple[str, str]
    marked: tuple[tuple[float, float], ...]


_MAPS = {
    "a": _Map("detuning", "sigma", True, (_DETUNING, r"$\sigma$"), ((0, 0.2), (10, 0.2), (0, 0.8))),
    "b": _Map("n_plus[1]", "sigma", False, (r"$n^+_2$", r"$\sigma$"), ((4, 0.2), (5, 0.2), (4, 0.8))),
    "c": _Map("detuning", "n_plus[1]", False, (_DETUNING, r"$\Delta n$"), ((0, 4.0), (10, 4.0), (0, 5.0))),
    "d": _Map("detuning", "kerr", True, (_DETUNING, r"$K/\gamma$"), ((0, 0.0), (0, 5.0), (10, 5.0))),
}


def fig3(tree: Any) -> Figure:
    r"""Maps of S: exact, truncated Wigner, classical; cuts with quantum jumps; P(phi) at the marked points.

    The semiclassical maps have the parameters of the exact ones; Eq. (5) has in addition the thermal noise of Fig. 2(a),
    gamma_T n_T = .1 gamma, and its averages are those of the quasi-stationary ensemble. In (a) and (d) the oscillators
    differ in frequency only, so that S is even in the detuning and one half of the semiclassical maps mirrors the other.
    Dashed: the resonances of Eq. (7). With H of Eq. (1) and :math:`\Delta n = n_1 - n_2` the exchange of a quantum is
    resonant at :math:`\Delta - 2K\Delta n \pm 2K = 0`: the larger oscillator is the slower one and needs the higher natural
    frequency. Eq. (7) prints the other sign before :math:`2K\Delta n`, which is :math:`\Delta n = n_2 - n_1`.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``lorch2017_fig3``.
    """
    with mpl.rc_context(THEME):
        figure, axes = axes_grid(5, 4, width=TWO_COLUMNS, aspect=0.84)
        for row, (letter, what) in enumerate(_MAPS.items()):
            _row(axes[row], letter, what, tree)
            _phases(axes[4, row], letter, what, tree[letter].to_dataset())
        for panel, title in zip(axes[0], maps.COLUMNS, strict=True):
            panel.set_title(title, fontsize=8)
        axes[4, 0].set_ylabel(r"$2\pi P(\phi)$")
    return figure


def _y(letter: str, y: Any) -> Any:
    """Ordinate shown: in (c) the difference of amplitudes n_1 - n_2."""
    return 4.0 - np.asarray(y) if letter == "c" else np.asarray(y)


def _row(axes: np.ndarray, letter: str, what: _Map, tree: Any) -> None:
    exact = maps.values(tree[letter].to_dataset(), what.x, what.y, "steadystate")
    wigner = maps.values(tree[f"{letter}_wigner"].to_dataset(), what.x, what.y, "wigner")
    classical = maps.values(tree[f"{letter}_classical"].to_dataset(), what.x, what.y, "langevin")
    if what.even:
        wigner, classical = maps.mirrored(*wigner), maps.mirrored(*classical)
    shown = [(x, _y(letter, y), z) for x, y, z in (exact, wigner, classical)]
    maps.pictures(axes[:3], shown, _resonances(letter, exact[0], exact[1]), what.labels)
    label_panel(axes[0], letter)
    maps.mark(axes[0], [(x, float(_y(letter, y))) for x, y in what.marked])
    cuts = tree[f"{letter}_cuts"].to_dataset()
    jumps = maps.values(cuts, what.x, what.y, "jumps")
    error = maps.errors(cuts, what.x, what.y, "jumps")
    maps.cuts(axes[3], exact, jumps, error, what.labels, _y(letter, jumps[1]))


def _resonances(letter: str, x: np.ndarray, y: np.ndarray) -> list[tuple[Any, Any]]:
    """Eq. (7) in the plane of each map; K = gamma / sigma in (a) and (b), 5 gamma in (c)."""
    fine = np.linspace(y.min(), y.max(), 200)
    if letter == "a":
        return [(sign * 2.0 / fine, fine) for sign in (-1, 1)]
    if letter == "b":
        return [([n, n], [y.min(), y.max()]) for n in (3.0, 5.0)]
    if letter == "c":
        return [(10.0 * (4.0 - fine) + 10.0 * sign, 4.0 - fine) for sign in (-1, 1)]
    return [(sign * 2.0 * fine, fine) for sign in (-1, 1)]


def _phases(axes: Axes, letter: str, what: _Map, data: Any) -> None:
    distributions = []
    for x, y in what.marked:
        place = {}
        for name, value in ((what.x, x), (what.y, y)):
            place[data[name].dims[0]] = int(np.argmin(abs(data[name].values - value)))
        density = data["phase_density"].sel({"method": "steadystate"}).isel(pair=0).isel(place).values
        shown = f"${float(x):g},\\ {float(_y(letter, y)):g}$"
        distributions.append((shown, data["phi"].values, density))
    maps.phases(axes, distributions, f"marked in ({letter}): {what.labels[0]}, {what.labels[1]}")
