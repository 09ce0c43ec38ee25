"""Plan for Fig. 12: Omega with diagonal and with partially coherent limit-cycle states."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.vaidya2024.paper import DRIVEN, LIMIT, PAPER


@named_plan(
    "vaidya2024_fig12", summary="diagonal and partially coherent limit-cycle states give one Omega", paper=PAPER
)
def fig12(quick: bool) -> dict[str, Plan]:
    """Exact at epsilon = .1 and .03, and in the limit of a weak drive; the paper's drive is not in its text."""
    from compare.systems.vaidya2024 import TwoSpins

    pair = TwoSpins(w_a=0.55, w_b=0.09, drive=0.1)
    exchange = np.linspace(0.0, 5.0, 26 if quick else 101)
    return {
        "": make_plan(pair, {"drive": [0.03, 0.1], "exchange": exchange}, {"steadystate": DRIVEN, "closed": LIMIT}),
    }
