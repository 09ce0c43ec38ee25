"""The figures of Nadolny and Bruder 2023 drawn from the datasets of their quick plans: what is drawn is what was computed."""

import numpy as np
import pytest

from figures.theme import THEME, TWO_COLUMNS


@pytest.mark.parametrize(
    "name",
    [
        "nadolny2023_fig2",
        "nadolny2023_fig4",
        pytest.param("nadolny2023_fig3", marks=pytest.mark.slow),
        pytest.param("nadolny2023_figS1", marks=pytest.mark.slow),
        pytest.param("nadolny2023_figS2", marks=pytest.mark.slow),
        pytest.param("nadolny2023_figS3", marks=pytest.mark.slow),
        pytest.param("nadolny2023_figS4", marks=pytest.mark.slow),
        pytest.param("nadolny2023_classical", marks=pytest.mark.slow),
        pytest.param("nadolny2023_finite", marks=pytest.mark.slow),
    ],
)
def test_quick_datasets_can_be_drawn(drawn, name, ink):
    _, figure = drawn(name)
    width, dark = ink(figure)
    assert width == round(TWO_COLUMNS * THEME["savefig.dpi"])
    assert 0.01 < dark < 0.9


def test_fig2_draws_the_order_parameter_and_the_thresholds(drawn, meshes):
    data, figure = drawn("nadolny2023_fig2")
    panel = figure.axes[2]
    (mesh,) = meshes(panel)
    order = data["c"].to_dataset()["order"].isel(method=0, group=0)
    np.testing.assert_array_equal(np.ravel(mesh.get_array()), order.values.ravel())
    lines = {line.get_label(): line for line in panel.lines}
    # at K = 0 the threshold goes to infinity at equal rates: no line there, and nothing drawn dark
    zero = lines["$0$"]
    x, y = zero.get_data()
    assert np.isnan(x[np.isclose(y, 1.0)]).all()
    assert np.isfinite(lines["$-0.1$"].get_xdata()).all()


def test_fig4_is_black_where_nothing_synchronizes(drawn, meshes):
    data, figure = drawn("nadolny2023_fig4")
    kind = data["sync_class"].sel({"method": "mean_field"}).values
    frequency, order, phase = (meshes(panel)[0].get_array() for panel in figure.axes[:3])
    # a group whose amplitude has died earlier than the other's has no frequency either
    lost = (data["order"].sel({"method": "mean_field"}) <= 1e-3).any("group").values
    assert (lost >= (kind == 0)).all()
    for mask in (frequency, phase):
        np.testing.assert_array_equal(np.ma.getmaskarray(mask).reshape(kind.shape), lost)
    np.testing.assert_array_equal(np.ravel(frequency)[kind.ravel() == 2], 0.0)
    shown = data["order"].sel({"method": "mean_field"}).mean("group").values
    np.testing.assert_allclose(np.ravel(order), shown.ravel(), rtol=0, atol=1e-15)
    # the blockade: dark in the middle column at large |K|, bright on its flanks
    middle = kind.shape[1] // 2
    assert kind[-1, middle] == 0
    assert kind[-1].max() == 2
