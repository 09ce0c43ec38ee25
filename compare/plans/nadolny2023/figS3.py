"""Plan for Fig. S3: spectra of two groups for several asymmetries of the levels."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.nadolny2023.fig3 import window
from compare.plans.nadolny2023.paper import LONG_TIME, PAPER, PICTURE, SPECTRA

ASYMMETRIES = [10.0, 0.0, -3.75, -7.5, -20.0]
"""K of the columns, in units of gamma_-. The text does not list them; it says that the second is the second column of Fig. S2
(K = 0), that spectra vanish in the first, fourth and fifth, and that groups pick up each other in the second and third."""

REACH = 24.0


@named_plan("nadolny2023_figS3", summary="two groups: spectra for several level asymmetries", paper=PAPER)
def figS3(quick: bool) -> dict[str, Plan]:
    """``spectra`` and ``frequencies`` over K and the detuning, V_AB = V.

    T = 1000/gamma_-; the text gives this same number twice, for figures that it says differ in it.
    """
    from compare.systems.nadolny2023 import SpinGroups

    pair = SpinGroups(gamma_plus=0.5, coupling=1.0, intergroup_coupling=1.0)
    axes = {"asymmetry": ASYMMETRIES, "detuning": np.linspace(-REACH, REACH, 49 if quick else PICTURE)}
    times = window(quick)
    return {
        "spectra": make_plan(pair, axes, {"mean_field": {"method": SPECTRA, **times, "reach": 16.0, "cells": 160}}),
        "frequencies": make_plan(
            pair, axes, {"mean_field": {"method": LONG_TIME, **times, "average": times["samples"] // 10}}
        ),
    }
