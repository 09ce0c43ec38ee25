import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr
from adler import Adler

from compare.commands import cli
from compare.records.datasets import load, save
from compare.sweeps import sweep

PLAN = """
seed = 3
[system]
name = "adler:Adler"
[axes]
detuning = [-1.0, 0.0, 1.0]
[methods."adler:exact"]
[methods."adler:sampled"]
"""


@pytest.fixture
def syncblockade(monkeypatch, capsys, tmp_path):
    """Run the command in an empty folder; returns exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["syncblockade", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        return stop.value.code, *capsys.readouterr()

    return call


def complaint(answer):
    """The one sentence on standard error that goes with exit code 2."""
    code, out, err = answer
    assert code == 2
    assert out == ""
    assert err.startswith("Error: ")
    assert err.count("\n") == 1
    return err


def test_run_computes_saves_and_draws(syncblockade):
    code, out, err = syncblockade("run", "adler_curve")
    assert (code, err.count("9/9")) == (0, 2)
    assert sorted(path.name for path in Path("results").iterdir()) == [
        "adler_curve.nc",
        "adler_curve.pdf",
        "adler_curve.png",
    ]
    ds = load("results/adler_curve.nc")
    assert dict(ds.sizes) == {"method": 2, "detuning": 9, "pair": 1, "phi": 64}
    assert "results/adler_curve.nc" in out


def test_quick_is_coarser_and_panels_make_a_tree(syncblockade):
    code, out, _ = syncblockade("run", "adler_panels", "--quick", "--out", "here/there", "--json", "--quiet")
    answer = json.loads(out)
    assert (code, answer["points"]) == (0, 11)
    assert [Path(file).exists() for file in answer["files"]] == [True, True, True]
    tree = load("here/there/adler_panels.nc")
    assert (tree["a"].sizes["detuning"], tree["b"].sizes["coupling"]) == (5, 1)


def test_a_plan_in_a_file_is_the_same_as_a_sweep(syncblockade):
    Path("my.toml").write_text(PLAN)
    assert syncblockade("run", "my.toml", "--quiet")[0] == 0
    expected = sweep(Adler(), {"detuning": [-1.0, 0.0, 1.0]}, ["adler:exact", "adler:sampled"], seed=3)
    xr.testing.assert_equal(load("results/my.nc"), expected)
    assert load("results/my.nc").attrs["plan"] == expected.attrs["plan"]


def test_figure_draws_the_same_file_again(syncblockade):
    syncblockade("run", "adler_curve", "--quiet")
    before = {path: path.read_bytes() for path in Path("results").iterdir()}
    for path in Path("results").glob("*.p*"):
        path.unlink()
    assert syncblockade("figure", "adler_curve")[0] == 0
    assert {path: path.read_bytes() for path in Path("results").iterdir()} == before


def test_a_store_that_was_asked_for_stays(syncblockade):
    syncblockade("run", "adler_panels", "--store", "kept", "--quiet")
    assert Path("kept/a/sync").is_dir()
    assert Path("kept/b/sync").is_dir()
    assert syncblockade("run", "adler_panels", "--store", "kept", "--quiet")[0] == 0


def test_list_names_everything(syncblockade):
    code, out, _ = syncblockade("list", "--json")
    contents = json.loads(out)
    assert code == 0
    assert {"name": "adler_curve", "summary": "S against detuning", "paper": "R. Adler, Proc. IRE 34, 351 (1946)",
            "figure": True} in contents["plans"]  # fmt: skip
    systems = {system["name"]: system for system in contents["systems"]}
    assert systems["lorch2017.KerrOscillators"]["summary"].startswith("A network of Kerr oscillators")
    assert "118, 243602" in systems["lorch2017.KerrOscillators"]["paper"]
    assert {"langevin", "steadystate", "compare.methods.hopping:HOPPING"} <= {
        method["name"] for method in contents["methods"]
    }
    assert {"adler_curve", "adler_panels"} <= {figure["name"] for figure in contents["figures"]}
    code, out, _ = syncblockade("list")
    assert code == 0
    assert "adler_curve" in out
    assert all(f"{method['name']} " in out for method in contents["methods"])  # whole names in one line


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run", "adler_curv"], "Unknown plan 'adler_curv'; did you mean 'adler_curve'?"),
        (["run", "nowhere.toml"], "Plan nowhere.toml cannot be read: No such file or directory."),
        (["run", "adler_curve", "--threads", "0"], "`--threads` must be a whole number of at least 1"),
        (
            ["run", "adler_curve", "--out", "file"],
            "Argument `--out` must be a folder, but file is a file.",
        ),
        (["run", "adler_curve", "--out", "/proc/nothing"], "`--out` must be a folder that can be written"),
        (["run", "adler_curve", "--store", "file"], "must hold a store of this program, or nothing"),
        (["run", "good.toml", "--quick"], "is for named plans"),
        (["run", "adler_curve", "--fast"], "No such option: --fast"),
        (["run"], "Missing argument 'name'"),
        (["walk"], "No such command 'walk'"),
        (["figure", "adler_curves"], "Unknown figure 'adler_curves'"),
        (["figure", "adler_curve"], "There is no dataset results/adler_curve.nc to draw from"),
        (["figure", "adler_curve", "--data", "file"], "File file is not a netCDF file"),
        (["info", "file"], "File file is not a netCDF file"),
        (["info", "nothing"], "File nothing must exist, but does not."),
        (["run", "adler_curve", "--out", "/dev/null"], "`--out` must be a folder, but /dev/null is a file."),
        (["bench", "--threads", "0"], "`--threads` must be a whole number of at least 1"),
        (["show", "x"], "Unknown plan, system or method 'x'; known: '"),
        (["rerun", "file"], "File file is not a netCDF file"),
        (["compare", "file", "a", "b"], "File file is not a netCDF file"),
        (["show", "adler_curvs"], "Unknown plan, system or method 'adler_curvs'; did you mean 'adler_curve'?"),
        (["run", "adler_curve", "--processes", "0"], "`--processes` must be a whole number of at least 1, but is 0."),
        (["run", "adler_curve", "--processes", "1", "--scheduler", "local"], "must not both be given"),
        (["run", "adler_curve", "--processes", "many"], "Invalid value for '--processes'"),
    ],
)
def test_wrong_words_get_one_sentence(syncblockade, words, expected):
    Path("file").write_text("something precious")
    Path("good.toml").write_text(PLAN)
    assert expected in complaint(syncblockade(*words))
    assert Path("file").read_text() == "something precious"
    assert sorted(path.name for path in Path().iterdir()) in (["file", "good.toml"], ["file", "good.toml", "results"])


def test_without_a_command_there_is_help_and_no_empty_error(syncblockade):
    code, out, err = syncblockade()
    assert code == 2
    assert "Commands" in out + err
    assert "Error" not in err


@pytest.mark.parametrize(
    ("figure", "file", "told"),
    [
        ("adler_panels", "adler_curve", "it has no panel 'a'"),
        ("adler_curve", "adler_panels", "it has several panels in place of one"),
        ("lorch2017_fig2", "adler_curve", "it has no panel 'a'"),
        ("lorch2017_fig2", "adler_panels", "its system in panel 'a' is 'adler:Adler' in place of 'lorch2017.Kerr"),
        ("lorch2017_fig3", "adler_panels", "it has no panel 'a_wigner'"),
        ("lorch2017_fig6", "adler_curve", "its system is 'adler:Adler' in place of 'lorch2017.KerrOscillators'"),
        ("adler_curve", "other", "it has no axis 'detuning'"),
        ("adler_curve", "exact", "it has no method 'adler:sampled'"),
    ],
)
def test_a_figure_refuses_the_data_of_another(syncblockade, figure, file, told):
    if file == "other":
        save(sweep(Adler(), {"coupling": [1.0]}, ["adler:exact"]), "results.nc")
    elif file == "exact":
        save(sweep(Adler(), {"detuning": [0.0, 1.0]}, ["adler:exact"]), "results.nc")
    else:
        syncblockade("run", file, "--quick", "--quiet")
        Path(f"results/{file}.nc").rename("results.nc")
    err = complaint(syncblockade("figure", figure, "--data", "results.nc"))
    assert f"File results.nc does not belong to figure {figure!r}: {told}" in err


def test_info_tells_what_a_file_holds(syncblockade):
    syncblockade("run", "adler_panels", "--quiet")
    code, out, _ = syncblockade("info", "results/adler_panels.nc", "--json")
    panel = json.loads(out)["panels"]["a"]
    assert code == 0
    assert panel["axes"] == {"detuning": "9 values from -2 to 2"}
    assert panel["methods"]["adler:sampled"]["trajectories"] == 64
    assert panel["methods"]["adler:sampled"]["computed points"] == 9
    assert 0 < panel["methods"]["adler:sampled"]["largest sync_stderr"] < 1
    assert panel["variables"]["sync"].startswith("synchronization measure S = max 2 pi P(phi) - 1 [1]; Loerch")
    code, out, _ = syncblockade("info", "results/adler_panels.nc")
    assert "    system: adler:Adler\n" in out


def test_compare_gives_a_verdict(syncblockade):
    syncblockade("run", "adler_panels", "--quiet")
    words = ["compare", "results/adler_panels.nc", "adler:sampled", "adler:exact", "--relative", "0.5"]
    code, out, _ = syncblockade(*words)
    assert code == 0
    assert out.startswith("(a) 9 points, largest difference 0.")  # panel b has one method only
    answer = json.loads(syncblockade(*words, "--json")[1])["a"]
    assert (answer["dof"], answer["equivalent"]) == (9, False)
    assert (str(answer["p_value"] < 0.05) == "True") == answer["different"]


def test_rerun_repeats_every_bit_and_notices_a_change(syncblockade):
    syncblockade("run", "adler_panels", "--quiet", "--quick")
    file = Path("results/adler_panels.nc")
    code, out, _ = syncblockade("rerun", file, "--quiet")
    assert code == 0
    assert "(a) phase_density: identical" in out
    tree = load(file)
    tree["b"]["sync"].values[0, 0, 0] += 1e-15
    save(tree, file)
    code, out, _ = syncblockade("rerun", file, "--quiet")
    assert code == 1
    assert "(a) sync: identical" in out
    assert "(b) sync: differs by up to" in out
    assert {"panel": "b", "variable": "sync", "identical": False} in json.loads(
        syncblockade("rerun", file, "--quiet", "--json")[1]
    )


def test_show_explains_plans_systems_and_methods(syncblockade):
    code, out, _ = syncblockade("show", "adler_curve", "--json")
    assert (code, json.loads(out)["panels"]["the only panel"]["methods"]["adler:exact"]["points"]) == (0, 9)
    code, out, _ = syncblockade("show", "lorch2017.KerrOscillators")
    assert code == 0
    assert "Master equation" in out
    assert "n_plus: required" in out
    code, out, _ = syncblockade("show", "compare.methods.hopping:HOPPING")
    assert code == 0
    assert "levels: 20" in out
    code, out, _ = syncblockade("show", "steadystate")
    assert "levels: 10" in out


def test_an_interrupted_run_goes_on(tmp_path):
    (tmp_path / "slow.toml").write_text(PLAN.replace('"adler:exact"]', '"adler:exact"]\npause = 0.3'))
    command = [
        sys.executable,
        "-c",
        "from compare.commands.cli import main; main()",
        "run",
        "slow.toml",
        "--quiet",
        "--json",
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], str(Path.cwd())])}
    first = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    store = tmp_path / "results/.slow.unfinished"
    while not (store / "zarr.json").exists():
        assert first.poll() is None, first.stderr.read()
    first.send_signal(2)  # Ctrl-C
    assert "goes on from here" in first.communicate()[1]
    assert first.returncode == 130
    second = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert second.stderr == ""
    assert not store.exists()
    expected = sweep(Adler(), {"detuning": [-1.0, 0.0, 1.0]}, ["adler:exact", "adler:sampled"], seed=3)
    xr.testing.assert_equal(load(tmp_path / "results/slow.nc"), expected)


def test_help_answers_at_once():
    # nothing heavy may be imported for it; a time would depend on the machine
    heavy = {"numpy", "xarray", "numba", "matplotlib", "zarr"}
    code = f"import sys, compare.commands.cli; print(sorted({heavy} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
