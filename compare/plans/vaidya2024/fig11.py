"""Plan for Fig. 11: Omega of the circuit against the exchange."""

from __future__ import annotations

from compare.plan import Plan
from compare.plans import named_plan
from compare.plans.vaidya2024.circuit import circuit_panels
from compare.plans.vaidya2024.paper import PAPER


@named_plan("vaidya2024_fig11", summary="synchronization of the circuit-QED realisation", paper=PAPER)
def fig11(quick: bool) -> dict[str, Plan]:
    """For (a), the circuit of Fig. 10(b), and (b): ``a`` and ``b``, Omega by all states, secular model and qubits; rates."""
    panels: dict[str, Plan] = {}
    for letter, figure in (("a", "10b"), ("b", "11b")):
        made = circuit_panels(figure, entropy=True, quick=quick)
        panels |= {letter: made["curves"], f"{letter}_rates": made["rates"]}
    return panels
