"""Plan for Fig. 3: synchronization of two groups against detuning and coupling."""

from __future__ import annotations

from typing import Any

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.nadolny2023.paper import LOCKING, LONG_TIME, PAPER, PICTURE, SEEDS, SPECTRA

DETUNINGS = (-2.0, 2.0)
"""Range of delta, in units of gamma_-; the paper's is not in its text."""

COUPLINGS = (0.0, 2.0)
"""Range of V_AB: from weaker to stronger than V = gamma_-."""


def window(quick: bool) -> dict[str, Any]:
    """Settings of the time integration of Figs. 3, S2 and S3: T = 1000/gamma_-, 10000 samples, the last half transformed."""
    # 10 samples to 1/gamma_- either way: the range of frequencies stays, the resolution does not
    long = {"duration": 200.0, "samples": 2000} if quick else {"duration": 1000.0, "samples": 10000}
    return {**long, "seeds": SEEDS}


def frequencies(times: dict[str, Any]) -> dict[str, Any]:
    """Settings of dominant frequencies, of weak oscillations as well.

    Where one group dominates, V_AB > V, the amplitude of the other one goes through zero at some detunings.
    """
    return {"method": LONG_TIME, **times, "average": times["samples"] // 10, "vanishing": 1e-6}


@named_plan("nadolny2023_fig3", summary="two groups: spectra, frequency locking, Arnold tongue", paper=PAPER)
def fig3(quick: bool) -> dict[str, Plan]:
    """``spectra`` for (a) and (b), ``frequencies`` for (c), ``map`` and ``locking`` for (d): K = 0, V = 2 gamma_+ = gamma_-.

    The two-dimensional panel is (d); the text calls it 3(c) where it gives the resolution. Its axis leaves V_AB = 0 out: group
    B starts at 1/3 and would stay there, without a frequency. For V_AB above V/2 two components of the spectra are nearly
    equal where locking is lost, and the dominant one chatters between them; ``locking`` is where the stationary lock, a
    rotating wave, loses its stability. It ends at V_AB = 1.8: at 1.96 even at delta = 0 the wave
    with equal groups gives way to one in which one of them dominates.
    """
    from compare.systems.nadolny2023 import SpinGroups

    pair = SpinGroups(gamma_plus=0.5, coupling=1.0, intergroup_coupling=0.5)
    fine, side = (33, 17) if quick else (PICTURE, PICTURE)
    detunings = np.linspace(*DETUNINGS, fine)
    times = window(quick)
    long = frequencies(times)
    low, high = COUPLINGS
    return {
        "spectra": make_plan(
            pair, {"detuning": detunings}, {"mean_field": {"method": SPECTRA, **times, "reach": 2.0, "cells": 160}}
        ),
        "frequencies": make_plan(pair, {"detuning": detunings}, {"mean_field": long}),
        "map": make_plan(
            pair,
            {
                "intergroup_coupling": np.linspace(low, high, side + 1)[1:],
                "detuning": np.linspace(*DETUNINGS, 33 if quick else side),
            },
            {"mean_field": long},
        ),
        "locking": make_plan(
            pair,
            {"intergroup_coupling": np.linspace(low, 1.8, (6 if quick else 36) + 1)[1:]},
            {"locking": {"method": LOCKING}},
        ),
    }
