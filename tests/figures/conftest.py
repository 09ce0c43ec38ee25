"""The figures of named plans, drawn from the datasets of their quick versions: computed once a module."""

import io

import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from PIL import Image

from compare.commands.drawing import find_figure
from compare.plans import find_plan
from compare.runs import run_panels


@pytest.fixture(scope="module")
def drawn():
    """Dataset and figure of a plan in its quick version."""
    made = {}

    def make(name):
        if name not in made:
            data = run_panels(find_plan(name).panels(quick=True), threads=2)
            made[name] = data, find_figure(name)(data)
        return made[name]

    return make


@pytest.fixture(scope="session")
def ink():
    """Width of a figure in pixels, and the part of the picture that is not white."""

    def measure(figure):
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
        pixels = np.asarray(Image.open(buffer).convert("L"))
        return pixels.shape[1], np.mean(pixels < 250)

    return measure


@pytest.fixture(scope="session")
def meshes():
    """The maps of a panel."""
    return lambda panel: [c for c in panel.collections if isinstance(c, QuadMesh)]
