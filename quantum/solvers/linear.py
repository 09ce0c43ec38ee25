r"""Linear equations with the generator, (L - z) x = r, in the variable that the jumps leave open.

With ``L - z = L0' + J'`` (`quantum.solvers.nojump`) and ``u = L0' x`` the equation reads ``u + J' L0'^{-1} u = r``. What is
unknown in u lies in the range of J', often a small part of the matrix: for jumps between Fock levels of a pair it is the
populations alone. The operator ``-J' L0'^{-1}`` takes the state after one jump to the state after the next, so that its
spectral radius is one and its slow modes are those of a classical walk, which `quantum.solvers.rate_equation` knows.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from quantum.generator import Generator, Structure, add_csr
from quantum.memory import require_memory
from quantum.solvers.direct import DirectChain, RangePlan, chain_matrix
from quantum.solvers.gmres import GmresResult, gmres
from quantum.solvers.nojump import NoJumpInverse, one_blas_thread
from quantum.solvers.rate_equation import RateEquation

# Relative accuracy asked of GMRES; refinement follows where the residual of L asks for it.
KRYLOV_TOLERANCE = 1e-13

# Vectors that GMRES keeps before it restarts: as many as it ever needs, within 400 MB but at least 40.
MOST_VECTORS, LEAST_VECTORS, VECTOR_BYTES = 300, 40, 400e6


def krylov_basis(unknowns: int) -> int:
    """Vectors that GMRES may keep."""
    return int(np.clip(VECTOR_BYTES / (16 * max(unknowns, 1)), LEAST_VECTORS, MOST_VECTORS))


def estimated_bytes(structure: Structure) -> float:
    """Memory that a solution takes: the Krylov basis, some vectors, eigenvectors and J, in bytes."""
    blocks = structure.blocks
    squares = float((blocks.sectors.sizes.astype(np.float64) ** 2).sum())
    unknowns = structure.jump.image.size
    return (
        16.0 * (krylov_basis(unknowns) * unknowns + 8 * blocks.elements + 6 * squares)
        + 48.0 * structure.jump.indices.size
    )


@dataclass(frozen=True)
class LinearResult:
    """Solution, residual |(L - z) x - r| and the products with J' L0'^-1 that were made."""

    x: np.ndarray
    residual: float
    products: int


class LinearSolver:
    """(L - z) x = r and L x = 0 on the blocks of a generator.

    Parameters
    ----------
    generator : Generator
        L on a closed set of blocks.
    frequency : complex
        z above.
    plan : RangePlan, optional
        Reused where the generator has the same structure.

    Raises
    ------
    MemoryError
        If vectors and factors would not fit, before they are allocated.
    """

    def __init__(self, generator: Generator, frequency: complex = 0.0, plan: RangePlan | None = None) -> None:
        self.generator = generator
        require_memory(
            estimated_bytes(generator.structure), "Argument `model` leads to linear equations whose solution"
        )
        self.inverse = NoJumpInverse(generator)
        regularised = self.inverse.regularised
        if plan is None or regularised.size:
            plan = RangePlan(generator.structure, regularised)
        self.plan = plan
        self._pool: ThreadPoolExecutor | None = None
        self._tune(frequency)

    def _tune(self, frequency: complex) -> None:
        self.frequency = complex(frequency)
        self.inverse.tune(self.frequency)
        self._extra = ((self.inverse.shift - self.frequency) * self.plan.regularised)[self.plan.block]

    def at(self, frequency: complex) -> LinearSolver:
        """The same equations at another z; eigenvectors and plan are shared."""
        other = copy(self)
        other.inverse = copy(self.inverse)
        for cached in ("direct", "rate"):
            other.__dict__.pop(cached, None)
        other._tune(frequency)
        return other

    @contextmanager
    def _threads(self):
        """One BLAS thread, and two of ours where the blocks are worth it."""
        if self.inverse.threads == 1:
            yield
            return
        with one_blas_thread(), ThreadPoolExecutor(self.inverse.threads) as pool:
            self._pool = pool
            try:
                yield
            finally:
                self._pool = None

    def _jumps(self, x: np.ndarray) -> np.ndarray:
        """Apply J'; the result stands on the unknowns."""
        plan, jump = self.plan, self.generator.structure.jump
        out = self._extra * x[plan.unknown]
        add_csr(plan.jump_slot, jump.indptr, jump.indices, self.generator.jump, x, out)
        return out

    def _state(self, y: np.ndarray) -> np.ndarray:
        """Apply L0'^-1 to y on the unknowns."""
        full = np.zeros(self.generator.structure.blocks.elements, dtype=np.complex128)
        full[self.plan.unknown] = y
        return self.inverse.solve(full, self._pool)

    def _chain(self, y: np.ndarray) -> np.ndarray:
        """Apply 1 + J' L0'^-1 on the unknowns."""
        return y + self._jumps(self._state(y))

    @cached_property
    def _has_populations(self) -> bool:
        blocks = self.generator.structure.blocks
        return blocks.diagonal.size == blocks.sectors.of_state.size

    @cached_property
    def rate(self) -> RateEquation:
        """The coarse correction, where the blocks hold all populations."""
        blocks = self.generator.structure.blocks
        on_sector = (self.inverse.shift - self.frequency).real[np.diagonal(blocks.number)]
        return RateEquation(self.generator, on_sector[blocks.sectors.of_state])

    def _precondition(self, y: np.ndarray) -> np.ndarray:
        out = y.copy()
        if self._has_populations and self.frequency == 0:
            states, place = self.plan.populations
            populations = np.zeros(self.rate.places.size, dtype=np.complex128)
            populations[states] = y[place]
            out[place] = self.rate.correct(populations)[states]
        return out

    def krylov(self, rhs: np.ndarray, tolerance: float, hermitian: bool) -> GmresResult:
        """Solve y + J' L0'^-1 y = rhs on the unknowns; Hermitian y with real arithmetic."""
        basis = krylov_basis(rhs.size)
        if not hermitian:
            return gmres(self._chain, rhs, self._precondition, tolerance, basis)

        def real(operator: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
            return lambda v: operator(v.view(np.complex128)).view(np.float64)

        result = gmres(
            real(self._chain), np.ascontiguousarray(rhs).view(np.float64), real(self._precondition), tolerance, basis
        )
        return GmresResult(result.x.view(np.complex128), result.residual, result.products)

    @cached_property
    def direct(self) -> DirectChain:
        """Factors of 1 + J' L0'^-1 with the trace as a border."""
        plan = self.plan
        require_memory(24.0 * plan.unknown.size**2, "Argument `method` = 'direct' leads to a matrix that")
        if self.inverse.has_eigenbases:
            return DirectChain(plan, chain_matrix(plan, self.inverse, self.generator.jump, self._extra))
        columns = [plan.coordinates(self._chain(plan.matrix(unit))) for unit in np.eye(plan.unknown.size)]
        return DirectChain(plan, np.stack(columns, axis=1))

    def state(self, y: np.ndarray) -> np.ndarray:
        """The state L0'^-1 y, divided by its trace."""
        x = self._state(y)
        return x / x[self.generator.structure.blocks.diagonal].sum()

    def null_vector(self) -> GmresResult:
        """The y with y + J' L0'^-1 y = 0 by GMRES, started from the steady populations of the rate equation."""
        states, place = self.plan.populations
        y = np.zeros(self.plan.unknown.size, dtype=np.complex128)
        y[place] = (self.rate.arrivals @ self.rate.steady_populations)[states]
        with self._threads():
            step = self.krylov(-self._chain(y), KRYLOV_TOLERANCE * float(np.linalg.norm(y)), hermitian=True)
        return GmresResult(y + step.x, step.residual, step.products + 1)

    def second_null_vector(self, y: np.ndarray, tolerance: float = 1e-8) -> tuple[float, int]:
        """Return how much of a random start converges to anything but `y`, and the products that took.

        A null vector of which the start holds its fair share shows as 1/sqrt(unknowns) or more.
        """
        draw = np.random.default_rng(0).standard_normal((2, y.size))
        start = draw[0] + 1j * draw[1]
        start = start + start[self.plan.partner].conj()
        start /= np.linalg.norm(start)
        with self._threads():
            step = self.krylov(-self._chain(start), tolerance, hermitian=True)
        end = start + step.x
        rest = end - y * (np.vdot(y, end) / np.vdot(y, y))
        return float(np.linalg.norm(rest)) * np.sqrt(y.size), step.products + 1

    def refine(self, values: np.ndarray, direct: bool = False) -> tuple[np.ndarray, int]:
        """One correction of an approximate steady state by its own residual; it is kept if it helps."""
        diagonal = self.generator.structure.blocks.diagonal
        rhs = -self.generator.apply(values)
        rhs -= rhs[diagonal].sum() * values  # rounding leaves a trace, which L x cannot have
        norm = float(np.linalg.norm(rhs))
        result = self.solve(rhs, 1e-2 * norm, hermitian=True, direct=direct)
        if result.residual > 0.5 * norm:
            return values, result.products
        better = values + result.x
        return better / better[diagonal].sum(), result.products

    def solve(self, rhs: np.ndarray, tolerance: float, hermitian: bool, direct: bool = False) -> LinearResult:
        """Solve (L - z) x = rhs; at z = 0 rhs must be traceless, and x is fixed up to the steady state.

        Parameters
        ----------
        rhs : complex array, shape (elements,)
        tolerance : float
            Wanted |(L - z) x - rhs|, the Frobenius norm.
        hermitian : bool
            Whether rhs, and with it x, is Hermitian.
        direct : bool
            Use the dense factors; Hermitian only.
        """
        x = np.zeros(rhs.size, dtype=np.complex128)
        r, size, products = rhs.astype(np.complex128), np.inf, 0
        with self._threads():
            while True:
                norm = float(np.linalg.norm(r))
                if norm <= tolerance or not norm <= 0.5 * size:
                    break
                size = norm
                y = -self._jumps(self.inverse.solve(r, self._pool))
                if direct:
                    y = self.direct.solve(y)
                else:
                    relative = max(KRYLOV_TOLERANCE, 0.01 * tolerance / norm)
                    result = self.krylov(y, relative * float(np.linalg.norm(y)), hermitian)
                    y, products = result.x, products + result.products
                full = r.copy()
                full[self.plan.unknown] += y
                step = self.inverse.solve(full, self._pool)
                fresh = rhs - self.generator.apply(x + step) + self.frequency * (x + step)
                if not float(np.linalg.norm(fresh)) <= norm:
                    break
                x, r = x + step, fresh
        return LinearResult(x, float(np.linalg.norm(r)), products)
