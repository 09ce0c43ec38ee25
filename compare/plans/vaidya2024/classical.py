r"""Plan for the classical counterparts: which zero crossings need the correlations of quantum spins.

All pictures of ``near`` and ``far`` have one drive, :math:`\epsilon = 0.3\,\Gamma`. ``near`` has the baths of Fig. 3, whose
crossings lie near :math:`\Gamma`, ``far`` those of Fig. 5, where they are farther out. ``number`` follows the crossings as
the number of spins per site grows, ``cycle`` is the undriven mean field, and the maps ``map1`` to ``map3`` show where A has
a crossing (below :math:`12\,\Gamma`) with one, two and three spins per site. They cover the quadrant w_A > 1/2 > w_B: the
crossings are invariant under :math:`w \to 1 - w`, and baths that are not inverted have none.

What comes out: mean field never has a crossing. Discrete Wigner, the noise of classical spins, has that of A at 1.03 instead
of .889 for the baths of Fig. 3, but only near 3.4 instead of 1.86 for those of Fig. 5. With N spins per site crossings move
out as :math:`\sqrt N`, since correlations of a pair go as 1/N; part of the baths loses its crossing at N = 2 (77 % of the
quadrant have one for N = 1, 41 % for N = 2 and 3).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.vaidya2024.paper import BLOCH, CROSSINGS, DISCRETE_WIGNER, MEAN_FIELD, PAPER, STEADY

DRIVE = 0.3
BATHS = {"near": {"w_a": 0.4, "w_b": 0.75}, "far": {"w_a": 0.25, "w_b": 0.75}}
NUMBERS = {
    "w_A = 0.4, w_B = 0.75": {"w_a": 0.4, "w_b": 0.75},
    "w_A = 0.46, w_B = 0.82": {"w_a": 0.46, "w_b": 0.82},
    "w_A = 0.45, w_B = 0.95": {"w_a": 0.45, "w_b": 0.95},
    "w_A = 0.25, w_B = 0.75": {"w_a": 0.25, "w_b": 0.75},
}


@named_plan("vaidya2024_classical", summary="mean field, discrete Wigner, N spins per site: the crossings", paper=PAPER)
def classical(quick: bool) -> dict[str, Plan]:
    """``near``, ``far``: responses in all pictures; ``number``, ``map1`` .. ``map3``: crossings; ``cycle``: mean field."""
    from compare.systems.vaidya2024 import TwoSpins

    pair = TwoSpins(w_a=0.4, w_b=0.75)
    by_root = {**CROSSINGS, "by": "response", "smallest": 0.1, "largest": 12.0, "points": 8 if quick else 14}
    panels = {name: _responses(pair.vary(**baths, drive=DRIVE), quick) for name, baths in BATHS.items()}
    panels["number"] = make_plan(
        pair, {"baths": NUMBERS, "spins_per_site": [1, 2] if quick else [1, 2, 3, 4, 5, 6, 8]}, {"response": by_root}
    )
    exchange, few = np.linspace(0.0, 8.0, 33 if quick else 161), np.linspace(0.0, 8.0, 5 if quick else 17)
    panels["cycle"] = make_plan(
        pair, {"baths": BATHS, "exchange": exchange}, {"bloch": BLOCH},
        parts=[{"axes": {"baths": BATHS, "exchange": few}, "methods": {"mean_field": MEAN_FIELD}}],
    )  # fmt: skip
    for number in (1, 2, 3):
        panels[f"map{number}"] = _map(pair, number, quick)
    return panels


def _responses(pair: Any, quick: bool) -> Plan:
    """Steady states of N = 1, 2, 3 spins per site, mean field, and discrete truncated Wigner over the exchange."""
    fine = np.linspace(0.0, 4.0, 17 if quick else 81)
    few = np.linspace(0.5, 4.0, 4) if quick else np.linspace(0.0, 4.0, 17)
    sampled = {"trajectories": 1024, "duration": 40.0} if quick else {"trajectories": 16384, "duration": 160.0}
    numbers = [1, 2] if quick else [1, 2, 3]
    return make_plan(
        pair,
        {"spins_per_site": numbers, "exchange": fine},
        {"steadystate": STEADY},
        parts=[
            {"axes": {"spins_per_site": [1], "exchange": fine}, "methods": {"mean_field": MEAN_FIELD}},
            {
                "axes": {"spins_per_site": [1], "exchange": few},
                "methods": {"discrete_wigner": {**DISCRETE_WIGNER, **sampled}},
            },
        ],
    )


def _map(pair: Any, number: int, quick: bool) -> Plan:
    """Crossings over the baths; in closed form for one spin per site, else by the root of the response."""
    count = {1: 21 if quick else 101, 2: 4 if quick else 19, 3: 3 if quick else 13}[number]
    high = 0.5 + 0.5 * (np.arange(count) + 0.5) / count
    root = {**CROSSINGS, "by": "response", "smallest": 0.05, "largest": 12.0, "points": 9 if quick else 14}
    asked = {"response": CROSSINGS if number == 1 else root}
    return make_plan(pair.vary(spins_per_site=number), {"w_b": 1.0 - high[::-1], "w_a": high}, asked)
