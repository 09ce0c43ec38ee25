"""Plan for Sec. III C: zero crossings and Omega with dephasing and at stronger drives; the paper tells of it in words."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.vaidya2024.paper import CROSSINGS, DRIVEN, PAPER


@named_plan("vaidya2024_robustness", summary="zero crossings and Omega with dephasing and strong drives", paper=PAPER)
def robustness(quick: bool) -> dict[str, Plan]:
    """``dephasing``, ``drive``: crossings of Fig. 3's baths; ``omega``: curves of Fig. 6's inverted baths."""
    from compare.systems.vaidya2024 import TwoSpins

    pair = TwoSpins(w_a=0.4, w_b=0.75, drive=0.01)
    exact = {**CROSSINGS, "by": "steadystate", "largest": 8.0, "points": 40 if quick else 120}
    drives = np.round(np.geomspace(0.01, 2.0, 6 if quick else 25), 9)
    return {
        "dephasing": make_plan(pair, {"dephasing": np.linspace(0.0, 1.0, 11 if quick else 51)}, {"closed": CROSSINGS}),
        "drive": make_plan(pair, {"drive": drives}, {"steadystate": exact}),
        "omega": make_plan(
            TwoSpins(w_a=0.46, w_b=0.82, drive=0.01),
            {
                "case": {
                    "weak drive": {},
                    "drive 0.3": {"drive": 0.3},
                    "drive 1": {"drive": 1.0},
                    "dephasing 0.2": {"dephasing": 0.2},
                },
                "exchange": np.linspace(0.0, 6.0, 31 if quick else 151),
            },
            {"steadystate": DRIVEN},
        ),
    }
