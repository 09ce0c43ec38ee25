"""How fast this machine is at what the package does most. The full suite is ``make bench``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Timing:
    """One measurement.

    Attributes
    ----------
    what : str
        The work.
    value : float
        Best of three runs after a first one that compiles.
    unit : str
        Unit of the value, per piece of work.
    """

    what: str
    value: float
    unit: str


def _best(run: Callable[[], Any], times: int = 3) -> float:
    """Seconds of the fastest of some runs; a first one compiles."""
    run()
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def bench(threads: int = 1) -> Iterator[Timing]:
    """Yield timings as they are measured: about ten seconds in all.

    Parameters
    ----------
    threads : int
        Threads of the kernels.
    """
    yield from _amplitudes(threads)
    yield from _states(threads)
    yield _sweep()


def _timed(name: str, system: Any, threads: int, **settings: Any) -> tuple[float, dict[str, Any]]:
    """Seconds of one point, and its complete settings."""
    from compare.interfaces import find_method, run_limited

    method = find_method(name)
    complete = method.settings(system, settings)
    return _best(lambda: run_limited(method, [system], complete, [1], threads)), complete


def _amplitudes(threads: int) -> Iterator[Timing]:
    from compare.systems.lorch2017 import KerrOscillators

    pair = KerrOscillators.pair(detuning=0.0, coupling=0.05, kerr=2.0, n_plus=2, sigma=0.2, thermal_noise=0.1)
    for noise in ("gaussian", "two-point"):
        run = {"trajectories": 2048, "duration": 20.0, "burn_in": 1.0, "sample_every": 1.0, "dt": 1e-2, "noise": noise}
        seconds, used = _timed("langevin", pair, threads, **run)
        steps = 2 * used["trajectories"] * used["duration"] / used["dt"]
        yield Timing(f"Langevin, {noise} noise, pair of Eq. (5), per oscillator and step", 1e9 * seconds / steps, "ns")


def _states(threads: int) -> Iterator[Timing]:
    from compare.systems.lorch2017 import KerrOscillators

    pair = KerrOscillators.pair(detuning=0.0, coupling=0.5, kerr=10.0, n_plus=2, sigma=0.2)
    seconds, used = _timed(
        "jumps", pair, threads, levels=8, trajectories=64, duration=400.0, burn_in=10.0, sample_every=10.0
    )
    yield Timing("quantum jumps, pair, 8 levels, per unit time", 1e6 * seconds / (64 * used["duration"]), "us")
    seconds, _ = _timed("steadystate", pair, threads, levels=10)
    yield Timing("steady state, pair, 10 levels", 1e3 * seconds, "ms")
    ring = [[0.05 * ((j - k) % 4 in (1, 3)) for k in range(4)] for j in range(4)]
    four = KerrOscillators(omega=[0.0] * 4, kerr=10.0, coupling=ring, n_plus=2, sigma=0.2)
    seconds, _ = _timed("steadystate", four, threads, levels=4)
    yield Timing("steady state, ring of four, 4 levels", 1e3 * seconds, "ms")


class _Nothing:
    """A method without work, to measure what a sweep adds to a point."""

    name = "nothing"

    def settings(self, system: Any, given: Any) -> dict[str, Any]:
        """No settings."""
        return dict(given)

    def run(self, system: Any, settings: Any, seed: int, threads: int) -> dict[str, Any]:
        """One number."""
        return {"residual": 0.0}


def _sweep() -> Timing:
    from compare.sweeps import sweep
    from compare.systems.lorch2017 import KerrOscillators

    pair = KerrOscillators.pair(detuning=0.0, coupling=0.5, kerr=10.0, n_plus=2, sigma=0.2)
    axes = {"detuning": [0.01 * k for k in range(1000)]}
    return Timing("sweep, overhead of a point", _best(lambda: sweep(pair, axes, [_Nothing()])), "ms")
