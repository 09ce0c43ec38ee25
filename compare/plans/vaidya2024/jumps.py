"""Plan for the quantum jumps of the driven oscillator: phases of single trajectories, their slips, and the averages."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.vaidya2024.paper import JUMPS, PAPER, STEADY

DRIVE = 0.3


@named_plan("vaidya2024_jumps", summary="single trajectories slip by pi; zero crossings are their balance", paper=PAPER)
def jumps(quick: bool) -> dict[str, Plan]:
    """``averages`` over the exchange against the steady state; ``tracks``: a few trajectories before, at and after g_{0,A}."""
    from compare.methods.spin_response import crossings
    from compare.systems.vaidya2024 import TwoSpins

    pair = TwoSpins(w_a=0.4, w_b=0.75, drive=DRIVE)
    middle = crossings(pair, "steadystate", smallest=0.7, largest=1.5, points=6)[0]
    many = (
        {"trajectories": 64, "duration": 100.0, "followed": 16} if quick else {"trajectories": 512, "duration": 400.0}
    )
    fine, few = (31, 6) if quick else (161, 21)
    tracks = {"trajectories": 16, "followed": 16, "duration": 110.0, "tracks": 16, "track_until": 110.0, "burn_in": 0.0}
    return {
        "averages": make_plan(
            pair, {"exchange": np.linspace(0.0, 4.0, fine)}, {"steadystate": STEADY},
            parts=[{"axes": {"exchange": np.linspace(0.0, 4.0, few)}, "methods": {"jumps": {**JUMPS, **many}}}],
        ),
        "tracks": make_plan(pair, {"exchange": [0.4, middle, 2.0]}, {"jumps": {**JUMPS, **tracks}}),
    }  # fmt: skip
