r"""Mean field of two qubits in closed form: response, limit cycle, and the exchange above which it exists.

The Bloch equations are in the docstring of `compare.systems.vaidya2024`. With :math:`\kappa_j = \Gamma_j/2 + \gamma_\phi`
and the inversions :math:`z_A = p/\Gamma_A`, :math:`z_B = q/\Gamma_B` of the free spins, the first-order response about the
state without coherence is

.. math::

    \frac a\epsilon = \frac{-i z_A}{\kappa_A - i\Delta_d + g^2 z_Az_B/[\kappa_B - i(\Delta_d + \Delta_q)]}, \qquad
    b = \frac{-i g z_B a}{\kappa_B - i(\Delta_d + \Delta_q)} .

At resonance it has no zero but at infinite g. With inverted baths, :math:`z_Az_B < 0`, it diverges at
:math:`g_c = \sqrt{\kappa_A\kappa_B/|z_Az_B|}`, where the state without coherence becomes unstable, and changes sign there by
a pole, not by a zero. Above :math:`g_c` the undriven pair is a limit cycle with the sum :math:`s = p + q` of
:math:`X = \Gamma_Az_A` and :math:`Y = \Gamma_Bz_B` kept by the exchange,

.. math::

    XY = -\Gamma_A\Gamma_B\kappa_A\kappa_B/g^2, \quad
    X, Y = \tfrac12\big(s \mp \mathrm{sign}(q)\sqrt{s^2 - 4XY}\big), \quad
    |a|^2 = \frac{(q - Y)\kappa_B\Gamma_B}{g^2Y}, \quad b = -\frac{i g z_B}{\kappa_B} a,

(at :math:`\Delta_q = 0`), with a phase that is free. For :math:`\Gamma_A = \Gamma_B = 1` and no dephasing
:math:`|a|^2 = (q/z_B - 1)/2g^2`. Baths that are not inverted have no limit cycle.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from compare.systems.vaidya2024 import TwoSpins
from compare.systems.vaidya2024_linear_response import require_qubits, require_resonance


class LimitCycle(NamedTuple):
    """The undriven mean-field state at its exchange.

    Attributes
    ----------
    amplitude_a, amplitude_b : float
        |a| and |b|; 0 where there is no limit cycle.
    z_a, z_b : float
        Inversions <S_z> on it, or of the state without coherence.
    """

    amplitude_a: float
    amplitude_b: float
    z_a: float
    z_b: float


def bloch_response(system: TwoSpins) -> tuple[complex, complex]:
    """Return <S+_A> / epsilon and <S+_B> / epsilon in mean field, about the state without coherence.

    Above the critical exchange that state is unstable and the number describes nothing that is seen.

    Raises
    ------
    ValueError
        If the spins are not of size 1/2.
    """
    require_qubits(system, any_number=True)
    (z_a, z_b), (kappa_a, kappa_b) = _free(system), _widths(system)
    g, d = system.exchange, system.drive_detuning
    low = kappa_b - 1j * (d + system.spin_detuning)
    bottom = kappa_a - 1j * d + g * g * z_a * z_b / low
    a = -1j * z_a / bottom if bottom != 0.0 else complex(np.nan, np.nan)
    return a, -1j * g * z_b * a / low


def critical_exchange(system: TwoSpins) -> float:
    """Return g_c, above which mean field has a limit cycle; infinite unless the baths are inverted.

    Raises
    ------
    ValueError
        If the spins are not of size 1/2, or not on resonance with each other.
    """
    require_resonance(system, any_number=True)
    z_a, z_b = _free(system)
    kappa_a, kappa_b = _widths(system)
    return float(np.sqrt(kappa_a * kappa_b / -(z_a * z_b))) if z_a * z_b < 0.0 else np.inf


def limit_cycle(system: TwoSpins) -> LimitCycle:
    """Return the undriven stable state at the exchange of `system`.

    Raises
    ------
    ValueError
        If the spins are not of size 1/2, or not on resonance with each other.
    """
    critical = critical_exchange(system)
    if not abs(system.exchange) > critical:
        return LimitCycle(0.0, 0.0, *_free(system))
    (p, q), (total_a, total_b) = system.inversions, system.total_rates
    kappa_a, kappa_b = _widths(system)
    g2 = system.exchange**2
    root = np.copysign(np.sqrt((p + q) ** 2 + 4.0 * total_a * total_b * kappa_a * kappa_b / g2), q)
    x, y = 0.5 * (p + q - root), 0.5 * (p + q + root)
    a = np.sqrt((q - y) * kappa_b * total_b / (g2 * y))
    z_a, z_b = x / total_a, y / total_b
    return LimitCycle(float(a), float(abs(system.exchange * z_b / kappa_b) * a), float(z_a), float(z_b))


def _free(system: TwoSpins) -> tuple[float, float]:
    (p, q), (total_a, total_b) = system.inversions, system.total_rates
    return p / total_a, q / total_b


def _widths(system: TwoSpins) -> tuple[float, float]:
    total_a, total_b = system.total_rates
    return 0.5 * total_a + system.dephasing, 0.5 * total_b + system.dephasing
