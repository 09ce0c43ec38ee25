"""What all plans of this paper share."""

from __future__ import annotations

from typing import Any

PAPER = "Loerch et al., PRL 118, 243602 (2017)"

LEVELS_N4 = 14
"""Fock states per oscillator for n_+ = 4."""

CLASSICAL_NOISE = 0.1
"""gamma_T n_T of Fig. 2(a), in units of gamma: what all classical panels have."""

LEVELS_NETWORK = 4
"""Fock states per oscillator of a network, for n_+ = 1."""


def network_jumps(quick: bool) -> dict[str, Any]:
    """Settings of quantum jumps beside the exact maps of networks."""
    long = {"duration": 150.0, "trajectories": 64} if quick else {"duration": 700.0, "trajectories": 128}
    return {"levels": LEVELS_NETWORK, "burn_in": 50.0 if quick else 200.0, **long}


def network_wigner(quick: bool) -> dict[str, Any]:
    """Settings of truncated Wigner at K = 10, up to as many quanta as there are levels."""
    many = (
        {"trajectories": 64, "duration": 20.0, "dt": 5e-3}
        if quick
        else {"trajectories": 512, "duration": 60.0, "dt": 2e-3}
    )
    return {**many, "cutoff": float(LEVELS_NETWORK)}


def network_langevin(quick: bool) -> dict[str, Any]:
    """Settings of Eq. (5) at K = 10."""
    return {"trajectories": 64 if quick else 512, "duration": 20.0 if quick else 60.0, "burn_in": 10.0, "harmonics": 8}
