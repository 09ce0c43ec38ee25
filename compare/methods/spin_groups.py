"""Methods of groups of finitely many spins: correlations of two members in the steady state, and the decay of coherence.

A finite system has no amplitude <S^+> in its steady state: its phase is free. What is left of synchronization is the coherence
of two members, <S^+_i S^-_j>. For infinite groups in mean field it is |<S^+>|^2 within a group and <S^+>_A <S^->_B between
the groups (`compare.methods.mean_fields.LONG_TIME` gives both).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import langevin
import quantum
from compare.methods.declare import (
    FunctionMethod,
    Setting,
    count,
    fit_window,
    in_threads,
    non_negative,
    positive,
    require,
    word,
)
from compare.methods.mean_fields import GROUPS, coherence_list, wave_states
from compare.variables import Variable, register_variable
from quantum.cumulants import decay_time
from quantum.mean_field import evolve

for _name, _about in {
    "pair_coherence_stderr": Variable(
        ("group",), "standard error of the coherence of two members", "1", "sampling error over independent trajectories"
    ),
    "cross_coherence_stderr": Variable(
        (), "standard errors of Re and Im of the coherence between groups, as Re and Im", "1",
        "sampling error over independent trajectories",
    ),
    "group_amplitude": Variable(("time",), "modulus of <S+> of the first group", "1", "from the mean-field state"),
    "lifetime": Variable((), "time in which |<S+>| decays to 1/e", "1/gamma_-", "from the mean-field state"),
}.items():  # fmt: skip
    register_variable(_name, _about)


# --- correlations of the steady state ----------------------------------------------------------------------------------


def _coherences(system: Any, of_pair: Callable[[int, int], complex]) -> dict[str, Any]:
    """Results from a function that gives <S^+ S^-> of members of two groups; NaN where a group has one member."""
    own = [of_pair(g, g).real if system.finite_size > 1 else np.nan for g in range(system.groups)]
    out: dict[str, Any] = {"group": list(GROUPS[: system.groups]), "pair_coherence": own}
    if system.groups == 2:
        out["cross_coherence"] = complex(of_pair(0, 1))
    return out


def _pair_operator(system: Any) -> np.ndarray:
    plus = system.amplitude_operator.toarray()
    return np.kron(plus, plus.conj().T)


def _full(system: Any) -> dict[str, Any]:
    """From the steady state in the product space."""
    state = quantum.steady_state(system.lindblad())

    def of_pair(g: int, k: int) -> complex:
        return complex(state.expect(system.pair_operator(g, k)))

    return {**_coherences(system, of_pair), "residual": state.residual}


def _symmetric(system: Any) -> dict[str, Any]:
    """From the steady state on permutation-symmetric operators."""
    state = system.permutation().steady_state()
    pair = _pair_operator(system)
    return _coherences(system, lambda g, k: complex(np.einsum("ij,ji->", state.two_body(g, k), pair)))


def _steady(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    require(system, "permutation", "STEADY")
    full = settings["space"] == "product" or (settings["space"] == "auto" and system.finite_size == 1)
    return _full(system) if full else _symmetric(system)


STEADY = FunctionMethod(
    "compare.methods.spin_groups:STEADY",
    "coherences of two members in the exact steady state",
    {"space": Setting("auto", word("auto", "product", "symmetric"))},
    _steady,
    "Steady state of the master equation, in the product space (auto: for N = 1) or on permutation-symmetric operators.",
    many=in_threads(_steady),
)


def _jumps(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    require(system, "pair_operator", "JUMPS")
    every = settings["sample_every"]
    model = system.lindblad()
    runs = quantum.jump_trajectories(
        model, (1,) * system.oscillators, every * np.arange(round(settings["duration"] / every) + 1), seed=seed,
        trajectories=settings["trajectories"], threads=threads, burn_in=settings["burn_in"], sampling=settings["sampling"],
    )  # fmt: skip
    found: dict[tuple[int, int], tuple[complex, complex]] = {}

    def of_pair(g: int, k: int) -> complex:
        operator = system.pair_operator(g, k)

        def both(state: quantum.Density) -> np.ndarray:
            value = complex(state.expect(operator))
            return np.array([value.real, value.imag])

        value, error = runs.estimate(both)
        found[g, k] = complex(*value), complex(*error)
        return found[g, k][0]

    out = _coherences(system, of_pair)
    return {**out, **_errors(system, lambda g, k: found[g, k][1]), "trajectories": runs.trajectories}


def _errors(system: Any, of_pair: Callable[[int, int], complex]) -> dict[str, Any]:
    own = [of_pair(g, g).real if system.finite_size > 1 else np.nan for g in range(system.groups)]
    out: dict[str, Any] = {"pair_coherence_stderr": own}
    if system.groups == 2:
        out["cross_coherence_stderr"] = complex(of_pair(0, 1))
    return out


_RUNS = {
    "trajectories": Setting(64, count(2)),
    "duration": Setting(200.0, positive),
    "burn_in": Setting(20.0, non_negative),
    "sample_every": Setting(0.25, positive),
}

JUMPS = FunctionMethod(
    "compare.methods.spin_groups:JUMPS",
    "coherences of two members by quantum jumps",
    # integral: exact time averages, with smaller errors; needs couplings that move the state in which all are in level 1
    {**_RUNS, "sampling": Setting("grid", word("grid", "integral"))},
    _jumps,
    "Trajectories start with every oscillator in its level 1 and are averaged after the burn-in.",
    fit=fit_window,
)


def _fit_steps(settings: Mapping[str, Any]) -> None:
    """Refuse also a step that does not divide the sampling interval."""
    fit_window(settings)
    every, dt = settings["sample_every"], settings["dt"]
    if round(every / dt) < 1 or abs(round(every / dt) * dt - every) > 1e-9 * every:
        raise ValueError(f"Argument `dt` must divide `sample_every` ({every:g}), but is {dt:g}.")


# --- classical ensembles ------------------------------------------------------------------------------------------------


def _times(settings: Mapping[str, Any]) -> np.ndarray:
    every = settings["sample_every"]
    return every * np.arange(round(settings["duration"] / every) + 1)


def _discrete_wigner(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    require(system, "discrete_wigner", "DISCRETE_WIGNER")
    require(system, "amplitude_operator", "DISCRETE_WIGNER")
    plus = system.amplitude_operator.toarray()
    own = [((g, 0), (g, 1)) for g in range(system.groups)] if system.finite_size > 1 else []
    pairs = own + ([((0, 0), (1, 1))] if system.groups == 2 else [])
    runs = langevin.discrete_wigner(
        system.discrete_wigner(), np.diag([0.0, 1.0, 0.0]), _times(settings), dt=settings["dt"], seed=seed,
        trajectories=settings["trajectories"], observables=[plus, plus.T], correlations=pairs,
        dissipation=settings["dissipation"], burn_in=settings["burn_in"], threads=threads,
    )  # fmt: skip
    value, error = runs.window_correlations()
    place = {(g, h): number for number, ((g, _), (h, _)) in enumerate(pairs)}
    return {
        **_coherences(system, lambda g, k: complex(value[place[g, k]])),
        **_errors(system, lambda g, k: complex(error[place[g, k]])),
        "trajectories": runs.trajectories,
    }


DISCRETE_WIGNER = FunctionMethod(
    "compare.methods.spin_groups:DISCRETE_WIGNER",
    "coherences of two members by the discrete truncated Wigner ensemble",
    {**_RUNS, "dt": Setting(0.05, positive), "dissipation": Setting("reset", word(*langevin.DISSIPATIONS))},
    _discrete_wigner,
    "Phase-point matrices drawn from the level 1 of every oscillator, averaged after the burn-in.",
    fit=_fit_steps,
)


def _phase_oscillators(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    """|S^+| = sqrt2 for every oscillator; of N of them without order |Z|^2 is 1/N, which is taken out."""
    require(system, "kuramoto", "PHASE_OSCILLATORS")
    size = settings["size"]
    runs = langevin.phase_oscillators(
        system.kuramoto(), [size] * system.groups, _times(settings), dt=settings["dt"], seed=seed,
        realisations=settings["trajectories"], burn_in=settings["burn_in"], threads=threads, save=True,
    )  # fmt: skip
    assert runs.series is not None
    window = runs.series[:, runs.times >= settings["burn_in"]]
    squares = (np.abs(window) ** 2).mean(axis=1)
    own = 2.0 * (size * squares - 1.0) / (size - 1.0)
    out: dict[str, Any] = {"group": list(GROUPS[: system.groups]), "pair_coherence": own.mean(axis=0)}
    out["pair_coherence_stderr"] = own.std(axis=0, ddof=1) / np.sqrt(len(own))
    if system.groups == 2:
        cross = 2.0 * (window[..., 0] * window[..., 1].conj()).mean(axis=1)
        errors = np.array([cross.real.std(ddof=1), cross.imag.std(ddof=1)]) / np.sqrt(len(cross))
        out["cross_coherence"], out["cross_coherence_stderr"] = complex(cross.mean()), complex(*errors)
    return {**out, "growth_rate": float(langevin.incoherence_growth(system.kuramoto()).real.max())}


PHASE_OSCILLATORS = FunctionMethod(
    "compare.methods.spin_groups:PHASE_OSCILLATORS",
    "coherences of two members of groups of noisy phase oscillators",
    {**_RUNS, "dt": Setting(0.025, positive), "size": Setting(100, count(2))},
    _phase_oscillators,
    "Kuramoto-Sakaguchi oscillators from random phases, `size` in each group; |S+| = sqrt(2).",
    fit=_fit_steps,
)


# --- decay of coherence ----------------------------------------------------------------------------------------------------


def _decay(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    """|<S^+>| from the mean-field state of infinite groups with the same parameters."""
    require(system, "cumulants", "DECAY")
    states, wave = wave_states(system.infinite(), settings["seeds"], settings["settle"], threads)
    if not wave.converged:
        raise ValueError("Method 'DECAY' needs parameters at which infinite groups synchronize, but these do not.")
    times = np.linspace(0.0, settings["duration"], settings["samples"] + 1)
    plus = system.amplitude_operator
    if settings["engine"] == "cumulants":
        amplitude = system.cumulants(states, times).expect(plus)
    elif settings["engine"] == "permutation":
        amplitude = system.permutation().evolve(states, times).expect(plus)
    else:
        amplitude = evolve(system.uncoupled().mean_field(), states, times, observe=[(0, plus)], threads=threads).values[
            0
        ]  # type: ignore[index]
    return {"time": times, "group_amplitude": np.abs(amplitude), "lifetime": decay_time(times, amplitude)}


DECAY = FunctionMethod(
    "compare.methods.spin_groups:DECAY",
    "decay of <S+> from the mean-field state, and the time in which it falls to 1/e",
    {
        "engine": Setting("cumulants", word("cumulants", "permutation", "uncoupled")),
        "duration": Setting(200.0, positive),
        "samples": Setting(2000, count(2)),
        "seeds": Setting([0.1, 0.0], coherence_list),
        "settle": Setting(200.0, positive),
    },
    _decay,
    "All oscillators start in the rotating wave of infinitely many with the same parameters, as independent ones; cumulants: "
    "of second order; permutation: exact; uncoupled: without any coupling.",
    many=in_threads(_decay),
)
