"""Eq. (5) of Lörch et al. 2017 simulated at the parameters of Fig. 2(a) against its Fokker-Planck equation."""

import numpy as np
import pytest

import langevin
from compare.measures import phase_sync
from compare.systems import lorch2017

FIG2A = {"kerr": 2.0, "n_plus": 2.0, "sigma": 0.2, "thermal_noise": 0.1}

# fokker_planck(bound=5), cells and harmonics converged: S/V at V = .05 and the pair's exit rate
REFERENCE = {0.0: (17.012, 0.006594), 1.0: (8.737, 0.007424), 2.0: (4.3694, 0.007644), 4.0: (1.8223, 0.007660)}

# of dt = .01, measured with six times the samples: S/V within 1 %, exit rates .7 to 1.7 % high (+-.45 %)
STEP_BIAS, EXIT_BIAS = 0.01, 0.017


def simulate(system, trajectories=2560, end=320.0, **options):
    model = system.langevin()
    start = langevin.initial.limit_cycle(model, trajectories, seed=3)
    times = np.arange(0.0, end + 0.1, 0.2)
    return langevin.simulate(model, start, times, dt=0.01, seed=3, burn_in=40.0, **({"k_max": 4} | options))


@pytest.mark.parametrize("detuning", REFERENCE)
def test_synchronization_and_exits(detuning):
    coupling = 0.05
    runs = simulate(lorch2017.KerrOscillators.pair(detuning=detuning, coupling=coupling, **FIG2A))
    sync, rate = REFERENCE[detuning]
    result = phase_sync(runs)
    assert abs(result.sync / coupling - sync) < 3.0 * result.stderr / coupling + STEP_BIAS * sync
    assert abs(runs.exit_rate - rate) < 3.0 * runs.exit_rate_stderr + EXIT_BIAS * rate
    # narrow enough to mean something
    assert result.stderr / coupling < 0.25
    assert runs.exit_rate_stderr < 0.02 * rate


def test_uncoupled_oscillators_are_not_synchronized():
    runs = simulate(lorch2017.KerrOscillators.pair(detuning=0.5, coupling=0.0, **FIG2A), trajectories=640)
    result = phase_sync(runs)
    assert result.sync < 3.0 * result.stderr
    assert 0.0 < result.stderr < 0.05


def test_the_sign_of_the_detuning_is_the_sign_of_the_locked_phase():
    # exchanging the oscillators mirrors the phase; so does the detuning
    phases = []
    for detuning in (1.0, -1.0):
        runs = simulate(lorch2017.KerrOscillators.pair(detuning=detuning, coupling=0.05, **FIG2A), trajectories=640)
        mirrored = phase_sync(runs, (1, 0))
        phases.append(phase_sync(runs).phase)
        assert mirrored.phase == pytest.approx(-phases[-1], abs=1e-9)
    reference = langevin.fokker_planck(
        lorch2017.KerrOscillators.pair(detuning=1.0, coupling=0.05, **FIG2A).langevin(), cells=30, refine=False
    )
    expected = phase_sync(reference).phase
    # standard error of the phase: that of |c_1| over |c_1|, .03
    assert phases[0] == pytest.approx(expected, abs=0.12)
    assert phases[1] == pytest.approx(-expected, abs=0.12)
    assert abs(expected) > 0.5


# --- a true steady state ----------------------------------------------------------------------------------------------

DETUNINGS, COUPLINGS = (0.0, 1.0, 2.0, 4.0, 8.0), (0.05, 0.1, 0.2)
# weak order one: a quarter of what is left at dt = .01, which is below 1 % (STEP_BIAS)
SMALL_STEP, SMALL_STEP_BIAS = 0.0025, 0.0025


@pytest.mark.slow
def test_every_point_of_fig_2a_with_a_bath_damping_is_that_of_the_fokker_planck_equation():
    # damping .05 against the noise .1 confines |alpha|^2 to some 2 beyond the well: nothing is left at the wall, 14
    z = []
    for coupling in COUPLINGS:
        for detuning in DETUNINGS:
            model = lorch2017.KerrOscillators.pair(
                detuning=detuning, coupling=coupling, bath_damping=0.05, **FIG2A
            ).langevin()
            exact = langevin.fokker_planck(model, bound=14.0, wall="reflecting", cells=72, harmonics=8)
            sync, grid_error = phase_sync(exact).sync, 2.0 * exact.harmonics_error[1:].sum()
            found = [_steady(model, seed) for seed in range(4)]
            value = np.array([result.sync for result in found])
            error = np.array([result.stderr for result in found])
            tolerance = 3.0 * np.sqrt((error**2).sum()) / 4 + SMALL_STEP_BIAS * sync + grid_error
            assert abs(value.mean() - sync) < tolerance, (coupling, detuning, value, sync)
            z.extend((value - sync) / error)
    # the standard deviation of a mean of 60 squares is .18
    assert 0.6 < np.mean(np.square(z)) < 1.5


def _steady(model, seed):
    start = langevin.initial.limit_cycle(model, 1024, seed=seed)
    times = np.arange(0.0, 300.1, 0.5)
    return phase_sync(langevin.simulate(model, start, times, dt=SMALL_STEP, seed=seed, burn_in=100.0))
