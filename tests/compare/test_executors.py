import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import psutil
import pytest
import xarray as xr
from adler import Adler, Exact, exact, sampled
from test_store import same_bytes

from compare.execution.batches import Batch, Queue
from compare.execution.cluster import Dask
from compare.execution.processes import Processes
from compare.execution.progress import Progress
from compare.execution.wire import Refused, pack_batch, pack_refusal, pack_results, unpack_batch, unpack_results
from compare.interfaces import run_limited
from compare.plan import make_plan
from compare.sweeps import run, sweep

AXES = {"detuning": [0.02 * k for k in range(50)], "coupling": [0.5, 1.0]}
METHODS = {"adler:exact": {}, "adler:sampled": {"steps": 20}}


@pytest.fixture(scope="module")
def plan():
    return make_plan(Adler(), AXES, METHODS, seed=4)


@pytest.fixture(scope="module")
def expected(plan):
    return run(plan)


def test_processes_give_the_same_bits(plan, expected, tmp_path):
    assert same_bytes(run(plan, executor=Processes(2), store=tmp_path / "s"), expected)


class KillWorkers(Progress):
    """Kills a worker process, one after the other, while the sweep runs."""

    def __init__(self, times):
        self.times = times

    def advance(self, label, count):
        if self.times and (workers := child_processes("compare.execution.worker")):
            os.kill(workers[0], signal.SIGKILL)
            self.times -= 1


def child_processes(name):
    """Processes that this one started, with a word in their command line."""
    children = psutil.Process().children(recursive=True)
    running = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
    return [child.pid for child in running if any(name in word for word in child.cmdline())]


def test_killed_workers_cost_nothing_but_time(plan, expected):
    killer = KillWorkers(2)
    assert same_bytes(run(plan, executor=Processes(2), progress=killer), expected)
    assert killer.times == 0


def test_no_process_is_left_behind(plan):
    results = Processes(2).run(Queue(plan, range(len(plan.points))))
    next(results)
    assert child_processes("compare.execution.worker")
    results.close()
    assert not child_processes("compare.execution.worker")


@pytest.mark.parametrize(
    ("detuning", "told"),
    [
        (1.0, r"'adler:fatal' failed at detuning=1.0: .* its worker died \(exit code 3\)"),
        (2.0, "'adler:fatal' failed at detuning=2.0: ZeroDivisionError: division by zero"),
    ],
)
def test_a_point_that_fails_is_named_and_the_others_are_kept(tmp_path, detuning, told):
    axes = {"detuning": [0.0, 0.5, detuning]}
    with pytest.raises(RuntimeError, match=told):
        sweep(Adler(), axes, ["adler:fatal"], executor=Processes(1), store=tmp_path / "s")
    table = xr.open_zarr(tmp_path / "s", consolidated=False)
    assert list(table.checksum.values > 0) == [True, True, False]


def test_workers_need_names():
    with pytest.raises(ValueError, match="must be importable by these names"):
        sweep(Adler(), None, [Exact(name="adler:sampled")], executor=Processes(1))


def test_batches_and_results_survive_the_wire(plan):
    systems = tuple(plan.system_at(point.changes) for point in plan.points[:3])
    batch = Batch("x", (0, 1, 2), exact, {"pause": 0.0}, systems, (1, 2**127 + 1, 3))
    assert unpack_batch(pack_batch(batch)) == (exact, list(systems), {"pause": 0.0}, [1, 2**127 + 1, 3])
    results = [
        {"sync": np.array([1.0, np.nan]), "pair": ["0-1", "2-3"], "residual": 0.0},
        {"order": np.array([[1j]]), "empty": np.zeros((0, 2))},
    ]
    seconds, again = unpack_results(pack_results(results, 0.25))
    assert seconds == 0.25
    for before, after in zip(results, again, strict=True):
        assert before.keys() == after.keys()
        for name, value in before.items():
            assert np.asarray(value).dtype == after[name].dtype
            assert np.asarray(value).tobytes() == after[name].tobytes()
    with pytest.raises(Refused, match="ValueError"):
        unpack_results(pack_refusal(ValueError("no")))


def test_batches_grow_until_they_last_half_a_second(plan):
    queue = Queue(plan, range(len(plan.points)))
    sizes = []
    while batch := queue.take():
        assert len({plan.points[number].ask for number in batch.points}) == 1
        sizes.append(len(batch.points))
        queue.took(batch, 0.02 * len(batch.points))  # 25 points in half a second
    assert sum(sizes) == len(plan.points)
    assert sizes[:4] == [1, 8, 25, 25]
    assert max(sizes) == 25


def test_blas_runs_on_one_thread():
    from threadpoolctl import threadpool_info

    seen = []

    class Watching(Exact):
        run_many = None

        def run(self, system, settings, seed, threads):
            seen.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
            return {"residual": 0.0}

    run_limited(Watching(), [Adler()], {}, [0], 2)
    assert set(seen) == {1}


def test_a_script_needs_no_guard(tmp_path):
    # workers do not run the script that started them again
    script = tmp_path / "script.py"
    script.write_text(
        "from adler import Adler\nfrom compare.execution.processes import Processes\nfrom compare.sweeps import sweep\n"
        "print(sweep(Adler(), {'detuning': [0.0, 1.0]}, ['adler:exact'], executor=Processes(2)).sync.values.ravel())\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    answer = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment, check=True)
    expected = sweep(Adler(), {"detuning": [0.0, 1.0]}, [exact]).sync.values.ravel()
    assert answer.stdout == f"{expected}\n"
    assert answer.stderr == ""


@pytest.fixture(scope="module")
def scheduler():
    """Address of a local cluster of two worker processes."""
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(**options) as cluster:
        yield cluster


def test_dask_gives_the_same_bits_though_workers_are_killed(plan, expected, scheduler):
    def kill_two():
        for pid in [int(worker.pid) for worker in scheduler.workers.values()]:
            time.sleep(0.3)
            os.kill(pid, signal.SIGKILL)

    slow = make_plan(Adler(), AXES, {"adler:exact": {"pause": 0.02}, "adler:sampled": {"steps": 20}}, seed=4)
    killer = threading.Thread(target=kill_two)
    killer.start()
    computed = run(slow, executor=Dask(scheduler.scheduler_address))
    assert not killer.is_alive()  # both died while the sweep ran
    assert same_bytes(computed, expected)


def test_a_cluster_that_does_not_answer_is_refused():
    with pytest.raises(ValueError, match="No Dask scheduler answers at tcp"):
        sweep(Adler(), None, [sampled], executor=Dask("tcp://127.0.0.1:9", timeout=0.5))
    with pytest.raises(ValueError, match="must not both be given"):
        Dask("tcp://127.0.0.1:9", workers=2)
