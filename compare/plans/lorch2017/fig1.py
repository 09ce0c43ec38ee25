"""Plan for Fig. 1(a): one oscillator, its rates and populations, and the energies of its classical counterpart."""

from __future__ import annotations

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.lorch2017.paper import CLASSICAL_NOISE, PAPER


@named_plan("lorch2017_fig1", summary="one oscillator: rates, populations, distribution of energy", paper=PAPER)
def fig1(quick: bool) -> dict[str, Plan]:
    """``ladder``: rates and populations; ``classical``, ``wigner``: densities of |alpha|^2. Parameters of Fig. 2."""
    from compare.systems.lorch2017 import KerrOscillators

    one = KerrOscillators(omega=[0.0], kerr=10.0, coupling=[[0.0]], n_plus=2, sigma=0.2)
    noisy = one.vary(thermal_noise=CLASSICAL_NOISE)
    radial = {"method": "compare.methods.ladders:RADIAL", "cells": 60 if quick else 240}
    wigner = {**radial, "face": "wigner", "bound": 10.0, "wall": "reflecting"}
    return {
        "ladder": make_plan(
            one, None, {"steadystate": {"method": "compare.methods.ladders:POPULATIONS", "levels": 10}}
        ),
        "classical": make_plan(noisy, None, {"fokker_planck": radial}),
        "wigner": make_plan(one, None, {"fokker_planck": wigner}),
    }
