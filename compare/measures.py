r"""Phase synchronization: S of Eq. (6) of Lörch et al. 2017 from states and from samples, with its error.

.. math::

    S = 2\pi\max_\phi P(\phi) - 1 = \max_\phi 2\,\mathrm{Re}\sum_{k>0} c_k e^{ik\phi}, \qquad
    c_k = \langle e^{-ik(\phi_1-\phi_2)}\rangle .

A maximum over noise is biased upwards: the harmonics of two uncoupled oscillators have random phases but no random sign
once maximised. `sync_from_groups` therefore shrinks the first harmonic by its own noise, drops those above the last one that
stands out of its noise, and adds the size of what it took away to the standard error. On Gaussian harmonics (tests) the
interval S +- 1.96 stderr covers the truth in 91 to 98 % of cases where c_1 stands alone, S = 0 included; where harmonics
fall off slowly (c_2 = c_1/2) and stand just below the threshold it covers about 80 %: use more samples there.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from langevin import ratio_with_error

SAMPLE_HARMONICS = 8
"""Highest harmonic taken from samples; those in its noise are dropped."""

# |c_k|^2 over its noise above which a harmonic counts: noise alone exceeds it with probability e^-4 = 2 %
_STANDS_OUT = 4.0


class TruncatedHarmonicsWarning(UserWarning):
    """The highest harmonic that was taken stands out of its noise: S is cut short."""


@dataclass(frozen=True, eq=False)
class PhaseSync:
    """The relative phase of a pair.

    Attributes
    ----------
    sync : float
        S of Eq. (6), dimensionless.
    phase : float
        Relative phase phi_1 - phi_2 at the maximum of P, in (-pi, pi].
    stderr : float
        Standard error of `sync`; 0 for exact states.
    harmonics : complex array, shape (k_max + 1,)
        c_0 = 1, c_1, ... (for samples: after shrinking).
    harmonics_stderr : float array, shape (k_max + 1,)
        (E|error|^2)^(1/2) of the harmonics before shrinking.
    """

    sync: float
    phase: float
    stderr: float
    harmonics: np.ndarray
    harmonics_stderr: np.ndarray

    def density(self, phi: Any) -> np.ndarray:
        """P(phi), normalised to one over a full turn, at angles of any shape (radians)."""
        angle = np.asarray(phi, dtype=np.float64)
        return (1.0 + _modulation(self.harmonics[1:], angle)) / (2.0 * np.pi)


def phase_sync(state: Any, pair: tuple[int, int] = (0, 1), *, harmonics: int = SAMPLE_HARMONICS) -> PhaseSync:
    """Return S, the locked phase and P(phi) of a pair.

    Parameters
    ----------
    state : quantum.Density, quantum.JumpRuns, langevin.Runs, or anything with an array `harmonics` of c_0 .. c_k
        A steady state, or an ensemble. Stacks of densities (groups of jump trajectories) give a standard error.
    pair : (int, int)
        Oscillators, counted from 0.
    harmonics : int
        Highest harmonic taken from samples; exact states use all.

    Raises
    ------
    ValueError
        If the pair was not followed, or `state` is of no known kind.
    """
    try:
        a, b = (int(j) for j in pair)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `pair` must name two oscillators, but is {pair!r}.") from None
    if hasattr(state, "weight") and hasattr(state, "pairs"):  # langevin.Runs
        match = np.flatnonzero((state.pairs == (a, b)).all(axis=1))
        mirror = np.flatnonzero((state.pairs == (b, a)).all(axis=1))
        if not match.size and not mirror.size:
            raise ValueError(f"Argument `pair` must be a pair that the runs followed, but is {pair}.")
        sums = state.harmonics[:, match[0]] if match.size else state.harmonics[:, mirror[0]].conj()
        return sync_from_groups(sums, state.weight, harmonics)
    density = getattr(state, "density", state)
    if hasattr(density, "relative_phase_harmonics"):
        c = density.relative_phase_harmonics((a, b))
        if c.ndim == 1:
            return sync_from_harmonics(c)
        return sync_from_groups(c, c[..., 0].real, harmonics, more=harmonics < c.shape[-1] - 1)
    if isinstance(getattr(state, "harmonics", None), np.ndarray):
        return sync_from_harmonics(state.harmonics if (a, b) == (0, 1) else state.harmonics.conj())
    raise ValueError(f"Argument `state` must be a density matrix or runs, but is a {type(state).__name__}.")


def sync_from_harmonics(c: np.ndarray) -> PhaseSync:
    """S of exact harmonics c_0, c_1, ..., shape (k_max + 1,). c_0 (1, or 0 for a first-order correction) is not used."""
    sync, phase = _maximum(np.asarray(c)[None, 1:])
    harmonics = np.concatenate([[1.0], c[1:]])
    return PhaseSync(float(sync[0]), float(phase[0]), 0.0, harmonics, np.zeros(harmonics.size))


def sync_from_groups(
    sums: np.ndarray, weight: np.ndarray, harmonics: int = SAMPLE_HARMONICS, *, more: bool = True
) -> PhaseSync:
    """S, shrunk, and its standard error from independent groups.

    Parameters
    ----------
    sums : complex array, shape (groups, k_max + 1)
        Sums (or means times weight) of e^{-ik phi} in each group.
    weight : float array, shape (groups,)
        Number of samples of each group.
    harmonics : int
        Highest harmonic used.
    more : bool
        Whether there are higher ones at all; states of L levels have L - 1.

    Notes
    -----
    With v_k = E|error of c_k|^2 from the scatter of the groups and r_k = |c_k|^2 / v_k, the first harmonic, whose noise alone
    makes S > 0, becomes |c_1| [1 - (1 + e^{-r/3})/2r]^(1/2), unbiased to second order at large r and at r = 0. The others
    are kept up to the last one with r_k > 4. The error is that of the linearised sum at the maximum and, in quadrature, what
    was taken from the first harmonic and the first one dropped. With few groups it is widened by Student's factor.

    Warns
    -----
    TruncatedHarmonicsWarning
        If the last harmonic given is above 5 % of c_1 and five standard errors: S, which can never exceed twice the number of
        harmonics, is cut short. Its size is added to the error.
    """
    used = min(_whole("harmonics", harmonics), sums.shape[1] - 1)
    live = weight > 0.0
    if live.sum() < 2:
        raise ValueError(
            f"S needs at least two groups with samples, but there are {int(live.sum())} of {live.size}: "
            "too few trajectories, or they exploded or left their bound before the burn-in was over."
        )
    sums, weight = sums[live, 1 : used + 1], weight[live]
    mean, spread = ratio_with_error(sums, weight)
    factor = _kept(np.abs(mean) ** 2, spread**2)
    shrunk = factor * mean
    sync, phase = _maximum(shrunk[None])
    wave = np.exp(1j * np.arange(1, used + 1) * phase[0])
    linear = 2.0 * (sums * (factor + (factor == 0.0).all()) * wave).real.sum(axis=1)
    _, error = ratio_with_error(linear, weight)
    taken = (2.0 * np.abs(mean) * (1.0 - factor)) ** 2
    last = max(int(np.flatnonzero(factor[1:] > 0.0).max(initial=-1)) + 1, 0)
    variance = error**2 + taken[0] + (taken[last + 1] if last + 1 < used else 0.0)
    if more and 0 < last == used - 1 and abs(mean[last]) > max(0.05 * abs(mean[0]), 5.0 * spread[last]):
        warnings.warn(
            f"Harmonic {used} of the relative phase, the last one given, stands out of its noise: S = {sync[0]:.4g} is cut "
            "short; follow more harmonics.",
            TruncatedHarmonicsWarning,
            stacklevel=3,
        )
        variance += (2.0 * abs(mean[last])) ** 2
    student = stats.t.ppf(0.975, weight.size - 1) / stats.norm.ppf(0.975)
    return PhaseSync(
        float(sync[0]), float(phase[0]), float(np.sqrt(variance) * student),
        np.concatenate([[1.0], shrunk]), np.concatenate([[0.0], spread]),
    )  # fmt: skip


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"Argument `{name}` must be a whole number of at least 1, but is {value!r}.")
    return int(value)


def _kept(power: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Factors of `sync_from_groups`; harmonics without any noise count if they are not zero."""
    r = np.divide(power, noise, out=np.where(power > 1e-30, np.inf, 0.0), where=noise > 0.0)
    top = int(np.flatnonzero(r > _STANDS_OUT).max(initial=0))
    factor = (np.arange(r.size) <= top).astype(np.float64)
    first = max(float(r[0]), 1e-12)
    factor[0] = np.sqrt(max(0.0, 1.0 - 0.5 * (1.0 + np.exp(-first / 3.0)) / first))
    return factor


def _modulation(c: np.ndarray, phi: np.ndarray) -> np.ndarray:
    """2 Re sum_k c_k e^{ik phi} for harmonics (..., k) from k = 1 on; shape (..., *phi.shape)."""
    k = np.arange(1, c.shape[-1] + 1)
    wave = np.exp(1j * np.multiply.outer(k, phi)).reshape(k.size, -1)
    return np.reshape(2.0 * np.real(c @ wave), (*c.shape[:-1], *phi.shape))


def _maximum(c: np.ndarray, newton: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Maximum over phi of 2 Re sum c_k e^{ik phi} and where it is, for c of shape (n, k): grid, then Newton."""
    k = np.arange(1, c.shape[1] + 1)
    points = max(64, 16 * k.size)
    grid = 2.0 * np.pi * np.arange(points) / points
    phi = grid[_modulation(c, grid).argmax(axis=1)]
    for _ in range(newton):
        term = c * np.exp(1j * np.multiply.outer(phi, k))
        slope, curvature = -2.0 * (term.imag * k).sum(axis=1), -2.0 * (term.real * k**2).sum(axis=1)
        step = np.where(curvature < 0.0, -slope / np.where(curvature < 0.0, curvature, -1.0), 0.0)
        phi = phi + np.clip(step, -np.pi / points, np.pi / points)
    value = 2.0 * (c * np.exp(1j * np.multiply.outer(phi, k))).real.sum(axis=1)
    return value, np.pi - np.mod(np.pi - phi, 2.0 * np.pi)
