"""Initial states of an evolution: a basis index, levels, a state vector or a density matrix, read as matrix elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from quantum.density import Density
from quantum.jumps.start import basis_or_matrix
from quantum.lindblad import Lindblad


def initial_elements(model: Lindblad, initial: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows, columns and values of the non-zero elements of the density matrix that `initial` stands for."""
    if isinstance(initial, Density) and initial.values.ndim == 1:
        return density_elements("initial", model, initial)
    read = basis_or_matrix(model, initial)
    if isinstance(read, int):
        return np.array([read]), np.array([read]), np.ones(1, dtype=np.complex128)
    matrix = np.outer(read, read.conj()) if read.ndim == 1 else read
    rows, cols = np.nonzero(matrix)
    return rows, cols, matrix[rows, cols]


def density_elements(name: str, model: Lindblad, state: Density) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Non-zero elements of a single `Density` of the model's dimensions."""
    if not isinstance(state, Density) or state.dims != model.dims or state.values.ndim != 1:
        raise ValueError(f"Argument `{name}` must be a single Density with dims {model.dims}.")
    held = state.values != 0
    return state.rows[held], state.cols[held], state.values[held]
