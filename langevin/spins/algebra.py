"""Phase-point matrices of d-level systems in real components, and operators acting on them.

A Hermitian d x d matrix A is stored as d^2 real numbers: its diagonal A_00 .. A_(d-1)(d-1), then (Re A_jk, Im A_jk) for
each pair j > k in the order (1, 0), (2, 0), (2, 1), (3, 0), ...
"""

from __future__ import annotations

from typing import Any

import numpy as np

from langevin.streams import Seed, words


def pairs_of(levels: int) -> list[tuple[int, int]]:
    """Pairs (j, k), j > k, in the order of the components."""
    return [(j, k) for j in range(levels) for k in range(j)]


def components(matrix: Any) -> np.ndarray:
    """Real components of Hermitian matrices, (..., d, d) to (..., d^2)."""
    matrix = np.asarray(matrix)
    levels = matrix.shape[-1]
    columns = [matrix[..., n, n].real for n in range(levels)]
    for j, k in pairs_of(levels):
        columns += [matrix[..., j, k].real, matrix[..., j, k].imag]
    return np.stack(columns, axis=-1)


def matrices(values: np.ndarray) -> np.ndarray:
    """Hermitian matrices of real components, (..., d^2) to (..., d, d)."""
    levels = round(np.sqrt(values.shape[-1]))
    out = np.zeros((*values.shape[:-1], levels, levels), dtype=np.complex128)
    for n in range(levels):
        out[..., n, n] = values[..., n]
    for at, (j, k) in enumerate(pairs_of(levels)):
        out[..., j, k] = values[..., levels + 2 * at] + 1j * values[..., levels + 2 * at + 1]
        out[..., k, j] = out[..., j, k].conj()
    return out


def functional(operator: np.ndarray) -> np.ndarray:
    """The vector w with tr(O A) = w . components(A); complex, shape (d^2,)."""
    return np.einsum("ab,mba->m", operator, _basis(operator.shape[0]))


def precession(hamiltonian: np.ndarray) -> np.ndarray:
    """Matrix of A -> -i [H, A] on the components, shape (d^2, d^2)."""
    return _superoperator(lambda a: -1j * (hamiltonian @ a - a @ hamiltonian), hamiltonian.shape[0])


def dissipator(jump: np.ndarray) -> np.ndarray:
    """Matrix of A -> c A c^+ - {c^+ c, A}/2 on the components, shape (d^2, d^2)."""
    rate = jump.conj().T @ jump
    return _superoperator(lambda a: jump @ a @ jump.conj().T - 0.5 * (rate @ a + a @ rate), jump.shape[0])


def phase_points(states: np.ndarray, seed: Seed, first: int, count: int) -> np.ndarray:
    r"""Sample phase-point matrices of product states.

    A site's density matrix is decomposed into its eigenstates; one, :math:`|n\rangle`, is drawn with its weight, and the
    matrix is :math:`|n\rangle\langle n| + \sum_{k\neq n}(a_k|k\rangle\langle n| + h.c.)` with independent
    :math:`a_k = (\pm1\pm i)/2`: every Gell-Mann operator of the eigenbasis takes one of its eigenvalues (for spins 1/2 along
    z: x, y = +-1/2). Means and all symmetrized products of two operators of one site are exact.

    Parameters
    ----------
    states : complex array, shape (sites, d, d)
        Density matrices.
    first, count : int
        Trajectories first, ..., first + count - 1.

    Returns
    -------
    float array, shape (sites, d^2, count)
        Components.
    """
    sites, levels = states.shape[:2]
    weights, bases = np.linalg.eigh(states)
    out = np.empty((sites, levels**2, count))
    lanes = np.arange(count)
    for site in range(sites):
        random = words(seed, "phase points", first, count, draw=site)
        uniform = (random[0] + 0.5) * 2.0**-32
        chosen = np.minimum(np.searchsorted(np.cumsum(weights[site]), uniform, side="right"), levels - 1)
        bits = (random[1][:, None] >> np.arange(2 * levels, dtype=np.uint32)) & np.uint32(1)
        signs = 0.5 - bits.reshape(count, levels, 2)
        local = np.zeros((count, levels, levels), dtype=np.complex128)
        local[lanes, :, chosen] = signs[..., 0] + 1j * signs[..., 1]
        local += local.conj().swapaxes(1, 2)
        local[lanes, chosen, chosen] = 1.0
        basis = bases[site]
        out[site] = components(basis @ local @ basis.conj().T).T
    return out


def _basis(levels: int) -> np.ndarray:
    """The Hermitian matrices that the components multiply, shape (d^2, d, d)."""
    return matrices(np.eye(levels**2))


def _superoperator(action: Any, levels: int) -> np.ndarray:
    return components(np.stack([action(a) for a in _basis(levels)])).T
