"""Methods for single oscillators and energy diagrams: populations, rates, energies, distributions of the amplitude.

They are named by module and attribute in plans: ``{"method": "compare.methods.ladders:POPULATIONS"}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import langevin
import quantum
from compare import checks
from compare.methods import FunctionMethod, Setting
from compare.variables import Variable, register_variable

SOURCE = "Loerch et al., Phys. Rev. Lett. 118, 243602 (2017)"

register_variable("population", Variable(("level",), "population of a Fock state", "1", f"{SOURCE}, Eq. (4)"))
register_variable(
    "gain_rate", Variable(("level",), "rate of jumps from the level below to this one", "gamma", f"{SOURCE}, Eq. (2)")
)
register_variable(
    "loss_rate", Variable(("level",), "rate of jumps from this level to the one below", "gamma", f"{SOURCE}, Eq. (2)")
)
register_variable(
    "energy", Variable(("level_1", "level_2"), "energy of an uncoupled pair", "gamma", f"{SOURCE}, Eq. (1)")
)
register_variable(
    "number_density",
    Variable(("number",), "probability density of |alpha|^2", "1", f"{SOURCE}, Eq. (5), by Fokker-Planck"),
)


def _one(system: Any, method: str) -> None:
    if system.oscillators != 1:
        raise ValueError(f"Method {method!r} needs one oscillator, but there are {system.oscillators}.")


def _populations(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    """Steady state of one oscillator and the rates of its jumps; a rung belongs to its upper level."""
    _one(system, "populations")
    model = system.lindblad(settings["levels"])
    state = quantum.steady_state(model)
    jumps = sum(abs(jump.toarray()) ** 2 for jump in model.jumps)
    return {
        "population": state.populations(0),
        "gain_rate": np.append(0.0, np.diagonal(jumps, -1)),
        "loss_rate": np.append(0.0, np.diagonal(jumps, 1)),
        "residual": state.residual,
    }


def _energies(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    """Energies <n1, n2|H|n1, n2> of a pair."""
    if system.oscillators != 2:
        raise ValueError(f"Method 'energies' needs a pair, but there are {system.oscillators} oscillators.")
    levels = settings["levels"]
    return {"energy": system.lindblad(levels).hamiltonian.diagonal().real.reshape(levels, levels)}


def _radial(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    """Density of |alpha|^2 of one oscillator; truncated Wigner less the half quantum of ordering."""
    _one(system, "radial")
    model = getattr(system, settings["face"])()
    state = langevin.fokker_planck(
        model, bound=settings["bound"] or model.bound, wall=settings["wall"], cells=settings["cells"]
    )
    shift = 0.5 if settings["face"] == "wigner" else 0.0
    edges = state.edges[0] ** 2 - shift
    return {
        "number": 0.5 * (edges[1:] + edges[:-1]),
        "number_density": state.radial_probability(0) / np.diff(edges),
        "exit_rate": state.exit_rate,
    }


def _word(*words: str) -> Any:
    def check(name: str, value: Any) -> str:
        if value not in words:
            raise ValueError(f"Argument `{name}` must be one of {', '.join(map(repr, words))}, but is {value!r}.")
        return str(value)

    return check


def _bound(name: str, value: Any) -> float | None:
    return None if value is None else checks.finite(name, value)


_LEVELS = {"levels": Setting(10, lambda name, value: checks.at_least(name, value, 2))}

POPULATIONS = FunctionMethod(
    "compare.methods.ladders:POPULATIONS", "populations and jump rates of one oscillator", _LEVELS, _populations
)
ENERGIES = FunctionMethod("compare.methods.ladders:ENERGIES", "energies of an uncoupled pair", _LEVELS, _energies)
RADIAL = FunctionMethod(
    "compare.methods.ladders:RADIAL",
    "distribution of |alpha|^2 of one oscillator",
    {
        "face": Setting("langevin", _word("langevin", "wigner")),
        "bound": Setting(None, _bound),
        "wall": Setting("absorbing", _word("absorbing", "reflecting")),
        "cells": Setting(160, lambda name, value: checks.at_least(name, value, 8)),
    },
    _radial,
)
