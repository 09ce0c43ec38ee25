r"""Groups of identical systems that are coupled all to all: what their cumulants and their symmetric master equation share.

.. math::

    H = \sum_g \sum_{i \in g} H_g^{(i)} + \sum_g \sum_{i < j \in g} h_{gg}^{(ij)}
        + \sum_{g < g'} \sum_{i \in g,\, j \in g'} h_{gg'}^{(ij)}

and each member has the jump operators of its group's `quantum.Lindblad`, its own bath.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from quantum.checks import at_least, instance, listed
from quantum.lindblad import Lindblad
from quantum.matrices import hermitian_operator, operator
from quantum.memory import require_memory
from quantum.operators import embed


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups of identical members with pair couplings.

    Parameters
    ----------
    members : sequence of Lindblad
        The master equation of one member of each group, d_g levels.
    sizes : sequence of int
        Number N_g of members of each group.
    couplings : mapping from (g, g') with g <= g' to a matrix, shape (d_g d_g', d_g d_g')
        Hermitian Hamiltonian h of one pair, row-major in (member of g, member of g'); within a group it must not change when
        the two are exchanged. A factor 1/N, where one is meant, is part of it: the exchange
        ``(V/N) sum_{i != j} S+_i S-_j`` within a group is ``V/N (kron(S+, S-) + kron(S-, S+))``.

    Raises
    ------
    ValueError
        If numbers of groups or shapes do not fit, or a coupling is not Hermitian or not symmetric.
    """

    members: tuple[Lindblad, ...]
    sizes: tuple[int, ...]
    couplings: Mapping[tuple[int, int], np.ndarray]

    def __init__(
        self, members: Sequence[Lindblad], sizes: Sequence[int], couplings: Mapping[tuple[int, int], Any] | None = None
    ) -> None:
        models = tuple(
            instance(f"members[{g}]", member, Lindblad)
            for g, member in enumerate(listed("members", members, "Lindblad"))
        )
        numbers = tuple(at_least(f"sizes[{g}]", size, 1) for g, size in enumerate(listed("sizes", sizes, "int")))
        if not models:
            raise ValueError("Argument `members` must hold at least one group, but is empty.")
        if len(numbers) != len(models):
            raise ValueError(
                f"Argument `sizes` must hold one number for each of {len(models)} groups, but has {len(numbers)}."
            )
        object.__setattr__(self, "members", models)
        object.__setattr__(self, "sizes", numbers)
        if couplings is not None and not isinstance(couplings, Mapping):
            raise ValueError(
                f"Argument `couplings` must be a mapping from (g, g') to matrices, but is of type {type(couplings).__name__}."
            )
        object.__setattr__(self, "couplings", {k: self._pair(k, h) for k, h in (couplings or {}).items()})

    @property
    def levels(self) -> tuple[int, ...]:
        """Levels d_g of a member of each group."""
        return tuple(member.dimension for member in self.members)

    def pairs(self) -> list[tuple[int, int]]:
        """Kinds of pairs (g, g') with g <= g' that exist: (g, g) only where the group has two members."""
        count = len(self.members)
        return [(g, k) for g in range(count) for k in range(g, count) if g != k or self.sizes[g] > 1]

    def coupling(self, first: int, second: int) -> np.ndarray | None:
        """Pair Hamiltonian with the member of `first` as the first factor, in either order; None where there is none."""
        if (first, second) in self.couplings:
            return self.couplings[first, second]
        if (second, first) not in self.couplings:
            return None
        d, e = self.levels[second], self.levels[first]
        return self.couplings[second, first].reshape(d, e, d, e).transpose(1, 0, 3, 2).reshape(d * e, d * e)

    def tensor_product(self) -> Lindblad:
        """The full master equation in the product of all members' spaces, members of the first group first.

        Raises
        ------
        MemoryError
            If the product space is too large even for sparse matrices.
        """
        group = [g for g, size in enumerate(self.sizes) for _ in range(size)]
        dims = [self.levels[g] for g in group]
        require_memory(200.0 * math.prod(dims) * len(dims) ** 2, "The product of all members' spaces")
        hamiltonian = sparse.csr_array((math.prod(dims), math.prod(dims)), dtype=np.complex128)
        jumps = []
        for i, g in enumerate(group):
            hamiltonian = hamiltonian + embed(self.members[g].hamiltonian, i, dims)
            jumps += [embed(jump, i, dims) for jump in self.members[g].jumps]
            for j in range(i + 1, len(group)):
                if (g, group[j]) in self.couplings:
                    for left, right in product_terms(self.couplings[g, group[j]], dims[i], dims[j]):
                        hamiltonian = hamiltonian + embed(left, i, dims) @ embed(right, j, dims)
        return Lindblad(0.5 * (hamiltonian + hamiltonian.conj().T), jumps, dims)

    def _pair(self, key: Any, value: Any) -> np.ndarray:
        count = len(self.members)
        if not (
            isinstance(key, tuple) and len(key) == 2 and key in {(g, k) for g in range(count) for k in range(g, count)}
        ):
            raise ValueError(
                f"Argument `couplings` must have keys (g, g') with 0 <= g <= g' < {count}, but has {key!r}."
            )
        d, e = self.levels[key[0]], self.levels[key[1]]
        matrix = hermitian_operator(f"couplings[{key}]", value, d * e).toarray()
        if key[0] == key[1]:
            exchanged = matrix.reshape(d, e, d, e).transpose(1, 0, 3, 2).reshape(d * e, d * e)
            difference = np.abs(matrix - exchanged).max()
            if difference > 1e-12 * np.abs(matrix).max():
                raise ValueError(
                    f"Argument `couplings[{key}]` must be the same for both orders of the two members, "
                    f"but differs by {difference:.3g}."
                )
        return matrix


def product_terms(pair: np.ndarray, first: int, second: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Operators A, B with ``pair = sum kron(A, B)``, as few as possible.

    By elimination with full pivoting, which leaves S+ x S- and S- x S+ apart; singular vectors would mix them, since
    their singular values are equal, and lose the zeros.
    """
    rest = pair.reshape(first, second, first, second).transpose(0, 2, 1, 3).reshape(first**2, second**2)
    smallest = 1e-14 * np.abs(rest).max(initial=0.0)
    terms = []
    while np.abs(rest).max(initial=0.0) > smallest:
        i, j = np.unravel_index(np.abs(rest).argmax(), rest.shape)
        a, b = rest[:, j] / rest[i, j], rest[i]
        terms.append((a.reshape(first, first), b.reshape(second, second)))
        rest = rest - np.outer(a, b)
        rest[i], rest[:, j] = 0.0, 0.0
    return terms


def member_operator(value: Any, levels: int) -> np.ndarray:
    """Return an operator of one member as an array; refuse what is no finite matrix of its levels."""
    return operator("operator", value, levels).toarray()


def density_matrix(name: str, state: Any, levels: int) -> np.ndarray:
    """Return `state` as an array; refuse what is not Hermitian with trace 1 to 1e-10."""
    try:
        matrix = np.asarray(state, dtype=np.complex128)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must be a matrix of numbers, but is {state!r}.") from None
    if matrix.shape != (levels, levels):
        raise ValueError(f"Argument `{name}` must have shape {(levels, levels)}, but has shape {matrix.shape}.")
    if (
        not np.isfinite(matrix).all()
        or np.abs(matrix - matrix.conj().T).max() > 1e-10
        or abs(np.trace(matrix) - 1) > 1e-10
    ):
        raise ValueError(f"Argument `{name}` must be a Hermitian matrix of trace 1, but is not.")
    return matrix
