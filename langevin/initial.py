"""Initial amplitudes of an ensemble: samples of Wigner functions, and phase-randomised limit cycles.

Every function returns complex amplitudes of shape (trajectories, oscillators) that are a function of (seed, trajectory)
alone: a larger ensemble begins with the smaller one.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import brentq

from langevin.checks import at_least
from langevin.model import Model
from langevin.streams import Seed, complex_normals, uniforms


def coherent(beta: Any, trajectories: int, *, seed: Seed) -> np.ndarray:
    """Sample the Wigner function of coherent states |beta_j>: a Gaussian of variance 1/4 per component. Exact.

    Averages over the samples are symmetrically ordered: <|alpha|^2> = |beta|^2 + 1/2.
    """
    return thermal(0.0, trajectories, beta=beta, seed=seed)


def vacuum(trajectories: int, oscillators: int, *, seed: Seed) -> np.ndarray:
    """Sample the Wigner function of the vacuum. Exact."""
    at_least("oscillators", oscillators, 1)
    return thermal(np.zeros(oscillators), trajectories, seed=seed)


def thermal(number: Any, trajectories: int, *, beta: Any = 0.0, seed: Seed) -> np.ndarray:
    """Sample the Wigner function of displaced thermal states with mean numbers `number` (+ |beta|^2). Exact."""
    at_least("trajectories", trajectories, 1)
    occupation, centre = np.atleast_1d(np.asarray(number, float)), np.atleast_1d(np.asarray(beta, complex))
    if not (occupation >= 0.0).all() or not np.isfinite(occupation).all():
        raise ValueError(f"Argument `number` must be non-negative, but is {number!r}.")
    if not np.isfinite(centre).all():
        raise ValueError(f"Argument `beta` must be finite, but is {beta!r}.")
    try:
        occupation, centre = np.broadcast_arrays(occupation, centre)
    except ValueError:
        raise ValueError(
            f"Argument `beta` must fit `number` in shape {occupation.shape}, but has shape {centre.shape}."
        ) from None
    width = np.sqrt((occupation + 0.5) / 2.0)  # per real component
    columns = [
        centre[j] + width[j] * complex_normals(seed, "wigner", 0, trajectories, draw=j) for j in range(occupation.size)
    ]
    return np.stack(columns, axis=1)


def fock(number: Any, trajectories: int, *, seed: Seed) -> np.ndarray:
    """Points on circles |alpha|^2 = n + 1/2 with random phases: an approximation of Fock states.

    The Wigner function of a Fock state is negative somewhere, so that no ensemble of points samples it. The circle has
    the exact <n> and the exact uniform phase, and var(n) = 0 up to the ordering term: <|alpha|^4> is (n + 1/2)^2, where
    the symmetric ordering of (a^+ a)^2 asks for (n + 1/2)^2 + 1/4.
    """
    at_least("trajectories", trajectories, 1)
    levels = np.atleast_1d(np.asarray(number, dtype=np.float64))
    if not (levels >= 0.0).all():
        raise ValueError(f"Argument `number` must be non-negative, but is {number!r}.")
    return _circles(np.sqrt(levels + 0.5), trajectories, seed)


def limit_cycle(model: Model, trajectories: int, *, seed: Seed, x_max: float = 1e4) -> np.ndarray:
    """Points on the uncoupled limit cycles, |alpha_j|^2 = smallest stable zero of its own drift, with random phases.

    The drift is minus damping times |alpha|^2, for "polar" noise (truncated Wigner, where noise and damping belong together)
    with what the noise adds to |alpha|^2 in the mean.

    Raises
    ------
    ValueError
        If an oscillator has no stable limit cycle with 0 < |alpha|^2 < `x_max`.
    """
    at_least("trajectories", trajectories, 1)
    return _circles(np.sqrt([_cycle(model, j, x_max) for j in range(model.oscillators)]), trajectories, seed)


def stationary(model: Model, trajectories: int, *, bound: Any, seed: Seed, points: int = 4000) -> np.ndarray:
    r"""Sample the stationary state of the uncoupled oscillators inside |alpha_j|^2 <= bound_j, with random phases.

    For drift and noise that depend on x = |alpha|^2 only: ``p(x) ~ exp(int 2A/D dx)/D`` with the Itô drift A and variance
    rate D = 4 x radial^2 of x. It spares heavy tails their burn-in (truncated Wigner with Lorentzian gain and loss: rates
    at x fall as 1/x and the tail as 1/x^2, so that its filling takes times of x^3).

    Raises
    ------
    ValueError
        If an oscillator has no radial noise somewhere below its bound, or the bound is not positive and finite.
    """
    at_least("trajectories", trajectories, 1)
    bounds = np.broadcast_to(np.asarray(bound, dtype=np.float64), (model.oscillators,))
    if not (bounds > 0.0).all() or not np.isfinite(bounds).all():
        raise ValueError(f"Argument `bound` must be positive and finite, but is {bound!r}.")
    columns = []
    for j in range(model.oscillators):
        u, turns = uniforms(seed, "stationary", 0, trajectories, draw=j)
        x, cumulative = _radial_law(model, j, float(bounds[j]), points)
        columns.append(np.sqrt(np.interp(u, cumulative, x)) * np.exp(2j * np.pi * turns))
    return np.stack(columns, axis=1)


def _radial_law(model: Model, j: int, bound: float, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Grid of x and the cumulative distribution of the uncoupled stationary state of oscillator j."""
    p = model.local_parameters(j)
    x = bound * (np.arange(points) + 0.5) / points
    damping = np.array([model.drift(float(np.sqrt(v)), 0.0, p)[1] for v in x])
    radial, tangential = np.array([model.noise(float(np.sqrt(v)), 0.0, p) for v in x]).T
    variance = 4.0 * x * radial**2
    if not (variance > 0.0).all():
        raise ValueError(f"Oscillator {j} must have radial noise everywhere below its bound, but has none somewhere.")
    slope = 2.0 * (radial**2 + tangential**2 - damping * x) / variance
    exponent = np.concatenate([[0.0], np.cumsum(0.5 * (slope[1:] + slope[:-1]) * np.diff(x))])
    weight = np.exp(exponent - exponent.max()) / variance
    cumulative = np.concatenate([[0.0], np.cumsum(weight)])
    return np.concatenate([[0.0], x + 0.5 * bound / points]), cumulative / cumulative[-1]


def _circles(radii: np.ndarray, trajectories: int, seed: Seed) -> np.ndarray:
    turns = [uniforms(seed, "phase", 0, trajectories, draw=j)[0] for j in range(len(radii))]
    return np.stack([r * np.exp(2j * np.pi * t) for r, t in zip(radii, turns, strict=True)], axis=1)


def _cycle(model: Model, j: int, x_max: float) -> float:
    p = model.local_parameters(j)

    def damping(x: float) -> float:
        rate = model.drift(float(np.sqrt(x)), 0.0, p)[1]
        if model.noise_kind == "polar":
            radial, tangential = model.noise(float(np.sqrt(x)), 0.0, p)
            rate -= (radial**2 + tangential**2) / x
        return rate

    # fine enough for Lorentzians of width 0.01 below |alpha|^2 = 100
    grid = np.concatenate([np.arange(5e-4, 100.0, 5e-3), np.geomspace(100.0, x_max, 4000)])
    before = damping(grid[0])
    for left, right in pairwise(grid):  # most cycles lie low: a tenth of the grid is seen
        after = damping(right)
        if before < 0.0 <= after:
            return float(brentq(damping, left, right))
        before = after
    raise ValueError(f"Oscillator {j} has no stable limit cycle with 0 < |alpha|^2 < {x_max:g}.")
