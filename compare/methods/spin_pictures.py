r"""Classical pictures of driven spins beside the master equation: mean field, discrete truncated Wigner, N spins per site.

What each keeps of the drive's way through the other spin:

- *mean field*: fields of mean spins, no noise, no correlations; exact for infinitely many spins per site;
- *discrete truncated Wigner*: fields of fluctuating classical spins, whose noise is that of single spins; correlations of two
  spins to second order in time;
- *N spins per site*: all of it, at the strength that correlations have among N spins.

For `compare.systems.vaidya2024.TwoSpins`; plans name the methods by module and attribute.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from compare.methods.declare import FunctionMethod, Setting, count, fit_window, in_threads, non_negative, positive, word
from compare.methods.spin_response import SITES
from compare.systems.vaidya2024 import PAPER, TwoSpins
from compare.systems.vaidya2024_bloch import bloch_response, critical_exchange, limit_cycle
from compare.variables import Variable, register_variable
from langevin.spins.discrete_wigner import discrete_wigner
from quantum import operators
from quantum.mean_field import evolve

_BLOCH = f"Bloch equations of {PAPER}, not in the paper"
register_variable(
    "limit_cycle_amplitude", Variable(("site",), "|<S+_j>| of the undriven mean-field limit cycle", "1", _BLOCH)
)
register_variable(
    "critical_exchange", Variable((), "exchange above which mean field has a limit cycle", "Gamma", _BLOCH)
)


def free_states(system: TwoSpins, coherence: float = 0.0) -> list[np.ndarray]:
    """Steady states of one spin at A and one at B without exchange and drive, and a seed of coherence; shape (d, d) each.

    `coherence` is the share, below 1, that the elements next to the diagonal have of what positivity allows.
    """
    states = []
    for gain, loss in ((system.w_a, system.gamma_a), (system.w_b, system.gamma_b)):
        # detailed balance: each rung's rates have the ratio w / gamma, whatever the ladder
        weights = gain ** np.arange(system.levels) * loss ** np.arange(system.levels - 1, -1, -1)
        p = weights / weights.sum()
        beside = 0.5 * coherence * np.sqrt(p[1:] * p[:-1])
        states.append(np.diag(p) + np.diag(beside, 1) + np.diag(beside, -1) + 0j)
    return states


def _require(system: Any, method: str) -> None:
    if not isinstance(system, TwoSpins):
        raise ValueError(
            f"Method {method!r} needs a system of two spins, but {getattr(system, 'name', system)!r} is none."
        )


def _bloch(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    """Closed forms of mean field for qubits on resonance."""
    _require(system, "bloch")
    cycle = limit_cycle(system)
    return {
        "site": SITES,
        "response": np.array(bloch_response(system)),
        "limit_cycle_amplitude": np.array([cycle.amplitude_a, cycle.amplitude_b]),
        "spin_z": np.array([cycle.z_a, cycle.z_b]),
        "critical_exchange": critical_exchange(system),
    }


def _mean_field(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    """Time averages of the mean-field equations from the free spins with a little coherence."""
    _require(system, "mean field")
    plus, z = operators.spin_plus(system.spin), operators.spin_z(system.spin)
    times = np.linspace(settings["burn_in"], settings["duration"], settings["samples"])
    found = evolve(
        system.mean_field(), free_states(system, settings["coherence"]), np.insert(times, 0, 0.0),
        observe=[(0, plus), (1, plus), (0, z), (1, z)], threads=1,
    ).values  # fmt: skip
    assert found is not None
    mean = found[..., 1:].mean(axis=-1)
    return {
        "site": SITES,
        "spin_coherence": mean[:2],
        "spin_z": mean[2:].real,
        "limit_cycle_amplitude": np.abs(found[:2, 1:]).mean(axis=-1),
    }


def _discrete_wigner(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    _require(system, "discrete wigner")
    every = settings["sample_every"]
    times = every * np.arange(round(settings["duration"] / every) + 1)
    runs = discrete_wigner(
        system.discrete_wigner(), np.array(free_states(system)), times, dt=settings["dt"], seed=seed,
        trajectories=settings["trajectories"], dissipation=settings["dissipation"], burn_in=settings["burn_in"],
        threads=threads,
        observables=[operators.spin_plus(system.spin).toarray(), operators.spin_z(system.spin).toarray()],
    )  # fmt: skip
    mean, error = runs.window_means()
    return {
        "site": SITES,
        "spin_coherence": mean[:, 0],
        "spin_coherence_stderr": error[:, 0],
        "spin_z": mean[:, 1].real,
        "spin_z_stderr": error[:, 1].real,
        "trajectories": runs.trajectories,
    }


def _fit_wigner(settings: Mapping[str, Any]) -> None:
    """Refuse a step that does not divide the sampling interval."""
    fit_window(settings)
    every, dt = settings["sample_every"], settings["dt"]
    if round(every / dt) < 1 or abs(round(every / dt) * dt - every) > 1e-9 * every:
        raise ValueError(f"Argument `dt` must divide `sample_every` ({every:g}), but is {dt:g}.")


def _fit_mean_field(settings: Mapping[str, Any]) -> None:
    """Refuse a window without time, and coherence that no state has."""
    if not settings["burn_in"] < settings["duration"]:
        raise ValueError(
            f"Argument `burn_in` must be below the duration {settings['duration']:g}, but is {settings['burn_in']:g}."
        )
    if not settings["coherence"] < 1.0:
        raise ValueError(f"Argument `coherence` must be below 1, but is {settings['coherence']:g}.")


_HERE = "compare.methods.spin_pictures"

BLOCH = FunctionMethod(
    f"{_HERE}:BLOCH",
    "mean field of two qubits in closed form: response and limit cycle",
    {},
    _bloch,
    "First-order response about the state without coherence; amplitude of the undriven limit cycle above g_c.",
    many=in_threads(_bloch),
)
MEAN_FIELD = FunctionMethod(
    f"{_HERE}:MEAN_FIELD",
    "mean field of two sites of spins, by integration",
    {
        "duration": Setting(400.0, positive),
        "burn_in": Setting(300.0, non_negative),
        "samples": Setting(101, count(2)),
        "coherence": Setting(0.01, non_negative),
    },
    _mean_field,
    "Time average after the burn-in, from the free spins with a little coherence (`coherence` of what positivity allows).",
    many=in_threads(_mean_field),
    fit=_fit_mean_field,
)
DISCRETE_WIGNER = FunctionMethod(
    f"{_HERE}:DISCRETE_WIGNER",
    "discrete truncated Wigner ensemble of driven spins",
    {
        "trajectories": Setting(4096, count(2)),
        "duration": Setting(60.0, positive),
        "burn_in": Setting(10.0, non_negative),
        "sample_every": Setting(0.25, positive),
        "dt": Setting(0.05, positive),
        "dissipation": Setting("reset", word("reset", "noise")),
    },
    _discrete_wigner,
    "Trajectories start from the free spins and are sampled after the burn-in; `dissipation` is reset (qubits) or noise.",
    fit=_fit_wigner,
)
