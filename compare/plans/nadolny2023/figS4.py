"""Plan for Fig. S4: the lifetime of the coherence of finitely many oscillators."""

from __future__ import annotations

from typing import Any

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.nadolny2023.paper import DECAY, PAPER

COUPLINGS = [0.75, 1.0, 1.25, 1.5]
"""V in units of gamma_-."""

SIZES = [2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 2500, 3000]


@named_plan(
    "nadolny2023_figS4", summary="finite groups: lifetime of the coherence against N, by cumulants", paper=PAPER
)
def figS4(quick: bool) -> dict[str, Plan]:
    """``courses`` for the left panel, ``lifetimes`` for the right one, ``uncoupled`` for both.

    The text does not give the initial state, gamma_+ and K. Here gamma_+ = gamma_-/2, K = 0, and every oscillator starts in the
    mean-field state at its V: of the states tried, 1/3 + c (|1><2| + h.c.) and spin-coherent ones among them, only this one
    gives a lifetime that grows with N. At V = .75 T(500) is then 31/gamma_-, four times that without coupling, as the text
    says; that is the V of the left panel.
    """
    from compare.systems.nadolny2023 import SpinGroups

    group = SpinGroups(groups=1, size=100, gamma_plus=0.5, coupling=COUPLINGS[0])
    sizes = [2, 5, 20, 100, 500] if quick else SIZES
    shown = [100, 500] if quick else [100, 500, 1000, 2000]
    few = {"duration": 60.0, "samples": 600}
    uncoupled = {"method": DECAY, "engine": "uncoupled", **few}
    return {
        "courses": make_plan(group, {"size": shown}, {"cumulants": {"method": DECAY, **few}}),
        "lifetimes": make_plan(
            group, {"coupling": COUPLINGS, "size": sizes}, {"cumulants": {"method": DECAY, **_long(quick)}}
        ),
        "uncoupled": make_plan(group, {"coupling": COUPLINGS}, {"uncoupled": uncoupled}),
    }


def _long(quick: bool) -> dict[str, Any]:
    # T(3000) = 141/gamma_-
    return {"duration": 60.0, "samples": 600} if quick else {"duration": 160.0, "samples": 1600}
