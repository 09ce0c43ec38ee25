r"""The circuit of Vaidya et al. 2024 (Sec. IV, Appendix E): two pumped transmons that are the two-qubit oscillator.

**Master equation** (Eqs. E1, E2), in the frames of the pumps, frequencies as below; b: transmons, a: auxiliary resonators:

.. math::

    H = \sum_j \Big[(\omega_{qj} - \omega_{pj})\,b_j^\dagger b_j + \tfrac{\alpha_j}2(b_j^\dagger b_j - 1)b_j^\dagger b_j
        + (\omega_{aj} - \omega_{pj})\,a_j^\dagger a_j + g_j(a_j b_j^\dagger + a_j^\dagger b_j)
        + \Omega_{pj}(b_j^\dagger + b_j)\Big]\\
    + g\big(b_A^\dagger b_B e^{i(\omega_{pA} - \omega_{pB})t} + h.c.\big)
        + \epsilon\big(b_A e^{-i(\omega_{pA} - \omega_d)t} + h.c.\big),
    \qquad \kappa_j D[a_j],\ \gamma_{0,j} D[b_j],\ \gamma_{\phi j} D[b_j^\dagger b_j].

The pump drives g to f by two photons, f falls to e through the resonator: gain of the qubit (g, e) at a rate w. No frame
makes H static; the single transmons are static, and so `quantum.split` propagates the whole, 81 states, and
`quantum.secular` keeps the 16 slow elements.

Frequencies and rates are in MHz, divided by 2 pi, times in microseconds.

**Corrections.** The printed parameters do not give the printed figures. What has to change, with the evidence; each can be
set back to the printed value by name (`PRINTED`):

- ``anharmonicity``: the alpha_j are negative, as a transmon's are; Table I lists magnitudes.
- ``auxiliary``: resonator B stands at 4.5 GHz, its e-f transition, not at 4.6: w_B/gamma_B = 3.2 as in Fig. 10 (4.6 gives
  1.1), and the 32 kHz = g_B^2/(500 MHz) in Table II's Delta_B.
- ``pump``: the pumps follow the qubits, omega_p = omega_q - |alpha|/2 (two-photon resonance); fixed at the table's 4.8 and
  4.75 GHz they miss it by Delta_j, and w_B/gamma_B is .78.
- ``drive_frequency``: the drive stands at the dressed omega_qA, not at the bare one of (E1).
- ``dephasing_factor``: D[sqrt(gamma_phi) b^+ b] of (E2) decays the coherence half as fast as D[sqrt(2 gamma_phi) S^z] of
  (C1) does.

In the same units g_spin = 2 g and epsilon_spin = 2 epsilon. Rates w and gamma follow from the slow modes of a single transmon,
w = Gamma P_e and gamma = Gamma (1 - P_e) with the slowest real rate Gamma; that is what a fit of one exponential to the
decay from e gives.

**Levels.** Three levels per transmon, as in the paper, are not converged for B: with four P_e/(1 - P_e) is 3.40 instead of
3.19 in Fig. 10(a) and Gamma_B 610 instead of 428 kHz in 10(b), since level 3 shifts f. The levels are
parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, ClassVar, Self

import numpy as np

import quantum
from compare import checks
from compare.sync_entropy import sync_entropy
from compare.systems.vaidya2024 import TwoSpins
from quantum import operators
from quantum.kicks import Kick
from quantum.secular import EffectiveQubit, SecularState, SlowModes, effective_qubit, secular_state, slow_modes
from quantum.split import SplitPropagator

PAPER = "Vaidya et al., Phys. Rev. A 109, 033718 (2024)"
ANGULAR = 2.0 * np.pi
"""Angular frequency per MHz, in 1/us."""

FIGURES: dict[str, dict[str, Any]] = {
    "10a": {"drive": 0.02, "pump_a": 0.0, "pump_b": 8.0},
    "10b": {"drive": 0.02, "pump_a": 5.5, "pump_b": 9.0},
    "11b": {"drive": 0.04, "pump_a": 7.0, "pump_b": 4.1},
}
"""Table II: drive and pumps of Figs. 10(a), 10(b) (and 11(a)), and 11(b), in MHz."""

TABLE_SHIFTS = {"10a": (160.0, 1013.72), "10b": (763.3, 1230.0), "11b": (1135.0, 300.0)}
"""Table II: Delta_A and Delta_B in kHz."""

PRINTED: dict[str, dict[str, Any]] = {
    "anharmonicity": {"anharmonicity_a": 400.0, "anharmonicity_b": 500.0},
    "auxiliary": {"auxiliary_b": 4600.0},
    "pump": {"pump": "fixed"},
    "drive_frequency": {"drive_frequency": "bare"},
    "dephasing_factor": {"dephasing_factor": 1.0},
}
"""Parameters as printed, by the name of the correction that they undo: ``circuit.vary(**PRINTED["auxiliary"])``."""

TABLE_DEPHASING = 0.053
"""gamma_phi of Table I, in MHz, in the curves with dephasing."""

_FIXED_PUMPS = (4800.0, 4750.0)
_WORDS = {"pump": ("tracking", "fixed"), "shifts": ("exact", "formula", "none"), "drive_frequency": ("dressed", "bare")}


@dataclass(frozen=True, kw_only=True)
class Transmon:
    """One pumped transmon with its auxiliary resonator, in the frame of the pump; all in MHz.

    Attributes
    ----------
    frequency : float
        Bare omega_q.
    anharmonicity : float
        alpha, signed.
    rabi, pump : float
        Omega_p and the pump's frequency omega_p.
    auxiliary, coupling, linewidth : float
        omega_a, g_j and kappa of the resonator.
    decay, dephasing : float
        gamma_0 and gamma_phi of (E2).
    levels : pair of int
        Of the transmon and of the resonator.
    """

    frequency: float
    anharmonicity: float
    rabi: float
    pump: float
    auxiliary: float
    coupling: float
    linewidth: float
    decay: float
    dephasing: float
    levels: tuple[int, int] = (3, 3)

    def lindblad(self) -> quantum.Lindblad:
        """Master equation (E2) of this transmon alone; subsystems transmon, resonator; rates in 1/us."""
        b = operators.embed(operators.destroy(self.levels[0]), 0, self.levels)
        a = operators.embed(operators.destroy(self.levels[1]), 1, self.levels)
        n = b.conj().T @ b
        h = (self.frequency - self.pump) * n + 0.5 * self.anharmonicity * (n @ n - n)
        h = h + (self.auxiliary - self.pump) * (a.conj().T @ a)
        h = h + self.coupling * (a @ b.conj().T + a.conj().T @ b) + self.rabi * (b.conj().T + b)
        rates = ((self.linewidth, a), (self.decay, b), (self.dephasing, n))
        jumps = [np.sqrt(ANGULAR * rate) * jump for rate, jump in rates if rate > 0.0]
        return quantum.Lindblad(ANGULAR * h, jumps, self.levels, ("transmon", "resonator"))

    def modes(self) -> SlowModes:
        """Slow modes, computed once for equal parameters."""
        return _modes(self)

    def qubit(self) -> EffectiveQubit:
        """The qubit that it is, rates in 1/us, frequency relative to the pump."""
        return _qubit(self)

    @property
    def shift(self) -> float:
        """Dressed minus bare frequency of the qubit, by the slow modes, in MHz."""
        return self.qubit().frequency / ANGULAR + self.pump - self.frequency

    @property
    def formula_shift(self) -> float:
        """The same by the paper's formulas: dispersive shift g^2/(omega_q - omega_a), and (E3) for the pump."""
        return self._dispersive_shift + self._pump_shift

    @property
    def _dispersive_shift(self) -> float:
        return self.coupling**2 / (self.frequency - self.auxiliary)

    @property
    def _pump_shift(self) -> float:
        """Shift of g-e in (E3): the pump on three levels, f decaying."""
        half, p = 0.5 * abs(self.anharmonicity), self.rabi
        decay = 4.0 * self.coupling**2 / self.linewidth
        h = np.array([[0, p, 0], [p, half, np.sqrt(2.0) * p], [0, np.sqrt(2.0) * p, -1j * decay]])
        values, vectors = np.linalg.eig(h)
        # with two-photon resonance g and f mix: each level is where it weighs most
        g, e = (values[np.argmax(abs(vectors[level]))].real for level in (0, 1))
        return float(e - g - half)


@lru_cache(maxsize=256)
def _modes(transmon: Transmon) -> SlowModes:
    return slow_modes(transmon.lindblad())


@lru_cache(maxsize=256)
def _qubit(transmon: Transmon) -> EffectiveQubit:
    # all modes: with parameters as printed, coherences with f are as slow as those of the qubit
    return effective_qubit(slow_modes(transmon.lindblad(), None))


@dataclass(frozen=True)
class Readout:
    """What is measured on the two transmons.

    Attributes
    ----------
    coherence : complex array, shape (2,)
        <S_A^+> and <S_B^+>, demodulated at the drive: the element (g, e) of each transmon's state.
    qubits : complex array, shape (4, 4)
        The state of both qubits, levels g and e of each, normalised; basis gg, ge, eg, ee.
    leakage : float
        Population outside of these levels.
    """

    coherence: np.ndarray
    qubits: np.ndarray
    leakage: float


@dataclass(frozen=True, kw_only=True)
class TransmonCircuit:
    r"""Two pumped transmons with an exchange, A driven; the equations and corrections are in the module's docstring.

    Frequencies and rates in MHz, divided by 2 pi. The defaults are Table I, corrected.

    Parameters
    ----------
    pump_a, pump_b : float
        Two-photon pumps Omega_pj.
    exchange : float
        g_AB between the transmons.
    drive : float
        epsilon on transmon A.
    dephasing : float
        gamma_phi of (E2) of both transmons.
    frequency : float
        Where both dressed qubits stand.
    anharmonicity_a, anharmonicity_b : float
        alpha_j, signed.
    auxiliary_a, auxiliary_b : float
        omega_aj.
    auxiliary_coupling_a, auxiliary_coupling_b : float
        g_j.
    linewidth, decay : float
        kappa_j and gamma_0,j.
    pump : {"tracking", "fixed"}
        Pump frequencies: omega_qj - \|alpha_j\|/2, or those of Table I.
    shifts : {"exact", "formula", "none"}
        How the bare frequencies are chosen: so that the qubits dressed by pump and resonator stand at `frequency`, by the
        slow modes; the same by (E3); or at `frequency` themselves.
    drive_frequency : {"dressed", "bare"}
        Whether the drive stands at the dressed qubit A (its slow modes') or at the bare omega_qA of (E1).
    dephasing_factor : float
        gamma_phi of the qubit model (C1) per gamma_phi of (E2).
    transmon_levels, resonator_levels : int
        Levels kept.

    Raises
    ------
    ValueError
        For a negative rate, no linewidth, a word or a number of levels that is not allowed.
    """

    pump_a: float
    pump_b: float
    exchange: float = 0.0
    drive: float = 0.02
    dephasing: float = 0.0
    frequency: float = 5000.0
    anharmonicity_a: float = -400.0
    anharmonicity_b: float = -500.0
    auxiliary_a: float = 4600.0
    auxiliary_b: float = 4500.0
    auxiliary_coupling_a: float = 8.0
    auxiliary_coupling_b: float = 4.0
    linewidth: float = 60.0
    decay: float = 0.053
    pump: str = "tracking"
    shifts: str = "exact"
    drive_frequency: str = "dressed"
    dephasing_factor: float = 0.5
    transmon_levels: int = 3
    resonator_levels: int = 3

    name: ClassVar[str] = "vaidya2024_circuit.TransmonCircuit"
    AXES: ClassVar[dict[str, dict[str, str]]] = {
        "pump_a": {"long_name": "two-photon pump of transmon A", "units": "MHz"},
        "pump_b": {"long_name": "two-photon pump of transmon B", "units": "MHz"},
        "exchange": {"long_name": "exchange g_AB", "units": "MHz"},
        "drive": {"long_name": "drive strength epsilon", "units": "MHz"},
        "dephasing": {"long_name": "dephasing rate gamma_phi", "units": "MHz"},
        "transmon_levels": {"long_name": "levels of a transmon", "units": "1"},
        "resonator_levels": {"long_name": "levels of a resonator", "units": "1"},
    }

    def __post_init__(self) -> None:
        for name in ("dephasing", "decay", "dephasing_factor"):
            if checks.finite(name, getattr(self, name)) < 0.0:
                raise ValueError(f"Argument `{name}` must be non-negative, but is {getattr(self, name)}.")
        for name in ("linewidth", "frequency"):
            if not checks.finite(name, getattr(self, name)) > 0.0:
                raise ValueError(f"Argument `{name}` must be positive, but is {getattr(self, name)}.")
        for name, words in _WORDS.items():
            checks.known(name, getattr(self, name), words)
        for name, least in (("transmon_levels", 3), ("resonator_levels", 2)):
            object.__setattr__(self, name, checks.at_least(name, getattr(self, name), least))
        for field in fields(self):
            if field.type == "float":
                object.__setattr__(self, field.name, checks.finite(field.name, getattr(self, field.name)))

    # --- ways to get there ---

    @classmethod
    def figure(cls, panel: str, **changes: Any) -> Self:
        """The circuit of a panel of Figs. 10 and 11 with Table II: "10a", "10b" (11(a) is the same) or "11b"."""
        return cls(**{**FIGURES[checks.known("panel", panel, FIGURES)], **changes})

    def parameters(self) -> dict[str, Any]:
        """All parameters in the types of JSON."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Self:
        """Make the circuit from what `parameters` returned; all but the pumps may be left out."""
        checks.no_other_keys(cls.name, parameters, [field.name for field in fields(cls)])
        for name in ("pump_a", "pump_b"):
            if name not in parameters:
                raise ValueError(f"System {cls.name!r} must be given `{name}`, but is not.")
        return cls(**parameters)

    def vary(self, **changes: Any) -> Self:
        """Return a copy with some parameters changed."""
        checks.no_other_keys(self.name, changes, [field.name for field in fields(self)])
        return replace(self, **changes)

    # --- its parts ---

    @property
    def transmons(self) -> tuple[Transmon, Transmon]:
        """The single transmons A and B."""
        return _tuned(self._plain("a"), self.frequency, self.shifts, self._pump("a")), _tuned(
            self._plain("b"), self.frequency, self.shifts, self._pump("b")
        )

    def _pump(self, site: str) -> float | None:
        return None if self.pump == "tracking" else _FIXED_PUMPS["ab".index(site)]

    def _plain(self, site: str) -> Transmon:
        return Transmon(
            frequency=self.frequency, anharmonicity=getattr(self, f"anharmonicity_{site}"),
            rabi=getattr(self, f"pump_{site}"), pump=_FIXED_PUMPS["ab".index(site)],
            auxiliary=getattr(self, f"auxiliary_{site}"), coupling=getattr(self, f"auxiliary_coupling_{site}"),
            linewidth=self.linewidth, decay=self.decay, dephasing=self.dephasing,
            levels=(self.transmon_levels, self.resonator_levels),
        )  # fmt: skip

    @property
    def drive_at(self) -> float:
        """omega_d in MHz."""
        a = self.transmons[0]
        return a.frequency + (a.shift if self.drive_frequency == "dressed" else 0.0)

    def kicks(self) -> list[Kick]:
        """Drive and exchange of (E1) in the frames of the pumps, in 1/us; sites 0 and 2 are the transmons."""
        a, b = self.transmons
        lower = operators.destroy(self.transmon_levels).toarray()
        return [
            Kick(lower, (0,), -ANGULAR * (a.pump - self.drive_at), ANGULAR * self.drive),
            Kick(np.kron(lower.T, lower), (0, 2), ANGULAR * (a.pump - b.pump), ANGULAR * self.exchange),
        ]

    def effective_qubits(self) -> tuple[EffectiveQubit, EffectiveQubit]:
        """The qubits A and B without exchange and drive; rates in MHz, frequencies in MHz as they stand in the laboratory."""
        return tuple(  # type: ignore[return-value]
            EffectiveQubit(q.gain / ANGULAR, q.loss / ANGULAR, q.decoherence / ANGULAR, q.frequency / ANGULAR + t.pump)
            for t, q in ((t, t.qubit()) for t in self.transmons)
        )

    def two_spins(self) -> TwoSpins:
        """The qubit model that the circuit realises, lines of Figs. 10 and 11; rates in MHz instead of Gamma.

        Gains and losses are those without dephasing, as the paper has them; the drive is resonant with both qubits.
        """
        a, b = replace(self, dephasing=0.0).effective_qubits()
        return TwoSpins(
            w_a=a.gain, gamma_a=a.loss, w_b=b.gain, gamma_b=b.loss, exchange=2.0 * self.exchange, drive=2.0 * self.drive,
            dephasing=self.dephasing_factor * self.dephasing,
        )  # fmt: skip

    # --- its states ---

    def secular(self) -> SecularState:
        """Steady state of the secular model, 16 equations."""
        return secular_state([transmon.modes() for transmon in self.transmons], self.kicks())

    def propagator(self, dt: float = 1e-3) -> SplitPropagator:
        """Split propagator of all 81 states (three levels each); dt in microseconds.

        At 1 ns |<S+>| is within 7e-6 of .5 ns; frequencies differ by up to 500 MHz, so that dt must stay below 2 ns.
        """
        return SplitPropagator([transmon.lindblad() for transmon in self.transmons], self.kicks(), dt)

    def demodulated(self, *, dt: float = 1e-3, settle: float = 12.0, average: float = 1.0) -> np.ndarray:
        """Density matrix in the frame of the drive after `settle` microseconds, averaged over `average`, shape (D, D).

        It starts from the secular state, which is a few percent off. At 25 to 100 kHz of Figs. 10(a) and (b)
        |<S+>| after 12 us is within 5e-6 of that after 30 us.

        Raises
        ------
        ValueError
            If a duration is not positive or holds no step.
        """
        for name, value in (("dt", dt), ("settle", settle), ("average", average)):
            if not checks.finite(name, value) > 0.0:
                raise ValueError(f"Argument `{name}` must be positive, but is {value}.")
        steps, window = round(settle / dt), round(average / dt)
        if steps < 1 or window < 1:
            raise ValueError(f"Argument `dt` must be at most `settle` and `average`, but is {dt}.")
        propagator = self.propagator(dt)
        settled = propagator.advance(self.secular().density(), 0.0, steps)
        return propagator.average(settled, steps * dt, window).mean

    def read(self, density: np.ndarray) -> Readout:
        """Read the qubits of a demodulated density matrix, shape (D, D)."""
        t, r = self.transmon_levels, self.resonator_levels
        both = np.einsum("arbscrds->abcd", np.asarray(density).reshape((t, r) * 4))
        qubits = both[:2, :2, :2, :2].reshape(4, 4)
        weight = np.trace(qubits).real
        coherence = np.array([np.einsum("abcb->ac", both)[0, 1], np.einsum("abad->bd", both)[0, 1]])
        return Readout(coherence, qubits / weight, float(np.trace(both.reshape(t * t, t * t)).real - weight))


def omega(driven: Readout, undriven: Readout) -> float:
    """Omega of Eq. (11) of what is read from the circuit with and without the drive."""
    return sync_entropy(driven.qubits, undriven.qubits, np.array([0, 1, 1, 2]))


@lru_cache(maxsize=256)
def _tuned(transmon: Transmon, target: float, shifts: str, pump: float | None) -> Transmon:
    """The transmon with the bare frequency at which it is wanted; pump None: half an anharmonicity below it."""

    def at(frequency: float) -> Transmon:
        follow = frequency - 0.5 * abs(transmon.anharmonicity) if pump is None else pump
        return replace(transmon, frequency=frequency, pump=follow)

    made = at(target)
    if shifts == "formula":
        return at(target - made.formula_shift)
    # the shift itself changes by g^2/alpha^2, 4e-4 of it, from step to step
    for _ in range(4 if shifts == "exact" else 0):
        made = at(target - made.shift)
    return made
