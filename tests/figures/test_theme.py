import io

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from figures.theme import COLUMN, METHOD_COLOURS, THEME, TWO_COLUMNS, axes_grid, label_panels


def png(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return Image.open(buffer)


@pytest.mark.parametrize("width", [COLUMN, TWO_COLUMNS])
def test_figures_have_the_width_of_the_journal(width):
    figure, axes = axes_grid(1, 2, width=width)
    label_panels(axes)
    assert png(figure).width == round(width * THEME["savefig.dpi"])
    assert [panel.get_title(loc="left") for panel in axes.flat] == ["(a)", "(b)"]


def test_the_theme_stays_with_its_figure():
    before = dict(mpl.rcParams)
    figure, axes = axes_grid()
    axes[0, 0].set_xlabel(r"$\Delta$ and words")
    inside = np.asarray(png(figure))
    assert dict(mpl.rcParams) == before
    with mpl.rc_context({"mathtext.fontset": "dejavusans", "savefig.dpi": 50}):
        np.testing.assert_array_equal(np.asarray(png(figure)), inside)


def seen_by_the_colour_blind(colour):
    """Luminance and blue-yellow contrast as a red-green blind eye has them: red and green cones give one signal."""
    r, g, b = mpl.colors.to_rgb(colour)
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (r, g, b)]
    return np.array([0.2126 * linear[0] + 0.7152 * linear[1], linear[2]])


def test_colours_of_methods_differ_for_red_green_blind_readers():
    seen = [seen_by_the_colour_blind(colour) for colour in set(METHOD_COLOURS.values())]
    apart = [np.abs(a - b).max() for k, a in enumerate(seen) for b in seen[:k]]
    assert min(apart) > 0.03
