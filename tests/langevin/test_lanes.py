"""The polynomials that stand in for libm inside the lane loops."""

import numpy as np
import pytest
from numba import njit

from langevin.lanes import decay, direction, full_turn, turn


def on_array(function):
    @njit
    def apply(x):
        cosine, sine = np.empty_like(x), np.empty_like(x)
        for i in range(x.size):
            cosine[i], sine[i] = function(x[i])
        return cosine, sine

    return apply


@pytest.mark.parametrize(
    ("function", "limit", "factor", "tolerance"),
    [(full_turn, 0.5, 2 * np.pi, 4e-10), (turn, 100.0, 1.0, 4e-10)],
)
def test_sine_and_cosine_are_accurate(function, limit, factor, tolerance):
    s = np.concatenate([np.linspace(-limit, limit, 100_001), [0.0]])
    cosine, sine = on_array(function)(s)
    np.testing.assert_allclose(cosine, np.cos(factor * s), rtol=0, atol=tolerance)
    np.testing.assert_allclose(sine, np.sin(factor * s), rtol=0, atol=tolerance)


def test_large_angles_lose_no_more_than_their_rounding():
    angle = np.concatenate([np.linspace(-1e9, 1e9, 100_001), 1e6 * np.random.default_rng(1).standard_normal(10_000)])
    cosine, sine = on_array(turn)(angle)
    # angle, 1/2 pi and their product are rounded to 53 bits
    tolerance = 4e-10 + 3.0 * np.abs(angle) * 2.0**-53
    assert (np.abs(cosine - np.cos(angle)) < tolerance).all()
    assert (np.abs(sine - np.sin(angle)) < tolerance).all()


def test_a_rotation_keeps_the_modulus():
    # what is left acts like a damping of this size per step: 6e-8 at dt = .01
    cosine, sine = on_array(turn)(np.linspace(-50.0, 50.0, 100_001))
    assert abs(cosine**2 + sine**2 - 1.0).max() < 6e-10


def test_decay_is_exponential_for_short_steps_and_stays_damping_for_long_ones():
    y = np.array([-0.1, -0.01, 0.0, 0.01, 0.1])
    np.testing.assert_array_less(abs(np.array([decay(v) for v in y]) - np.exp(-y)), 1.1 * y**4 / 24 + 1e-16)
    values = [decay(v) for v in np.linspace(0.0, 100.0, 1001)]
    assert (np.diff(values) <= 0.0).all()
    assert values[-1] == 1 / 16


def test_direction_is_a_unit_vector_everywhere():
    @njit
    def along(radius, angle):
        return direction(radius * np.cos(angle), radius * np.sin(angle))

    for radius in (1e-100, 1.0, 1e100):
        np.testing.assert_allclose(along(radius, 2.0), [np.cos(2.0), np.sin(2.0)], rtol=0, atol=1e-15)
    np.testing.assert_allclose(along(0.0, 2.0), [1.0, 0.0], rtol=0, atol=1e-15)
