"""The methods of the package keep the promise that sweeps rely on: same seed, same bits, wherever and however grouped."""

import pytest
from test_store import same_bytes

from compare.execution import batches
from compare.execution.cluster import Dask
from compare.execution.processes import Processes
from compare.plan import make_plan
from compare.sweeps import run
from compare.systems.lorch2017 import KerrOscillators

ENSEMBLE = {"trajectories": 96, "duration": 4.0, "burn_in": 1.0}
METHODS = {
    "steadystate": {"levels": 5},
    "perturbation": {"levels": 5},
    "jumps": {"levels": 5, "trajectories": 24, "duration": 6.0, "burn_in": 1.0},
    "langevin": ENSEMBLE,
    "wigner_reset": ENSEMBLE,
}


@pytest.fixture(scope="module")
def plan():
    pair = KerrOscillators.pair(detuning=0.0, coupling=0.1 + 0.05j, kerr=3.0, n_plus=1.7, sigma=0.3, thermal_noise=0.05)
    return make_plan(pair, {"detuning": [0.0, 0.7, 6.0]}, METHODS, seed=9)


@pytest.fixture(scope="module")
def one_thread(plan):
    return run(plan, threads=1)


def test_threads_change_no_bit(plan, one_thread):
    assert same_bytes(run(plan, threads=2), one_thread)


def test_groups_change_no_bit(plan, one_thread, monkeypatch):
    # other groups than those that the clock chose: every point alone
    monkeypatch.setattr(batches, "LARGEST_BATCH", 1)
    assert same_bytes(run(plan, threads=1), one_thread)
    monkeypatch.setattr(batches.Queue, "__init__", all_at_once)
    monkeypatch.setattr(batches, "LARGEST_BATCH", 256)
    assert same_bytes(run(plan, threads=1), one_thread)


def all_at_once(self, plan, points):
    self.plan, self._points, self._next, self._again = plan, list(points), 0, []
    self._size = dict.fromkeys(range(len(plan.asks)), 256)


def test_processes_change_no_bit(plan, one_thread):
    assert same_bytes(run(plan, executor=Processes(1, threads=2)), one_thread)


@pytest.mark.slow
def test_dask_changes_no_bit(plan, one_thread):
    assert same_bytes(run(plan, executor=Dask(workers=2)), one_thread)
