"""The model that most tests of the Langevin engine share, and how they compare averages.

One pair of compiled functions for many equations: every combination of functions, scheme and increments costs 2 to 4 s.
"""

from typing import NamedTuple

import numpy as np

import langevin


class Oscillator(NamedTuple):
    """Rotation omega - 2 kerr x, damping gamma + eta x, a force, noise variance rates s + s_x x and t + t_x x, a reset rate."""

    omega: float = 0.0
    kerr: float = 0.0
    gamma: float = 0.0
    eta: float = 0.0
    force_re: float = 0.0
    force_im: float = 0.0
    s: float = 0.0
    s_x: float = 0.0
    t: float = 0.0
    t_x: float = 0.0
    reset: float = 0.0


@langevin.local
def drift(re, im, p):
    x = re * re + im * im
    return p.omega - 2.0 * p.kerr * x, p.gamma + p.eta * x, p.force_re, p.force_im


@langevin.local
def noise(re, im, p):
    x = re * re + im * im
    return np.sqrt(p.s + p.s_x * x), np.sqrt(p.t + p.t_x * x)


@langevin.local
def reset(re, im, p):
    return p.reset


def model(*, coupling=None, calculus="ito", kind="additive", resets=False, bound=None, **parameters):
    return langevin.Model(
        drift, noise, Oscillator(**parameters), coupling, calculus, kind, reset if resets else None, bound
    )  # fmt: skip


def assert_mean_within(samples, expected, *, n_sigma=4.0, bias=0.0):
    """Assert that the mean of independent samples is within n_sigma standard errors plus a known bias of `expected`."""
    samples = np.asarray(samples)
    error = samples.std(ddof=1) / np.sqrt(samples.size)
    difference = samples.mean() - expected
    assert abs(difference) < n_sigma * error + bias, (
        f"{difference:.3g} off, standard error {error:.3g}, bias {bias:.3g}"
    )
