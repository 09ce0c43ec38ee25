"""States: Lindblad models, sectors, steady states, jump trajectories, perturbation theory, phase space."""

from quantum.density import Density
from quantum.interop import from_qutip, to_qutip
from quantum.jumps import jump_trajectories
from quantum.jumps.records import JumpRuns
from quantum.lindblad import Lindblad
from quantum.perturbation import first_order
from quantum.sectors import Sectors, find_sectors
from quantum.steady import SteadyState, SteadyStateSolver, steady_state, steady_states

__all__ = [
    "Density",
    "JumpRuns",
    "Lindblad",
    "Sectors",
    "SteadyState",
    "SteadyStateSolver",
    "find_sectors",
    "first_order",
    "from_qutip",
    "jump_trajectories",
    "steady_state",
    "steady_states",
    "to_qutip",
]
