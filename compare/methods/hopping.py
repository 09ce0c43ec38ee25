"""Steady states of pairs with many quanta: the method ``compare.methods.hopping:HOPPING``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from compare import checks
from compare.measures import phase_sync
from compare.methods import PHI, FunctionMethod, Setting
from quantum.solvers.hopping import HoppingPair, LocalGenerator


@lru_cache(maxsize=4)
def _generator(oscillator: Any, levels: int) -> LocalGenerator:
    return LocalGenerator(oscillator.lindblad(levels))


def _hopping(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    """Exact steady state of a pair, all its frequencies but the detuning taken out so that points share eigenbases."""
    if system.oscillators != 2:
        raise ValueError(f"Method 'hopping' needs a pair, but there are {system.oscillators} oscillators.")
    one, two = (_generator(system.alone(j).vary(omega=0.0), settings["levels"]) for j in (0, 1))
    pair = HoppingPair(one, two, settings["orders"])
    state = pair.steady_state(system.coupling[0][1], system.omega[0] - system.omega[1])
    sync = phase_sync(state)
    return {
        "pair": ["0-1"],
        "sync": [sync.sync],
        "locked_phase": [sync.phase],
        "phi": PHI,
        "phase_density": [sync.density(PHI)],
        "mean_number": [state.mean_number(0), state.mean_number(1)],
        "tail_population": float(state.tail_population()),
        "residual": state.residual,
    }


HOPPING = FunctionMethod(
    "compare.methods.hopping:HOPPING",
    "exact steady state of a pair by the inverse of what each oscillator does alone",
    {
        "levels": Setting(20, lambda name, value: checks.at_least(name, value, 2)),
        "orders": Setting(None, lambda name, value: None if value is None else checks.at_least(name, value, 1)),
    },
    _hopping,
)
