r"""Plan for the path from quantum to classical: n_+ from 2 to 50 at a fixed classical limit.

**Scaling.** In Eq. (5) put :math:`\alpha = \sqrt{s}\,\beta`. The Lorentzians are functions of :math:`|\alpha|^2`, so that
:math:`n_\pm = s\,\bar n_\pm` and :math:`\sigma = s\,\bar\sigma` leave the damping a function of :math:`|\beta|^2` alone. The
frequency :math:`2K|\alpha|^2` stays with :math:`K = \bar K/s`. The coupling is linear: V stays, and so do detuning, rates
:math:`\gamma_\pm` and time. The noise becomes :math:`\eta/\sqrt{s}`: :math:`\gamma_Tn_T = s\,\overline{\gamma_Tn_T}`. The
equation for :math:`\beta` is then the same for all s. What is not the same is what Eq. (5) leaves out: jumps move
:math:`|\beta|^2` by 1/s at rates of order s, a noise of variance 1/s, which truncated Wigner has and which goes as 1/s; and
third derivatives, which it has not, smaller by another 1/s. The resonances of Eq. (7), at :math:`2K = 2\bar K/s`, merge at 0.

**Dissipators.** This is so for one jump operator per direction (footnote 41). Those of Eq. (2), one for each level, tell in
every jump how many quanta there are and so spread the phase at the whole jump rate, which grows with s: they have no
classical limit but S = 0. Panel ``incoherent`` shows it.

**Cutoff.** Eq. (5) confines no amplitude. All pictures have a reflecting wall at :math:`|\alpha|^2 = 2n_+`: for states that is
the cutoff at :math:`2n_+` levels.

Here :math:`s = n_+/2`: n_+ = 2 has the parameters of Fig. 2(b) with the thermal noise of Fig. 2(a).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from compare.interfaces import System
from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.lorch2017.paper import CLASSICAL_NOISE, PAPER

_SCALED = ("n_plus", "n_minus", "sigma", "kerr", "thermal_noise")


def scaled(quanta: float) -> dict[str, float]:
    """Parameters of the path at n_+ = `quanta`; the others are the same everywhere."""
    s = quanta / 2.0
    return dict(zip(_SCALED, (2.0 * s, 3.0 * s, 0.2 * s, 10.0 / s, CLASSICAL_NOISE * s), strict=True))


@named_plan("lorch2017_classical_limit", summary="from n_+ = 2 to 50: the blockade melts away", paper=PAPER)
def classical_limit(quick: bool) -> dict[str, Plan]:
    """``curves`` against the detuning, ``convergence`` at zero detuning, and ``incoherent``, the same by Eq. (2).

    All by the solver for hopping pairs, Wigner and Eq. (5); ``convergence`` also by the general solver in sectors, which
    knows nothing of hopping, and at some n_+ by quantum jumps.
    """
    from compare.systems.lorch2017 import KerrOscillators

    pair = KerrOscillators.pair(detuning=0.0, coupling=0.05, dissipators="coherent", **scaled(2.0))
    some = [2, 4, 8] if quick else [2, 4, 8, 16, 50]
    more = [2, 4, 8, 12] if quick else [2, 3, 4, 6, 8, 12, 16, 24, 36, 50]
    detunings = (
        [0.0, 5.0, 10.0, 20.0, 30.0]
        if quick
        else [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 19, 20, 21, 22, 24, 27, 30]
    )
    rules = pair.vary(dissipators="incoherent")
    return {
        "curves": _plan(pair, {n: _methods(n, quick) for n in some}, detunings),
        "convergence": _plan(pair, {n: _methods(n, quick) | _states(n, some, quick) for n in more}, [0.0]),
        "incoherent": _plan(rules, {n: _methods(n, quick) for n in more}, [0.0]),
    }


def _plan(pair: System, methods: Mapping[float, dict[str, Any]], detunings: Sequence[float]) -> Plan:
    """One part for each n_+, with the methods at its cutoff."""
    parts = [{"axes": {**_place(n), "detuning": detunings}, "methods": given} for n, given in methods.items()]
    first, *others = parts
    zipped = list(_SCALED)
    return make_plan(
        pair, first["axes"], first["methods"], zipped=zipped, parts=[{**part, "zipped": zipped} for part in others]
    )


def _place(quanta: float) -> dict[str, Any]:
    return {name: [value] for name, value in scaled(quanta).items()}


def _methods(quanta: float, quick: bool) -> dict[str, Any]:
    wall = 2.0 * quanta
    # S to 1 % at 24 cells, to 2e-3 at 44
    smooth = {"method": "fokker_planck", "bound": wall, "wall": "reflecting", "cells": 24 if quick else 44}
    return {
        "steadystate": {"method": "compare.methods.hopping:HOPPING", "levels": round(wall)},
        "wigner": {**smooth, "face": "wigner"},
        "langevin": {**smooth, "face": "langevin"},
    }


def _states(quanta: float, jumps_at: Sequence[float], quick: bool) -> dict[str, Any]:
    """The general solver (115 s and 1.4 GB at 100 levels), and jumps (3 ms per unit time of a trajectory there)."""
    levels = {"levels": round(2.0 * quanta)}
    duration, burn_in = (60.0, 20.0) if quick else (600.0 if quanta < 30 else 160.0, 40.0)
    jumps = {
        **levels,
        "trajectories": 64 if quick else 128,
        "duration": duration,
        "burn_in": burn_in,
        "sample_every": 0.5,
    }
    return {"sectors": {"method": "steadystate", **levels}, **({"jumps": jumps} if quanta in jumps_at else {})}
