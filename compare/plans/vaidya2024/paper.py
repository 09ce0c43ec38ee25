"""What all plans of this paper share. Legends of Figs. 6, 7 and 15 are not in its text: those values are chosen here."""

from __future__ import annotations

from typing import Any

PAPER = "Vaidya et al., PRA 109, 033718 (2024)"

RESPONSE = {"method": "compare.methods.spin_response:RESPONSE"}
STEADY = {"method": "compare.methods.spin_response:STEADY"}
TENSORS = {"method": "compare.methods.spin_response:TENSORS"}
CROSSINGS = {"method": "compare.methods.spin_response:CROSSINGS"}
RESTORED = {"method": "compare.methods.spin_response:RESTORED"}
LIMIT = {"method": "compare.methods.spin_entropy:LIMIT"}
DRIVEN = {"method": "compare.methods.spin_entropy:DRIVEN"}
JUMPS = {"method": "compare.methods.spin_jumps:JUMPS"}
BLOCH = {"method": "compare.methods.spin_pictures:BLOCH"}
MEAN_FIELD = {"method": "compare.methods.spin_pictures:MEAN_FIELD"}
DISCRETE_WIGNER = {"method": "compare.methods.spin_pictures:DISCRETE_WIGNER"}
EXTREMA = {"method": "compare.methods.spin_entropy:EXTREMA"}

TWO_BATHS: dict[str, dict[str, Any]] = {
    "inverted": {"w_a": 0.46, "w_b": 0.82},
    "not inverted": {"w_a": 0.45, "w_b": 0.05},
}
"""Baths of the two curves of Figs. 6 and 15: suppression and enhancement, and enhancement alone."""
