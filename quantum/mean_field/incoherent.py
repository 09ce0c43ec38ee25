r"""The incoherent state, in which all fields vanish, and its linear stability: where synchronization sets in.

Without fields each group has its local steady state. Linearised about it, matrix elements of different charge do not mix, so
that only the blocks that fields act on are left: for spins 1 the elements rho_01 and rho_12 of all groups.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from threadpoolctl import threadpool_limits

from quantum.checks import built, finite, reals
from quantum.mean_field.components import to_matrix
from quantum.mean_field.equations import Equations, equations_of
from quantum.mean_field.jacobian import Reduction, chunks, form_of
from quantum.mean_field.model import MeanField
from quantum.mean_field.stability import descending
from quantum.mean_field.states import States

# Fields of an incoherent state that are larger than this, in units of the rates, are no rounding errors.
LARGEST_FIELD = 1e-10


def incoherent_states(model: MeanField) -> States:
    """Local steady states of all groups, in which all fields vanish.

    Raises
    ------
    ValueError
        If a local steady state is not unique, or has a mean value that makes a field.
    """
    equations = equations_of(model)
    reduction = Reduction(model.dims)
    out = np.empty((model.points, equations.tables.size))
    with threadpool_limits(1):
        for part in chunks(model.points, equations.tables.size):
            form = form_of(equations.at(part))
            inner = reduction.matrix(form.linear)
            source = form.linear[:, reduction.kept] @ reduction.whole
            try:
                y = np.linalg.solve(inner, -source[..., None])[..., 0]
            except np.linalg.LinAlgError:
                raise ValueError("Argument `model` must have one local steady state per group, but has more.") from None
            out[part] = reduction.whole + y @ reduction.embed.T
            # zero up to rounding is zero: it would blur the blocks
            out[part][abs(out[part]) < 1e-14] = 0.0
            fields = abs(np.einsum("pki,pi->pk", form.functionals, out[part])).max(initial=0.0)
            if not fields < LARGEST_FIELD:
                raise ValueError(
                    f"Argument `model` must have no fields in its local steady states, but has one of {fields:.3g}."
                )
    return States(model.shape, model.dims, out)


def _blocks(equations: Equations, support: np.ndarray) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Sets of matrix elements that mix and that fields act on, and the maps from and to components.

    Of two sets that are adjoint to each other, the one whose elements are mean values of raising operators is kept:
    rho_ij with j > i, so that eigenvalues belong to <B> of operators B that raise the level.
    """
    to = sparse.block_diag([to_matrix(d) for d in equations.dims], format="csr").toarray()
    back = np.linalg.inv(to)
    # numbers without meaning: what is zero for them is zero for all
    rng = np.random.default_rng(1)
    sample = Equations(equations.tables, equations.dims, rng.uniform(1.0, 2.0, (equations.values.shape[0], 1)))
    form = form_of(sample)
    driven = np.einsum("kij,j->ki", form.operators, support * rng.uniform(1.0, 2.0, support.size))
    outer = to @ np.einsum("ki,kj->ij", driven, form.functionals[0]) @ back
    whole = abs(to @ form.linear[0] @ back) + abs(outer)
    scale = whole.max(initial=0.0)
    number, label = connected_components(sparse.csr_array(whole > 1e-12 * scale), directed=False)
    touched = abs(outer).max(axis=1) > 1e-12 * scale
    level = [np.unravel_index(np.arange(d * d), (d, d)) for d in equations.dims]
    raising = np.concatenate([j - i for i, j in level])
    sets = [np.flatnonzero(label == b) for b in range(number)]
    return [s for s in sets if touched[s].any() and raising[s].sum() >= 0], to, back


def incoherent_eigenvalues(model: MeanField) -> np.ndarray:
    """Eigenvalues of the linearised equations about the incoherent state, for whole grids.

    Parameters
    ----------
    model : MeanField

    Returns
    -------
    array of complex, shape ``grid + (n,)``
        Those of the blocks that fields act on, by falling real part; all others belong to the local dissipation, and decay.
        The incoherent state is unstable where the first has a positive real part, and the wave that grows from
        it has mean values e^{lambda t} of operators that raise the level.

    Raises
    ------
    ValueError
        As `incoherent_states`.
    """
    states = incoherent_states(model)
    equations = equations_of(model)
    blocks, to, back = _blocks(equations, (states.components != 0.0).any(axis=0))
    out = np.empty((model.points, sum(block.size for block in blocks)), dtype=np.complex128)
    with threadpool_limits(1):
        for part in chunks(model.points, equations.tables.size):
            form = form_of(equations.at(part))
            jacobian = form.jacobian(states.components[part])
            parts = [np.linalg.eigvals(to[block] @ jacobian @ back[:, block]) for block in blocks]
            out[part] = np.concatenate(parts, axis=1)
    return descending(out).reshape((*model.shape, -1))


@dataclass(frozen=True, eq=False)
class Onset:
    """Where the incoherent state loses its stability.

    Attributes
    ----------
    parameter : array of float
        Critical value; NaN where the stability is the same at both ends of the bracket.
    frequency : array of float
        Im lambda there: the wave that sets in rotates as e^{i frequency t}.
    """

    parameter: np.ndarray
    frequency: np.ndarray


def onset(
    build: Callable[[np.ndarray], MeanField], low: ArrayLike, high: ArrayLike, *, tolerance: float = 1e-15
) -> Onset:
    """Find the critical value of a parameter by root finding on the leading eigenvalue, for many cases at once.

    Parameters
    ----------
    build : callable
        ``build(values)`` returns the model whose parameter takes `values`, an array of the shape of the model's grid.
    low, high : array-like of float
        Bracket, broadcast against each other to the grid.
    tolerance : float
        Width of the last bracket relative to the first.

    Returns
    -------
    Onset
        Arrays of the shape of the grid.

    Raises
    ------
    ValueError
        As `incoherent_states`, or if the brackets do not fit or `build` gives another grid.
    """
    if not 0.0 < finite("tolerance", tolerance) < 1.0:
        raise ValueError(f"Argument `tolerance` must lie between 0 and 1, but is {tolerance}.")
    ends = reals("low", low), reals("high", high)
    try:
        a, b = (np.array(v) for v in np.broadcast_arrays(*ends))
    except ValueError:
        raise ValueError(
            f"Arguments `low` and `high` must broadcast, but have shapes {ends[0].shape} and {ends[1].shape}."
        ) from None

    def growth(values: np.ndarray) -> np.ndarray:
        model = built("build", build, values, MeanField)
        if model.shape != values.shape:
            raise ValueError(f"Argument `build` must give a grid of shape {values.shape}, but gave {model.shape}.")
        return incoherent_eigenvalues(model)[..., 0]

    at_a, at_b = growth(a).real, growth(b).real
    none = np.sign(at_a) == np.sign(at_b)
    for _ in range(int(np.ceil(np.log2(1.0 / tolerance)))):
        middle = 0.5 * (a + b)
        left = np.sign(growth(middle).real) == np.sign(at_a)
        a, b = np.where(left, middle, a), np.where(left, b, middle)
    root = 0.5 * (a + b)
    return Onset(np.where(none, np.nan, root), np.where(none, np.nan, growth(root).imag))
