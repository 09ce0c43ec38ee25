"""Plan for Fig. 3: coherences of both qubits against the exchange, and their azimuths about the zero crossings."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.vaidya2024.paper import CROSSINGS, PAPER, RESPONSE, STEADY


@named_plan("vaidya2024_fig3", summary="the coherence of either qubit vanishes at an exchange of its own", paper=PAPER)
def fig3(quick: bool) -> dict[str, Plan]:
    """``curves``: closed form (lines) and steady states at epsilon = .01 (markers); ``crossings``; ``azimuths``: delta P."""
    from compare.systems.vaidya2024 import TwoSpins
    from compare.systems.vaidya2024_linear_response import first_crossing

    pair = TwoSpins(w_a=0.4, w_b=0.75, drive=0.01)
    fine, few = np.linspace(0.0, 5.0, 51 if quick else 401), np.linspace(0.0, 5.0, 11 if quick else 41)
    before, after = 0.5, 2.0
    return {
        "curves": make_plan(
            pair, {"exchange": fine}, {"closed": RESPONSE},
            parts=[{"axes": {"exchange": few}, "methods": {"steadystate": STEADY}}],
        ),
        "crossings": make_plan(pair, None, {"closed": CROSSINGS}),
        "azimuths": make_plan(pair, {"exchange": [before, *first_crossing(pair), after]}, {"closed": RESPONSE}),
    }  # fmt: skip
