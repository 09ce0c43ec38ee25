"""Plan for Fig. S2: spectra of two groups for several couplings between them."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.nadolny2023.fig3 import DETUNINGS, frequencies, window
from compare.plans.nadolny2023.paper import PAPER, PICTURE, SPECTRA

COUPLINGS = [0.5, 1.0, 1.5, 2.0, 2.5]
"""V_AB of the columns, in units of V. The text does not list them; it says that the first two have small couplings, that the
second is the second column of Fig. S3 (K = 0, V_AB = V), and that those from the middle on have V_AB > V."""


@named_plan("nadolny2023_figS2", summary="two groups: spectra for several couplings between them", paper=PAPER)
def figS2(quick: bool) -> dict[str, Plan]:
    """``spectra`` and ``frequencies`` over V_AB and the detuning, K = 0."""
    from compare.systems.nadolny2023 import SpinGroups

    pair = SpinGroups(gamma_plus=0.5, coupling=1.0, intergroup_coupling=0.5)
    axes = {"intergroup_coupling": COUPLINGS, "detuning": np.linspace(*DETUNINGS, 33 if quick else PICTURE)}
    times = window(quick)
    return {
        "spectra": make_plan(pair, axes, {"mean_field": {"method": SPECTRA, **times, "reach": 3.0, "cells": 160}}),
        "frequencies": make_plan(pair, axes, {"mean_field": frequencies(times)}),
    }
