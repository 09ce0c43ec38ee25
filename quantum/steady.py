r"""Steady states: L rho = 0, tr rho = 1.

The no-jump evolution is inverted exactly in each sector and what remains, the state after a jump, is found by dense
factors or by GMRES with the classical rate equation as coarse correction (`linear` and `rate_equation` in `quantum.solvers`).
The residual that a result carries is that of the full generator and knows nothing of the solver.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from quantum.checks import at_least, finite, instance, one_of
from quantum.density import Density
from quantum.evolution import Evolution
from quantum.generator import Generator, Structure, structure_of
from quantum.lindblad import Lindblad
from quantum.sectors import Sectors
from quantum.solvers.direct import RangePlan
from quantum.solvers.linear import LinearSolver
from quantum.solvers.nojump import one_blas_thread

METHODS = ("auto", "direct", "krylov", "evolve")

# Real unknowns up to which dense factors are quicker than GMRES; they prove uniqueness by the way.
DIRECT_UNKNOWNS = 220

# Reciprocal condition number of the bordered matrix below which the null space is taken to have a second vector.
SINGULAR = 1e-13

# The same for GMRES: part of a random start that ends elsewhere, in units of what a null vector would take of it.
LARGEST_SHARE = 1e-2

# Residual above which a solution is corrected once more.
GOOD_RESIDUAL = 3e-14

# Products after which evolution towards the steady state gives up.
MOST_PRODUCTS = 2_000_000


@dataclass(frozen=True, eq=False)
class SteadyState(Density):
    """A steady state; a `quantum.density.Density` with the evidence for it.

    Attributes
    ----------
    residual : float
        ``|L rho| / (r |rho|)`` in Frobenius norms, r the largest total jump rate of a basis state; from the full
        generator, independently of the solver.
    method : str
        "direct", "krylov" or "evolve": what was done.
    products : int
        Products with the generator or its preconditioned form, those of the test for uniqueness included.
    """

    residual: float
    method: str
    products: int


class SteadyStateSolver:
    """Steady states of models that differ in their numbers alone: what depends on the sparsity is found once.

    Parameters
    ----------
    models : sequence of Lindblad
        All models that will be solved, or some whose patterns together cover the others'. Their jump operators must have
        the same non-zero entries; their Hamiltonians need not.
    """

    def __init__(self, models: Sequence[Lindblad]) -> None:
        if not isinstance(models, Sequence):
            raise ValueError(f"Argument `models` must be a list of models, but is of type {type(models).__name__}.")
        if not models:
            raise ValueError("Argument `models` must hold at least one model, but is empty.")
        for number, model in enumerate(models):
            instance(f"models[{number}]", model, Lindblad)
        if len({model.dims for model in models}) > 1:
            raise ValueError(f"Argument `models` must share their dims, but has {sorted({m.dims for m in models})}.")
        self.structure: Structure = structure_of(models)
        require_one_class(self.structure.blocks.sectors)
        self._plan = RangePlan(self.structure, np.zeros(0, dtype=np.int64))
        self._jumps: tuple | None = None

    def generator(self, model: Lindblad) -> Generator:
        """L of `model` on the shared structure.

        Raises
        ------
        ValueError
            If the model has matrix elements where none of the models given at the start had one.
        """
        structure = self.structure
        known = self._jumps  # read once: threads share the solver
        if known is None or model.jumps is not known[0]:
            if not structure.fits_jumps(model):
                raise ValueError(
                    "Argument `model` must have jump operators with the entries of those given at the start."
                )
            known = (model.jumps, *structure.jump_data(model))
            self._jumps = known
        _, jump, total = known
        hamiltonian = structure.hamiltonian_data(model.hamiltonian)
        if hamiltonian is None:
            raise ValueError("Argument `model` must have a Hamiltonian within the entries of those given at the start.")
        return Generator(structure, hamiltonian - 0.5j * total, jump)

    def solve(
        self, model: Lindblad, method: str = "auto", tolerance: float = 1e-11, check_unique: bool = True
    ) -> SteadyState:
        """Steady state of one model; see `steady_state`."""
        one_of("method", method, METHODS)
        if not finite("tolerance", tolerance) > 0.0:
            raise ValueError(f"Argument `tolerance` must be positive, but is {tolerance}.")
        generator = self.generator(model)
        if generator.scale == 0.0:
            raise ValueError(
                "Argument `model` must have a jump with a rate above zero: without one every eigenstate is steady."
            )
        if method == "evolve":
            values, products = _by_evolution(generator, tolerance)
        else:
            values, method, products = _by_chain(LinearSolver(generator, plan=self._plan), method, check_unique)
        return self._result(model, generator, values, method, products, tolerance)

    def _result(
        self, model: Lindblad, generator: Generator, values: np.ndarray, method: str, products: int, tolerance: float
    ) -> SteadyState:
        blocks = self.structure.blocks
        values = 0.5 * (values + values[blocks.transpose].conj())
        values /= values[blocks.diagonal].real.sum()
        residual = relative_residual(generator, values)
        if not residual <= tolerance:
            raise RuntimeError(
                f"No steady state within tolerance: the residual is {residual:.2e} after {products} products, "
                f"the tolerance {tolerance:.2e}."
            )
        return SteadyState(model.dims, blocks.rows, blocks.cols, values, residual, method, products)


def steady_state(
    model: Lindblad, method: str = "auto", tolerance: float = 1e-11, check_unique: bool = True
) -> SteadyState:
    """Return the steady state of `model`.

    Parameters
    ----------
    model : Lindblad
        The master equation; any symmetry that its sparsity shows is used.
    method : {"auto", "direct", "krylov", "evolve"}
        Dense factors or GMRES for the state after a jump, or evolution in time until nothing changes, which is slow and
        meant for checks. "auto" takes dense factors up to 220 real unknowns.
    tolerance : float
        Largest residual accepted (`SteadyState.residual`). What the solvers reach is near 1e-15.
    check_unique : bool
        Also test numerically that there is no second steady state: by the condition of the dense factors, or by a
        second GMRES run from a random start. Disconnected groups of states and several dark states are always found.

    Raises
    ------
    ValueError
        If the steady state is not unique or an argument is out of range.
    RuntimeError
        If no state within `tolerance` was found.
    MemoryError
        If the calculation would not fit, before it starts.
    """
    return SteadyStateSolver([instance("model", model, Lindblad)]).solve(model, method, tolerance, check_unique)


def steady_states(
    models: Sequence[Lindblad],
    method: str = "auto",
    tolerance: float = 1e-11,
    check_unique: bool = True,
    threads: int | None = None,
) -> list[SteadyState]:
    """Steady states of the points of a sweep: models whose jump operators have the same non-zero entries.

    The Hamiltonians may differ in pattern: the sectors are those of their union. Models that share one tuple of jump
    operators also share what is computed from it. Arguments as for `steady_state`; `threads` defaults to the number of
    cores and changes no bit.
    """
    solver = SteadyStateSolver(models)

    def solve(model: Lindblad) -> SteadyState:
        return solver.solve(model, method, tolerance, check_unique)

    workers = (os.cpu_count() or 1) if threads is None else at_least("threads", threads, 1)
    with one_blas_thread():
        if workers == 1 or len(models) == 1:
            return [solve(model) for model in models]
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(solve, models))


def relative_residual(generator: Generator, values: np.ndarray) -> float:
    """|L rho| / (r |rho|), r the largest total jump rate."""
    return float(np.linalg.norm(generator.apply(values)) / (generator.scale * np.linalg.norm(values)))


def require_one_class(sectors: Sectors) -> None:
    """Raise ValueError if the jumps leave more than one group of sectors that is never left."""
    count = len(sectors.states)
    jump, source = np.nonzero(sectors.target >= 0)
    target = sectors.target[jump, source]
    graph = sparse.coo_array((np.ones(source.size), (source, target)), shape=(count, count))
    classes, label = connected_components(graph, directed=True, connection="strong")
    leaves = np.zeros(classes, dtype=bool)
    leaves[label[source[label[source] != label[target]]]] = True
    closed = np.flatnonzero(~leaves)
    if closed.size > 1:
        examples = [int(sectors.states[int(np.flatnonzero(label == c)[0])][0]) for c in closed[:2]]
        raise ValueError(
            f"Argument `model` must have a unique steady state, but has {closed.size} disconnected groups of states that "
            f"are never left, with basis states {examples[0]} and {examples[1]} in two of them."
        )


def _not_unique(reason: str) -> ValueError:
    return ValueError(f"Argument `model` must have a unique steady state, but {reason}.")


def _by_chain(solver: LinearSolver, method: str, check_unique: bool) -> tuple[np.ndarray, str, int]:
    if solver.inverse.dark_states > 1:
        raise _not_unique(f"has {solver.inverse.dark_states} dark states, which no jump ever leaves")
    small = solver.plan.unknown.size <= DIRECT_UNKNOWNS and solver.inverse.has_eigenbases
    if method == "direct" or (method == "auto" and small):
        values, products = _directly(solver, check_unique)
        method = "direct"
    else:
        values, products = _by_krylov(solver, check_unique)
        method = "krylov"
    return values, method, products


def _directly(solver: LinearSolver, check_unique: bool) -> tuple[np.ndarray, int]:
    chain = solver.direct
    if check_unique and chain.reciprocal_condition < SINGULAR:
        raise _not_unique(f"it is not to working precision (reciprocal condition {chain.reciprocal_condition:.1e})")
    values = solver.state(chain.null_vector())
    return _refined(solver, values, direct=True)


def _by_krylov(solver: LinearSolver, check_unique: bool) -> tuple[np.ndarray, int]:
    found = solver.null_vector()
    values, products = _refined(solver, solver.state(found.x), direct=False)
    products += found.products
    if check_unique:
        share, more = solver.second_null_vector(found.x)
        products += more
        if share > LARGEST_SHARE:
            raise _not_unique("a random start leads to a second one")
    return values, products


def _refined(solver: LinearSolver, values: np.ndarray, direct: bool) -> tuple[np.ndarray, int]:
    generator = solver.generator
    if relative_residual(generator, values) <= GOOD_RESIDUAL:
        return values, 0
    return solver.refine(values, direct)


def _by_evolution(generator: Generator, tolerance: float) -> tuple[np.ndarray, int]:
    """Evolve the fully mixed state over doubling times until the residual is a tenth of the tolerance."""
    blocks = generator.structure.blocks
    values = np.zeros(blocks.elements, dtype=np.complex128)
    values[blocks.diagonal] = 1.0 / blocks.diagonal.size
    flow, duration, residual = Evolution(generator), 1.0 / generator.scale, np.inf
    while residual > 0.1 * tolerance and flow.products < MOST_PRODUCTS:
        values = flow.advance(values, duration, 1e-2 * tolerance)
        values /= values[blocks.diagonal].sum()
        residual = relative_residual(generator, values)
        duration = min(2.0 * duration, 1e3 / generator.scale)
    return values, flow.products
