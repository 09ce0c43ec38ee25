r"""First-order perturbation theory about a steady state.

For ``H + epsilon V`` the steady state is ``rho_0 + epsilon rho_1 + O(epsilon^2)`` with

.. math:: L\rho_1 = i[V, \rho_0], \qquad \mathrm{tr}\,\rho_1 = 0,

which has to be solved only in the blocks that V couples to those of rho_0 and in those that the jumps reach from there.
Eqs. (S1)-(S3) of Lörch et al., Phys. Rev. Lett. 118, 243602 (2017), are the case in which each of these blocks is one element.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from quantum.density import Density
from quantum.generator import generator_of
from quantum.lindblad import Lindblad
from quantum.matrices import hermitian_operator
from quantum.solvers.blocks import Blocks, blocks_of, closed_blocks
from quantum.solvers.linear import LinearSolver
from quantum.steady import steady_state


def first_order(model: Lindblad, perturbation: Any, state: Density | None = None, tolerance: float = 1e-11) -> Density:
    """Return rho_1, the first-order change of the steady state of `model`.

    Parameters
    ----------
    model : Lindblad
        The unperturbed master equation; its steady state must be unique.
    perturbation : matrix, shape (D, D)
        V, Hermitian, to be added to the Hamiltonian.
    state : Density, optional
        rho_0, where it is already known.
    tolerance : float
        Largest |L rho_1 - i[V, rho_0]| accepted, relative to |[V, rho_0]|.

    Returns
    -------
    Density
        rho_1, traceless and Hermitian, on the blocks where it can differ from zero; it scales with V.

    Raises
    ------
    ValueError
        If `perturbation` is no Hermitian matrix of the right shape, or the steady state is not unique.
    RuntimeError
        If the equation could not be solved within `tolerance`.
    """
    v = hermitian_operator("perturbation", perturbation, model.dimension)
    zeroth = steady_state(model) if state is None else state
    shape = (model.dimension, model.dimension)
    rho = sparse.csr_array((zeroth.values, (zeroth.rows, zeroth.cols)), shape=shape)
    source = sparse.coo_array(1j * (v @ rho - rho @ v))
    blocks = _response_blocks(model, source)
    rhs = np.zeros(blocks.elements, dtype=np.complex128)
    np.add.at(rhs, blocks.index(source.row, source.col), source.data)
    solver = LinearSolver(generator_of(model, blocks))
    size = float(np.linalg.norm(rhs))
    result = solver.solve(rhs, 1e-3 * tolerance * size, hermitian=True)
    if not result.residual <= tolerance * size:
        raise RuntimeError(
            f"No first-order response within tolerance: the residual is {result.residual / size:.2e}, "
            f"the tolerance {tolerance:.2e}."
        )
    values = 0.5 * (result.x + result.x[blocks.transpose].conj())
    if blocks.diagonal.size:  # rho_1 is fixed up to the steady state: take its trace out
        trace = values[blocks.diagonal].real.sum()
        inside = blocks.index(zeroth.rows, zeroth.cols)
        values[inside] -= trace * zeroth.values
    return Density(model.dims, blocks.rows, blocks.cols, values)


def _response_blocks(model: Lindblad, source: sparse.coo_array) -> Blocks:
    """Blocks that the source reaches, with all diagonal ones if it reaches any."""
    blocks = closed_blocks(model.sectors, source.row, source.col, hermitian=True)
    if not (blocks.left == blocks.right).any():
        return blocks
    pairs = {(s, s) for s in range(len(model.sectors.states))}
    return blocks_of(model.sectors, pairs | set(zip(blocks.left.tolist(), blocks.right.tolist(), strict=True)))
