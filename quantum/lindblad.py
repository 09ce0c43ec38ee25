r"""Open quantum systems as sparse matrices: a Hamiltonian and jump operators.

.. math::

    \dot\rho = -i[H, \rho] + \sum_c D[L_c]\rho, \qquad
    D[L]\rho = L\rho L^\dagger - \tfrac12\{L^\dagger L, \rho\}
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from quantum.checks import at_least
from quantum.matrices import canonical, hermitian_operator, operator
from quantum.sectors import Sectors, find_sectors


def _listed(name: str, value: Any) -> tuple[Any, ...]:
    try:
        return tuple(value)
    except TypeError:
        raise ValueError(f"Argument `{name}` must be a sequence, but is {value!r}.") from None


@dataclass(frozen=True, eq=False)
class Lindblad:
    """A Lindblad master equation in a product basis.

    Parameters
    ----------
    hamiltonian : matrix, shape (D, D)
        Hermitian, hbar = 1, in units of the rate; anything that `scipy.sparse.csr_array` takes.
    jumps : iterable of matrices, shape (D, D)
        Jump operators L_c, the square root of the rate included.
    dims : sequence of int
        Levels of each subsystem; their product is D. The basis index is row-major:
        the state |n_0, n_1, ...> is ``numpy.ravel_multi_index((n_0, n_1, ...), dims)``.
    labels : sequence of str, optional
        One name per subsystem.

    Raises
    ------
    ValueError
        If shapes do not fit, an entry is not finite, or H is not Hermitian to 1e-12 of its largest entry.
    """

    hamiltonian: sparse.csr_array
    jumps: tuple[sparse.csr_array, ...]
    dims: tuple[int, ...]
    labels: tuple[str, ...]

    def __init__(
        self, hamiltonian: Any, jumps: Iterable[Any], dims: Sequence[int], labels: Sequence[str] | None = None
    ) -> None:
        dims = tuple(at_least(f"dims[{j}]", levels, 1) for j, levels in enumerate(_listed("dims", dims)))
        if not dims:
            raise ValueError("Argument `dims` must hold at least one number of levels, but is empty.")
        dimension = math.prod(dims)
        h = canonical(hermitian_operator("hamiltonian", hamiltonian, dimension))
        ls = tuple(
            canonical(operator(f"jumps[{c}]", jump, dimension)) for c, jump in enumerate(_listed("jumps", jumps))
        )
        names = _listed("labels", labels) if labels is not None else tuple(str(j) for j in range(len(dims)))
        if len(names) != len(dims):
            raise ValueError(
                f"Argument `labels` must have one name for each of {len(dims)} subsystems, but has {len(names)}."
            )
        for name, value in (("hamiltonian", h), ("jumps", ls), ("dims", dims), ("labels", names)):
            object.__setattr__(self, name, value)

    def with_hamiltonian(self, hamiltonian: Any) -> Lindblad:
        """Return a model with the same dissipation and another Hamiltonian; what was derived from the jumps is shared.

        Raises
        ------
        ValueError
            As the constructor does.
        """
        other = Lindblad(hamiltonian, (), self.dims, self.labels)
        object.__setattr__(other, "jumps", self.jumps)
        other.__dict__["total_rate"] = self.total_rate
        return other

    @property
    def dimension(self) -> int:
        """Dimension D of the Hilbert space."""
        return self.hamiltonian.shape[0]

    @cached_property
    def total_rate(self) -> sparse.csr_array:
        """Sum over L^+ L: its expectation value is the total jump rate."""
        if not self.jumps:
            return sparse.csr_array((self.dimension, self.dimension), dtype=np.complex128)
        # one product of all of them, one below the other, instead of one each: 1 ms instead of 13 for 52 jumps
        stacked = sparse.csr_array(sparse.vstack(self.jumps))
        return sparse.csr_array(stacked.conj().T @ stacked)

    @cached_property
    def effective_hamiltonian(self) -> sparse.csr_array:
        """H - (i/2) sum L^+ L, the generator of the evolution without a jump."""
        return sparse.csr_array(self.hamiltonian - 0.5j * self.total_rate)

    @cached_property
    def sectors(self) -> Sectors:
        """Invariant subspaces of the evolution between jumps; see `quantum.sectors`."""
        return find_sectors(self.effective_hamiltonian, self.jumps)

    def levels_of(self, subsystem: int) -> np.ndarray:
        """Level of `subsystem` in each basis state, shape (D,)."""
        return np.unravel_index(np.arange(self.dimension), self.dims)[subsystem]
