r"""Relative entropy of synchronization: how much coherence a perturbation builds up that the undriven state has not.

.. math:: \Omega(\rho) = \min_{\rho_\mathrm{lim}} S(\rho\,\|\,\rho_\mathrm{lim}) = S(\rho_\mathrm{lim}^*) - S(\rho)

(Eqs. 9-11 of Vaidya et al., Phys. Rev. A 109, 033718 (2024), after Jaseem et al., Phys. Rev. Res. 2, 043287 (2020)). The
closest limit-cycle state is a projection of rho: on what is diagonal in the eigenbasis :math:`|\lambda_j\rangle` of the
undriven state, or, for partially coherent limit cycles (Appendix B), on the blocks of equal charge.

**Weak drive.** With :math:`\rho = \rho_0 + \epsilon\rho_1 + \dots` both give, exactly in the limit,

.. math::

    \frac{\Omega}{\epsilon^2} \to \sum_{j<k} |\langle\lambda_j|\rho_1|\lambda_k\rangle|^2
        \frac{\ln\lambda_j - \ln\lambda_k}{\lambda_j - \lambda_k},

because :math:`\rho_1` has no elements inside of a block; what the choice of limit cycle changes is of order :math:`\epsilon^4`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import xlogy

from compare import checks

LIMIT_CYCLES = ("diagonal", "block")

# Eigenvalues below this count as this: rounding of what is zero
SMALLEST = 1e-16


def symmetric_eigenbasis(rho: Any, charge: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues and eigenvectors of a state that is symmetric, block by block.

    Parameters
    ----------
    rho : array, shape (D, D)
        Hermitian; elements between different charges are ignored.
    charge : array of float, shape (D,)
        Charge of each basis state.

    Returns
    -------
    values : array of float, shape (D,)
    vectors : array of complex, shape (D, D)
        One eigenvector per column; each has one charge, that of the basis state in its place.
    """
    matrix, label = np.asarray(rho), np.round(np.asarray(charge, dtype=np.float64), 9)
    values, vectors = np.zeros(label.size), np.zeros(matrix.shape, dtype=np.complex128)
    for one in np.unique(label):
        inside = np.flatnonzero(label == one)
        values[inside], vectors[np.ix_(inside, inside)] = np.linalg.eigh(matrix[np.ix_(inside, inside)])
    return values, vectors


def sync_entropy(rho: Any, undriven: Any, charge: Any, limit_cycle: str = "diagonal") -> float:
    """Return Omega of Eqs. (10) and (11), in nats.

    Parameters
    ----------
    rho, undriven : arrays, shape (D, D)
        The driven and the undriven steady state.
    charge : array of float, shape (D,)
        Charge of each basis state under the symmetry of the undriven state, S_z say.
    limit_cycle : {"diagonal", "block"}
        Limit-cycle states diagonal in the eigenbasis of `undriven`, or block-diagonal with free coherence in each block.

    Raises
    ------
    ValueError
        If a matrix is not Hermitian with trace 1, shapes do not fit, or `limit_cycle` is none of these words.

    Notes
    -----
    A difference of two entropies: rounding leaves some 1e-15, which is 1e-5 of Omega at a drive of 1e-4 or so; see
    `sync_entropy_limit`.
    """
    checks.known("limit cycle", limit_cycle, LIMIT_CYCLES)
    matrix, label = _state("rho", rho), _charge(charge, rho)
    before = _state("undriven", undriven, matrix.shape)
    if limit_cycle == "diagonal":
        _, basis = symmetric_eigenbasis(before, label)
        nearest = np.einsum("ij,ik,kj->j", basis.conj(), matrix, basis).real
    else:
        nearest, _ = symmetric_eigenbasis(matrix, label)
    return _entropy(nearest) - _entropy(np.linalg.eigvalsh(matrix))


def sync_entropy_limit(zeroth: Any, first: Any, charge: Any) -> float:
    """Return the limit of Omega / epsilon^2 for a weak drive.

    Parameters
    ----------
    zeroth, first : arrays, shape (D, D)
        The undriven steady state and its first-order change per drive.
    charge : array of float, shape (D,)
        Charge of each basis state.

    Raises
    ------
    ValueError
        If `zeroth` is not Hermitian with trace 1, or shapes do not fit.
    """
    state = _state("zeroth", zeroth)
    values, basis = symmetric_eigenbasis(state, _charge(charge, zeroth))
    coherence = basis.conj().T @ _matrix("first", first, state.shape) @ basis
    j, k = np.triu_indices(values.size, 1)
    return float(np.sum(np.abs(coherence[j, k]) ** 2 * inverse_log_mean(values[j], values[k])))


def _state(name: str, value: Any, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """Return a density matrix; refuse what is not Hermitian with trace 1 to 1e-8."""
    matrix = _matrix(name, value, shape)
    if np.abs(matrix - matrix.conj().T).max() > 1e-8 or abs(np.trace(matrix) - 1.0) > 1e-8:
        raise ValueError(f"Argument `{name}` must be a Hermitian matrix of trace 1, but is not.")
    return matrix


def _matrix(name: str, value: Any, shape: tuple[int, ...] | None) -> np.ndarray:
    try:
        matrix = np.asarray(value, dtype=np.complex128)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must be a matrix of numbers, but is {value!r}.") from None
    if matrix.ndim != 2 or matrix.shape != (shape or matrix.shape[:1] * 2):
        wanted = "(D, D)" if shape is None else f"{shape}"
        raise ValueError(f"Argument `{name}` must have shape {wanted}, but has shape {matrix.shape}.")
    if not np.isfinite(matrix).all():
        raise ValueError(f"Argument `{name}` must be finite, but has entries that are not.")
    return matrix


def _charge(value: Any, rho: Any) -> np.ndarray:
    try:
        charge = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `charge` must hold real numbers, but is {value!r}.") from None
    if charge.shape != np.shape(rho)[:1] or not np.isfinite(charge).all():
        raise ValueError(
            f"Argument `charge` must hold one finite charge for each of {len(rho)} basis states, but is {value!r}."
        )
    return charge


def inverse_log_mean(a: Any, b: Any) -> np.ndarray:
    """(ln a - ln b)/(a - b) of positive numbers, 1/a where they are equal."""
    a, b = (np.maximum(np.asarray(x, dtype=np.float64), SMALLEST) for x in (a, b))
    z2 = ((a - b) / (a + b)) ** 2
    series = 2.0 / (a + b) * (1.0 + z2 * (1 / 3 + z2 * (1 / 5 + z2 * (1 / 7 + z2 / 9))))
    apart = z2 > 1e-4
    difference = np.where(apart, a - b, 1.0)
    return np.where(apart, (np.log(a) - np.log(b)) / difference, series)


def _entropy(eigenvalues: np.ndarray) -> float:
    p = np.maximum(eigenvalues, 0.0)
    return float(-xlogy(p, p).sum())
