"""Plan for Fig. 10: coherences of the two transmons of the circuit against the exchange."""

from __future__ import annotations

from compare.plan import Plan
from compare.plans import named_plan
from compare.plans.vaidya2024.circuit import circuit_panels
from compare.plans.vaidya2024.paper import PAPER


@named_plan("vaidya2024_fig10", summary="coherences of the circuit-QED realisation", paper=PAPER)
def fig10(quick: bool) -> dict[str, Plan]:
    """For (a) and (b): ``a`` and ``b``, all states, secular model and qubits; ``a_rates`` and ``b_rates``, effective rates."""
    panels: dict[str, Plan] = {}
    for letter in "ab":
        made = circuit_panels(f"10{letter}", entropy=False, quick=quick)
        panels |= {letter: made["curves"], f"{letter}_rates": made["rates"]}
    return panels
