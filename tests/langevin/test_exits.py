"""Exits from a basin: who is counted when, what begins again, rates against closed forms, and what has exploded."""

import numpy as np
import pytest
from oscillators import model
from scipy import special

import langevin
from compare.measures import phase_sync

# |alpha_0|^2 grows as e^t from 1 and passes 3.5 at t = 1.2528, in the fourth interval of 0.4; the second oscillator rests
GROWTH = model(gamma=[-1.0, 0.0], bound=3.5)


def run(system, start, times, **options):
    options = {"dt": 0.01, "seed": 1, "burn_in": 0.0} | options
    return langevin.simulate(system, start, times, **options)


def grid(intervals):
    return 0.4 * np.arange(intervals + 1)


def test_a_stopped_trajectory_was_sampled_until_the_last_time_before_its_exit():
    runs = run(GROWTH, np.ones((70, 2)), grid(10), escape="stop", save=True)
    assert (runs.exits, runs.exits_in_burn_in, runs.exploded) == (70, 0, 0)
    np.testing.assert_array_equal(runs.weight, 3.0)
    x = np.exp([0.4, 0.8, 1.2])
    np.testing.assert_allclose(runs.numbers[:, 0, 0], x.sum(), rtol=1e-5)
    np.testing.assert_allclose(runs.numbers[:, 0, 1], (x**2).sum(), rtol=1e-5)
    assert np.isfinite(runs.amplitudes[:, :4]).all()
    assert np.isnan(runs.amplitudes[:, 4:]).all()
    np.testing.assert_allclose(runs.escape_times, 3.5 * 0.4)
    # three intervals and half of the fourth
    assert runs.exit_rate == pytest.approx(1.0 / (3.5 * 0.4))
    assert runs.exit_rate_stderr == pytest.approx(runs.exit_rate / np.sqrt(70))


def test_a_restarted_trajectory_begins_again_with_its_initial_state_and_burn_in():
    # alive at 0.4, 0.8, 1.2, back at the start at 1.6, and so on; the first of each three samples is burn-in
    runs = run(GROWTH, np.ones((3, 2)), grid(10), escape="restart", burn_in=0.4, save=True)
    x = np.exp([0.4, 0.8, 1.2, 0.0, 0.4, 0.8, 1.2, 0.0, 0.4, 0.8])
    np.testing.assert_allclose(abs(runs.amplitudes[0, 1:, 0]) ** 2, x, rtol=1e-5)
    assert (runs.exits, runs.exits_in_burn_in) == (6, 0)
    np.testing.assert_allclose(runs.escape_times, 3.5 * 0.4)  # the first one, not the last
    np.testing.assert_array_equal(runs.weight, 5.0)
    np.testing.assert_allclose(runs.numbers[:, 0, 0], 2 * np.exp([0.8, 1.2]).sum() + np.exp(0.8), rtol=1e-5)


def test_exits_before_the_end_of_the_burn_in_are_counted_apart():
    runs = run(GROWTH, np.ones((3, 2)), grid(10), escape="restart", burn_in=1.6)
    assert (runs.exits, runs.exits_in_burn_in, runs.weight.sum()) == (0, 6, 0.0)
    assert np.isnan(runs.exit_rate)


@pytest.mark.parametrize("amplitude", [2.0, -2.0j, np.sqrt(3.5), 1e200])
def test_a_start_outside_of_the_bound_is_refused(amplitude):
    start = np.array([[1.0, 1.0], [1.0, amplitude]])
    with pytest.raises(
        ValueError, match=r"`initial` must lie inside of the bound \|alpha_1\|\^2 < 3.5, but .* trajectory 1"
    ):
        run(GROWTH, start, grid(10))


def test_without_a_bound_there_is_no_exit_rate():
    runs = run(model(gamma=1.0), np.ones((2, 1)), grid(3))
    assert (runs.exits, runs.escape) == (0, "none")
    assert np.isnan(runs.exit_rate)


def test_the_exit_rate_of_brownian_motion_from_a_disc_is_bessel():
    # D = s/2: the leading eigenvalue of D Laplace in a disc of radius R is D (j_01 / R)^2, the density J_0(j_01 r / R)
    s, radius, dt = 0.5, 1.2, 1e-3
    system = model(s=s, t=s, bound=radius**2)
    first, second = special.jn_zeros(0, 2)
    rate = s / 2 * (first / radius) ** 2
    burn_in = round(6.0 / (s / 2 * (second**2 - first**2) / radius**2), 1)  # e^-6 of the next radial mode is left
    runs = run(system, np.zeros((2560, 1)), 0.1 * np.arange(101), dt=dt, burn_in=burn_in)
    # exits inside the last step are found with a shifted wall: what is left is of order s dt / R^2
    bias = 4.0 * s * dt / radius**2
    assert abs(runs.exit_rate / rate - 1.0) < 3.0 / np.sqrt(runs.exits) + bias
    # <r^2>/R^2 with weight J_0(j r) r
    mean, error = runs.mean_number()
    assert abs(mean[0] / radius**2 - (1.0 - 4.0 / first**2)) < 4.0 * error[0] / radius**2 + bias


def test_the_mean_escape_time_of_brownian_motion_from_a_disc():
    # D Laplace tau = -1 with tau(R) = 0: tau(0) = R^2 / 4D, D = s/2
    s, radius, dt = 0.5, 1.2, 1e-3
    times = 0.05 * np.arange(601)
    runs = run(model(s=s, t=s, bound=radius**2), np.zeros((2560, 1)), times, dt=dt, escape="stop")
    assert np.isfinite(runs.escape_times).all()  # e^-30 are left
    expected = radius**2 / (2.0 * s)
    error = runs.escape_times.std() / np.sqrt(2560)
    # the later exits of the shifted wall are of relative order s dt / R^2, as in the test of the rate
    assert abs(runs.escape_times.mean() - expected) < 3.0 * error + 4.0 * s * dt / radius**2 * expected
    longer = run(model(s=s, t=s, bound=radius**2), np.zeros((64, 1)), times[:11], dt=dt, escape="stop")
    early = runs.escape_times[:64]
    np.testing.assert_array_equal(longer.escape_times, np.where(early < times[10], early, np.inf))


# --- explosions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", langevin.SCHEMES)
def test_an_explosion_is_reported_as_exploded_and_never_as_numbers(scheme):
    # x' = x^2 from 1 is infinite at t = 1; the second trajectory, from 0.1, at t = 10
    runs = run(model(eta=-1.0), np.array([[1.0], [np.sqrt(0.1)]]), grid(5), scheme=scheme, dt=1e-3, save=True)
    assert runs.exploded == 1
    np.testing.assert_array_equal(np.isnan(runs.escape_times), [True, False])
    np.testing.assert_array_equal(runs.weight, [0.0, 5.0])
    for sums in (runs.numbers, runs.harmonics):
        assert (sums[0] == 0.0).all()
        assert np.isfinite(sums).all()
    x = 0.1 / (1.0 - 0.1 * grid(5)[1:])
    np.testing.assert_allclose(runs.numbers[1, 0, 0], x.sum(), rtol=1e-3)
    # sums of the living, but no averages
    assert np.isnan(runs.mean_number()).all()
    assert np.isnan(runs.exit_rate)
    assert np.isnan(runs.covariance()).all()
    # saved amplitudes show what happened: 1/(1 - t) at .4 and .8, then nothing
    np.testing.assert_allclose(abs(runs.amplitudes[0, 1:3, 0]) ** 2, [1 / 0.6, 1 / 0.2], rtol=2e-2)
    assert np.isnan(runs.amplitudes[0, 3:]).all()
    assert np.isfinite(runs.amplitudes[1]).all()


def test_trajectories_on_their_way_to_infinity_do_not_show_in_averages():
    # some of the explosions of plain Euler steps are sampled half way, at 1e10 or 1e20, and some are not over at the end
    system = model(kerr=[1.0, 1.0], gamma=-1.0, eta=0.5, s=0.1, t=0.1)
    with pytest.warns(langevin.UnstableStepWarning):
        runs = run(system, np.full((2048, 2), 1.4), 0.02 * np.arange(201), scheme="euler", dt=0.02)
    assert 50 < runs.exploded < 2048
    sync = phase_sync(runs)
    for number in (*runs.mean_number(), sync.sync, sync.stderr, sync.phase, sync.density(0.3)):
        assert np.isnan(number).all()


def test_the_explosion_of_one_oscillator_is_not_hidden_by_another():
    # oscillator 0 explodes at t = 1, oscillator 1 rests; in the second model 0 is no number from the first step on
    for system in (model(eta=[-1.0, 0.0]), model(s=[-1.0, 0.0])):
        runs = run(system, np.ones((3, 2)), grid(5), dt=1e-3, save=True)
        assert runs.exploded == 3
        assert np.isfinite(runs.numbers).all()
        assert np.isfinite(runs.harmonics).all()
        assert np.isnan(runs.amplitudes[:, 3:]).all()


def test_an_exploded_trajectory_does_not_begin_again():
    # one step carries it from inside the bound to infinity: no physics, whatever the policy
    runs = run(model(eta=-1e200, bound=4.0), np.ones((2, 1)), grid(5), escape="restart")
    assert (runs.exploded, runs.exits, runs.weight.sum()) == (2, 0, 0.0)


def test_plain_euler_explodes_on_a_kerr_oscillator_and_says_so():
    # DESIGN: the explicit rotation anti-damps at rate Omega^2 dt
    with pytest.warns(langevin.UnstableStepWarning, match="use scheme 'exponential' or a smaller dt"):
        runs = run(model(kerr=2.0, gamma=-1.0, eta=0.5, s=0.1, t=0.1), np.full((64, 1), 1.4), 0.5 * np.arange(41),
                   scheme="euler", dt=2e-2)  # fmt: skip
    assert runs.exploded == 64
    assert np.isfinite(runs.numbers).all()


def test_a_slow_rotation_does_not_warn():
    run(model(omega=0.1, gamma=-1.0, eta=0.5, s=0.1, t=0.1), np.full((64, 1), 1.4), grid(2), scheme="euler")
