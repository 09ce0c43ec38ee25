"""Plan for Fig. 8: the local minimum of Omega over the exchange, for all baths, and how it comes and goes."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.vaidya2024.paper import EXTREMA, LIMIT, PAPER

CUT = 0.82
"""w_B of the cut, and the gains of A along it: a maximum alone, a minimum, shallower extrema, a monotonic decay."""
GAINS = [0.52, 0.46, 0.38, 0.25]


@named_plan("vaidya2024_fig8", summary="R_min over the gain rates, and curves along a cut", paper=PAPER)
def fig8(quick: bool) -> dict[str, Plan]:
    """``map``: R_min, NaN where there is no local minimum; ``curves``: Omega over the exchange at w_B = .82."""
    from compare.systems.vaidya2024 import TwoSpins

    pair = TwoSpins(w_a=0.46, w_b=CUT)
    rates = np.linspace(0.0, 1.0, 41 if quick else 201)
    exchange = np.linspace(0.0, 5.0, 51 if quick else 501)
    return {
        "map": make_plan(pair, {"w_b": rates, "w_a": rates}, {"closed": EXTREMA}),
        "curves": make_plan(pair, {"w_a": GAINS, "exchange": exchange}, {"closed": LIMIT}),
    }
