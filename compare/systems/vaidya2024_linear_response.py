r"""Two qubits to first order in the drive, in closed form: Appendix C of Vaidya et al. 2024 solved, and the zero crossings.

With :math:`x = \langle S_A^+S_B^-\rangle_0`, :math:`p = (w_A-\gamma_A)/2`, :math:`q = (w_B-\gamma_B)/2`,
:math:`\kappa = (\Gamma_A + \Gamma_B)/2 + 2\gamma_\phi` and :math:`r = g^2\kappa/2(\kappa^2 + \Delta_q^2)`, Eqs. (C3) are
solved by

.. math::

    z_A = \frac{p(\Gamma_B + r) + qr}{\Gamma_A\Gamma_B + r(\Gamma_A + \Gamma_B)}, \quad
    z_B = \frac{q(\Gamma_A + r) + pr}{\Gamma_A\Gamma_B + r(\Gamma_A + \Gamma_B)}, \quad
    \langle S_A^zS_B^z\rangle = \frac{q z_A + p z_B}{\Gamma_A + \Gamma_B}, \quad
    x = \frac{ig(z_B - z_A)/2}{\kappa + i\Delta_q},

and Eqs. (C4), with :math:`\alpha = i\Delta_d - \Gamma_A/2 - \gamma_\phi`, :math:`\beta = i(\Delta_d + \Delta_q) - \Gamma_B/2 -
\gamma_\phi`, by two equations for :math:`s = \langle S_A^+S_B^z\rangle_1` and :math:`t = \langle S_A^zS_B^+\rangle_1`,

.. math::

    \Big(\alpha - \Gamma_B + \frac{g^2}{4\beta}\Big)s + \frac{iqg}{\alpha}t
        &= i\langle S_A^zS_B^z\rangle - \frac{iq}{\alpha}z_A,\\
    \frac{ipg}{\beta}s + \Big(\beta - \Gamma_A + \frac{g^2}{4\alpha}\Big)t &= -\frac i2x^* - \frac{g}{4\alpha}z_A,

and :math:`\langle S_A^+\rangle_1 = i(z_A + gt)/\alpha`, :math:`\langle S_B^+\rangle_1 = igs/\beta`. At resonance,
:math:`\Delta_d = \Delta_q = 0`, s is imaginary and t real: A responds at :math:`\pm\pi/2` and B at 0 or :math:`\pi`, and
both responses vanish at the positive roots of a quadratic in :math:`G = g^2` (`crossing_polynomials`); for
:math:`\Gamma_A = \Gamma_B = 1` and no dephasing

.. math::

    A:&\quad [p + 2q - 2p(p+q)^2]G^2 + [6(p+q) - 8p^2q]G + 9p = 0,\\
    B:&\quad (p+q)^2G^2 + [3p^2 + 18pq + 19q^2]G + 36pq = 0 .

B therefore has exactly one zero crossing if and only if pq < 0, as the paper says, and it lies at g = 3 whenever
:math:`w_A = \gamma_B`; A has exactly one if and only if pq < 0 and :math:`p + 2q - 2p(p+q)^2` has the sign of q. Where that
expression vanishes the crossing goes to infinity: the white edge beyond the red band of Fig. 4(a).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from scipy import optimize

from compare import checks
from compare.systems.vaidya2024 import TwoSpins

# Where Newton's method for a crossing has left for infinity, in Gamma
_FARTHEST = 1e3

# --- compiled: also inlined into the maps of `compare.methods.spin_entropy` -----------------------------------------


@njit(cache=True, nogil=True, error_model="numpy")
def zeroth_kernel(w_a, gamma_a, w_b, gamma_b, g, detuning_q, dephasing):
    """(z_A, z_B, <z_A z_B>, x) of Eqs. (C3)."""
    p, q = 0.5 * (w_a - gamma_a), 0.5 * (w_b - gamma_b)
    total_a, total_b = w_a + gamma_a, w_b + gamma_b
    kappa = 0.5 * (total_a + total_b) + 2.0 * dephasing
    r = 0.5 * g * g * kappa / (kappa * kappa + detuning_q * detuning_q)
    both = total_a * total_b + r * (total_a + total_b)
    z_a, z_b = (p * (total_b + r) + q * r) / both, (q * (total_a + r) + p * r) / both
    # z_B - z_A without the cancellation at large g
    difference = (q * total_a - p * total_b) / both
    x = 0.5j * g * difference / complex(kappa, detuning_q)
    return z_a, z_b, (q * z_a + p * z_b) / (total_a + total_b), x


@njit(cache=True, nogil=True, error_model="numpy")
def first_kernel(w_a, gamma_a, w_b, gamma_b, g, detuning_d, detuning_q, dephasing, z_a, zz, x):
    """(<S_A^+>, <S_B^+>, s, t) of Eqs. (C4), per drive."""
    p, q = 0.5 * (w_a - gamma_a), 0.5 * (w_b - gamma_b)
    total_a, total_b = w_a + gamma_a, w_b + gamma_b
    alpha = complex(-0.5 * total_a - dephasing, detuning_d)
    beta = complex(-0.5 * total_b - dephasing, detuning_d + detuning_q)
    ss, st = alpha - total_b + 0.25 * g * g / beta, 1j * q * g / alpha
    ts, tt = 1j * p * g / beta, beta - total_a + 0.25 * g * g / alpha
    right_s = 1j * (zz - q * z_a / alpha)
    right_t = -0.5j * x.conjugate() - 0.25 * g * z_a / alpha
    determinant = ss * tt - st * ts
    s = (right_s * tt - st * right_t) / determinant
    t = (ss * right_t - ts * right_s) / determinant
    return 1j * (z_a + g * t) / alpha, 1j * g * s / beta, s, t


# --- public -----------------------------------------------------------------------------------------------------------


class Correlators(NamedTuple):
    """Expectation values to first order in the drive.

    Attributes
    ----------
    z_a, z_b, zz : float
        <S_z> of A and B and <S_z S_z>, zeroth order.
    swap : complex
        <S+_A S-_B>, zeroth order.
    plus_a, plus_b : complex
        <S+_A>, <S+_B> per drive, in 1/Gamma.
    plus_a_z_b, z_a_plus_b : complex
        <S+_A Sz_B>, <Sz_A S+_B> per drive.
    """

    z_a: float
    z_b: float
    zz: float
    swap: complex
    plus_a: complex
    plus_b: complex
    plus_a_z_b: complex
    z_a_plus_b: complex


def linear_response(system: TwoSpins) -> Correlators:
    """Return the correlators of two qubits by Eqs. (C3), (C4); the drive strength of `system` does not matter.

    Raises
    ------
    ValueError
        If the system is not made of two spins 1/2.
    """
    require_qubits(system)
    s = system
    baths = (s.w_a, s.gamma_a, s.w_b, s.gamma_b, s.exchange)
    z_a, z_b, zz, x = zeroth_kernel(*baths, s.spin_detuning, s.dephasing)
    first = first_kernel(*baths, s.drive_detuning, s.spin_detuning, s.dephasing, z_a, zz, x)
    return Correlators(z_a, z_b, zz, x, *first)


def crossing_polynomials(system: TwoSpins) -> tuple[np.ndarray, np.ndarray]:
    r"""Coefficients of the polynomials in G = g^2 whose positive roots are the zero crossings of A and of B.

    For any rates and dephasing at resonance; the exchange and the drive of `system` do not matter. With
    :math:`\alpha, \beta < 0` as in the module, :math:`z_A`, zz and :math:`y = -ix` as they come with their common
    denominator left out:

    .. math::

        A:&\quad (\beta - \Gamma_A)\,[(\alpha - \Gamma_B)\beta + \tfrac G4]\,z_A
                 - \tfrac12[(\alpha - \Gamma_B)\beta + \tfrac G4]\,gy + pG\,zz = 0,\\
        B:&\quad (\beta - \Gamma_A)(\alpha\,zz - q z_A) + \tfrac12 q\,gy + \tfrac G4 zz = 0 .

    Returns
    -------
    arrays of float, shape (3,) each
        Highest power first, as `numpy.roots` takes them.

    Raises
    ------
    ValueError
        If the system is not made of two spins 1/2 on resonance.
    """
    require_resonance(system)
    (p, q), (total_a, total_b) = system.inversions, system.total_rates
    alpha, beta = -0.5 * total_a - system.dephasing, -0.5 * total_b - system.dephasing
    r = 0.5 / (0.5 * (total_a + total_b) + 2.0 * system.dephasing)  # r / G of the module
    # numerators over Gamma_A Gamma_B + r (Gamma_A + Gamma_B), as polynomials in G
    z_a = np.array([r * (p + q), p * total_b])
    z_b = np.array([r * (p + q), q * total_a])
    zz = (q * z_a + p * z_b) / (total_a + total_b)
    gy = np.array([r * (q * total_a - p * total_b), 0.0])
    quarter = np.array([0.25, (alpha - total_b) * beta])
    poly_a = (beta - total_a) * np.convolve(quarter, z_a) - 0.5 * np.convolve(quarter, gy)
    poly_b = np.append(0.0, (beta - total_a) * (alpha * zz - q * z_a) + 0.5 * q * gy)
    return poly_a + np.convolve([p, 0.0], zz), poly_b + np.convolve([0.25, 0.0], zz)


def zero_crossings(system: TwoSpins) -> tuple[np.ndarray, np.ndarray]:
    """Exchanges g > 0 at which the first-order responses of A and of B vanish at resonance, ascending, in Gamma.

    A response that is zero everywhere, as that of B with two infinite-temperature baths, has no crossing.

    Raises
    ------
    ValueError
        If the system is not made of two spins 1/2 on resonance.
    """
    a, b = crossing_polynomials(system)
    return _positive_roots(a), _positive_roots(b)


def first_crossing(system: TwoSpins) -> tuple[float, float]:
    """The smallest zero crossings g_{0,A} and g_{0,B}, NaN where there is none; see `zero_crossings`."""
    a, b = zero_crossings(system)
    return (float(a[0]) if a.size else np.nan), (float(b[0]) if b.size else np.nan)


def restored_crossing(system: TwoSpins, start: tuple[float, float] | None = None) -> tuple[float, float]:
    """Return (Delta_q, g) at which A's response to the detuned drive of `system` vanishes, Fig. 5(c).

    Parameters
    ----------
    system : TwoSpins
        Two qubits; their `drive_detuning` Delta_d is that of the drive, their exchange and `spin_detuning` do not matter.
    start : (float, float), optional
        Where Newton's method begins. Default: the crossing at resonance and -Delta_d / 3.

    Returns
    -------
    (float, float)
        Delta_q and g_{0,A} in Gamma; NaN if there is none at resonance, or none was found.

    Raises
    ------
    ValueError
        If the system is not made of two spins 1/2, or `start` is no pair of numbers.
    """
    require_qubits(system)
    if start is None:
        start = -system.drive_detuning / 3.0, first_crossing(system.vary(drive_detuning=0.0, spin_detuning=0.0))[0]
    else:
        if not isinstance(start, tuple | list) or len(start) != 2:
            raise ValueError(f"Argument `start` must be a pair (Delta_q, g), but is {start!r}.")
        start = checks.finite("start[0]", start[0]), checks.finite("start[1]", start[1])
    if not np.isfinite(start).all():
        return np.nan, np.nan

    def response(at: np.ndarray) -> list[float]:
        u = linear_response(system.vary(spin_detuning=float(at[0]), exchange=float(at[1]))).plus_a
        return [u.real, u.imag]

    found = optimize.root(response, np.array(start), tol=1e-13)
    # all responses vanish at infinity, which is no crossing
    near = np.linalg.norm(response(found.x)) < 1e-11 and 0.0 < found.x[1] < _FARTHEST and abs(found.x[0]) < _FARTHEST
    return (float(found.x[0]), float(found.x[1])) if near else (np.nan, np.nan)


def _positive_roots(poly: np.ndarray) -> np.ndarray:
    """Square roots of the positive real roots of a quadratic, each polished to rounding."""
    scale = np.abs(poly).max(initial=0.0)
    if scale == 0.0:
        return np.empty(0)
    c2, c1, c0 = poly / scale
    discriminant = c1 * c1 - 4.0 * c2 * c0
    if discriminant < 0.0:
        return np.empty(0)
    # the form without cancellation
    half = -0.5 * (c1 + np.copysign(np.sqrt(discriminant), c1))
    roots: list[Any] = [half / c2] if c2 != 0.0 else []
    roots += [c0 / half] if half != 0.0 else []
    # a constant term that is rounding alone, as of baths at infinite temperature, means a root at g = 0
    return np.sqrt(np.array(sorted(G for G in roots if 1e-14 < G < np.inf)))


def described(system: Any) -> str:
    """What a system is, in a few words for a message."""
    if not isinstance(system, TwoSpins):
        return repr(getattr(system, "name", system))
    return f"one of size {system.spin:g} with {system.spins_per_site} per site"


def require_qubits(system: TwoSpins, any_number: bool = False) -> None:
    """Refuse all but two spins 1/2, or, with `any_number`, two sites of them."""
    if not isinstance(system, TwoSpins) or system.spin != 0.5 or (system.spins_per_site != 1 and not any_number):
        raise ValueError(f"Argument `system` must be two spins of size 1/2, but is {described(system)}.")


def require_resonance(system: TwoSpins, any_number: bool = False) -> None:
    """Refuse detuned spins or a detuned drive, and what `require_qubits` refuses."""
    require_qubits(system, any_number)
    if system.drive_detuning != 0.0 or system.spin_detuning != 0.0:
        raise ValueError(
            "Argument `system` must be on resonance, but has Delta_d = "
            f"{system.drive_detuning:g} and Delta_q = {system.spin_detuning:g}."
        )
