r"""Groups of identical oscillators in mean field: each group's density matrix, driven by the mean values of all groups.

.. math::

    \dot\rho_g = -i[H_g + F_g, \rho_g] + \sum_c \gamma_{gc} D[L_{gc}]\rho_g, \qquad
    H_g = \sum_h \theta_{gh} h_{gh}, \qquad
    F_g = \sum_t \bigl( c_t A_t \langle B_t\rangle_{g'_t} + h.c. \bigr)

This is the limit of many oscillators that are all coupled to all in a group. Every coefficient may be a number or an
array: the arrays are broadcast against each other, and their common shape is the grid of parameter points of the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from quantum.checks import at_least, instance, listed
from quantum.matrices import canonical, hermitian_operator, operator


def _coefficient(name: str, value: Any, *, real: bool) -> np.ndarray:
    """Read a number or an array of numbers; an array that is real stays real."""
    try:
        array = np.asarray(value)
        array = array.astype(np.complex128 if np.iscomplexobj(array) else np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must be a number or an array of numbers, but is {value!r}.") from None
    if not np.isfinite(array).all():
        raise ValueError(f"Argument `{name}` must be finite, but has entries that are not.")
    if real and np.iscomplexobj(array):
        raise ValueError(f"Argument `{name}` must be real, but is complex.")
    return array


def _levels_of(name: str, value: Any) -> int:
    shape = np.shape(value) if not sparse.issparse(value) else value.shape
    if len(shape) != 2 or shape[0] != shape[1] or shape[0] == 0:
        raise ValueError(f"Argument `{name}` must be a square matrix, but has shape {shape}.")
    return int(shape[0])


def _terms(name: str, value: Any) -> list[tuple[Any, Any]]:
    try:
        return [(coefficient, matrix) for coefficient, matrix in value]
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must be a sequence of pairs (coefficient, operator).") from None


@dataclass(frozen=True, eq=False)
class Group:
    """One group: the local Hamiltonian and the local jumps of each of its identical oscillators.

    Parameters
    ----------
    hamiltonian : sequence of (coefficient, matrix of shape (d, d))
        Terms ``theta h`` of H, hbar = 1: real coefficients (frequencies), Hermitian operators.
    jumps : sequence of (rate, matrix of shape (d, d))
        Dissipators ``rate D[L]`` with non-negative rates. The rate is a factor, and no square root of it is in L.
    levels : int, optional
        Dimension d; needed only where there is no operator to read it from.

    Raises
    ------
    ValueError
        If shapes do not fit, a number is not finite, an operator of H is not Hermitian or a rate is negative.
    """

    hamiltonian: tuple[tuple[np.ndarray, sparse.csr_array], ...]
    jumps: tuple[tuple[np.ndarray, sparse.csr_array], ...]
    levels: int

    def __init__(self, hamiltonian: Any = (), jumps: Any = (), levels: int | None = None) -> None:
        energies, decays = _terms("hamiltonian", hamiltonian), _terms("jumps", jumps)
        named = [(f"hamiltonian[{k}]", h) for k, (_, h) in enumerate(energies)]
        named += [(f"jumps[{k}]", jump) for k, (_, jump) in enumerate(decays)]
        if levels is None:
            if not named:
                raise ValueError("Argument `levels` must be given for a group without operators.")
            levels = _levels_of(*named[0])
        d = at_least("levels", levels, 1)
        rates = [_coefficient(f"jumps[{k}]", rate, real=True) for k, (rate, _) in enumerate(decays)]
        for k, rate in enumerate(rates):
            if (rate < 0.0).any():
                raise ValueError(f"Argument `jumps[{k}]` must have non-negative rates, but one is {rate.min()}.")
        h = tuple(
            (_coefficient(name, theta, real=True), canonical(hermitian_operator(name, matrix, d)))
            for (name, matrix), (theta, _) in zip(named, energies, strict=False)
        )
        ls = tuple(
            (rate, canonical(operator(f"jumps[{k}]", jump, d)))
            for k, (rate, (_, jump)) in enumerate(zip(rates, decays, strict=True))
        )
        for name, value in (("hamiltonian", h), ("jumps", ls), ("levels", d)):
            object.__setattr__(self, name, value)


@dataclass(frozen=True, eq=False)
class Coupling:
    """One term ``c A <B> + h.c.`` of a group's Hamiltonian, <B> the mean value in the source group.

    Parameters
    ----------
    coefficient : number or array
        c, real or complex; over the grid.
    group : int
        The group whose oscillators feel the term.
    operator : matrix, shape (d, d) of `group`
        A.
    source : int
        The group whose mean value enters; it may be the same one.
    mean : matrix, shape (d, d) of `source`
        B.

    Notes
    -----
    With ``<a>`` the mean amplitude, ``Coupling(V, 0, a_dagger, 1, a)`` lets group 1 act on group 0; that group 0 acts on
    group 1 needs the second coupling ``Coupling(V, 1, a_dagger, 0, a)``. The dissipative coupling V D[a_i - a_j] of all
    pairs is ``c = i V/2`` in mean field (F = iV/2 (a+ <a> - h.c.)) and one local damping V D[a] more.
    """

    coefficient: np.ndarray
    group: int
    operator: Any
    source: int
    mean: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "coefficient", _coefficient("coefficient", self.coefficient, real=False))
        for name in ("group", "source"):
            object.__setattr__(self, name, at_least(name, getattr(self, name), 0))
        for name in ("operator", "mean"):
            value = getattr(self, name)
            object.__setattr__(self, name, canonical(operator(name, value, _levels_of(name, value))))


@dataclass(frozen=True, eq=False)
class MeanField:
    """Nonlinear master equations of any number of groups, over a grid of parameter points.

    Parameters
    ----------
    groups : sequence of Group
    couplings : sequence of Coupling

    Raises
    ------
    ValueError
        If a coupling names a group that is not there, an operator's shape is not its group's, or the coefficients
        do not broadcast.

    Examples
    --------
    Globally coupled spins 1 with gain and loss, 3 x 50 points:

    >>> import numpy as np
    >>> from quantum.mean_field import Coupling, Group, MeanField
    >>> from quantum.operators import projector, spin_minus, spin_plus
    >>> gain = np.array([0.5, 1.0, 2.0])[:, None]
    >>> spin = Group(jumps=[(gain, projector(1, 0, 3)), (1.0, projector(1, 2, 3))])
    >>> model = MeanField([spin], [Coupling(np.linspace(0, 1, 50), 0, spin_plus(1), 0, spin_minus(1))])
    >>> model.shape
    (3, 50)
    """

    groups: tuple[Group, ...]
    couplings: tuple[Coupling, ...]

    def __init__(self, groups: Sequence[Group], couplings: Sequence[Coupling] = ()) -> None:
        members = tuple(
            instance(f"groups[{k}]", group, Group) for k, group in enumerate(listed("groups", groups, "Group"))
        )
        given = listed("couplings", couplings, "Coupling")
        terms = tuple(instance(f"couplings[{k}]", term, Coupling) for k, term in enumerate(given))
        if not members:
            raise ValueError("Argument `groups` must hold at least one group, but is empty.")
        for k, term in enumerate(terms):
            for role, place, matrix in (("group", term.group, term.operator), ("source", term.source, term.mean)):
                if place >= len(members):
                    raise ValueError(
                        f"Argument `couplings[{k}].{role}` must be below the number of groups {len(members)}, "
                        f"but is {place}."
                    )
                if matrix.shape[0] != members[place].levels:
                    raise ValueError(
                        f"Argument `couplings[{k}]` has an operator of {matrix.shape[0]} levels for group {place}, "
                        f"which has {members[place].levels}."
                    )
        object.__setattr__(self, "groups", members)
        object.__setattr__(self, "couplings", terms)
        if self.points == 0:
            raise ValueError(f"Coefficients must have a grid with at least one point, but have shape {self.shape}.")

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Shape of the grid of parameter points, () for one point."""
        arrays = [c for group in self.groups for c, _ in (*group.hamiltonian, *group.jumps)]
        shapes = [array.shape for array in arrays] + [term.coefficient.shape for term in self.couplings]
        try:
            return np.broadcast_shapes(*shapes)
        except ValueError:
            raise ValueError(f"Coefficients must broadcast against each other, but have shapes {shapes}.") from None

    @property
    def points(self) -> int:
        """Number of parameter points."""
        return int(np.prod(self.shape, dtype=np.int64))

    @cached_property
    def dims(self) -> tuple[int, ...]:
        """Levels of each group."""
        return tuple(group.levels for group in self.groups)
