"""Methods of spins with few members: distributions of the azimuthal phase of one, and of the relative phase of two.

``{"method": "compare.methods.spin_phases:DISTRIBUTION"}`` in plans.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import quantum
from compare.methods.declare import PHI, FunctionMethod, Setting, in_threads, require, word
from compare.variables import Variable, register_variable

_PAPER = "Nadolny and Bruder, Phys. Rev. Lett. 131, 190402 (2023)"

for _name, _about in {
    "spin_phase": Variable(
        ("phi",),
        "s(phi): density of the spins' (relative) phase minus 1/2 pi",
        "1/rad",
        f"{_PAPER}, Eqs. (S4) and (S8)",
    ),
    "spin_phase_peak": Variable((), "largest s(phi)", "1/rad", f"{_PAPER}, Fig. S1(b)"),
    "spin_phase_angle": Variable((), "phase at which s(phi) is largest", "rad", f"{_PAPER}, Fig. S1(c)"),
}.items():
    register_variable(_name, _about)


def _peak(phase: quantum.SpinPhase) -> dict[str, Any]:
    peak, angle = phase.peak()
    return {"spin_phase_peak": peak, "spin_phase_angle": angle}


def _distribution(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    """s(phi) of one driven spin, s(phi_A - phi_B) of two coupled ones."""
    require(system, "oscillators", "DISTRIBUTION")
    if system.oscillators > 2:
        raise ValueError(f"Method 'DISTRIBUTION' needs one or two oscillators, but there are {system.oscillators}.")
    state: quantum.Density
    if settings["order"] == "exact":
        state = quantum.steady_state(system.lindblad())
    else:
        free = system.uncoupled()
        state = quantum.first_order(free.lindblad(), system.hamiltonian() - free.hamiltonian())
    phase = quantum.spin_phase(state) if system.oscillators == 1 else quantum.relative_spin_phase(state)
    return {"phi": PHI, "spin_phase": phase.deviation(PHI), **_peak(phase)}


def _closed_form(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    require(system, "first_order_harmonic", "CLOSED_FORM")
    # s = Re(A e^{i phi}) is (1/pi) Re(c_1 e^{i phi})
    return _peak(quantum.SpinPhase(np.array([1.0, np.pi * system.first_order_harmonic])))


DISTRIBUTION = FunctionMethod(
    "compare.methods.spin_phases:DISTRIBUTION",
    "phase distribution s(phi) of a driven spin, or of the relative phase of a pair",
    {"order": Setting("exact", word("exact", "first"))},
    _distribution,
    "s(phi) of the Husimi function of the steady state, or (order: first) of its first-order change by drive and coupling.",
    many=in_threads(_distribution),
)

CLOSED_FORM = FunctionMethod(
    "compare.methods.spin_phases:CLOSED_FORM",
    "largest s(phi_A - phi_B) of a pair and where it is, to first order in V_AB, in closed form",
    {},
    _closed_form,
)
