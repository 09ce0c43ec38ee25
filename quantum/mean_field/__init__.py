"""Mean-field master equations of groups of identical oscillators: evolution, rotating waves, stability, spectra.

Declare groups and couplings (`Group`, `Coupling`, `MeanField`) with numbers or arrays as coefficients; the arrays make the
grid of parameter points, and everything else works on all of them at once:

- `evolve`: trajectories of mean values, or what a function makes of them
- `rotating_waves`, `stationary_states`, `eigenvalues`: solutions by Newton's method and their stability
- `incoherent_states`, `incoherent_eigenvalues`, `onset`: where synchronization sets in
- `follow`: branches of waves along a parameter, with saddle-node, pitchfork and Hopf bifurcations
- `spectrum`, `phase_slip`: frequencies and locking
"""

from quantum.mean_field.continuation import Branch, Event, follow
from quantum.mean_field.evolution import Trajectories, evolve
from quantum.mean_field.incoherent import Onset, incoherent_eigenvalues, incoherent_states, onset
from quantum.mean_field.model import Coupling, Group, MeanField
from quantum.mean_field.spectra import Spectrum, phase_slip, spectrum
from quantum.mean_field.stability import eigenvalues
from quantum.mean_field.states import States
from quantum.mean_field.waves import RotatingWaves, rotating_waves, stationary_states

__all__ = [
    "Branch",
    "Coupling",
    "Event",
    "Group",
    "MeanField",
    "Onset",
    "RotatingWaves",
    "Spectrum",
    "States",
    "Trajectories",
    "eigenvalues",
    "evolve",
    "follow",
    "incoherent_eigenvalues",
    "incoherent_states",
    "onset",
    "phase_slip",
    "rotating_waves",
    "spectrum",
    "stationary_states",
]
