"""Methods of groups in mean field: long-time order and frequencies, courses in time, spectra, rotating waves, stability.

They take systems with `mean_fields(systems)` (one grid out of many systems), `seeded_states(coherences)` and
`amplitude_operator`, and observe the mean amplitude <S^+> of each group, which turns as e^{i omega t}. Plans name them by
module and attribute: ``{"method": "compare.methods.mean_fields:LONG_TIME"}``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from compare import checks
from compare.methods.declare import FunctionMethod, Setting, count, flag, in_threads, optional, positive, require
from compare.variables import Variable, register_variable
from quantum.mean_field import RotatingWaves, evolve, follow, phase_slip, rotating_waves, spectrum

_PAPER = "Nadolny and Bruder, Phys. Rev. Lett. 131, 190402 (2023)"
GROUPS = "AB"
COHERENCES = ("01", "12", "02")
CLASSES = ("no synchronization", "partial synchronization", "full synchronization")
"""Meaning of the numbers of `sync_class`."""

for _name, _about in {
    "order": Variable(("group",), "time average of |<S+>|", "1", f"{_PAPER}, Fig. 2(b)"),
    "coherence_modulus": Variable(("group", "element"), "time average of |rho_kl|", "1", f"{_PAPER}, Fig. 2(b)"),
    "dominant_frequency": Variable(
        ("group",), "frequency at which the spectrum of <S+> peaks", "gamma_-", f"{_PAPER}, Fig. 3(c)"
    ),
    "phase_slip": Variable((), "mean rate of change of the relative phase phi_A - phi_B", "gamma_-", "end minus start"),
    "relative_phase": Variable((), "phi_A - phi_B at the final time", "rad", f"{_PAPER}, Fig. 4(c)"),
    "sync_class": Variable((), "0: none, 1: partial, 2: full synchronization", "1", f"{_PAPER}, Fig. 4(a)"),
    "rotation_frequency": Variable((), "frequency nu of the rotating wave", "gamma_-", "Newton's method"),
    "level_population": Variable(("group", "level"), "population of a level", "1", f"{_PAPER}, Eq. (2)"),
    "spectrum": Variable(
        ("group", "frequency"),
        "|FT| of <S+>, Hann window; a pure oscillation has its amplitude",
        "1",
        f"{_PAPER}, Fig. 3(a)",
    ),
    "amplitude": Variable(("group", "time"), "mean amplitude <S+>", "1", f"{_PAPER}, Fig. 2(a)"),
    "pair_coherence": Variable(
        ("group",), "coherence <S+_i S-_j> of two members of a group", "1", "mean field: |<S+>|^2"
    ),
    "cross_coherence": Variable(
        (), "coherence <S+_A S-_B> of members of both groups", "1", "mean field: <S+>_A <S->_B"
    ),
    "locking_detuning": Variable(
        (), "detuning at which stationary locking is lost", "gamma_-", "continuation of the wave"
    ),
    "locking_kind": Variable(
        (), "how it is lost: 0 saddle-node, 1 Hopf, 2 pitchfork, -1 not up to the largest detuning", "1", "continuation"
    ),
    "locking_phase": Variable((), "phi_A - phi_B there", "rad", "continuation of the wave"),
    "growth_rate": Variable(
        (), "largest real part of the eigenvalues about the unsynchronized state", "gamma_-", "linear stability"
    ),
    "critical_coupling": Variable((), "coupling V_c of the transition", "gamma_-", "linear stability"),
    "critical_ratio": Variable((), "V_c / (gamma_+ + gamma_-)", "1", "linear stability"),
}.items():
    register_variable(_name, _about)


# --- settings ---------------------------------------------------------------------------------------------------------


def coherence_list(name: str, value: Any) -> list[Any]:
    """Return one number, or [real, imaginary], per group; raises ValueError for anything else."""
    if isinstance(value, str | Mapping) or not isinstance(value, Sequence) or not value:
        raise ValueError(f"Argument `{name}` must list one coherence per group, but is {value!r}.")
    return [_coherence(f"{name}[{j}]", entry) for j, entry in enumerate(value)]


def _coherence(name: str, value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) != 2:
            raise ValueError(f"Argument `{name}` must be a number or [real, imaginary], but is {value!r}.")
        return [checks.finite(name, part) for part in value]
    return checks.finite(name, value)


def _starts(system: Any, given: Sequence[Any]) -> list[np.ndarray]:
    numbers = [complex(*c) if isinstance(c, list) else complex(c) for c in given]
    return system.seeded_states(numbers)


def _fit(settings: Mapping[str, Any]) -> None:
    average, samples = settings.get("average", 1), settings["samples"]
    if average > samples:
        raise ValueError(f"Argument `average` must be at most `samples` = {samples}, but is {average}.")


_WINDOW = {
    "duration": Setting(500.0, positive),
    # equally spaced; the spectrum takes the last half of them
    "samples": Setting(10000, count(4)),
    # longest Runge-Kutta step; None: chosen for each point, amplitudes good to 1e-6
    "dt": Setting(None, optional(positive)),
    # c of the initial state 1/3 + (c |1><2| + h.c.) of each group
    "seeds": Setting([0.1, 0.0], coherence_list),
}


# --- what is made of courses in time -----------------------------------------------------------------------------------


def _long_time(
    groups: int, settings: Mapping[str, Any], times: np.ndarray, values: np.ndarray
) -> dict[str, np.ndarray]:
    """The variables of `LONG_TIME` for a block of points, values of shape (points, observables, times)."""
    amplitude = values[:, :groups]
    mean = np.abs(values[..., -settings["average"] :]).mean(axis=-1)
    late, instants = _last_half(amplitude), _last_half(times)
    found = spectrum(instants, late)
    order = mean[:, :groups]
    alive = order > settings["vanishing"]
    dominant = np.where(alive, found.peak, np.nan)
    last = amplitude[..., -settings["average"] :]
    out = {"order": order, "dominant_frequency": dominant, "pair_coherence": (np.abs(last) ** 2).mean(axis=-1)}
    if values.shape[1] > groups:
        out["coherence_modulus"] = mean[:, groups:].reshape(-1, groups, len(COHERENCES))
    if groups == 2:
        out["cross_coherence"] = (last[:, 0] * last[:, 1].conj()).mean(axis=-1)
        bin_width = found.frequency[1] - found.frequency[0]
        equal = np.abs(dominant[:, 0] - dominant[:, 1]) < 0.5 * bin_width
        moving = alive.all(axis=1)
        out["phase_slip"] = np.where(moving, phase_slip(instants, late[:, 0], late[:, 1]), np.nan)
        out["relative_phase"] = np.where(moving, np.angle(late[:, 0, -1] * late[:, 1, -1].conj()), np.nan)
        out["sync_class"] = np.where(equal & moving, 2.0, np.where(alive.any(axis=1), 1.0, 0.0))
    return out


def _last_half(values: np.ndarray) -> np.ndarray:
    """The samples of the second half of the time, on the last axis."""
    return values[..., values.shape[-1] // 2 + 1 :]


def _spectra(groups: int, settings: Mapping[str, Any], times: np.ndarray, values: np.ndarray) -> dict[str, np.ndarray]:
    found = spectrum(_last_half(times), _last_half(values))
    first = _cells(found.frequency, settings)
    return {"spectrum": np.sqrt(np.maximum.reduceat(found.power[..., : first[-1]], first[:-1], axis=-1))}


def _cells(frequencies: np.ndarray, settings: Mapping[str, Any]) -> np.ndarray:
    """Edges of the cells of frequencies up to `reach`, as indices; as many as there are frequencies, or `cells`."""
    (kept,) = np.nonzero(np.abs(frequencies) <= settings["reach"])
    number = min(settings["cells"] or kept.size, kept.size)
    return kept[0] + np.linspace(0, kept.size, number + 1).round().astype(int)


def _cell_frequencies(settings: Mapping[str, Any]) -> np.ndarray:
    """Middle of each cell."""
    instants = _last_half(np.linspace(0.0, settings["duration"], settings["samples"] + 1))
    frequencies = spectrum(instants, np.zeros(instants.size)).frequency
    first = _cells(frequencies, settings)
    return 0.5 * (frequencies[first[:-1]] + frequencies[first[1:] - 1])


# --- methods ----------------------------------------------------------------------------------------------------------


def _observed(system: Any, coherences: bool) -> list[tuple[int, Any]]:
    observed = [(g, system.amplitude_operator) for g in range(system.groups)]
    if coherences:
        observed += [(g, operator) for g in range(system.groups) for operator in system.coherence_operators]
    return observed


def _alike(systems: Sequence[Any]) -> list[list[int]]:
    """Numbers of the systems in groups that have the same equations: the bits of a point depend on which terms there are."""
    kinds: dict[Any, list[int]] = {}
    for number, system in enumerate(systems):
        kinds.setdefault(system.mean_field_kind, []).append(number)
    return list(kinds.values())


def _evolved(
    systems: Sequence[Any],
    settings: Mapping[str, Any],
    threads: int,
    reduce: Callable[..., dict[str, np.ndarray]],
    labels: Callable[[int], dict[str, Any]],
) -> list[dict[str, Any]]:
    """Integrate many systems; `reduce` makes variables of their courses, `labels` the coordinates."""
    out: list[dict[str, Any]] = [{} for _ in systems]
    times = np.linspace(0.0, settings["duration"], settings["samples"] + 1)
    for numbers in _alike(systems):
        chosen = [systems[n] for n in numbers]
        first = chosen[0]
        runs = evolve(
            first.mean_fields(chosen), _starts(first, settings["seeds"]), times, dt=settings["dt"], threads=threads,
            observe=_observed(first, settings.get("coherences", False)),
            measure=partial(reduce, first.groups, settings),
        )  # fmt: skip
        for place, n in enumerate(numbers):
            out[n] = {name: array[place] for name, array in runs.measured.items()} | labels(first.groups)
    return out


def _method(
    name: str,
    summary: str,
    table: Mapping[str, Setting],
    reduce: Callable[..., dict[str, np.ndarray]],
    labels: Callable[[Mapping[str, Any], int], dict[str, Any]],
    definition: str,
) -> FunctionMethod:
    """A method that integrates in time."""

    def many(
        systems: Sequence[Any], settings: Mapping[str, Any], seeds: Sequence[int], threads: int
    ) -> list[dict[str, Any]]:
        for system in systems:
            require(system, "mean_fields", name)
        return _evolved(systems, settings, threads, reduce, lambda groups: labels(settings, groups))

    def one(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
        return many([system], settings, [seed], threads)[0]

    return FunctionMethod(
        f"compare.methods.mean_fields:{name}", summary, table, one, definition, many=many, fit=_fit
    )  # fmt: skip


_DEFINITION = (
    "Runge-Kutta integration of the mean-field equations from 1/3 + (c |1><2| + h.c.) in each group; frequencies, phases and "
    "spectra from the last half of the samples (Hann window)"
)

LONG_TIME = _method(
    "LONG_TIME",
    "order, dominant frequencies and relative phase after a long time",
    {
        **_WINDOW,
        # samples over which the order parameter is averaged
        "average": Setting(1000, count(1)),
        "coherences": Setting(False, flag),
        # |<S+>| below which a group counts as unsynchronized
        "vanishing": Setting(1e-3, positive),
    },
    _long_time,
    lambda settings, groups: {
        "group": list(GROUPS[:groups]), **({"element": list(COHERENCES)} if settings["coherences"] else {})
    },
    f"{_DEFINITION}; order: mean of |<S+>| over the last `average` samples; full synchronization: dominant frequencies that "
    "differ by less than half a bin of the transform.",
)  # fmt: skip

SPECTRA = _method(
    "SPECTRA",
    "spectra of <S+> in the long-time limit",
    # cells into which the frequencies up to `reach` are put, each with its largest P; None: all frequencies
    {**_WINDOW, "reach": Setting(4.0, positive), "cells": Setting(None, optional(count(1)))},
    _spectra,
    lambda settings, groups: {"group": list(GROUPS[:groups]), "frequency": _cell_frequencies(settings)},
    f"{_DEFINITION}; kept up to the frequency `reach`.",
)

COURSE = _method(
    "COURSE",
    "<S+> in the course of time",
    {**_WINDOW, "duration": Setting(50.0, positive), "samples": Setting(500, count(1))},
    lambda groups, settings, times, values: {"amplitude": values},
    lambda settings, groups: {
        "group": list(GROUPS[:groups]), "time": np.linspace(0.0, settings["duration"], settings["samples"] + 1)
    },
    f"{_DEFINITION.split(';')[0]}.",
)  # fmt: skip


def wave_states(
    system: Any, seeds: Sequence[Any], settle: float, threads: int
) -> tuple[list[np.ndarray], RotatingWaves]:
    """Return the states of the rotating wave near that after `settle`, one per group, and the wave.

    Where there is none: the unsynchronized states if they are stable, else NaN.
    """
    model = system.mean_field()
    wave = rotating_waves(model, evolve(model, _starts(system, seeds), [0.0, settle], threads=threads).final)
    if wave.converged:
        return [wave.states.matrices(g) for g in range(system.groups)], wave
    lost = np.diag([0.0, 1.0, 0.0]) if system.growth_rate <= 0.0 else np.full((3, 3), np.nan)
    return [lost] * system.groups, wave


def _rotating_wave(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    require(system, "mean_fields", "ROTATING_WAVE")
    states, wave = wave_states(system, settings["seeds"], settings["settle"], threads)
    plus = system.amplitude_operator
    return {
        "group": list(GROUPS[: system.groups]),
        "element": list(COHERENCES),
        "coherence_modulus": [[abs(_mean(rho, operator)) for operator in system.coherence_operators] for rho in states],
        "order": [abs(_mean(rho, plus)) for rho in states],
        "level_population": [np.diagonal(rho).real for rho in states],
        "rotation_frequency": float(wave.frequency),
        "residual": float(wave.residual) if wave.converged else 0.0,
    }


def _mean(state: np.ndarray, operator: Any) -> complex:
    """Tr(B rho)."""
    return complex(operator.multiply(state.T).sum())


ROTATING_WAVE = FunctionMethod(
    "compare.methods.mean_fields:ROTATING_WAVE",
    "rotating wave of the mean-field equations, by Newton's method",
    {"seeds": Setting([0.1, 0.0], coherence_list), "settle": Setting(200.0, positive)},
    _rotating_wave,
    "The state after the time `settle` is the first guess; order 0 where there is no wave and no growth.",
)


LOCKING_KINDS = ("saddle-node", "hopf", "pitchfork")
"""Meaning of the numbers of `locking_kind`."""


def _locking(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    """Follow the wave of two groups from zero detuning upwards until it is no longer stable."""
    require(system, "mean_fields", "LOCKING")
    if system.groups != 2:
        raise ValueError(f"Method 'LOCKING' needs two groups, but there is {system.groups}.")
    states, wave = wave_states(system.vary(detuning=0.0), settings["seeds"], settings["settle"], threads)
    nothing = {"locking_detuning": np.nan, "locking_kind": -1.0, "locking_phase": np.nan, "rotation_frequency": np.nan}
    if not wave.converged:
        return nothing
    branch = follow(
        lambda delta: system.vary(detuning=delta).mean_field(), 0.0, settings["largest"], states,
        step=settings["step"], until="event",
    )  # fmt: skip
    if not branch.events:
        return nothing
    event = branch.events[-1]
    a, b = (complex(event.states.expect(g, system.amplitude_operator).item()) for g in (0, 1))
    return {
        "locking_detuning": event.parameter,
        "locking_kind": float(LOCKING_KINDS.index(event.kind)),
        "locking_phase": float(np.angle(a * np.conj(b))),
        "rotation_frequency": event.frequency,
    }


LOCKING = FunctionMethod(
    "compare.methods.mean_fields:LOCKING",
    "detuning at which two groups lose their stationary lock, and how",
    {
        "largest": Setting(2.0, positive),
        "step": Setting(0.02, positive),
        "seeds": Setting([0.1, 0.1], coherence_list),
        "settle": Setting(200.0, positive),
    },
    _locking,
    "First change of stability of the rotating wave along the detuning, from 0 upwards; up to there the groups turn as one. "
    "Beyond a Hopf point the lock is modulated, and dominant frequencies and mean slip part later.",
    many=in_threads(_locking),
)


def _stability(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    require(system, "growth_rate", "STABILITY")
    out = {"growth_rate": system.growth_rate}
    if system.groups == 1:
        out["critical_coupling"] = system.critical_coupling
        out["critical_ratio"] = system.critical_coupling / system.total_rate
    return out


STABILITY = FunctionMethod(
    "compare.methods.mean_fields:STABILITY",
    "linear stability of the unsynchronized state and, of one group, its critical coupling",
    {},
    _stability,
)
