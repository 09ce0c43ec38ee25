"""What the plans of Figs. 10 and 11 share: one panel of the circuit, its secular model and its qubit model."""

from __future__ import annotations

from typing import Any

import numpy as np

from compare.plan import Plan, make_plan

_METHODS = "compare.methods.circuits"
LARGEST_EXCHANGE = 0.35
"""Table I: g_AB up to 350 kHz; in MHz."""


def circuit_panels(figure: str, *, entropy: bool, quick: bool) -> dict[str, Plan]:
    """Plans ``curves`` (over the exchange, without and with dephasing) and ``rates`` of the circuit of a figure."""
    from compare.systems.vaidya2024_circuit import TABLE_DEPHASING, TransmonCircuit

    circuit = TransmonCircuit.figure(figure)
    dephasing = [0.0, TABLE_DEPHASING]
    fine = {"dephasing": dephasing, "exchange": np.linspace(0.0, LARGEST_EXCHANGE, 15 if quick else 71)}
    markers = [0.05, 0.2] if quick else np.linspace(0.0, LARGEST_EXCHANGE, 15)
    # from the secular state 3 us are enough to see; 12 us leave 1e-4 of its error
    split: dict[str, Any] = {"method": f"{_METHODS}:SPLIT", "entropy": entropy, "settle": 3.0 if quick else 12.0}
    lines = {name: {"method": f"{_METHODS}:{name.upper()}", "entropy": entropy} for name in ("qubits", "secular")}
    return {
        "curves": make_plan(
            circuit,
            fine,
            lines,
            parts=[{"axes": {"dephasing": dephasing, "exchange": markers}, "methods": {"split": split}}],
        ),
        "rates": make_plan(circuit, {"dephasing": dephasing}, {"rates": {"method": f"{_METHODS}:RATES"}}),
    }
