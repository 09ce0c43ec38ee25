r"""The exact master equation of groups of identical systems, in operators that no exchange of members changes.

A density matrix of N members of d levels that is symmetric under their permutations is a symmetric tensor over the d^2
elements |i><j| of one member, that is a state of N bosons in d^2 modes: C(N + d^2 - 1, N) numbers instead of d^(2N). A
one-member superoperator O becomes :math:`J(O) = \sum_{xy} O_{xy} b_x^\dagger b_y`, and for a pair coupling
:math:`\sum_{i<j} A_i B_j + B_i A_j = J(A) J(B) - J(AB)`. The basis is orthonormal, so that purity is the squared norm.

Where the level numbers are conserved (every Hamiltonian keeps their total, every jump changes it by a fixed amount), elements
|i><j| of different total i - j evolve on their own: the steady state needs the sector 0 alone.

References
----------
.. [1] Xu, Tieri and Holland, Phys. Rev. A 87, 062101 (2013); Shammah et al., Phys. Rev. A 98, 063815 (2018).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse.linalg import splu
from scipy.special import binom

from quantum.checks import at_least, finite, instance, listed
from quantum.evolution import checked_times
from quantum.groups import Groups, density_matrix, member_operator, product_terms
from quantum.liouville import liouvillian
from quantum.matrices import hermitian_operator
from quantum.memory import require_memory
from quantum.solvers.gmres import gmres

# Size up to which the generator is factorised. Fill grows fast: 3483 operators of two groups of three take .9 s in factors
# and .15 s by GMRES; for the 26 183 of two groups of four the factors pass 4 GB.
DIRECT_STATES = 2000

# Vectors that GMRES keeps. With the diagonal alone as preconditioner it takes 200-700 products at 14 digits.
BASIS = 120

# Largest residual |L rho| / (|L| |rho|) of a steady state and of a first-order response.
RESIDUAL = 1e-11

# Terms of the exponential series to a step, and growth of the terms before they fall: what they cost in digits.
MOST_TERMS = 60
LARGEST_GROWTH = 300.0


class PermutationSymmetric:
    """The master equation of `Groups` restricted to permutation-symmetric operators.

    Parameters
    ----------
    groups : Groups
        Members, sizes and couplings.

    Attributes
    ----------
    groups : Groups
    conserved : bool
        Whether level numbers are conserved, so that sectors other than 0 exist.
    """

    def __init__(self, groups: Groups) -> None:
        self.groups = instance("groups", groups, Groups)
        require_memory(
            64.0 * max(self._symmetric_sizes()) * max(groups.levels) ** 4,
            "Storage of the symmetric operators of a group",
        )
        self.conserved = _conserves_levels(groups)
        self._spaces = [
            _Space(size, levels, self.conserved) for size, levels in zip(groups.sizes, groups.levels, strict=True)
        ]
        self._sectors: dict[int, _Sector] = {}
        self._generators: dict[int, sparse.csr_array] = {}

    @property
    def dimension(self) -> int:
        """Number of symmetric operators, all sectors together."""
        return math.prod(self._symmetric_sizes())

    def sector_dimension(self, charge: int = 0) -> int:
        """Number of symmetric operators |i><j| with total i - j equal to `charge`, 0 or above."""
        return self._sector(at_least("charge", charge, 0)).size

    def generator(self, charge: int = 0) -> sparse.csr_array:
        """The generator within one sector, shape (sector dimension, sector dimension).

        Raises
        ------
        ValueError
            If `charge` is no whole number from 0 on.
        MemoryError
            If it would not fit.
        """
        if at_least("charge", charge, 0) not in self._generators:
            sector = self._sector(charge)
            require_memory(400.0 * sector.size, "The generator of a sector")
            self._generators[charge] = sector.matrix(self._terms, sector)
        return self._generators[charge]

    def steady_state(self) -> SymmetricState:
        """The steady state.

        By a sparse factorisation of up to 2000 symmetric operators in sector 0, which finds out whether it is unique, and
        by GMRES beyond, which does not. Two groups of four three-level members (26 183 operators): 1.5 s.

        Raises
        ------
        ValueError
            If it is not unique or was not found.
        """
        rhs = np.zeros(self._sector(0).size, dtype=np.complex128)
        return SymmetricState(self, {0: self._solve(0, rhs, 1.0)})

    def first_order(self, drives: Sequence[Any | None], state: SymmetricState | None = None) -> SymmetricState:
        """First-order change of the steady state when every member of group g gets ``drives[g]`` added to its Hamiltonian.

        Parameters
        ----------
        drives : sequence of matrices, shape (d_g, d_g), or None
            One for each group; Hermitian.
        state : SymmetricState, optional
            The steady state, where it is already known.

        Returns
        -------
        SymmetricState
            rho_1, traceless, in the sectors that the drives reach; it scales with the drives.

        Raises
        ------
        ValueError
            If a drive does not fit, or the steady state is not unique.
        """
        drives = listed("drives", drives, "matrices or None")
        if len(drives) != len(self.groups.sizes):
            raise ValueError(
                f"Argument `drives` must have one entry for each of {len(self.groups.sizes)} groups, but has {len(drives)}."
            )
        if all(drive is None for drive in drives):
            raise ValueError("Argument `drives` must hold at least one matrix, but holds none.")
        zeroth = self.steady_state() if state is None else state
        sources: dict[int, np.ndarray] = {}
        for g, drive in enumerate(drives):
            if drive is None:
                continue
            matrix = hermitian_operator(f"drives[{g}]", drive, self.groups.levels[g]).toarray()
            for shift, part in self._spaces[g].by_shift(_commutator(matrix)).items():
                if shift >= 0:
                    image = self._sector(shift).matrix(
                        [{g: (shift, self._spaces[g].collective(part))}], self._sector(0)
                    )
                    sources[shift] = sources.get(shift, 0.0) + image @ zeroth.values[0]
        return SymmetricState(self, {shift: self._solve(shift, -source, 0.0) for shift, source in sources.items()})

    def evolve(
        self, initial: Sequence[ArrayLike] | SymmetricState, times: ArrayLike, tolerance: float = 1e-10
    ) -> SymmetricState:
        """Return the states at `times`, in the sectors that one- and two-member states depend on.

        Parameters
        ----------
        initial : sequence of arrays, shape (d_g, d_g), or SymmetricState
            Density matrix of one member of each group, all members independent; or a state of this model.
        times : array-like of float, shape (n,)
            Increasing; the first is that of `initial`.
        tolerance : float
            Bound on what the series cuts off, relative to the norm of the initial state.

        Raises
        ------
        ValueError
            If the initial state or the times are not valid.
        """
        grid = checked_times(times)
        if not finite("tolerance", tolerance) > 0.0:
            raise ValueError(f"Argument `tolerance` must be positive, but is {tolerance}.")
        start = initial if isinstance(initial, SymmetricState) else self.product_state(initial)
        values = {}
        for charge, x in start.values.items():
            if x.ndim != 1 or start.model is not self:
                raise ValueError("Argument `initial` must be a single state of this model, but is not.")
            require_memory(16.0 * grid.size * x.size, "Argument `times` asks for states whose storage")
            values[charge] = _exponential(self.generator(charge), x, grid, tolerance)
        return SymmetricState(self, values)

    def product_state(self, initial: Sequence[ArrayLike]) -> SymmetricState:
        """All members independent, those of group g in the state ``initial[g]``; the sectors needed for pairs of members."""
        initial = listed("initial", initial, "density matrices")
        if len(initial) != len(self.groups.sizes):
            raise ValueError(
                f"Argument `initial` must hold one state for each of {len(self.groups.sizes)} groups, but has {len(initial)}."
            )
        vectors = [
            space.product(density_matrix(f"initial[{g}]", state, space.levels))
            for g, (space, state) in enumerate(zip(self._spaces, initial, strict=True))
        ]
        top = 2 * (max(self.groups.levels) - 1) if self.conserved else 0
        top = min(
            top, sum(size * (levels - 1) for size, levels in zip(self.groups.sizes, self.groups.levels, strict=True))
        )
        return SymmetricState(self, {charge: self._sector(charge).covector(vectors) for charge in range(top + 1)})

    def _symmetric_sizes(self) -> list[int]:
        return [math.comb(n + d * d - 1, n) for n, d in zip(self.groups.sizes, self.groups.levels, strict=True)]

    def _sector(self, charge: int) -> _Sector:
        if charge not in self._sectors:
            self._sectors[charge] = _Sector(self._spaces, charge)
        return self._sectors[charge]

    @cached_property
    def _terms(self) -> list[_Term]:
        """The generator as sums of products of one collective superoperator for each of some groups, with its shift."""
        terms: list[_Term] = []
        for g, (space, member) in enumerate(zip(self._spaces, self.groups.members, strict=True)):
            total = space.collective(liouvillian(member))
            h = self.groups.couplings.get((g, g))
            if h is not None:
                for a, b in product_terms(h, space.levels, space.levels):
                    for side, factor in ((_left, -0.5j), (_right, 0.5j)):
                        first, second = side(a), side(b)
                        both = space.collective(first) @ space.collective(second) - space.collective(first @ second)
                        total = total + factor * both
            terms.append({g: (0, sparse.csr_array(total))})
        for (g, k), h in self.groups.couplings.items():
            if g == k:
                continue
            one, other = self._spaces[g], self._spaces[k]
            for a, b in product_terms(h, one.levels, other.levels):
                for side, factor in ((_left, -1j), (_right, 1j)):
                    for shift, part in one.by_shift(side(a)).items():
                        for back, counterpart in other.by_shift(side(b)).items():
                            terms.append(
                                {
                                    g: (shift, factor * one.collective(part)),
                                    k: (back, other.collective(counterpart)),
                                }
                            )
        return terms

    def _solve(self, charge: int, rhs: np.ndarray, trace: float) -> np.ndarray:
        """L x = rhs, in sector 0 with the given trace."""
        matrix = self.generator(charge)
        functional = None
        if charge == 0:
            functional = self._sector(0).covector([space.trace for space in self._spaces])
        solve = _by_factors if matrix.shape[0] <= DIRECT_STATES else _by_gmres
        x = solve(matrix, rhs, functional, trace)
        scale = abs(matrix).sum(axis=1).max() * np.linalg.norm(x)
        if not np.linalg.norm(matrix @ x - rhs) <= RESIDUAL * scale:
            raise ValueError("Argument `groups` must have a unique steady state, but none was found within tolerance.")
        return x


@dataclass(frozen=True, eq=False)
class SymmetricState:
    """A permutation-symmetric state, or a stack of them over time.

    Attributes
    ----------
    model : PermutationSymmetric
    values : dict from the sector (total i - j of |i><j|, 0 or above) to complex arrays, shape (..., sector dimension)
        Sectors below 0 follow by Hermitian conjugation; those that are missing hold nothing.
    """

    model: PermutationSymmetric
    values: Mapping[int, np.ndarray]

    def trace(self) -> np.ndarray:
        """Trace, shape (...)."""
        return self._reduce({}, 0).real

    def one_body(self, group: int = 0) -> np.ndarray:
        """Density matrix of one member, shape (..., d, d)."""
        space = self._space("group", group)
        d = space.levels
        out = np.zeros((*self._leading(), d, d), dtype=np.complex128)
        for x in range(d * d):
            i, j = divmod(x, d)
            charge = (i - j) if self.model.conserved else 0
            if charge >= 0:
                value = self._reduce({group: space.one_member(x)}, charge)
                out[..., i, j] = value
                if charge > 0:
                    out[..., j, i] = value.conj()
        return out

    def two_body(self, first: int = 0, second: int = 0) -> np.ndarray:
        """Density matrix of two different members, shape (..., d d', d d'), row-major in (member of `first`, of `second`).

        Raises
        ------
        ValueError
            If a group has only one member and both were to be taken from it.
        """
        one, other = self._space("first", first), self._space("second", second)
        if first == second and one.size < 2:
            raise ValueError(f"Argument `second` must not be `first` ({first}): that group has one member.")
        d, e = one.levels, other.levels
        out = np.zeros((*self._leading(), d, e, d, e), dtype=np.complex128)
        for x, y in itertools.product(range(d * d), range(e * e)):
            (i, j), (k, m) = divmod(x, d), divmod(y, e)
            charge = (i - j + k - m) if self.model.conserved else 0
            if charge >= 0:
                effects = {first: one.one_member(x), second: other.one_member(y)}
                if first == second:
                    effects = {first: one.two_members(x, y)}
                value = self._reduce(effects, charge)
                out[..., i, k, j, m] = value
                if charge > 0:
                    out[..., j, m, i, k] = value.conj()
        return out.reshape(*self._leading(), d * e, d * e)

    def expect(self, operator: Any, group: int = 0) -> np.ndarray:
        """Expectation value of an operator of one member, shape (...), complex."""
        rho = self.one_body(group)
        return np.einsum("...ij,ji->...", rho, member_operator(operator, rho.shape[-1]))

    def _space(self, name: str, group: int) -> _Space:
        if at_least(name, group, 0) >= len(self.model.groups.sizes):
            raise ValueError(f"Argument `{name}` must be below {len(self.model.groups.sizes)}, but is {group}.")
        return self.model._spaces[group]

    def _leading(self) -> tuple[int, ...]:
        return next(iter(self.values.values())).shape[:-1]

    def _reduce(self, effects: Mapping[int, np.ndarray], charge: int) -> np.ndarray:
        """Trace with one covector for each of some groups, the plain trace for the others."""
        if charge not in self.values:
            return np.zeros(self._leading(), dtype=np.complex128)
        vectors = [effects.get(g, space.trace) for g, space in enumerate(self.model._spaces)]
        return self.values[charge] @ self.model._sector(charge).covector(vectors)


_Term = dict[int, tuple[int, sparse.csr_array]]


class _Space:
    """Symmetric operators of one group: occupations of the d^2 elements x = i d + j by N members.

    Attributes
    ----------
    occupations : int array, shape (states, d^2)
        Lexicographic.
    charges : int array, shape (states,)
        Total i - j, or 0 where that is not conserved.
    root : float array, shape (states,)
        Square root of the number of arrangements of the members.
    """

    def __init__(self, size: int, levels: int, conserved: bool) -> None:
        self.size, self.levels = size, levels
        letters = levels * levels
        self.occupations = _compositions(size, letters)
        weights = np.arange(letters) // levels - np.arange(letters) % levels
        self.shifts = weights if conserved else np.zeros(letters, dtype=int)
        self.charges = self.occupations @ self.shifts
        left = size - np.cumsum(self.occupations, axis=1) + self.occupations
        self.root = np.sqrt(binom(left, self.occupations).prod(axis=1))
        self._off = self.occupations[:, weights != 0].sum(axis=1)
        self._weights = weights
        # number of ways to distribute r among k elements
        r, k = np.indices((size + 1, letters + 1))
        self._ways = np.where(k > 0, binom(r + k - 1, np.maximum(k - 1, 0)), r == 0).round().astype(np.int64)
        self._members = {int(c): np.flatnonzero(self.charges == c) for c in np.unique(self.charges)}

    def members(self, charge: int) -> np.ndarray:
        """States of one charge, ascending."""
        return self._members.get(charge, np.zeros(0, dtype=np.int64))

    def rank(self, occupations: np.ndarray) -> np.ndarray:
        """Numbers of the states with these occupations: those that come before, by the first element that differs."""
        letters = occupations.shape[1]
        left = self.size - np.cumsum(occupations, axis=1) + occupations
        after = letters - np.arange(letters)
        return (self._ways[left, after] - self._ways[left - occupations, after]).sum(axis=1)

    def collective(self, superoperator: np.ndarray) -> sparse.csr_array:
        """J(O) = sum_xy O_xy b_x^+ b_y."""
        count = self.charges.size
        rows, cols, values = [], [], []
        for x, y in zip(*np.nonzero(superoperator), strict=True):
            (source,) = np.nonzero(self.occupations[:, y])
            moved = self.occupations[source].copy()
            size = moved[:, y].astype(float)
            moved[:, y] -= 1
            moved[:, x] += 1
            size = np.sqrt(size * moved[:, x])
            rows.append(self.rank(moved))
            cols.append(source)
            values.append(superoperator[x, y] * size)
        if not rows:
            return sparse.csr_array((count, count), dtype=np.complex128)
        place = (np.concatenate(rows), np.concatenate(cols))
        return sparse.csr_array((np.concatenate(values), place), shape=(count, count))

    def by_shift(self, superoperator: np.ndarray) -> dict[int, np.ndarray]:
        """Parts of a one-member superoperator that change i - j by a given number."""
        shift = self.shifts[:, None] - self.shifts[None, :]
        parts = {int(s): np.where(shift == s, superoperator, 0.0) for s in np.unique(shift)}
        return {s: part for s, part in parts.items() if np.any(part)}

    @cached_property
    def trace(self) -> np.ndarray:
        """Covector of the trace over all members, shape (states,)."""
        return np.where(self._off == 0, self.root, 0.0)

    def one_member(self, x: int) -> np.ndarray:
        """Covector of the element x of one member's state, the others traced out."""
        n, off = self.occupations[:, x], self._off - (self._weights[x] != 0)
        return np.where((n > 0) & (off == 0), self.root * n / self.size, 0.0)

    def two_members(self, x: int, y: int) -> np.ndarray:
        """Covector of the element x of one member and y of another."""
        n, m = self.occupations[:, x], self.occupations[:, y] - (x == y)
        off = self._off - int(self._weights[x] != 0) - int(self._weights[y] != 0)
        share = n * m / (self.size * (self.size - 1.0))
        return np.where((n > 0) & (m > 0) & (off == 0), self.root * share, 0.0)

    def product(self, rho: np.ndarray) -> np.ndarray:
        """Vector of rho x rho x ... x rho."""
        return self.root * np.prod(rho.ravel()[None, :] ** self.occupations, axis=1)


class _Sector:
    """Products of symmetric operators of all groups with a given total charge, in blocks of equal charges of each group."""

    def __init__(self, spaces: Sequence[_Space], charge: int) -> None:
        self.spaces = spaces
        ranges = [sorted(space._members) for space in spaces]
        self.blocks = [c for c in itertools.product(*ranges) if sum(c) == charge]
        sizes = [
            math.prod(space.members(c).size for space, c in zip(spaces, block, strict=True)) for block in self.blocks
        ]
        self.offsets = dict(zip(self.blocks, np.concatenate([[0], np.cumsum(sizes)]).tolist(), strict=False))
        self.size = int(sum(sizes))

    def covector(self, vectors: Sequence[np.ndarray]) -> np.ndarray:
        """Product of one vector for each group, shape (size,)."""
        if not self.blocks:
            return np.zeros(0, dtype=np.complex128)
        parts = []
        for block in self.blocks:
            part = np.ones(1)
            for space, vector, c in zip(self.spaces, vectors, block, strict=True):
                part = np.multiply.outer(part, vector[space.members(c)]).ravel()
            parts.append(part)
        return np.concatenate(parts)

    def matrix(self, terms: Sequence[_Term], source: _Sector) -> sparse.csr_array:
        """Sum of the terms as a map from `source` to this sector."""
        rows, cols, values = [], [], []
        for term in terms:
            for block in source.blocks:
                image = tuple(c + (term[g][0] if g in term else 0) for g, c in enumerate(block))
                if image not in self.offsets:
                    continue
                part = sparse.coo_array(np.ones((1, 1)))
                for g, (space, before, after) in enumerate(zip(self.spaces, block, image, strict=True)):
                    inside = space.members(before)
                    factor = term[g][1][space.members(after)][:, inside] if g in term else sparse.eye_array(inside.size)
                    part = sparse.coo_array(sparse.kron(part, factor, format="coo"))
                rows.append(part.row.astype(np.int64) + self.offsets[image])
                cols.append(part.col.astype(np.int64) + source.offsets[block])
                values.append(part.data)
        if not rows:
            return sparse.csr_array((self.size, source.size), dtype=np.complex128)
        place = (np.concatenate(rows), np.concatenate(cols))
        out = sparse.csr_array((np.concatenate(values), place), shape=(self.size, source.size), dtype=np.complex128)
        out.eliminate_zeros()
        return out


def _compositions(total: int, parts: int) -> np.ndarray:
    """All ways to write `total` as an ordered sum of `parts` numbers from 0 on, lexicographic, shape (ways, parts)."""
    rows = np.zeros((1, 0), dtype=np.int64)
    for _ in range(parts - 1):
        left = total - rows.sum(axis=1)
        repeat = np.repeat(np.arange(left.size), left + 1)
        start = np.repeat(np.cumsum(left + 1) - left - 1, left + 1)
        rows = np.column_stack([rows[repeat], np.arange(repeat.size) - start])
    return np.column_stack([rows, total - rows.sum(axis=1)])


def _left(operator: np.ndarray) -> np.ndarray:
    """The product A rho on row-major elements."""
    return np.kron(operator, np.eye(operator.shape[0]))


def _right(operator: np.ndarray) -> np.ndarray:
    """The product rho A on row-major elements."""
    return np.kron(np.eye(operator.shape[0]), operator.T)


def _commutator(operator: np.ndarray) -> np.ndarray:
    """-i[A, rho]."""
    return -1j * (_left(operator) - _right(operator))


def _conserves_levels(groups: Groups) -> bool:
    """Whether no term changes the total of i - j, |i><j| the elements of the members."""
    for member in groups.members:
        d = member.dimension
        charge = np.subtract.outer(np.arange(d), np.arange(d)).ravel()
        row, col = np.nonzero(liouvillian(member))
        if (charge[row] != charge[col]).any():
            return False
    for (g, k), h in groups.couplings.items():
        total = np.add.outer(np.arange(groups.levels[g]), np.arange(groups.levels[k])).ravel()
        row, col = np.nonzero(h)
        if (total[row] != total[col]).any():
            return False
    return True


def _by_factors(matrix: sparse.csr_array, rhs: np.ndarray, functional: np.ndarray | None, value: float) -> np.ndarray:
    """Solve L x = rhs; a singular L gets the row of one population replaced by functional . x = value."""
    system, right = matrix, rhs
    if functional is not None:
        row = int(np.flatnonzero(functional)[0])
        keep = np.ones(rhs.size)
        keep[row] = 0.0
        unit = sparse.csr_array(([1.0], ([row], [0])), shape=(rhs.size, 1))
        system = sparse.diags_array(keep) @ matrix + unit @ sparse.csr_array(functional.reshape(1, -1))
        right = rhs.copy()
        right[row] = value
    try:
        return splu(sparse.csc_array(system)).solve(right)
    except RuntimeError:  # "Factor is exactly singular"
        return np.full(rhs.size, np.nan)


def _by_gmres(matrix: sparse.csr_array, rhs: np.ndarray, functional: np.ndarray | None, value: float) -> np.ndarray:
    """The same with the diagonal as preconditioner; a singular L becomes L - u functional, u one population."""
    diagonal = matrix.diagonal()
    # where nothing decays (a dark population) any number of the size of a rate does
    diagonal = np.where(np.abs(diagonal) > 1e-3 * np.abs(diagonal).max(), diagonal, -0.1 * np.abs(diagonal).max())
    right = rhs.astype(np.complex128)
    if functional is None:
        return gmres(lambda v: matrix @ v, right, lambda v: v / diagonal, 1e-14 * float(np.linalg.norm(right)), BASIS).x
    # tr(L x) = 0, so that the trace of the equation fixes functional . x
    row = int(np.argmax(np.abs(functional)))
    right[row] -= value

    def product(v: np.ndarray) -> np.ndarray:
        out = matrix @ v
        out[row] -= functional @ v
        return out

    return gmres(product, right, lambda v: v / diagonal, 1e-14 * float(np.linalg.norm(right)), BASIS).x


def _exponential(generator: sparse.csr_array, start: np.ndarray, times: np.ndarray, tolerance: float) -> np.ndarray:
    """exp(L (t - times[0])) start by truncated series, shape (times, size); errors of the steps add up to `tolerance`."""
    out = np.empty((times.size, start.size), dtype=np.complex128)
    out[0] = x = np.asarray(start, dtype=np.complex128)
    whole = max(times[-1] - times[0], np.finfo(float).tiny)
    bound = tolerance * np.linalg.norm(start) / whole
    largest = abs(generator).sum(axis=1).max() if generator.nnz else 0.0
    step = 5.0 / largest if largest > 0.0 else math.inf
    for n in range(1, times.size):
        left = times[n] - times[n - 1]
        while left > 0.0:
            h = min(step, left)
            following, terms = _series(generator, x, h, bound * h)
            if following is None:
                step = 0.5 * h
                continue
            x, left = following, left - h if h < left else 0.0
            if h == step and terms < MOST_TERMS // 2:
                step *= 1.3
        out[n] = x
    return out


def _series(generator: sparse.csr_array, x: np.ndarray, h: float, allowed: float) -> tuple[np.ndarray | None, int]:
    """exp(h L) x and the terms it took; None where they do not fall soon enough or grow too large."""
    size = before = float(np.linalg.norm(x))
    allowed = max(allowed, 1e-16 * size)
    total, term = x.copy(), x
    for k in range(1, MOST_TERMS + 1):
        term = (generator @ term) * (h / k)
        total += term
        norm = float(np.linalg.norm(term))
        if not norm <= LARGEST_GROWTH * size:
            return None, k
        if norm <= 0.5 * allowed and norm <= 0.5 * before:
            return total, k
        before = norm
    return None, MOST_TERMS
