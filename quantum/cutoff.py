"""Evidence for a cutoff: a number at several cutoffs, its limit and the error of that limit.

Lorentzian gain and loss leave populations that fall off as 1/n^2, so numbers converge as powers of 1/levels, and a single
cutoff says little. Polynomials in 1/levels are extrapolated to zero (Neville's scheme), the degree being the one that the data
themselves find the most stable; where convergence is exponential that is degree 0, the last value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from quantum.checks import at_least
from quantum.lindblad import Lindblad
from quantum.steady import SteadyState, steady_state


@dataclass(frozen=True, eq=False)
class Refinement:
    """A measured number at several cutoffs and its limit.

    Attributes
    ----------
    levels : int array, shape (cutoffs,)
        Levels per subsystem, as they were given to `build`.
    values : float array, shape (cutoffs, ...)
        The measure at each cutoff.
    limit, error : float arrays, shape (...)
        Extrapolated value, and how much it moves with the last cutoff and with the degree, whichever is more.
    degree : int array, shape (...)
        Degree of the polynomial in 1/levels that was used.
    tail_population, residual : float arrays, shape (cutoffs,)
        Of the steady states; see `Density.tail_population` and `SteadyState.residual`.
    """

    levels: np.ndarray
    values: np.ndarray
    limit: np.ndarray
    error: np.ndarray
    degree: np.ndarray
    tail_population: np.ndarray
    residual: np.ndarray


def refine(
    build: Callable[[int], Lindblad],
    measure: Callable[[SteadyState], Any],
    levels: Sequence[int] = (8, 10, 12, 16),
    solve: Callable[[Lindblad], SteadyState] = steady_state,
) -> Refinement:
    """Solve for the steady state at several cutoffs and extrapolate `measure`.

    Parameters
    ----------
    build : callable
        Returns the model at a given number of levels, for instance ``system.lindblad``.
    measure : callable
        Returns a number, or an array of the same shape at every cutoff, from a steady state.
    levels : sequence of int
        At least three cutoffs, increasing.
    solve : callable
        The solver, where it needs arguments.

    Raises
    ------
    ValueError
        If there are fewer than three cutoffs, they do not increase, or `measure` changes its shape.
    MemoryError
        If the largest model does not fit; it is estimated before it is solved.
    """
    cutoffs = np.array([at_least(f"levels[{j}]", n, 1) for j, n in enumerate(levels)], dtype=np.int64)
    if cutoffs.size < 3 or (np.diff(cutoffs) <= 0).any():
        raise ValueError(f"Argument `levels` must hold at least three increasing cutoffs, but is {levels!r}.")
    states = [solve(build(int(n))) for n in cutoffs]
    measured = [np.asarray(measure(state), dtype=np.float64) for state in states]
    if len({m.shape for m in measured}) > 1:
        raise ValueError(
            f"Argument `measure` must return the same shape at every cutoff, but returned {[m.shape for m in measured]}."
        )
    values = np.stack(measured)
    limit, error, degree = extrapolate(cutoffs, values)
    return Refinement(
        levels=cutoffs,
        values=values,
        limit=limit,
        error=error,
        degree=degree,
        tail_population=np.array([float(state.tail_population()) for state in states]),
        residual=np.array([state.residual for state in states]),
    )


def extrapolate(levels: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return limit, error and degree for values of shape (cutoffs, ...) at increasing `levels`.

    Degree k uses the last k + 1 cutoffs. Its error is the larger of two changes: without the last cutoff, and from degree
    k - 1; for degree 0 to degree 1 in place of that.
    """
    x = 1.0 / np.asarray(levels, dtype=np.float64)
    column = np.asarray(values, dtype=np.float64)
    limits, errors = [column[-1]], [abs(column[-1] - column[-2])]
    for k in range(1, x.size - 1):
        ratio = (x[k:] / x[:-k]).reshape(-1, *(1,) * (column.ndim - 1))
        # T_k = T_{k-1}(later) + (T_{k-1}(later) - T_{k-1}(earlier)) x_later / (x_earlier - x_later)
        column = column[1:] + (column[1:] - column[:-1]) * ratio / (1.0 - ratio)
        limits.append(column[-1])
        change = abs(column[-1] - limits[-2])
        errors.append(np.maximum(abs(column[-1] - column[-2]), change))
        if k == 1:  # with a tail of 1/levels the last value is off by far more than it moved
            errors[0] = np.maximum(errors[0], change)
    stacked, spread = np.stack(limits), np.stack(errors)
    degree = spread.argmin(axis=0)
    chosen = np.expand_dims(degree, 0)
    limit = np.take_along_axis(stacked, chosen, axis=0)[0]
    error = np.take_along_axis(spread, chosen, axis=0)[0]
    return limit, error, degree
