r"""Azimuthal phase of a spin, and the relative phase of two, from the Husimi function on spin-coherent states.

With :math:`|\theta, \phi\rangle = e^{-i\phi S_z} e^{-i\theta S_y} |m = S\rangle` and the Husimi function normalised to 1
over the sphere,

.. math::

    s(\phi) = \int_0^\pi Q(\theta, \phi) \sin\theta\, d\theta - \frac1{2\pi}
            = \frac1\pi \mathrm{Re} \sum_{k=1}^{2S} c_k e^{ik\phi},

and the same with the two azimuths' difference for two spins: finite Fourier sums whose coefficients are closed forms in
the elements of the density matrix (`quantum.phase`, ``ordering="spin"``). The first
harmonic is largest at the phase of <S+>.

References
----------
.. [1] Nadolny and Bruder, Phys. Rev. Lett. 131, 190402 (2023), Eqs. (S4)-(S6), (S8)-(S10).
.. [2] Vaidya et al. (2024), Eqs. (6)-(8). The coherent states printed below Eq. (6) have both rotations reversed, which
   contradicts Eq. (7); the ones above fulfil it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from quantum.phase import phase_density, phase_harmonics, relative_phase_harmonics

# Points of the first search to a period of the highest harmonic; Newton's method converges from the best of them.
POINTS_PER_PERIOD = 16
NEWTON_STEPS = 8


@dataclass(frozen=True, eq=False)
class SpinPhase:
    """Distribution P of an angle as a finite Fourier sum, 2 pi P(phi) = sum_k c_k e^{ik phi}.

    Attributes
    ----------
    harmonics : complex array, shape (..., K)
        c_0 = 1, c_1, ..., c_{K-1}; c_-k = conj(c_k) is understood. Leading axes are those of the stack of states.
    """

    harmonics: np.ndarray

    def deviation(self, phi: Any) -> np.ndarray:
        """s(phi) = P(phi) - 1/2 pi, per radian, shape (..., *phi.shape)."""
        varying = self.harmonics.copy()
        varying[..., 0] = 0.0
        return phase_density(varying, phi)

    def peak(self) -> tuple[np.ndarray, np.ndarray]:
        """Largest value of s and the angle in (-pi, pi] where it is taken, each of shape (...).

        Of equal maxima one is returned. Where s is zero at every angle, the angle is NaN.
        """
        c = self.harmonics.reshape(-1, self.harmonics.shape[-1])[:, 1:] / np.pi
        order = np.arange(1, c.shape[1] + 1)
        phi = np.linspace(-np.pi, np.pi, POINTS_PER_PERIOD * (c.shape[1] + 1), endpoint=False)
        best = phi[(c @ np.exp(1j * np.outer(order, phi))).real.argmax(axis=1)]
        spacing = 2 * np.pi / phi.size
        for _ in range(NEWTON_STEPS):
            terms = c * np.exp(1j * np.outer(best, order))
            slope, curvature = -(order * terms).imag.sum(axis=1), -(order**2 * terms).real.sum(axis=1)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = np.where(curvature < 0, -slope / curvature, np.sign(slope) * spacing / 2)
            best = best + np.clip(step, -spacing, spacing)
        height = (c * np.exp(1j * np.outer(best, order))).real.sum(axis=1)
        flat = (c == 0).all(axis=1)
        angle = np.where(flat, np.nan, np.pi - np.mod(np.pi - best, 2 * np.pi))
        shape = self.harmonics.shape[:-1]
        return height.reshape(shape), angle.reshape(shape)


def spin_phase(state: Any, subsystem: int = 0, *, dims: Sequence[int] | None = None) -> SpinPhase:
    """Phase of one spin; the other subsystems are traced out.

    Parameters
    ----------
    state : Density or array, shape (..., D, D)
        Density matrices; the 2S+1 levels of the spin are ascending in m, as in `quantum.operators`.
    subsystem : int
        The spin.
    dims : sequence of int, optional
        Levels of each subsystem; needed for an array only.

    Raises
    ------
    ValueError
        If `subsystem` or the state is not valid.
    """
    return SpinPhase(phase_harmonics(state, subsystem, ordering="spin", dims=dims))


def relative_spin_phase(state: Any, pair: tuple[int, int] = (0, 1), *, dims: Sequence[int] | None = None) -> SpinPhase:
    """Relative phase phi_1 - phi_2 of two spins; the other subsystems are traced out.

    Parameters
    ----------
    state, dims
        As for `spin_phase`.
    pair : tuple of int
        The two spins, which may differ in S.

    Raises
    ------
    ValueError
        If `pair` or the state is not valid.
    """
    return SpinPhase(relative_phase_harmonics(state, pair, ordering="spin", dims=dims))
