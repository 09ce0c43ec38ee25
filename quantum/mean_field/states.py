"""States of all groups over a grid of parameter points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from quantum.matrices import operator
from quantum.mean_field.components import functional, offsets, pack, unpack
from quantum.mean_field.model import MeanField


@dataclass(frozen=True, eq=False)
class States:
    """Density matrices of all groups at all points of a grid.

    Attributes
    ----------
    shape : tuple of int
        Shape of the grid.
    dims : tuple of int
        Levels of each group.
    components : array of float, shape (points, components)
        Real components; see `quantum.mean_field.components`.
    """

    shape: tuple[int, ...]
    dims: tuple[int, ...]
    components: np.ndarray

    def matrices(self, group: int) -> np.ndarray:
        """Density matrices of one group, shape ``shape + (d, d)``."""
        d = self.dims[group]
        edges = offsets(self.dims)
        part = self.components[:, edges[group] : edges[group + 1]]
        return unpack(part, (d,))[0].reshape((*self.shape, d, d))

    def expect(self, group: int, observable: Any) -> np.ndarray:
        """``Tr[B rho_group]``, complex, shape of the grid."""
        matrix = operator("observable", observable, self.dims[group])
        edges = offsets(self.dims)
        part = self.components[:, edges[group] : edges[group + 1]]
        re, im = functional(matrix)
        # elementwise sums: a matrix product may round differently for another number of points
        return ((part * re).sum(axis=1) + 1j * (part * im).sum(axis=1)).reshape(self.shape)


def as_states(name: str, model: MeanField, value: Any) -> States:
    """Read states of a model: `States`, or one Hermitian matrix (or a grid of them) of trace one per group."""
    if isinstance(value, States):
        if value.dims != model.dims or value.shape not in (model.shape, ()):
            raise ValueError(
                f"Argument `{name}` must have dims {model.dims} and grid {model.shape}, "
                f"but has {value.dims} and {value.shape}."
            )
        components = np.broadcast_to(value.components, (model.points, value.components.shape[1]))
        return States(model.shape, model.dims, np.array(components))
    try:
        listed = [np.asarray(matrix, dtype=np.complex128) for matrix in value]
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must be one density matrix per group.") from None
    if len(listed) != len(model.dims):
        raise ValueError(f"Argument `{name}` must hold one density matrix per group, {len(model.dims)} of them.")
    matrices = []
    for g, (matrix, d) in enumerate(zip(listed, model.dims, strict=True)):
        try:
            full = np.broadcast_to(matrix, (*model.shape, d, d)).reshape(-1, d, d)
        except ValueError:
            raise ValueError(
                f"Argument `{name}[{g}]` must have shape {(d, d)}, or that on the grid {model.shape}, "
                f"but has shape {matrix.shape}."
            ) from None
        if not np.isfinite(full).all() or abs(full - full.conj().swapaxes(1, 2)).max(initial=0.0) > 1e-9:
            raise ValueError(f"Argument `{name}[{g}]` must be Hermitian to 1e-9, but is not.")
        if abs(np.trace(full, axis1=1, axis2=2) - 1.0).max(initial=0.0) > 1e-9:
            raise ValueError(f"Argument `{name}[{g}]` must have trace one to 1e-9, but has not.")
        matrices.append(full)
    return States(model.shape, model.dims, pack(matrices, model.dims))
