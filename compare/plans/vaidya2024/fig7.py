"""Plan for Fig. 7: the largest Omega over the exchange, for all baths and for a cold qubit B."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.vaidya2024.paper import EXTREMA, PAPER


@named_plan("vaidya2024_fig7", summary="R_max over the gain rates of both qubits", paper=PAPER)
def fig7(quick: bool) -> dict[str, Plan]:
    """``map``: R_max; ``cold``: Omega at its maximum over g and at g = 0, with w_B = 0."""
    from compare.systems.vaidya2024 import TwoSpins

    pair = TwoSpins(w_a=0.46, w_b=0.82)
    rates = np.linspace(0.0, 1.0, 41 if quick else 201)
    gains = np.round(np.linspace(0.0, 1.0, 51 if quick else 201), 9)
    return {
        "map": make_plan(pair, {"w_b": rates, "w_a": rates}, {"closed": EXTREMA}),
        "cold": make_plan(pair.vary(w_b=0.0), {"w_a": gains}, {"closed": EXTREMA}),
    }
