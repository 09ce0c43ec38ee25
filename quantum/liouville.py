r"""The generator of a small Lindblad model as a dense matrix, and bases of Hermitian matrices in which it is real.

Density matrices are vectors in row-major order, ``vec(rho)[D i + j] = rho[i, j]``, and ``vec(A rho B) = (A x B^T) vec(rho)``.
For subsystems of some ten levels the whole matrix is at hand: 81 x 81 for a transmon and its resonator, three levels each.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from quantum.checks import at_least, instance
from quantum.lindblad import Lindblad
from quantum.memory import require_memory


def liouvillian(model: Lindblad) -> np.ndarray:
    """Return L with ``d vec(rho)/dt = L vec(rho)``, shape (D^2, D^2), complex.

    Raises
    ------
    ValueError
        If `model` is no `Lindblad`.
    MemoryError
        If D^4 complex numbers do not fit.
    """
    instance("model", model, Lindblad)
    size = model.dimension
    require_memory(48.0 * size**4, "The dense generator")
    one = np.eye(size)
    heff = -1j * model.effective_hamiltonian.toarray()
    out = np.kron(heff, one) + np.kron(one, heff.conj())
    for jump in model.jumps:
        matrix = jump.toarray()
        out += np.kron(matrix, matrix.conj())
    return out


def hermitian_basis(levels: int) -> np.ndarray:
    r"""Orthonormal Hermitian matrices of one subsystem, shape (levels^2, levels, levels).

    First the projectors :math:`|n\rangle\langle n|`, then for every n < m of `level_pairs` the pair
    :math:`X = (|n\rangle\langle m| + |m\rangle\langle n|)/\sqrt2` and
    :math:`Y = -i(|n\rangle\langle m| - |m\rangle\langle n|)/\sqrt2`: rho = x X + y Y has :math:`\rho_{nm} = (x - iy)/\sqrt2`.
    """
    at_least("levels", levels, 1)
    out = np.zeros((levels**2, levels, levels), dtype=np.complex128)
    out[np.arange(levels), np.arange(levels), np.arange(levels)] = 1.0
    for k, (n, m) in enumerate(level_pairs(levels)):
        x, y = out[levels + 2 * k], out[levels + 2 * k + 1]
        x[n, m] = x[m, n] = math.sqrt(0.5)
        y[n, m], y[m, n] = -1j * math.sqrt(0.5), 1j * math.sqrt(0.5)
    return out


def level_pairs(levels: int) -> list[tuple[int, int]]:
    """The pairs n < m in the order of `hermitian_basis`."""
    return [(n, m) for n in range(levels) for m in range(n + 1, levels)]


def basis_change(dims: Sequence[int]) -> np.ndarray:
    """Columns: vec of the products of `hermitian_basis` matrices, shape (D^2, D^2), unitary.

    Column index: row-major in the numbers of the subsystems' basis matrices.
    """
    out = np.ones((1, 1, 1), dtype=np.complex128)
    for levels in dims:
        basis = hermitian_basis(levels)
        product = np.einsum("aij,bkl->abikjl", out, basis)
        out = product.reshape(len(out) * len(basis), *(out.shape[1] * levels,) * 2)
    return out.reshape(len(out), -1).T


def in_hermitian_basis(superoperator: np.ndarray, dims: Sequence[int]) -> np.ndarray:
    """Return a superoperator that keeps matrices Hermitian in the product basis, where it is real; shape (D^2, D^2)."""
    basis = basis_change(dims)
    return np.ascontiguousarray((basis.conj().T @ superoperator @ basis).real)


def to_components(matrix: np.ndarray, dims: Sequence[int]) -> np.ndarray:
    """Components of a Hermitian matrix (D, D) in the product basis, real, shape (levels^2, ...), one axis a subsystem."""
    tensor = np.asarray(matrix, dtype=np.complex128).reshape(*dims, *dims)
    count = len(dims)
    # what is left of the matrix, rows then columns of the subsystems to come, and the components already found last
    for done, levels in enumerate(dims):
        tensor = np.tensordot(tensor, hermitian_basis(levels).conj(), axes=([0, count - done], [1, 2]))
    return np.ascontiguousarray(tensor.real)


def from_components(components: np.ndarray, dims: Sequence[int]) -> np.ndarray:
    """The matrix (D, D) with these components; the inverse of `to_components`."""
    count, size = len(dims), math.prod(dims)
    tensor = np.asarray(components, dtype=np.complex128)
    for levels in dims:
        tensor = np.tensordot(tensor, hermitian_basis(levels), axes=([0], [0]))
    # axes: row and column of each subsystem, in turn
    order = [2 * j for j in range(count)] + [2 * j + 1 for j in range(count)]
    return tensor.transpose(order).reshape(size, size)
