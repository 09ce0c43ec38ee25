r"""The mean-field equations as sparse tables over real components: what kernels, Newton and stability work with.

.. math::

    \dot x_i = \sum_e w_e\, r_{q(e)}\, x_{j(e)} + \sum_e w_e\, f_{k(e)}(x)\, x_{j(e)}, \qquad
    f_k = \sum_t \pm r_{q(t)}\, m_t(x), \qquad m(x) = b\cdot x

`Tables` hold what follows from the operators alone, so that all grids of one kind of model share it. Coefficients
enter as rows r of numbers over the points; entries with the same combination of parameters (such as
gamma_+ + gamma_-) share one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import sparse

from quantum.checks import instance
from quantum.mean_field.components import commutator, dissipator, functional, offsets, real_superoperator
from quantum.mean_field.model import MeanField

Linear = tuple[tuple[int, float], ...]
"""A linear combination of components: (component, weight), ascending."""


@dataclass(frozen=True)
class Tables:
    """The structure of the equations; hashable, and free of the values of coefficients.

    Attributes
    ----------
    size : int
        Number of real components.
    rows : tuple of Linear
        Each coefficient row as a combination of parameters.
    static : tuple of (i, row, Linear)
        Terms ``row * (combination of x)`` of dx_i/dt, i ascending.
    means : tuple of Linear
        Real-valued mean values.
    fields : tuple of tuple of (row, mean, sign)
        Each real field as a sum of ``sign * row * mean``.
    driven : tuple of (i, field, Linear)
        Terms ``field * (combination of x)`` of dx_i/dt.
    """

    size: int
    rows: tuple[Linear, ...]
    static: tuple[tuple[int, int, Linear], ...]
    means: tuple[Linear, ...]
    fields: tuple[tuple[tuple[int, int, float], ...], ...]
    driven: tuple[tuple[int, int, Linear], ...]


@dataclass(frozen=True, eq=False)
class Equations:
    """Tables and the coefficient rows of all points, shape (rows, points)."""

    tables: Tables
    dims: tuple[int, ...]
    values: np.ndarray

    @property
    def points(self) -> int:
        """Number of parameter points."""
        return self.values.shape[1]

    def at(self, chosen: slice | np.ndarray) -> Equations:
        """The same equations at some of the points."""
        return Equations(self.tables, self.dims, self.values[:, chosen])


def _rounded(value: float) -> float:
    """Drop the last digit or two, so that equal weights computed in different ways are equal."""
    return float(f"{value:.14g}")


def _linear(weights: np.ndarray) -> Linear:
    scale = abs(weights).max(initial=0.0)
    return tuple((int(j), float(weights[j])) for j in np.flatnonzero(abs(weights) > 1e-14 * scale))


class _Rows:
    """Coefficient rows, each a combination of parameters, numbered in the order in which they are first needed."""

    def __init__(self) -> None:
        self.number: dict[Linear, int] = {}

    def of(self, combination: Linear) -> tuple[int, float]:
        """Row and factor for a combination: the row's first weight is one."""
        factor = combination[0][1]
        unit = tuple((p, _rounded(w / factor)) for p, w in combination)
        return self.number.setdefault(unit, len(self.number)), factor


def _parameters(model: MeanField) -> np.ndarray:
    """All real parameters of all points, in a fixed order: per group energies then rates; per coupling Re c (and Im c)."""
    arrays: list[np.ndarray] = []
    for group in model.groups:
        arrays += [c for c, _ in (*group.hamiltonian, *group.jumps)]
    for term in model.couplings:
        arrays.append(term.coefficient.real)
        if np.iscomplexobj(term.coefficient):
            arrays.append(term.coefficient.imag)
    out = np.empty((len(arrays), model.points))
    for row, array in zip(out, arrays, strict=True):
        row[:] = np.broadcast_to(array, model.shape).ravel()
    return out


def _static_terms(model: MeanField, rows: _Rows) -> list[tuple[int, int, Linear]]:
    edges, parameter = offsets(model.dims), 0
    combined: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for g, group in enumerate(model.groups):
        parts = [commutator(h) for _, h in group.hamiltonian] + [dissipator(jump) for _, jump in group.jumps]
        for part in parts:
            image = real_superoperator(part, group.levels)
            for i, j, w in zip(image.row + edges[g], image.col + edges[g], image.data, strict=True):
                combined.setdefault((int(i), int(j)), []).append((parameter, float(w)))
            parameter += 1
    grouped: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for (i, j), combination in sorted(combined.items()):
        row, factor = rows.of(tuple(combination))
        grouped.setdefault((i, row), []).append((j, factor))
    return [(i, row, tuple(linear)) for (i, row), linear in grouped.items()]


def _key(matrix: sparse.csr_array) -> tuple[bytes, ...]:
    return matrix.indptr.tobytes(), matrix.indices.tobytes(), matrix.data.tobytes()


class _Means:
    """Real and imaginary parts of the mean values that fields need, each listed once."""

    def __init__(self, size: int, edges: np.ndarray) -> None:
        self.number: dict[Linear, int] = {}
        self._size, self._edges = size, edges

    def parts(self, source: int, matrix: sparse.csr_array) -> list[tuple[int, float] | None]:
        """(number, sign) of Re and Im, None where the part is zero."""
        out: list[tuple[int, float] | None] = []
        for row in functional(matrix):
            whole = np.zeros(self._size)
            whole[self._edges[source] : self._edges[source + 1]] = row
            linear = _linear(whole)
            if not linear:
                out.append(None)
                continue
            sign = float(np.sign(linear[0][1]))
            linear = tuple((j, sign * w) for j, w in linear)
            out.append((self.number.setdefault(linear, len(self.number)), sign))
        return out


def _field_terms(model: MeanField, rows: _Rows, means: _Means) -> dict[tuple, tuple[int, sparse.csr_array, list, list]]:
    """Per (group, operator): the group, A, and the terms of Re and Im of the field as (row, mean, sign)."""
    number = sum(len(group.hamiltonian) + len(group.jumps) for group in model.groups)
    fields: dict[tuple, tuple[int, sparse.csr_array, list, list]] = {}
    for term in model.couplings:
        own = fields.setdefault((term.group, *_key(term.operator)), (term.group, term.operator, [], []))
        re, im = means.parts(term.source, term.mean)
        row, _ = rows.of(((number, 1.0),))
        number += 1
        own[2].extend([(row, re[0], re[1])] if re else [])
        own[3].extend([(row, im[0], im[1])] if im else [])
        if np.iscomplexobj(term.coefficient):
            row, _ = rows.of(((number, 1.0),))
            number += 1
            own[2].extend([(row, im[0], -im[1])] if im else [])
            own[3].extend([(row, re[0], re[1])] if re else [])
    return fields


def equations_of(model: MeanField) -> Equations:
    """Return tables and coefficient rows of a model; the tables are those of the last model with the same operators."""
    instance("model", model, MeanField)
    tables = _tables_of(_ByOperators(model))
    return Equations(tables, model.dims, _row_values(tables, _parameters(model)))


class _ByOperators:
    """A model as a key: equal where all operators are, whatever the coefficients (but real is not complex)."""

    def __init__(self, model: MeanField) -> None:
        self.model = model
        local = [(*_key(h), g) for g, group in enumerate(model.groups) for _, h in group.hamiltonian]
        local += [(*_key(jump), -1 - g) for g, group in enumerate(model.groups) for _, jump in group.jumps]
        terms = [
            (*_key(t.operator), *_key(t.mean), t.group, t.source, np.iscomplexobj(t.coefficient))
            for t in model.couplings
        ]
        self._key = (model.dims, tuple(local), tuple(terms))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByOperators) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(maxsize=64)
def _tables_of(key: _ByOperators) -> Tables:
    model = key.model
    edges = offsets(model.dims)
    size = int(edges[-1])
    rows, means = _Rows(), _Means(size, edges)
    static = _static_terms(model, rows)
    fields: list[tuple[tuple[int, int, float], ...]] = []
    driven: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for g, operator, *parts in _field_terms(model, rows, means).values():
        adjoint = sparse.csr_array(operator.conj().T)
        for terms, hamiltonian in zip(parts, (operator + adjoint, 1j * (operator - adjoint)), strict=True):
            image = real_superoperator(commutator(sparse.csr_array(hamiltonian)), model.groups[g].levels)
            if not terms or image.nnz == 0:
                continue
            for i, j, w in sorted(zip(image.row + edges[g], image.col + edges[g], image.data, strict=True)):
                driven.setdefault((int(i), len(fields)), []).append((int(j), float(w)))
            fields.append(tuple(terms))
    return Tables(
        size=size,
        rows=tuple(rows.number),
        static=tuple(static),
        means=tuple(means.number),
        fields=tuple(fields),
        driven=tuple((i, k, tuple(linear)) for (i, k), linear in sorted(driven.items())),
    )


def _row_values(tables: Tables, parameters: np.ndarray) -> np.ndarray:
    """Coefficient rows; element by element, since the rounding of a matrix product may depend on the number of points."""
    out = np.zeros((len(tables.rows), parameters.shape[1]))
    for row, linear in zip(out, tables.rows, strict=True):
        for p, w in linear:
            row += w * parameters[p]
    return out


def restricted(tables: Tables, kept: np.ndarray) -> Tables:
    """The same equations for the components `kept` (ascending), all others being zero."""
    place = {int(j): k for k, j in enumerate(kept)}

    def cut(linear: Linear) -> Linear:
        return tuple((place[j], w) for j, w in linear if j in place)

    def cut_terms(terms: tuple[tuple[int, int, Linear], ...]) -> tuple[tuple[int, int, Linear], ...]:
        return tuple((place[i], q, cut(linear)) for i, q, linear in terms if i in place and cut(linear))

    means = tuple(cut(linear) for linear in tables.means)
    fields = tuple(tuple(t for t in terms if means[t[1]]) for terms in tables.fields)
    driven = tuple(term for term in cut_terms(tables.driven) if fields[term[1]])
    return Tables(len(kept), tables.rows, cut_terms(tables.static), means, fields, driven)


def closure(tables: Tables, start: np.ndarray) -> np.ndarray:
    """Components that can become nonzero from those marked in `start` (bool, one per component), ascending."""
    alive = start.copy()
    while True:
        means = [any(alive[j] for j, _ in linear) for linear in tables.means]
        fields = [any(means[m] for _, m, _ in terms) for terms in tables.fields]
        before = int(alive.sum())
        for i, _, linear in tables.static:
            alive[i] = alive[i] or any(alive[j] for j, _ in linear)
        for i, k, linear in tables.driven:
            alive[i] = alive[i] or (fields[k] and any(alive[j] for j, _ in linear))
        if int(alive.sum()) == before:
            return np.flatnonzero(alive)
