"""What all plans of this paper share."""

from __future__ import annotations

from typing import Any

PAPER = "Nadolny and Bruder, PRL 131, 190402 (2023)"

_MODULE = "compare.methods.mean_fields"
LONG_TIME = f"{_MODULE}:LONG_TIME"
SPECTRA = f"{_MODULE}:SPECTRA"
COURSE = f"{_MODULE}:COURSE"
ROTATING_WAVE = f"{_MODULE}:ROTATING_WAVE"
LOCKING = f"{_MODULE}:LOCKING"
STABILITY = f"{_MODULE}:STABILITY"
PHASE_DISTRIBUTION = "compare.methods.spin_phases:DISTRIBUTION"
DECAY = "compare.methods.spin_groups:DECAY"
STEADY = "compare.methods.spin_groups:STEADY"
JUMPS = "compare.methods.spin_groups:JUMPS"
DISCRETE_WIGNER = "compare.methods.spin_groups:DISCRETE_WIGNER"
PHASE_OSCILLATORS = "compare.methods.spin_groups:PHASE_OSCILLATORS"
PAIR_FIRST_ORDER = "compare.methods.spin_phases:CLOSED_FORM"

PICTURE = 255
"""Points along each side of the paper's maps."""

SEEDS = [0.1, 0.0]
"""c of the initial states 1/3 + (c |1><2| + h.c.) of groups A and B in Figs. 3 and 4."""

REACH = 30.0
"""Largest |delta| and |K| of Fig. 4, in units of gamma_-; the paper's range is not in its text. For K < 0 the blockade at
delta = 0 begins at K = -16.45, so that a range of 15 would show no X."""


def fig4_long_time() -> dict[str, Any]:
    """Settings of Fig. 4: T = 500/gamma_-, 10000 samples, the last 1000 of them for the order parameter."""
    return {"method": LONG_TIME, "duration": 500.0, "samples": 10000, "average": 1000, "seeds": SEEDS}
