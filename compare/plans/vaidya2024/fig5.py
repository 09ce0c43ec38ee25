"""Plan for Fig. 5: a detuned drive removes the zero crossing of A, a detuning of B restores it."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.vaidya2024.paper import PAPER, RESPONSE, RESTORED, STEADY

DETUNING = 0.5
"""Delta_d of panels (a) and (b); the paper's text has none."""


@named_plan("vaidya2024_fig5", summary="a detuned drive: the zero crossing removed and restored", paper=PAPER)
def fig5(quick: bool) -> dict[str, Plan]:
    """``curves`` and ``azimuths`` with B resonant with A and detuned from it; ``restored``: Delta_q and g over Delta_d."""
    from compare.systems.vaidya2024 import TwoSpins
    from compare.systems.vaidya2024_linear_response import restored_crossing

    pair = TwoSpins(w_a=0.25, w_b=0.75, drive=0.01, drive_detuning=DETUNING)
    detuning, crossing = restored_crossing(pair)
    cases = {"resonant": {"spin_detuning": 0.0}, "detuned": {"spin_detuning": detuning}}
    fine, few = np.linspace(0.0, 5.0, 51 if quick else 401), np.linspace(0.0, 5.0, 11 if quick else 41)
    return {
        "curves": make_plan(
            pair, {"case": cases, "exchange": fine}, {"closed": RESPONSE},
            parts=[{"axes": {"case": cases, "exchange": few}, "methods": {"steadystate": STEADY}}],
        ),
        "azimuths": make_plan(
            pair, {"case": cases, "exchange": [crossing - 0.8, crossing, crossing + 1.2]}, {"closed": RESPONSE}
        ),
        "restored": make_plan(
            pair, {"drive_detuning": np.linspace(-2.0, 2.0, 17 if quick else 81)}, {"closed": RESTORED}
        ),
    }  # fmt: skip
