"""Plan for Fig. 6: Omega against the exchange, enhanced and suppressed, and the coherences between dressed states."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.vaidya2024.paper import LIMIT, PAPER, TWO_BATHS


@named_plan("vaidya2024_fig6", summary="the exchange enhances or suppresses synchronization", paper=PAPER)
def fig6(quick: bool) -> dict[str, Plan]:
    """R and the dressed coherences over the exchange for two choices of baths."""
    from compare.systems.vaidya2024 import TwoSpins

    exchange = np.linspace(0.0, 6.0, 61 if quick else 601)
    return {"": make_plan(TwoSpins(w_a=0.46, w_b=0.82), {"baths": TWO_BATHS, "exchange": exchange}, {"closed": LIMIT})}
