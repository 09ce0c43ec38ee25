import io
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

import figures
from compare.plan import make_plan
from compare.refinement import refine_map
from compare.sweeps import sweep
from figures.plots import records, wigner_function
from quantum import Density

sys.path.insert(0, str(Path(__file__).parents[1] / "compare"))
from adler import Adler, exact, sampled

assert figures


@pytest.fixture(scope="module")
def dataset():
    axes = {"detuning": np.linspace(-1, 1, 9), "coupling": [0.5, 1.0]}
    few = {"axes": {"detuning": [-1.0, 0.0, 1.0], "coupling": [1.0]}, "methods": [sampled]}
    return sweep(Adler(), axes, [exact], parts=[few])


def rendered(axes):
    axes.figure.savefig(io.BytesIO(), format="png", dpi=30)
    return axes


def test_curves_show_the_numbers_with_bands(dataset):
    axes = rendered(dataset.draw.curves())
    assert axes.get_xlabel() == r"detuning $\Delta$ ($\gamma$)"
    weak, strong, points = axes.lines
    assert weak.get_label() == "adler:exact, coupling=0.5"
    np.testing.assert_array_equal(
        strong.get_ydata(), dataset.sync.sel({"method": "adler:exact", "coupling": 1.0}).squeeze()
    )
    np.testing.assert_array_equal(points.get_xdata(), [-1.0, 0.0, 1.0])  # no line through positions without a number
    (band,) = axes.collections
    sync, error = (dataset[v].sel({"method": "adler:sampled", "coupling": 1.0, "detuning": 0.0}).item()
                   for v in ("sync", "sync_stderr"))  # fmt: skip
    at_zero = [y for x, y in band.get_paths()[0].vertices if x == 0.0]
    np.testing.assert_allclose([min(at_zero), max(at_zero)], [sync - error, sync + error])


def test_plots_draw_into_the_axes_they_are_given(dataset):
    grid = Figure().subplots(2, 2)
    assert dataset.draw.curves(along="coupling", axes=grid[0, 0]) is grid[0, 0]
    assert dataset.draw.map(method="adler:exact", axes=grid[0, 1]) is grid[0, 1]
    assert dataset.draw.phases(axes=grid[1, 0]) is grid[1, 0]
    assert dataset.draw.agreement("adler:sampled", "adler:exact", axes=grid[1, 1]) is grid[1, 1]


def test_maps_have_contours_and_resonance_lines(dataset):
    axes = dataset.draw.map(
        method="adler:exact", over=("detuning", "coupling"), contours=4, lines={"edge": ([-2, 2], [2, 2])}
    )
    rendered(axes)
    mesh, contours = axes.collections
    np.testing.assert_array_equal(
        mesh.get_array().ravel(),
        dataset.sync.sel({"method": "adler:exact"}).squeeze().transpose("coupling", "detuning").values.ravel(),
    )
    assert sum(len(path.vertices) > 0 for path in contours.get_paths()) >= 3
    assert axes.lines[0].get_label() == "edge"
    assert axes.get_xlim()[1] < 1.2  # the line does not stretch the map


def test_refined_maps_are_drawn_from_their_points():
    axes = {"detuning": np.linspace(-2, 2, 3), "coupling": [0.5, 1.0]}
    refined = refine_map(make_plan(Adler(), axes, [exact]), ("detuning", "coupling"), most=60)
    drawn = rendered(refined.draw.map(contours=[0.5]))
    assert (drawn.get_xlabel(), drawn.get_ylabel()) == (r"detuning $\Delta$ ($\gamma$)", "coupling $V$")


def test_phase_distributions_close_the_circle(dataset):
    axes = rendered(dataset.draw.phases(at={"detuning": 0.1, "coupling": 1.0}))
    line = axes.lines[0]
    expected = dataset.phase_density.sel({"method": "adler:exact", "detuning": 0.0, "coupling": 1.0}).squeeze()
    np.testing.assert_array_equal(line.get_ydata()[:-1], expected)
    assert line.get_ydata()[-1] == line.get_ydata()[0]
    assert line.get_xdata()[-1] == 2 * np.pi


def test_agreement_shows_two_errors_and_the_margin(dataset):
    axes = rendered(dataset.draw.agreement("adler:sampled", "adler:exact", margin=0.25))
    (bars,) = axes.containers
    np.testing.assert_array_equal(bars.lines[0].get_xdata(), [-1.0, 0.0, 1.0])
    low, high = bars.lines[2][0].get_segments()[1]
    error = dataset.sync_stderr.sel({"method": "adler:sampled", "coupling": 1.0, "detuning": 0.0}).item()
    assert high[1] - low[1] == pytest.approx(4 * error)


def test_validity_shows_verdicts():
    axes = {"detuning": [0.0, 0.5, 1.0], "coupling": [0.01, 0.5]}
    ds = sweep(Adler(), axes, {"adler:exact": {}, "again": {"method": "adler:exact"}})
    drawn = rendered(ds.draw.validity("again", "adler:exact"))
    assert set(drawn.collections[0].get_array().ravel()) == {1.0}
    assert drawn.get_title() == "again to 10 %"


def test_the_wigner_function_of_one_quantum_is_a_dip():
    one = Density((3,), np.array([1]), np.array([1]), np.array([1.0 + 0j]))
    values = rendered(wigner_function(one, points=41)).collections[0].get_array().reshape(41, 41)
    assert values[20, 20] == pytest.approx(-2 / np.pi)
    assert values.sum() * 0.2**2 == pytest.approx(1.0, abs=1e-3)


def test_records_stand_side_by_side():
    times = np.linspace(0, 1, 5)
    numbers = np.array([[1, 2], [1, 3], [2, 2], [2, 2], [1, 3]])
    axes = rendered(records(times, numbers, [0.2, 0.4, 0.9], classical=numbers + 0.1))
    assert len(axes.lines) == 5
    np.testing.assert_array_equal(axes.lines[-1].get_xdata(), [0.2, 0.4, 0.9])


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda ds: ds.draw.curves("sunc"), "Unknown variable 'sunc'; did you mean 'sync'"),
        (lambda ds: ds.draw.curves(along="kerr"), "Unknown axis 'kerr'"),
        (lambda ds: ds.draw.curves(methods=["x"]), "Unknown method 'x'"),
        (lambda ds: ds.isel(detuning=0, coupling=0).draw.curves(), "must depend on an axis of numbers"),
        (lambda ds: ds.draw.map(), "`method` must name one of"),
        (lambda ds: ds.isel(detuning=0).draw.map(method="adler:exact"), "must depend on two axes"),
        (lambda ds: ds.draw.phases(at={"kerr": 1}), "Unknown axis 'kerr'"),
        (lambda ds: xr.Dataset().draw.phases(), "Unknown variable 'phase_density'"),
        (lambda ds: ds.draw.validity("adler:sampled", "adler:exact", over=("detuning",)), "must have two axes"),
        (lambda ds: records([0, 1], [1, 2]), "`numbers` must have shape"),
        (lambda ds: records([0, 1], [[1], [2]], classical=[[1]]), "`classical` must have shape"),
    ],
)
def test_wrong_arguments_get_one_sentence(dataset, call, told):
    with pytest.raises(ValueError, match=told):
        call(dataset)
