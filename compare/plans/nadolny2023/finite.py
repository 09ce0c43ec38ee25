"""Plan for what finitely many oscillators do: exact states for small N beside the mean field of infinitely many."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.nadolny2023.paper import DECAY, DISCRETE_WIGNER, JUMPS, LONG_TIME, PAPER, SEEDS, STEADY

COUPLING_RATIO = 0.6
"""V / (gamma_+ + gamma_-) of the single group, near the largest order parameter of Fig. 2(b)."""

ASYMMETRY = 10.0
"""K of the two groups."""


@named_plan(
    "nadolny2023_finite", summary="exact states for small N against mean field, and both blockades", paper=PAPER
)
def finite(quick: bool) -> dict[str, Plan]:
    """``single``: coherence of two members against N; ``decay``: lifetimes; ``groups``: two groups against the detuning.

    ``single`` has three cases: gamma_+ = gamma_-/2 and K = 0, the interference blockade gamma_+ = gamma_- and K = 0, and what
    lifts it, K = -(gamma_+ + gamma_-)/10. ``groups`` has K = 10 gamma_- and V_AB = V = gamma_-.
    """
    from compare.systems.nadolny2023 import SpinGroups

    group = SpinGroups(groups=1, size=2, gamma_plus=0.5).vary(coupling_ratio=COUPLING_RATIO)
    cases = {
        "unequal rates": {"rate_ratio": 0.5, "coupling_ratio": COUPLING_RATIO},
        "blocked": {"rate_ratio": 1.0, "coupling_ratio": COUPLING_RATIO},
        "lifted": {"rate_ratio": 1.0, "coupling_ratio": COUPLING_RATIO, "asymmetry_ratio": -0.1},
    }
    exact = [2, 3, 4, 5, 6, 8] if quick else [2, 3, 4, 5, 6, 7, 8, 9, 10, 12]
    sampled = [3, 10, 30] if quick else [2, 3, 5, 10, 20, 50, 100, 200, 400]
    runs = (
        {"trajectories": 128, "duration": 60.0, "burn_in": 20.0} if quick else {"trajectories": 512, "duration": 150.0}
    )
    jumps = {"method": JUMPS, "sampling": "integral", "trajectories": 64, "duration": 200.0 if quick else 2000.0}
    wave = {"method": LONG_TIME, "duration": 500.0, "samples": 1000, "average": 100, "seeds": [0.1]}
    return {
        "single": make_plan(
            group,
            {"case": cases, "size": exact},
            {"steadystate": {"method": STEADY}},
            parts=[
                {"axes": {"case": cases, "size": [2, 3]}, "methods": {"jumps": jumps}},
                {
                    "axes": {"case": cases, "size": sampled},
                    "methods": {"discrete_wigner": {"method": DISCRETE_WIGNER, "burn_in": 40.0, **runs}},
                },
            ],
        ),
        "infinite": make_plan(group.vary(size=None), {"case": cases}, {"mean_field": wave}),
        "decay": make_plan(
            group.vary(coupling=0.75),
            {"size": [2, 3, 4, 5, 6, 8] if quick else [2, 3, 4, 5, 6, 7, 8, 9]},
            {
                "permutation": {"method": DECAY, "engine": "permutation", "duration": 20.0, "samples": 400},
                "cumulants": {"method": DECAY, "duration": 20.0, "samples": 400},
            },
        ),
        **_two_groups(quick),
    }


def _two_groups(quick: bool) -> dict[str, Plan]:
    from compare.systems.nadolny2023 import SpinGroups

    pair = SpinGroups(size=1, gamma_plus=0.5, coupling=1.0, intergroup_coupling=1.0, asymmetry=ASYMMETRY)
    reach = 24.0
    fine = np.linspace(-reach, reach, 33 if quick else 161)
    coarse = np.linspace(-reach, reach, 5 if quick else 33)
    few = [-13.0, 0.0] if quick else [-20.0, -16.0, -13.0, -10.0, -5.0, 0.0]
    jumps = {"method": JUMPS, "sampling": "integral", "trajectories": 64, "duration": 200.0 if quick else 1000.0}
    return {
        "groups": make_plan(
            pair,
            {"size": [1, 2], "detuning": fine},
            {"steadystate": {"method": STEADY}},
            parts=[
                {
                    "axes": {"size": [3], "detuning": coarse},
                    "methods": {"steadystate": {"method": STEADY, "space": "product"}},
                },
                {"axes": {"size": [1, 2] if quick else [1, 2, 3], "detuning": few}, "methods": {"jumps": jumps}},
            ],
        ),
        "groups_infinite": make_plan(
            pair.vary(size=None),
            {"detuning": np.linspace(-reach, reach, 65 if quick else 321)},
            {"mean_field": {"method": LONG_TIME, "seeds": SEEDS, "samples": 5000, "average": 500}},
        ),
    }
