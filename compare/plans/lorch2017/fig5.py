"""Plan for Fig. 5: a ring A-B-D-C-A of four oscillators, A and D detuned by Delta from B and C."""

from __future__ import annotations

from typing import Any

import numpy as np

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

RING = ((0, 1), (1, 3), (3, 2), (2, 0))
DETUNED = ["omega[0]", "omega[3]"]


@named_plan("lorch2017_fig5", summary="ring of four: blocked pairs synchronize through detuned ones", paper=PAPER)
def fig5(quick: bool) -> dict[str, Plan]:
    """The map ``ring`` over detuning and coupling, its semiclassical counterparts, cuts with jumps, and the cutoff."""
    from compare.systems.lorch2017 import KerrOscillators

    coupling = np.zeros((4, 4))
    for j, k in RING:
        coupling[j, k] = coupling[k, j] = 0.5
    ring = KerrOscillators(omega=np.zeros(4), kerr=10.0, coupling=coupling, n_plus=1, sigma=0.2)
    exact = {"steadystate": {"levels": 3 if quick else LEVELS_NETWORK}}
    jumps = {**network_jumps(quick), **exact["steadystate"]}
    couplings = [0.5] if quick else [0.25, 0.5, 1.0]
    cuts = _axes(couplings, [-20.0, 10.0] if quick else [-20.0, -10.0, 0.0, 10.0, 20.0])
    coarse = _axes(np.linspace(0.0, 1.0, 3 if quick else 6), np.linspace(-30.0, 30.0, 5 if quick else 13))
    fine = _axes(np.linspace(0.0, 1.0, 5 if quick else 41), np.linspace(-30.0, 30.0, 25 if quick else 121))
    levels = (3, 4) if quick else (3, 4, 5)
    cutoff = {f"{n} levels": {"method": "steadystate", "levels": n} for n in levels}
    return {
        "ring": make_plan(ring, fine, exact, zipped=DETUNED),
        "ring_wigner": make_plan(ring, coarse, {"wigner": network_wigner(quick)}, zipped=DETUNED),
        "ring_classical": make_plan(
            ring.vary(thermal_noise=CLASSICAL_NOISE), coarse, {"langevin": network_langevin(quick)}, zipped=DETUNED
        ),
        "ring_cuts": make_plan(ring, cuts, {**exact, "jumps": jumps}, zipped=DETUNED),
        "cutoff": make_plan(ring, _axes([0.5], [0.0, 20.0]), cutoff, zipped=DETUNED),
    }


def _axes(couplings: Any, detunings: Any) -> dict[str, Any]:
    return {"coupling": couplings, **dict.fromkeys(DETUNED, detunings)}
