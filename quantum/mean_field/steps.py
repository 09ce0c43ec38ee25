"""The step of the Runge-Kutta scheme, from the fastest frequency that a parameter point can have."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from quantum.mean_field.model import Group, MeanField

RESOLUTION = 0.18
"""Step times stiffness. Two spins 1, detunings and asymmetries up to 40: amplitudes good to 5e-7 (2e-6 at 0.25)."""

LARGEST = 2.5
"""Step times stiffness beyond which the scheme of order 4 would be unstable (2.78 on the imaginary axis)."""

CLASSES_PER_OCTAVE = 4
"""Stiffness is rounded up to these classes, so that points with the same number of steps fill a block together."""

_POINTS_AT_ONCE = 4096


def numerical_radius(operator: sparse.csr_array) -> float:
    """Largest |<psi|B|psi>| of all states: the largest mean value that a group can have."""
    dense = operator.toarray()
    turned = np.exp(2j * np.pi * np.arange(32) / 32)[:, None, None] * dense
    return float(np.linalg.eigvalsh(0.5 * (turned + turned.conj().transpose(0, 2, 1))).max())


def _largest_eigenvalues(terms: list[tuple[np.ndarray, sparse.csr_array]], shape: tuple[int, ...]) -> tuple:
    """Least and largest eigenvalue of ``sum theta h`` at each point, two arrays of shape (points,)."""
    points = int(np.prod(shape, dtype=np.int64))
    if not terms:
        return np.zeros(points), np.zeros(points)
    thetas = [np.broadcast_to(theta, shape).ravel() for theta, _ in terms]
    dense = [h.toarray() for _, h in terms]
    if not any((h - np.diag(np.diag(h))).any() for h in dense):
        values = sum(theta[:, None] * np.diag(h).real for theta, h in zip(thetas, dense, strict=True))
        return values.min(axis=1), values.max(axis=1)
    low, high = np.empty(points), np.empty(points)
    for start in range(0, points, _POINTS_AT_ONCE):
        part = slice(start, start + _POINTS_AT_ONCE)
        total = sum(theta[part, None, None] * h for theta, h in zip(thetas, dense, strict=True))
        values = np.linalg.eigvalsh(total)
        low[part], high[part] = values[:, 0], values[:, -1]
    return low, high


def _local(group: Group, shape: tuple[int, ...]) -> np.ndarray:
    low, high = _largest_eigenvalues(list(group.hamiltonian), shape)
    rates = [(rate, sparse.csr_array(jump.conj().T @ jump)) for rate, jump in group.jumps]
    return (high - low) + _largest_eigenvalues(rates, shape)[1]


def stiffness(model: MeanField) -> np.ndarray:
    """Fastest frequency of each point: level splittings, decay, and the splitting by the largest fields; shape (points,)."""
    total = np.stack([_local(group, model.shape) for group in model.groups])
    for term in model.couplings:
        # c A <B> + h.c. has eigenvalues of at most 2 |c| w(A) w(B) either way
        splitting = 4.0 * numerical_radius(term.operator) * numerical_radius(term.mean)
        total[term.group] += splitting * np.broadcast_to(abs(term.coefficient), model.shape).ravel()
    return total.max(axis=0)


def step_classes(model: MeanField) -> np.ndarray:
    """Class of each point's stiffness, a whole number; `class_step` gives its step."""
    fastest = np.maximum(stiffness(model), 1e-6)
    return np.ceil(CLASSES_PER_OCTAVE * np.log2(fastest)).astype(np.int64)


def class_step(number: int) -> float:
    """Longest step for the points of a class."""
    return RESOLUTION / 2.0 ** (number / CLASSES_PER_OCTAVE)
