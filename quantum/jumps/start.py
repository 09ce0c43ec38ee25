"""Initial states of trajectories, and the partition of the basis in which a trajectory keeps to one sector at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from quantum.density import Density
from quantum.lindblad import Lindblad
from quantum.sectors import Sectors, find_sectors


@dataclass(frozen=True, eq=False)
class Mixture:
    """A mixture of pure states, each inside one sector: what a trajectory draws its start from."""

    weights: np.ndarray
    sectors: np.ndarray
    amplitudes: tuple[np.ndarray, ...]  # on the states of the sector, normalised


def basis_or_matrix(model: Lindblad, initial: Any) -> int | np.ndarray:
    """Read `initial`: a basis index, a state vector (D,), or a density matrix (D, D).

    Raises
    ------
    ValueError
        If it is none of these, lies outside the basis, or is not normalised to 1e-8.
    """
    if isinstance(initial, int | np.integer) and not isinstance(initial, bool):
        if not 0 <= initial < model.dimension:
            raise ValueError(f"Argument `initial` must be a basis index below {model.dimension}, but is {initial}.")
        return int(initial)
    if isinstance(initial, tuple):
        whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in initial)
        if (
            not whole
            or len(initial) != len(model.dims)
            or any(not 0 <= n < d for n, d in zip(initial, model.dims, strict=False))
        ):
            raise ValueError(
                f"Argument `initial` must name one level of each subsystem, of which there are {model.dims}, but is {initial}."
            )
        return int(np.ravel_multi_index(initial, model.dims))
    if isinstance(initial, Density):
        initial = initial.dense()
    try:
        array = np.asarray(initial.toarray() if sparse.issparse(initial) else initial, dtype=np.complex128)
    except (TypeError, ValueError):
        raise ValueError(
            "Argument `initial` must be a basis index, a tuple of levels, a state vector or a density matrix, "
            f"but is a {type(initial).__name__}."
        ) from None
    if not np.isfinite(array).all():
        raise ValueError("Argument `initial` must be finite, but has entries that are not.")
    if array.shape == (model.dimension,):
        return _checked_vector(array)
    if array.shape == (model.dimension, model.dimension):
        return _checked_density(array)
    raise ValueError(
        f"Argument `initial` must have shape ({model.dimension},) or ({model.dimension}, {model.dimension}), "
        f"but has shape {array.shape}."
    )


def _checked_vector(psi: np.ndarray) -> np.ndarray:
    norm = np.linalg.norm(psi)
    if abs(norm - 1.0) > 1e-8:
        raise ValueError(f"Argument `initial` must have norm 1, but has norm {norm:.9g}.")
    return psi / norm


def _checked_density(rho: np.ndarray) -> np.ndarray:
    if np.abs(rho - rho.conj().T).max() > 1e-10:
        raise ValueError("Argument `initial` must be a Hermitian density matrix, but is not Hermitian.")
    trace = np.trace(rho).real
    if abs(trace - 1.0) > 1e-8:
        raise ValueError(f"Argument `initial` must have trace 1, but has trace {trace:.9g}.")
    return rho / trace


def partition_for(
    model: Lindblad, initial: int | np.ndarray, observables: Sequence[sparse.csr_array], coherences: bool
) -> Sectors:
    """Return the finest partition in which sampling one sector per trajectory is exact for all that is asked.

    From a start in one sector that is the model's own. From a start in several, coherences between sectors must not be
    needed: sectors that an observable links are joined, and so are two sectors that one channel maps into the same
    third, since the coherence between them then turns into population.
    """
    if coherences:
        return whole_space(model)
    partition = model.sectors
    if np.unique(partition.of_state[_support(initial)]).size == 1:
        return partition
    links = sparse.csr_array((model.dimension, model.dimension))
    for observable in observables:
        links = links + abs(observable)
    while True:
        partition = find_sectors(sparse.csr_array(abs(model.effective_hamiltonian) + links), model.jumps)
        colliding = _colliding(partition)
        if not colliding:
            return partition
        a, b = np.array([[partition.states[s][0] for s in pair] for pair in colliding]).T
        links = links + sparse.csr_array((np.ones(a.size), (a, b)), shape=links.shape)


def whole_space(model: Lindblad) -> Sectors:
    """The partition into one sector."""
    everything = np.arange(model.dimension)
    target = np.array([[0 if jump.nnz else -1] for jump in model.jumps], dtype=np.int64).reshape(-1, 1)
    return Sectors(np.zeros(model.dimension, dtype=np.int64), everything, (everything,), target)


def _colliding(partition: Sectors) -> list[tuple[int, int]]:
    """Pairs of sectors with a common target in one channel."""
    pairs = []
    for target in partition.target:
        order = np.argsort(target, kind="stable")
        order = order[target[order] >= 0]
        same = target[order[1:]] == target[order[:-1]]
        pairs += list(zip(order[1:][same].tolist(), order[:-1][same].tolist(), strict=True))
    return pairs


def _support(initial: int | np.ndarray) -> np.ndarray:
    if isinstance(initial, int):
        return np.array([initial])
    return np.flatnonzero(initial if initial.ndim == 1 else initial.diagonal().real)


def mixture(initial: int | np.ndarray, partition: Sectors) -> Mixture:
    """Split the start into pure components, one sector each: projections of a vector, eigenvectors of the blocks of a matrix.

    Raises
    ------
    ValueError
        If a block of a density matrix has an eigenvalue below -1e-10.
    """
    parts: list[tuple[float, int, np.ndarray]] = []
    for s in np.unique(partition.of_state[_support(initial)]).tolist():
        members = partition.states[s]
        if isinstance(initial, int):
            parts.append((1.0, s, (members == initial).astype(np.complex128)))
        elif initial.ndim == 1:
            parts.append((1.0, s, initial[members]))
        else:
            values, vectors = np.linalg.eigh(initial[np.ix_(members, members)])
            if values[0] < -1e-10:
                raise ValueError(
                    f"Argument `initial` must be positive semidefinite, but has an eigenvalue of {values[0]:.3g}."
                )
            parts += [(float(v), s, vectors[:, k]) for k, v in enumerate(values) if v > 1e-14]
    norms = np.array([np.linalg.norm(vector) for _, _, vector in parts])
    weights = norms**2 * np.array([weight for weight, _, _ in parts])
    amplitudes = tuple(vector / norm for (_, _, vector), norm in zip(parts, norms, strict=True))
    return Mixture(weights / weights.sum(), np.array([s for _, s, _ in parts]), amplitudes)
