"""Amplitudes: stochastic differential equations of coupled oscillators, in blocks of SIMD lanes."""

from langevin import initial
from langevin.ensemble import Runs, UnstableStepWarning, ratio_with_error, simulate
from langevin.fokker_planck import FokkerPlanckState, fokker_planck
from langevin.lanes import direction, local, turn
from langevin.model import MeanField, Model
from langevin.schemes import SCHEMES, Scheme
from langevin.streams import NOISES

__all__ = [
    "NOISES",
    "SCHEMES",
    "FokkerPlanckState",
    "MeanField",
    "Model",
    "Runs",
    "Scheme",
    "UnstableStepWarning",
    "direction",
    "fokker_planck",
    "initial",
    "local",
    "ratio_with_error",
    "simulate",
    "turn",
]
