"""Plan for Fig. 15: Omega of two qutrits against the exchange, enhanced and suppressed."""

from __future__ import annotations

import numpy as np

from compare.plan import Plan, make_plan
from compare.plans import named_plan
from compare.plans.vaidya2024.paper import LIMIT, PAPER, TWO_BATHS


@named_plan("vaidya2024_fig15", summary="two qutrits: the exchange enhances or suppresses synchronization", paper=PAPER)
def fig15(quick: bool) -> dict[str, Plan]:
    """``qutrits`` and, for comparison, ``qubits`` with the same baths."""
    from compare.systems.vaidya2024 import TwoSpins

    exchange = np.linspace(0.0, 6.0, 31 if quick else 241)
    axes = {"baths": TWO_BATHS, "exchange": exchange}
    pair = TwoSpins(w_a=0.46, w_b=0.82)
    return {
        "qutrits": make_plan(pair.vary(spin=1.0), axes, {"perturbation": LIMIT}),
        "qubits": make_plan(pair, axes, {"closed": LIMIT}),
    }
