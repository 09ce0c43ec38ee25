r"""Fokker-Planck reference: one or two oscillators whose local physics depends on :math:`|\alpha|^2` only.

Deterministic, and so a check on every simulated curve of a pair. For :math:`\alpha_j = r_j e^{i\theta_j}` and

.. math::

    d\alpha_j = \Big[-\big(i\Omega_j + \tfrac12\Gamma_j\big)\alpha_j + F_j + \sum_k M_{jk}\alpha_k\Big]dt
                + e^{i\theta_j}(\sigma_{r}\,dW_j + i\sigma_{t}\,dW'_j)

Itô's formula for :math:`\log\alpha_j` with :math:`(d\alpha_j)^2 = e^{2i\theta_j}(\sigma_r^2 - \sigma_t^2)dt` gives

.. math::

    dr_1 &= \big[A_1(r_1) + r_2\,\mathrm{Re}(M_{12}e^{-i\varphi})\big]dt + \sigma_r dW_1, &
    r_1 d\theta_1 &= \big[r_1\nu_1(r_1) + r_2\,\mathrm{Im}(M_{12}e^{-i\varphi})\big]dt + \sigma_t dW'_1, \\
    dr_2 &= \big[A_2(r_2) + r_1\,\mathrm{Re}(M_{21}e^{+i\varphi})\big]dt + \sigma_r dW_2, &
    r_2 d\theta_2 &= \big[r_2\nu_2(r_2) + r_1\,\mathrm{Im}(M_{21}e^{+i\varphi})\big]dt + \sigma_t dW'_2

with :math:`\varphi = \theta_1 - \theta_2`. The noise adds nothing to the phase velocity
:math:`\nu = -\Omega + \mathrm{Im}(F e^{-i\theta})/r + \mathrm{Im}M_{jj}`. The radial drift A holds the
:math:`\sigma_t^2/2r` of the polar frame (:math:`b^2/2r` for additive noise :math:`b(dW + i\,dW')`) and what
Stratonovich's reading adds; see `langevin.radial`. Nothing depends on :math:`\theta_1 + \theta_2`, so the density P of
:math:`(r_1, r_2, \varphi)` has a closed equation, and with
:math:`\mathcal{L}_j p = -\partial_j(A_j p) + \partial_j^2(\tfrac12\sigma_r^2 p)` its modes
:math:`p_k = \int P e^{-ik\varphi}d\varphi = p_{-k}^*` obey

.. math::

    \partial_t p_k = \Big[\mathcal{L}_1 + \mathcal{L}_2 - ik(\nu_1 - \nu_2)
      - \frac{k^2}{2}\Big(\frac{\sigma_{t,1}^2}{r_1^2} + \frac{\sigma_{t,2}^2}{r_2^2}\Big)
      - (1 - \delta_{k0})(h_1 + h_2)\Big]p_k
      + U_k p_{k+1} + D_k p_{k-1},

.. math::

    U_k &= -\tfrac12\big[M_{12}\,(\partial_1 + k/r_1)\,r_2 + M_{21}^*\,r_1\,(\partial_2 + k/r_2)\big], \\
    D_k &= -\tfrac12\big[M_{12}^*\,(\partial_1 - k/r_1)\,r_2 + M_{21}\,r_1\,(\partial_2 - k/r_2)\big].

A reset at rate h spreads the phase evenly: it takes every mode k != 0 away at that rate, and gives back to k = 0
what it takes. The modes :math:`c_k = \langle e^{-ik\varphi}\rangle = \int p_k` are the harmonics of
:math:`2\pi P(\varphi) = \sum_k c_k e^{ik\varphi}`.

Each r_j has a wall at :math:`|\alpha_j|^2` = `bound`. A reflecting wall gives the steady state. An absorbing one gives
the quasi-stationary state: the eigenvector :math:`L p = -\lambda p` of slowest decay, to which all that has not left
yet converges and in which a trajectory leaves at the constant rate :math:`\lambda`. Averages over samples taken after
burn-in until the first exit are averages over this state.

Accuracy
--------
Finite volumes in both amplitudes, with Scharfetter-Gummel fluxes for the local drift and noise (uncoupled
steady states exact to rounding) and centred fluxes for the coupling: second order in the cell. For Eq. (5) of
Lörch et al. [1]_ with the parameters of Fig. 2(a), V = .05, 44 cells are off by up to .5 % in S and in the exit rate.
Three grids (2/3, 1 and 3/2 of `cells`) and Romberg extrapolation leave 1e-4 and 3e-4, and give the error estimate.
Four harmonics leave 2e-4 at Delta = 0, less at any other detuning; a locked pair needs more (12 at V = .5). Centred
fluxes want cells narrower than 2D/v, v the radial velocity that the coupling gives; far above it no state is found.

References
----------
.. [1] Lörch, Nigg, Nunnenkamp, Tiwari, Bruder, Phys. Rev. Lett. 118, 243602 (2017), Eqs. (5), (6), Fig. 2(a).
.. [2] Risken, The Fokker-Planck Equation (1989), chapters 4 and 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from langevin.checks import at_least, one_of
from langevin.model import Model
from langevin.radial import Rings, exit_times, leading_state, rings
from langevin.relative_phase import leading_pair_state, pair_operator, uncoupled_state

WALLS = ("absorbing", "reflecting")


@dataclass(frozen=True, eq=False)
class FokkerPlanckState:
    """A steady or quasi-stationary state. N is the number of oscillators, 1 or 2.

    Attributes
    ----------
    harmonics, harmonics_error : arrays, shape (harmonics + 1,)
        c_k = <e^{-ik(phi_1 - phi_2)}>, complex, and an estimate of the modulus of its error, from grids and from the
        harmonics left out. For one oscillator, c_0 = 1 alone.
    mean_number, mean_number_error : float arrays, shape (N,)
        Mean |alpha_j|^2.
    exit_rates, exit_rates_error : float arrays, shape (N,)
        Rate of leaving through each oscillator's wall, per unit of time; zero for reflecting walls.
    edges : tuple of N float arrays
        Radii |alpha_j| between the cells of the finest grid, from 0 to the wall.
    modes : complex array, shape (harmonics + 1, n_1, n_2), or (1, n_1)
        Integrals of p_k over the cells of the finest grid.
    residual : float
        Sum of |L p + rate p| over all modes on the finest grid, a rate; p sums to 1.
    negative : float
        Weight of cells with negative probability on the finest grid: coupling fluxes and truncation can make some.
    method : {"radial", "krylov", "direct"}
        What solved the finest grid.
    wall : {"absorbing", "reflecting"}
    bound : float array, shape (N,)
        |alpha_j|^2 at the wall.
    """

    harmonics: np.ndarray
    harmonics_error: np.ndarray
    mean_number: np.ndarray
    mean_number_error: np.ndarray
    exit_rates: np.ndarray
    exit_rates_error: np.ndarray
    edges: tuple[np.ndarray, ...]
    modes: np.ndarray
    residual: float
    negative: float
    method: str
    wall: str
    bound: np.ndarray

    @property
    def exit_rate(self) -> float:
        """Rate at which the first oscillator to leave does so."""
        return float(self.exit_rates.sum())

    def radial_probability(self, oscillator: int) -> np.ndarray:
        """Probability of each cell of one oscillator's amplitude on the finest grid, shape (n_j,)."""
        return _marginal(self.modes, oscillator)

    def radial_density(self, oscillator: int) -> np.ndarray:
        """Density of |alpha_j|, cell averages on the finest grid, shape (n_j,)."""
        return self.radial_probability(oscillator) / np.diff(self.edges[oscillator])

    def phase_density(self, phi: Any) -> np.ndarray:
        """Density of the relative phase at the angles `phi`, of their shape; it integrates to 1 over a turn."""
        if len(self.edges) != 2:
            raise ValueError("Argument `self` must be the state of two oscillators to have a relative phase.")
        angle = np.asarray(phi, dtype=np.float64)
        k = np.arange(1, self.harmonics.size)
        waves = np.exp(1j * angle[..., None] * k) @ self.harmonics[1:]
        return (1.0 + 2.0 * waves.real) / (2.0 * np.pi)


def fokker_planck(
    model: Model,
    *,
    bound: Any = None,
    wall: str = "absorbing",
    cells: Any = 44,
    harmonics: int = 4,
    refine: bool = True,
    start: FokkerPlanckState | None = None,
) -> FokkerPlanckState:
    """Return the steady or quasi-stationary state of one or two oscillators.

    Parameters
    ----------
    model : Model
        One or two oscillators whose rotation, damping, noise and reset depend on |alpha|^2 only; a force must turn
        with alpha.
    bound : float or (float, float), optional
        |alpha_j|^2 at the wall. Default: the model's own bound.
    wall : {"absorbing", "reflecting"}
        Quasi-stationary or steady state. For a true steady state take a reflecting wall far out.
    cells : int or (int, int)
        Cells in each amplitude from 0 to the wall, at least 6.
    harmonics : int
        Highest |k| kept. The phase distribution is truncated there; raise it until `harmonics_error` is small.
    refine : bool
        Solve on 2/3, 1 and 3/2 of `cells` and extrapolate. Otherwise one grid, and NaN for all errors.
    start : FokkerPlanckState, optional
        State of a neighbouring parameter: a warm start, where its grid is the same. The result does not depend on it
        beyond the residual.

    Returns
    -------
    FokkerPlanckState

    Raises
    ------
    ValueError
        If an argument does not fit, or the local physics depends on the phase of alpha or lacks radial noise.
    RuntimeError
        If no leading state is found.
    """
    number = _require_model(model).oscillators
    if number not in (1, 2):
        raise ValueError(f"Argument `model` must have one or two oscillators, but has {number}.")
    absorbing = one_of("wall", wall, WALLS) == "absorbing"
    walls = _walls(model, bound)
    counts = [at_least("cells", n, 6) for n in (cells if isinstance(cells, tuple | list) else (cells,) * number)]
    if len(counts) != number:
        raise ValueError(f"Argument `cells` must be one number or one per oscillator ({number}), but is {cells!r}.")
    highest = at_least("harmonics", harmonics, 1) if number == 2 else 0
    problem = _Problem(model, walls, absorbing)
    with threadpool_limits(1, "blas"):
        if not refine:
            level = problem.solve(counts, highest, start)
            return problem.state(level, level.values, np.full(level.values.shape, np.nan))
        levels = [problem.solve([round(n * factor) for n in counts], highest, start) for factor in (2 / 3, 1.0, 3 / 2)]
        values, error = _extrapolate(levels)
        if number == 2:
            # Errors of one harmonic may cancel by chance at one detuning, hardly those of all.
            modes = slice(1, highest + 1)
            share = abs(values[modes]) / max(abs(values[modes]).max(), 1e-300)
            error[modes] = np.maximum(error[modes], error[modes].max() * share)
            error += problem.truncation(levels[0], highest)
        return problem.state(levels[-1], values, error)


def mean_exit_time(model: Model, *, bound: Any = None, cells: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Return (r, tau): the mean time after which a single oscillator, released at |alpha| = r, first passes the bound.

    Parameters
    ----------
    model : Model
        One oscillator, as for `fokker_planck`.
    bound : float, optional
        |alpha|^2 at which it has left. Default: the model's own bound.
    cells : int
        Cells from 0 to the wall; the error is second order in their width.

    Returns
    -------
    r, tau : float arrays, shape (cells,)
        Mean radii of the cells (equilibrium density inside each), and times.

    Raises
    ------
    ValueError
        As for `fokker_planck`.
    """
    if _require_model(model).oscillators != 1:
        raise ValueError(f"Argument `model` must have one oscillator, but has {model.oscillators}.")
    edges = np.linspace(0.0, np.sqrt(_walls(model, bound)[0]), at_least("cells", cells, 6) + 1)
    ring = rings(model, 0, edges, absorbing=True)
    return ring.radius, exit_times(ring)


def _require_model(model: Any) -> Model:
    if not isinstance(model, Model):
        raise ValueError(f"Argument `model` must be a langevin.Model, but is of type {type(model).__name__}.")
    return model


@dataclass(frozen=True, eq=False)
class _Level:
    """What one grid gives; `values` lists harmonics, mean numbers and exit rates."""

    grid: tuple[Rings, ...]
    modes: np.ndarray
    values: np.ndarray
    residual: float
    method: str

    @property
    def spacing(self) -> float:
        """Geometric mean of the cell widths, each in units of its range."""
        return float(np.prod([1.0 / ring.exit.size for ring in self.grid]) ** (1.0 / len(self.grid)))


@dataclass(frozen=True, eq=False)
class _Problem:
    model: Model
    walls: np.ndarray
    absorbing: bool

    def grid(self, counts: list[int], highest: int) -> tuple[Rings, ...]:
        edges = [np.linspace(0.0, np.sqrt(wall), n + 1) for wall, n in zip(self.walls, counts, strict=True)]
        return tuple(
            rings(self.model, j, edge, absorbing=self.absorbing, harmonics=highest) for j, edge in enumerate(edges)
        )

    def solve(self, counts: list[int], highest: int, start: FokkerPlanckState | None) -> _Level:
        grid = self.grid(counts, highest)
        if len(grid) == 1:
            mass = leading_state(grid[0])
            rates = np.array([grid[0].exit @ mass])
            residual = float(abs(grid[0].generator() @ mass + rates[0] * mass).sum())
            return _level(grid, mass[None].astype(np.complex128), rates, residual, "radial")
        one, two = grid
        operator = pair_operator(one, two, self.model.coupling_matrix(), highest)
        begin = uncoupled_state(one, two, highest)
        if start is not None and start.modes.shape == begin.shape:
            begin = start.modes
        modes, residual, method = leading_pair_state(operator, begin)
        return _level(grid, modes, operator.exit_rates(modes), residual, method)

    def truncation(self, coarse: _Level, highest: int) -> np.ndarray:
        """What two more harmonics change on the coarsest grid."""
        better = self.solve([ring.exit.size for ring in coarse.grid], highest + 2, None).values
        return abs(coarse.values - np.delete(better, [highest + 1, highest + 2]))

    def state(self, level: _Level, values: np.ndarray, error: np.ndarray) -> FokkerPlanckState:
        number = len(level.grid)
        cut = [values.size - 2 * number, values.size - number]
        harmonics, mean, rates = np.split(values, cut)
        harmonics_error, mean_error, rates_error = np.split(error, cut)
        return FokkerPlanckState(
            harmonics=harmonics, harmonics_error=harmonics_error, mean_number=mean.real, mean_number_error=mean_error,
            exit_rates=rates.real, exit_rates_error=rates_error, edges=tuple(ring.edges for ring in level.grid),
            modes=level.modes, residual=level.residual, negative=float(-np.minimum(level.modes[0].real, 0.0).sum()),
            method=level.method, wall="absorbing" if self.absorbing else "reflecting", bound=self.walls,
        )  # fmt: skip


def _level(grid: tuple[Rings, ...], modes: np.ndarray, rates: np.ndarray, residual: float, method: str) -> _Level:
    harmonics = modes.reshape(modes.shape[0], -1).sum(axis=1)
    numbers = np.array([ring.number @ _marginal(modes, j) for j, ring in enumerate(grid)])
    return _Level(grid, modes, np.concatenate([harmonics, numbers, rates]), residual, method)


def _marginal(modes: np.ndarray, oscillator: int) -> np.ndarray:
    others = tuple(j for j in range(modes.ndim - 1) if j != oscillator)
    return modes[0].real.sum(axis=others)


def _extrapolate(levels: list[_Level]) -> tuple[np.ndarray, np.ndarray]:
    """Remove the h^2 and h^4 errors with three grids (Romberg).

    The estimate of what is left is the h^4 term, but at least half of all that extrapolation changed.
    """
    h = [level.spacing**2 for level in levels]
    coarse, middle, fine = (level.values for level in levels)
    best = fine + (fine - middle) * h[2] / (h[1] - h[2])
    rough = middle + (middle - coarse) * h[1] / (h[0] - h[1])
    correction = (best - rough) * h[2] / (h[0] - h[2])
    values = best + correction
    return values, np.maximum(abs(correction), 0.5 * abs(values - fine))


def _walls(model: Model, bound: Any) -> np.ndarray:
    """The wall of each oscillator in |alpha|^2, shape (N,)."""
    value = model.bound if bound is None else bound
    try:
        walls = np.broadcast_to(np.asarray(value, dtype=np.float64), (model.oscillators,)).copy()
    except (TypeError, ValueError):
        walls = np.zeros(1)
    if not (np.isfinite(walls) & (walls > 0.0)).all():
        raise ValueError(
            "Argument `bound` must be positive and finite, one number or one per oscillator "
            f"({model.oscillators}), but is {value!r}."
        )
    return walls
