"""The variables of a dataset: what each one is, in which units, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from compare.checks import known

LORCH = "Loerch et al., Phys. Rev. Lett. 118, 243602 (2017)"


@dataclass(frozen=True)
class Variable:
    """What a variable is: its dimensions after the axes of the sweep, a name for people, units and source."""

    dims: tuple[str, ...]
    long_name: str
    units: str
    source: str


VARIABLES: dict[str, Variable] = {
    "sync": Variable(("pair",), "synchronization measure S = max 2 pi P(phi) - 1", "1", f"{LORCH}, Eq. (6)"),
    "sync_stderr": Variable(("pair",), "standard error of S", "1", "sampling error over independent trajectories"),
    "sync_cutoff_error": Variable(("pair",), "S minus S with fewer levels", "1", "second calculation"),
    "locked_phase": Variable(("pair",), "relative phase at which P(phi) is largest", "rad", f"{LORCH}, Eq. (6)"),
    "phase_density": Variable(
        ("pair", "phi"), "distribution of the relative phase P(phi)", "1/rad", f"{LORCH}, Eq. (6)"
    ),
    "mean_number": Variable(("oscillator",), "mean number of quanta", "1", f"{LORCH}, Eqs. (4) and (5)"),
    "mean_number_stderr": Variable(
        ("oscillator",),
        "standard error of the mean number of quanta",
        "1",
        "sampling error over independent trajectories",
    ),
    "escaped_fraction": Variable(
        (), "fraction of trajectories that left the basin at least once", "1", "count of exits"
    ),
    "exit_rate": Variable(
        (), "rate at which trajectories leave the basin", "gamma", "exits per trajectory and time sampled"
    ),
    "tail_population": Variable((), "largest population of a highest kept level", "1", "evidence for the cutoff"),
    "residual": Variable((), "norm of L rho relative to the norm of the terms of L", "1", "solver"),
    "trajectories": Variable((), "number of independent trajectories", "1", "setting of the method"),
}


def register_variable(name: str, about: Variable) -> None:
    """Tell datasets about a variable that a method returns; raises ValueError if the name means something else."""
    if VARIABLES.setdefault(name, about) != about:
        raise ValueError(f"Variable {name!r} must have one meaning, but is already {VARIABLES[name].long_name!r}.")


def variable(name: str) -> Variable:
    """Return what is known about a variable; raises ValueError for an unknown one."""
    return VARIABLES[known("variable", name, VARIABLES)]


def is_dimension(name: str) -> bool:
    """Whether `name` is a dimension of some variable."""
    return any(name in about.dims for about in VARIABLES.values())
