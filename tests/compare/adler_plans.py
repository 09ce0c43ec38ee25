"""Named plans and figures of the test system, found as those of any other package: through entry points."""

import numpy as np
from adler import Adler
from matplotlib.figure import Figure

from compare.plan import make_plan
from compare.plans import named_plan


@named_plan("adler_curve", summary="S against detuning", paper="R. Adler, Proc. IRE 34, 351 (1946)")
def curve(quick):
    detuning = np.linspace(-2, 2, 5 if quick else 9)
    return {"": make_plan(Adler(), {"detuning": detuning}, ["adler:exact", "adler:sampled"])}


@named_plan("adler_panels", summary="S against detuning and coupling", paper="R. Adler, Proc. IRE 34, 351 (1946)")
def panels(quick):
    other = make_plan(Adler(), {"coupling": [0.1] if quick else [0.1, 0.2]}, ["adler:exact"])
    return {"a": curve(quick)[""], "b": other}


def draw_curve(data):
    figure = Figure()
    data.sync.sel({"method": "adler:exact"}).plot.line(ax=figure.subplots(), x="detuning")
    return figure


def draw_panels(data):
    figure = Figure()
    data["b"].sync.squeeze(["method", "pair"]).plot.line(ax=figure.subplots(), x="coupling")
    return figure
