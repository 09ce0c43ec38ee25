"""Plan for Fig. 4: the macroscopic quantum synchronization blockade."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.nadolny2023.paper import PAPER, PICTURE, REACH, STABILITY, fig4_long_time


@named_plan("nadolny2023_fig4", summary="blockade: two groups synchronize only where they differ", paper=PAPER)
def fig4(quick: bool) -> dict[str, Plan]:
    """All panels in one dataset over detuning and asymmetry, with the growth rate of the unsynchronized state beside it.

    V_AB = V = 2 gamma_+ = gamma_-. The paper does not state its axis range; here |delta|, |K| <= 30 gamma_-, since the
    blockade at delta = 0 and K < 0 begins at K = -16.45. Nor does it say of which group the order parameter of (b) is: both
    are kept, and the figure shows their mean.
    """
    from compare.systems.nadolny2023 import SpinGroups

    pair = SpinGroups(gamma_plus=0.5, coupling=1.0, intergroup_coupling=1.0)
    side = 33 if quick else PICTURE
    axes = {"asymmetry": np.linspace(-REACH, REACH, side), "detuning": np.linspace(-REACH, REACH, side)}
    settings = fig4_long_time()
    if quick:
        settings |= {"duration": 250.0, "samples": 5000, "average": 500}
    return {"": make_plan(pair, axes, {"mean_field": settings, "stability": {"method": STABILITY}})}
