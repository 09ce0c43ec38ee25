"""Plan for a validity map: where over (sigma, K) truncated Wigner reproduces the quantum S."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.lorch2017.paper import PAPER

LEVELS = 20
"""A cutoff common to both pictures: at sigma = 3 and 14 levels the way they end would make 10 % of S."""


@named_plan("lorch2017_validity", summary="where truncated Wigner reproduces S to 10 %", paper=PAPER)
def validity(quick: bool) -> dict[str, Plan]:
    """Panels ``incoherent`` (Eq. 2, reset form) and ``coherent`` (footnote 41) for the pair of Fig. 3(a), n_+ = 4.

    At each sigma and K four detunings; what counts is the largest deviation among them, in units of the largest S.
    """
    from compare.systems.lorch2017 import KerrOscillators

    pair = KerrOscillators.pair(detuning=0.0, coupling=0.1, kerr=5.0, n_plus=4, sigma=0.2)
    count = 3 if quick else 9
    axes = {
        "sigma": np.round(np.geomspace(0.2, 3.0, count), 6),
        "kerr": np.round(np.geomspace(0.3, 10.0, count), 6),
        "detuning": [0.0, 10.0] if quick else [0.0, 3.0, 10.0, 20.0],
    }
    smooth = {
        "face": "wigner",
        "bound": float(LEVELS),
        "wall": "reflecting",
        "cells": 20 if quick else 28,
        "harmonics": 3,
    }
    methods = {
        "steadystate": {"levels": LEVELS},
        "wigner": {"method": "compare.methods.fallbacks:FOKKER_PLANCK", **smooth},
    }
    return {kind: make_plan(pair.vary(dissipators=kind), axes, methods) for kind in ("incoherent", "coherent")}
