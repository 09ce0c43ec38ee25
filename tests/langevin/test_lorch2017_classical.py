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
