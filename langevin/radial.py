r"""One oscillator in rings of constant amplitude: rates between neighbouring rings, and averages inside each.

For phase-symmetric local physics the amplitude r = |alpha| has a Fokker-Planck equation of its own,

.. math::

    \partial_t p = -\partial_r J, \qquad J = A\,p - \partial_r (D p), \qquad D = \tfrac12\sigma_r^2,

with noise amplitudes :math:`\sigma_r` along and :math:`\sigma_t` across alpha. Itô's formula for r gives the drift A:

===============================  =========================================================
noise                            A
===============================  =========================================================
polar, Itô                       :math:`a + \sigma_t^2/2r`
polar, Stratonovich              :math:`a + D'/2`
isotropic or additive, Itô       :math:`a + \sigma_t^2/2r`
isotropic, Stratonovich          :math:`a + \sigma_t^2/2r + D'/2`
===============================  =========================================================

where :math:`a = -\Gamma r/2 + \mathrm{Re}(F e^{-i\theta}) + r\,\mathrm{Re}M_{jj}`. In all four cases
:math:`J = -D w\,\partial_r(p/w)` with the zero-flux density

.. math::

    w(r) = D^{-c} r^{\kappa}\exp\int^r\Big[\frac{a}{D} + \kappa\frac{\sigma_t^2/\sigma_r^2 - 1}{r}\Big]dr,

c = 1 (Itô) or 1/2 (Stratonovich), :math:`\kappa` = 0 for polar Stratonovich noise and 1 otherwise: no derivative of the
noise is needed.

Ring i holds the probability :math:`m_i`, and :math:`w_i` is the integral of w over it. The ratio p/w, averaged with
the weight w, is :math:`m_i/w_i`, which is its value at the centroid of w in the ring to second order. A flux that is
constant between two centroids is :math:`J = (m_i/w_i - m_{i+1}/w_{i+1}) / \int dr/(D w)`. This is the scheme of
Scharfetter and Gummel [1]_ with all integrals done by quadrature: jump rates between rings are positive whatever the
step, the zero-flux state comes out to rounding on any grid, and everything else to second order. (With nodes at the
centroids and not at the midpoints, a limit cycle narrower than a ring still gives the right phase distribution.)

Phases come in through modes :math:`p_k \sim \langle e^{-ik\theta}\rangle`, which vanish as :math:`w r^k` at the origin.
There k/r and k^2/r^2 vary as fast as the mode itself, so each is averaged with the mode's own weight :math:`w r^q`: with w
alone the error of c_1 of a linear pair and 36 rings is 2e-3 instead of 4e-5. The phase velocity of a Kerr oscillator
varies inside a ring, and so does p/w in response; keeping this covariance takes the error of S in Fig. 2(a) of
Lörch et al. from 2.6 % to .4 % (44 rings, Delta = 2).

References
----------
.. [1] Scharfetter and Gummel, IEEE Trans. Electron Devices 16, 64 (1969).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre
from scipy.linalg import solve_banded
from scipy.special import expit

from langevin.model import Model

# Gauss points on each half of a ring. With 44 rings up to |alpha|^2 = 5 half a ring is .025 wide, and Lorentzians of
# width .2 in |alpha|^2 have their poles at a distance .07: eight points leave 1e-15.
_POINTS = 8
_ANGLES = (0.7, 2.1, -1.9)


@dataclass(frozen=True, eq=False)
class Rings:
    """One oscillator on a grid of n rings. Averages are over the zero-flux density w inside each ring.

    Attributes
    ----------
    edges : float array, shape (n + 1,)
        Radii between the rings, from 0 to the wall.
    radius, number : float arrays, shape (n,)
        Averages of r and r^2.
    outward, inward : float arrays, shape (n - 1,)
        Rates of jumps from ring i to i + 1 and back.
    exit : float array, shape (n,)
        Rate of leaving through the wall; zero but for the last ring, and there too if the wall reflects.
    equilibrium : float array, shape (n,)
        Probabilities of the rings without flux (reflecting wall), sum 1.
    below, above : float arrays, shape (n - 1,)
        Density at edge i + 1 is ``below[i] m[i] + above[i] m[i + 1]``, m the probabilities of the rings.
    frequency : float array, shape (n, n)
        Phase velocity d theta / dt without coupling: ring averages on the diagonal, plus the shear inside the rings.
    dephasing : float array, shape (harmonics + 1, n)
        k^2 sigma_t^2 / 2 r^2, the decay rate of e^{-ik theta}.
    lowering, raising : float arrays, shape (harmonics + 1, n)
        +k/r and -k/r, as they act on modes k + 1 and k - 1.
    reset : float array, shape (n,)
        Rate at which the phase is scrambled.
    """

    edges: np.ndarray
    radius: np.ndarray
    number: np.ndarray
    outward: np.ndarray
    inward: np.ndarray
    exit: np.ndarray
    equilibrium: np.ndarray
    below: np.ndarray
    above: np.ndarray
    frequency: np.ndarray
    dephasing: np.ndarray
    lowering: np.ndarray
    raising: np.ndarray
    reset: np.ndarray

    def generator(self) -> np.ndarray:
        """The matrix A of dm/dt = A m, shape (n, n): tridiagonal, positive off the diagonal, columns sum to -exit."""
        loss = self.exit.copy()
        loss[:-1] += self.outward
        loss[1:] += self.inward
        return np.diag(-loss) + np.diag(self.outward, -1) + np.diag(self.inward, 1)

    def divergence(self) -> np.ndarray:
        """The matrix of the differences of the density between a ring's two edges, shape (n, n).

        The density counts as zero at r = 0 and at the wall, where a drift that is proportional to it transports nothing
        (reflecting wall) or meets no density (absorbing wall).
        """
        n = self.exit.size
        edge = np.zeros((n + 1, n))
        i = np.arange(n - 1)
        edge[i + 1, i] = self.below
        edge[i + 1, i + 1] = self.above
        return np.diff(edge, axis=0)


def rings(model: Model, oscillator: int, edges: np.ndarray, *, absorbing: bool, harmonics: int = 0) -> Rings:
    """Return the ring model of one oscillator of `model`, coupling to others left out.

    `edges` must be evenly spaced from 0 to the wall.

    Raises
    ------
    ValueError
        If the local physics depends on the phase of alpha, the radial noise vanishes somewhere, or a ring is so wide
        that the density varies in it by more than a double can hold.
    """
    local = _LocalPhysics(model, oscillator)
    local.check_symmetry(edges[1 :: max(1, edges.size // 5)])
    middle = 0.5 * (edges[1:] + edges[:-1])
    centroid = _Profile(local, edges, middle).power(1)
    profile = _Profile(local, edges, centroid)
    exits = np.zeros(middle.size)
    exits[-1] = profile.leave if absorbing else 0.0
    orders = range(harmonics + 1)
    return Rings(
        edges=edges, radius=centroid, number=profile.power(2), outward=profile.outward, inward=profile.inward, exit=exits,
        equilibrium=profile.equilibrium(), below=profile.below, above=profile.above,
        frequency=np.diag(profile.average(profile.frequency)) + profile.shear(), reset=profile.average(profile.reset),
        dephasing=np.array([profile.dephasing(k) for k in orders]),
        lowering=np.array([profile.winding(k, k + 1) for k in orders]),
        raising=np.array([-profile.winding(k, k - 1) if k else 0.0 * centroid for k in orders]),
    )  # fmt: skip


class _Profile:
    """The zero-flux density w on Gauss points left and right of each ring's node, and what is made of it."""

    def __init__(self, local: _LocalPhysics, edges: np.ndarray, nodes: np.ndarray) -> None:
        n = nodes.size
        points = np.empty(2 * n + 1)
        points[0::2], points[1::2] = edges, nodes
        step = np.diff(points)[:, None]
        inner = edges[1:-1]
        self.r = points[:-1, None] + step * _NODES
        radial, self.frequency, diffusion, self.tangential, self.reset = local.on(self.r)
        edge_diffusion = local.on(inner)[2]
        slope = radial / diffusion + local.spreading * (self.tangential / diffusion - 1.0) / self.r
        rise = np.concatenate([[0.0], np.cumsum(step[:, 0] * (slope @ _WEIGHTS))])
        log_w = rise[:-1, None] + step * (slope @ _INTEGRALS.T)
        log_w += local.spreading * np.log(self.r) - local.noise_power * np.log(diffusion)
        log_edge = rise[2:-1:2] + local.spreading * np.log(inner) - local.noise_power * np.log(edge_diffusion)
        # All exponentials are taken relative to the largest density in the ring: a far tail must not underflow.
        self.scale = scale = log_w.reshape(n, -1).max(axis=1)
        self.weight = np.exp(log_w.reshape(n, -1) - scale[:, None]) * (step * _WEIGHTS).reshape(n, -1)
        self.total = total = self.weight.sum(axis=1)
        with np.errstate(over="ignore", invalid="ignore"):
            halves = np.exp(np.repeat(scale, 2)[:, None] - log_w) / diffusion @ _WEIGHTS * step[:, 0]
            drop = np.exp(scale[:-1] - scale[1:])
            resistance = halves[1::2] + np.append(drop * halves[2::2], 0.0)
            rates = 1.0 / (total * resistance)
            self.outward, self.leave = rates[:-1], float(rates[-1])
            self.inward = self.outward * drop * total[:-1] / total[1:]
            # linear interpolation of p/w between nodes to the edges, times w there
            above = (inner - nodes[:-1]) / np.diff(nodes)
            self.below = (1.0 - above) * np.exp(log_edge - scale[:-1]) / total[:-1]
            self.above = above * np.exp(log_edge - scale[1:]) / total[1:]
        if not all(np.isfinite(values).all() for values in (rates, self.inward, self.below, self.above)):
            raise ValueError("Argument `cells` must be larger: the density varies by more than 1e300 inside one cell.")

    def average(self, values: np.ndarray) -> np.ndarray:
        """Averages over w in each ring, shape (n,), of values at all points."""
        return (self.weight * values.reshape(self.weight.shape)).sum(axis=1) / self.total

    def power(self, q: int) -> np.ndarray:
        """Averages of r^q."""
        return self.average(self.r ** float(q))

    def equilibrium(self) -> np.ndarray:
        """Probabilities of the rings without flux."""
        log_mass = self.scale + np.log(self.total)
        mass = np.exp(log_mass - log_mass.max())
        return mass / mass.sum()

    def shear(self) -> np.ndarray:
        """Matrix of the covariance of phase velocity and p/w inside each ring, p/w linear there; acts on m.

        Its slope is the mean of the slopes to both neighbours, each weighted with the neighbour's share
        w_{i+1} / (w_i + w_{i+1}): half on a fine grid, and little where a steep density leaves the neighbour empty.
        """
        n = self.total.size
        centroid = self.power(1)
        spread = self.average(self.frequency * (self.r - np.repeat(centroid, 2)[:, None]))
        share = expit(-np.diff(self.scale + np.log(self.total)))  # of the lower ring of two neighbours
        gap = np.diff(centroid)
        lower, upper = np.diag(share / gap), np.diag((1.0 - share) / gap)
        slope = np.zeros((n, n))
        slope[:-1, 1:] += lower
        slope[:-1, :-1] -= upper
        slope[1:, 1:] += lower
        slope[1:, :-1] -= upper
        slope[0] *= min(1.0 / (1.0 - share[0]), 2.0)
        slope[-1] *= min(1.0 / share[-1], 2.0)
        return spread[:, None] * slope

    def dephasing(self, k: int) -> np.ndarray:
        """Return k^2 sigma_t^2 / 2 r^2, averaged over w r^k."""
        return k**2 * self.average(self.tangential * self.r ** (k - 2.0)) / self.power(k)

    def winding(self, k: int, neighbour: int) -> np.ndarray:
        """Return k / r, averaged over w r^neighbour."""
        return k * self.power(neighbour - 1) / self.power(neighbour)


def leading_state(ring: Rings) -> np.ndarray:
    """Probabilities of the rings in the steady state or, with an absorbing wall, the quasi-stationary one, shape (n,).

    Inverse iteration with a matrix whose inverse has no negative element: the result is positive.
    """
    mass = ring.equilibrium
    if not ring.exit.any():
        return mass
    banded = _banded(-ring.generator())
    for _ in range(1000):
        following = solve_banded((1, 1), banded, mass)
        following /= following.sum()
        if abs(following - mass).sum() < 1e-14:
            break
        mass = following
    return following


def exit_times(ring: Rings) -> np.ndarray:
    """Mean time to the first passage of the absorbing wall from each ring, shape (n,): A^T tau = -1."""
    return solve_banded((1, 1), _banded(-ring.generator().T), np.ones(ring.exit.size))


def _banded(matrix: np.ndarray) -> np.ndarray:
    out = np.zeros((3, matrix.shape[0]))
    out[0, 1:], out[1], out[2, :-1] = np.diag(matrix, 1), np.diag(matrix), np.diag(matrix, -1)
    return out


class _LocalPhysics:
    """Drift, noise and reset of one oscillator as functions of r."""

    def __init__(self, model: Model, oscillator: int) -> None:
        self.drift = _python(model.drift)
        self.noise = _python(model.noise)
        self.reset = _python(model.reset) if model.reset is not None else lambda re, im, p: 0.0
        self.p = model.local_parameters(oscillator)
        self.own = complex(model.coupling_matrix()[oscillator, oscillator])
        self.polar = model.noise_kind == "polar"
        stratonovich = model.calculus == "stratonovich"
        self.noise_power = 0.5 if stratonovich else 1.0
        self.spreading = 0.0 if stratonovich and self.polar else 1.0

    def on(self, r: np.ndarray) -> tuple[np.ndarray, ...]:
        """Radial drift a, phase velocity, D = sigma_r^2/2, sigma_t^2/2 and reset rate, each of the shape of `r`."""
        table = np.array([self._at(value) for value in r.ravel().tolist()])
        if not np.isfinite(table).all():
            raise ValueError(
                "Argument `model` must have finite drift, noise and reset rate up to the bound, but has not."
            )
        radial, frequency, along, across, reset = (column.reshape(r.shape) for column in table.T)
        if not (along > 0.0).all():
            where = r[~(along > 0.0)].min() ** 2
            raise ValueError(
                f"Argument `model` must have radial noise up to the bound, but has none at |alpha|^2 = {where:.3g}."
            )
        return radial, frequency, along, across, reset

    def _at(self, r: float) -> tuple[float, ...]:
        rotation, damping, force_re, force_im = self.drift(r, 0.0, self.p)
        along, across = self.noise(r, 0.0, self.p)
        if not self.polar and along != across:
            raise ValueError(
                "Argument `model` must have equal noise amplitudes unless its `noise_kind` is 'polar', "
                f"but has {along:g} and {across:g} at |alpha|^2 = {r * r:.3g}."
            )
        return (
            (self.own.real - 0.5 * damping) * r + force_re,
            self.own.imag - rotation + force_im / r,
            0.5 * along * along,
            0.5 * across * across,
            self.reset(r, 0.0, self.p),
        )

    def check_symmetry(self, radii: np.ndarray) -> None:
        """Refuse physics that changes, up to rounding, when alpha is turned."""
        for r in radii.tolist():
            here = self._invariants(r, 0.0)
            size = max(1.0, *(abs(value) for value in here))
            for angle in _ANGLES:
                if max(abs(u - v) for u, v in zip(here, self._invariants(r, angle), strict=True)) > 1e-9 * size:
                    raise ValueError(
                        "Argument `model` must have local physics that depends on |alpha|^2 alone, "
                        f"but at |alpha|^2 = {r * r:.3g} it changes with the phase."
                    )

    def _invariants(self, r: float, angle: float) -> tuple[complex, ...]:
        c, s = math.cos(angle), math.sin(angle)
        rotation, damping, force_re, force_im = self.drift(r * c, r * s, self.p)
        force = complex(force_re, force_im) * complex(c, -s)
        return (rotation, damping, force, *self.noise(r * c, r * s, self.p), self.reset(r * c, r * s, self.p))


def _python(function: Callable) -> Callable:
    """The plain function under a compiled one: a thousand evaluations take less time than compiling it alone."""
    return getattr(function, "py_func", function)


def _quadrature(points: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gauss nodes and weights on [0, 1], and the matrix that integrates from 0 to each node."""
    x, weights = legendre.leggauss(points)
    inverse = np.linalg.inv(legendre.legvander(x, points - 1))
    primitives = np.stack([legendre.legval(x, legendre.legint(row, lbnd=-1.0)) for row in np.eye(points)], axis=1)
    return 0.5 * (x + 1.0), 0.5 * weights, 0.5 * primitives @ inverse


_NODES, _WEIGHTS, _INTEGRALS = _quadrature(_POINTS)
