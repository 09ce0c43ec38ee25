"""Plan for Fig. 2: a pair against its detuning."""

from __future__ import annotations

from typing import Any

import numpy as np

from compare.interfaces import System
from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.lorch2017.paper import PAPER

CLASSICAL_COUPLINGS = [0.1 / 6, 0.1 / 4, 0.3 / 8, 0.1 / 2]
QUANTUM_COUPLINGS = [0.05, 0.2, 0.35, 0.5]


@named_plan("lorch2017_fig2", summary="S/V against detuning: classical, truncated Wigner, quantum", paper=PAPER)
def fig2(quick: bool) -> dict[str, Plan]:
    """Panels (a), classical, and (b), quantum with the truncated-Wigner ensemble of the same parameters."""
    from compare.systems.lorch2017 import KerrOscillators

    classical = KerrOscillators.pair(detuning=0.0, coupling=0.05, kerr=2.0, n_plus=2, sigma=0.2, thermal_noise=0.1)
    quantum = KerrOscillators.pair(detuning=0.0, coupling=0.05, kerr=10.0, n_plus=2, sigma=0.2)
    return {"a": _fig2a(classical, quick), "b": _fig2b(quantum, quick)}


def _grid(reach: float, count: int, couplings: list[float]) -> dict[str, Any]:
    return {"detuning": np.linspace(-reach, reach, count), "coupling": couplings}


def _fig2a(pair: System, quick: bool) -> Plan:
    # standard errors of S/V below 3 % of the maximum; S is proportional to V, its error is not
    many = {"trajectories": 512 if quick else 2048, "duration": 100.0 if quick else 200.0}
    some = {**many, "trajectories": 256 if quick else 768}
    half = [0, 1, 2.5, 6] if quick else [0, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 5, 6]
    detunings = [-d for d in half[:0:-1]] + half
    weak, strong = CLASSICAL_COUPLINGS[:1], CLASSICAL_COUPLINGS[1:]
    return make_plan(
        pair,
        {"detuning": detunings, "coupling": CLASSICAL_COUPLINGS},
        {"fokker_planck": {"cells": 24} if quick else {}},
        parts=[
            {"axes": {"detuning": detunings, "coupling": weak}, "methods": {"langevin": many}},
            {"axes": {"detuning": detunings, "coupling": strong}, "methods": {"langevin": some}},
        ],
    )


def _fig2b(pair: System, quick: bool) -> Plan:
    fine, coarse, few = (31, 5, 7) if quick else (121, 25, 13)
    weak, strong = QUANTUM_COUPLINGS[:1], QUANTUM_COUPLINGS[-1:]
    # stays in high levels are rare and last 100/gamma: with half the time, standard errors are 15 % too small
    jumps = {"trajectories": 32 if quick else 64, "burn_in": 100.0, "duration": 600.0 if quick else 2100.0}
    # truncated Wigner: deterministic at the weakest coupling, where sampling S to 3 % would take an hour, and sampled at
    # the strongest; the cutoff |alpha|^2 <= 10 is that of ten Fock states. At dt = 0.001 the step bias is below 3 %
    smooth = {"method": "fokker_planck", "bound": 10.0, "wall": "reflecting", "cells": 32 if quick else 44}
    sampled = {"dt": 1e-3, "trajectories": 192 if quick else 2560, "duration": 20.0 if quick else 60.0}
    return make_plan(
        pair,
        _grid(30.0, fine, QUANTUM_COUPLINGS),
        ["steadystate"],
        parts=[
            {"axes": _grid(30.0, fine, weak), "methods": ["perturbation"]},
            {"axes": _grid(30.0, few, QUANTUM_COUPLINGS), "methods": {"jumps": jumps}},
            {
                "axes": _grid(30.0, coarse, weak),
                "methods": {
                    "fokker_planck_coherent": {**smooth, "face": "wigner_coherent"},
                    "fokker_planck_reset": {**smooth, "face": "wigner_reset"},
                },
            },
            {"axes": _grid(30.0, few, strong), "methods": {"wigner_coherent": sampled, "wigner_reset": sampled}},
        ],
    )
