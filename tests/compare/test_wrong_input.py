"""Wrong plans and arguments: one sentence each, exit code 2, nothing overwritten."""

import copy
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from adler import Adler, exact
from hypothesis import given, settings
from hypothesis import strategies as st

import langevin
from compare.commands import cli
from compare.plan import make_plan, plan_from_dict
from compare.runs import run_panels
from compare.sweeps import sweep
from langevin.fokker_planck import mean_exit_time

NAN, INF = float("nan"), float("inf")
KERR = {"omega": [1.0, -1.0], "kerr": 1.0, "coupling": [[0, 0.1], [0.1, 0]], "n_plus": 2.0, "sigma": 0.2}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"axes": [1, 2]}, "`axes` must map parameters to values"),
        ({"axes": {"detuning": []}}, "`detuning` must hold at least one value, but is empty"),
        ({"axes": {"detuning": np.array([])}}, "is empty"),
        ({"axes": {"detuning": 3.0}}, "`detuning` must be a list of values, but is 3.0"),
        ({"axes": {"detuning": "wide"}}, "must be a list of values"),
        ({"axes": {"detuning": [0.0, NAN]}}, r"`axes\['detuning'\]` must be finite, but is nan"),
        ({"axes": {"detuning": [INF]}}, "must be finite, but is inf"),
        ({"axes": {"detuning": [1.0, 2.0, 1]}}, "must not repeat a value, but has 1 twice"),
        ({"axes": {"detuning": [0.0, -0.0]}}, "must not repeat a value"),
        ({"axes": {"detuning": [1.0, "a"]}}, "must hold numbers or words, but mixes them"),
        ({"axes": {"detuning": [True, False]}}, "must hold numbers or words, but holds True"),
        ({"axes": {"detuning": [1j]}}, "must be a real number, but is 1j"),
        ({"axes": {"detuning": [[1.0, 2.0]]}}, "must be a real number"),
        ({"axes": {"detuning": np.eye(2)}}, "must be a real number"),
        ({"axes": {"detuning": [None]}}, "must be a real number, but is None"),
        ({"axes": {"detuning": {}}}, "must have a start, a stop and a count"),
        ({"axes": {"detuning": {"start": 0, "stop": 1}}}, "must have a start, a stop and a count"),
        ({"axes": {"detuning": {"start": 0, "stop": 1, "count": 0}}}, "a count of at least 1"),
        ({"axes": {"detuning": {"start": 0, "stop": NAN, "count": 3}}}, "`stop` must be finite"),
        (
            {"axes": {"detuning": {"start": 0, "stop": 1, "count": 3, "step": 1}}},
            "Unknown key in axis `detuning`: 'step'",
        ),
        ({"axes": {"detunning": [1.0]}}, "`detunning` is not a parameter"),
        ({"axes": {"two words": [1.0]}}, "named after parameters, but has the name 'two words'"),
        ({"axes": {3: [1.0]}}, "named after parameters, but has the name 3"),
        ({"axes": {"case": {"a": {"kerrr": 1.0}}}}, "`kerrr` is not a parameter"),
        ({"axes": {"noise": [1.0, 0.0]}}, "refuses noise=0.0: Argument `noise` must be positive"),
        ({"zipped": ["detuning"]}, "`zipped` must join at least two axes"),
        ({"zipped": "detuning"}, "`zipped` must be a list of axis names"),
        ({"zipped": True}, "`zipped` must be a list of axis names, or of such lists, but is True"),
        ({"zipped": ["detuning", 3]}, "`zipped` must be a list of axis names"),
        ({"zipped": [["detuning"], 3]}, "`zipped` must be a list of axis names"),
        ({"zipped": ["detuning", "kerr"]}, "Unknown axis in `zipped`: 'kerr'"),
        ({"zipped": ["detuning", "detuning"]}, "must not repeat a value"),
        ({"axes": {"detuning": [1.0], "coupling": [1.0, 2.0]}, "zipped": ["detuning", "coupling"]}, "same length"),
        ({"methods": []}, "`methods` must name at least one method"),
        ({"methods": None}, "`methods` must be a list of methods or map them to settings, but is None"),
        ({"methods": "langevin"}, "`methods` must be a list of methods"),
        ({"methods": 7}, "`methods` must be a list of methods"),
        ({"methods": ["langvin"]}, "Unknown method 'langvin'; did you mean 'langevin'"),
        ({"methods": ["adler:nothing"]}, "Unknown method 'adler:nothing'"),
        ({"methods": ["nowhere:nothing"]}, "Unknown method 'nowhere:nothing'"),
        ({"methods": [exact, exact]}, "must not repeat a method"),
        ({"methods": [3.0]}, "must hold names of methods or methods, but holds"),
        ({"methods": {"adler:exact": 3}}, "Settings of method 'adler:exact' must map names to values"),
        ({"methods": {"adler:exact": {"paus": 3}}}, "Unknown setting 'paus'"),
        ({"methods": {"adler:sampled": {"trajectories": 1}}}, "`trajectories` must be at least 2"),
        ({"methods": {"adler:exact": {"pause": NAN}}}, "must be finite, but one is nan"),
        ({"methods": {"adler:exact": {"pause": object()}}}, "must be numbers, words, lists or tables"),
        ({"seed": -1}, "`seed` must be a whole number of at least 0"),
        ({"seed": 1.5}, "`seed` must be a whole number"),
        ({"seed": True}, "`seed` must be a whole number"),
        ({"system": None}, "`system` must be a system with parameters, but is None"),
        ({"system": Adler}, "`system` must be a system with parameters"),
        ({"parts": {"axes": {}}}, "`parts` must be a list of parts"),
        ({"parts": [3]}, "`parts` must hold tables of axes and methods"),
        ({"parts": [{"axis": {}}]}, "Unknown key in part: 'axis'; did you mean 'axes'"),
        ({"threads": 0}, "`threads` must be a whole number of at least 1"),
        ({"store": 3}, "`store` must be a path, but is 3"),
        ({"store": ""}, "`store` must be a path, but is ''"),
        ({"store": b"x"}, "`store` must be a path, but is b'x'"),
        ({"methods": ["x"]}, "Unknown method 'x'; known: 'langevin'"),
        ({"store": "/dev/null"}, "must hold a store of this program, or nothing"),
        ({"reuse": xr.Dataset()}, "`reuse` must be a list of datasets, but is of type Dataset"),
        ({"reuse": ["run.nc"]}, "`reuse` must be a list of datasets, but is of type list"),
        ({"reuse": 3}, "`reuse` must be a list of datasets, but is of type int"),
    ],
)
def test_wrong_arguments_get_one_sentence(wrong, told):
    arguments = {"system": Adler(), "axes": {"detuning": [0.0, 1.0]}, "methods": [exact], **wrong}
    with pytest.raises(ValueError, match=told) as caught:
        sweep(**arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"store": 3}, "Argument `store` must be a path, but is 3."),
        ({"store": ""}, "Argument `store` must be a path, but is ''."),
        ({"panels": [3]}, r"Argument `panels` must map names to plans, but is \[3\]."),
        ({"panels": {"a": 3}}, "Argument `panels` must map names to plans, but is {'a': 3}."),
    ],
)
def test_runs_of_wrong_panels_are_refused(arguments, told):
    with pytest.raises(ValueError, match=told):
        run_panels(**{"panels": {"": make_plan(Adler(), {"detuning": [0.0]}, [exact])}, **arguments})


@pytest.mark.parametrize("function", [langevin.fokker_planck, mean_exit_time])
def test_fokker_planck_states_of_no_model_are_refused(function):
    with pytest.raises(ValueError, match=r"Argument `model` must be a langevin.Model, but is of type int."):
        function(3)


GOOD = {
    "seed": 1,
    "system": {"name": "lorch2017.KerrOscillators", "parameters": KERR},
    "axes": {"detuning": [0.0, 1.0]},
    "methods": {"steadystate": {"levels": 4}},
}


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (["system"], None, "`system` of a plan must be a table with a name and parameters, but is None"),
        (["system", "name"], "lorch2017.KerrOscilators", "did you mean 'lorch2017.KerrOscillators'"),
        (["system", "name"], "os:system", "Name 'os:system' must be that of a class of systems"),
        (["system", "name"], 3, "Unknown system 3"),
        (["system", "parameters"], [1], "`parameters` of a system must be a table"),
        (["system", "parameters", "omega"], [0.0, "x"], "omega"),
        (["system", "parameters", "kerr"], "x", "kerr"),
        (["system", "parameters", "sigma"], 0.0, "`sigma` must be positive"),
        (["system", "parameters", "sigmma"], 1.0, "sigmma"),
        (["system", "parameters", "coupling"], [[0, 1], [2, 0]], "coupling"),
        (["system", "parameters", "coupling"], [[1, 0], [0, 1]], "coupling"),
        (["system", "extra"], 1, "Unknown key in system: 'extra'"),
        (["axis"], {}, "Unknown key in plan: 'axis'; did you mean 'axes'"),
        (["axes", "kerrr"], [1.0], "kerrr"),
        (["axes", "sigma"], [0.1, -0.1], "The system refuses detuning=0.0, sigma=-0.1: "),
        (["methods", "steadystate", "levels"], 1, "`levels` must be a whole number of at least 2"),
        (["methods", "steadystate", "level"], 4, "did you mean 'levels'"),
        (["methods", "steadystate", "solver"], "magic", "`solver` must be one of"),
        (["methods", "langevin"], {"dt": -1.0}, "`dt` must be positive"),
        (["methods", "langevin"], {"scheme": "eulr"}, "`scheme` must be one of"),
        (["methods", "langevin"], {"trajectories": 1}, "`trajectories` must be a whole number of at least 2"),
        (["methods"], {}, "must name at least one method"),
        (["seed"], "x", "`seed` must be a whole number"),
        (["parts"], [{"axes": {"kerr": [1.0]}, "methods": {"steadystate": {}}}], "same axes"),
        (["zipped"], ["detuning"], "at least two axes"),
    ],
)
def test_wrong_plans_are_refused_by_the_command_line(tmp_path, monkeypatch, capsys, path, value, told):
    table = copy.deepcopy(GOOD)
    place = table
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    monkeypatch.chdir(tmp_path)
    Path("plan.json").write_text(json.dumps(table))
    Path("results").mkdir()
    Path("results/plan.nc").write_text("precious")
    monkeypatch.setattr(sys, "argv", ["syncblockade", "run", "plan.json", "--quiet"])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    out, err = capsys.readouterr()
    assert (stop.value.code, out, err.count("\n")) == (2, "", 1)
    assert told in err
    assert Path("results/plan.nc").read_text() == "precious"
    assert [path.name for path in Path("results").iterdir()] == ["plan.nc"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("plan.toml", "seed = ", "Plan plan.toml is not TOML"),
        ("plan.toml", "seed = 1\nseed = 2", "Plan plan.toml is not TOML"),
        ("plan.toml", "\x00\xff", "Plan plan.toml is not TOML"),
        ("plan.json", "{", "Plan plan.json is not JSON"),
        ("plan.json", "[1]", "A plan must be a table, but is [1]"),
        ("plan.json", '{"seed": NaN}', "`system` of a plan must be a table"),
        ("plan.toml", "", "`system` of a plan must be a table"),
    ],
)
def test_files_that_are_no_plans_are_refused(tmp_path, monkeypatch, capsys, name, content, told):
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(content.encode("latin-1"))
    monkeypatch.setattr(sys, "argv", ["syncblockade", "run", name])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2
    assert told in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == [name]


junk = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)


def places(table, path=()):
    """All paths into a nested table."""
    yield path
    if isinstance(table, dict | list):
        for key in table if isinstance(table, dict) else range(len(table)):
            yield from places(table[key], (*path, key))


ADLER = {
    "seed": 1,
    "system": {"name": "adler:Adler", "parameters": {"noise": 0.5}},
    "axes": {"detuning": [0.0, 1.0], "coupling": {"start": 0, "stop": 1, "count": 3}, "case": {"a": {"kind": "x"}}},
    "methods": {"adler:exact": {"pause": 0.0}},
    "parts": [{"axes": {"detuning": [1.0], "coupling": [1.0], "case": {"a": {"kind": "x"}}},
               "methods": {"adler:sampled": {"steps": 2}}}],
}  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    path=st.sampled_from([p for p in places(ADLER) if p]), value=junk, action=st.sampled_from(["set", "add", "drop"])
)
def test_a_damaged_plan_is_made_or_refused_in_one_sentence(path, value, action):
    table = copy.deepcopy(ADLER)
    place = table
    for key in path[:-1]:
        place = place[key]
    if action == "set":
        place[path[-1]] = value
    elif action == "drop":
        del place[path[-1]]
    elif isinstance(place, dict):
        place["extra"] = value
    plan, refusal = made_or_refused(table)
    if plan is None:
        assert refusal
        assert "\n" not in refusal
    else:
        assert plan_from_dict(json.loads(json.dumps(plan.to_dict()))).points == plan.points


def made_or_refused(table):
    try:
        return plan_from_dict(table), None
    except ValueError as error:
        return None, str(error)


@settings(max_examples=200, deadline=None)
@given(axes=junk, methods=junk, zipped=junk, parts=junk, seed=junk)
def test_junk_is_refused_in_one_sentence(axes, methods, zipped, parts, seed):
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z"):
        make_plan(Adler(), axes, methods, zipped=zipped, parts=parts, seed=seed)
