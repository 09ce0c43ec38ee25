import json

import numpy as np
import pytest
from adler import Adler
from hypothesis import given
from hypothesis import strategies as st

from compare.canonical import digest, plain, restore
from compare.plan import make_plan, plan_from_dict, read_plan

AXES = {"detuning": [-1.0, 0.0, 1.0], "coupling": [0.5, 1.0]}
METHODS = {"adler:exact": {}, "ensemble": {"method": "adler:sampled", "steps": 10}}


def seeds(plan):
    """(label, parameters) -> seed."""
    return {(plan.labels[p.index[0]], *plan.system_at(p.changes).parameters().values()): p.seed for p in plan.points}


def test_points_are_the_outer_product_in_order():
    plan = make_plan(Adler(), AXES, METHODS)
    assert plan.shape == (2, 3, 2)
    assert [point.index for point in plan.points] == list(np.ndindex(2, 3, 2))
    assert plan.points[3].changes == {"detuning": 0.0, "coupling": 1.0}


def test_settings_are_completed_and_stored():
    stored = make_plan(Adler(), AXES, METHODS).to_dict()["parts"][0]["methods"]
    assert stored["ensemble"] == {"method": "adler:sampled", "trajectories": 64, "steps": 10, "dt": 0.02}


def test_every_point_has_its_own_stream():
    plan = make_plan(Adler(), AXES, METHODS)
    assert len(set(seeds(plan).values())) == len(plan.points) == 12
    assert not set(seeds(plan).values()) & set(seeds(make_plan(Adler(), AXES, METHODS, seed=1)).values())


def test_streams_do_not_know_the_other_points():
    small = make_plan(Adler(), {"detuning": [0.0]}, ["adler:sampled"])
    large = make_plan(Adler(), AXES, ["adler:exact", "adler:sampled"])
    assert seeds(small).items() <= seeds(large).items()  # Adler().coupling is 1


def test_streams_follow_the_system_however_a_point_is_reached():
    swept = make_plan(Adler(), {"detuning": [2]}, ["adler:sampled"])
    fixed = make_plan(Adler(detuning=2.0), None, ["adler:sampled"])
    labelled = make_plan(Adler(), {"case": {"a": {"detuning": np.float64(2)}}}, ["adler:sampled"])
    assert swept.points[0].key == fixed.points[0].key == labelled.points[0].key


def test_settings_change_the_key_but_not_the_stream():
    a = make_plan(Adler(), None, {"adler:sampled": {"trajectories": 100}}).points[0]
    b = make_plan(Adler(), None, {"adler:sampled": {"trajectories": 300}}).points[0]
    assert a.seed == b.seed  # so that the larger ensemble can begin with the smaller
    assert a.key != b.key


def test_parts_merge_into_the_union_of_their_axes():
    coarse = {"axes": {"detuning": [0.0, 0.5], "coupling": [1.0]}, "methods": {"ensemble": {"method": "adler:sampled"}}}
    plan = make_plan(Adler(), AXES, ["adler:exact"], parts=[coarse])
    assert plan.shape == (2, 4, 2)
    assert len(plan.points) == 6 + 2
    assert plan.axes[0].coords["detuning"] == (-1.0, 0.0, 0.5, 1.0)


def test_overlapping_parts_must_agree():
    again = {"axes": {"detuning": [0.0], "coupling": [1.0]}, "methods": {"adler:exact": {}}}
    assert len(make_plan(Adler(), AXES, ["adler:exact"], parts=[again]).points) == 6
    again["methods"] = {"adler:exact": {"pause": 1.0}}
    with pytest.raises(ValueError, match=r"'adler:exact' twice.*detuning=0\.0, coupling=1\.0"):
        make_plan(Adler(), AXES, ["adler:exact"], parts=[again])


def test_parts_need_the_same_axes():
    with pytest.raises(ValueError, match="same axes"):
        make_plan(Adler(), AXES, ["adler:exact"], parts=[{"axes": {"noise": [1.0]}, "methods": ["adler:exact"]}])


def test_a_position_that_the_system_refuses_is_named():
    with pytest.raises(ValueError, match=r"refuses noise=-1\.0: Argument `noise` must be positive"):
        make_plan(Adler(), {"noise": [1.0, -1.0]}, ["adler:exact"])


def test_a_plan_survives_json():
    parts = [{"axes": {"detuning": [0.25], "coupling": [1.0]}, "methods": METHODS}]
    plan = make_plan(Adler(noise=0.3), AXES, ["adler:exact"], seed=7, parts=parts)
    again = plan_from_dict(json.loads(json.dumps(plan.to_dict())))
    assert again.points == plan.points
    assert again.to_dict() == plan.to_dict()


def test_a_toml_plan_is_the_same_plan(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text("""
        seed = 3
        [system]
        name = "adler:Adler"
        parameters = { noise = 0.3 }
        [axes]
        detuning = { start = -1, stop = 1, count = 3 }
        coupling = [0.5, 1]
        [methods."adler:exact"]
        [methods.ensemble]
        method = "adler:sampled"
        steps = 10
    """)
    assert read_plan(path).points == make_plan(Adler(noise=0.3), AXES, METHODS, seed=3).points


plain_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.complex_numbers(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(plain_values)
def test_plain_values_survive_json_with_their_digest(value):
    text = json.dumps(plain(value))
    assert restore(json.loads(text)) == value
    assert digest(json.loads(text)) == digest(value)


def test_digests_see_values_and_not_types():
    assert digest({"a": 2, "b": (0.0, [1j])}) == digest({"b": [-0.0, np.array([1j])], "a": np.float64(2)})
    assert len({digest(v) for v in (1, True, "1", [1], None, 1 + 1e-16j, 1 + 1e-15)}) == 7
