"""What does not fit is refused in one sentence that names the argument."""

from typing import NamedTuple

import numpy as np
import pytest
from oscillators import Oscillator, drift, model, noise

import langevin

PAIR = model(omega=[1.0, -1.0], s=0.1, t=0.1)
POLAR = model(omega=[1.0, -1.0], s=0.1, kind="polar")
START = np.ones((4, 2), dtype=complex)


def simulate(system=PAIR, initial=START, times=(0.0, 1.0), **options):
    return langevin.simulate(system, initial, times, **({"dt": 0.1, "seed": 1} | options))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"dt": 0.3}, r"Argument `dt` must divide the spacing of `times` \(1\), but is 0.3."),
        ({"dt": 2.0}, r"Argument `dt` must divide the spacing of `times` \(1\), but is 2."),
        ({"dt": 0.0}, "Argument `dt` must be positive, but is 0.0."),
        ({"dt": float("nan")}, "Argument `dt` must be finite, but is nan."),
        ({"dt": "small"}, "Argument `dt` must be a real number, but is 'small'."),
        ({"times": [0.0]}, "Argument `times` must hold at least two finite times"),
        ({"times": [0.0, np.inf]}, "Argument `times` must hold at least two finite times"),
        ({"times": [0.0, 1.0, 3.0]}, "Argument `times` must be increasing and evenly spaced"),
        ({"times": [1.0, 0.0]}, "Argument `times` must be increasing and evenly spaced"),
        ({"times": "x"}, "Argument `times` must be an array of real numbers, but is 'x'."),
        ({"times": [1j, 2j]}, "Argument `times` must be an array of real numbers"),
        ({"system": 3}, "Argument `model` must be a langevin.Model, but is of type int."),
        (
            {"initial": np.ones((4, 3))},
            r"Argument `initial` must have shape \(trajectories, 2\), but has shape \(4, 3\).",
        ),
        ({"initial": np.ones((0, 2))}, "Argument `initial` must have shape"),
        ({"initial": [[1.0, np.nan]]}, "Argument `initial` must be finite, but has entries that are not."),
        ({"initial": "ones"}, "Argument `initial` must be an array of complex numbers, but is not."),
        ({"scheme": "milstein"}, "Argument `scheme` must be one of 'euler', 'exponential', .*, but is 'milstein'."),
        ({"noise": "pink"}, "Argument `noise` must be one of 'gaussian', 'two-point', .*, but is 'pink'."),
        ({"escape": "leave"}, "Argument `escape` must be one of 'restart', 'stop', but is 'leave'."),
        (
            {"scheme": "splitting", "noise": "two-point"},
            "Argument `noise` must be one of 'gaussian', 'three-point' for the",
        ),
        ({"burn_in": 1.0}, "Argument `burn_in` must lie between 0 and the window's length 1, but is 1."),
        ({"burn_in": -0.1}, "Argument `burn_in` must lie between"),
        ({"bound": [1.0, 2.0, 3.0]}, r"Argument `bound` must be one number or one per oscillator \(2\)"),
        ({"bound": -1.0}, "Argument `bound` must be positive, but is -1.0."),
        ({"bound": np.nan}, "Argument `bound` must be positive, but is nan."),
        ({"pairs": [(0, 2)]}, r"Argument `pairs` must name two different oscillators out of 2, but is \[\(0, 2\)\]."),
        ({"pairs": [(1, 1)]}, "Argument `pairs` must name two different oscillators"),
        ({"pairs": [(0, 1, 0)]}, "Argument `pairs` must name two different oscillators"),
        ({"pairs": [(0.5, 1)]}, "Argument `pairs` must name two different oscillators"),
        ({"pairs": 3}, "Argument `pairs` must be a list of pairs of oscillators, but is 3."),
        ({"pairs": [(0, 1), (0,)]}, "Argument `pairs` must be a list of pairs of oscillators"),
        ({"pairs": ["ab"]}, "Argument `pairs` must name two different oscillators"),
        ({"k_max": 0}, "Argument `k_max` must be a whole number of at least 1, but is 0."),
        ({"groups": 0}, "Argument `groups` must be a whole number of at least 1, but is 0."),
        ({"bins": -1}, "Argument `bins` must be a whole number of at least 0, but is -1."),
        ({"bins": 4, "histogram_edge": 0.0}, "Argument `histogram_edge` must be positive, but is 0.0."),
        ({"threads": 0}, "Argument `threads` must be a whole number of at least 1, but is 0."),
        (
            {"observe": noise, "observables": 0},
            "Argument `observables` must be a whole number of at least 1, but is 0.",
        ),
        ({"observe": np.abs, "observables": 1}, "Argument `observe` must be a function marked with `numba.njit`"),
        ({"seed": -1}, "Argument `seed` must be a non-negative whole number or several, but is -1."),
        ({"seed": 1.5}, "Argument `seed` must be a non-negative whole number or several, but is 1.5."),
        (
            {"system": POLAR, "scheme": "heun"},
            r"must read multiplicative noise in the model's ito calculus \('euler', 'exponential' do\), but 'heun' reads it in "
            "the stratonovich calculus.",
        ),
        (
            {
                "system": model(s=0.1, kind="isotropic", calculus="stratonovich"),
                "scheme": "splitting",
                "initial": [[1.0]],
            },
            "Argument `scheme` must take isotropic noise, but 'splitting' does not.",
        ),
    ],
)
def test_simulate_refuses(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(**options)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"omega": [1.0, 2.0], "kerr": [1.0, 2.0, 3.0]}, "Parameter `omega` must have 1 or 3 values, but has shape"),
        ({"omega": np.nan}, "Parameter `omega` must be finite, but is"),
        ({"omega": "fast"}, "Parameter `omega` must hold real numbers, but is 'fast'."),
        ({"calculus": "both"}, "Argument `calculus` must be one of 'ito', 'stratonovich', but is 'both'."),
        ({"kind": "pink"}, "Argument `noise_kind` must be one of 'additive', 'isotropic', 'polar', but is 'pink'."),
        ({"coupling": np.zeros((3, 3))}, r"Argument `coupling` must have shape \(1, 1\), but has shape \(3, 3\)."),
        ({"coupling": [[np.nan]]}, "Argument `coupling` must be finite, but has entries that are not."),
        (
            {"coupling": "strong"},
            "Argument `coupling` must be a matrix of numbers, a MeanField or None, but is 'strong'.",
        ),
        (
            {"coupling": langevin.MeanField([1.0, 2.0, 3.0], 1.0)},
            "Argument `coupling` must have one strength per oscillator",
        ),
        ({"bound": -1.0}, "Argument `bound` must be positive, but is -1.0."),
        ({"bound": [1.0, 2.0, 3.0]}, r"Argument `bound` must be one number or one per oscillator \(1\), but is"),
    ],
)
def test_model_refuses(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        model(**options)


def test_plain_functions_and_plain_tuples_are_no_model():
    with pytest.raises(ValueError, match=r"Argument `drift` must be a function marked with `langevin.local`"):
        langevin.Model(lambda re, im, p: (0.0, 0.0, 0.0, 0.0), noise, Oscillator())
    with pytest.raises(
        ValueError, match=r"Argument `parameters` must be a NamedTuple with at least one field, but is \(1.0, 2.0\)."
    ):
        langevin.Model(drift, noise, (1.0, 2.0))

    class Empty(NamedTuple):
        pass

    with pytest.raises(ValueError, match="Argument `parameters` must be a NamedTuple with at least one field"):
        langevin.Model(drift, noise, Empty())


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: langevin.initial.coherent([1.0], 0, seed=1),
            "Argument `trajectories` must be a whole number of at least 1",
        ),
        (lambda: langevin.initial.coherent([np.nan], 2, seed=1), "Argument `beta` must be finite"),
        (
            lambda: langevin.initial.thermal([-1.0], 2, seed=1),
            r"Argument `number` must be non-negative, but is \[-1.0\].",
        ),
        (lambda: langevin.initial.thermal([1, 2, 3], 2, beta=[1, 2], seed=1), "Argument `beta` must fit `number`"),
        (lambda: langevin.initial.fock([-1], 2, seed=1), "Argument `number` must be non-negative"),
        (lambda: langevin.initial.vacuum(2, 0, seed=1), "Argument `oscillators` must be a whole number of at least 1"),
        (lambda: langevin.initial.limit_cycle(PAIR, 2, seed=1), "Oscillator 0 has no stable limit cycle"),
        (
            lambda: langevin.initial.stationary(PAIR, 2, bound=-1.0, seed=1),
            "Argument `bound` must be positive and finite",
        ),
        (lambda: langevin.initial.stationary(model(), 2, bound=1.0, seed=1), "Oscillator 0 must have radial noise"),
        (lambda: langevin.initial.vacuum(2, 1, seed=-1), "Argument `seed` must be"),
    ],
)
def test_initial_states_refuse(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
