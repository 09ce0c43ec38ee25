r"""The classical rate equation of the populations: the coarse correction of the Krylov solvers.

Coherences between states i and k that Heff couples are slaved to the populations,
``rho_ik = i H_ik (p_k - p_i)/Delta_ik`` with ``Delta_ik = -i(H_ii - H_kk^*)``, which makes them hop at the golden-rule rate

.. math:: w_{ik} = 2|H_{ik}|^2\, \mathrm{Re}(-1/\Delta_{ik}).

With the jump rates this is a classical master equation. It knows the slow modes (populations of weakly pumped levels) that
cost a Krylov method most of its products: with it the ring of four at 6 levels takes 25 products instead of 67.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from quantum.generator import Generator

# Part of the largest rate by which the singular rate matrix is shifted before it is factorised.
REGULARISATION = 1e-7

# Part of the largest rate to which linewidths of coherences are raised.
LINEWIDTH_FLOOR = 1e-6


class RateEquation:
    """Approximate inverse, on populations, of ``y -> y + J (L0 - shift)^-1 y``.

    Parameters
    ----------
    generator : Generator
        On blocks that hold populations.
    shift : array, shape (D,)
        Rate of the jumps that do nothing (see `NoJumpInverse.shift`), per basis state.
    """

    def __init__(self, generator: Generator, shift: np.ndarray) -> None:
        structure = generator.structure
        dimension = structure.indptr.size - 1
        self.places = structure.blocks.diagonal
        shape = (dimension, dimension)
        jump = structure.jump
        full = sparse.csr_array(
            (generator.jump, jump.indices, _spread_pointer(jump.image, jump.indptr, structure.blocks.elements)),
            shape=(structure.blocks.elements,) * 2,
        )
        self.arrivals = sparse.csr_array(abs(full[self.places][:, self.places]) + sparse.diags_array(shift))
        row = np.repeat(np.arange(dimension), np.diff(structure.indptr))
        col, off = structure.indices, generator.heff
        level = generator.diagonal
        # a floor on the linewidth, since levels without decay would hop at an infinite rate
        linewidth = 0.5 * (generator.rates[row] + generator.rates[col] + shift[row] + shift[col])
        linewidth = np.maximum(linewidth, LINEWIDTH_FLOOR * generator.scale)
        detuning = level.real[row] - level.real[col]
        rate = np.where(row == col, 0.0, 2.0 * abs(off) ** 2 * linewidth / (linewidth**2 + detuning**2))
        hop = sparse.csr_array((rate, (row, col)), shape=shape)
        jump_rates = generator.rates + shift
        loss = np.asarray(hop.sum(axis=0)).ravel()
        self.between_jumps = sparse.csr_array(hop - sparse.diags_array(loss + jump_rates))
        smallest = REGULARISATION * max(generator.scale, loss.max(initial=0.0))
        total = self.between_jumps + self.arrivals - smallest * sparse.eye_array(dimension)
        self._factors = splu(sparse.csc_matrix(total))

    def correct(self, populations: np.ndarray) -> np.ndarray:
        """The approximate inverse on the populations of y, complex."""
        if populations.imag.any():
            return self._correct_real(populations.real) + 1j * self._correct_real(populations.imag)
        return self._correct_real(populations.real).astype(np.complex128)

    def _correct_real(self, populations: np.ndarray) -> np.ndarray:
        # Along the steady state the shifted matrix is nearly singular and would blow rounding errors up.
        p = self._factors.solve(populations - populations.sum() * self.steady_populations)
        return self.between_jumps @ (p - p.sum() * self.steady_populations)

    @cached_property
    def steady_populations(self) -> np.ndarray:
        """Steady state of the rate equation, by inverse iteration; sums to one."""
        p = np.full(self.places.size, 1.0 / self.places.size)
        for _ in range(3):
            p = abs(self._factors.solve(p))
            p /= p.sum()
        return p


def _spread_pointer(image: np.ndarray, indptr: np.ndarray, size: int) -> np.ndarray:
    """Row pointer of a CSR matrix with `size` rows from that of its non-empty rows `image`."""
    counts = np.zeros(size, dtype=np.int64)
    counts[image] = np.diff(indptr)
    return np.concatenate([[0], np.cumsum(counts)])
