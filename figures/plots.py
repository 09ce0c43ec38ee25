"""Plots of any dataset. Every function draws into the axes that it is given, or into new ones, and returns them.

They are methods of datasets as well: ``import figures``, then ``ds.draw.curves()``; see `figures.accessor`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, product
from typing import Any

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.ticker import MaxNLocator

from compare.agreement import VERDICTS, Agreement, error_budget, pick
from compare.checks import known
from figures.theme import COLUMN, DIVERGING, METHOD_COLOURS, PALETTE, SEQUENTIAL, THEME, axes_grid

_SYMBOLS = {
    "sync": "$S$",
    "phase_density": r"$P(\varphi)$",
    "phi": r"relative phase $\varphi$",
    "detuning": r"detuning $\Delta$",
    "coupling": "coupling $V$",
    "kerr": "Kerr parameter $K$",
    "sigma": r"width $\sigma$",
    "mean_number": r"mean number $\langle n\rangle$",
}
_LINES = ("-", "--", ":", "-.")
_VERDICT_COLOURS = ("#D9D9D9", "#56B4E9", "#D55E00")


def _axes(given: Axes | None, **grid: Any) -> Axes:
    return axes_grid(**grid)[1][0, 0] if given is None else given


def axis_label(variable: xr.DataArray) -> str:
    """Return name and unit of a variable for an axis: its symbol where it has one."""
    attrs = variable.attrs
    name = _SYMBOLS.get(str(variable.name), attrs.get("long_name", str(variable.name)))
    unit = str(attrs.get("units", "1")).replace("gamma", r"$\gamma$")
    return str(name) if unit == "1" else f"{name} ({unit})"


def _numeric_axes(dataset: xr.Dataset, variable: str) -> list[str]:
    """Swept dimensions of a variable that have numbers along them."""
    known("variable", variable, map(str, dataset.data_vars))
    inner = ("method", "pair", "oscillator", "phi")
    return [
        str(d)
        for d in dataset[variable].dims
        if d not in inner and d in dataset.coords and dataset[d].dtype.kind != "U"
    ]


def _families(values: xr.DataArray, along: str) -> Iterator[tuple[dict[str, Any], xr.DataArray]]:
    """Each curve along a dimension, with its place along all others; curves without a number are left out."""
    others = [str(dim) for dim in values.dims if dim != along]
    for index in product(*(range(values.sizes[dim]) for dim in others)):
        curve = values.isel(dict(zip(others, index, strict=True)))
        if curve.notnull().any():
            yield (
                {dim: curve[dim].item() if dim in curve.coords else i for dim, i in zip(others, index, strict=True)},
                curve,
            )


def curves(
    dataset: xr.Dataset,
    variable: str = "sync",
    *,
    along: str | None = None,
    methods: Sequence[str] | None = None,
    band: float = 1.0,
    axes: Axes | None = None,
) -> Axes:
    """Draw a variable along one axis: a colour for each method, a kind of line for each other position.

    Parameters
    ----------
    dataset : xarray.Dataset
    variable : str
        What to draw.
    along : str, optional
        Dimension along the abscissa. Default: the longest one of numbers.
    methods : sequence of str, optional
        Default: all that have numbers.
    band : float
        Half width of the bands, in units of the error (`compare.agreement.error_budget`).
    axes : Axes, optional

    Raises
    ------
    ValueError
        If a name is unknown or there is nothing to draw along.
    """
    candidates = _numeric_axes(dataset, variable)
    if not candidates:
        raise ValueError(
            f"Variable {variable!r} must depend on an axis of numbers to be drawn as a curve, but does not."
        )
    if along is None:
        along = max(candidates, key=lambda dim: dataset.sizes[dim])
    known("axis", along, candidates)
    chosen = [str(label) for label in dataset["method"].values] if methods is None else list(methods)
    with mpl.rc_context(THEME):
        axes = _axes(axes)
        colours = cycle(PALETTE)
        for method in chosen:
            colour = METHOD_COLOURS.get(method) or next(colours)
            part = pick(dataset, method)
            _method_curves(axes, part[variable], error_budget(part, variable) * band, along, method, colour)
        axes.set(xlabel=axis_label(dataset[along]), ylabel=axis_label(dataset[variable]))
        axes.legend()
    return axes


def _method_curves(axes: Axes, values: xr.DataArray, half: xr.DataArray, along: str, method: str, colour: Any) -> None:
    found = list(_families(values, along))
    varying = [dim for dim in (found[0][0] if found else {}) if len({place[dim] for place, _ in found}) > 1]
    for line, (place, curve) in zip(cycle(_LINES), found, strict=False):
        curve = curve[curve.notnull()]
        width = half.sel({d: v for d, v in place.items() if d in half.coords}).sel({along: curve[along]})
        named = [
            f"{dim}={place[dim]:.4g}" if isinstance(place[dim], float) else f"{dim}={place[dim]}" for dim in varying
        ]
        axes.plot(curve[along], curve, line, color=colour, label=", ".join([method, *named]))
        if (width > 0).any():
            axes.fill_between(curve[along], curve - width, curve + width, color=colour, alpha=0.3, linewidth=0)


def colour_map(
    dataset: xr.Dataset,
    variable: str = "sync",
    *,
    method: str | None = None,
    over: tuple[str, str] | None = None,
    at: Mapping[str, Any] | None = None,
    contours: int | Sequence[float] = 0,
    lines: Mapping[str, tuple[Any, Any]] | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw a variable over two axes.

    Parameters
    ----------
    dataset : xarray.Dataset
        A grid, or the scattered points of `compare.refinement.refine_map`.
    variable : str
        What to draw; with both signs in it, zero is white.
    method : str, optional
        Default: the only one.
    over : pair of str, optional
        Abscissa and ordinate. Default: the two axes of numbers.
    at : mapping, optional
        Coordinates along other dimensions. Default: their first.
    contours : int or sequence of float
        Number of contour lines, or their values.
    lines : mapping, optional
        Lines to draw over the map, resonances say: label -> (x, y).
    axes : Axes, optional

    Raises
    ------
    ValueError
        If a name is unknown or there are not two axes.
    """
    known("variable", variable, map(str, dataset.data_vars))
    if method is None and dataset.sizes.get("method", 1) > 1:
        raise ValueError(f"Argument `method` must name one of {list(dataset['method'].values)}, but is missing.")
    part = pick(dataset, method or str(dataset["method"].values[0])) if "method" in dataset.dims else dataset
    scattered = next((d for d in part[variable].dims if "_" in str(d) and d not in part.coords), None)
    names = over or _two_axes(part, variable, scattered)
    keep = {scattered} if scattered else set(names)
    value = part[variable].sel(dict(at or {}))
    value = value.isel({dim: 0 for dim in value.dims if dim not in keep})
    with mpl.rc_context(THEME):
        axes = _axes(axes)
        drawn = _paint(axes, value, names, bool(scattered), contours)
        limits = {"xlim": axes.get_xlim(), "ylim": axes.get_ylim()}
        for label, (x, y) in (lines or {}).items():
            axes.plot(x, y, "--", color="white", linewidth=0.8, label=label)
        axes.set(**limits, xlabel=axis_label(part[names[0]]), ylabel=axis_label(part[names[1]]))
        axes.figure.colorbar(drawn, ax=axes, label=axis_label(value))
    return axes


def _two_axes(dataset: xr.Dataset, variable: str, scattered: Any) -> tuple[str, str]:
    names = (
        [str(n) for n, c in dataset.coords.items() if c.dims == (scattered,)]
        if scattered
        else _numeric_axes(dataset, variable)
    )
    if len(names) < 2:
        raise ValueError(
            f"Variable {variable!r} must depend on two axes of numbers to be drawn as a map, but has {names}."
        )
    first, second = sorted(names, key=lambda name: -dataset[name].size)[:2] if not scattered else names[:2]
    return first, second


def _paint(
    axes: Axes, value: xr.DataArray, names: tuple[str, str], scattered: bool, contours: int | Sequence[float]
) -> Any:
    """Colours and contour lines; returns what a colour bar needs."""
    drawn: Any
    outline: Any
    signed = float(value.min()) < 0 < float(value.max())
    largest = float(np.abs(value).max())
    look = {"cmap": DIVERGING, "vmin": -largest, "vmax": largest} if signed else {"cmap": SEQUENTIAL}
    if scattered:
        good = value.notnull().values
        points = (value[names[0]].values[good], value[names[1]].values[good], value.values[good])
        drawn = axes.tripcolor(*points, shading="gouraud", **look)
        outline = axes.tricontour
    else:
        grid = value.transpose(names[1], names[0])
        points = (grid[names[0]].values, grid[names[1]].values, grid.values)
        drawn = axes.pcolormesh(*points, shading="nearest", rasterized=True, **look)
        outline = axes.contour
    if not isinstance(contours, int) or contours:
        levels = (
            MaxNLocator(contours).tick_values(points[2].min(), points[2].max())
            if isinstance(contours, int)
            else contours
        )
        outline(*points, levels=levels, colors="black", linewidths=0.4)
    return drawn


def phase_distributions(
    dataset: xr.Dataset,
    *,
    at: Mapping[str, Any] | None = None,
    methods: Sequence[str] | None = None,
    pair: int = 0,
    axes: Axes | None = None,
) -> Axes:
    """Draw the distribution P(phi) of the relative phase at one point, by all methods that have it there.

    Parameters
    ----------
    dataset : xarray.Dataset
    at : mapping, optional
        Coordinates of the point; the nearest is taken. Default: the first along each axis.
    methods : sequence of str, optional
        Default: all.
    pair : int
        Number of the pair.
    axes : Axes, optional

    Raises
    ------
    ValueError
        If there are no distributions, or a name is unknown.
    """
    known("variable", "phase_density", map(str, dataset.data_vars))
    place = {known("axis", name, map(str, dataset.dims)): value for name, value in (at or {}).items()}
    words = {name: value for name, value in place.items() if isinstance(value, str)}
    numbers = {name: value for name, value in place.items() if name not in words}
    with mpl.rc_context(THEME):
        axes = _axes(axes)
        colours = cycle(PALETTE)
        for label in dataset["method"].values if methods is None else methods:
            density = pick(dataset, str(label))["phase_density"].isel(pair=pair).sel(words)
            density = density.sel(numbers, method="nearest") if numbers else density
            density = density.isel({dim: 0 for dim in density.dims if dim != "phi"})
            colour = METHOD_COLOURS.get(str(label)) or next(colours)
            if density.notnull().all():
                # the circle is closed, so that the curve ends where it begins
                closed = (np.append(density["phi"], 2 * np.pi), np.append(density, density[0]))
                axes.plot(*closed, color=colour, label=str(label))
        axes.axhline(1 / (2 * np.pi), color="0.6", linewidth=0.5, zorder=0)
        axes.set(xlabel=axis_label(dataset["phi"]), ylabel=axis_label(dataset["phase_density"]), xlim=(0, 2 * np.pi))
        axes.set_xticks(np.arange(5) * np.pi / 2, ["0", r"$\pi/2$", r"$\pi$", r"$3\pi/2$", r"$2\pi$"])
        axes.legend()
    return axes


def agreement(found: Agreement, *, along: str | None = None, axes: Axes | None = None) -> Axes:
    """Draw the differences that `compare.agreement.agree` found, with two standard errors, over the margin.

    Parameters
    ----------
    found : Agreement
    along : str, optional
        Abscissa. Default: the longest axis of numbers.
    axes : Axes, optional

    Raises
    ------
    ValueError
        If there is no axis of numbers.
    """
    candidates = _numeric_axes(found.points, "difference")
    if not candidates:
        raise ValueError("An agreement must have an axis of numbers to be drawn along, but has none.")
    along = known("axis", along or max(candidates, key=lambda dim: found.points.sizes[dim]), candidates)
    with mpl.rc_context(THEME):
        axes = _axes(axes)
        axes.axhline(0.0, color="0.6", linewidth=0.5, zorder=0)
        for colour, (place, curve) in zip(cycle(PALETTE), _families(found.points["difference"], along), strict=False):
            curve = curve[curve.notnull()]
            here = found.points.sel({d: v for d, v in place.items() if d in found.points.coords}).sel(
                {along: curve[along]}
            )
            label = ", ".join(f"{dim}={value}" for dim, value in place.items() if found.points.sizes[dim] > 1)
            axes.errorbar(curve[along], curve, 2 * here["error"], fmt="o", color=colour, label=label or None)
            if (here["margin"] > 0).any():
                axes.fill_between(curve[along], -here["margin"], here["margin"], color=colour, alpha=0.15, linewidth=0)
        axes.set(xlabel=axis_label(found.points[along]), ylabel="difference (bars: 2 s.e.)")
        if axes.get_legend_handles_labels()[1]:
            axes.legend()
    return axes


def validity(found: xr.Dataset, *, axes: Axes | None = None) -> Axes:
    """Draw the verdicts of `compare.agreement.validity_map` over their two axes.

    Raises
    ------
    ValueError
        If the map has not two axes.
    """
    verdict = found["verdict"]
    if verdict.ndim != 2:
        raise ValueError(f"A validity map must have two axes to be drawn, but has {verdict.dims}.")
    y, x = (str(dim) for dim in verdict.dims)
    with mpl.rc_context(THEME):
        axes = _axes(axes)
        scale: Any = {"cmap": ListedColormap(_VERDICT_COLOURS), "norm": BoundaryNorm([-0.5, 0.5, 1.5, 2.5], 3)}
        drawn = axes.pcolormesh(found[x], found[y], verdict, shading="nearest", rasterized=True, **scale)
        axes.set(xlabel=axis_label(found[x]), ylabel=axis_label(found[y]))
        bar = axes.figure.colorbar(drawn, ax=axes, ticks=[0, 1, 2])
        bar.set_ticklabels(list(VERDICTS))
        axes.set_title(f"{found.attrs['method']} to {100 * found.attrs['within']:g} %")
    return axes


def wigner_function(
    state: Any, *, subsystem: int = 0, extent: float = 4.0, points: int = 121, axes: Axes | None = None
) -> Axes:
    """Draw the Wigner function of one mode of a state.

    Parameters
    ----------
    state : quantum.Density
    subsystem : int
        The mode; all others are traced out.
    extent : float
        Largest |Re alpha| and |Im alpha|.
    points : int
        Along each side.
    axes : Axes, optional
    """
    from quantum.phase_space import wigner

    x = np.linspace(-extent, extent, points)
    values = wigner(state, x + 1j * x[:, None], subsystem)
    largest = np.abs(values).max()
    with mpl.rc_context(THEME):
        axes = _axes(axes, width=COLUMN, aspect=0.85)
        drawn = axes.pcolormesh(
            x, x, values, cmap=DIVERGING, vmin=-largest, vmax=largest, shading="nearest", rasterized=True
        )
        axes.set(xlabel=r"Re $\alpha$", ylabel=r"Im $\alpha$", aspect="equal")
        axes.figure.colorbar(drawn, ax=axes, label=r"$W(\alpha)$")
    return axes


def records(
    times: Any,
    numbers: Any,
    jumps: Any = (),
    *,
    classical: Any = None,
    labels: Sequence[str] = (),
    axes: Axes | None = None,
) -> Axes:
    """Draw the quanta along a quantum-jump trajectory, its jumps as ticks, and a Langevin trajectory beside them.

    Parameters
    ----------
    times : array, shape (times,)
    numbers : array, shape (times, oscillators)
        Quanta along the jump trajectory.
    jumps : array, shape (events,)
        Times of its jumps.
    classical : array, shape (times, oscillators), optional
        ``|alpha|^2`` along a trajectory of amplitudes.
    labels : sequence of str
        One for each oscillator.
    axes : Axes, optional

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    times, numbers = np.asarray(times), np.asarray(numbers)
    if numbers.ndim != 2 or numbers.shape[0] != times.size:
        raise ValueError(f"Argument `numbers` must have shape ({times.size}, oscillators), but has {numbers.shape}.")
    if classical is not None and np.shape(classical) != numbers.shape:
        raise ValueError(f"Argument `classical` must have shape {numbers.shape}, but has {np.shape(classical)}.")
    with mpl.rc_context(THEME):
        axes = _axes(axes)
        for j, colour in zip(range(numbers.shape[1]), cycle(PALETTE), strict=False):
            name = labels[j] if j < len(labels) else f"oscillator {j}"
            axes.plot(times, numbers[:, j], color=colour, drawstyle="steps-post", label=f"{name}, quantum")
            if classical is not None:
                axes.plot(
                    times,
                    np.asarray(classical)[:, j],
                    color=colour,
                    alpha=0.5,
                    linewidth=0.6,
                    label=f"{name}, classical",
                )
        axes.plot(jumps, np.zeros(np.size(jumps)), "|", color="black", markersize=4, clip_on=False)
        axes.set(xlabel=r"time ($1/\gamma$)", ylabel="quanta", xlim=(times[0], times[-1]))
        axes.legend()
    return axes
