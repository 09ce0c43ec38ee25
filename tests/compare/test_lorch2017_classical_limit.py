"""From quantum to classical at a fixed classical limit: the scaling, and two solvers and jumps along the path."""

import numpy as np
import pytest

import quantum
from compare.measures import phase_sync
from compare.methods import METHODS
from compare.methods.hopping import HOPPING
from compare.plans.lorch2017.classical_limit import scaled
from compare.systems.lorch2017 import KerrOscillators


def on_the_path(quanta, detuning=0.0, **changes):
    given = {"detuning": detuning, "coupling": 0.05, "dissipators": "coherent", **scaled(quanta), **changes}
    return KerrOscillators.pair(**given)


def run(method, system, **settings):
    return method.run(system, method.settings(system, settings), 1, 1)


def smooth(face, quanta, **changes):
    """S by Fokker-Planck with the path's wall."""
    settings = {"face": face, "bound": 2.0 * quanta, "wall": "reflecting", "cells": 24}
    return run(METHODS["fokker_planck"], on_the_path(quanta, **changes), **settings)["sync"][0]


def exact(quanta, **changes):
    return run(HOPPING, on_the_path(quanta, **changes), levels=2 * quanta)["sync"][0]


@pytest.mark.parametrize("detuning", [0.0, 7.0])
def test_the_classical_equation_is_the_same_for_all_numbers_of_quanta(detuning):
    # the grid scales with the wall, so that equal equations give equal numbers
    sync = [smooth("langevin", quanta, detuning=detuning) for quanta in (2, 8, 50)]
    np.testing.assert_allclose(sync, sync[0], rtol=1e-8)


def test_every_part_of_the_scaling_is_needed():
    expected = smooth("langevin", 8, detuning=7.0)
    for name in ("sigma", "kerr", "thermal_noise"):
        other = smooth("langevin", 8, detuning=7.0, **{name: scaled(2)[name]})
        assert abs(other / expected - 1) > 0.1


def test_quantum_and_wigner_tend_to_the_classical_equation_and_faster_to_each_other():
    classical = smooth("langevin", 8)
    numbers = (6, 12, 24)
    quantum_sync, wigner = [np.array([f(n) for n in numbers]) for f in (exact, lambda n: smooth("wigner", n))]
    for sync in (quantum_sync, wigner):
        gap = 1 - sync / classical
        assert (np.diff(gap) < 0).all()
        assert gap[-1] > 0.2  # 1/n, and still far away
    # 1/n^2: a factor 4 from 12 to 24, less before it
    between = abs(1 - wigner / quantum_sync)
    assert between[1] / between[2] > 3.0 > between[0] / between[1] > 2.0
    assert between[2] < 0.02


def test_the_blockade_melts():
    # S at the resonance 2K, which moves to zero, over S at zero
    ratio = [exact(n, detuning=2 * scaled(n)["kerr"]) / exact(n) for n in (2, 4, 8)]
    assert ratio[0] > 1.9
    assert max(ratio[1:]) < 1.0


def test_incoherent_dissipators_have_no_classical_limit():
    sync = [exact(n, dissipators="incoherent") for n in (8, 16, 24)]
    assert (np.diff(sync) < 0).all()
    assert sync[-1] < 0.06 * smooth("langevin", 8)


def test_two_solvers_and_jumps_agree_on_the_path():
    for kind in ("coherent", "incoherent"):
        system = on_the_path(12, dissipators=kind)
        sectors = phase_sync(quantum.steady_state(system.lindblad(24), check_unique=False)).sync
        assert sectors == pytest.approx(exact(12, dissipators=kind), rel=1e-8)
    check_jumps(8, trajectories=128, duration=60.0, burn_in=20.0)


def check_jumps(quanta, **settings):
    system = on_the_path(quanta)
    jumps = run(METHODS["jumps"], system, levels=2 * quanta, sample_every=0.5, **settings)
    expected = run(HOPPING, system, levels=2 * quanta)
    assert abs(jumps["sync"][0] - expected["sync"][0]) < 4 * jumps["sync_stderr"][0] < 0.5 * expected["sync"][0]
    z = (jumps["mean_number"] - expected["mean_number"]) / jumps["mean_number_stderr"]
    assert np.abs(z).max() < 4


@pytest.mark.slow
def test_fifty_quanta_by_the_general_solver_and_by_jumps():
    # 100 levels per oscillator: 10 000 states, sectors of up to 100, 666 700 elements of the density matrix
    state = quantum.steady_state(on_the_path(50).lindblad(100), check_unique=False)
    assert state.residual < 1e-12
    assert phase_sync(state).sync == pytest.approx(exact(50), rel=1e-8)
    check_jumps(50, trajectories=128, duration=160.0, burn_in=40.0)
