"""Plan for Fig. 7: the minimal model, two oscillators of three levels, and why two levels are not enough."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.lorch2017.paper import PAPER

KERRS = [0.0, 15.0]


@named_plan("lorch2017_fig7", summary="minimal model: three levels show the blockade, two cannot", paper=PAPER)
def fig7(quick: bool) -> dict[str, Plan]:
    """``levels``: energies at resonance and at a detuning of 2K; ``sync``: S for 2, 3 and 10 levels, and jumps."""
    from compare.systems.lorch2017 import KerrOscillators

    pair = KerrOscillators.pair(detuning=0.0, coupling=0.8, kerr=15.0, n_plus=1, sigma=0.2)
    energies = {"energies": {"method": "compare.methods.ladders:ENERGIES", "levels": 3}}
    fine = np.linspace(-45.0, 45.0, 61 if quick else 361)
    few = [-30.0, 0.0, 15.0] if quick else [-45.0, -30.0, -28.0, -15.0, 0.0, 15.0, 28.0, 30.0, 45.0]
    jumps = {"levels": 3, "duration": 300.0 if quick else 1000.0, "burn_in": 50.0}
    exact = {f"{n} levels": {"method": "steadystate", "levels": n} for n in (3, 2, 10)}
    return {
        "levels": make_plan(
            pair.vary(omega=[60.0, 60.0]), {"case": {
                "harmonic": {"kerr": 0.0}, "anharmonic": {}, "detuned": {"omega": [90.0, 60.0]},
            }}, energies,
        ),
        "sync": make_plan(
            pair, {"kerr": KERRS, "detuning": fine}, exact,
            parts=[{"axes": {"kerr": KERRS, "detuning": few}, "methods": {"jumps": jumps}}],
        ),
    }  # fmt: skip
