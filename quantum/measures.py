"""Measures of density matrices: purity, entropy, correlations and entanglement.

Every function takes a `Density` or a dense array of shape (..., D, D) and returns one number per matrix, shape (...).
Spectra are computed block by block on the connected components of the sparsity pattern, so that the state of a network
that conserves the total number costs as much as its largest sector. (Partial transposition keeps a block structure:
for a pair it turns conservation of n_1 + n_2 into conservation of n_1 - n_2.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.special import xlogy

from quantum.dense import as_density
from quantum.density import Density


def purity(state: Any) -> np.ndarray:
    """Purity tr rho^2, between 1/D and 1.

    Parameters
    ----------
    state : Density or array, shape (..., D, D)
        Density matrices of trace 1.

    Raises
    ------
    ValueError
        If `state` is not Hermitian, finite and of trace 1.
    """
    values = _normalised(state).values
    return (values.real**2 + values.imag**2).sum(axis=-1)


def entropy(state: Any) -> np.ndarray:
    """Von Neumann entropy -tr rho ln rho, in nats.

    Eigenvalues that rounding or sampling made negative count as 0.

    Parameters
    ----------
    state : Density or array, shape (..., D, D)
        Density matrices of trace 1.

    Raises
    ------
    ValueError
        If `state` is not Hermitian, finite and of trace 1.
    """
    eigenvalues = np.maximum(_eigenvalues(_normalised(state)), 0.0)
    return -xlogy(eigenvalues, eigenvalues).sum(axis=-1)


def mutual_information(
    state: Any, first: int | Sequence[int], second: int | Sequence[int] | None = None, dims: Sequence[int] | None = None
) -> np.ndarray:
    """Quantum mutual information S(A) + S(B) - S(AB) of two groups of subsystems, in nats.

    Parameters
    ----------
    state : Density or array, shape (..., D, D)
        Density matrices of trace 1.
    first : int or sequence of int
        The subsystems A.
    second : int or sequence of int, optional
        The subsystems B; default all others. What is in neither group is traced out.
    dims : sequence of int, optional
        Levels of each subsystem; needed for an array only.

    Raises
    ------
    ValueError
        If a group is empty or the two overlap, or `state` is not Hermitian, finite and of trace 1.
    """
    density, a, b = _bipartite(state, first, second, dims)
    joint = density.reduced([*a, *b])
    return entropy(density.reduced(a)) + entropy(density.reduced(b)) - entropy(joint)


def logarithmic_negativity(
    state: Any, first: int | Sequence[int], second: int | Sequence[int] | None = None, dims: Sequence[int] | None = None
) -> np.ndarray:
    """Logarithmic negativity log2 ||rho^(T_A)||_1 of two groups of subsystems, in ebits; 0 where separable.

    Parameters
    ----------
    state, first, second, dims
        As for `mutual_information`.

    Raises
    ------
    ValueError
        As for `mutual_information`.

    References
    ----------
    .. [1] Vidal and Werner, Phys. Rev. A 65, 032314 (2002); Plenio, Phys. Rev. Lett. 95, 090503 (2005).
    """
    density, a, b = _bipartite(state, first, second, dims)
    transposed = _partial_transpose(density.reduced([*a, *b]), len(a))
    # the sum of |eigenvalues| of a matrix of trace 1 is 1 + 2 |their negative part|, which does not lose digits
    negative = -np.minimum(_eigenvalues(transposed), 0.0).sum(axis=-1)
    return np.log1p(2 * negative) / np.log(2.0)


def concurrence(state: Any) -> np.ndarray:
    """Concurrence of two qubits, from 0 (separable) to 1 (maximally entangled).

    Parameters
    ----------
    state : Density or array, shape (..., 4, 4)
        Density matrices of trace 1; a `Density` must have dims (2, 2).

    Raises
    ------
    ValueError
        If the state is not one of two qubits, or not Hermitian, finite and of trace 1.

    Notes
    -----
    With rho = A A^+, Wootters' numbers are the singular values of the symmetric matrix A^T (sigma_y x sigma_y) A; this
    avoids the square roots of eigenvalues of a matrix that is not normal, which lose half of the digits.

    References
    ----------
    .. [1] Wootters, Phys. Rev. Lett. 80, 2245 (1998).
    """
    density = _normalised(state)
    if density.dimension != 4 or density.dims not in ((2, 2), (4,)):
        raise ValueError(f"Argument `state` must be of two qubits, dims (2, 2), but has dims {density.dims}.")
    eigenvalues, vectors = np.linalg.eigh(density.dense())
    root = vectors * np.sqrt(np.maximum(eigenvalues, 0.0))[..., None, :]
    flip = np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0]))  # sigma_y x sigma_y
    singular = np.linalg.svd(np.swapaxes(root, -1, -2) @ flip @ root, compute_uv=False)
    return np.maximum(0.0, 2 * singular[..., 0] - singular.sum(axis=-1))


def _normalised(state: Any, dims: Sequence[int] | None = None) -> Density:
    density = as_density(state, dims)
    if not np.isfinite(density.values).all():
        raise ValueError("Argument `state` must be finite, but has elements that are not.")
    trace = density.trace()
    off = np.abs(trace - 1.0)
    if off.size and off.max() > 1e-6:
        raise ValueError(f"Argument `state` must have trace 1, but a trace is {trace.flat[off.argmax()]:.6g}.")
    return density


def _bipartite(
    state: Any, first: int | Sequence[int], second: int | Sequence[int] | None, dims: Sequence[int] | None
) -> tuple[Density, list[int], list[int]]:
    density = _normalised(state, dims)
    everything = range(len(density.dims))
    a = _group("first", first, everything)
    b = [j for j in everything if j not in a] if second is None else _group("second", second, everything)
    if not b:
        raise ValueError(
            f"Argument `first` must leave out at least one of {len(everything)} subsystems, but is {first}."
        )
    if set(a) & set(b):
        raise ValueError(f"Argument `second` must share no subsystem with `first` ({first}), but is {second}.")
    return density, a, b


def _group(name: str, subsystems: int | Sequence[int], everything: range) -> list[int]:
    group = [int(subsystems)] if isinstance(subsystems, int | np.integer) else [int(j) for j in subsystems]
    if not group or len(set(group)) < len(group) or not set(group) <= set(everything):
        raise ValueError(
            f"Argument `{name}` must hold different subsystems from 0 to {len(everything) - 1}, but is {subsystems!r}."
        )
    return group


def _partial_transpose(density: Density, count: int) -> Density:
    """The transpose on the first `count` subsystems."""
    row, col = (list(np.unravel_index(index, density.dims)) for index in (density.rows, density.cols))
    rows = np.ravel_multi_index((*col[:count], *row[count:]), density.dims)
    cols = np.ravel_multi_index((*row[:count], *col[count:]), density.dims)
    return Density(density.dims, rows, cols, density.values)


def _eigenvalues(density: Density) -> np.ndarray:
    """Eigenvalues, block by block and so in no particular order, shape (..., D)."""
    size = density.dimension
    pattern = sparse.coo_array((np.ones(density.rows.size), (density.rows, density.cols)), shape=(size, size))
    count, block = connected_components(pattern, directed=False)
    sizes = np.bincount(block, minlength=count)
    position = np.empty(size, dtype=np.int64)
    position[np.argsort(block, kind="stable")] = np.arange(size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    batches = []
    for width in np.unique(sizes):  # blocks of one width go through LAPACK in one call
        chosen = np.flatnonzero(sizes == width)
        place = np.full(count, -1)
        place[chosen] = np.arange(chosen.size)
        inside = place[block[density.rows]] >= 0
        rows, cols = density.rows[inside], density.cols[inside]
        dense = np.zeros((*density.values.shape[:-1], chosen.size, width, width), dtype=np.complex128)
        dense[..., place[block[rows]], position[rows], position[cols]] = density.values[..., inside]
        values = dense[..., 0].real if width == 1 else np.linalg.eigvalsh(dense)
        batches.append(values.reshape(*values.shape[:-2], -1))
    return np.concatenate(batches, axis=-1)
