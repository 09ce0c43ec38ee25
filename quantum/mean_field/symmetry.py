r"""Phase symmetries: charges under which the equations are invariant, and so the frequencies that waves rotate with.

A charge Q is one diagonal matrix per group. The equations are unchanged by ``rho -> e^{-i theta Q} rho e^{i theta Q}``
if every term of H keeps the charge, every jump operator shifts it by one amount, and in every coupling A <B> the
shifts of A and B cancel.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.linalg import null_space

from quantum.mean_field.components import commutator, offsets, real_superoperator
from quantum.mean_field.model import MeanField


def _shifts(matrix: sparse.csr_array, first_level: int, levels: int) -> np.ndarray:
    """One row per entry (i, j): +1 at level i, -1 at level j, over the levels of all groups."""
    entries = matrix.tocoo()
    out = np.zeros((entries.nnz, levels))
    n = np.arange(entries.nnz)
    np.add.at(out, (n, first_level + entries.row), 1.0)
    np.add.at(out, (n, first_level + entries.col), -1.0)
    return out


def charges(model: MeanField) -> list[list[np.ndarray]]:
    """Independent charges that rotate some mean value of the couplings; each as one vector of charges per group.

    The mean value that defines a charge has a shift of one in absolute value, level 0 has charge zero, and charges
    ascend with the levels on the whole. One for groups that are coupled with a phase symmetry, none without it, several
    where couplings fall into independent sets.
    """
    first = np.concatenate([[0], np.cumsum(model.dims)])
    total = int(first[-1])
    conditions = [np.eye(total)[first[:-1]]]
    for g, group in enumerate(model.groups):
        conditions += [_shifts(h, first[g], total) for _, h in group.hamiltonian]
        jumps = [_shifts(jump, first[g], total) for _, jump in group.jumps if jump.nnz]
        conditions += [shift[1:] - shift[0] for shift in jumps]
    means = []
    for term in model.couplings:
        if term.operator.nnz and term.mean.nnz:
            a = _shifts(term.operator, first[term.group], total)
            b = _shifts(term.mean, first[term.source], total)
            conditions += [a[1:] - a[0], b[1:] - b[0], a[:1] + b[:1]]
            means.append(b[0])
    free = null_space(np.concatenate(conditions))
    chosen: list[np.ndarray] = []
    for shift in means:
        if np.linalg.matrix_rank(np.array([*chosen, shift]) @ free, tol=1e-9) > len(chosen):
            chosen.append(shift)
    if not chosen:
        return []
    basis = free @ np.linalg.pinv(np.array(chosen) @ free)
    out = []
    for charge in basis.T:
        rising = sum(
            np.polyfit(np.arange(d), charge[f : f + d], 1)[0] for f, d in zip(first, model.dims, strict=False) if d > 1
        )
        signed = np.where(abs(charge) < 1e-12, 0.0, charge * (1.0 if rising >= 0.0 else -1.0))
        out.append([signed[f : f + d] for f, d in zip(first[:-1], model.dims, strict=True)])
    return out


def rotation(charge: list[np.ndarray], dims: tuple[int, ...]) -> np.ndarray:
    """Generator of the rotation, rho -> -i[Q, rho], on components; shape (components, components)."""
    edges = offsets(dims)
    out = np.zeros((edges[-1], edges[-1]))
    for g, (q, d) in enumerate(zip(charge, dims, strict=True)):
        part = real_superoperator(commutator(sparse.csr_array(np.diag(q.astype(np.complex128)))), d)
        out[edges[g] : edges[g + 1], edges[g] : edges[g + 1]] = part.todense()
    return out
