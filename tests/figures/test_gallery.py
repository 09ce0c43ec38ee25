"""The gallery shows every figure of the paper, with its command and a small picture."""

import re
from pathlib import Path

import pytest
from PIL import Image

from compare.commands.drawing import figures
from compare.plans import plans

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")


def test_every_figure_has_a_plan_and_a_place_in_the_gallery():
    commands = re.findall(r"^syncblockade run (\w+)$", PAGE, re.MULTILINE)
    assert len(set(commands)) == len(commands)
    drawn = {name for name in figures() if name.startswith("lorch2017_")}
    assert set(commands) == drawn
    assert drawn <= set(plans())


@pytest.mark.parametrize("picture", re.findall(r"!\[.*?\]\((.*?)\)", PAGE))
def test_pictures_are_small(picture):
    file = ROOT / "docs" / picture
    with Image.open(file) as image:
        assert image.width >= 1000
    if "gallery" in picture:
        assert file.stat().st_size < 150_000
