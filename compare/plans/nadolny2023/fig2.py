"""Plan for Fig. 2: synchronization of a single group, and its interference blockade."""

from __future__ import annotations

import numpy as np

from compare.interfaces import System
from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.nadolny2023.paper import (
    COURSE,
    LONG_TIME,
    PAPER,
    PHASE_DISTRIBUTION,
    PICTURE,
    ROTATING_WAVE,
    STABILITY,
)

ASYMMETRIES = [-0.1, 0.0, 0.1]
"""K / (gamma_+ + gamma_-) of panels (c) and (d)."""


@named_plan("nadolny2023_fig2", summary="one group: transition to synchronization, interference blockade", paper=PAPER)
def fig2(quick: bool) -> dict[str, Plan]:
    """Panels ``a`` to ``d``; ``thresholds`` holds the critical couplings of (c).

    (a) V / (gamma_- + gamma_+) = 1/5 and 3/5: the text prints gamma_- - gamma_+ for the second, which would be V = .3, below
    the threshold. (b) 320 couplings, integrated for 5000/gamma_- as in the paper, and the rotating waves that Newton's method
    finds. (c) 255 x 255, integrated for 10000/gamma_-; at gamma_+ = 0, the lowest row, the population ends in |0> though V_c
    is 0. Order parameters are means of the modulus. (d) One oscillator driven with Omega = gamma_-/10, at gamma_+/gamma_- = 1
    and 1/2.
    """
    from compare.systems.nadolny2023 import SpinGroups

    group = SpinGroups(groups=1, gamma_plus=0.5, coupling=0.0)
    couplings = np.linspace(0.0, 1.0, 41 if quick else 320)
    integrated = {"method": LONG_TIME, "coherences": True, "seeds": [0.1], "dt": 0.05}
    times = {"duration": 500.0, "samples": 500} if quick else {"duration": 5000.0, "samples": 5000}
    return {
        "a": make_plan(
            group,
            {"coupling_ratio": [0.2, 0.6]},
            {"mean_field": {"method": COURSE, "seeds": [[0.1, 0.2]], "duration": 50.0, "samples": 1000}},
        ),
        "b": make_plan(
            group,
            {"coupling_ratio": couplings},
            {
                "mean_field": {**integrated, **times, "average": times["samples"] // 2},
                "rotating_wave": {"method": ROTATING_WAVE, "seeds": [0.1]},
            },
        ),
        "c": _map(group, quick),
        "thresholds": make_plan(
            group,
            {"asymmetry_ratio": ASYMMETRIES, "rate_ratio": np.linspace(0.02, 2.0, 100)},
            {"stability": {"method": STABILITY}},
        ),
        "d": make_plan(
            group.vary(size=1, drive=0.1),
            {"rate_ratio": [1.0, 0.5], "asymmetry_ratio": ASYMMETRIES},
            {"steadystate": {"method": PHASE_DISTRIBUTION}},
        ),
    }


def _map(group: System, quick: bool) -> Plan:
    side = 25 if quick else PICTURE
    # amplitudes good to 1e-8 (the default step: 16 times slower); the last 1000 samples count, as in the paper
    times = {"duration": 500.0, "samples": 500} if quick else {"duration": 10000.0, "samples": 10000}
    return make_plan(
        group,
        {"rate_ratio": np.linspace(0.0, 2.0, side), "coupling_ratio": np.linspace(0.0, 1.5, side)},
        {
            "mean_field": {
                "method": LONG_TIME,
                **times,
                "average": times["samples"] // 10,
                "seeds": [0.1],
                "dt": 0.05,
            }
        },
    )
