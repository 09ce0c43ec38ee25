"""Methods: each turns a system and settings into the labelled numbers of one point.

==============  =========================================================================================
langevin        ensemble of the classical Langevin equation, ``system.langevin()``
wigner          truncated-Wigner ensemble, ``system.wigner()`` (the form of the system's dissipators)
wigner_reset    the same with every jump resetting the phase
wigner_coherent the same with tangential noise
fokker_planck   deterministic Fokker-Planck state of the amplitude equations, one or two oscillators
jumps           quantum-jump trajectories of ``system.lindblad(levels)``
steadystate     exact steady state of the same
perturbation    first order in the coupling about the steady state of ``system.uncoupled()``
==============  =========================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import langevin
import quantum
from compare import checks
from compare.measures import SAMPLE_HARMONICS, PhaseSync, phase_sync
from compare.variables import Variable, register_variable

PHI = 2.0 * np.pi * np.arange(64) / 64
"""Angles at which datasets keep P(phi)."""

register_variable(
    "sync_step_error",
    Variable(("pair",), "S at this time step minus S at twice the step", "1", "independent ensembles"),
)
register_variable("sync_grid_error", Variable(("pair",), "error estimate of S from grid and harmonics", "1", "solver"))
register_variable("exit_rate_stderr", Variable((), "standard error of the exit rate", "gamma", "Poisson counts"))
register_variable(
    "exploded_fraction", Variable((), "fraction of trajectories beyond any number", "1", "count of explosions")
)

Check = Callable[[str, Any], Any]


def _positive(name: str, value: Any) -> float:
    number = checks.finite(name, value)
    if not number > 0.0:
        raise ValueError(f"Argument `{name}` must be positive, but is {number}.")
    return number


def _non_negative(name: str, value: Any) -> float:
    number = checks.finite(name, value)
    if number < 0.0:
        raise ValueError(f"Argument `{name}` must be non-negative, but is {number}.")
    return number


def _count(least: int) -> Check:
    return lambda name, value: checks.at_least(name, value, least)


def _word(*words: str) -> Check:
    def check(name: str, value: Any) -> str:
        if value not in words:
            raise ValueError(f"Argument `{name}` must be one of {', '.join(map(repr, words))}, but is {value!r}.")
        return value

    return check


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"Argument `{name}` must be true or false, but is {value!r}.")
    return value


def _pair_list(name: str, value: Any) -> Any:
    """The word "all", or a list of pairs of whole numbers."""
    if value == "all":
        return value
    try:
        pairs = [[checks.at_least(name, j, 0) for j in pair] for pair in value]
    except TypeError:
        pairs = []
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"Argument `{name}` must be 'all' or a list of pairs of oscillators, but is {value!r}.")
    return pairs


def _optional(check: Check) -> Check:
    return lambda name, value: None if value is None else check(name, value)


@dataclass(frozen=True)
class Setting:
    """One setting of a method: its default and the check that returns a clean value or raises ValueError."""

    default: Any
    check: Check


@dataclass(frozen=True)
class FunctionMethod:
    """A method made of a function; see `compare.interfaces.Method`. `fit` refuses settings that do not fit together."""

    name: str
    summary: str
    table: Mapping[str, Setting]
    function: Callable[..., dict[str, Any]]
    definition: str | None = None
    many: Callable[..., list[dict[str, Any]]] | None = None
    fit: Callable[[Mapping[str, Any]], None] | None = None

    def settings(self, system: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        """Check settings and fill in defaults; raises ValueError for unknown names and wrong values."""
        for name in given:
            checks.known(f"setting of method {self.name!r}:", name, self.table)
        clean = {name: s.check(name, given[name]) if name in given else s.default for name, s in self.table.items()}
        if self.fit is not None:
            self.fit(clean)
        return clean

    def run(self, system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
        """Return the numbers of one point."""
        return self.function(system, settings, seed, threads)

    def run_many(
        self, systems: Sequence[Any], settings: Mapping[str, Any], seeds: Sequence[int], threads: int
    ) -> list[dict[str, Any]]:
        """Return the numbers of several points, together where that is quicker."""
        if self.many is not None:
            return self.many(systems, settings, seeds, threads)
        return [self.run(system, settings, seed, threads) for system, seed in zip(systems, seeds, strict=True)]


def _fit_window(settings: Mapping[str, Any]) -> None:
    """Refuse a window that is no whole number of sampling intervals, or holds no sample after the burn-in."""
    duration, burn_in, every = settings["duration"], settings["burn_in"], settings["sample_every"]
    if abs(round(duration / every) * every - duration) > 1e-9 * duration:
        raise ValueError(f"Argument `sample_every` must divide the duration {duration:g}, but is {every:g}.")
    if duration - burn_in < every * (1.0 - 1e-9):
        raise ValueError(
            f"Argument `burn_in` must leave at least one sample (every {every:g}) of the duration {duration:g}, "
            f"but is {burn_in:g}."
        )


def _fit_jumps(settings: Mapping[str, Any]) -> None:
    """Refuse also an initial Fock state beyond the levels."""
    _fit_window(settings)
    initial, levels = settings["initial"], settings["levels"]
    if initial is not None and max(initial, default=0) >= levels:
        raise ValueError(f"Argument `initial` must stay below `levels` = {levels}, but is {initial}.")


def _fit_steps(settings: Mapping[str, Any]) -> None:
    """Refuse steps that do not divide the sampling interval and increments that a scheme does not take."""
    _fit_window(settings)
    every, dt = settings["sample_every"], settings["dt"]
    for step in (dt, 2.0 * dt) if settings["step_error"] else (dt,):
        if round(every / step) < 1 or abs(round(every / step) * step - every) > 1e-9 * every:
            extra = " (and twice the step, for `step_error`)" if settings["step_error"] else ""
            raise ValueError(f"Argument `dt` must divide `sample_every` ({every:g}){extra}, but is {dt:g}.")
    allowed = langevin.SCHEMES[settings["scheme"]].noises
    if settings["noise"] not in allowed:
        raise ValueError(
            f"Argument `noise` must be one of {', '.join(map(repr, allowed))} for scheme {settings['scheme']!r}, "
            f"but is {settings['noise']!r}."
        )


def _in_threads(function: Callable[..., dict[str, Any]]) -> Callable[..., list[dict[str, Any]]]:
    """Points side by side, for solvers that have no threads of their own; one BLAS thread each."""

    def run(
        systems: Sequence[Any], settings: Mapping[str, Any], seeds: Sequence[int], threads: int
    ) -> list[dict[str, Any]]:
        with threadpool_limits(1), ThreadPoolExecutor(threads) as pool:
            return list(pool.map(lambda system, seed: function(system, settings, seed, 1), systems, seeds))

    return run


def _pair_results(syncs: Sequence[PhaseSync], pairs: Sequence[tuple[int, int]], *, errors: bool) -> dict[str, Any]:
    """The variables of the relative phases of `pairs`."""
    out: dict[str, Any] = {
        "pair": [f"{a}-{b}" for a, b in pairs],
        "sync": np.array([s.sync for s in syncs]),
        "locked_phase": np.array([s.phase for s in syncs]),
        "phi": PHI,
        "phase_density": np.array([s.density(PHI) for s in syncs]).reshape(len(syncs), PHI.size),
    }
    if errors:
        out["sync_stderr"] = np.array([s.stderr for s in syncs])
    return out


def _require(system: Any, face: str, method: str) -> None:
    if not hasattr(system, face):
        raise ValueError(f"Method {method!r} needs a system with `{face}`, which {system.name!r} has not.")


# --- ensembles of amplitudes ------------------------------------------------------------------------------------------

_ENSEMBLE = {
    "trajectories": Setting(1024, _count(2)),
    "duration": Setting(200.0, _positive),
    "burn_in": Setting(20.0, _non_negative),
    "sample_every": Setting(0.1, _positive),
    "dt": Setting(5e-3, _positive),
    "scheme": Setting("exponential", _word(*langevin.SCHEMES)),
    "noise": Setting("gaussian", _word(*langevin.NOISES)),
    "escape": Setting("restart", _word("restart", "stop")),
    # highest harmonic of the relative phase; S much above 1, or a bimodal P(phi), needs more
    "harmonics": Setting(SAMPLE_HARMONICS, _count(1)),
    # pairs that are followed: "all", a list of [j, k], or None: all of up to 16 oscillators, else neighbours in number
    "pairs": Setting(None, _optional(_pair_list)),
    "step_error": Setting(False, _flag),
}

_WIGNER = {
    **_ENSEMBLE,
    "duration": Setting(100.0, _positive),
    "burn_in": Setting(10.0, _non_negative),
    "dt": Setting(1e-2, _positive),
    # the Wigner faces are Itô equations with polar noise
    "scheme": Setting("exponential", _word("exponential", "euler")),
    "cutoff": Setting(10.0, _optional(_positive)),
}

CUT_OFF = (
    "Trajectories start from the stationary state of the uncoupled oscillators below |alpha|^2 = cutoff, the counterpart of "
    "as many Fock states, are sampled after the burn-in until one oscillator first exceeds the cutoff, and then begin again."
)

QUASI_STATIONARY = (
    "Quasi-stationary ensemble: trajectories start on their limit cycles with random phases; after the burn-in they are "
    "sampled until one oscillator first exceeds its escape bound (|alpha|^2 = n_- + 10 sigma_-), then they begin again. "
    "With a bath damping on every oscillator there is no bound and the average is over the true steady state."
)


def _followed(asked: Any, oscillators: int) -> list[tuple[int, int]] | None:
    """The pairs that the setting `pairs` stands for; None leaves them to the engine."""
    if asked == "all" or (asked is None and oscillators <= 16):
        return list(combinations(range(oscillators), 2))
    return None if asked is None else [(j, k) for j, k in asked]


def _ensemble(model: langevin.Model, settings: Mapping[str, Any], seed: int, threads: int, dt: float) -> langevin.Runs:
    every = settings["sample_every"]
    samples = round(settings["duration"] / every)
    cutoff = settings.get("cutoff")
    if cutoff is None:
        start = langevin.initial.limit_cycle(model, settings["trajectories"], seed=seed)
    else:
        start = langevin.initial.stationary(model, settings["trajectories"], bound=cutoff, seed=seed)
    return langevin.simulate(
        model, start, every * np.arange(samples + 1), dt=dt, seed=seed, scheme=settings["scheme"],
        pairs=_followed(settings["pairs"], start.shape[1]),
        noise=settings["noise"], burn_in=settings["burn_in"], escape=settings["escape"], threads=threads, bound=cutoff,
        k_max=settings["harmonics"],
    )  # fmt: skip


def _amplitudes(
    model: langevin.Model, shift: float, settings: Mapping[str, Any], seed: int, threads: int
) -> dict[str, Any]:
    """Numbers of an ensemble of `model`; `shift` turns |alpha|^2 into a number of quanta."""
    runs = _ensemble(model, settings, seed, threads, settings["dt"])
    pairs = [(int(a), int(b)) for a, b in runs.pairs]
    syncs = [phase_sync(runs, pair, harmonics=settings["harmonics"]) for pair in pairs]
    number, number_error = runs.mean_number()
    bounded = runs.escape != "none"
    out = {
        **_pair_results(syncs, pairs, errors=True),
        "mean_number": number - shift,
        "mean_number_stderr": number_error,
        "exploded_fraction": runs.exploded / runs.trajectories,
        "trajectories": runs.trajectories,
    }
    if bounded:
        out["escaped_fraction"] = (runs.exits + runs.exits_in_burn_in) / runs.trajectories
        out["exit_rate"], out["exit_rate_stderr"] = runs.exit_rate, runs.exit_rate_stderr
    if settings["step_error"]:
        double = _ensemble(model, settings, seed + 1, threads, 2.0 * settings["dt"])
        coarse = [phase_sync(double, pair, harmonics=settings["harmonics"]) for pair in pairs]
        out["sync_step_error"] = out["sync"] - np.array([found.sync for found in coarse])
    return out


def _langevin(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    _require(system, "langevin", "langevin")
    return _amplitudes(system.langevin(), 0.0, settings, seed, threads)


def _wigner(form: str | None, name: str) -> Callable[..., dict[str, Any]]:
    def run(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
        _require(system, "wigner", name)
        return _amplitudes(system.wigner(form) if form else system.wigner(), 0.5, settings, seed, threads)

    return run


def _fokker_planck(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    face, _, form = settings["face"].partition("_")
    _require(system, face, "fokker_planck")
    model = system.wigner(form) if form else getattr(system, face)()
    bound = settings["bound"] if settings["bound"] is not None else model.bound
    state = langevin.fokker_planck(
        model, bound=bound, wall=settings["wall"], cells=settings["cells"], harmonics=settings["harmonics"]
    )
    sync = phase_sync(state)
    return {
        **_pair_results([sync], [(0, 1)], errors=False),
        "sync_grid_error": np.array([2.0 * float(np.sum(state.harmonics_error[1:]))]),
        "mean_number": state.mean_number - (0.5 if face == "wigner" else 0.0),
        "exit_rate": state.exit_rate,
        "residual": state.residual,
    }


# --- states -----------------------------------------------------------------------------------------------------------


def _state_results(
    state: Any, syncs: Sequence[PhaseSync], pairs: Sequence[tuple[int, int]], errors: bool
) -> dict[str, Any]:
    return {
        **_pair_results(syncs, pairs, errors=errors),
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
    _require(system, "lindblad", "steadystate")
    return _exact(quantum.steady_state(system.lindblad(settings["levels"]), method=settings["solver"]))


def _steadystates(
    systems: Sequence[Any], settings: Mapping[str, Any], seeds: Sequence[int], threads: int
) -> list[dict[str, Any]]:
    for system in systems:
        _require(system, "lindblad", "steadystate")
    models = [system.lindblad(settings["levels"]) for system in systems]
    return [_exact(state) for state in quantum.steady_states(models, method=settings["solver"], threads=threads)]


def _perturbation(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    _require(system, "uncoupled", "perturbation")
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
    _require(system, "lindblad", "jumps")
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


_LEVELS = {"levels": Setting(10, _count(2))}

METHODS: dict[str, FunctionMethod] = {
    method.name: method
    for method in (
        FunctionMethod(
            "langevin", "classical Langevin ensemble", _ENSEMBLE, _langevin, QUASI_STATIONARY, fit=_fit_steps
        ),
        FunctionMethod(
            "wigner", "truncated-Wigner ensemble", _WIGNER, _wigner(None, "wigner"), CUT_OFF, fit=_fit_steps
        ),
        FunctionMethod(
            "wigner_reset",
            "truncated Wigner, phase reset at jumps",
            _WIGNER,
            _wigner("reset", "wigner_reset"),
            CUT_OFF,
            fit=_fit_steps,
        ),
        FunctionMethod(
            "wigner_coherent",
            "truncated Wigner, tangential noise",
            _WIGNER,
            _wigner("coherent", "wigner_coherent"),
            CUT_OFF,
            fit=_fit_steps,
        ),
        FunctionMethod(
            "fokker_planck",
            "deterministic Fokker-Planck state",
            {
                "face": Setting("langevin", _word("langevin", "wigner", "wigner_coherent", "wigner_reset")),
                "bound": Setting(None, _optional(_positive)),
                "wall": Setting("absorbing", _word("absorbing", "reflecting")),
                "cells": Setting(44, _count(8)),
                "harmonics": Setting(4, _count(1)),
            },
            _fokker_planck,
            "Leading eigenvector of the Fokker-Planck operator of the amplitude equations (`face`), with an absorbing wall at "
            "the escape bound (quasi-stationary) or a reflecting wall at `bound` (steady).",
            many=_in_threads(_fokker_planck),
        ),
        FunctionMethod(
            "jumps",
            "quantum-jump trajectories",
            {
                **_LEVELS,
                # few long trajectories: the populations' algebraic tail takes hundreds of 1/gamma to fill
                "trajectories": Setting(64, _count(2)),
                "duration": Setting(4000.0, _positive),
                "burn_in": Setting(1000.0, _non_negative),
                "sample_every": Setting(0.25, _positive),
                "groups": Setting(None, _optional(_count(2))),
                "harmonics": Setting(SAMPLE_HARMONICS, _count(1)),
                "initial": Setting(None, _optional(_levels_list)),
            },
            _jumps,
            "Trajectories start from the steady state of the uncoupled oscillators (a network of more than 1024 states: from "
            "the Fock states nearest to n_+), and are sampled after the burn-in.",
            fit=_fit_jumps,
        ),
        FunctionMethod(
            "steadystate",
            "exact steady state of the master equation",
            {**_LEVELS, "solver": Setting("auto", _word("auto", "direct", "krylov", "evolve"))},
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
            many=_in_threads(_perturbation),
        ),
    )
}
"""Methods by name."""
