"""States: Lindblad models, sectors, steady states, jump trajectories, perturbation theory, groups, phase space."""

from quantum import mean_field
from quantum.cumulants import Cumulants, decay_time, evolve_cumulants
from quantum.density import Density
from quantum.groups import Groups
from quantum.interop import from_qutip, to_qutip
from quantum.jumps import jump_trajectories
from quantum.jumps.records import JumpRuns
from quantum.lindblad import Lindblad
from quantum.mean_field import MeanField
from quantum.permutation import PermutationSymmetric, SymmetricState
from quantum.perturbation import first_order
from quantum.sectors import Sectors, find_sectors
from quantum.spherical_tensors import spherical_moment, spherical_tensor
from quantum.spin_phases import SpinPhase, relative_spin_phase, spin_phase
from quantum.steady import SteadyState, SteadyStateSolver, steady_state, steady_states

__all__ = [
    "Cumulants",
    "Density",
    "Groups",
    "JumpRuns",
    "Lindblad",
    "MeanField",
    "PermutationSymmetric",
    "Sectors",
    "SpinPhase",
    "SteadyState",
    "SteadyStateSolver",
    "SymmetricState",
    "decay_time",
    "evolve_cumulants",
    "find_sectors",
    "first_order",
    "from_qutip",
    "jump_trajectories",
    "mean_field",
    "relative_spin_phase",
    "spherical_moment",
    "spherical_tensor",
    "spin_phase",
    "steady_state",
    "steady_states",
    "to_qutip",
]
