"""Plan for Fig. 3: maps of S for a pair with n_+ = 4, and what Eq. (5) and truncated Wigner say about the same pairs.

Each map (a) to (d) has four panels in the tree: ``a`` the exact map, ``a_wigner`` and ``a_classical`` on coarser grids, and
``a_cuts``, quantum jumps beside steady states at a few points. ``cutoff`` holds steady states at several numbers of levels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from compare.interfaces import System
from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.lorch2017.paper import CLASSICAL_NOISE, LEVELS_N4, PAPER

CUT_SIGMAS = [0.2, 0.4, 0.6, 0.8]
CUT_KERRS = [0.0, 0.5, 2.0, 5.0, 10.0]
CUT_NUMBERS = [3.0, 4.0, 4.5]


@named_plan("lorch2017_fig3", summary="S of pairs over detuning, width, amplitude, Kerr parameter", paper=PAPER)
def fig3(quick: bool) -> dict[str, Plan]:
    """Maps (a)-(d), each by the master equation, truncated Wigner, and Eq. (5)."""
    from compare.systems.lorch2017 import KerrOscillators

    pair = KerrOscillators.pair(detuning=0.0, coupling=0.1, kerr=5.0, n_plus=4, sigma=0.2)
    panels: dict[str, Plan] = {}
    for letter, axes in _maps(quick).items():
        panels |= _map(letter, pair, axes, quick)
    return {**panels, "cutoff": _cutoff(pair, quick)}


def _widths(values: Any) -> dict[str, Any]:
    """Axis of sigma with K = gamma/sigma."""
    sigma = np.round(values, 9)
    return {"sigma": sigma, "kerr": 1.0 / sigma}


def _both_ways(reach: float, count: int) -> np.ndarray:
    return np.linspace(-reach, reach, count)


def _maps(quick: bool) -> dict[str, dict[str, Any]]:
    """Axes of the exact maps, of the semiclassical ones, and of the cuts, the slowest first."""
    fine, lines = (33, 9) if quick else (161, 81)
    coarse, few = (5, 3) if quick else (13, 7)
    # identical oscillators: S is even in the detuning, and one side tells all
    half = 3 if quick else 9
    sigmas, numbers, kerrs = ((0.1, 0.9), (2.0, 6.0), (0.0, 10.0))
    cut_detunings = [-16, 4] if quick else [-16, -8, 0, 4, 12]
    cut_sigmas = CUT_SIGMAS[::3] if quick else CUT_SIGMAS
    wide = [-18, 6] if quick else [-18, -9, 0, 6, 12, 21]
    return {
        "a": {
            "exact": {**_widths(np.linspace(*sigmas, lines)), "detuning": _both_ways(20.0, fine)},
            "coarse": {**_widths(np.linspace(*sigmas, few)), "detuning": np.linspace(0.0, 20.0, half)},
            "cuts": {**_widths(cut_sigmas), "detuning": cut_detunings},
        },
        "b": {
            "exact": {**_widths(np.linspace(*sigmas, lines)), "n_plus[1]": np.linspace(*numbers, fine)},
            "coarse": {**_widths(np.linspace(*sigmas, few)), "n_plus[1]": np.linspace(*numbers, coarse)},
            "cuts": {**_widths(cut_sigmas), "n_plus[1]": [3, 4] if quick else [2.5, 3, 4, 5, 5.5]},
        },
        "c": {
            "exact": {"n_plus[1]": np.linspace(*numbers, lines), "detuning": _both_ways(25.0, fine)},
            "coarse": {"n_plus[1]": np.linspace(*numbers, few), "detuning": _both_ways(25.0, coarse)},
            "cuts": {"n_plus[1]": CUT_NUMBERS[:2] if quick else CUT_NUMBERS, "detuning": wide},
        },
        "d": {
            "exact": {"kerr": np.linspace(*kerrs, lines), "detuning": _both_ways(25.0, fine)},
            "coarse": {"kerr": np.linspace(*kerrs, few), "detuning": np.linspace(0.0, 25.0, half)},
            "cuts": {"kerr": CUT_KERRS[::3] if quick else CUT_KERRS, "detuning": wide},
        },
    }


def _map(letter: str, pair: System, axes: dict[str, dict[str, Any]], quick: bool) -> dict[str, Plan]:
    zipped = ["sigma", "kerr"] if "sigma" in axes["exact"] else None
    exact = {"steadystate": {"levels": LEVELS_N4}}
    # burn-in: S at K = 0, where the tail fills slowest, is within 6 % of its limit after 100 and within 1 % after 300
    long = {"duration": 300.0, "burn_in": 100.0} if quick else {"duration": 1000.0, "burn_in": 300.0}
    # P(phi) at K = 0 has even harmonics up to the tenth; those in their noise are dropped
    jumps = {"levels": LEVELS_N4, "trajectories": 64 if quick else 128, "harmonics": LEVELS_N4 - 1, **long}
    cuts = [{"axes": axes["cuts"], "methods": {"jumps": jumps}, "zipped": zipped}]
    return {
        letter: make_plan(pair, axes["exact"], exact, zipped=zipped),
        f"{letter}_wigner": make_plan(pair, axes["coarse"], _wigner(quick), zipped=zipped),
        f"{letter}_classical": make_plan(
            pair.vary(thermal_noise=CLASSICAL_NOISE), axes["coarse"], {"langevin": _langevin(quick)}, zipped=zipped
        ),
        f"{letter}_cuts": make_plan(pair, axes["cuts"], exact, zipped=zipped, parts=cuts),
    }


def _langevin(quick: bool) -> dict[str, Any]:
    # S reaches 4 here: 8 harmonics
    return {"trajectories": 128 if quick else 512, "duration": 20.0 if quick else 40.0, "burn_in": 10.0, "harmonics": 8}


def _wigner(quick: bool) -> dict[str, Any]:
    """Truncated Wigner up to |alpha|^2 = 14, as many quanta as the exact map has levels; standard error of S about .006."""
    many = (
        {"trajectories": 128, "duration": 20.0, "dt": 5e-3}
        if quick
        else {"trajectories": 512, "duration": 60.0, "dt": 2e-3}
    )
    return {"wigner": {**many, "cutoff": float(LEVELS_N4)}}


def _cutoff(pair: System, quick: bool) -> Plan:
    """How much S still changes with the number of levels, on a coarse part of (a)."""
    axes = {
        **_widths(CUT_SIGMAS[::3] if quick else CUT_SIGMAS),
        "detuning": [0.0, 10.0] if quick else [0, 4, 8, 12, 16],
    }
    levels = (LEVELS_N4, 20) if quick else (10, LEVELS_N4, 20, 28)
    methods = {f"{n} levels": {"method": "steadystate", "levels": n} for n in levels}
    return make_plan(pair, axes, methods, zipped=["sigma", "kerr"])
