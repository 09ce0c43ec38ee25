"""The methods of amplitudes: ensembles of Langevin and truncated-Wigner equations, and their Fokker-Planck states.

Ensembles have a sampling error, `<number>_stderr`, and an error of the time step. With the setting ``step_error`` the run is
repeated at twice the step, and each of its numbers comes with `<number>_step_error`, its value minus that at 2 dt: for
schemes of weak order one minus the whole error of the step, for those of order two three times as much. Gaussian
increments of the long steps are sums of those of the short ones, so that both runs follow the same Brownian paths; what
chaos and other increments leave of sampling noise in the difference is at most sqrt(2) standard errors.

Where a trajectory has exploded, `exploded_fraction` says so and all averages are NaN: the step is too long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

import numpy as np

import langevin
from compare.measures import SAMPLE_HARMONICS, phase_sync
from compare.methods.declare import (
    FunctionMethod,
    Setting,
    count,
    fit_window,
    flag,
    in_threads,
    non_negative,
    optional,
    pair_list,
    pair_results,
    positive,
    require,
    word,
)
from compare.variables import Variable, register_variable, variable

register_variable("sync_grid_error", Variable(("pair",), "error estimate of S from grid and harmonics", "1", "solver"))
register_variable("exit_rate_stderr", Variable((), "standard error of the exit rate", "gamma", "Poisson counts"))
register_variable(
    "exploded_fraction", Variable((), "fraction of trajectories beyond any number", "1", "count of explosions")
)

_STEPPED = (
    "sync", "locked_phase", "phase_density", "mean_number", "escaped_fraction", "exit_rate", "exploded_fraction",
)  # fmt: skip
for _name in _STEPPED:
    _about = variable(_name)
    register_variable(
        f"{_name}_step_error",
        Variable(
            _about.dims, f"{_about.long_name}: value minus that at twice the time step", _about.units, "second run"
        ),
    )


def _fit_steps(settings: Mapping[str, Any]) -> None:
    """Refuse steps that do not divide the sampling interval and increments that a scheme does not take."""
    fit_window(settings)
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


_ENSEMBLE = {
    "trajectories": Setting(1024, count(2)),
    "duration": Setting(200.0, positive),
    "burn_in": Setting(20.0, non_negative),
    "sample_every": Setting(0.1, positive),
    "dt": Setting(5e-3, positive),
    "scheme": Setting("exponential", word(*langevin.SCHEMES)),
    "noise": Setting("gaussian", word(*langevin.NOISES)),
    "escape": Setting("restart", word("restart", "stop")),
    # highest harmonic of the relative phase; S much above 1, or a bimodal P(phi), needs more
    "harmonics": Setting(SAMPLE_HARMONICS, count(1)),
    # pairs that are followed: "all", a list of [j, k], or None: all of up to 16 oscillators, else neighbours in number
    "pairs": Setting(None, optional(pair_list)),
    # whether the run is repeated at twice the step, for `<number>_step_error` beside each number
    "step_error": Setting(False, flag),
}

_WIGNER = {
    **_ENSEMBLE,
    "duration": Setting(100.0, positive),
    "burn_in": Setting(10.0, non_negative),
    "dt": Setting(1e-2, positive),
    # the Wigner faces are Itô equations with polar noise
    "scheme": Setting("exponential", word("exponential", "euler")),
    "cutoff": Setting(10.0, optional(positive)),
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


def _ensemble(
    model: langevin.Model, settings: Mapping[str, Any], seed: int, threads: int, *, double: bool = False
) -> langevin.Runs:
    """The ensemble of `settings`; `double` is the one of twice the step, on the same paths where they can be shared."""
    every = settings["sample_every"]
    samples = round(settings["duration"] / every)
    cutoff = settings.get("cutoff")
    if cutoff is None:
        start = langevin.initial.limit_cycle(model, settings["trajectories"], seed=seed)
    else:
        start = langevin.initial.stationary(model, settings["trajectories"], bound=cutoff, seed=seed)
    shared = double and settings["noise"] == "gaussian"
    return langevin.simulate(
        model, start, every * np.arange(samples + 1), dt=settings["dt"] * (2.0 if double else 1.0),
        seed=seed + 1 if double and not shared else seed, merged=2 if shared else 1, scheme=settings["scheme"],
        pairs=_followed(settings["pairs"], start.shape[1]),
        noise=settings["noise"], burn_in=settings["burn_in"], escape=settings["escape"], threads=threads, bound=cutoff,
        k_max=settings["harmonics"],
    )  # fmt: skip


def _amplitudes(
    model: langevin.Model, shift: float, settings: Mapping[str, Any], seed: int, threads: int
) -> dict[str, Any]:
    """Numbers of an ensemble of `model`; `shift` turns |alpha|^2 into a number of quanta."""
    out = _numbers(_ensemble(model, settings, seed, threads), shift, settings)
    if settings["step_error"]:
        runs = _ensemble(model, settings, seed, threads, double=True)
        out |= _step_errors(
            out, _numbers(runs, shift, settings) if runs.exploded or np.count_nonzero(runs.weight) > 1 else None
        )
    return out


def _numbers(runs: langevin.Runs, shift: float, settings: Mapping[str, Any]) -> dict[str, Any]:
    pairs = [(int(a), int(b)) for a, b in runs.pairs]
    syncs = [phase_sync(runs, pair, harmonics=settings["harmonics"]) for pair in pairs]
    number, number_error = runs.mean_number()
    out = {
        **pair_results(syncs, pairs, errors=True),
        "mean_number": number - shift,
        "mean_number_stderr": number_error,
        "exploded_fraction": runs.exploded / runs.trajectories,
        "trajectories": runs.trajectories,
    }
    if runs.escape != "none":
        out["escaped_fraction"] = (runs.exits + runs.exits_in_burn_in) / runs.trajectories
        out["exit_rate"], out["exit_rate_stderr"] = runs.exit_rate, runs.exit_rate_stderr
    return out


def _step_errors(fine: Mapping[str, Any], coarse: Mapping[str, Any] | None) -> dict[str, Any]:
    """Each number minus that of twice the step; NaN where twice the step leaves nothing to sample."""
    found = {}
    for name in (name for name in _STEPPED if name in fine):
        change = np.asarray(fine[name]) - (np.nan if coarse is None else coarse[name])
        if name == "locked_phase":
            change = np.pi - np.mod(np.pi - change, 2.0 * np.pi)
        found[f"{name}_step_error"] = change
    return found


def _langevin(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    require(system, "langevin", "langevin")
    return _amplitudes(system.langevin(), 0.0, settings, seed, threads)


def _wigner(form: str | None, name: str) -> Callable[..., dict[str, Any]]:
    def run(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
        require(system, "wigner", name)
        return _amplitudes(system.wigner(form) if form else system.wigner(), 0.5, settings, seed, threads)

    return run


def _fokker_planck(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    face, _, form = settings["face"].partition("_")
    require(system, face, "fokker_planck")
    model = system.wigner(form) if form else getattr(system, face)()
    bound = settings["bound"] if settings["bound"] is not None else model.bound
    state = langevin.fokker_planck(
        model, bound=bound, wall=settings["wall"], cells=settings["cells"], harmonics=settings["harmonics"]
    )
    sync = phase_sync(state)
    return {
        **pair_results([sync], [(0, 1)], errors=False),
        "sync_grid_error": np.array([2.0 * float(np.sum(state.harmonics_error[1:]))]),
        "mean_number": state.mean_number - (0.5 if face == "wigner" else 0.0),
        "exit_rate": state.exit_rate,
        "residual": state.residual,
    }


METHODS = (
    FunctionMethod("langevin", "classical Langevin ensemble", _ENSEMBLE, _langevin, QUASI_STATIONARY, fit=_fit_steps),
    FunctionMethod("wigner", "truncated-Wigner ensemble", _WIGNER, _wigner(None, "wigner"), CUT_OFF, fit=_fit_steps),
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
            "face": Setting("langevin", word("langevin", "wigner", "wigner_coherent", "wigner_reset")),
            "bound": Setting(None, optional(positive)),
            "wall": Setting("absorbing", word("absorbing", "reflecting")),
            "cells": Setting(44, count(8)),
            "harmonics": Setting(4, count(1)),
        },
        _fokker_planck,
        "Leading eigenvector of the Fokker-Planck operator of the amplitude equations (`face`), with an absorbing wall at "
        "the escape bound (quasi-stationary) or a reflecting wall at `bound` (steady).",
        many=in_threads(_fokker_planck),
    ),
)
