"""The figures of Vaidya et al. 2024 drawn from the datasets of their quick plans: what is drawn is what was computed."""

import io

import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from PIL import Image

from figures.theme import THEME


def panels(figure):
    return [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]


def mesh(panel):
    (found,) = (c for c in panel.collections if isinstance(c, QuadMesh))
    return np.ma.filled(found.get_array().astype(float), np.nan)


def has_curve(panel, y):
    """Whether a line of the panel has exactly these ordinates."""
    return any(line.get_ydata().size == y.size and np.array_equal(line.get_ydata(), y) for line in panel.lines)


@pytest.mark.parametrize(
    "name",
    [
        *("fig3", "fig4", "fig5", "fig6", "fig7", "fig8", "fig12", "fig14", "fig15", "jumps"),
        pytest.param("classical", marks=pytest.mark.slow),
        pytest.param("robustness", marks=pytest.mark.slow),
    ],
)
def test_quick_datasets_can_be_drawn(drawn, name):
    _, figure = drawn(f"vaidya2024_{name}")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    pixels = np.asarray(Image.open(buffer).convert("L"))
    assert pixels.shape[1] == round(figure.get_size_inches()[0] * THEME["savefig.dpi"])
    assert 0.01 < np.mean(pixels < 250) < 0.9
    assert all(panel.get_xlabel() and panel.get_ylabel() for panel in panels(figure) if not panel.get_shared_y_axes().joined(
        panel, panels(figure)[0]) or panel is panels(figure)[0])  # fmt: skip


def test_fig3_draws_both_responses_and_stars_at_their_zeros(drawn):
    data, figure = drawn("vaidya2024_fig3")
    curves, crossings = data["curves"].to_dataset(), data["crossings"].to_dataset()["zero_crossing"].isel(method=0)
    panel = panels(figure)[0]
    stars = [line.get_xdata()[0] for line in panel.lines if line.get_marker() == "*"]
    np.testing.assert_allclose(stars, crossings.values)
    for site in ("A", "B"):
        response = abs(curves["response"].sel({"method": "closed"}).sel(site=site)).dropna("exchange")
        assert has_curve(panel, response.values)
        # the response is small where the star stands
        near = abs(response["exchange"] - crossings.sel(site=site)).values.argmin()
        assert response.values[near] < 0.1 * response.values.max()
    # flat at the crossing, in both distributions
    for panel, change in ((panels(figure)[1], 1), (panels(figure)[2], 1)):
        assert max(abs(panel.lines[change].get_ydata())) < 1e-12
        assert max(abs(panel.lines[0].get_ydata())) > 1e-3


@pytest.mark.parametrize(("name", "panel", "variable"), [("fig7", "map", "ratio_max"), ("fig8", "map", "ratio_min")])
def test_maps_show_the_data(drawn, name, panel, variable):
    data, figure = drawn(f"vaidya2024_{name}")
    expected = data[panel].to_dataset()[variable].isel(method=0).transpose("w_b", "w_a").values
    shown = mesh(panels(figure)[0]).reshape(expected.shape)
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(shown[finite], expected[finite])
    assert np.isnan(shown[np.isnan(expected)]).all()


def test_fig4_is_white_where_baths_are_not_inverted(drawn):
    data, figure = drawn("vaidya2024_fig4")
    p = data["w_a"].values[None, :] - 0.5
    q = data["w_b"].values[:, None] - 0.5
    for panel, site in zip(panels(figure), "AB", strict=True):
        shown = mesh(panel).reshape(q.size, p.size)
        expected = data["zero_crossing"].isel(method=0).sel(site=site).transpose("w_b", "w_a").values
        np.testing.assert_array_equal(shown, expected)
        assert np.isnan(shown[p * q > -1e-12]).all()
    # B: wherever the baths are inverted
    assert np.isfinite(shown[p * q < -1e-12]).all()


def test_fig14_draws_all_tensors_of_both_qutrits(drawn):
    data, figure = drawn("vaidya2024_fig14")
    for panel, site in zip(panels(figure), "AB", strict=True):
        for tensor in ("T11", "T21", "T22"):
            values = abs(data["multipole"].isel(method=0).sel(site=site, tensor=tensor)).values
            assert has_curve(panel, values)


def test_jumps_are_drawn_with_their_errors(drawn):
    data, figure = drawn("vaidya2024_jumps")
    averages = data["averages"].to_dataset().sel({"method": "jumps"}).dropna("exchange", subset=["slip_rate"])
    bars = panels(figure)[2].containers
    expected = averages["spin_coherence"].sel(site="A").values.imag
    np.testing.assert_array_equal(bars[0].lines[0].get_ydata(), expected)
    # shaded areas of (a) lie on both sides of zero: slips by pi
    heights = [path.vertices[:, 1] for c in panels(figure)[0].collections for path in c.get_paths()]
    assert len(heights) == 6
    assert np.ptp(heights[0]) > 0.05 < np.ptp(heights[1])


@pytest.mark.slow
def test_classical_pictures_and_their_crossings(drawn):
    data, figure = drawn("vaidya2024_classical")
    near = data["near"].to_dataset()["spin_coherence"]
    mean = near.sel({"method": "mean_field"}).sel(spins_per_site=1, site="A").dropna("exchange").values.imag
    exact = near.sel({"method": "steadystate"}).sel(spins_per_site=1, site="A").dropna("exchange").values.imag
    assert mean.min() > 0.0
    assert exact.min() < 0.0 < exact.max()
    # where A has a crossing with two spins per site it has one with one
    counts = [
        np.isfinite(data[f"map{n}"].to_dataset()["zero_crossing"].isel(method=0).sel(site="A")).mean().item()
        for n in (1, 2, 3)
    ]
    assert counts[0] > counts[1] > 0.0
    assert len(panels(figure)) == 6
