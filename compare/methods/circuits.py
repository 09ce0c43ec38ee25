"""Methods for the circuit of two transmons: all its states, its secular model, and the qubits that it stands for.

For `compare.systems.vaidya2024_circuit.TransmonCircuit`, after Sec. IV and Appendix E of Vaidya et al. 2024. Plans name the
methods by module and attribute: ``{"method": "compare.methods.circuits:SPLIT"}``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import quantum
from compare.methods.declare import FunctionMethod, Setting, flag, in_threads, positive
from compare.methods.spin_response import SITES
from compare.sync_entropy import sync_entropy
from compare.systems.vaidya2024 import TwoSpins
from compare.systems.vaidya2024_circuit import PAPER, TransmonCircuit, omega
from compare.variables import Variable, register_variable

for _name, _about in {
    "driven_entropy": Variable((), "Omega of the driven state of both qubits", "1", f"{PAPER}, Eq. (11)"),
    "leakage": Variable((), "population outside of the qubits' levels", "1", "method"),
    "qubit_gain": Variable(("site",), "gain w_j of the effective qubit", "MHz", f"{PAPER}, Appendix E"),
    "qubit_loss": Variable(("site",), "loss gamma_j of the effective qubit", "MHz", f"{PAPER}, Appendix E"),
    "qubit_decoherence": Variable(("site",), "decay rate of the qubit's coherence", "MHz", f"{PAPER}, Eq. (E2)"),
    "qubit_shift": Variable(("site",), "shift Delta_j of the qubit by pump and resonator", "MHz", f"{PAPER}, Table II"),
}.items():
    register_variable(_name, _about)


def _require(system: Any, method: str) -> TransmonCircuit:
    if not isinstance(system, TransmonCircuit):
        name = getattr(system, "name", system)
        raise ValueError(f"Method {method!r} needs a circuit of two transmons, but {name!r} is none.")
    return system


def _read(circuit: TransmonCircuit, state: Callable[[TransmonCircuit], np.ndarray], entropy: bool) -> dict[str, Any]:
    """Coherences and, with `entropy`, Omega, for which the undriven state is found as well."""
    driven = circuit.read(state(circuit))
    out = {"site": SITES, "spin_coherence": driven.coherence, "leakage": driven.leakage}
    if entropy:
        out["driven_entropy"] = omega(driven, circuit.read(state(circuit.vary(drive=0.0))))
    return out


def _split(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    times = {name: settings[name] for name in ("dt", "settle", "average")}
    return _read(_require(system, "split"), lambda circuit: circuit.demodulated(**times), settings["entropy"])


def _secular(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    return _read(_require(system, "secular"), lambda circuit: circuit.secular().mean(), settings["entropy"])


def _qubits(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    spins = _require(system, "qubits").two_spins()
    state = quantum.steady_state(spins.lindblad())
    plus = np.array([complex(state.expect(raise_)) for raise_ in spins.raising_operators()])
    out = {"site": SITES, "spin_coherence": plus, "residual": state.residual}
    if settings["entropy"]:
        out["driven_entropy"] = _entropy(spins, state)
    return out


def _entropy(spins: TwoSpins, state: quantum.Density) -> float:
    return sync_entropy(state.dense(), quantum.steady_state(spins.undriven().lindblad()).dense(), spins.excitation)


def _rates(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    circuit = _require(system, "rates")
    qubits = circuit.effective_qubits()
    return {
        "site": SITES,
        "qubit_gain": np.array([q.gain for q in qubits]),
        "qubit_loss": np.array([q.loss for q in qubits]),
        "qubit_decoherence": np.array([q.decoherence for q in qubits]),
        "qubit_shift": np.array([transmon.shift for transmon in circuit.transmons]),
    }


_HERE = "compare.methods.circuits"
_ENTROPY = {"entropy": Setting(False, flag)}

SPLIT = FunctionMethod(
    f"{_HERE}:SPLIT",
    "all states of the circuit by split propagation",
    {
        "dt": Setting(1e-3, positive),
        "settle": Setting(12.0, positive),
        "average": Setting(1.0, positive),
        **_ENTROPY,
    },
    _split,
    "Demodulated at the drive and averaged with a Hann window over `average` microseconds, `settle` microseconds after a "
    "start in the secular state; Omega of the normalised state of the levels g and e, with the undriven circuit for reference.",
    many=in_threads(_split),
)
SECULAR = FunctionMethod(
    f"{_HERE}:SECULAR",
    "16 slow elements of the circuit",
    _ENTROPY,
    _secular,
    "Products of the four slow modes of each transmon and the resonant part of exchange and drive.",
    many=in_threads(_secular),
)
QUBITS = FunctionMethod(
    f"{_HERE}:QUBITS",
    "qubit model with the circuit's rates",
    _ENTROPY,
    _qubits,
    "Steady state of Eq. (2) with gains and losses from the slow modes of the single transmons.",
    many=in_threads(_qubits),
)
RATES = FunctionMethod(f"{_HERE}:RATES", "effective rates and shifts of the single transmons", {}, _rates)
