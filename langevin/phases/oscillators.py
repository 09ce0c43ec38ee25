r"""Groups of noisy phase oscillators (Kuramoto and Sakaguchi), each coupled to all.

.. math::

    d\theta_i = \Big[\omega_i + \sum_h\frac{K_{gh}}{N_h}\sum_{j\in h}\sin(\theta_j - \theta_i - \alpha_{gh})\Big]dt
    + \sqrt{2D_g}\,dW_i \qquad (i\in g)

With :math:`Z_h = N_h^{-1}\sum_{j\in h}e^{i\theta_j}` and :math:`h_g = \sum_hK_{gh}e^{-i\alpha_{gh}}Z_h` the bracket is
:math:`\omega_i + \mathrm{Im}(h_ge^{-i\theta_i})`: a step costs O(N). The sum includes j = i, which adds the constant
:math:`-K_{gg}\sin(\alpha_{gg})/N_g`.

Steps are Heun's: weak order 2 for this additive noise. The limit of infinitely many oscillators is `langevin.phases.density`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from langevin.checks import at_least, listed, positive, real_array
from langevin.ensemble import time_grid
from langevin.group_statistics import first_sample, mean_with_error, relative_harmonics
from langevin.lanes import LANES
from langevin.phases import kernels as phase_kernels
from langevin.streams import Seed, start_states, uniforms
from langevin.threads import in_order


@dataclass(frozen=True, eq=False)
class PhaseGroups:
    """Groups of phase oscillators; see the module's docstring.

    Parameters
    ----------
    frequency : float array, shape (groups,)
        omega of each group; a scalar is spread. Rates in one common unit.
    noise : float array, shape (groups,)
        Phase diffusion D >= 0 of each group; a scalar is spread.
    coupling : float array, shape (groups, groups)
        K: how strongly group g (row) is pulled by group h (column). One group: a scalar.
    lag : float array, shape (groups, groups)
        alpha in radians; a scalar is spread.
    detunings : sequence of float arrays, optional
        For simulations: what is added to omega for each oscillator of each group (disorder).

    Raises
    ------
    ValueError
        If shapes do not fit, an entry is not finite, or a noise is negative.
    """

    frequency: Any
    noise: Any
    coupling: Any
    lag: Any = 0.0
    detunings: Sequence[Any] | None = None

    def __post_init__(self) -> None:
        coupling = np.atleast_2d(real_array("coupling", self.coupling))
        groups = coupling.shape[0]
        if coupling.shape != (groups, groups) or groups == 0:
            raise ValueError(f"Argument `coupling` must be a square matrix, but has shape {coupling.shape}.")
        object.__setattr__(self, "coupling", coupling)
        for name, shape in (("frequency", (groups,)), ("noise", (groups,)), ("lag", (groups, groups))):
            values = real_array(name, getattr(self, name))
            if values.shape not in ((), shape):
                raise ValueError(f"Argument `{name}` must be one number or have shape {shape}, but has {values.shape}.")
            object.__setattr__(self, name, np.broadcast_to(values, shape).copy())
        if (self.noise < 0.0).any():
            raise ValueError(f"Argument `noise` must not be negative, but is {self.noise}.")
        if self.detunings is not None:
            given = listed("detunings", self.detunings, "arrays")
            if len(given) != groups:
                raise ValueError(
                    f"Argument `detunings` must hold one array per group ({groups}), but holds {len(given)}."
                )
            detunings = tuple(real_array("detunings", values) for values in given)
            if any(values.ndim > 1 for values in detunings):
                raise ValueError(
                    "Argument `detunings` must hold arrays of one axis, but they have shapes "
                    f"{[values.shape for values in detunings]}."
                )
            object.__setattr__(self, "detunings", detunings)

    @property
    def groups(self) -> int:
        """Number of groups."""
        return int(self.frequency.size)

    @property
    def complex_coupling(self) -> np.ndarray:
        """K e^{-i alpha}, shape (groups, groups)."""
        return self.coupling * np.exp(-1j * self.lag)


@dataclass(frozen=True, eq=False)
class PhaseRuns:
    """Statistics of an ensemble of realisations.

    Attributes
    ----------
    times : float array, shape (n,)
    order, order_stderr : float arrays, shape (n, groups)
        Mean of |Z_g| over realisations.
    moduli, squares : float arrays, shape (realisations, groups)
        Averages of |Z_g| and |Z_g|^2 over the window of each realisation. Without order |Z|^2 is 1/N.
    frequencies : float array, shape (realisations, groups)
        Mean frequency of a group's oscillators over the window, from their unwrapped phases.
    collective_frequencies : float array, shape (realisations, groups)
        Mean frequency of Z_g over the window, from its phase unwrapped between samples, which must lie less than half a turn
        apart. Not the same: noise lets oscillators slip against the field that they make.
    harmonics : complex array, shape (realisations, pairs, k_max + 1)
        Averages of e^{-ik(phi_g - phi_h)} over the window, phi the phases of Z, for each of `pairs`.
    pairs : int array, shape (pairs, 2)
    series : complex array, shape (realisations, n, groups), or None
        Z_g at all times, if saved.
    sizes, dt, seed, burn_in
        How the runs were made.
    """

    times: np.ndarray
    order: np.ndarray
    order_stderr: np.ndarray
    moduli: np.ndarray
    squares: np.ndarray
    frequencies: np.ndarray
    collective_frequencies: np.ndarray
    harmonics: np.ndarray
    pairs: np.ndarray
    series: np.ndarray | None
    sizes: tuple[int, ...]
    dt: float
    seed: Any
    burn_in: float

    def window_order(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean |Z_g| over window and ensemble and its standard error, shapes (groups,)."""
        return mean_with_error(self.moduli)

    def window_frequencies(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean frequencies of the groups' oscillators and their standard errors, shapes (groups,)."""
        return mean_with_error(self.frequencies)

    def window_collective_frequencies(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean frequencies of the Z_g and their standard errors, shapes (groups,)."""
        return mean_with_error(self.collective_frequencies)


def phase_oscillators(
    model: PhaseGroups,
    sizes: Sequence[int],
    times: Any,
    *,
    dt: float,
    seed: Seed,
    realisations: int = LANES,
    initial: Any = None,
    burn_in: float | None = None,
    k_max: int = 4,
    save: bool = False,
    threads: int | None = None,
) -> PhaseRuns:
    """Simulate realisations of groups of `sizes` phase oscillators.

    Parameters
    ----------
    model : PhaseGroups
    sizes : sequence of int, shape (groups,)
        Oscillators in each group.
    times : float array, shape (n,)
        Evenly spaced; samples are taken at these times.
    dt : float
        Step; must divide the spacing of `times`.
    seed : int, sequence of int or numpy.random.SeedSequence
        Root of all randomness. Realisation m is a function of (seed, m) alone.
    realisations : int
        Realisations; 64 run side by side at the price of one.
    initial : float array, shape (oscillators,), optional
        Phases at ``times[0]``, all groups in turn. Default: uniformly random, different in each realisation.
    burn_in : float, optional
        Time before the window of averages. Default: a fifth of the whole.
    k_max : int
        Highest harmonic of the relative phases of groups.
    save : bool
        Keep Z_g at all times.
    threads : int, optional
        Threads over blocks of 64 realisations. Default: one per processor. Results do not depend on it.

    Raises
    ------
    ValueError
        If an argument does not fit.
    """
    if not isinstance(model, PhaseGroups):
        raise ValueError(f"Argument `model` must be a PhaseGroups, but is of type {type(model).__name__}.")
    numbers = np.array(
        [at_least(f"sizes[{g}]", n, 1) for g, n in enumerate(listed("sizes", sizes, "int"))], dtype=np.int64
    )
    if numbers.size != model.groups:
        raise ValueError(f"Argument `sizes` must have one entry per group ({model.groups}), but has {numbers.size}.")
    at_least("realisations", realisations, 1)
    at_least("k_max", k_max, 1)
    grid, steps = time_grid(times, positive("dt", dt))
    skip, burn = first_sample(burn_in, grid)
    frequencies = _frequencies(model, numbers)
    couplings = model.complex_coupling / numbers
    streams = start_states(seed, "phase noise", 0, -(-realisations // LANES) * LANES)
    start = None if initial is None else _start(initial, frequencies.size)
    step = (grid[-1] - grid[0]) / (grid.size - 1) / steps

    def run(block: int) -> np.ndarray:
        phases = _random_phases(seed, block, frequencies.size) if start is None else np.repeat(start, LANES, axis=1)
        state = np.ascontiguousarray(streams[:, block * LANES : (block + 1) * LANES])
        series = np.empty((grid.size, model.groups, 3, LANES))
        room, rows = np.empty((2, *phases.shape)), np.empty((3, model.groups, 2, LANES))
        phase_kernels.run_phases(
            phases, step, steps, numbers, frequencies, model.noise, couplings, state, room, rows, series
        )
        return np.moveaxis(series, -1, 0)[: realisations - block * LANES]

    series = np.concatenate(list(in_order(run, -(-realisations // LANES), threads)))
    z = series[:, :, :, 0] + 1j * series[:, :, :, 1]
    window = z[:, skip:]
    order, order_stderr = mean_with_error(np.abs(z))
    pairs = np.array([(g, h) for g in range(model.groups) for h in range(g + 1, model.groups)]).reshape(-1, 2)
    harmonics = np.ones((len(z), len(pairs), k_max + 1), dtype=np.complex128)
    for p, (g, h) in enumerate(pairs):
        harmonics[:, p] = relative_harmonics(window[:, :, g], window[:, :, h], k_max)
    begin = min(skip, grid.size - 2)  # frequencies need two samples
    span = grid[-1] - grid[begin]
    turned = np.unwrap(np.angle(z[:, begin:]), axis=1)
    return PhaseRuns(
        times=grid,
        order=order,
        order_stderr=order_stderr,
        moduli=np.abs(window).mean(axis=1),
        squares=(np.abs(window) ** 2).mean(axis=1),
        frequencies=(series[:, -1, :, 2] - series[:, begin, :, 2]) / span,
        collective_frequencies=(turned[:, -1] - turned[:, 0]) / span,
        harmonics=harmonics,
        pairs=pairs,
        series=z if save else None,
        sizes=tuple(int(n) for n in numbers),
        dt=dt,
        seed=seed,
        burn_in=burn,
    )


def _random_phases(seed: Seed, block: int, oscillators: int) -> np.ndarray:
    draws = [uniforms(seed, "initial phases", block * LANES, LANES, draw) for draw in range(-(-oscillators // 2))]
    return 2.0 * np.pi * np.concatenate(draws)[:oscillators]


def _frequencies(model: PhaseGroups, sizes: np.ndarray) -> np.ndarray:
    values = np.repeat(model.frequency, sizes)
    if model.detunings is None:
        return values
    detunings = [np.broadcast_to(d, n) if d.ndim == 0 else d for d, n in zip(model.detunings, sizes, strict=True)]
    joined = np.concatenate(detunings)
    if joined.shape != values.shape:
        raise ValueError(
            f"Argument `detunings` must have one value per oscillator ({list(sizes)}), but has "
            f"{[d.size for d in detunings]}."
        )
    return values + joined


def _start(initial: Any, oscillators: int) -> np.ndarray:
    phases = real_array("initial", initial)
    if phases.shape != (oscillators,):
        raise ValueError(f"Argument `initial` must have shape ({oscillators},), but has shape {phases.shape}.")
    return phases[:, None]
