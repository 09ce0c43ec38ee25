r"""Laboratory units: circuits and ions as the Kerr oscillators of Loerch et al. 2017.

An anharmonic mode coupled to a driven, fast decaying auxiliary one (a cavity, or an internal transition of an ion) has, once
the latter is eliminated, gain and loss with Lorentzians in the number of quanta. The paper gives

.. math::

    \gamma = 4g^2/\kappa, \qquad \sigma = \kappa/8K, \qquad n_\pm = \pm(\delta_\pm - \omega_0)/2K

for :math:`g \ll \kappa`, and asks for :math:`K/\kappa \gtrsim 1`, without which sigma is not small. All frequencies are in one
unit, MHz or kHz, and all of the same kind: all divided by 2 pi, as laboratories quote them, or none.

On the signs: with H of Eq. (1) the transition between n - 1 and n has the frequency :math:`\omega - 2K(n - 1)`. Both drives
stand at :math:`\omega_0 - 2Kn_\pm` from the auxiliary mode, :math:`\omega_0 = \omega + 2K`, one above, one below. The printed
form agrees for the loss if :math:`\delta_-` is this distance; for the gain it has the other sign. `Implementation` takes
detunings as printed and gives the distances by `drive_distances`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from compare import checks
from compare.systems.lorch2017 import KerrOscillators


@dataclass(frozen=True)
class Condition:
    """A condition of the mapping: ``value`` must be at most, or at least, ``limit``."""

    name: str
    value: float
    limit: float
    at_most: bool

    @property
    def holds(self) -> bool:
        """Whether it is met."""
        return self.value <= self.limit if self.at_most else self.value >= self.limit

    def __str__(self) -> str:
        relation = "at most" if self.at_most else "at least"
        return f"{self.name} = {self.value:.3g}, {relation} {self.limit:g}: {'holds' if self.holds else 'VIOLATED'}"


@dataclass(frozen=True, kw_only=True)
class Implementation:
    """One oscillator in the laboratory; gain and loss have auxiliary modes of the same linewidth and coupling.

    Parameters
    ----------
    frequency : float
        omega_0.
    kerr : float
        K of Eq. (1), half the anharmonicity: neighbouring transitions differ by 2K.
    linewidth : float
        kappa, the decay rate of the auxiliary mode.
    auxiliary_coupling : float
        g, the coupling to it, enhanced by the drive.
    detuning_plus, detuning_minus : float
        delta_+ and delta_-, as printed.
    decay : float
        The oscillator's own energy decay rate, to be small against gamma.
    thermal_quanta : float
        Mean occupation of the bath that it decays to.
    unit : str
        Name of the unit of all of these, for reports.

    Raises
    ------
    ValueError
        If a rate is not positive (decay, thermal quanta: negative) or not finite.
    """

    frequency: float
    kerr: float
    linewidth: float
    auxiliary_coupling: float
    detuning_plus: float
    detuning_minus: float
    decay: float = 0.0
    thermal_quanta: float = 0.0
    unit: str = "MHz"

    def __post_init__(self) -> None:
        for name in ("frequency", "kerr", "linewidth", "auxiliary_coupling"):
            if not checks.finite(name, getattr(self, name)) > 0.0:
                raise ValueError(f"Argument `{name}` must be positive, but is {getattr(self, name)}.")
        for name in ("decay", "thermal_quanta"):
            if checks.finite(name, getattr(self, name)) < 0.0:
                raise ValueError(f"Argument `{name}` must be non-negative, but is {getattr(self, name)}.")
        for name in ("detuning_plus", "detuning_minus"):
            checks.finite(name, getattr(self, name))

    # --- ways to get there ---

    @classmethod
    def transmon(cls, *, anharmonicity: float, cavity_coupling: float, photons: float, **parameters: Any) -> Self:
        """Transmon with cavities: K from the anharmonicity (E_21 - E_10, negative), g = g_0 sqrt(photons).

        Raises
        ------
        ValueError
            If the anharmonicity is not negative, as that of a transmon is, or photons are not positive.
        """
        if not checks.finite("anharmonicity", anharmonicity) < 0.0:
            raise ValueError(f"Argument `anharmonicity` must be negative, as a transmon's is, but is {anharmonicity}.")
        if not checks.finite("photons", photons) > 0.0:
            raise ValueError(f"Argument `photons` must be positive, but is {photons}.")
        coupling = checks.finite("cavity_coupling", cavity_coupling) * np.sqrt(photons)
        return cls(kerr=-anharmonicity / 2.0, auxiliary_coupling=float(coupling), **parameters)

    @classmethod
    def ion(cls, *, rabi_frequency: float, lamb_dicke: float, **parameters: Any) -> Self:
        """Ion in an anharmonic trap: g = eta Omega / 2 of the sideband; kappa is the width of the excited state."""
        coupling = checks.finite("lamb_dicke", lamb_dicke) * checks.finite("rabi_frequency", rabi_frequency) / 2.0
        return cls(auxiliary_coupling=coupling, **parameters)

    @classmethod
    def design(
        cls, *, frequency: float, kerr: float, sigma: float, kerr_over_gamma: float, n_plus: float, n_minus: float,
        **parameters: Any,
    ) -> Self:  # fmt: skip
        """Linewidth, coupling and detunings that a wanted model needs, by the mapping read backwards."""
        for name, value in (("sigma", sigma), ("kerr_over_gamma", kerr_over_gamma)):
            if not checks.finite(name, value) > 0.0:
                raise ValueError(f"Argument `{name}` must be positive, but is {value}.")
        linewidth = 8.0 * kerr * sigma
        return cls(
            frequency=frequency, kerr=kerr, linewidth=linewidth,
            auxiliary_coupling=float(np.sqrt(kerr / kerr_over_gamma * linewidth / 4.0)),
            detuning_plus=frequency + 2.0 * kerr * n_plus, detuning_minus=frequency - 2.0 * kerr * n_minus, **parameters,
        )  # fmt: skip

    # --- what it is as a model ---

    @property
    def gamma(self) -> float:
        """Gain and loss rate 4 g^2 / kappa, the unit of the model."""
        return 4.0 * self.auxiliary_coupling**2 / self.linewidth

    @property
    def sigma(self) -> float:
        """Width kappa / 8K of the Lorentzians, in quanta."""
        return self.linewidth / (8.0 * self.kerr)

    @property
    def n_plus(self) -> float:
        """Centre of the gain, in quanta."""
        return (self.detuning_plus - self.frequency) / (2.0 * self.kerr)

    @property
    def n_minus(self) -> float:
        """Centre of the loss, in quanta."""
        return -(self.detuning_minus - self.frequency) / (2.0 * self.kerr)

    @property
    def drive_distances(self) -> tuple[float, float]:
        """Distances of both drives from the auxiliary modes, omega_0 - 2 K n_+ (above) and omega_0 - 2 K n_- (below)."""
        return self.frequency - 2.0 * self.kerr * self.n_plus, self.frequency - 2.0 * self.kerr * self.n_minus

    def parameters(self) -> dict[str, float]:
        """Arguments of `KerrOscillators` in units of gamma, frequencies and couplings excepted."""
        return {
            "kerr": self.kerr / self.gamma, "sigma": self.sigma, "n_plus": self.n_plus, "n_minus": self.n_minus,
            "bath_damping": self.decay / self.gamma, "thermal_noise": self.decay * self.thermal_quanta / self.gamma,
        }  # fmt: skip

    def pair(self, *, detuning: float, coupling: float) -> KerrOscillators:
        """Two such oscillators; detuning and coupling in the unit of all others."""
        return KerrOscillators.pair(
            detuning=checks.finite("detuning", detuning) / self.gamma,
            coupling=checks.finite("coupling", coupling) / self.gamma,
            **self.parameters(),
        )

    def conditions(self, *, adiabatic: float = 0.1, resolved: float = 1.0, isolated: float = 0.1) -> list[Condition]:
        """Conditions under which the mapping holds and the blockade shows.

        Parameters
        ----------
        adiabatic : float
            Largest g/kappa: elimination of the auxiliary mode.
        resolved : float
            Smallest K/kappa: single rungs of the ladder are addressed. K/gamma is then large by itself.
        isolated : float
            Largest (own decay)/gamma.
        """
        return [
            Condition("g/kappa", self.auxiliary_coupling / self.linewidth, adiabatic, at_most=True),
            Condition("K/kappa", self.kerr / self.linewidth, resolved, at_most=False),
            Condition("K/gamma", self.kerr / self.gamma, resolved, at_most=False),
            Condition("decay/gamma", self.decay * (1.0 + self.thermal_quanta) / self.gamma, isolated, at_most=True),
        ]

    def report(self) -> str:
        """The model in words, and the conditions."""
        lines = [
            f"gamma = {self.gamma:.4g} {self.unit}, the unit of the model",
            *(f"{name} = {value:.4g}" for name, value in self.parameters().items()),
            *map(str, self.conditions()),
        ]
        return "\n".join(lines)


def transmon_example() -> Implementation:
    """A transmon pair near the parameters of Fig. 2(b), in MHz (divided by 2 pi).

    Anharmonicity -300 MHz (K = 150), cavities of 120 MHz linewidth with g_0 = 1 MHz and 100 photons (g = 10): gamma = 3.33,
    sigma = .1, K/gamma = 45. The drives stabilise |2>; T_1 = 50 us is a decay of 3.2 kHz. Capacitive couplings of some
    100 kHz are V = .05 gamma and more.
    """
    return Implementation.transmon(
        frequency=6000.0, anharmonicity=-300.0, cavity_coupling=1.0, photons=100.0, linewidth=120.0,
        detuning_plus=6000.0 + 2 * 150.0 * 2, detuning_minus=6000.0 - 2 * 150.0 * 3, decay=0.0032, thermal_quanta=0.02,
        unit="MHz",
    )  # fmt: skip


def ion_example() -> Implementation:
    """A trapped-ion pair near the parameters of Fig. 2(b), in kHz (divided by 2 pi).

    Motion at 1 MHz with K = 20 kHz, a strongly anharmonic trap; sidebands with eta = .1 and Omega = 24 kHz (g = 1.2) to excited
    states broadened to 16 kHz: gamma = .36, sigma = .1, K/gamma = 56. Heating of 10 quanta per second is 1.6 Hz.
    """
    return Implementation.ion(
        frequency=1000.0, kerr=20.0, rabi_frequency=24.0, lamb_dicke=0.1, linewidth=16.0,
        detuning_plus=1000.0 + 2 * 20.0 * 2, detuning_minus=1000.0 - 2 * 20.0 * 3, decay=1.6e-6, thermal_quanta=1000.0,
        unit="kHz",
    )  # fmt: skip
