"""Do two methods agree? Differences with their errors, and verdicts that say how sure they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from compare.checks import finite, known

if TYPE_CHECKING:
    import xarray as xr

# Errors of a variable that enter its error budget, besides the sampling error: `<variable>_<suffix>`.
ERRORS = ("stderr", "step_error", "grid_error", "cutoff_error")

VERDICTS = ("undecided", "holds", "fails")


def pick(dataset: xr.Dataset, method: str) -> xr.Dataset:
    """Return the part of a dataset that one method computed, without the dimension ``method``.

    Raises
    ------
    ValueError
        If the dataset has no such method.
    """
    known("method", method, [str(label) for label in dataset["method"].values])
    return dataset.sel({"method": method}, drop=True)


def error_budget(dataset: xr.Dataset, variable: str = "sync") -> xr.DataArray:
    """Return the error of a variable: all its known errors (`ERRORS`), added in quadrature; 0 where none is known.

    Sampling errors are standard errors. Step, grid and cutoff errors are differences to a second calculation, taken as
    if they were standard errors, which is cautious where the finer of the two was kept.
    """
    import xarray as xr

    values = _values(dataset, variable)
    total = xr.zeros_like(values, dtype=float)
    for suffix in ERRORS:
        if f"{variable}_{suffix}" in dataset:
            total = total + abs(dataset[f"{variable}_{suffix}"].fillna(0.0)) ** 2
    return (total**0.5).rename(f"{variable}_error")


def charge(
    dataset: xr.Dataset, method: str, coarser: str, *, kind: str = "cutoff_error", variable: str = "sync"
) -> xr.Dataset:
    """Turn a second, coarser calculation into an error of the first.

    Parameters
    ----------
    dataset : xarray.Dataset
        Has both labels, ``{"steadystate": {"levels": 10}, "fewer": {"method": "steadystate", "levels": 8}}`` say.
    method, coarser : str
        Labels along the dimension ``method``. The second one is removed.
    kind : {"step_error", "grid_error", "cutoff_error"}
        What the calculations differ in. The difference becomes the variable ``<variable>_<kind>``.
    variable : str
        What to compare.

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    ValueError
        If a name is unknown, or the variable of this name is taken for this method.
    """
    name = f"{variable}_{known('kind of error', kind, ERRORS[1:])}"
    difference = _values(pick(dataset, method), variable) - _values(pick(dataset, coarser), variable)
    out = dataset.sel({"method": [label for label in dataset["method"].values if label != coarser]})
    errors = out[name].copy() if name in out else out[variable] * float("nan")
    if errors.sel({"method": method}).notnull().any():
        raise ValueError(f"Method {method!r} must not have a {name!r} yet, but has.")
    errors.loc[{"method": method}] = difference
    about = {
        "long_name": f"{variable} of {method!r} minus that of {coarser!r}",
        "units": out[variable].attrs.get("units", "1"),
    }
    return out.assign({name: errors.assign_attrs(**about, source=f"second calculation {coarser!r}")})


def _values(dataset: xr.Dataset, variable: str) -> xr.DataArray:
    return dataset[known("variable", variable, [str(name) for name in dataset.data_vars])]


@dataclass(frozen=True)
class Agreement:
    """What `agree` found.

    Attributes
    ----------
    points : xarray.Dataset
        For each point that both have: ``difference`` a - b, its standard error ``error``, ``z``, the two-sided
        ``p_value`` (NaN where no error is known), the ``margin``, and whether the two are ``equivalent`` within it.
    chi_square : float
        Sum of z^2 over the points whose error is known.
    dof : int
        Number of these points.
    p_value : float
        Probability of a larger chi-square if the two were equal and errors were Gaussian and independent; NaN without
        any error.
    level : float
        Significance level of all verdicts.
    """

    points: xr.Dataset
    chi_square: float
    dof: int
    p_value: float
    level: float

    @property
    def different(self) -> bool:
        """Whether the difference is more than chance at `level`."""
        return bool(self.p_value < self.level)

    @property
    def equivalent(self) -> bool:
        """Whether the difference is within the margin at every point, by two one-sided tests at `level` each."""
        return bool(self.points["equivalent"].all())

    def __str__(self) -> str:
        common = int(self.points["difference"].notnull().sum())
        worst = float(abs(self.points["difference"]).max())
        found = f"{common} points, largest difference {worst:.3g}"
        if self.dof:
            verdict = "different" if self.different else "no difference seen"
            found += f"; chi-square {self.chi_square:.4g} for {self.dof}, p = {self.p_value:.3g}: {verdict}"
        else:
            found += "; no errors are known, so that only the margin decides"
        if (self.points["margin"] > 0).any():
            within = int((self.points["equivalent"] & self.points["difference"].notnull()).sum())
            found += f"; equivalent within the margin at {within} of {common} points"
        return found + "."


def agree(
    a: xr.Dataset,
    b: xr.Dataset,
    *,
    variable: str = "sync",
    margin: float | None = None,
    relative: float | None = None,
    level: float = 0.05,
) -> Agreement:
    """Compare a variable of two datasets point by point.

    Parameters
    ----------
    a, b : xarray.Dataset
        Of one method each (`pick`), or with the same methods. Points are matched by their coordinates; those that only
        one has, or where one is NaN, are left out. Their errors must be independent: not two runs of one seed.
    variable : str
        What to compare. Its errors are those of `error_budget`.
    margin : float, optional
        Largest difference that does not matter, in the units of the variable.
    relative : float, optional
        The same as a fraction of ``|b|``; with both, the larger of the two counts.
    level : float
        Significance level: equal methods are called different with this probability.

    Returns
    -------
    Agreement

    Raises
    ------
    ValueError
        If the datasets have no point in common, or an argument is wrong.
    """
    import xarray as xr
    from scipy import stats

    level = _fraction("level", level)
    x, y, dx, dy = xr.align(
        _values(a, variable), _values(b, variable), error_budget(a, variable), error_budget(b, variable), join="inner"
    )
    both = x.notnull() & y.notnull()
    if not both.any():
        raise ValueError(f"Datasets must have points of {variable!r} in common to be compared, but have none.")
    difference = (x - y).where(both)
    error = ((dx**2 + dy**2) ** 0.5).where(both)
    z = (difference / error).where(error > 0)
    allowed = _margin(y, margin, relative).where(both)
    # two one-sided tests: the whole interval of confidence 1 - 2 level lies within the margin
    equivalent = abs(difference) + stats.norm.isf(level) * error <= allowed
    points = xr.Dataset(
        {
            "difference": difference,
            "error": error,
            "z": z,
            "p_value": (z.dims, 2 * stats.norm.sf(np.abs(z.values))),
            "margin": allowed,
            "equivalent": equivalent | ~both,
        }
    )
    chi_square, dof = float((z**2).sum()), int(z.notnull().sum())
    p_value = float(stats.chi2.sf(chi_square, dof)) if dof else float("nan")
    return Agreement(points, chi_square, dof, p_value, level)


def _fraction(name: str, value: Any) -> float:
    number = finite(name, value)
    if not 0.0 < number < 1.0:
        raise ValueError(f"Argument `{name}` must lie between 0 and 1, but is {number}.")
    return number


def _positive(name: str, value: Any) -> float:
    number = finite(name, value)
    if not number > 0.0:
        raise ValueError(f"Argument `{name}` must be positive, but is {number}.")
    return number


def _margin(reference: xr.DataArray, margin: float | None, relative: float | None) -> xr.DataArray:
    """The margin at each point; 0 if none was given, so that only equal numbers are equivalent."""
    allowed = abs(reference) * (0.0 if relative is None else _positive("relative", relative))
    return allowed if margin is None else allowed.clip(min=_positive("margin", margin))


def validity_map(
    dataset: xr.Dataset,
    method: str,
    reference: str,
    *,
    within: float = 0.1,
    variable: str = "sync",
    over: tuple[str, ...] | None = None,
    level: float = 0.05,
) -> xr.Dataset:
    """Where does a method hold? Its deviation from a reference over the axes of a sweep.

    Parameters
    ----------
    dataset : xarray.Dataset
        Has both methods.
    method, reference : str
        Labels along the dimension ``method``.
    within : float
        Allowed deviation, as a fraction of the largest ``|reference|`` along the dimensions that `over` leaves out:
        of the value itself if it leaves out none but ``pair``, of the height of a curve if it leaves out its axis.
    variable : str
        What to compare.
    over : tuple of str, optional
        Dimensions of the map. Default: all axes of the sweep.
    level : float
        Significance level of a verdict.

    Returns
    -------
    xarray.Dataset
        Over the dimensions `over`: ``deviation``, the largest deviation as a fraction; ``deviation_error``, its
        standard error; and ``verdict``: 1 ``holds`` (the deviation is below `within` at this level everywhere), 2
        ``fails`` (it is above somewhere), 0 ``undecided`` (the errors are too large to tell), NaN without data.

    Raises
    ------
    ValueError
        If a name is unknown or `within` is not positive.
    """
    import xarray as xr
    from scipy import stats

    within, level = _positive("within", within), _fraction("level", level)
    a, b = pick(dataset, method), pick(dataset, reference)
    x, y = _values(a, variable), _values(b, variable)
    kept = tuple(d for d in x.dims if d != "pair") if over is None else over
    for dim in kept:
        known("dimension", dim, [str(d) for d in x.dims])
    rest = [dim for dim in x.dims if dim not in kept]
    scale = abs(y).max(rest)
    deviation = abs(x - y) / scale
    error = (error_budget(a, variable) ** 2 + error_budget(b, variable) ** 2) ** 0.5 / scale
    known_points = deviation.notnull()
    reach = stats.norm.isf(level) * error
    holds = ((deviation + reach <= within) | ~known_points).all(rest)
    fails = ((deviation - reach > within) & known_points).any(rest)
    verdict = xr.where(fails, 2.0, xr.where(holds, 1.0, 0.0)).where(known_points.any(rest))
    worst = deviation.fillna(-1.0).argmax(rest) if rest else None
    out = xr.Dataset(
        {
            "deviation": deviation.max(rest),
            "deviation_error": error if worst is None else error.isel(worst),
            "verdict": verdict.assign_attrs(flag_values=[0, 1, 2], flag_meanings=" ".join(VERDICTS)),
        }
    )
    out["deviation"].attrs = {"long_name": f"|{method} - {reference}| / |{reference}| of {variable}", "units": "1"}
    return out.assign_attrs(method=method, reference=reference, within=within, level=level)
