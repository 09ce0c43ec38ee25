r"""Stationary states and rotating waves by Newton's method, for whole grids.

A rotating wave is a state that only turns: rho(t) = e^{-i nu Q t} rho e^{i nu Q t} with a charge Q of the equations, so that
a mean value which Q raises by one is proportional to e^{i nu t}. It solves

.. math:: F(x) = \sum_k \nu_k G_k x, \qquad (G_k x_0)\cdot(x - x_0) = 0

for x and nu; the second line fixes the phase to that of the guess x_0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from quantum.checks import instance
from quantum.mean_field.equations import equations_of
from quantum.mean_field.jacobian import Form, Reduction, chunks, form_of
from quantum.mean_field.model import MeanField
from quantum.mean_field.states import States, as_states
from quantum.mean_field.symmetry import charges, rotation

MOST_ITERATIONS = 50

# A wave whose rotation moves it by less than this is no wave but the state that is invariant under rotations.
LEAST_MOTION = 1e-7


@dataclass(frozen=True, eq=False)
class RotatingWaves:
    """Solutions at the points of a grid.

    Attributes
    ----------
    states : States
        NaN where Newton's method found no wave.
    frequency : array of float, shape of the grid (or grid + (charges,) if there are several)
        nu; NaN where there is no wave. Zero for stationary states.
    residual : array of float, shape of the grid
        Largest entry of F(x) - nu G x.
    converged : array of bool, shape of the grid
    moved : array of float, shape of the grid
        Largest change of a component from the guess. Newton's method leads from a state that is not nearly a wave
        (a modulated one, say) to some wave far away: after an evolution that has settled, `moved` is small.
    """

    states: States
    frequency: np.ndarray
    residual: np.ndarray
    converged: np.ndarray
    moved: np.ndarray


def _solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve all systems; a singular one in the least-squares sense."""
    try:
        return np.linalg.solve(matrix, right[..., None])[..., 0]
    except np.linalg.LinAlgError:
        finite = np.isfinite(matrix).all(axis=(1, 2)) & np.isfinite(right).all(axis=1)
        out = np.full(right.shape, np.nan)
        for p in np.flatnonzero(finite):
            out[p] = np.linalg.lstsq(matrix[p], right[p], rcond=None)[0]
        return out


class Newton:
    """Newton's method for F(x) = sum nu_k G_k x with phase conditions, at many points with the same generators."""

    def __init__(self, dims: tuple[int, ...], generators: list[np.ndarray]) -> None:
        self.reduction = Reduction(dims)
        size = self.reduction.embed.shape[0]
        self.generators = np.array(generators).reshape(len(generators), size, size)

    def motion(self, x: np.ndarray) -> np.ndarray:
        """G_k x, shape (points, charges, D)."""
        return np.einsum("kij,pj->pki", self.generators, x)

    def residual(self, form: Form, x: np.ndarray, nu: np.ndarray) -> np.ndarray:
        """F(x) - nu G x, shape (points, D)."""
        return form.flow(x) - np.einsum("pk,pki->pi", nu, self.motion(x))

    def guess_frequency(self, form: Form, x: np.ndarray) -> np.ndarray:
        """Frequencies that make the residual least, shape (points, charges)."""
        motion = self.motion(x)
        gram = np.einsum("pki,pli->pkl", motion, motion) + 1e-30 * np.eye(len(self.generators))
        return _solve(gram, np.einsum("pki,pi->pk", motion, form.flow(x)))

    def bordered(self, form: Form, x: np.ndarray, nu: np.ndarray, reference: np.ndarray) -> np.ndarray:
        """Jacobian in the reduced coordinates with the frequencies as columns and phase conditions as rows."""
        full = form.jacobian(x) - np.einsum("pk,kij->pij", nu, self.generators)
        inner = self.reduction.matrix(full)
        points, n, k = len(x), inner.shape[-1], len(self.generators)
        out = np.zeros((points, n + k, n + k))
        out[:, :n, :n] = inner
        out[:, :n, n:] = -self.motion(x)[:, :, self.reduction.kept].transpose(0, 2, 1)
        out[:, n:, :n] = self.motion(reference) @ self.reduction.embed
        return out

    def refine(
        self, form: Form, x: np.ndarray, nu: np.ndarray, tolerance: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return x, nu and residuals; damped steps, until the residual is below `tolerance` and stops falling."""
        x, nu, reference = x.copy(), nu.copy(), x.copy()
        n = self.reduction.kept.size
        size = abs(self.residual(form, x, nu)).max(axis=1)
        open_points = np.arange(len(x))
        for _ in range(MOST_ITERATIONS):
            part = Form(form.linear[open_points], form.operators, form.functionals[open_points])
            here, turn = x[open_points], nu[open_points]
            error = self.residual(part, here, turn)
            right = np.zeros((len(here), n + nu.shape[1]))
            right[:, :n] = -error[:, self.reduction.kept]
            right[:, n:] = -np.einsum("pki,pi->pk", self.motion(reference[open_points]), here - reference[open_points])
            move = _solve(self.bordered(part, here, turn, reference[open_points]), right)
            better_x, better_nu, better = here, turn, size[open_points]
            improved = np.zeros(len(here), dtype=bool)
            for halvings in range(6):
                factor = np.where(improved, 0.0, 0.5**halvings)[:, None]
                trial_x = here + factor * (move[:, :n] @ self.reduction.embed.T)
                trial_nu = turn + factor * move[:, n:]
                trial = abs(self.residual(part, trial_x, trial_nu)).max(axis=1)
                now = ~improved & (trial < size[open_points])
                better_x = np.where(now[:, None], trial_x, better_x)
                better_nu = np.where(now[:, None], trial_nu, better_nu)
                better = np.where(now, trial, better)
                improved |= now
                if improved.all():
                    break
            x[open_points], nu[open_points], size[open_points] = better_x, better_nu, better
            # a point is done when no step makes it better: at rounding, or stuck
            open_points = open_points[improved & (better > 0.01 * tolerance)]
            if open_points.size == 0:
                break
        return x, nu, size


def rotating_waves(
    model: MeanField,
    guess: Any,
    *,
    frequency: ArrayLike | None = None,
    tolerance: float = 1e-12,
) -> RotatingWaves:
    """Find rotating waves near `guess`, at all points of the grid.

    Parameters
    ----------
    model : MeanField
        Needs a phase symmetry, which is found from its operators (`symmetry.charges`).
    guess : sequence of one matrix per group, or States
        As in `evolve`; the final states of an evolution, or those of neighbouring parameters.
    frequency : array-like, optional
        Guess of nu, broadcast to the grid. Default: the one that fits the flow at `guess` best.
    tolerance : float
        Largest entry of F(x) - nu G x allowed, in units of the rates.

    Returns
    -------
    RotatingWaves

    Raises
    ------
    ValueError
        If the model has no phase symmetry, or the guess does not fit.
    """
    symmetries = charges(instance("model", model, MeanField))
    if not symmetries:
        raise ValueError("Argument `model` must have a phase symmetry, but has none: use `stationary_states`.")
    start = as_states("guess", model, guess)
    newton = Newton(model.dims, [rotation(charge, model.dims) for charge in symmetries])
    turns = None
    if frequency is not None:
        wanted = (*model.shape, len(symmetries)) if len(symmetries) > 1 else model.shape
        try:
            turns = np.broadcast_to(np.asarray(frequency, dtype=np.float64), wanted).reshape(-1, len(symmetries))
        except (TypeError, ValueError):
            raise ValueError(f"Argument `frequency` must be numbers of shape {wanted}, but is {frequency!r}.") from None
    return _find(model, newton, start, turns, tolerance)


def stationary_states(model: MeanField, guess: Any, *, tolerance: float = 1e-12) -> RotatingWaves:
    """Find stationary states near `guess` (nu = 0), at all points of the grid.

    For models without a phase symmetry, or for their incoherent states; with a symmetry a coherent stationary state is not
    isolated, and `rotating_waves` finds it.

    Parameters
    ----------
    model : MeanField
    guess : sequence of one matrix per group, or States
    tolerance : float
        Largest entry of F(x) allowed.

    Returns
    -------
    RotatingWaves
        With frequency zero.

    Raises
    ------
    ValueError
        If the guess does not fit.
    """
    start = as_states("guess", model, guess)
    return _find(model, Newton(model.dims, []), start, None, tolerance)


def _find(model: MeanField, newton: Newton, start: States, turns: np.ndarray | None, tolerance: float) -> RotatingWaves:
    equations = equations_of(model)
    count = len(newton.generators)
    x, nu = start.components.copy(), np.zeros((model.points, count))
    residual = np.empty(model.points)
    with threadpool_limits(1):
        for part in chunks(model.points, x.shape[1]):
            form = form_of(equations.at(part))
            guess = turns[part] if turns is not None else newton.guess_frequency(form, x[part])
            x[part], nu[part], residual[part] = newton.refine(form, x[part], guess, tolerance)
    converged = residual <= tolerance
    if count:
        converged &= (abs(newton.motion(x)).max(axis=2) > LEAST_MOTION).any(axis=1)
    moved = abs(x - start.components).max(axis=1)
    x[~converged], nu[~converged], moved[~converged] = np.nan, np.nan, np.nan
    return RotatingWaves(
        states=States(model.shape, model.dims, x),
        frequency=nu.sum(axis=1).reshape(model.shape) if count < 2 else nu.reshape((*model.shape, count)),
        residual=residual.reshape(model.shape),
        converged=converged.reshape(model.shape),
        moved=moved.reshape(model.shape),
    )
