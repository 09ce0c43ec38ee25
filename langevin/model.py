r"""Amplitude equations: what a model tells the Langevin engine.

.. math::

    d\alpha_j = \Big[-\big(i\Omega_j + \tfrac12\Gamma_j\big)\alpha_j + F_j + \sum_k M_{jk}\alpha_k\Big]dt + dN_j

Rotation :math:`\Omega_j`, damping :math:`\Gamma_j`, force :math:`F_j` and the noise amplitudes are compiled scalar
functions of the local amplitude and of the oscillator's own parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from langevin.checks import compiled, escape_bound, one_of


@dataclass(frozen=True, eq=False)
class MeanField:
    """All-to-all coupling of rank one, M_jk = outward_j inward_k (k = j included), at a cost of O(N).

    Attributes
    ----------
    outward, inward : complex arrays, shape (oscillators,)
        Scalars are spread over all oscillators by `Model`.
    """

    outward: Any
    inward: Any


@dataclass(frozen=True, eq=False)
class Model:
    r"""Amplitude equations of N oscillators.

    Parameters
    ----------
    drift : compiled function (re, im, p) -> (rotation, damping, force_re, force_im)
        Marked with `langevin.local`. `p` is `parameters` with the scalars of one oscillator. Rates in one common unit.
    noise : compiled function (re, im, p) -> (radial, tangential)
        Noise amplitudes in units of the square root of a rate. With ``noise_kind="polar"`` the increment is
        ``e^{i theta} (radial dW_1 + i tangential dW_2)``, theta the phase of alpha; otherwise it is
        ``radial dW_1 + i tangential dW_2``. The dW are independent, real, of variance dt: complex white noise with
        ``<eta eta*> = D delta(t - t')`` has both amplitudes ``sqrt(D/2)``.
    parameters : NamedTuple of array-likes
        One value per oscillator in every field; scalars are spread.
    coupling : array (N, N), scipy sparse array, MeanField or None
        The complex matrix M; for a Hamiltonian ``sum C_jk a_j^+ a_k`` it is ``-i C``.
    calculus : {"ito", "stratonovich"}
        How the noise is to be read. Without meaning where `noise_kind` is "additive".
    noise_kind : {"additive", "isotropic", "polar"}
        "additive" promises amplitudes that do not depend on alpha.
    reset : compiled function (re, im, p) -> rate, optional
        Rate of a Poisson process whose events give the oscillator a fresh uniformly distributed phase.
    bound : array-like, shape (N,), optional
        Where a basin is metastable: |alpha_j|^2 at which oscillator j counts as having left it.

    Raises
    ------
    ValueError
        If shapes do not fit, a parameter is not finite, or a word is unknown.
    """

    drift: Callable
    noise: Callable
    parameters: Any
    coupling: Any = None
    calculus: str = "ito"
    noise_kind: str = "additive"
    reset: Callable | None = None
    bound: Any = None

    def __post_init__(self) -> None:
        one_of("calculus", self.calculus, ("ito", "stratonovich"))
        one_of("noise_kind", self.noise_kind, ("additive", "isotropic", "polar"))
        for name in ("drift", "noise", "reset"):
            if getattr(self, name) is not None or name != "reset":
                compiled(name, getattr(self, name), "langevin.local")
        object.__setattr__(self, "parameters", _spread(self.parameters))
        size = self.oscillators
        object.__setattr__(self, "coupling", _coupling(self.coupling, size))
        if self.bound is not None:
            object.__setattr__(self, "bound", escape_bound(self.bound, size))

    @property
    def oscillators(self) -> int:
        """Number N of oscillators."""
        return self.parameters[0].size

    def local_parameters(self, j: int) -> Any:
        """The scalars of oscillator j, as the compiled functions take them."""
        return type(self.parameters)(*(float(values[j]) for values in self.parameters))

    def coupling_matrix(self) -> np.ndarray:
        """M as a dense matrix, shape (N, N)."""
        if isinstance(self.coupling, MeanField):
            return np.outer(self.coupling.outward, self.coupling.inward)
        return self.coupling.toarray()


def _spread(parameters: Any) -> Any:
    """The NamedTuple of parameters with one value per oscillator in every field."""
    fields = getattr(parameters, "_fields", ())
    if not isinstance(parameters, tuple) or not fields:
        raise ValueError(f"Argument `parameters` must be a NamedTuple with at least one field, but is {parameters!r}.")
    columns = []
    for field, values in zip(fields, parameters, strict=True):
        try:
            columns.append(np.atleast_1d(np.asarray(values, dtype=np.float64)))
        except (TypeError, ValueError):
            raise ValueError(f"Parameter `{field}` must hold real numbers, but is {values!r}.") from None
    size = max(column.size for column in columns)
    for field, column in zip(fields, columns, strict=True):
        if column.ndim != 1 or column.size not in (1, size):
            raise ValueError(f"Parameter `{field}` must have 1 or {size} values, but has shape {column.shape}.")
        if not np.isfinite(column).all():
            raise ValueError(f"Parameter `{field}` must be finite, but is {column}.")
    return type(parameters)(*(np.broadcast_to(column, (size,)).copy() for column in columns))


def _coupling(value: Any, size: int) -> sparse.csr_array | MeanField:
    """Return a coupling in one of the two forms that the engine takes."""
    if value is None:
        return sparse.csr_array((size, size), dtype=np.complex128)
    if isinstance(value, MeanField):
        try:
            parts = [
                np.broadcast_to(np.asarray(v, np.complex128), (size,)).copy() for v in (value.outward, value.inward)
            ]
        except ValueError:
            raise ValueError(
                f"Argument `coupling` must have one strength per oscillator ({size}) in each part."
            ) from None
        matrix: Any = MeanField(*parts)
        finite = np.isfinite(parts).all()
    else:
        try:
            matrix = sparse.csr_array(value, dtype=np.complex128)
        except (TypeError, ValueError):
            raise ValueError(
                f"Argument `coupling` must be a matrix of numbers, a MeanField or None, but is {value!r}."
            ) from None
        if matrix.shape != (size, size):
            raise ValueError(f"Argument `coupling` must have shape {(size, size)}, but has shape {matrix.shape}.")
        matrix.sort_indices()
        finite = np.isfinite(matrix.data).all()
    if not finite:
        raise ValueError("Argument `coupling` must be finite, but has entries that are not.")
    return matrix
