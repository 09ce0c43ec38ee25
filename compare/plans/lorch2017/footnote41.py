"""Plan for footnote 41: do the effects exist with one jump operator per direction as they do with one per level."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.lorch2017.fig2 import QUANTUM_COUPLINGS
from compare.plans.lorch2017.paper import LEVELS_N4, PAPER

KINDS = ["incoherent", "coherent"]


@named_plan("lorch2017_footnote41", summary="Figs. 2(b) and 3(a) with both kinds of dissipators", paper=PAPER)
def footnote41(quick: bool) -> dict[str, Plan]:
    """``fig2b`` and ``fig3a``, each over an axis ``dissipators``: Eq. (2), and the footnote's variant.

    ``fig3a`` has detunings of one sign only: identical oscillators have an S that is even in the detuning.
    """
    from compare.systems.lorch2017 import KerrOscillators

    two = KerrOscillators.pair(detuning=0.0, coupling=0.05, kerr=10.0, n_plus=2, sigma=0.2)
    four = KerrOscillators.pair(detuning=0.0, coupling=0.1, kerr=5.0, n_plus=4, sigma=0.2)
    sigma = np.round(np.linspace(0.1, 0.9, 5 if quick else 81), 9)
    curves = {
        "dissipators": KINDS,
        "coupling": QUANTUM_COUPLINGS,
        "detuning": np.linspace(-30.0, 30.0, 13 if quick else 121),
    }
    few = {"dissipators": KINDS, "coupling": QUANTUM_COUPLINGS[-1:], "detuning": [0.0, 20.0] if quick else [-20, 0, 10]}
    jumps = {"duration": 300.0 if quick else 1000.0, "burn_in": 100.0}
    return {
        "fig2b": make_plan(two, curves, ["steadystate"], parts=[{"axes": few, "methods": {"jumps": jumps}}]),
        "fig3a": make_plan(
            four,
            {
                "dissipators": KINDS,
                "sigma": sigma,
                "kerr": 1.0 / sigma,
                "detuning": np.linspace(0.0, 24.0, 13 if quick else 97),
            },
            {"steadystate": {"levels": LEVELS_N4}},
            zipped=["sigma", "kerr"],
        ),
    }
