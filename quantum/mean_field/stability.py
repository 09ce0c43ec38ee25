"""Linear stability of rotating waves and stationary states, for whole grids."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from quantum.checks import instance
from quantum.mean_field.equations import equations_of
from quantum.mean_field.jacobian import Form, chunks, form_of
from quantum.mean_field.model import MeanField
from quantum.mean_field.symmetry import charges, rotation
from quantum.mean_field.waves import LEAST_MOTION, Newton, RotatingWaves


def descending(values: np.ndarray) -> np.ndarray:
    """Sort the last axis by falling real part (then falling imaginary part)."""
    order = np.lexsort((-values.imag, -values.real), axis=-1)
    return np.take_along_axis(values, order, axis=-1)


def transversal(newton: Newton, form: Form, x: np.ndarray, nu: np.ndarray) -> np.ndarray:
    """Eigenvalues of the Jacobian in the rotating frame without its neutral directions, shape (points, n - charges).

    A rotation turns a wave into another one, so that G x is an eigenvector with eigenvalue zero; the others are the
    eigenvalues of the Jacobian on the space orthogonal to it.
    """
    full = form.jacobian(x) - np.einsum("pk,kij->pij", nu, newton.generators)
    inner = newton.reduction.matrix(full)
    count = len(newton.generators)
    if count:
        neutral = newton.motion(x)[:, :, newton.reduction.kept].transpose(0, 2, 1)
        # the Jacobian acts on reduced coordinates, and so does the quotient: any complement of G x will do
        basis = np.linalg.qr(neutral, mode="complete")[0][:, :, count:]
        inner = basis.transpose(0, 2, 1) @ inner @ basis
    return descending(np.linalg.eigvals(inner).astype(np.complex128))


def eigenvalues(model: MeanField, waves: RotatingWaves) -> np.ndarray:
    """Eigenvalues of the linearised equations about rotating waves or stationary states, in the frame of the wave.

    Parameters
    ----------
    model : MeanField
        The model of `waves`.
    waves : RotatingWaves
        From `rotating_waves` or `stationary_states`.

    Returns
    -------
    array of complex, shape ``grid + (n,)``
        By falling real part: the wave is stable where the first has a negative one. Traces are taken out, and for a wave the
        neutral direction of its phase too. NaN where there is no wave.

    Raises
    ------
    ValueError
        If an argument is of another type, or the waves are those of another grid or other groups.
    """
    instance("model", model, MeanField)
    states = instance("waves", waves, RotatingWaves).states
    if states.shape != model.shape or states.dims != model.dims:
        raise ValueError(
            f"Argument `waves` must have dims {model.dims} and grid {model.shape}, as `model`, "
            f"but has {states.dims} and {states.shape}."
        )
    turning = rotations_of(model, states.components)
    newton = Newton(model.dims, turning)
    equations = equations_of(model)
    n = newton.reduction.kept.size - len(turning)
    nu = waves.frequency.reshape(model.points, -1) if turning else np.zeros((model.points, 0))
    out = np.full((model.points, n), np.nan + 0j)
    found = np.flatnonzero(waves.converged.ravel())
    with threadpool_limits(1):
        for part in chunks(found.size, states.components.shape[1]):
            p = found[part]
            out[p] = transversal(newton, form_of(equations.at(p)), states.components[p], nu[p])
    return out.reshape((*model.shape, n))


def rotations_of(model: MeanField, components: np.ndarray) -> list[np.ndarray]:
    """Generators of the phase symmetries, empty where no state moves under them."""
    generators = [rotation(charge, model.dims) for charge in charges(model)]
    held = components[np.isfinite(components).all(axis=1)]
    return generators if any(abs(held @ g.T).max(initial=0.0) > LEAST_MOTION for g in generators) else []
