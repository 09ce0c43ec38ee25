"""Methods: each turns a system and settings into the labelled numbers of one point.

==============  =========================================================================================
langevin        ensemble of the classical Langevin equation, ``system.langevin()``
wigner          truncated-Wigner ensemble, ``system.wigner()`` (the form of the system's dissipators)
wigner_reset    the same with every jump resetting the phase
wigner_coherent the same with tangential noise
fokker_planck   deterministic Fokker-Planck state of the amplitude equations, one or two oscillators
jumps           quantum-jump trajectories of ``system.lindblad(levels)``
steadystate     exact steady state of the same
perturbation    first order in the coupling about the steady state of ``system.uncoupled()``
==============  =========================================================================================
"""

from compare.methods import amplitudes, states
from compare.methods.amplitudes import CUT_OFF, QUASI_STATIONARY
from compare.methods.declare import PHI, FunctionMethod, Setting

__all__ = ["CUT_OFF", "METHODS", "PHI", "QUASI_STATIONARY", "FunctionMethod", "Setting"]

METHODS: dict[str, FunctionMethod] = {method.name: method for method in (*amplitudes.METHODS, *states.METHODS)}
"""Methods by name."""
