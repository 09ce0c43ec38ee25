"""Models and density matrices from and to QuTiP, which is an optional extra."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, overload

import numpy as np
from scipy import sparse

from quantum.density import Density
from quantum.lindblad import Lindblad


def from_qutip(H: Any, c_ops: Any = (), labels: Sequence[str] | None = None) -> Lindblad:
    """Return the Lindblad model of a QuTiP Hamiltonian and its collapse operators.

    The basis order is kept: a spin from QuTiP's `jmat` stays descending in m, where `quantum.operators` ascends.

    Parameters
    ----------
    H : qutip.Qobj
        Constant Hamiltonian; its tensor factors become the subsystems.
    c_ops : qutip.Qobj or iterable of qutip.Qobj
        Collapse operators with the square root of their rate included, as `qutip.mesolve` takes them.
    labels : sequence of str, optional
        One name per subsystem.

    Raises
    ------
    ImportError
        If QuTiP is not installed.
    ValueError
        If something is not a constant operator, dimensions do not fit, or `quantum.Lindblad` refuses.
    """
    qutip = _qutip("from_qutip")
    dims = _levels("H", H, qutip)
    jumps = [c_ops] if isinstance(c_ops, qutip.Qobj) else _listed(c_ops)
    for c, jump in enumerate(jumps):
        levels = _levels(f"c_ops[{c}]", jump, qutip)
        if levels != dims:
            raise ValueError(f"Argument `c_ops[{c}]` must have the dimensions {dims} of `H`, but has {levels}.")
    return Lindblad(_matrix(H), [_matrix(jump) for jump in jumps], dims, labels)


@overload
def to_qutip(value: Lindblad) -> tuple[Any, list[Any]]: ...
@overload
def to_qutip(value: Density) -> Any: ...
def to_qutip(value: Lindblad | Density) -> Any:
    """Return a model as ``(H, c_ops)``, or a density matrix as a `qutip.Qobj`.

    A stack of density matrices becomes an object array of `qutip.Qobj` of the shape of its leading axes.

    Raises
    ------
    ImportError
        If QuTiP is not installed.
    ValueError
        If `value` is neither a `Lindblad` nor a `Density`.
    """
    qutip = _qutip("to_qutip")
    if isinstance(value, Lindblad):
        dims = [list(value.dims), list(value.dims)]
        return _qobj(qutip, value.hamiltonian, dims), [_qobj(qutip, jump, dims) for jump in value.jumps]
    if not isinstance(value, Density):
        raise ValueError(f"Argument `value` must be a Lindblad or a Density, but is a {type(value).__name__}.")
    if value.values.ndim == 1:
        return _state(qutip, value, value.values)
    states = np.empty(value.values.shape[:-1], dtype=object)
    for index in np.ndindex(states.shape):
        states[index] = _state(qutip, value, value.values[index])
    return states


def _qutip(caller: str) -> Any:
    try:
        import qutip
    except ImportError:
        raise ImportError(
            f"Function `{caller}` needs QuTiP, which is not installed; get it with: pip install 'syncblockade[qutip]'."
        ) from None
    return qutip


def _listed(c_ops: Any) -> list[Any]:
    if not isinstance(c_ops, Iterable):
        raise ValueError(f"Argument `c_ops` must be a sequence of qutip.Qobj, but is {c_ops!r}.")
    return list(c_ops)


def _levels(name: str, operator: Any, qutip: Any) -> tuple[int, ...]:
    if not isinstance(operator, qutip.Qobj):
        raise ValueError(f"Argument `{name}` must be a qutip.Qobj, but is a {type(operator).__name__}.")
    if operator.type != "oper" or operator.dims[0] != operator.dims[1]:
        raise ValueError(
            f"Argument `{name}` must be an operator from a space to itself, but is of type {operator.type!r} "
            f"with dims {operator.dims}."
        )
    return tuple(_flat(operator.dims[0]))


def _flat(dims: Any) -> list[int]:
    """Levels of the tensor factors, nested spaces opened."""
    return [n for part in dims for n in (_flat(part) if isinstance(part, list) else [int(part)])]


def _matrix(operator: Any) -> sparse.csr_array:
    return sparse.csr_array(operator.to("CSR").data.as_scipy())


def _qobj(qutip: Any, matrix: sparse.csr_array, dims: list[list[int]]) -> Any:
    return qutip.Qobj(sparse.csr_matrix(matrix), dims=dims)


def _state(qutip: Any, density: Density, values: np.ndarray) -> Any:
    shape = (density.dimension, density.dimension)
    matrix = sparse.csr_array((values, (density.rows, density.cols)), shape=shape)
    return _qobj(qutip, matrix, [list(density.dims), list(density.dims)])
