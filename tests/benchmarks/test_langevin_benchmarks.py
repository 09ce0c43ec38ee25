"""Langevin ensembles against a scalar loop and against C, in one run: nanoseconds per oscillator and step.

Run with ``make bench``. Every ratio is one of medians of rounds taken in turn, of processor time on one core, all of
`langevin.simulate` included on our side. The pair is that of Fig. 2(a) of Lörch et al. 2017, Eq. (5), sampled every 20
steps. That the C loop (langevin_pair.c) and the engine follow the same paths is asserted; the scalar loop
(langevin_scalar_loop.py) has its own random numbers and agrees in the mean.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from langevin_scalar_loop import trajectories

import langevin
from compare.systems.lorch2017 import KerrOscillators

FIGURE_2A = {"kerr": 2.0, "n_plus": 2.0, "sigma": 0.2, "thermal_noise": 0.1}
PAIR = KerrOscillators.pair(detuning=1.0, coupling=0.05, **FIGURE_2A)
DT, STEPS = 0.01, 20
FAR = 1e6  # a bound that nobody reaches: exits are looked for, none happens
C_FLAGS = ("-O3", "-march=native", "-ffast-math")


def ensemble(model, trajectories, samples, **options):
    """Return a function that runs an ensemble on one thread, and its number of oscillator steps."""
    start = 1.55 * np.exp(1j * np.arange(trajectories * model.oscillators)).reshape(trajectories, model.oscillators)
    times = DT * STEPS * np.arange(samples + 1)
    options = {"dt": DT, "seed": 1, "burn_in": 0.0, "threads": 1, "bound": [FAR] * model.oscillators} | options
    return lambda: langevin.simulate(model, start, times, **options), trajectories * model.oscillators * samples * STEPS


def in_turn(*jobs, rounds=9, clock=time.process_time):
    """Median seconds per unit of work of (function, work) jobs, one round of each after the other."""
    seconds = np.empty((rounds, len(jobs)))
    for function, _ in jobs:
        function()  # compile
    for turn in range(rounds):
        for k, (function, work) in enumerate(jobs):
            begin = clock()
            function()
            seconds[turn, k] = (clock() - begin) / work
    return np.median(seconds, axis=0)


def pair_run(samples=1000, trajectories=256, **options):
    return ensemble(PAIR.langevin(), trajectories, samples, **options)


# --- the yardsticks ---------------------------------------------------------------------------------------------------


def scalar_run(random, trajectories_=16, samples=500):
    start = 1.55 * np.exp(1j * np.arange(2.0 * trajectories_)).reshape(-1, 2)
    p = PAIR.langevin().local_parameters(0)
    arguments = (start, STEPS, samples, DT, np.array(PAIR.omega), p.kerr, p.n_plus, p.n_minus, p.gain_width, p.thermal,
                 0.05, random, 8)  # fmt: skip
    return lambda: trajectories(*arguments), 2 * trajectories_ * samples * STEPS


class CPair(ctypes.Structure):
    """pair_t of langevin_pair.c."""

    _fields_ = [("omega", ctypes.c_double * 2)] + [
        (name, ctypes.c_double) for name in ("kerr", "n_plus", "n_minus", "width", "noise", "coupling", "dt")
    ]


def c_run(folder, noise, samples=1000, trajectories=256):
    """The C loop on the streams of the engine; its runs return the sums of harmonics (8,) and of |alpha|^2 (2,)."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    source, library = Path(__file__).with_name("langevin_pair.c"), folder / "pair.so"
    define = ["-DTWO_POINT"] if noise == "two-point" else []
    subprocess.run([compiler, *C_FLAGS, *define, "-fPIC", "-c", source, "-o", folder / "pair.o"], check=True)
    # linked without -ffast-math, which would change the floating-point mode of this whole process
    subprocess.run([compiler, "-shared", folder / "pair.o", "-o", library, "-lm"], check=True)
    block = ctypes.CDLL(library).run_block
    p = PAIR.langevin().local_parameters(0)
    numbers = (p.kerr, p.n_plus, p.n_minus, p.gain_width, p.thermal, 0.05, DT)
    system = CPair((ctypes.c_double * 2)(*PAIR.omega), *numbers)
    start = 1.55 * np.exp(1j * np.arange(2.0 * trajectories)).reshape(-1, 2)

    def run():
        streams = langevin.streams.start_states(1, "langevin", 0, trajectories)
        harmonics, sizes = np.zeros((8, 2, 64)), np.zeros((2, 2, 64))
        for first in range(0, trajectories, 64):
            lanes = start[first : first + 64].T
            alpha = np.ascontiguousarray(np.stack([lanes.real, lanes.imag], axis=1))
            state = np.ascontiguousarray(streams[:, first : first + 64])
            block(
                ctypes.byref(system), *(ctypes.c_void_p(a.ctypes.data) for a in (alpha, state)), ctypes.c_long(STEPS),
                ctypes.c_long(samples), *(ctypes.c_void_p(a.ctypes.data) for a in (harmonics, sizes)),
            )  # fmt: skip
        return (harmonics[:, 0] + 1j * harmonics[:, 1]).sum(axis=1), sizes[:, 0].sum(axis=1)

    return run, 2 * trajectories * samples * STEPS


# --- the pair ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("noise", "least"), [("gaussian", 10.0), ("two-point", 30.0)])
def test_pair_against_the_scalar_loop(benchmark, noise, least):
    ours, work = pair_run(noise=noise)
    plain, quick = scalar_run(None), scalar_run(np.random.default_rng(1))
    runs = benchmark.pedantic(ours, rounds=5, warmup_rounds=1)
    own, theirs, generator = in_turn((ours, work), plain, quick, rounds=7)
    mean, error = runs.mean_number()
    _, sums = quick[0]()
    # 16 of their trajectories have four times the error of our 256
    assert (abs(sums / (16 * 500) - mean) < 5.0 * np.hypot(4.0 * np.sqrt(2.0), 1.0) * error).all()
    benchmark.extra_info |= {
        "nanoseconds per oscillator and step": 1e9 * own,
        "scalar loop, numpy.random.normal": 1e9 * theirs,
        "scalar loop, numpy.random.Generator": 1e9 * generator,
        "ratio": theirs / own,
        "ratio to the loop with a Generator": generator / own,
    }
    assert theirs / own >= least


@pytest.mark.parametrize("noise", ["gaussian", "two-point"])
def test_pair_against_c(benchmark, noise, tmp_path):
    short, _ = pair_run(samples=100, noise=noise)
    harmonics, sizes = c_run(tmp_path, noise, samples=100)[0]()
    runs = short()
    # the same paths; rounding differs, and grows with time
    np.testing.assert_allclose(harmonics, runs.harmonics[:, 0, 1:].sum(axis=0), rtol=0, atol=1e-6 * runs.weight.sum())
    np.testing.assert_allclose(sizes, runs.numbers[:, :, 0].sum(axis=0), rtol=1e-6)
    ours, work = pair_run(samples=2000, noise=noise)
    benchmark.pedantic(ours, rounds=5, warmup_rounds=1)
    own, theirs = in_turn((ours, work), c_run(tmp_path, noise, samples=2000), rounds=11)
    benchmark.extra_info |= {
        "nanoseconds per oscillator and step": 1e9 * own,
        "C": 1e9 * theirs,
        "compiled with": f"cc {' '.join(C_FLAGS)}",
        "time over that of C": own / theirs,
    }
    assert own / theirs <= 1.5


def test_schemes(benchmark):
    benchmark.pedantic(pair_run()[0], rounds=3, warmup_rounds=1)
    jobs = [pair_run(samples=500, scheme=name, noise=n) for name, s in langevin.SCHEMES.items() for n in s.noises]
    names = [f"{name}, {n}" for name, s in langevin.SCHEMES.items() for n in s.noises]
    with pytest.warns(langevin.UnstableStepWarning):  # plain Euler steps on a Kerr oscillator
        times = in_turn(*jobs, rounds=3)
    benchmark.extra_info |= {f"nanoseconds, {name}": 1e9 * t for name, t in zip(names, times, strict=True)}


# --- networks ---------------------------------------------------------------------------------------------------------


class VanDerPol(NamedTuple):
    """Rotation omega, gain, two-quantum loss, and the variance rate of the noise in each component."""

    omega: object
    gain: object
    loss: object
    noise: object


@langevin.local
def van_der_pol_drift(re, im, p):
    return p.omega, 2.0 * p.loss * (re * re + im * im) - p.gain, 0.0, 0.0


@langevin.local
def van_der_pol_noise(re, im, p):
    b = np.sqrt(p.noise)
    return b, b


def ring(size=64):
    links = 0.05 * (np.eye(size, k=1) + np.eye(size, k=-1) + np.eye(size, k=size - 1) + np.eye(size, k=1 - size))
    return KerrOscillators(omega=np.linspace(-1.0, 1.0, size), coupling=links, **FIGURE_2A).langevin()


def crowd(size=3000):
    parameters = VanDerPol(omega=np.linspace(-1.0, 1.0, size), gain=1.0, loss=0.2, noise=0.1)
    return langevin.Model(van_der_pol_drift, van_der_pol_noise, parameters, langevin.MeanField(1.0 / size, 0.5))


@pytest.mark.parametrize(
    ("build", "trajectories", "samples", "pairs"),
    [(ring, 64, 40, None), (crowd, 64, 4, [(0, 1)])],
    ids=["ring of 64", "3000 in a mean field"],
)
@pytest.mark.parametrize("noise", ["gaussian", "two-point"])
def test_networks_cost_what_a_pair_costs(benchmark, build, trajectories, samples, pairs, noise):
    many, work = ensemble(build(), trajectories, samples, noise=noise, pairs=pairs)
    benchmark.pedantic(many, rounds=3, warmup_rounds=1)
    own, two = in_turn((many, work), pair_run(noise=noise))
    benchmark.extra_info |= {
        "nanoseconds per oscillator and step": 1e9 * own,
        "nanoseconds, pair": 1e9 * two,
        "time over the pair's": own / two,
    }
    assert own / two <= 2.5


# --- threads, small numbers -------------------------------------------------------------------------------------------


def test_two_threads(benchmark):
    """The bar is asked for where two cores are free: where two threads of plain arithmetic gain a factor of 1.9."""
    one, two = pair_run(trajectories=2048)[0], pair_run(trajectories=2048, threads=2)[0]
    loop, _ = scalar_run(np.random.default_rng(1), samples=2000)

    def loops(count):
        with ThreadPoolExecutor(count) as pool:
            list(pool.map(lambda _: scalar_run(np.random.default_rng(1), samples=2000)[0](), range(2)))

    loop()
    benchmark.pedantic(two, rounds=3, warmup_rounds=1)
    jobs = [(one, 1), (two, 1), (lambda: loops(1), 1), (lambda: loops(2), 1)]
    alone, together, before, after = in_turn(*jobs, rounds=7, clock=time.perf_counter)
    benchmark.extra_info |= {"two threads over one": alone / together, "of a plain loop": before / after}
    if (os.cpu_count() or 1) < 2 or before / after < 1.9:
        pytest.skip(
            f"two cores are not free: a plain loop gains {before / after:.2f}, the engine {alone / together:.2f}"
        )
    assert alone / together >= 1.8


def test_decaying_amplitudes_cost_what_others_cost(benchmark):
    # |alpha| falls below 1e-308, the smallest number with full precision, after a twentieth of the run
    still = VanDerPol(omega=[1.0, -1.0], gain=-140.0, loss=0.0, noise=0.0)
    alive = VanDerPol(omega=[1.0, -1.0], gain=1.0, loss=0.2, noise=0.0)
    jobs = [
        ensemble(langevin.Model(van_der_pol_drift, van_der_pol_noise, p, [[0, -0.1j], [-0.1j, 0]]), 256, 1000)
        for p in (still, alive)
    ]
    benchmark.pedantic(jobs[0][0], rounds=3, warmup_rounds=1)
    decaying, cycle = in_turn(*jobs)
    benchmark.extra_info |= {"nanoseconds, decaying": 1e9 * decaying, "limit cycle": 1e9 * cycle}
    benchmark.extra_info["time over the limit cycle's"] = decaying / cycle
    assert decaying / cycle < 1.15


# --- the first result -------------------------------------------------------------------------------------------------

FIRST_RESULT = """
import numpy as np, langevin
from compare.systems.lorch2017 import KerrOscillators
model = KerrOscillators.pair(detuning=1.0, coupling=.05, kerr=2., n_plus=2., sigma=.2, thermal_noise=.1).langevin()
start = langevin.initial.limit_cycle(model, 64, seed=1)
runs = langevin.simulate(model, start, np.linspace(0., 1., 11), dt=1e-2, seed=1)
assert runs.weight.sum() > 0
"""


def first_result(folder):
    """Seconds from the start of a process to its first result."""
    environment = {k: v for k, v in os.environ.items() if k != "SYNCBLOCKADE_CACHE"} | {"NUMBA_CACHE_DIR": str(folder)}
    root = Path(__file__).parents[2]
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", FIRST_RESULT], env=environment, cwd=root, check=True)
    return time.perf_counter() - begin


def test_first_result(benchmark, tmp_path):
    cold = first_result(tmp_path)
    warm = [first_result(tmp_path) for _ in range(5)]
    benchmark.pedantic(first_result, (tmp_path,), rounds=1)
    benchmark.extra_info |= {"seconds, empty cache": cold, "seconds, warm cache": float(np.median(warm))}
    assert cold < 15.0
    assert np.median(warm) < 2.0
