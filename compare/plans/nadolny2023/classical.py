"""Plan for the classical pictures, and which of the two blockades they show."""

from __future__ import annotations

from typing import Any

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.nadolny2023.fig2 import ASYMMETRIES
from compare.plans.nadolny2023.paper import DISCRETE_WIGNER, LONG_TIME, PAPER, PHASE_OSCILLATORS, SEEDS, STABILITY

COUPLING_RATIO = 1.0
"""V / (gamma_+ + gamma_-) of the single group: above the threshold of the phase oscillators (.625) at K < 0."""

REACH = 24.0
SIZE = 30
"""Oscillators in a group of the discrete Wigner ensemble."""


@named_plan("nadolny2023_classical", summary="phase oscillators and discrete Wigner beside mean field", paper=PAPER)
def classical(quick: bool) -> dict[str, Plan]:
    r"""``single``: one group across gamma_+ = gamma_-; ``map``: two groups over detuning and asymmetry, by three methods each.

    Compared are coherences of two members: |<S^+>|^2 in mean field. The maps of the classical ensembles are coarser, for
    detunings delta >= 0 only: exchanging the groups turns delta around.

    *Phase oscillators*: a reactive coupling acts on phases only through the asymmetry of the levels, and for K > 0 it pushes
    them apart: the absence of synchronization at K >= 0 (phase frustration) is classical, but it holds at all rates and not
    around gamma_+ = gamma_- alone. They do not show the blockade of two groups: for K < 0 they lock best where the groups are
    alike, at K = -20 too, where the quantum groups are blocked; and difference never helps. *Discrete Wigner* ensembles show
    both blockades: each oscillator keeps its two transitions, that is the levels, and only the fields between oscillators are
    classical, as they are in the quantum system for N to infinity. What is quantum about the blockades is in one oscillator.
    """
    from compare.systems.nadolny2023 import SpinGroups

    group = SpinGroups(groups=1, size=50 if quick else 200, gamma_plus=0.5).vary(coupling_ratio=COUPLING_RATIO)
    fine = np.linspace(0.05, 2.0, 40 if quick else 160)
    coarse = np.linspace(0.2, 2.0, 4 if quick else 10)
    ratios = {"asymmetry_ratio": ASYMMETRIES, "coupling_ratio": [COUPLING_RATIO]}
    sampled = {"trajectories": 64, "duration": 60.0 if quick else 150.0, "burn_in": 30.0 if quick else 50.0}
    return {
        "single": make_plan(
            group,
            {**ratios, "rate_ratio": fine},
            {"mean_field": _long(quick, [0.1]), "stability": {"method": STABILITY}},
            parts=[
                {
                    "axes": {**ratios, "rate_ratio": coarse},
                    "methods": {
                        "discrete_wigner": {"method": DISCRETE_WIGNER, **sampled},
                        "phases": {"method": PHASE_OSCILLATORS, **sampled, "size": 50 if quick else 200},
                    },
                }
            ],
        ),
        **_maps(quick),
    }


def _long(quick: bool, seeds: list[float]) -> dict[str, Any]:
    # samples .1 apart: at .5 groups that slip by a turn between two samples, |delta| = 12.6, would look locked
    long = {"duration": 200.0, "samples": 2000} if quick else {"duration": 1000.0, "samples": 10000}
    return {"method": LONG_TIME, **long, "average": 1000, "seeds": seeds}


def _maps(quick: bool) -> dict[str, Plan]:
    from compare.systems.nadolny2023 import SpinGroups

    pair = SpinGroups(size=SIZE, gamma_plus=0.5, coupling=1.0, intergroup_coupling=1.0)
    fine, coarse = (25, 5) if quick else (121, 25)

    def plane(count: int, half: bool) -> dict[str, Any]:
        detunings = np.linspace(0.0, REACH, count // 2 + 1) if half else np.linspace(-REACH, REACH, count)
        return {"asymmetry": np.linspace(-REACH, REACH, count), "detuning": detunings}

    # rotations in one step: 24 * .0125 at most
    runs = {"trajectories": 64, "duration": 20.0 if quick else 50.0, "burn_in": 10.0 if quick else 20.0}
    return {
        "mean_field": make_plan(
            pair.vary(size=None),
            plane(fine, False),
            {"mean_field": _long(quick, SEEDS), "stability": {"method": STABILITY}},
        ),
        "discrete_wigner": make_plan(
            pair,
            plane(coarse, True),
            {
                "discrete_wigner": {
                    "method": DISCRETE_WIGNER,
                    **runs,
                    "dt": 0.02 if quick else 0.01,
                    "sample_every": 0.5,
                }
            },
        ),
        # kappa dt <= .6 at K = -24
        "phases": make_plan(
            pair, plane(coarse, True), {"phases": {"method": PHASE_OSCILLATORS, **runs, "dt": 0.005, "size": 50}}
        ),
    }
