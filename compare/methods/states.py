"""The methods of states: quantum-jump trajectories, exact steady states, first order in the coupling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

import langevin
import quantum
from compare import checks
from compare.measures import SAMPLE_HARMONICS, PhaseSync, phase_sync
from compare.methods.declare import (
    FunctionMethod,
    Setting,
    count,
    fit_window,
    in_threads,
    non_negative,
    optional,
    pair_results,
    positive,
    require,
    word,
)


def _fit_jumps(settings: Mapping[str, Any]) -> None:
    """Refuse also an initial Fock state beyond the levels."""
    fit_window(settings)
    initial, levels = settings["initial"], settings["levels"]
    if initial is not None and max(initial, default=0) >= levels:
        raise ValueError(f"Argument `initial` must stay below `levels` = {levels}, but is {initial}.")


def _state_results(
    state: Any, syncs: Sequence[PhaseSync], pairs: Sequence[tuple[int, int]], errors: bool
) -> dict[str, Any]:
    return {
        **pair_results(syncs, pairs, errors=errors),
        "mean_number": np.array([state.mean_number(j) for j in range(len(state.dims))]),
        "tail_population": float(state.tail_population()),
    }


def _pairs_of(dims: Sequence[int]) -> list[tuple[int, int]]:
    return list(combinations(range(len(dims)), 2))


def _exact(state: quantum.SteadyState) -> dict[str, Any]:
    pairs = _pairs_of(state.dims)
    out = _state_results(state, [phase_sync(state, pair) for pair in pairs], pairs, errors=False)
    return {**out, "residual": state.residual}


def _steadystate(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    require(system, "lindblad", "steadystate")
    return _exact(quantum.steady_state(system.lindblad(settings["levels"]), method=settings["solver"]))


def _steadystates(
    systems: Sequence[Any], settings: Mapping[str, Any], seeds: Sequence[int], threads: int
) -> list[dict[str, Any]]:
    for system in systems:
        require(system, "lindblad", "steadystate")
    models = [system.lindblad(settings["levels"]) for system in systems]
    return [_exact(state) for state in quantum.steady_states(models, method=settings["solver"], threads=threads)]


def _perturbation(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    require(system, "uncoupled", "perturbation")
    free = system.uncoupled().lindblad(settings["levels"])
    interaction = system.lindblad(settings["levels"]).hamiltonian - free.hamiltonian
    zeroth = quantum.steady_state(free)
    first = quantum.first_order(free, interaction, zeroth)
    pairs = _pairs_of(free.dims)
    return _state_results(zeroth, [phase_sync(first, pair) for pair in pairs], pairs, errors=False)


# Dimension up to which the density matrix of the start is kept dense: 16 MiB
_DENSE_START = 1024


def _jump_start(system: Any, model: quantum.Lindblad, settings: Mapping[str, Any]) -> Any:
    """Fock states if asked for, else the steady state without coupling, whose slowly filling tail is there from the start."""
    if settings["initial"] is not None:
        return tuple(settings["initial"])
    if hasattr(system, "uncoupled") and model.dimension <= _DENSE_START:
        return quantum.steady_state(system.uncoupled().lindblad(settings["levels"]))
    return tuple(min(round(n), d - 1) for n, d in zip(getattr(system, "n_plus", model.dims), model.dims, strict=True))


def _jumps(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    require(system, "lindblad", "jumps")
    model = system.lindblad(settings["levels"])
    every = settings["sample_every"]
    start = _jump_start(system, model, settings)
    runs = quantum.jump_trajectories(
        model, start, every * np.arange(round(settings["duration"] / every) + 1), seed=seed, threads=threads,
        trajectories=settings["trajectories"], burn_in=settings["burn_in"], groups=settings["groups"],
    )  # fmt: skip
    assert runs.density is not None
    pairs = _pairs_of(model.dims)
    syncs = [phase_sync(runs, pair, harmonics=settings["harmonics"]) for pair in pairs]
    mean = quantum.Density(runs.density.dims, runs.density.rows, runs.density.cols, runs.density.values.mean(axis=0))
    weight = runs.density.trace()
    numbers = [langevin.ratio_with_error(runs.density.mean_number(j), weight) for j in range(len(model.dims))]
    return {
        **_state_results(mean, syncs, pairs, errors=True),
        "mean_number_stderr": np.array([error for _, error in numbers]),
        "trajectories": runs.trajectories,
    }


def _levels_list(name: str, value: Any) -> list[int]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(f"Argument `{name}` must list one level per oscillator, but is {value!r}.")
    return [checks.at_least(f"{name}[{j}]", n, 0) for j, n in enumerate(value)]


_LEVELS = {"levels": Setting(10, count(2))}

METHODS = (
    FunctionMethod(
        "jumps",
        "quantum-jump trajectories",
        {
            **_LEVELS,
            # few long trajectories: the populations' algebraic tail takes hundreds of 1/gamma to fill
            "trajectories": Setting(64, count(2)),
            "duration": Setting(4000.0, positive),
            "burn_in": Setting(1000.0, non_negative),
            "sample_every": Setting(0.25, positive),
            "groups": Setting(None, optional(count(2))),
            "harmonics": Setting(SAMPLE_HARMONICS, count(1)),
            "initial": Setting(None, optional(_levels_list)),
        },
        _jumps,
        "Trajectories start from the steady state of the uncoupled oscillators (a network of more than 1024 states: from "
        "the Fock states nearest to n_+), and are sampled after the burn-in.",
        fit=_fit_jumps,
    ),
    FunctionMethod(
        "steadystate",
        "exact steady state of the master equation",
        {**_LEVELS, "solver": Setting("auto", word("auto", "direct", "krylov", "evolve"))},
        _steadystate,
        "Unique solution of L rho = 0, tr rho = 1, with `levels` Fock states per oscillator.",
        many=_steadystates,
    ),
    FunctionMethod(
        "perturbation",
        "first order in the coupling",
        _LEVELS,
        _perturbation,
        "S of the first-order change of the steady state of the uncoupled oscillators; populations of zeroth order.",
        many=in_threads(_perturbation),
    ),
)
