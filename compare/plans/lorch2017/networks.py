"""Plan for networks: chains and rings of four and five quantum oscillators, and a lattice of 100 classical ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from compare.networks import chain, lattice, ring
from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.lorch2017.paper import LEVELS_NETWORK, PAPER


@named_plan("lorch2017_networks", summary="chains, rings and a lattice: S of all pairs", paper=PAPER)
def networks(quick: bool) -> dict[str, Plan]:
    """``chain4``, ``ring4``, ``chain5``, ``ring5``: every other oscillator detuned, V = .5; ``lattice``: Eq. (5).

    The ring of five has one link between identical oscillators, 0 and 4. The lattice has random frequencies of standard
    deviation gamma/2 and, so that 100 oscillators all stay in their basins, wide Lorentzians and a weak bath damping.
    """
    shapes = {"chain4": chain(4, 0.5), "ring4": ring(4, 0.5), "chain5": chain(5, 0.5), "ring5": ring(5, 0.5)}
    return {**{name: _quantum(coupling, quick) for name, coupling in shapes.items()}, "lattice": _lattice(quick)}


def _quantum(coupling: Any, quick: bool) -> Plan:
    from compare.systems.lorch2017 import KerrOscillators

    size = coupling.shape[0]
    network = KerrOscillators(omega=np.zeros(size), kerr=10.0, coupling=coupling, n_plus=1, sigma=0.2)
    detuned = [f"omega[{j}]" for j in range(1, size, 2)]
    levels = {"levels": 3 if quick else LEVELS_NETWORK}
    fine = np.linspace(-30.0, 30.0, 13 if quick else 61)
    few = [20.0] if quick else [-20.0, 0.0, 20.0]
    jumps = {**levels, "trajectories": 64, "duration": 150.0 if quick else 400.0, "burn_in": 50.0 if quick else 100.0}
    return make_plan(
        network,
        dict.fromkeys(detuned, fine),
        {"steadystate": levels},
        zipped=detuned,
        parts=[{"axes": dict.fromkeys(detuned, few), "methods": {"jumps": jumps}, "zipped": detuned}],
    )


def _lattice(quick: bool) -> Plan:
    from compare.systems.lorch2017 import KerrOscillators

    side = 5 if quick else 10
    omega = 0.5 * np.random.default_rng(1).normal(size=side**2)
    network = KerrOscillators(
        omega=omega, kerr=0.5, coupling=lattice(side, side, 0.1), n_plus=4, sigma=1.0, thermal_noise=0.1, bath_damping=0.02
    )  # fmt: skip
    many = {"trajectories": 64, "duration": 10.0, "burn_in": 5.0} if quick else {"trajectories": 256, "duration": 100.0}
    settings = {"burn_in": 40.0, **many, "sample_every": 0.5, "dt": 1e-2, "harmonics": 16, "pairs": "all"}
    return make_plan(network, {"coupling": [0.05, 0.1, 0.2]}, {"langevin": settings})
