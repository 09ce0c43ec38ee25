"""Plan for Fig. 4: for which baths there is a zero crossing, and at which exchange."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.vaidya2024.paper import CROSSINGS, PAPER


@named_plan("vaidya2024_fig4", summary="zero crossings over the gain rates of both qubits", paper=PAPER)
def fig4(quick: bool) -> dict[str, Plan]:
    """One map of g_{0,A} and g_{0,B}, NaN where there is none."""
    from compare.systems.vaidya2024 import TwoSpins

    rates = np.linspace(0.0, 1.0, 41 if quick else 201)
    return {"": make_plan(TwoSpins(w_a=0.4, w_b=0.75), {"w_b": rates, "w_a": rates}, {"closed": CROSSINGS})}
