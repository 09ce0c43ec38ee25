"""Plan for Fig. 14: spherical tensors of a qutrit against the exchange, each with zero crossings of its own."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.vaidya2024.paper import PAPER, TENSORS


@named_plan("vaidya2024_fig14", summary="two qutrits: each multipole vanishes at an exchange of its own", paper=PAPER)
def fig14(quick: bool) -> dict[str, Plan]:
    """T11, T21 and T22 of both qutrits to leading order in the drive."""
    from compare.systems.vaidya2024 import TwoSpins

    pair = TwoSpins(w_a=0.25, w_b=0.75, spin=1.0)
    return {"": make_plan(pair, {"exchange": np.linspace(0.0, 4.0, 41 if quick else 401)}, {"perturbation": TENSORS})}
