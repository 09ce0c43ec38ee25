"""Plan for Fig. S1: the relative phase of two oscillators, the microscopic side of Fig. 4."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.nadolny2023.paper import (
    PAIR_FIRST_ORDER,
    PAPER,
    PHASE_DISTRIBUTION,
    PICTURE,
    fig4_long_time,
)

REACH = 15.0
"""Range of delta and K: the marked points of the paper lie at up to 12 gamma_-."""

COUPLING = 0.1
"""V_AB in units of gamma_-. The paper does not state it; at this one its threshold of 5e-3 on s reproduces the region of full
synchronization of Fig. 4 best."""

MARKED = {
    "A": (-10.0, 10.0), "B": (0.0, 10.0), "C": (10.0, 10.0), "D": (-12.0, 0.0), "E": (12.0, 0.0), "F": (-12.0, -12.0),
    "G": (0.0, -12.0), "H": (12.0, -12.0),
}  # fmt: skip
"""(delta, K) of the eight distributions; the text gives those at (-10, 10) and (-12, -12)."""


@named_plan(
    "nadolny2023_figS1", summary="two oscillators: relative phase, resonances, microscopic blockade", paper=PAPER
)
def figS1(quick: bool) -> dict[str, Plan]:
    """``groups``: the class of the infinite groups, as in Fig. 4; ``marked`` and ``pair``: two oscillators.

    ``marked`` holds s(phi_AB) at eight points, to first order as in the paper, and exactly; ``pair`` the largest s and its
    phase over the plane, to first order.
    """
    from compare.systems.nadolny2023 import SpinGroups

    groups = SpinGroups(gamma_plus=0.5, coupling=1.0, intergroup_coupling=1.0)
    pair = groups.vary(size=1, intergroup_coupling=COUPLING)
    coarse, fine = (25, 61) if quick else (121, PICTURE)
    points = {name: {"detuning": delta, "asymmetry": k} for name, (delta, k) in MARKED.items()}
    settings = fig4_long_time()
    if quick:
        settings |= {"duration": 250.0, "samples": 5000, "average": 500}

    def plane(side: int) -> dict[str, np.ndarray]:
        return {"asymmetry": np.linspace(-REACH, REACH, side), "detuning": np.linspace(-REACH, REACH, side)}

    return {
        "groups": make_plan(groups, plane(coarse), {"mean_field": settings}),
        "marked": make_plan(
            pair,
            {"point": points},
            {
                "first_order": {"method": PHASE_DISTRIBUTION, "order": "first"},
                "steadystate": {"method": PHASE_DISTRIBUTION},
            },
        ),
        "pair": make_plan(pair, plane(fine), {"first_order": {"method": PAIR_FIRST_ORDER}}),
    }
