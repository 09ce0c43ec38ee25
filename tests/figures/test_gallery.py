"""The gallery shows every figure of the paper, with its command and a small picture."""

import re
from pathlib import Path

import pytest
from PIL import Image, ImageColor

from compare.commands.drawing import figures
from compare.plans import plans
from figures.theme import PALETTE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")


def test_every_figure_has_a_plan_and_a_place_in_the_gallery():
    commands = re.findall(r"^syncblockade run (\w+)$", PAGE, re.MULTILINE)
    assert len(set(commands)) == len(commands)
    drawn = {name for name in figures() if name.startswith("lorch2017_")}
    assert set(commands) == drawn
    assert drawn <= set(plans())


@pytest.mark.parametrize("paper", ["nadolny2023", "vaidya2024"])
def test_the_page_of_a_paper_names_its_figures(paper):
    page = (ROOT / "docs" / f"{paper}.md").read_text(encoding="utf-8")
    commands = re.findall(rf"^syncblockade run {paper}_\w+ .*?# (.*)$", page, re.MULTILINE)[0]
    drawn = {name.removeprefix(f"{paper}_") for name in figures() if name.startswith(paper)}
    said = set(re.findall(r"\w+", commands)) | set(re.findall(rf"^syncblockade run {paper}_(\w+)", page, re.MULTILINE))
    assert drawn <= said
    pictures = [ROOT / "docs" / picture for picture in re.findall(r"!\[.*?\]\((.*?)\)", page)]
    assert {picture.stem.removeprefix(f"{paper}_") for picture in pictures} <= drawn
    assert sum(picture.stat().st_size for picture in pictures) < 1_000_000


PICTURES = [ROOT / "docs" / picture for picture in re.findall(r"!\[.*?\]\((.*?)\)", PAGE)]


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.stem)
def test_pictures_are_small(picture):
    with Image.open(picture) as image:
        assert image.width >= 1000
        if image.mode == "P":  # fitted to a map, a palette would give two lines of a legend one colour
            known = set(zip(*[iter(image.getpalette())] * 3, strict=True))
            assert {ImageColor.getrgb(colour) for colour in PALETTE} <= known
    if picture.parent.name == "gallery":
        assert picture.stat().st_size < 200_000


def test_the_gallery_is_small():
    assert sum(picture.stat().st_size for picture in PICTURES) < 1_500_000
