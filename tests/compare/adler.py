"""A noisy Adler oscillator, small enough to be known in closed form: the system that tests of this layer compute.

    d phi = (detuning - coupling sin phi) dt + sqrt(2 noise) dW

Its stationary harmonics c_k = <exp(-i k phi)> obey (i detuning + k noise) c_k = (coupling / 2)(c_{k-1} - c_{k+1}).
"""

import os
import time
from dataclasses import asdict, dataclass, replace
from typing import ClassVar

import numpy as np
from scipy.linalg import solve_banded

ORDER = 40
PHI = 2 * np.pi * np.arange(64) / 64


@dataclass(frozen=True)
class Adler:
    detuning: float = 0.0
    coupling: float = 1.0
    noise: float = 0.5
    kind: str = "soft"

    name = "adler:Adler"
    AXES: ClassVar = {"detuning": {"long_name": "detuning", "units": "gamma"}}

    def __post_init__(self):
        for key in ("detuning", "coupling", "noise"):
            if not np.isfinite(getattr(self, key)):
                raise ValueError(f"Argument `{key}` must be finite, but is {getattr(self, key)}.")
        if not self.noise > 0:
            raise ValueError(f"Argument `noise` must be positive, but is {self.noise}.")

    def parameters(self):
        return asdict(self)

    @classmethod
    def from_parameters(cls, parameters):
        return cls(**parameters)

    def vary(self, **changes):
        unknown = set(changes) - set(asdict(self))
        if unknown:
            raise ValueError(f"Argument `{min(unknown)}` is not a parameter of Adler.")
        return replace(self, **changes)


def harmonics(system):
    k = np.arange(1, ORDER + 1)
    bands = np.zeros((3, ORDER), dtype=complex)
    bands[0, 1:] = system.coupling / 2
    bands[1] = 1j * system.detuning + k * system.noise
    bands[2, :-1] = -system.coupling / 2
    right = np.zeros(ORDER, dtype=complex)
    right[0] = system.coupling / 2
    return solve_banded((1, 1), bands, right)


def density(c):
    return (1 + 2 * (c @ np.exp(1j * np.arange(1, c.size + 1)[:, None] * PHI)).real) / (2 * np.pi)


def numbers(c):
    p = density(c)
    return {
        "sync": [2 * np.pi * p.max() - 1],
        "locked_phase": [PHI[p.argmax()]],
        "phase_density": p[None],
    }


def _checked(given, defaults):
    for key in given:
        if key not in defaults:
            raise ValueError(f"Unknown setting {key!r}; Known: {', '.join(map(repr, defaults))}.")
    return {**defaults, **given}


@dataclass(frozen=True)
class Exact:
    """Banded solution; `pause` seconds longer than it takes."""

    name: str = "adler:exact"
    definition = "stationary solution of the Fokker-Planck equation"

    def settings(self, system, given):
        return _checked(given, {"pause": 0.0})

    def run(self, system, settings, seed, threads):
        time.sleep(settings["pause"])
        return {**numbers(harmonics(system)), "residual": 0.0}

    def run_many(self, systems, settings, seeds, threads):
        return [self.run(system, settings, 0, 1) for system in systems]


@dataclass(frozen=True)
class Sampled:
    """Euler-Maruyama ensemble from a uniform phase."""

    name: str = "adler:sampled"

    def settings(self, system, given):
        settings = _checked(given, {"trajectories": 64, "steps": 200, "dt": 0.02})
        if settings["trajectories"] < 2:
            raise ValueError(f"Argument `trajectories` must be at least 2, but is {settings['trajectories']}.")
        return settings

    def run(self, system, settings, seed, threads):
        rng = np.random.default_rng(seed)
        phi = rng.uniform(0, 2 * np.pi, settings["trajectories"])
        kick = np.sqrt(2 * system.noise * settings["dt"])
        for _ in range(settings["steps"]):
            drift = system.detuning - system.coupling * np.sin(phi)
            phi = phi + drift * settings["dt"] + kick * rng.standard_normal(phi.size)
        each = np.exp(-1j * np.arange(1, 5)[:, None] * phi)
        angle = PHI[density(each.mean(axis=1)).argmax()]
        # S at the angle of the maximum is a mean over trajectories, and has the error of one
        share = 2 * (each * np.exp(1j * np.arange(1, 5)[:, None] * angle)).real.sum(axis=0)
        return {
            **numbers(each.mean(axis=1)),
            "sync": [share.mean()],
            "sync_stderr": [share.std(ddof=1) / np.sqrt(phi.size)],
            "trajectories": phi.size,
        }


@dataclass(frozen=True)
class Fatal(Exact):
    """Takes its process down at one point and fails at another."""

    name: str = "adler:fatal"

    def run(self, system, settings, seed, threads):
        if system.detuning == 1.0:
            os._exit(3)
        if system.detuning == 2.0:
            raise ZeroDivisionError("division by zero")
        return super().run(system, settings, seed, threads)


exact = Exact()
fatal = Fatal()
sampled = Sampled()
