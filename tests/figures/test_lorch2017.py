"""The figures of Loerch et al. 2017 drawn from the datasets of their quick plans: what is drawn is what was computed."""

import numpy as np
import pytest

from figures.theme import THEME, TWO_COLUMNS


@pytest.mark.parametrize(
    "name",
    [
        "lorch2017_fig1",
        "lorch2017_fig5",
        "lorch2017_fig6",
        "lorch2017_fig7",
        pytest.param("lorch2017_fig3", marks=pytest.mark.slow),
        pytest.param("lorch2017_fig4", marks=pytest.mark.slow),
        pytest.param("lorch2017_classical_limit", marks=pytest.mark.slow),
        pytest.param("lorch2017_footnote41", marks=pytest.mark.slow),
        pytest.param("lorch2017_networks", marks=pytest.mark.slow),
        pytest.param("lorch2017_validity", marks=pytest.mark.slow),
    ],
)
def test_quick_datasets_can_be_drawn(drawn, name, ink):
    _, figure = drawn(name)
    width, dark = ink(figure)
    assert width == round(TWO_COLUMNS * THEME["savefig.dpi"])
    assert 0.01 < dark < 0.9


def test_fig5_draws_its_maps_and_jumps(drawn, meshes):
    data, figure = drawn("lorch2017_fig5")
    panels = np.reshape([axes for axes in figure.axes if axes.get_label() != "<colorbar>"], (2, 4))
    for row, pair in zip(panels, (0, 2), strict=True):
        for panel, name in zip(row, ("ring", "ring_wigner", "ring_classical"), strict=False):
            (mesh,) = meshes(panel)
            expected = data[name].to_dataset()["sync"].isel(method=0, pair=pair)
            np.testing.assert_array_equal(np.ravel(mesh.get_array()), expected.values.ravel())
        # exact and Wigner maps on one scale
        assert meshes(row[0])[0].get_clim() == meshes(row[1])[0].get_clim()
        jumps = data["ring_cuts"].to_dataset().sel({"method": "jumps"})["sync"].isel(pair=pair, coupling=0)
        points = row[3].containers[0].lines[0].get_ydata()
        np.testing.assert_array_equal(points, jumps.values)
        # the resonances of Eq. (7), +- 2 K
        assert {line.get_xdata()[0] for line in row[0].lines} == {-20.0, 20.0}


def test_fig7_two_levels_are_flat_and_three_are_not(drawn):
    data, figure = drawn("lorch2017_fig7")
    sync = data["sync"].to_dataset()["sync"].isel(pair=0)
    assert float(abs(sync.sel({"method": "2 levels"})).max()) < 1e-12
    curves = {tuple(line.get_ydata()) for line in figure.axes[1].lines}
    for kerr in sync["kerr"].values:
        for method in ("2 levels", "3 levels", "10 levels"):
            curve = sync.sel({"method": method, "kerr": kerr}).dropna("detuning")
            assert tuple(curve.values) in curves


def test_fig6_joins_resonant_states_by_solid_lines(drawn):
    data, figure = drawn("lorch2017_fig6")
    for panel, kerr in zip(figure.axes, data["kerr"].values, strict=True):
        links = [line for line in panel.lines if line.get_linewidth() < 1.0]
        assert len(links) == 1 + 2 + 3 + 4
        for line in links:
            level = np.ptp(line.get_ydata()) < 1e-9
            assert level == (line.get_linestyle() == "-")
            # with anharmonicity only states that differ by one quantum stay resonant
            assert level == (kerr == 0.0 or sorted(line.get_xdata()) == [-0.55, 0.55])


def test_fig1_populations_follow_from_the_rates(drawn):
    data, _ = drawn("lorch2017_fig1")
    ladder = data["ladder"].to_dataset().isel(method=0)
    p, gain, loss = (ladder[name].values for name in ("population", "gain_rate", "loss_rate"))
    np.testing.assert_allclose(p[:-1] * gain[1:], p[1:] * loss[1:], rtol=1e-9)
    assert p.argmax() == 2
    for name in ("classical", "wigner"):
        radial = data[name].to_dataset().isel(method=0)
        number, density = radial["number"].values, radial["number_density"].values
        assert np.trapezoid(density, number) == pytest.approx(1.0, abs=0.03)
