import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import xarray as xr
import zarr
from adler import Adler, Exact, exact, sampled

from compare.plan import make_plan
from compare.records import store as store_module
from compare.records.store import open_store
from compare.sweeps import run, sweep

AXES = {"detuning": [-1.0, 0.0, 1.0], "coupling": [0.5, 1.0]}
METHODS = [exact, sampled]


def same_bytes(a, b):
    xr.testing.assert_equal(a, b)
    return all(a[name].values.tobytes() == b[name].values.tobytes() for name in a.variables)


@pytest.fixture
def counted(monkeypatch):
    """How many points are really computed."""
    calls = []
    for method in (type(exact), type(sampled)):
        original = method.run
        monkeypatch.setattr(
            method, "run", lambda self, *given, original=original: calls.append(self.name) or original(self, *given)
        )
    return calls


def test_a_store_gives_the_dataset_of_memory(tmp_path, counted):
    stored = sweep(Adler(), AXES, METHODS, store=tmp_path / "s")
    assert same_bytes(stored, sweep(Adler(), AXES, METHODS))
    assert len(counted) == 2 * 12


def test_a_finished_plan_computes_nothing(tmp_path, counted):
    first = sweep(Adler(), AXES, METHODS, store=tmp_path / "s")
    counted.clear()
    again = sweep(Adler(), AXES, METHODS, store=tmp_path / "s")
    assert counted == []
    assert same_bytes(again, first)


def test_a_plan_may_grow(tmp_path, counted):
    sweep(Adler(), {**AXES, "detuning": [0.0]}, [exact], store=tmp_path / "s")
    counted.clear()
    grown = sweep(Adler(), AXES, METHODS, store=tmp_path / "s")
    assert len(counted) == 12 - 2
    assert same_bytes(grown, sweep(Adler(), AXES, METHODS))


def test_a_plan_may_shrink_and_come_back(tmp_path, counted):
    sweep(Adler(), AXES, METHODS, store=tmp_path / "s")
    counted.clear()
    small = sweep(Adler(), {**AXES, "detuning": [1.0]}, [sampled], store=tmp_path / "s")
    assert small.sizes == {"method": 1, "detuning": 1, "coupling": 2, "pair": 1, "phi": 64}
    sweep(Adler(), AXES, METHODS, store=tmp_path / "s")
    assert counted == []


def test_other_programs_see_a_table(tmp_path):
    ds = sweep(Adler(), {**AXES, "kind": ["soft", "hard"]}, METHODS, store=tmp_path / "s")
    table = xr.open_zarr(tmp_path / "s", consolidated=False).load()
    assert table.sizes["point"] == 24
    methods = json.loads(table.method.attrs["flag_meanings"])
    kinds = json.loads(table.kind.attrs["flag_meanings"])
    for row in range(24):
        at = table.isel(point=row)
        expected = ds.sel({"method": methods[int(at.method)], "detuning": at.detuning, "coupling": at.coupling,
                           "kind": kinds[int(at.kind)]})  # fmt: skip
        assert at.sync.item() == expected.sync.item()
    assert table.sync.attrs["units"] == "1"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"seed": 1}, "seed is 0 there and 1 here"),
        ({"system": Adler(noise=0.4)}, "noise is 0.5 there and 0.4 here"),
        ({"axes": {"detuning": [0.0]}}, r"axes \['coupling', 'detuning'\] in place of \['detuning'\]"),
        ({"methods": {"adler:sampled": {"steps": 9}}},
         r"holds 6 points .*'adler:sampled': steps was 200 and is 9\), at detuning=-1\.0, coupling=0\.5; .*; \.\.\."),
        ({"methods": {"adler:exact": {"method": "adler:sampled"}}}, "'adler:exact': method was adler:exact and is adler:s"),
    ],
)  # fmt: skip
def test_a_plan_that_contradicts_the_store_is_refused(tmp_path, changed, told):
    given = {"system": Adler(), "axes": AXES, "methods": METHODS}
    sweep(**given, store=tmp_path / "s")
    before = snapshot(tmp_path)
    with pytest.raises(ValueError, match=told):
        sweep(**{**given, **changed}, store=tmp_path / "s")
    assert snapshot(tmp_path) == before


def test_the_base_value_of_a_swept_parameter_does_not_matter(tmp_path, counted):
    sweep(Adler(detuning=5.0), AXES, [exact], store=tmp_path / "s")
    counted.clear()
    sweep(Adler(detuning=7.0), AXES, [exact], store=tmp_path / "s")
    assert counted == []


def snapshot(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_something_else_in_the_place_is_refused_and_kept(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/notes.txt").write_text("mine")
    zarr.create_group(tmp_path / "group", zarr_format=3)
    before = snapshot(tmp_path)
    for name in ("file", "folder", "group"):
        with pytest.raises(ValueError, match="must hold a store of this program, or nothing"):
            sweep(Adler(), AXES, [exact], store=tmp_path / name)
    assert snapshot(tmp_path) == before


def test_an_empty_folder_becomes_a_store(tmp_path):
    (tmp_path / "s").mkdir()
    sweep(Adler(), None, [exact], store=tmp_path / "s")
    assert (tmp_path / "s/sync/zarr.json").exists()


def test_a_place_that_cannot_be_made_is_refused():
    with pytest.raises(ValueError, match="The store /proc/nothing/s cannot be made: No such file or directory"):
        sweep(Adler(), None, [exact], store="/proc/nothing/s")


def test_one_run_at_a_time(tmp_path):
    plan = make_plan(Adler(), AXES, [exact])
    store, _ = open_store(tmp_path / "s", plan)
    with store, pytest.raises(ValueError, match="in use by another run"):
        run(plan, store=tmp_path / "s")
    run(plan, store=tmp_path / "s")


def test_results_of_other_code_are_kept_and_named(tmp_path, monkeypatch):
    sweep(Adler(), {**AXES, "detuning": [0.0]}, [exact], store=tmp_path / "s")
    monkeypatch.setattr(store_module, "code_digest", lambda: "other")
    monkeypatch.setattr(store_module, "git_revision", lambda: "abc123")
    with pytest.warns(UserWarning, match="holds results of other code"):
        ds = sweep(Adler(), AXES, [exact], store=tmp_path / "s")
    assert ds.attrs["git_revision"].endswith(", abc123")


def chunks(folder, name):
    return sorted(path for path in (folder / name / "c").rglob("*") if path.is_file())


@pytest.mark.parametrize("damage", ["truncated", "emptied", "flipped", "lost"])
@pytest.mark.parametrize("name", ["sync", "phase_density", "checksum"])
def test_a_damaged_chunk_costs_only_its_points(tmp_path, counted, monkeypatch, damage, name):
    monkeypatch.setattr(store_module, "CHUNK", 4)
    expected = sweep(Adler(), AXES, METHODS, store=tmp_path / "s")
    counted.clear()
    victim = chunks(tmp_path / "s", name)[1]
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 0x10
    new = {"truncated": content[: len(content) // 2], "emptied": b"", "flipped": content, "lost": None}[damage]
    victim.unlink() if new is None else victim.write_bytes(new)
    assert same_bytes(sweep(Adler(), AXES, METHODS, store=tmp_path / "s"), expected)
    assert 1 <= len(counted) <= 4
    counted.clear()
    sweep(Adler(), AXES, METHODS, store=tmp_path / "s")
    assert counted == []


def test_leftovers_of_a_kill_are_swept_up(tmp_path):
    expected = sweep(Adler(), AXES, METHODS, store=tmp_path / "s")
    (tmp_path / "s/zarr.0123.partial").write_bytes(b"{")
    (tmp_path / "s/sync/c/0/0.4567.partial").write_bytes(b"x")
    shutil.copytree(tmp_path / "s", tmp_path / ".new.creating")
    assert same_bytes(sweep(Adler(), AXES, METHODS, store=tmp_path / "s"), expected)
    assert same_bytes(sweep(Adler(), AXES, METHODS, store=tmp_path / "new"), expected)
    assert [path for path in tmp_path.rglob("*") if path.suffix in (".partial", ".creating")] == []


def test_an_extension_that_was_cut_short_is_done_again(tmp_path, monkeypatch):
    sweep(Adler(), {**AXES, "detuning": [0.0]}, [exact], store=tmp_path / "s")

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store_module, "_write_index", die)  # arrays are longer by now, the count of rows is not
        with pytest.raises(KeyboardInterrupt):
            sweep(Adler(), AXES, METHODS, store=tmp_path / "s")
    assert same_bytes(sweep(Adler(), AXES, METHODS, store=tmp_path / "s"), sweep(Adler(), AXES, METHODS))


class Interrupted(Exact):
    """Stops at one detuning as Ctrl-C, or an error, would."""

    def run(self, system, settings, seed, threads):
        if system.detuning == 1.0:
            raise self.error
        return super().run(system, settings, seed, threads)


@pytest.mark.parametrize(
    ("error", "told", "lost"),
    [
        (KeyboardInterrupt(), None, 5),  # the batch that was interrupted
        (
            ZeroDivisionError("division by zero"),
            "'adler:exact' failed at detuning=1.0, coupling=0.5: ZeroDivisionError:",
            2,
        ),
        (
            ValueError("Argument `x` is bad."),
            "'adler:exact' refuses detuning=1.0, coupling=0.5: Argument `x` is bad.",
            2,
        ),
    ],
)
def test_what_was_computed_before_an_interruption_is_kept(tmp_path, counted, monkeypatch, error, told, lost):
    monkeypatch.setattr(Interrupted, "error", error, raising=False)
    with pytest.raises((KeyboardInterrupt, ValueError, RuntimeError), match=told):
        sweep(Adler(), AXES, {"adler:exact": {"method": Interrupted()}}, store=tmp_path / "s")
    counted.clear()
    stored = sweep(Adler(), AXES, [exact], store=tmp_path / "s")
    assert 2 <= len(counted) <= lost
    assert same_bytes(stored, sweep(Adler(), AXES, [exact]))


def test_results_reach_the_disk_while_the_sweep_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "FLUSH_SECONDS", 0.0)
    seen = []

    class Watching(Exact):
        def run(self, system, settings, seed, threads):
            table = xr.open_zarr(tmp_path / "s", consolidated=False)
            seen.append(int((table.checksum > 0).sum()))
            return super().run(system, settings, seed, threads)

        run_many = None

    sweep(Adler(), {"detuning": [0.0, 1.0, 2.0]}, [Watching(name="watching")], store=tmp_path / "s")
    assert seen[0] == 0
    assert seen[-1] >= 1


FULL_DISK = """
import sys
from adler import Adler
from compare.records import store
from compare.sweeps import sweep
store.FLUSH_SECONDS = 0.0
try:
    sweep(Adler(), {"detuning": [0.001 * k for k in range(2000)]}, ["adler:exact"], store=sys.argv[1])
except OSError as error:
    print(error.errno, error.strerror)
"""


def small_disk_works():
    command = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=64k none /mnt"]
    return shutil.which("unshare") and subprocess.run(command, capture_output=True).returncode == 0


# the processes that these tests start may see other source than this one did, if someone is editing it
OTHER_CODE = pytest.mark.filterwarnings("ignore:The store .* holds results of other code")


@OTHER_CODE
@pytest.mark.skipif(not small_disk_works(), reason="no right to mount a small file system")
def test_a_full_disk_loses_nothing_that_was_stored(tmp_path):
    # a disk of 600 kB inside a mount namespace of its own; the store is copied out when it is full
    script = (
        f'mount -t tmpfs -o size=600k none {tmp_path}/disk && {sys.executable} -c "$0" {tmp_path}/disk/s '
        f"&& cp -a {tmp_path}/disk/s {tmp_path}/s"
    )
    (tmp_path / "disk").mkdir()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = ["unshare", "-rm", "sh", "-c", script, FULL_DISK]
    answer = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    number, message = answer.stdout.split(maxsplit=1)
    assert int(number) == errno.ENOSPC
    assert "cannot be written: No space left on device. It keeps" in message
    kept = int(message.split("It keeps ")[1].split()[0])
    assert 0 < kept < 2000
    axes = {"detuning": [0.001 * k for k in range(2000)]}
    store, _ = open_store(tmp_path / "s", make_plan(Adler(), axes, [exact]))
    with store:
        assert store.done.sum() == kept
    assert same_bytes(sweep(Adler(), axes, [exact], store=tmp_path / "s"), sweep(Adler(), axes, [exact]))


SWEEP_200 = """
import sys
from adler import Adler
from compare.execution import batches
from compare.records import store
from compare.execution.progress import Progress
from compare.sweeps import sweep
batches.BATCH_SECONDS = store.FLUSH_SECONDS = 0.0
class Told(Progress):
    def start(self, totals): print("go", flush=True)
    def advance(self, label, count): print("point", flush=True)
methods = {"adler:sampled": {"steps": 20}, "adler:exact": {}}
sweep(Adler(), {"detuning": [0.01 * k for k in range(100)]}, methods, store=sys.argv[1], progress=Told())
"""


def kill_at_random_moments(path, signals):
    """Start the sweep of 200 points over and over and kill it at random moments; returns how often it was killed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", SWEEP_200, str(path)]
    rng = np.random.default_rng(0)
    kills = 0
    for number in signals:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        # some points later (the first may be a while in coming), and then anywhere within the writing of one
        for _ in range(rng.integers(0, 160 // len(signals) + 1) + 1):
            process.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.02))
        process.send_signal(number)
        process.communicate()
        kills += process.returncode != 0
    return kills


KILL, CTRL_C = signal.SIGKILL, signal.SIGINT


@OTHER_CODE
@pytest.mark.parametrize(
    "signals",
    [
        [KILL, CTRL_C, KILL],
        pytest.param([KILL] * 20, marks=pytest.mark.slow),
        pytest.param([CTRL_C] * 20, marks=pytest.mark.slow),
    ],
    ids=len,
)
def test_killed_sweeps_end_as_if_nothing_had_happened(tmp_path, signals):
    path = tmp_path / "s"
    assert kill_at_random_moments(path, signals) == len(signals)
    methods = {"adler:sampled": {"steps": 20}, "adler:exact": {}}
    plan = make_plan(Adler(), {"detuning": [0.01 * k for k in range(100)]}, methods)
    store, _ = open_store(path, plan)
    with store:
        assert 0 < store.done.sum() < 200
    assert same_bytes(run(plan, store=path), run(plan))
