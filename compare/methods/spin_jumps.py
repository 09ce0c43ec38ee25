r"""Quantum-jump trajectories of driven spins: time averages, the phase of single trajectories, and its slips.

**The phase of one trajectory** is that of :math:`c_j(t) = \langle\psi(t)|S_j^+|\psi(t)\rangle`. On resonance it takes two
values only. Give the basis states uu and ud the phase 1, du and dd the phase i: then -iH, the no-jump decay and every jump
act on real vectors (a jump up to a factor), so that :math:`c_A` is always imaginary and :math:`c_B` always real. The phase
of A stands at :math:`+\pi/2` or :math:`-\pi/2` and *slips by* :math:`\pi`, at jumps (a jump of A leaves it without
coherence, and what the drive then builds up has the sign of the level it landed on) and in between, where :math:`c_A` goes
through zero. The coherence of the steady state is the balance of the two; at a zero crossing they cancel, with every single
trajectory as coherent as before.

Off resonance the phase moves continuously. A slip is then counted where it leaves the half circle around the phase of the
steady state (on resonance: around the axis) for the other half. Slips are counted on the sampling grid: two within one interval
are missed, a relative error of the order of the interval times the slip rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import quantum
from compare.methods.declare import FunctionMethod, Setting, count, fit_window, non_negative, positive
from compare.methods.spin_response import SITES, coherences
from compare.systems.vaidya2024 import PAPER, TwoSpins
from compare.variables import Variable, register_variable

for _name, _about in {
    "slip_rate": Variable(("site",), "phase slips per time", "Gamma", f"quantum jumps of {PAPER}"),
    "slip_rate_stderr": Variable(("site",), "standard error of the slip rate", "Gamma", "scatter of trajectories"),
    "in_phase_fraction": Variable(
        ("site",), "fraction of time with the phase within pi/2 of the steady state's", "1", f"quantum jumps of {PAPER}"
    ),
    "conditional_coherence_rms": Variable(
        ("site",), "root mean square of |<psi|S+_j|psi>| over time and trajectories", "1", f"quantum jumps of {PAPER}"
    ),
    "conditional_coherence": Variable(
        ("site", "trajectory", "time"), "<psi|S+_j|psi> of single trajectories", "1", f"quantum jumps of {PAPER}"
    ),
}.items():
    register_variable(_name, _about)


def conditional_coherences(states: np.ndarray, system: TwoSpins) -> np.ndarray:
    """<psi|S+_j|psi> of normalised states, complex, shape (2, times).

    Parameters
    ----------
    states : complex array, shape (times, D)
        As `quantum.JumpRuns.replay` returns them.
    system : TwoSpins
    """
    return np.array([np.einsum("ti,ti->t", states.conj(), (plus @ states.T).T) for plus in system.raising_operators()])


def slips(coherence: np.ndarray, axis: float) -> int:
    """Number of times that the phase of `coherence`, shape (times,), changes between the half circles around `axis` and away.

    Samples without coherence are passed over: after a jump the phase is that of the coherence that builds up.
    """
    along = (coherence * np.exp(-1j * axis)).real
    side = np.sign(along[np.abs(along) > 1e-14])
    return int(np.count_nonzero(side[1:] != side[:-1]))


def phase_axes(system: TwoSpins, coherence: np.ndarray) -> np.ndarray:
    """Phases about which slips are counted, shape (2,): those of the steady state, on resonance +pi/2 and 0 (mod pi)."""
    if system.drive_detuning == 0.0 and system.spin_detuning == 0.0:
        sign = np.where(np.array([coherence[0].imag, coherence[1].real]) < 0.0, np.pi, 0.0)
        return np.array([0.5 * np.pi, 0.0]) + sign
    return np.angle(coherence)


def _jumps(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    if not isinstance(system, TwoSpins):
        name = getattr(system, "name", system)
        raise ValueError(f"Method 'jumps' of spins needs a system of two spins, but {name!r} is none.")
    model, every = system.lindblad(), settings["sample_every"]
    times = every * np.arange(round(settings["duration"] / every) + 1)
    runs = quantum.jump_trajectories(
        model, 0, times, trajectories=settings["trajectories"], seed=seed, threads=threads, burn_in=settings["burn_in"],
        coherences=True,
    )  # fmt: skip
    (values, errors) = runs.estimate(lambda state: _averages(state, system))
    exact = coherences(quantum.steady_state(model), system)
    out = {
        "site": SITES,
        "spin_coherence": values[:2] + 1j * values[2:4],
        "spin_coherence_stderr": errors[:2] + 1j * errors[2:4],
        "spin_z": values[4:],
        "spin_z_stderr": errors[4:],
        "trajectories": runs.trajectories,
        **_follow(runs, system, settings, phase_axes(system, exact)),
    }
    if settings["tracks"]:
        kept = times <= settings["track_until"] * (1.0 + 1e-9)
        shown = range(min(settings["tracks"], runs.trajectories))
        tracks = [conditional_coherences(runs.replay(n).states[kept], system) for n in shown]
        out |= {"time": times[kept], "conditional_coherence": np.array(tracks).transpose(1, 0, 2)}
    return out


def _averages(state: quantum.Density, system: TwoSpins) -> np.ndarray:
    """Re <S+_j>, Im <S+_j> and <S_z,j> per spin, shape (6,)."""
    plus, n = coherences(state, system), system.spins_per_site
    z = [np.mean([state.mean_number(j) for j in range(k * n, (k + 1) * n)]) - system.spin for k in (0, 1)]
    return np.concatenate([plus.real, plus.imag, z])


def _follow(runs: quantum.JumpRuns, system: TwoSpins, settings: Mapping[str, Any], axes: np.ndarray) -> dict[str, Any]:
    """Slip rates with their errors, and how long the phase is where the steady state has it."""
    after = runs.times >= settings["burn_in"]
    window = runs.times[-1] - runs.times[after][0]
    number = min(settings["followed"], runs.trajectories)
    rates, fractions, squares = np.empty((number, 2)), np.empty((number, 2)), np.empty((number, 2))
    for n in range(number):
        c = conditional_coherences(runs.replay(n).states[after], system)
        rates[n] = [slips(c[j], axes[j]) / window for j in (0, 1)]
        fractions[n] = [np.mean((c[j] * np.exp(-1j * axes[j])).real > 0.0) for j in (0, 1)]
        squares[n] = (np.abs(c) ** 2).mean(axis=1)
    return {
        "slip_rate": rates.mean(axis=0),
        "slip_rate_stderr": rates.std(axis=0, ddof=1) / np.sqrt(number),
        "in_phase_fraction": fractions.mean(axis=0),
        "conditional_coherence_rms": np.sqrt(squares.mean(axis=0)),
    }


JUMPS = FunctionMethod(
    "compare.methods.spin_jumps:JUMPS",
    "quantum-jump trajectories of driven spins, and their phase slips",
    {
        "trajectories": Setting(256, count(2)),
        "duration": Setting(200.0, positive),
        "burn_in": Setting(10.0, non_negative),
        "sample_every": Setting(0.05, positive),
        # trajectories whose slips are counted, and those whose coherences are kept up to a time
        "followed": Setting(64, count(2)),
        "tracks": Setting(0, count(0)),
        "track_until": Setting(50.0, positive),
    },
    _jumps,
    "Trajectories start from all spins down and are sampled after the burn-in.",
    fit=fit_window,
)
