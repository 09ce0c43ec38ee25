r"""Discrete truncated Wigner ensembles of dissipative networks of d-level systems.

**Phase space.** The state of a site is a Hermitian matrix :math:`A_i` of trace one, its phase-point matrix, and an operator
O becomes the number :math:`\mathrm{tr}(OA_i)`; operators of different sites multiply. Initial points are drawn from the
sites' density matrices (`spin_algebra.phase_points`), so that :math:`E[A_1\otimes A_2\otimes\dots] = \rho_1\otimes\rho_2
\otimes\dots` and all symmetrized products of two operators of one site are exact: for spins 1/2 the usual x, y, z = +-1/2.

**Precession.** With :math:`H = \sum_iH_i + \sum_{i\neq j}C_{ij}L_i^\dagger L_j` every trajectory follows the classical
equations of products of local operators,

.. math::

    \dot A_i = -i[H_i + f_iL^\dagger + f_i^*L,\; A_i] + \dots,\qquad f_i = \sum_{j\neq i}C_{ij}\,\mathrm{tr}(LA_j).

**Dissipation** must not spoil the trajectories' randomness: damping alone would let :math:`A_i` shrink to its mean. Two
stochastic processes have the drift of :math:`\sum_cD[c]`, linear in A and hence exact in its mean:

*Resets* (``dissipation="reset"``), for jumps :math:`c = \sqrt\gamma|f\rangle\langle i|`. At rate :math:`\gamma`, whatever the
state, an event sets :math:`A_{ff}\to A_{ff}+A_{ii}`, :math:`A_{ii}\to0`, and in half of the events draws the coherences of
the empty level i afresh with mean zero: the population decays at :math:`\gamma`, every coherence of i at :math:`\gamma/2`,
which is D[c]. A rate proportional to the population, as of a real jump, would need a sign: :math:`A_{ii}` is not positive
once the Hamiltonian has turned A. The new coherence is :math:`(\pm1\pm i)/2` with one other level n, drawn with probability
:math:`A_{nn}` (cut to [0, 1]; a choice that the mean does not see). For d = 2 this is the known scheme, z to +-1/2, x and y
redrawn in half of the events. Real diagonal jump operators (dephasing) turn A by :math:`e^{-ic\,dW}`.

*Noise* (``dissipation="noise"``), for any jump operators. The symmetrized products of one site have drift and diffusion:
:math:`D_{\mu\nu} = \mathrm{Re}\,\mathrm{tr}(\rho\,[c,\Lambda_\mu]^\dagger[c,\Lambda_\nu])` is what
:math:`\mathrm{tr}\,\rho\{\Lambda_\mu,\Lambda_\nu\}/2` gains beyond the damping of its factors. It is positive, but with A in
place of :math:`\rho` it is not. So each site carries its conditional state :math:`\rho_i` as well, which sees the same fields
:math:`f_i` and the master equation, without noise; with :math:`\rho_i = FF^\dagger`

.. math::

    dA_i = (\mathcal L_{f_i}A_i)\,dt + \sum_c\tfrac12\big([F\,d\Xi_c,\,c] + h.c.\big),
    \qquad \langle|d\Xi_{c,ab}|^2\rangle = 2\,dt,

has that diffusion: :math:`\mathrm{tr}(\Lambda_\mu dA) = \mathrm{Re}\,\mathrm{tr}([c,\Lambda_\mu]F\,d\Xi_c)`.

**Where it is exact.** One site, or sites without coupling, in any external field: the mean of A, and products of different
sites, at all times (both forms); symmetrized products at one site, at all times ("noise"), or of a diagonal basis only
("reset", d = 2: :math:`x^2, y^2, z^2`). Groups of N sites coupled by fields of order 1/N: for N to infinity fields lose
their noise, and the mean of A obeys the nonlinear (mean-field) master equation. Coupled sites: to second order in time,
as for every truncated Wigner ensemble. Where it fails: sites that build up strong correlations, since fields of sites are
then no classical numbers; means need not stay inside of the operators' spectra. Two three-level oscillators with exchange:
:math:`\langle S_1^-S_2^+\rangle`, of first order in the exchange, comes out within 5 to 40 %, but the two-quantum coherence
:math:`\langle2,0|\rho|0,2\rangle`, of second order, at a fifth or third of its value or with the wrong sign (tests).

**Step.** Half a flow, dissipation, half a flow. The flow (precession; with noise also the damping) is a fourth-order
Runge-Kutta step, made in parts where the levels of a site turn by more than half a radian in a step: its error in the modulus
of a coherence is 1e-4 a part at most. Resets: weak order 2; their times are those of an exact Poisson process, moved to the
middle of their step. Noise: order 2 for means and products of two, 1 for higher moments, since its increments are
:math:`\pm\sqrt{dt}`.

References
----------
J. Schachenmayer, A. Pikovski and A. M. Rey, Phys. Rev. X 5, 011022 (2015); B. Zhu, A. M. Rey and J. Schachenmayer, New J.
Phys. 21, 082001 (2019) (d levels); V. P. Singh and H. Weimer, Phys. Rev. Lett. 128, 200602 (2022), J. Huber, A. M. Rey and
P. Rabl, Phys. Rev. A 105, 013716 (2022), C. D. Mink, D. Petrosyan and M. Fleischhauer, Phys. Rev. Research 4, 043136 (2022)
(dissipation of spins 1/2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from langevin.checks import at_least, complex_array, listed, one_of, positive
from langevin.ensemble import time_grid
from langevin.group_statistics import first_sample, mean_with_error, relative_harmonics
from langevin.lanes import LANES
from langevin.spins import algebra as spin_algebra
from langevin.spins import kernels as spin_kernels
from langevin.streams import Seed, start_states
from langevin.threads import in_order

DISSIPATIONS = ("reset", "noise")
"""How trajectories dissipate; see the module's docstring."""

# Radians that the levels of a site may turn in one Runge-Kutta step, which damps by turn^6/144
_LARGEST_TURN = 0.5


@dataclass(frozen=True, eq=False)
class SpinNetwork:
    r"""Groups of identical d-level systems (sites) with local jumps and couplings of products of two sites.

    .. math::

        H = \sum_i H_{g_i} + \sum_t\sum_{i\neq j} C^t_{g_ig_j} L_{t,i}^\dagger L_{t,j},
        \qquad \dot\rho = -i[H,\rho] + \sum_i\sum_{c\in g_i} D[c_i]\rho .

    Parameters
    ----------
    hamiltonian : complex array, shape (d, d) or (groups, d, d)
        Hermitian; one for all groups, or one per group. In the unit of rate.
    jumps : sequence of sequences of (d, d) arrays
        Jump operators of each group, square root of the rate included.
    sizes : sequence of int, shape (groups,)
        Sites in each group.
    couplings : sequence of (operator, strength)
        L, shape (d, d), and Hermitian C, shape (groups, groups), a factor 1/N included. An exchange
        (g/2)(S_1^+ S_2^- + S_1^- S_2^+) is L = S^-, C = [[0, g/2], [g/2, 0]]; with a Hermitian L each pair i < j counts twice.

    Raises
    ------
    ValueError
        If shapes do not fit, or a matrix that must be Hermitian is not.
    """

    hamiltonian: Any
    jumps: Sequence[Sequence[Any]]
    sizes: Sequence[int] = (1,)
    couplings: Sequence[tuple[Any, Any]] = ()

    def __post_init__(self) -> None:
        sizes = tuple(at_least(f"sizes[{g}]", size, 1) for g, size in enumerate(listed("sizes", self.sizes, "int")))
        if not sizes:
            raise ValueError("Argument `sizes` must hold at least one group, but is empty.")
        groups = len(sizes)
        hamiltonian = complex_array("hamiltonian", self.hamiltonian)
        if hamiltonian.ndim == 2:
            hamiltonian = np.broadcast_to(hamiltonian, (groups, *hamiltonian.shape))
        levels = hamiltonian.shape[-1] if hamiltonian.ndim else 0
        if hamiltonian.shape != (groups, levels, levels) or not 2 <= levels <= 16:
            raise ValueError(
                f"Argument `hamiltonian` must have shape (d, d) or ({groups}, d, d) with d = 2 to 16, but has shape "
                f"{np.shape(self.hamiltonian)}."
            )
        _refuse_non_hermitian("hamiltonian", hamiltonian)
        of_groups = [
            listed("jumps", part, "jump operators for each group") for part in listed("jumps", self.jumps, "sequences")
        ]
        if len(of_groups) != groups:
            raise ValueError(
                f"Argument `jumps` must hold one sequence of operators per group ({groups}), but holds {len(of_groups)}."
            )
        jumps = tuple(tuple(_matrix("jumps", c, levels) for c in of_group) for of_group in of_groups)
        couplings = []
        for pair in listed("couplings", self.couplings, "pairs (operator, strength)"):
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise ValueError(f"Argument `couplings` must hold pairs (operator, strength), but holds {pair!r}.")
            operator, strength = _matrix("couplings", pair[0], levels), _matrix("couplings", pair[1], groups)
            _refuse_non_hermitian("couplings", strength)
            couplings.append((operator, strength))
        for name, value in (("sizes", sizes), ("hamiltonian", hamiltonian), ("jumps", jumps), ("couplings", couplings)):
            object.__setattr__(self, name, value if name != "couplings" else tuple(couplings))

    @property
    def levels(self) -> int:
        """Levels d of a site."""
        return int(self.hamiltonian.shape[-1])


@dataclass(frozen=True, eq=False)
class SpinRuns:
    """Statistics of a discrete truncated Wigner ensemble.

    M_gq is the mean of tr(O_q A_i) over the sites i of group g in one trajectory. Standard errors are complex: their real
    part is that of the real part, their imaginary part that of the imaginary part.

    Attributes
    ----------
    times : float array, shape (n,)
    means, means_stderr : complex arrays, shape (n, groups, q)
        Ensemble means of M_gq.
    correlations, correlations_stderr : complex arrays, shape (n, c)
        <O_q,i O_r,j> averaged over pairs of different sites, for each chosen ((g, q), (h, r)).
    averages : complex array, shape (trajectories, groups, q)
        Averages of M_gq over the window of each trajectory.
    moduli : float array, shape (trajectories, groups, q)
        Averages of |M_gq| over the window: an order parameter that does not need a common phase.
    correlation_averages : complex array, shape (trajectories, c)
    harmonics : complex array, shape (trajectories, phases, k_max + 1)
        Averages of e^{-ik(phi_1 - phi_2)}, phi the phases of each chosen pair of M_gq.
    series : complex array, shape (trajectories, n, groups, q), or None
        M_gq at all times, if saved.
    sizes, dt, dissipation, seed, burn_in
        How the runs were made.
    """

    times: np.ndarray
    means: np.ndarray
    means_stderr: np.ndarray
    correlations: np.ndarray
    correlations_stderr: np.ndarray
    averages: np.ndarray
    moduli: np.ndarray
    correlation_averages: np.ndarray
    harmonics: np.ndarray
    series: np.ndarray | None
    sizes: tuple[int, ...]
    dt: float
    dissipation: str
    seed: Any
    burn_in: float

    @property
    def trajectories(self) -> int:
        """Number of trajectories."""
        return self.averages.shape[0]

    def window_means(self) -> tuple[np.ndarray, np.ndarray]:
        """Means of M_gq over window and ensemble, and complex standard errors, shapes (groups, q)."""
        return mean_with_error(self.averages)

    def window_moduli(self) -> tuple[np.ndarray, np.ndarray]:
        """Means of |M_gq| over window and ensemble, and standard errors, shapes (groups, q)."""
        return mean_with_error(self.moduli)

    def window_correlations(self) -> tuple[np.ndarray, np.ndarray]:
        """Correlations of different sites over window and ensemble, and complex standard errors, shapes (c,)."""
        return mean_with_error(self.correlation_averages)


def discrete_wigner(
    network: SpinNetwork,
    initial: Any,
    times: Any,
    *,
    dt: float,
    seed: Seed,
    trajectories: int,
    observables: Sequence[Any],
    correlations: Sequence[tuple[tuple[int, int], tuple[int, int]]] = (),
    phases: Sequence[tuple[tuple[int, int], tuple[int, int]]] = (),
    k_max: int = 4,
    dissipation: str = "reset",
    burn_in: float | None = None,
    save: bool = False,
    threads: int | None = None,
) -> SpinRuns:
    """Run a discrete truncated Wigner ensemble.

    Parameters
    ----------
    network : SpinNetwork
    initial : complex array, shape (d, d) or (groups, d, d)
        Density matrix of every site (of each group) at ``times[0]``.
    times : float array, shape (n,)
        Evenly spaced; samples are taken at these times.
    dt : float
        Step; must divide the spacing of `times`. Rates and fields of the coupling times dt should stay well below 1.
    seed : int, sequence of int or numpy.random.SeedSequence
        Root of all randomness. Trajectory m is a function of (seed, m) alone.
    trajectories : int
        Size of the ensemble.
    observables : sequence of (d, d) arrays
        Operators O_q whose means over each group are sampled.
    correlations : sequence of ((g, q), (h, r))
        Products of O_q at a site of group g and O_r at another site, of group h. g = h needs two sites.
    phases : sequence of ((g, q), (h, r))
        Pairs of group means whose relative phase is followed, to harmonic `k_max`.
    dissipation : {"reset", "noise"}
        See the module's docstring; "reset" takes jumps sqrt(rate)|f><i| and real diagonal ones.
    burn_in : float, optional
        Time before the window of averages. Default: a fifth of the whole.
    save : bool
        Keep M_gq at all times.
    threads : int, optional
        Threads over blocks of 64 trajectories. Default: one per processor. Results do not depend on it.

    Raises
    ------
    ValueError
        If an argument does not fit, or the dissipation cannot take the network's jump operators.
    """
    if not isinstance(network, SpinNetwork):
        raise ValueError(f"Argument `network` must be a SpinNetwork, but is of type {type(network).__name__}.")
    one_of("dissipation", dissipation, DISSIPATIONS)
    grid, steps = time_grid(times, positive("dt", dt))
    at_least("trajectories", trajectories, 1)
    states = _states(initial, network)
    operators = [
        _matrix("observables", operator, network.levels) for operator in listed("observables", observables, "matrices")
    ]
    if not operators:
        raise ValueError("Argument `observables` must hold at least one operator, but is empty.")
    chosen = _pairs("correlations", correlations, network, len(operators))
    for g, _, h, _ in chosen:
        if g == h and network.sizes[g] < 2:
            raise ValueError(f"Argument `correlations` must name different sites, but group {g} has only one.")
    followed = _pairs("phases", phases, network, len(operators))
    at_least("k_max", k_max, 1)
    skip, burn = first_sample(burn_in, grid)
    tables = _Tables(network, dissipation, operators)
    streams = start_states(seed, "events", 0, -(-trajectories // LANES) * LANES)
    groups, quantities = len(network.sizes), len(operators)
    step = (grid[-1] - grid[0]) / (grid.size - 1) / steps

    def run(block: int) -> np.ndarray:
        lanes = slice(block * LANES, (block + 1) * LANES)
        state = spin_algebra.phase_points(states, seed, block * LANES, LANES)
        series = np.empty((grid.size, groups * quantities + len(chosen), 2, LANES))
        tables.run(states, state, steps, step, streams[:, lanes], chosen, series)
        if not np.isfinite(series).all():
            raise ValueError(f"Argument `dt` must be smaller here: with {dt:g} trajectories exploded.")
        # time, quantity, lane -> lane, time, quantity
        return np.moveaxis(series[:, :, 0] + 1j * series[:, :, 1], -1, 0)[: trajectories - block * LANES]

    kept = _Kept(grid.size, (groups, quantities), followed, k_max, skip, save)
    for values in in_order(run, -(-trajectories // LANES), threads):
        kept.add(values)
    return SpinRuns(
        times=grid, sizes=tuple(network.sizes), dt=dt, dissipation=dissipation, seed=seed, burn_in=burn, **kept.results()
    )  # fmt: skip


class _Kept:
    """What is kept of the blocks' series, shape (lanes, times, groups * q + correlations)."""

    def __init__(
        self, times: int, shape: tuple[int, int], phases: np.ndarray, k_max: int, skip: int, save: bool
    ) -> None:
        self.times, self.shape, self.split = times, shape, shape[0] * shape[1]
        self.phases, self.k_max, self.skip, self.save = phases, k_max, skip, save
        self.count, self.first, self.second = 0, 0.0, 0.0
        self.averages: list[np.ndarray] = []
        self.moduli: list[np.ndarray] = []
        self.correlations: list[np.ndarray] = []
        self.harmonics: list[np.ndarray] = []
        self.series: list[np.ndarray] = []

    def add(self, values: np.ndarray) -> None:
        """Add one block."""
        self.count += len(values)
        self.first = self.first + values.sum(axis=0)
        self.second = self.second + (values.real**2).sum(axis=0) + 1j * (values.imag**2).sum(axis=0)
        means = values[:, :, : self.split].reshape(len(values), self.times, *self.shape)
        window = means[:, self.skip :]
        self.averages.append(window.mean(axis=1))
        self.moduli.append(np.abs(window).mean(axis=1))
        self.correlations.append(values[:, self.skip :, self.split :].mean(axis=1))
        harmonics = np.ones((len(values), len(self.phases), self.k_max + 1), dtype=np.complex128)
        for p, (g, q, h, r) in enumerate(self.phases):
            harmonics[:, p] = relative_harmonics(window[:, :, g, q], window[:, :, h, r], self.k_max)
        self.harmonics.append(harmonics)
        if self.save:
            self.series.append(means)

    def results(self) -> dict[str, Any]:
        """Fields of `SpinRuns`."""
        mean, stderr = _moments(np.asarray(self.first), np.asarray(self.second), self.count)
        shape = (self.times, *self.shape)
        return {
            "means": mean[:, : self.split].reshape(shape),
            "means_stderr": stderr[:, : self.split].reshape(shape),
            "correlations": mean[:, self.split :],
            "correlations_stderr": stderr[:, self.split :],
            "averages": np.concatenate(self.averages),
            "moduli": np.concatenate(self.moduli),
            "correlation_averages": np.concatenate(self.correlations),
            "harmonics": np.concatenate(self.harmonics),
            "series": np.concatenate(self.series) if self.save else None,
        }


def _moments(first: np.ndarray, second: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and complex standard error from sums and sums of squares."""
    mean = first / count
    if count < 2:
        return mean, np.full(mean.shape, complex(np.nan, np.nan))
    real_part = np.maximum(second.real / count - mean.real**2, 0.0)
    imaginary = np.maximum(second.imag / count - mean.imag**2, 0.0)
    return mean, (np.sqrt(real_part) + 1j * np.sqrt(imaginary)) / np.sqrt(count - 1)


class _Tables:
    """A network as the kernels take it."""

    def __init__(self, network: SpinNetwork, dissipation: str, observables: list[np.ndarray]) -> None:
        self.levels = network.levels
        self.sizes = np.array(network.sizes, dtype=np.int64)
        self.dissipation = dissipation
        energies = np.linalg.eigvalsh(network.hamiltonian)
        self.fastest = float((energies[:, -1] - energies[:, 0]).max())
        self.noisy = dissipation == "noise"
        none = SpinNetwork(network.hamiltonian, [()] * len(network.sizes), network.sizes)
        self.resets, self.diagonals = _reset_tables(none if self.noisy else network)
        self.jumps = _noise_tables(none if not self.noisy else network)
        self.generator = _generator(network, with_dissipation=dissipation == "noise")
        self.linear = _functionals([operator for operator, _ in network.couplings])
        self.observed = _functionals(observables)
        groups = self.sizes.size
        self.strength = np.zeros((len(network.couplings), groups, groups), dtype=np.complex128)
        for t, (_, strength) in enumerate(network.couplings):
            self.strength[t] = strength

    def run(
        self,
        states: np.ndarray,
        points: np.ndarray,
        steps: int,
        dt: float,
        random: np.ndarray,
        pairs: np.ndarray,
        series: np.ndarray,
    ) -> None:
        """Run one block from its phase points, shape (sites, d^2, 64), filling `series`."""
        if self.noisy:
            conditional = np.broadcast_to(spin_algebra.components(states)[:, :, None], points.shape)
            points = np.concatenate([points, conditional], axis=1)
        flows = max(1, int(np.ceil(self.fastest * dt / _LARGEST_TURN - 1e-9)))
        spin_kernels.run_block(
            points, dt, steps, flows, self.levels, self.sizes, self.generator, self.linear, self.strength, self.noisy,
            self.resets, self.diagonals, self.jumps, np.ascontiguousarray(random), self.observed, pairs, series,
        )  # fmt: skip


def _noise_tables(network: SpinNetwork) -> tuple[np.ndarray, ...]:
    """Jump operators by their elements: (pointers of groups, pointers of operators, rows, columns, elements)."""
    groups, operators = [0], [0]
    rows, columns, elements = [], [], []
    for of_group in network.jumps:
        for c in of_group:
            for m, n in np.argwhere(c != 0.0):
                rows.append(m)
                columns.append(n)
                elements.append(c[m, n])
            operators.append(len(rows))
        groups.append(len(operators) - 1)
    return (
        np.array(groups), np.array(operators), np.array(rows, np.int64), np.array(columns, np.int64),
        np.array(elements, np.complex128),
    )  # fmt: skip


def _reset_tables(network: SpinNetwork) -> tuple[tuple, tuple]:
    """Jumps (pointers, cumulative rates, sources, targets) and dephasing (pointers, diagonals)."""
    ends, rates, sources, targets = [0], [], [], []
    starts, diagonals = [0], []
    for of_group in network.jumps:
        total = 0.0
        for c in of_group:
            entries = np.argwhere(c != 0.0)
            if len(entries) == 1 and entries[0, 0] != entries[0, 1]:
                target, source = entries[0]
                total += abs(c[target, source]) ** 2
                rates.append(total)
                sources.append(source)
                targets.append(target)
            elif (entries[:, 0] == entries[:, 1]).all() and not c.imag.any():
                if len(entries):
                    diagonals.append(np.diag(c).real)
            else:
                raise ValueError(
                    'Argument `dissipation` must be "noise" for jump operators other than sqrt(rate)|f><i| and real diagonal '
                    'ones, but is "reset".'
                )
        ends.append(len(rates))
        starts.append(len(diagonals))
    jumps = (np.array(ends), np.array(rates, float), np.array(sources, np.int64), np.array(targets, np.int64))
    return jumps, (np.array(starts), np.array(diagonals, float).reshape(-1, network.levels))


def _generator(network: SpinNetwork, *, with_dissipation: bool) -> tuple[np.ndarray, ...]:
    """Sparse slopes of all groups: (row pointers, source rows, fields, coefficients); field 0 is the constant 1."""
    ends, sources, fields, weights = [0], [], [], []
    for hamiltonian, of_group in zip(network.hamiltonian, network.jumps, strict=True):
        parts = [spin_algebra.precession(hamiltonian)]
        if with_dissipation:
            parts[0] = parts[0] + sum((spin_algebra.dissipator(c) for c in of_group), start=0.0 * parts[0])
        for operator, _ in network.couplings:
            adjoint = operator.conj().T
            parts += [spin_algebra.precession(operator + adjoint), spin_algebra.precession(1j * (adjoint - operator))]
        scale = max(np.abs(part).max() for part in parts)
        for m in range(network.levels**2):
            for field, part in enumerate(parts):
                for source in np.flatnonzero(np.abs(part[m]) > 1e-15 * scale):
                    sources.append(source)
                    fields.append(field)
                    weights.append(part[m, source])
            ends.append(len(sources))
    return np.array(ends), np.array(sources, np.int64), np.array(fields, np.int64), np.array(weights, float)


def _functionals(operators: list[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Sparse tr(O A): (pointers of real and imaginary parts in turn, component, coefficient)."""
    ends: list[int] = [0]
    which: list[int] = []
    weights: list[float] = []
    for operator in operators:
        vector = spin_algebra.functional(operator)
        for part in (vector.real, vector.imag):
            used = np.flatnonzero(np.abs(part) > 1e-15 * np.abs(vector).max())
            which.extend(used)
            weights.extend(part[used])
            ends.append(len(which))
    return np.array(ends), np.array(which, np.int64), np.array(weights, float)


# --- checks -----------------------------------------------------------------------------------------------------------


def _matrix(name: str, value: Any, size: int) -> np.ndarray:
    array = complex_array(name, value.toarray() if hasattr(value, "toarray") else value)
    if array.shape != (size, size):
        raise ValueError(
            f"Argument `{name}` must hold matrices of shape {(size, size)}, but one has shape {array.shape}."
        )
    return array


def _refuse_non_hermitian(name: str, array: np.ndarray) -> None:
    error = np.abs(array - array.conj().swapaxes(-1, -2)).max()
    if error > 1e-12 * max(np.abs(array).max(), 1.0):
        raise ValueError(f"Argument `{name}` must hold Hermitian matrices, but one is off by {error:.2g}.")


def _states(initial: Any, network: SpinNetwork) -> np.ndarray:
    """Density matrices of all sites, shape (sites, d, d)."""
    states = complex_array("initial", initial)
    groups, levels = len(network.sizes), network.levels
    if states.ndim == 2:
        states = np.broadcast_to(states, (groups, *states.shape))
    if states.shape != (groups, levels, levels):
        raise ValueError(
            f"Argument `initial` must have shape {(levels, levels)} or {(groups, levels, levels)}, but has shape "
            f"{np.shape(initial)}."
        )
    _refuse_non_hermitian("initial", states)
    traces = np.trace(states, axis1=1, axis2=2).real
    lowest = np.linalg.eigvalsh(states).min()
    if np.abs(traces - 1.0).max() > 1e-9 or lowest < -1e-9:
        raise ValueError(
            f"Argument `initial` must hold density matrices, but has traces {traces} and a lowest eigenvalue of {lowest:.2g}."
        )
    return np.repeat(states, network.sizes, axis=0)


def _pairs(name: str, pairs: Any, network: SpinNetwork, quantities: int) -> np.ndarray:
    """((g, q), (h, r)) as rows g, q, h, r."""
    try:
        given = np.array([[*first, *second] for first, second in pairs]).reshape(-1, 4)
        rows = given.astype(np.int64)
        if (rows != given).any():
            raise ValueError
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must hold pairs ((group, q), (group, r)), but is {pairs!r}.") from None
    largest = np.array([len(network.sizes), quantities] * 2)
    if (rows < 0).any() or (rows >= largest).any():
        raise ValueError(
            f"Argument `{name}` must name groups below {largest[0]} and observables below {quantities}, but is {pairs!r}."
        )
    return rows
