"""Ensembles: run a model's trajectories in blocks over threads and keep statistics, not histories."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from langevin import kernels
from langevin.checks import at_least, compiled, escape_bound, one_of, positive, real
from langevin.compilation import block_driver
from langevin.lanes import LANES
from langevin.model import MeanField, Model
from langevin.schemes import SCHEMES, Scheme
from langevin.streams import NOISES, Seed, start_states
from langevin.threads import in_order

# |alpha|^2 at which a trajectory counts as exploded; far above any physics and far below overflow
_EXPLODED = 1e20


class UnstableStepWarning(UserWarning):
    """The explicit scheme amplifies the rotation faster than the model damps it."""


@dataclass(frozen=True, eq=False)
class Runs:
    """Statistics of an ensemble. Leading axis `group`: independent groups of consecutive trajectories.

    Sums run over the sampled instants of a group's trajectories; divide by `weight` for averages. Use the scatter
    between groups for standard errors: samples along one trajectory are correlated, groups are not.

    Attributes
    ----------
    pairs : int array, shape (pairs, 2)
        Pairs of oscillators whose relative phase was followed.
    weight : float array, shape (groups,)
        Number of samples.
    harmonics : complex array, shape (groups, pairs, k_max + 1)
        Sums of e^{-ik(phi_a - phi_b)} for k = 0 .. k_max.
    numbers : float array, shape (groups, oscillators, 2)
        Sums of |alpha|^2 and |alpha|^4.
    histogram : int array, shape (oscillators, bins), and `histogram_edge`
        Counts of |alpha|^2 in equal bins from 0 to the edge, where asked for.
    observables, products : float arrays, shapes (groups, q) and (groups, q, q)
        Sums of the chosen functions and of their products, where asked for.
    exits, exits_in_burn_in : int
        Trajectories that left the bound while sampled and before.
    escape_times : float array, shape (trajectories,)
        Time of each trajectory's first exit, the middle of the interval between samples in which it falls; ``inf`` if it
        stayed, NaN if it exploded.
    exit_rate, exit_rate_stderr : float
        Exits per unit of sampled time (Poisson error); NaN without a bound or with an explosion.
    exploded : int
        Trajectories that ended beyond any number. Nothing of them is in the sums, since nobody knows how long before its end
        a trajectory was already on its way; histograms hold what they did below the edge. Where there is one, all averages
        and the exit rate are NaN: what survives is no fair sample, and others may be on their way.
    amplitudes : complex array, shape (trajectories, times, oscillators), or None
        Saved trajectories; NaN after a trajectory has stopped.
    trajectories, times, dt, scheme, noise, seed, burn_in, escape
        How the runs were made.
    """

    pairs: np.ndarray
    weight: np.ndarray
    harmonics: np.ndarray
    numbers: np.ndarray
    histogram: np.ndarray
    histogram_edge: float
    observables: np.ndarray
    products: np.ndarray
    exits: int
    exits_in_burn_in: int
    escape_times: np.ndarray
    exit_rate: float
    exit_rate_stderr: float
    exploded: int
    amplitudes: np.ndarray | None
    trajectories: int
    times: np.ndarray
    dt: float
    scheme: str
    noise: str
    seed: Any
    burn_in: float
    escape: str

    def mean_number(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean |alpha_j|^2 of each oscillator and its standard error, shapes (oscillators,)."""
        return self._average(self.numbers[:, :, 0])

    def mean_observables(self) -> tuple[np.ndarray, np.ndarray]:
        """Means of the chosen functions and their standard errors, shapes (q,)."""
        return self._average(self.observables)

    def _average(self, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if self.exploded:
            unknown = np.full(sums.shape[1:], np.nan)
            return unknown, unknown.copy()
        return ratio_with_error(sums, self.weight)

    def covariance(self) -> np.ndarray:
        """Covariance matrix of the chosen functions over the sampled ensemble, shape (q, q)."""
        if self.exploded:
            return np.full(self.products.shape[1:], np.nan)
        total = self.weight.sum()
        mean = self.observables.sum(axis=0) / total
        return self.products.sum(axis=0) / total - np.outer(mean, mean)

    def effective_samples(self) -> np.ndarray:
        """Independent samples to which each observable's time average is worth, shape (q,).

        The variance of one sample over the variance of the mean; it counts correlations in time and nothing else.
        """
        variance = np.diag(self.covariance())
        return variance / self.mean_observables()[1] ** 2


def ratio_with_error(sums: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ratio of sums over groups and its standard error by linearisation; `sums` has shape (groups, ...)."""
    total, groups = weight.sum(), weight.size
    mean = sums.sum(axis=0) / total
    if groups < 2:
        return mean, np.full(np.shape(mean), np.nan)
    residual = sums - mean * weight.reshape(-1, *([1] * (sums.ndim - 1)))
    return mean, np.sqrt(groups / (groups - 1) * (np.abs(residual) ** 2).sum(axis=0)) / total


def simulate(
    model: Model,
    initial: Any,
    times: Any,
    *,
    dt: float,
    seed: Seed,
    scheme: str = "exponential",
    noise: str = "gaussian",
    burn_in: float | None = None,
    bound: Any = None,
    escape: str = "restart",
    pairs: Sequence[tuple[int, int]] | None = None,
    k_max: int = 8,
    groups: int = 512,
    bins: int = 0,
    histogram_edge: float = 10.0,
    observe: Callable | None = None,
    observables: int = 0,
    save: bool = False,
    threads: int | None = None,
    merged: int = 1,
    progress: Callable[[int, int], Any] | None = None,
) -> Runs:
    """Integrate an ensemble of trajectories of `model`.

    Parameters
    ----------
    model : Model
        The amplitude equations.
    initial : array-like of complex, shape (trajectories, oscillators)
        Amplitudes at ``times[0]``, inside of the bound if there is one.
    times : array-like of float, shape (n,)
        Evenly spaced, increasing; statistics are sampled, and amplitudes saved, at these times.
    dt : float
        Step; must divide the spacing of `times`. See `langevin.SCHEMES` for orders in dt.
    seed : int, sequence of int or numpy.random.SeedSequence
        Root of all randomness. Trajectory m's random numbers are a function of (seed, m) alone.
    scheme : {"exponential", "euler", "heun", "splitting"}
        How a step is made.
    noise : {"gaussian", "two-point", "three-point"}
        Increments; the discrete ones keep the weak order and are cheaper.
    burn_in : float, optional
        Time from a trajectory's (latest) start to its first sample. Default: a fifth of the window.
    bound : array-like, shape (oscillators,), optional
        |alpha_j|^2 beyond which a trajectory has left its basin. Default: the model's own bound, if it has one.
        Checked after every step, with the bound moved inwards by 0.5826 sqrt(dt) noise amplitudes, so that the exit
        rate is that of continuous time up to O(dt) (Broadie, Glasserman and Kou, Math. Finance 7, 325 (1997)); samples
        stop at the last sampling time before the exit. With a bound the averages are those of the quasi-stationary
        ensemble: samples taken after burn-in until the first exit.
    escape : {"restart", "stop"}
        What a trajectory does after its exit: begin again with its initial state and its burn-in, which keeps the ensemble
        full and its trajectories independent, or nothing.
    pairs : sequence of (int, int), optional
        Pairs whose relative phase is followed. Default: all pairs of up to six oscillators, else neighbours in number.
    k_max : int
        Highest harmonic of the relative phase.
    groups : int
        Number of groups (at most one per trajectory) into which trajectories are collected.
    bins, histogram_edge
        Equal bins of |alpha|^2 from 0 to the edge.
    observe : compiled function (re, im, out), optional
        Fills ``out`` (shape (observables,)) from the amplitudes (two arrays of shape (oscillators,)) of one trajectory.
    save : bool
        Keep amplitudes at all times, ``times[0]`` included.
    threads : int, optional
        Threads over blocks of 64 trajectories. Default: one per processor. Results do not depend on it.
    merged : int
        Increments of the stream that are added up to one increment of a step. With 2, a run follows the Brownian paths of
        one with half its `dt`, so that the difference of the two shows the error of the step and hardly any noise. For
        Gaussian increments; jumps of phase (`Model.reset`) and the random order of "splitting" are not shared.
    progress : callable (done, total), optional
        Called after each block.

    Returns
    -------
    Runs

    Raises
    ------
    ValueError
        If an argument does not fit, or the scheme cannot take the model's calculus or noise.

    Warns
    -----
    UnstableStepWarning
        If `scheme` is explicit in the rotation and anti-damped by it at the amplitudes given.
    """
    if not isinstance(model, Model):
        raise ValueError(f"Argument `model` must be a langevin.Model, but is of type {type(model).__name__}.")
    chosen = SCHEMES[one_of("scheme", scheme, SCHEMES)]
    _check_scheme(chosen, model, one_of("noise", noise, NOISES))
    one_of("escape", escape, ("restart", "stop"))
    start = _initial(initial, model.oscillators)
    grid, steps = time_grid(times, positive("dt", dt))
    spacing = steps * dt
    window = grid[-1] - grid[0]
    burn = window / 5 if burn_in is None else real("burn_in", burn_in)
    if not 0.0 <= burn < window:
        raise ValueError(f"Argument `burn_in` must lie between 0 and the window's length {window:g}, but is {burn:g}.")
    bounds = _bounds(model.bound if bound is None else bound, model.oscillators)
    _refuse_outside(start, bounds)
    walls = _discrete_walls(model, bounds, dt)
    pair_array = _pairs(pairs, model.oscillators)
    at_least("k_max", k_max, 1)
    at_least("groups", groups, 1)
    if at_least("merged", merged, 1) > 1 and noise != "gaussian":
        raise ValueError(f"Argument `noise` must be 'gaussian' where increments are merged, but is {noise!r}.")
    at_least("bins", bins, 0)
    if observe is not None:
        at_least("observables", observables, 1)
        compiled("observe", observe, "numba.njit")
    positive("histogram_edge", histogram_edge)
    if scheme in ("euler", "heun"):
        _warn_if_unstable(model, start, bounds, dt, scheme)
    driver = block_driver(
        scheme,
        noise,
        model.drift,
        model.noise,
        model.reset,
        model.noise_kind == "polar",
        model.parameters.__class__,
        observe,
    )
    trajectories, samples, skip = start.shape[0], grid.size - 1, int(np.ceil(burn / spacing - 1e-9))
    table = np.ascontiguousarray(np.stack(list(model.parameters), axis=1))
    network = _network(model)
    quantities = observables if observe is not None else 0

    streams = [start_states(seed, purpose, 0, -(-trajectories // LANES) * LANES) for purpose in ("langevin", "events")]

    def run(block: int) -> dict[str, np.ndarray]:
        first = block * LANES
        lanes = min(LANES, trajectories - first)
        block_start = np.ones((LANES, model.oscillators), dtype=np.complex128)
        block_start[:lanes] = start[first : first + lanes]
        out: dict[str, np.ndarray] = {
            "harmonics": np.zeros((len(pair_array), k_max, 2, LANES)),
            "numbers": np.zeros((model.oscillators, 2, LANES)),
            "histogram": np.zeros((model.oscillators, bins), dtype=np.int64),
            "first": np.zeros((LANES, quantities)),
            "second": np.zeros((LANES, quantities, quantities)),
            "weight": np.zeros(LANES),
            "exits": np.zeros((3, LANES), dtype=np.int64),
            "exploded": np.zeros(LANES, dtype=np.bool_),
            "saved": np.zeros((lanes if save else 0, samples, model.oscillators), dtype=np.complex128),
        }
        work = _aligned(14, model.oscillators * LANES)
        work[0], work[1] = block_start.T.real.ravel(), block_start.T.imag.ravel()
        generators = [states[:, first : first + LANES].copy() for states in streams]
        driver(
            model.oscillators, work, lanes, *generators, merged, table, network, 1.0 / walls, _EXPLODED / walls.max(),
            kernels.STOP if escape == "stop" else kernels.RESTART, float(dt), steps, samples, skip, pair_array,
            out["harmonics"], out["numbers"], float(histogram_edge), out["histogram"], out["first"], out["second"],
            out["weight"], out["exits"], out["exploded"], out["saved"],
        )  # fmt: skip
        _forget(out, out["exploded"])
        return {name: _living(name, value, lanes) for name, value in out.items()}

    return _collect(
        run, model=model, start=start, grid=grid, spacing=spacing, dt=float(dt), scheme=scheme, noise=noise, seed=seed,
        burn_in=skip * spacing, escape=escape if bounds.min() < _EXPLODED else "none",
        pairs=pair_array, k_max=k_max, groups=min(groups, trajectories), histogram_edge=float(histogram_edge),
        save=save, threads=threads, progress=progress,
    )  # fmt: skip


def _aligned(rows: int, columns: int) -> np.ndarray:
    """Zeros whose rows begin where cache lines do: a vector that straddles two lines takes twice as long to load."""
    memory = np.zeros(rows * columns + 8)
    offset = -(memory.ctypes.data // 8) % 8
    return memory[offset : offset + rows * columns].reshape(rows, columns)


def _forget(out: dict[str, np.ndarray], lanes: np.ndarray) -> None:
    """Take what some lanes have sampled out of the sums."""
    for name in ("harmonics", "numbers", "weight"):
        out[name][..., lanes] = 0.0
    for name in ("first", "second"):
        out[name][lanes] = 0.0


def _living(name: str, value: np.ndarray, lanes: int) -> np.ndarray:
    """Cut the lanes that only fill up the last block."""
    if name in ("harmonics", "numbers", "exits"):
        return value[..., :lanes]
    return value[:lanes] if name in ("first", "second", "weight", "exploded") else value


def _collect(
    run: Callable[[int], dict[str, np.ndarray]],
    *,
    model: Model,
    start: np.ndarray,
    grid: np.ndarray,
    spacing: float,
    pairs: np.ndarray,
    k_max: int,
    groups: int,
    save: bool,
    threads: int | None,
    progress: Callable[[int, int], Any] | None,
    **how: Any,
) -> Runs:
    """Run all blocks over threads and add up their statistics, in the order of the blocks whatever the threads do."""
    trajectories = start.shape[0]
    blocks = -(-trajectories // LANES)
    group_of = np.arange(trajectories) * groups // trajectories
    weight = np.zeros(groups)
    harmonics = np.zeros((groups, len(pairs), k_max + 1), dtype=np.complex128)
    numbers = np.zeros((groups, model.oscillators, 2))
    histogram: Any = 0
    first = second = None
    exits = np.zeros(2, dtype=np.int64)
    escape_times = np.full(trajectories, np.inf)
    exploded = 0
    saved = np.empty((trajectories, grid.size, model.oscillators), dtype=np.complex128) if save else None
    for block, out in enumerate(in_order(run, blocks, threads)):
        lanes = slice(block * LANES, block * LANES + out["weight"].size)
        group = group_of[lanes]
        begins = np.concatenate([[0], np.flatnonzero(group[1:] != group[:-1]) + 1])
        rows = group[begins]
        weight[rows] += np.add.reduceat(out["weight"], begins)
        waves = out["harmonics"][:, :, 0] + 1j * out["harmonics"][:, :, 1]
        harmonics[rows, :, 1:] += np.moveaxis(np.add.reduceat(waves, begins, axis=-1), -1, 0)
        numbers[rows] += np.moveaxis(np.add.reduceat(out["numbers"], begins, axis=-1), -1, 0)
        if first is None or second is None:
            first = np.zeros((groups, *out["first"].shape[1:]))
            second = np.zeros((groups, *out["second"].shape[1:]))
        first[rows] += np.add.reduceat(out["first"], begins)
        second[rows] += np.add.reduceat(out["second"], begins)
        histogram = histogram + out["histogram"]
        exits += out["exits"][:2].sum(axis=1)
        intervals = out["exits"][2]
        escape_times[lanes] = np.where(intervals > 0, (intervals - 0.5) * spacing, np.inf)
        escape_times[lanes][out["exploded"]] = np.nan
        exploded += int(out["exploded"].sum())
        if saved is not None:
            saved[lanes, 1:] = out["saved"]
        if progress is not None:
            progress(block + 1, blocks)
    if saved is not None:
        saved[:, 0] = start
    harmonics[:, :, 0] = weight[:, None]
    assert first is not None
    assert second is not None
    risk = (weight.sum() + 0.5 * exits[1]) * spacing  # exits fall in the middle of their interval on average
    rated = how["escape"] != "none" and risk > 0 and not exploded
    return Runs(
        pairs=pairs, weight=weight, harmonics=harmonics, numbers=numbers, histogram=histogram, observables=first,
        products=second, exits_in_burn_in=int(exits[0]), exits=int(exits[1]),
        escape_times=escape_times,
        exit_rate=exits[1] / risk if rated else float("nan"),
        exit_rate_stderr=np.sqrt(max(exits[1], 1)) / risk if rated else float("nan"),
        exploded=exploded, amplitudes=saved, trajectories=trajectories, times=grid, **how,
    )  # fmt: skip


def time_grid(times: Any, dt: float) -> tuple[np.ndarray, int]:
    """Return the checked grid and the number of steps between two of its times."""
    try:
        grid = np.asarray(times, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `times` must be an array of real numbers, but is {times!r}.") from None
    if grid.ndim != 1 or grid.size < 2 or not np.isfinite(grid).all():
        raise ValueError(f"Argument `times` must hold at least two finite times, but has shape {grid.shape}.")
    gaps = np.diff(grid)
    spacing = (grid[-1] - grid[0]) / (grid.size - 1)
    if not spacing > 0.0 or abs(gaps - spacing).max() > 1e-9 * max(spacing, abs(grid).max()):
        raise ValueError("Argument `times` must be increasing and evenly spaced, but its gaps differ.")
    steps = round(spacing / dt)
    if steps < 1 or abs(steps * dt - spacing) > 1e-9 * spacing:
        raise ValueError(f"Argument `dt` must divide the spacing of `times` ({spacing:g}), but is {dt:g}.")
    return grid, steps


def _initial(value: Any, oscillators: int) -> np.ndarray:
    try:
        start = np.array(value, dtype=np.complex128, ndmin=2)
    except (TypeError, ValueError):
        raise ValueError("Argument `initial` must be an array of complex numbers, but is not.") from None
    if start.ndim != 2 or start.shape[1] != oscillators or start.shape[0] < 1:
        raise ValueError(
            f"Argument `initial` must have shape (trajectories, {oscillators}), but has shape {start.shape}."
        )
    if not np.isfinite(start).all():
        raise ValueError("Argument `initial` must be finite, but has entries that are not.")
    return start


def _bounds(value: Any, oscillators: int) -> np.ndarray:
    if value is None:
        return np.full(oscillators, _EXPLODED)
    return np.minimum(escape_bound(value, oscillators), _EXPLODED)


def _refuse_outside(start: np.ndarray, bounds: np.ndarray) -> None:
    """Refuse trajectories that begin where they count as gone: they would begin again without end."""
    outside = (np.abs(start) >= np.sqrt(bounds)) & (bounds < _EXPLODED)
    if outside.any():
        m, j = np.argwhere(outside)[0]
        raise ValueError(
            f"Argument `initial` must lie inside of the bound |alpha_{j}|^2 < {bounds[j]:g}, but |alpha_{j}| is "
            f"{abs(start[m, j]):g} in trajectory {m}."
        )


# -zeta(1/2)/sqrt(2 pi): mean overshoot of a random walk at its first passage, in steps
_OVERSHOOT = 0.5826


def _discrete_walls(model: Model, bounds: np.ndarray, dt: float) -> np.ndarray:
    """Bounds moved inwards by the mean overshoot of one step.

    Fig. 2(a) of Lörch et al. at dt = 0.01: the exit rate is 8 % low without.
    """
    walls = bounds.copy()
    for j in np.flatnonzero(bounds < _EXPLODED):
        radius = np.sqrt(bounds[j])
        radial, _ = model.noise(float(radius), 0.0, model.local_parameters(int(j)))
        walls[j] = max(radius - _OVERSHOOT * radial * np.sqrt(dt), 0.5 * radius) ** 2
    return walls


def _pairs(pairs: Sequence[tuple[int, int]] | None, oscillators: int) -> np.ndarray:
    if pairs is None:
        chosen = (
            list(combinations(range(oscillators), 2))
            if oscillators <= 6
            else [(j, j + 1) for j in range(oscillators - 1)]
        )
        return np.array(chosen, dtype=np.int64).reshape(-1, 2)
    try:
        array = np.array(list(pairs) or np.zeros((0, 2), int))
    except (TypeError, ValueError):
        raise ValueError(f"Argument `pairs` must be a list of pairs of oscillators, but is {pairs!r}.") from None
    fits = array.ndim == 2 and array.shape[1] == 2 and np.issubdtype(array.dtype, np.integer)
    if not fits or (array < 0).any() or (array >= oscillators).any() or (array[:, 0] == array[:, 1]).any():
        raise ValueError(
            f"Argument `pairs` must name two different oscillators out of {oscillators}, but is {pairs!r}."
        )
    return array.astype(np.int64)


def _network(model: Model) -> tuple[np.ndarray, ...]:
    """The coupling as the kernels take it: rows of a sparse matrix and a rank-one part, real and imaginary apart."""
    none = np.zeros(0)
    if isinstance(model.coupling, MeanField):
        out, inward = model.coupling.outward, model.coupling.inward
        empty = np.zeros(0, dtype=np.int64)
        return (
            np.zeros(model.oscillators + 1, dtype=np.int64), empty, none, none,
            out.real.copy(), out.imag.copy(), inward.real.copy(), inward.imag.copy(),
        )  # fmt: skip
    m = model.coupling
    return (
        m.indptr.astype(np.int64), m.indices.astype(np.int64), m.data.real.copy(), m.data.imag.copy(),
        none, none, none, none,
    )  # fmt: skip


def _check_scheme(scheme: Scheme, model: Model, noise: str) -> None:
    if noise not in scheme.noises:
        raise ValueError(
            f"Argument `noise` must be one of {', '.join(map(repr, scheme.noises))} for the weak order "
            f"{scheme.weak_order} of scheme {scheme.name!r}, but is {noise!r}."
        )
    if model.noise_kind == "additive":
        return
    if model.calculus != scheme.calculus:
        fitting = [
            s.name for s in SCHEMES.values() if s.calculus == model.calculus and model.noise_kind in s.multiplicative
        ]
        raise ValueError(
            f"Argument `scheme` must read multiplicative noise in the model's {model.calculus} calculus "
            f"({', '.join(map(repr, fitting))} do), but {scheme.name!r} reads it in the {scheme.calculus} calculus."
        )
    if model.noise_kind not in scheme.multiplicative:
        raise ValueError(f"Argument `scheme` must take {model.noise_kind} noise, but {scheme.name!r} does not.")


def _warn_if_unstable(model: Model, start: np.ndarray, bounds: np.ndarray, dt: float, scheme: str) -> None:
    """Warn where the explicit step turns rotation into growth at, or above, the initial amplitudes.

    A step multiplies |alpha|^2 by 1 - damping dt + (rotation^2 + damping^2/4) dt^2 (`euler`), or, damping aside, by
    1 + (rotation dt)^4/4 (`heun`). This must stay below one wherever the model damps, and far out, or nothing holds a
    trajectory back.
    """
    for j in range(model.oscillators):
        p = model.local_parameters(j)
        lowest = max(float((np.abs(start[:, j]) ** 2).max()), 1e-6)
        highest = min(4.0 * lowest + 4.0, bounds[j])
        for x in np.geomspace(lowest, highest, 16):
            rotation, damping, _, _ = model.drift(float(np.sqrt(x)), 0.0, p)
            growth = (rotation**2 + damping**2 / 4) * dt if scheme == "euler" else rotation**4 * dt**3 / 4
            if damping < growth and growth > 1e-2 * abs(damping) and (damping > 0.0 or x == highest):
                warnings.warn(
                    f"Scheme {scheme!r} with dt = {dt:g} anti-damps oscillator {j} at |alpha|^2 = {x:.3g}: its rotation "
                    f"adds {growth:.3g} to the growth rate of |alpha|^2, the model's damping there is {damping:.3g}; "
                    "use scheme 'exponential' or a smaller dt.",
                    UnstableStepWarning,
                    stacklevel=3,
                )
                return
