"""Plan for Fig. 6: energies of two identical oscillators without and with anharmonicity."""

from __future__ import annotations

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.lorch2017.paper import PAPER


@named_plan("lorch2017_fig6", summary="energies of a pair: which exchanges of a quantum are resonant", paper=PAPER)
def fig6(quick: bool) -> dict[str, Plan]:
    """Energies in units of gamma for K = 0 and K = 10; quick or not, there is little to compute."""
    from compare.systems.lorch2017 import KerrOscillators

    # a natural frequency of 20 K keeps the states of different total number apart
    pair = KerrOscillators(omega=[200.0, 200.0], kerr=10.0, coupling=[[0, 0], [0, 0]], n_plus=2, sigma=0.2)
    return {
        "": make_plan(
            pair, {"kerr": [0.0, 10.0]}, {"energies": {"method": "compare.methods.ladders:ENERGIES", "levels": 5}}
        )
    }
