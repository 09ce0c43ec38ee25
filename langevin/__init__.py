"""Amplitudes: stochastic differential equations of coupled oscillators, in blocks of SIMD lanes."""

from langevin import initial
from langevin.ensemble import Runs, UnstableStepWarning, ratio_with_error, simulate
from langevin.fokker_planck import FokkerPlanckState, fokker_planck
from langevin.lanes import direction, local, turn
from langevin.model import MeanField, Model
from langevin.phases.density import RotatingState, critical_coupling, incoherence_growth, phase_density, rotating_state
from langevin.phases.oscillators import PhaseGroups, PhaseRuns, phase_oscillators
from langevin.schemes import SCHEMES, Scheme
from langevin.spins.discrete_wigner import DISSIPATIONS, SpinNetwork, SpinRuns, discrete_wigner
from langevin.streams import NOISES

__all__ = [
    "DISSIPATIONS",
    "NOISES",
    "SCHEMES",
    "FokkerPlanckState",
    "MeanField",
    "Model",
    "PhaseGroups",
    "PhaseRuns",
    "RotatingState",
    "Runs",
    "Scheme",
    "SpinNetwork",
    "SpinRuns",
    "UnstableStepWarning",
    "critical_coupling",
    "direction",
    "discrete_wigner",
    "fokker_planck",
    "incoherence_growth",
    "initial",
    "local",
    "phase_density",
    "phase_oscillators",
    "ratio_with_error",
    "rotating_state",
    "simulate",
    "turn",
]
