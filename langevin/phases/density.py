r"""Infinitely many phase oscillators: the Fokker-Planck equation of the phase densities, in Fourier modes.

In the limit of large groups each density :math:`\rho_g(\theta, t)` of `langevin.PhaseGroups` obeys

.. math::

    \partial_t\rho_g = D_g\,\partial_\theta^2\rho_g
    - \partial_\theta\big[(\omega_g + \mathrm{Im}\,h_ge^{-i\theta})\rho_g\big],\qquad
    \dot z_n = (in\omega_g - n^2D_g)z_n + \tfrac n2\big(h_gz_{n-1} - h_g^*z_{n+1}\big)

for :math:`z_n = \langle e^{in\theta}\rangle_g`, z_0 = 1, :math:`h_g = \sum_hK_{gh}e^{-i\alpha_{gh}}z_1^{(h)}`: incoherence
(all z_n = 0, n > 0) always is a solution, and is unstable where `incoherence_growth` has a positive real part. One group:

.. math:: K_c = 2D/\cos\alpha,\qquad \nu_c = \omega - D\tan\alpha .

Spectrally accurate: mode n of a locked state falls like :math:`(|h|/2D)^n/n!`. Groups have one frequency each (no disorder).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import root

from langevin.checks import at_least, complex_array, positive, real, real_array
from langevin.phases.oscillators import PhaseGroups


@dataclass(frozen=True, eq=False)
class RotatingState:
    """A state in which all groups turn together, z_n(t) = z_n e^{in nu t}.

    Attributes
    ----------
    modes : complex array, shape (groups, modes)
        z_1, z_2, ... of each group; the first group's z_1 (if not zero) is real and positive.
    frequency : float
        Common frequency nu; NaN for the incoherent state.
    oscillator_frequencies : float array, shape (groups,)
        Mean frequency omega_g + Im(h_g z_1^*) of the oscillators, which slip against the field.
    residual : float
        Largest |dz_n/dt - i n nu z_n|.
    """

    modes: np.ndarray
    frequency: float
    oscillator_frequencies: np.ndarray
    residual: float

    @property
    def order(self) -> np.ndarray:
        """Order parameters |z_1| of the groups, shape (groups,)."""
        return np.abs(self.modes[:, 0])


def incoherence_growth(model: PhaseGroups) -> np.ndarray:
    """Growth rates (real part) and frequencies (imaginary part) of small order parameters, shape (groups,)."""
    _refuse_detunings(model)
    return np.linalg.eigvals(np.diag(1j * model.frequency - model.noise) + 0.5 * model.complex_coupling)


def critical_coupling(noise: float, lag: float = 0.0) -> float:
    """K_c = 2 D / cos(alpha) of one group of identical oscillators; infinite where the coupling repels."""
    if real("noise", noise) < 0.0:
        raise ValueError(f"Argument `noise` must not be negative, but is {noise}.")
    return 2.0 * noise / np.cos(lag) if np.cos(real("lag", lag)) > 0.0 else float("inf")


def phase_density(
    model: PhaseGroups, times: Any, *, initial: Any, modes: int = 32, tolerance: float = 1e-10
) -> np.ndarray:
    """Integrate the Fourier modes of the phase densities.

    Parameters
    ----------
    model : PhaseGroups
        Without detunings.
    times : float array, shape (n,)
        Increasing.
    initial : complex array, shape (groups,) or (groups, m)
        z_1, or z_1 .. z_m, of each group at ``times[0]``; from z_1 alone higher modes are those of a wrapped Cauchy
        density, z_n = z_1^n.
    modes : int
        Modes kept.
    tolerance : float
        Relative tolerance of the integrator; absolute 100 times smaller.

    Returns
    -------
    complex array, shape (n, groups, modes)

    Raises
    ------
    ValueError
        If shapes do not fit, or the integration fails.
    """
    _refuse_detunings(model)
    at_least("modes", modes, 2)
    positive("tolerance", tolerance)
    grid = real_array("times", times)
    if grid.ndim != 1 or grid.size < 2 or not (np.diff(grid) > 0.0).all():
        raise ValueError("Argument `times` must be at least two increasing times.")
    start = _initial_modes(initial, model.groups, modes)

    def slope(_: float, y: np.ndarray) -> np.ndarray:
        return _slope(model, y.reshape(model.groups, modes)).ravel()

    # the n^2 D of high modes is stiff for an explicit method: 32 modes at D = 1 keep its steps below 3e-3
    result = solve_ivp(
        slope, (grid[0], grid[-1]), start.ravel(), t_eval=grid, rtol=tolerance, atol=1e-2 * tolerance, method="DOP853"
    )
    if not result.success:
        raise ValueError(f"The integration of the phase densities failed: {result.message}")
    return result.y.T.reshape(grid.size, model.groups, modes)


def rotating_state(model: PhaseGroups, *, guess: Any = None, modes: int = 64) -> RotatingState:
    r"""Solve for a state that turns as a whole, by Newton's method on the fields.

    At given fields h_g and frequency nu the modes of a group follow from a continued fraction; unknown are the h_g (one of
    them real) and nu.

    Parameters
    ----------
    model : PhaseGroups
        With noise in every group and without detunings.
    guess : complex array, shape (groups,), optional
        Order parameters z_1 to begin with. Default: the most unstable mode of incoherence, at half its possible size.
    modes : int
        Modes kept; more than about 2 |h|/D for full accuracy.

    Returns
    -------
    RotatingState
        The incoherent state where it is stable and no guess is given.

    Raises
    ------
    ValueError
        If a group has no noise, or Newton's method does not converge.
    """
    _refuse_detunings(model)
    at_least("modes", modes, 2)
    if not (model.noise > 0.0).all():
        raise ValueError(f"Argument `model` must have noise in every group, but `noise` is {model.noise}.")
    values, vectors = np.linalg.eig(np.diag(1j * model.frequency - model.noise) + 0.5 * model.complex_coupling)
    lead = int(values.real.argmax())
    frequency = values[lead].imag
    if guess is None:
        if values[lead].real <= 0.0:
            return RotatingState(
                np.zeros((model.groups, modes), dtype=np.complex128), float("nan"), model.frequency, 0.0
            )
        guess = 0.5 * vectors[:, lead] / np.abs(vectors[:, lead]).max()
    order = complex_array("guess", guess)
    if order.shape != (model.groups,):
        raise ValueError(f"Argument `guess` must have shape ({model.groups},), but has shape {order.shape}.")

    def mismatch(x: np.ndarray) -> np.ndarray:
        fields = x[: model.groups] + 1j * np.concatenate([[0.0], x[model.groups : -1]])
        wrong = model.complex_coupling @ _locked_modes(model, fields, x[-1], 1)[:, 0] - fields
        return np.concatenate([wrong.real, wrong.imag])

    fields = model.complex_coupling @ order
    fields = fields * np.exp(-1j * np.angle(fields[0]))
    start = np.concatenate([fields.real, fields.imag[1:], [frequency]])
    found = root(mismatch, start, tol=1e-14)
    fields = found.x[: model.groups] + 1j * np.concatenate([[0.0], found.x[model.groups : -1]])
    if np.abs(mismatch(found.x)).max() > 1e-9 or np.abs(fields).max() < 1e-6:
        raise ValueError("No rotating state was found near the guess; Newton's method ended without convergence.")
    locked = _locked_modes(model, fields, found.x[-1], modes)
    turns = np.exp(-1j * np.angle(locked[0, 0]) * np.arange(1, modes + 1))
    locked = locked * turns
    rates = _slope(model, locked) - 1j * found.x[-1] * np.arange(1, modes + 1) * locked
    slips = (model.complex_coupling @ locked[:, 0] * locked[:, 0].conj()).imag
    return RotatingState(locked, float(found.x[-1]), model.frequency + slips, float(np.abs(rates[:, :-1]).max()))


def _slope(model: PhaseGroups, z: np.ndarray) -> np.ndarray:
    """dz_n/dt of all groups, shape (groups, modes)."""
    n = np.arange(1, z.shape[1] + 1)
    fields = (model.complex_coupling @ z[:, 0])[:, None]
    below = np.concatenate([np.ones((z.shape[0], 1)), z[:, :-1]], axis=1)
    above = np.concatenate([z[:, 1:], np.zeros((z.shape[0], 1))], axis=1)
    free = 1j * n * model.frequency[:, None] - n**2 * model.noise[:, None]
    return free * z + 0.5 * n * (fields * below - fields.conj() * above)


def _locked_modes(model: PhaseGroups, fields: np.ndarray, frequency: float, modes: int) -> np.ndarray:
    """Stationary modes in the frame of `frequency` at given fields: z_n = r_n z_(n-1), r_n from the far end."""
    deepest = max(modes, 64)
    ratios = np.zeros((model.groups, deepest + 1), dtype=np.complex128)
    detuning = model.frequency - frequency
    for n in range(deepest, 0, -1):
        after = ratios[:, n] if n < deepest else 0.0
        ratios[:, n - 1] = 0.5 * fields / (n * model.noise - 1j * detuning + 0.5 * fields.conj() * after)
    return np.cumprod(ratios[:, :modes], axis=1)


def _initial_modes(initial: Any, groups: int, modes: int) -> np.ndarray:
    given = complex_array("initial", initial)
    if given.ndim == 1:
        given = given[:, None] ** np.arange(1, modes + 1)
    if given.ndim != 2 or given.shape[0] != groups or given.shape[1] > modes:
        raise ValueError(
            f"Argument `initial` must have shape ({groups},) or ({groups}, m) with m <= {modes}, but has shape "
            f"{np.shape(initial)}."
        )
    if not (np.abs(given) <= 1.0).all():
        raise ValueError("Argument `initial` must hold means of e^{in theta}, of modulus at most 1, but does not.")
    return np.pad(given, ((0, 0), (0, modes - given.shape[1])))


def _refuse_detunings(model: PhaseGroups) -> None:
    if not isinstance(model, PhaseGroups):
        raise ValueError(f"Argument `model` must be a PhaseGroups, but is of type {type(model).__name__}.")
    if model.detunings is not None:
        raise ValueError("Argument `model` must have no detunings here: its groups must be of identical oscillators.")
