r"""Split propagation of weakly linked subsystems: exact local maps, and unitary kicks by what is left of H.

.. math::

    \dot\rho = \sum_j L_j\rho - i[V(t), \rho], \qquad V(t) = \sum_k O_k e^{i\nu_k t} + h.c.,

with static generators :math:`L_j` of the subsystems, pumps and dissipation as strong and fast as they like, and weak couplings
and drives whose phases turn. One step of Strang's splitting is

.. math:: \rho(t + dt) = \Lambda\, U(t + dt/2)\,\big[\Lambda\rho(t)\big]\, U^\dagger(t + dt/2), \qquad
    \Lambda = \bigotimes_j e^{L_j dt/2}, \quad U(t) = e^{-i\,dt\,V(t)}.

Nothing is stiff: the error is that of the midpoint rule for V in the frame of the local evolution, second order in dt and
proportional to V. Resonant parts of V, which move the slow states, are exact at any dt; but a part that turns at
:math:`2\pi/dt` is taken for a resonant one, so that dt must stay below the inverse of the largest frequency difference.

No exponential is taken on the way. Where :math:`O_k` shifts the levels of the sites by fixed numbers :math:`q_k` and
frequencies :math:`\omega` of the sites exist with :math:`q_k\cdot\omega = \nu_k`, all of V is one static operator seen from a
turning frame, :math:`V(t) = R(t) V(0) R^\dagger(t)`, :math:`R = e^{i\,\omega\cdot n\,t}` diagonal: U(t) is U(0) with
phases. Terms for which there is no common frame become kicks of their own, in symmetric order.

Density matrices are kept in a product basis of Hermitian matrices, in which all maps are real: a step of two subsystems of
nine levels is three real products of 81 x 81 matrices, two exchanges of axes and four rotations of pairs of rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from scipy.linalg import expm
from threadpoolctl import threadpool_limits

from quantum.checks import at_least, finite, instance, one_of
from quantum.kicks import Kick, Part, frame_of, on_sites, parts_of
from quantum.lindblad import Lindblad
from quantum.liouville import from_components, in_hermitian_basis, liouvillian, to_components

WINDOWS = ("flat", "hann")


@dataclass(frozen=True, eq=False)
class Average:
    """What `SplitPropagator.average` found.

    Attributes
    ----------
    mean : complex array, shape (D, D)
        Weighted mean of the density matrix in the frame asked for.
    last : complex array, shape (D, D)
        The density matrix at the end, in the frame of the factors.
    """

    mean: np.ndarray
    last: np.ndarray


class SplitPropagator:
    """Strang splitting of a product of subsystems with static generators and turning kicks.

    Parameters
    ----------
    factors : sequence of Lindblad
        The subsystems, dissipation included. The whole has the basis of their product, row-major.
    kicks : sequence of Kick
        Couplings between them and drives.
    dt : float
        Step, in the unit of the inverse rates.

    Attributes
    ----------
    dims : tuple of int
        Levels of all sites.
    frame : float array, shape (sites,)
        Frequencies omega in which the first family of kicks, all of them where there is one family, stands still.
    families : int
        Number of kicks in a step; 1 if all terms share a frame.

    Raises
    ------
    ValueError
        If a kick does not fit the sites, dt is not positive, or a term turns but shifts no level.
    """

    def __init__(self, factors: Sequence[Lindblad], kicks: Sequence[Kick], dt: float) -> None:
        if not finite("dt", dt) > 0.0:
            raise ValueError(f"Argument `dt` must be positive, but is {dt}.")
        factors = [instance(f"factors[{j}]", factor, Lindblad) for j, factor in enumerate(factors)]
        if not factors:
            raise ValueError("Argument `factors` must hold at least one model, but is empty.")
        self.dt = float(dt)
        self.dims = tuple(levels for factor in factors for levels in factor.dims)
        families = _families(parts_of(kicks, self.dims), self.dims)
        self.families = len(families)
        self.frame = families[0].frame if families else np.zeros(len(self.dims))
        with threadpool_limits(1):
            self._half = _local_maps(factors, 0.5 * self.dt)
            self._full = [_Map(m.first, m.count, m.matrix @ m.matrix) for m in self._half]
            shares = [0.5] * (len(families) - 1) + [1.0] * min(len(families), 1)
            kicks_in = [
                _Turning(family, share * self.dt, self.dims) for family, share in zip(families, shares, strict=True)
            ]
        self._kicks = kicks_in + kicks_in[-2::-1]

    def advance(self, state: Any, start: float, steps: int) -> np.ndarray:
        """Return the density matrix (D, D) `steps` steps after `start`, where it is `state` (D, D).

        Raises
        ------
        ValueError
            If `state` is no Hermitian matrix of the right shape.
        """
        with threadpool_limits(1):
            return from_components(self._march(self._read(state), finite("start", start), steps), self.dims)

    def average(
        self, state: Any, start: float, steps: int, frame: Sequence[float] | None = None, window: str = "hann"
    ) -> Average:
        r"""Advance and return the mean of the demodulated density matrix over the stretch.

        Parameters
        ----------
        state, start, steps
            As for `advance`.
        frame : sequence of float, shape (sites,), optional
            Angular frequencies of the frame: the mean is that of :math:`R^\dagger\rho R`, :math:`R = e^{i\omega\cdot
            n\,t}`, in which coherences that turn as :math:`e^{i\omega(n - m)t}` stand still. Default: the frame of the kicks.
        window : {"hann", "flat"}
            Weights along the stretch; what turns in the frame at frequency f falls off as 1/(f T)^3 or 1/(f T).

        Raises
        ------
        ValueError
            As `advance`, and if `frame` or `window` are none of these.
        """
        omega = self.frame if frame is None else np.array([finite("frame", value) for value in frame])
        if omega.shape != (len(self.dims),):
            raise ValueError(f"Argument `frame` must have one frequency for each of {len(self.dims)} sites.")
        weights = _weights(one_of("window", window, WINDOWS), at_least("steps", steps, 1))
        x, t = self._read(state), finite("start", start)
        mean = np.zeros_like(x)
        with threadpool_limits(1):
            for n, weight in enumerate(weights):
                x = self._march(x, t + n * self.dt, 1)
                turned = x.copy()
                for site in map(int, np.flatnonzero(omega)):
                    _turn(_axis(turned, site), self.dims[site], -omega[site] * (t + (n + 1) * self.dt))
                mean += weight * turned
        return Average(from_components(mean, self.dims), from_components(x, self.dims))

    def _read(self, state: Any) -> np.ndarray:
        matrix = np.asarray(state, dtype=np.complex128)
        size = math.prod(self.dims)
        if matrix.shape != (size, size) or not np.isfinite(matrix).all():
            raise ValueError(f"Argument `state` must be a finite matrix of shape {(size, size)}.")
        if abs(matrix - matrix.conj().T).max() > 1e-10 * abs(matrix).max():
            raise ValueError("Argument `state` must be Hermitian, but differs from its adjoint.")
        return to_components(matrix, self.dims)

    def _march(self, x: np.ndarray, start: float, steps: int) -> np.ndarray:
        """Components after some steps; neighbouring half steps of the local maps are one."""
        for n in range(at_least("steps", steps, 0)):
            for local in self._half if n == 0 else self._full:
                x = local.apply(x)
            middle = start + (n + 0.5) * self.dt
            for kick in self._kicks:
                x = kick.apply(x, middle)
        for local in self._half if steps else ():
            x = local.apply(x)
        return x


class _Map:
    """A real map on `count` neighbouring sites from `first` on, in components."""

    def __init__(self, first: int, count: int, matrix: np.ndarray) -> None:
        self.first, self.count, self.matrix = first, count, np.ascontiguousarray(matrix)
        self._transposed = np.ascontiguousarray(matrix.T)

    def apply(self, x: np.ndarray) -> np.ndarray:
        """The image, an array of the same shape."""
        size = len(self.matrix)
        left = math.prod(x.shape[: self.first])
        if left * size == x.size:
            return (x.reshape(left, size) @ self._transposed).reshape(x.shape)
        return np.matmul(self.matrix, x.reshape(left, size, -1)).reshape(x.shape)


class _Turning:
    """The kick of one family of terms: turn into their frame, apply a fixed map, turn back."""

    def __init__(self, family: _Family, duration: float, dims: tuple[int, ...]) -> None:
        sites = family.sites
        rest = [site for site in range(len(dims)) if site not in sites]
        self._order = (*sites, *rest)
        self._back = tuple(int(j) for j in np.argsort(self._order))
        self._turns = [(place, dims[s], family.frame[s]) for place, s in enumerate(sites) if family.frame[s] != 0.0]
        u = expm(-1j * duration * family.hamiltonian)
        self._map = _Map(0, len(sites), in_hermitian_basis(np.kron(u, u.conj()), [dims[s] for s in sites]))

    def apply(self, x: np.ndarray, time: float) -> np.ndarray:
        """The state after the kick, at the phases of `time`."""
        x = np.ascontiguousarray(x.transpose(self._order))
        for place, levels, frequency in self._turns:
            _turn(_axis(x, place), levels, -frequency * time)
        x = self._map.apply(x)
        for place, levels, frequency in self._turns:
            _turn(_axis(x, place), levels, frequency * time)
        return np.ascontiguousarray(x.transpose(self._back))


@dataclass
class _Family:
    """Terms that stand still in one frame: their sum at t = 0 on `sites`, and the frequency of every site."""

    sites: list[int]
    hamiltonian: np.ndarray
    frame: np.ndarray


def _families(parts: Sequence[Part], dims: tuple[int, ...]) -> list[_Family]:
    """Join terms to families as long as a common frame exists."""
    groups: list[list[Part]] = []
    for part in parts:
        for group in groups:
            if frame_of([*group, part]) is not None:
                group.append(part)
                break
        else:
            groups.append([part])
    return [_joined(group, dims) for group in groups]


def _joined(group: Sequence[Part], dims: tuple[int, ...]) -> _Family:
    sites = sorted({site for part in group for site in part.sites})
    frame = frame_of(group)
    assert frame is not None, "a single term that shifts a level has a frame"
    total = sum(on_sites(part.operator, part.sites, sites, dims) for part in group)
    # what is not turned by the kicks has no frequency of its own: lstsq leaves rounding there
    return _Family(
        sites, total + np.conj(total).T, np.where(abs(frame) > 1e-12 * abs(frame).max(initial=0.0), frame, 0.0)
    )


def _local_maps(factors: Sequence[Lindblad], duration: float) -> list[_Map]:
    maps, first = [], 0
    for factor in factors:
        generator = in_hermitian_basis(liouvillian(factor), factor.dims)
        maps.append(_Map(first, len(factor.dims), expm(duration * generator)))
        first += len(factor.dims)
    return maps


def _axis(x: np.ndarray, axis: int) -> np.ndarray:
    """View of shape (left, levels^2, right) around one axis of a contiguous array."""
    return x.reshape(math.prod(x.shape[:axis]), x.shape[axis], -1)


def _weights(window: str, steps: int) -> np.ndarray:
    """Weights of the ends of the steps, of sum 1."""
    middle = (np.arange(steps) + 0.5) / steps
    weights = np.ones(steps) if window == "flat" else np.sin(np.pi * middle) ** 2
    return weights / weights.sum()


@njit(cache=True, nogil=True, error_model="numpy")
def _turn(x, levels, angle):
    """Multiply the elements (n, m) of one site by e^{i angle (n - m)}; x: components, shape (left, levels^2, right)."""
    for left in range(x.shape[0]):
        row = levels
        for n in range(levels):
            for m in range(n + 1, levels):
                c, s = math.cos((m - n) * angle), math.sin((m - n) * angle)
                a, b = x[left, row], x[left, row + 1]
                for j in range(a.size):
                    p, q = a[j], b[j]
                    a[j] = c * p - s * q
                    b[j] = c * q + s * p
                row += 2
