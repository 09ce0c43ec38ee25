import numpy as np
import pytest

from compare.axes import describe, make_axes, union


def test_axes_hold_python_numbers_and_the_changes_they_make():
    detuning, coupling = make_axes({"detuning": np.linspace(-1, 1, 3), "coupling": [1, np.float32(0.5)]})
    assert detuning.coords == {"detuning": (-1.0, 0.0, 1.0)}
    assert coupling.changes == ({"coupling": 1}, {"coupling": 0.5})
    assert {type(value) for value in (*detuning.coords["detuning"], *coupling.coords["coupling"])} == {int, float}


def test_a_span_is_spelled_by_its_ends():
    (axis,) = make_axes({"detuning": {"start": -2, "stop": 2, "count": 5}})
    assert axis.coords["detuning"] == (-2.0, -1.0, 0.0, 1.0, 2.0)


def test_labels_stand_for_several_changes():
    (axis,) = make_axes({"case": {"soft": {"kerr": 1.0}, "hard": {"kerr": 9.0, "sigma": 0.1}}})
    assert axis.coords == {"case": ("soft", "hard")}
    assert axis.changes == ({"kerr": 1.0}, {"kerr": 9.0, "sigma": 0.1})


def test_zipped_axes_share_a_dimension_and_may_repeat_single_values():
    kerr, size = make_axes({"sigma": [1, 2, 2], "kerr": [0, 0, 5], "n": [7]}, zipped=["sigma", "kerr"])
    assert (kerr.dim, len(kerr), size.dim) == ("sigma_kerr", 3, "n")
    assert kerr.changes[2] == {"sigma": 2, "kerr": 5}


@pytest.mark.parametrize(
    ("axes", "zipped"),
    [
        ({"detuning": [3.0, 1.0], "kind": ["a", "b"]}, None),
        ({"case": {"x": {"kerr": 1.0}, "y": {"kerr": 2.0}}}, None),
        ({"sigma": [1, 2], "kerr": [3, 4], "n": [5]}, [["sigma", "kerr"]]),
    ],
)
def test_described_axes_make_the_same_axes(axes, zipped):
    made = make_axes(axes, zipped)
    spelled = describe(made)
    assert make_axes(spelled["axes"], spelled.get("zipped")) == made


def test_union_sorts_numbers_and_joins_those_that_differ_by_rounding():
    (coarse,) = make_axes({"x": [0.0, 0.3, 0.6]})
    (fine,) = make_axes({"x": [0.1 * k for k in range(7)]})  # 0.1 * 3 != 0.3
    joined = union(coarse, fine)
    assert joined.coords["x"] == (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
    assert joined.changes == tuple({"x": value} for value in joined.coords["x"])


def test_union_keeps_the_order_of_words_and_of_a_single_axis():
    (first,), (second,) = make_axes({"kind": ["soft", "hard"]}), make_axes({"kind": ["medium", "hard"]})
    assert union(first, second).coords["kind"] == ("soft", "hard", "medium")
    (falling,) = make_axes({"x": [3.0, 1.0]})
    assert union(falling, falling).coords["x"] == (3.0, 1.0)


def test_a_label_has_one_meaning():
    (first,), (second,) = make_axes({"case": {"a": {"kerr": 1.0}}}), make_axes({"case": {"a": {"kerr": 2.0}}})
    with pytest.raises(ValueError, match="'a' one meaning"):
        union(first, second)
