r"""Plan for Fig. 4: two identical oscillators A, B and a detuned one C; A-C and B-C have coupling V1, A-B has V2.

**Why both signs of V2.** A phase put on an oscillator, :math:`a_j \to a_j e^{i\theta_j}`, changes nothing but
:math:`C_{jk} \to C_{jk}e^{i(\theta_j - \theta_k)}`, and shifts the relative phases, over which S is a maximum. So S depends on
the moduli of the couplings and on the loop :math:`C_{AB}C_{BC}C_{CA} = V_1^2V_2` alone: the sign of V1 means nothing, that of
V2 does. Direct link and detour over C add up for one sign of V2 and cancel for the other. With Eqs. (1) and (4) as printed
and :math:`\Delta = 2K` the strip of suppressed S_AB lies at V2 < 0. The complex conjugate of the master equation has
:math:`(-\Delta, -K, -V_1, -V_2)` and the same S: with K of the other sign, and so :math:`\Delta = 2K < 0`, the strip is at
V2 > 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from compare.interfaces import System
from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.lorch2017.paper import (
    CLASSICAL_NOISE,
    LEVELS_NETWORK,
    PAPER,
    network_jumps,
    network_langevin,
    network_wigner,
)

DETOUR = ["coupling[0,2]", "coupling[1,2]"]
CUT_COUPLINGS = [0.25, 0.5, 1.0]


@named_plan("lorch2017_fig4", summary="three oscillators: synchronization through a detuned third", paper=PAPER)
def fig4(quick: bool) -> dict[str, Plan]:
    """Maps ``ab`` over the detuning of C and V1, and ``cd`` over V1 and V2 at a detuning of 2K, as those of Fig. 3."""
    from compare.systems.lorch2017 import KerrOscillators

    def three(direct: float, detuning: float) -> KerrOscillators:
        coupling = [[0.0, direct, 0.5], [direct, 0.0, 0.5], [0.5, 0.5, 0.0]]
        return KerrOscillators(omega=[0.0, 0.0, detuning], kerr=10.0, coupling=coupling, n_plus=1, sigma=0.2)

    indirect, triangle = three(0.0, 0.0), three(0.5, 20.0)
    axes = _axes(quick)
    return {
        **_map("ab", indirect, axes["ab"], quick),
        **_map("cd", triangle, axes["cd"], quick),
        "cutoff": _cutoff(indirect, quick),
    }


def _axes(quick: bool) -> dict[str, dict[str, dict[str, Any]]]:
    couplings = CUT_COUPLINGS[1:2] if quick else CUT_COUPLINGS
    directs = [-0.5, 0.5] if quick else [-1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0]

    def detunings(count: int) -> dict[str, Any]:
        return {"omega[2]": np.linspace(-30.0, 30.0, count)}

    def strengths(count: int) -> dict[str, Any]:
        return {"coupling": np.linspace(0.0, 1.0, count)}

    def detour(values: Any) -> dict[str, Any]:
        return dict.fromkeys(DETOUR, values)

    def direct(count: int) -> dict[str, Any]:
        return {"coupling[0,1]": np.linspace(-1.0, 1.0, count)}

    return {
        "ab": {
            "exact": {**strengths(9 if quick else 61), **detunings(33 if quick else 241)},
            "coarse": {**strengths(3 if quick else 6), **detunings(5 if quick else 13)},
            "cuts": {"coupling": couplings, "omega[2]": [-20, 10] if quick else [-20, -10, 0, 10, 20]},
        },
        "cd": {
            "exact": {**detour(np.linspace(0.0, 1.0, 9 if quick else 81)), **direct(17 if quick else 161)},
            "coarse": {**detour(np.linspace(0.0, 1.0, 3 if quick else 6)), **direct(5 if quick else 13)},
            "cuts": {**detour(couplings), "coupling[0,1]": directs},
        },
    }


def _map(name: str, network: System, axes: dict[str, dict[str, Any]], quick: bool) -> dict[str, Plan]:
    exact = {"steadystate": {"levels": LEVELS_NETWORK}}
    classical = network.vary(thermal_noise=CLASSICAL_NOISE)
    zipped = DETOUR if name == "cd" else None
    return {
        name: make_plan(network, axes["exact"], exact, zipped=zipped),
        f"{name}_wigner": make_plan(network, axes["coarse"], {"wigner": network_wigner(quick)}, zipped=zipped),
        f"{name}_classical": make_plan(classical, axes["coarse"], {"langevin": network_langevin(quick)}, zipped=zipped),
        f"{name}_cuts": make_plan(network, axes["cuts"], {**exact, "jumps": network_jumps(quick)}, zipped=zipped),
    }


def _cutoff(network: System, quick: bool) -> Plan:
    axes = {"coupling": [0.5] if quick else CUT_COUPLINGS, "omega[2]": [0, 20] if quick else [-20, -10, 0, 10, 20]}
    levels = (4, 6) if quick else (4, 5, 6, 8)
    return make_plan(network, axes, {f"{n} levels": {"method": "steadystate", "levels": n} for n in levels})
