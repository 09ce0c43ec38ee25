"""One step from a known amplitude shows the noise alone: a factor of two in it, or a stream used twice, cannot hide."""

import numpy as np
import pytest
from oscillators import assert_mean_within, model

import langevin

DT = 1e-4
COUNT = 2**16  # times sixteen oscillators: 2^20 samples, a variance known to 0.14 %


def one_step(start, **parameters):
    system = model(omega=np.zeros(16), **parameters)
    start = np.full((COUNT, 16), start, dtype=complex)
    runs = langevin.simulate(
        system, start, [0.0, DT], dt=DT, seed=11, burn_in=0.0, save=True, pairs=[(0, 1)], k_max=1
    )  # fmt: skip
    return runs.amplitudes[:, 1]


def assert_uncorrelated(a, b):
    assert_mean_within((a * b).ravel() / (a.std() * b.std()), 0.0, n_sigma=5.0)


def assert_nothing_repeats(*components):
    for values in components:
        assert np.unique(values).size == values.size
    first, second = components
    for squares in (False, True):
        a, b = (v**2 - (v**2).mean() if squares else v - v.mean() for v in (first, second))
        assert_uncorrelated(a, b)  # components
        assert_uncorrelated(a[:, 1:], a[:, :-1])  # oscillators
        assert_uncorrelated(a[1:], a[:-1])  # trajectories
        assert_uncorrelated(a[64:], a[:-64])  # blocks
        assert_uncorrelated(a[:, 1:], b[:, :-1])


def test_from_rest_both_components_have_the_variance_of_the_model():
    # scheme "exponential" adds sqrt(dt) times the amplitude to rest, exactly
    kick = one_step(0.0, s=0.3, t=0.7)
    assert_mean_within(kick.real.ravel() ** 2, 0.3 * DT, n_sigma=5.0)
    assert_mean_within(kick.imag.ravel() ** 2, 0.7 * DT, n_sigma=5.0)
    assert_nothing_repeats(kick.real, kick.imag)


@pytest.mark.parametrize("start", [1.5j, -1.0 + 1.0j])
def test_polar_noise_points_along_and_across_the_amplitude(start):
    x = abs(start) ** 2
    step = one_step(start, s=0.1, s_x=0.1, t=0.3, t_x=0.2, kind="polar")
    step = (step - start) * np.conj(start) / abs(start)
    radial, tangential = 0.1 + 0.1 * x, 0.3 + 0.2 * x
    # the mean drift of the polar form is zero in x: the tangential kick lengthens alpha by t dt / 2r
    bias = 5.0 * DT  # relative, next order in dt
    assert_mean_within(step.real.ravel() ** 2, radial * DT, n_sigma=5.0, bias=bias * radial * DT)
    assert_mean_within(step.imag.ravel() ** 2, tangential * DT, n_sigma=5.0, bias=bias * tangential * DT)
    assert_nothing_repeats(step.real, step.imag)


def test_resets_come_at_their_rate_and_leave_a_uniform_phase():
    rate, phases = 300.0, 8
    system = model(omega=np.zeros(16), reset=rate, kind="polar", resets=True)
    start = np.full((COUNT, 16), 1.5j)
    runs = langevin.simulate(system, start, [0.0, DT], dt=DT, seed=2, burn_in=0.0, save=True, pairs=[(0, 1)], k_max=1)
    after = runs.amplitudes[:, 1]
    moved = abs(after - 1.5j) > 1e-9
    assert_mean_within(moved.ravel(), rate * DT - (rate * DT) ** 2 / 2, n_sigma=5.0, bias=(rate * DT) ** 3)
    np.testing.assert_allclose(abs(after), 1.5, rtol=6e-10)  # accuracy of `turn`
    phase = np.angle(after[moved])
    for k in range(1, phases):
        assert_mean_within(np.exp(1j * k * phase).real, 0.0)
        assert_mean_within(np.exp(1j * k * phase).imag, 0.0)
    assert_uncorrelated(moved[:, 1:] - moved.mean(), moved[:, :-1] - moved.mean())


def test_steep_radial_noise_has_the_skewness_of_its_path():
    # b = sqrt(s_x) r: the radius is lognormal, r0 exp(g) with g normal of variance s_x dt; without Milstein's term it is not
    # skewed at all. (The engine adds no drift here: Ito noise of mean zero along alpha.)
    s_x, dt, r0 = 0.5, 0.01, 1.5
    system = model(omega=np.zeros(16), s_x=s_x, kind="polar")
    start = np.full((COUNT, 16), r0, dtype=complex)
    runs = langevin.simulate(system, start, [0.0, dt], dt=dt, seed=4, burn_in=0.0, save=True, pairs=[(0, 1)], k_max=1)
    radius = runs.amplitudes[:, 1].real.ravel() / r0
    v = s_x * dt
    # lognormal: variance e^v - 1, third central moment (e^v - 1)^2 (e^v + 2); the next order of the step is v^3
    assert_mean_within(radius, 1.0, n_sigma=5.0)
    assert_mean_within((radius - 1.0) ** 2, np.expm1(v), n_sigma=5.0, bias=v**3)
    assert_mean_within((radius - 1.0) ** 3, np.expm1(v) ** 2 * (np.exp(v) + 2.0), n_sigma=5.0, bias=4.0 * v**3)
    # what the test would see without the term: 3 v^2, far outside
    assert 3.0 * v**2 > 10.0 * ((radius - 1.0) ** 3).std() / np.sqrt(radius.size)
