r"""Two oscillators: the Fokker-Planck operator of two amplitudes and the relative phase, and its leading state.

The modes :math:`p_k(r_1, r_2) = \int P e^{-ik\varphi} d\varphi` obey
:math:`\partial_t p_k = A_k p_k + U_k p_{k+1} + D_k p_{k-1}` (derived in `langevin.fokker_planck`). On rings, A_k is a
sum of one matrix for each oscillator and U_k, D_k are sums of products of one matrix for each. Two things follow. The
operator is sparse and assembled from Kronecker products. And the uncoupled operator can be inverted exactly, as a
Sylvester equation per harmonic; it preconditions the coupled one so well that two weakly coupled limit cycles
(Kerr rotation, |k| <= 4, any grid) take some 40 products for a leading state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import lapack, lu_factor, lu_solve, schur
from scipy.sparse.linalg import LinearOperator, gmres

from langevin.radial import Rings, leading_state

# Factors of the block elimination may take this many bytes; 66 x 66 cells with |k| <= 4 take 2e8.
_MEMORY = 2_000_000_000


@dataclass(frozen=True, eq=False)
class PairOperator:
    """The truncated Fokker-Planck operator of a pair, acting on p of shape (harmonics + 1, n_1, n_2).

    Attributes
    ----------
    matrix : sparse complex array
        Acts on ``p.ravel()``; the real part of the result's k = 0 mode is to be taken, which is how p_-1 = conj(p_1)
        enters.
    first, second : complex arrays, shapes (harmonics + 1, n_1, n_1) and (harmonics + 1, n_2, n_2)
        The uncoupled parts: ``A_k p = first[k] @ p + p @ second[k].T``.
    exits : pair of float arrays, shapes (n_1,) and (n_2,)
        Rates of leaving through each oscillator's wall.
    """

    matrix: sparse.csr_array
    first: np.ndarray
    second: np.ndarray
    exits: tuple[np.ndarray, np.ndarray]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (harmonics + 1, n_1, n_2) of a state."""
        return self.first.shape[0], self.first.shape[1], self.second.shape[1]

    def apply(self, p: np.ndarray) -> np.ndarray:
        """dp/dt, shape (harmonics + 1, n_1, n_2)."""
        out = (self.matrix @ p.ravel()).reshape(self.shape)
        out[0].imag = 0.0
        return out

    def exit_rates(self, p: np.ndarray) -> np.ndarray:
        """Probability lost per time through the wall of each oscillator, shape (2,)."""
        return np.array([self.exits[0] @ p[0].real.sum(axis=1), p[0].real.sum(axis=0) @ self.exits[1]])


def pair_operator(one: Rings, two: Rings, coupling: np.ndarray, harmonics: int) -> PairOperator:
    """Assemble the operator of two oscillators with coupling matrix M, shape (2, 2), for k = 0 .. `harmonics`.

    Both `rings` must have been made for as many harmonics at least.
    """
    a, b = complex(coupling[0, 1]), complex(coupling[1, 0]).conjugate()
    k = np.arange(harmonics + 1)[:, None]
    first = one.generator() + _diagonals(-one.dephasing - (k > 0) * one.reset) - 1j * k[:, None] * one.frequency
    second = two.generator() + _diagonals(-two.dephasing - (k > 0) * two.reset) + 1j * k[:, None] * two.frequency
    lowering = one.divergence() + _diagonals(one.lowering), two.divergence() + _diagonals(two.lowering)
    raising = one.divergence() + _diagonals(one.raising), two.divergence() + _diagonals(two.raising)
    radius = np.diag(one.radius), np.diag(two.radius)
    blocks: list[list[Any]] = [[None] * (harmonics + 1) for _ in range(harmonics + 1)]
    for m in range(harmonics + 1):
        blocks[m][m] = _kron(first[m], np.eye(two.exit.size)) + _kron(np.eye(one.exit.size), second[m])
        if m < harmonics:
            up = -0.5 * (a * _kron(lowering[0][m], radius[1]) + b * _kron(radius[0], lowering[1][m]))
            blocks[m][m + 1] = 2.0 * up if m == 0 else up  # 2 Re(U_0 p_1) = U_0 p_1 + D_0 p_-1
        if m > 0:
            down = a.conjugate() * _kron(raising[0][m], radius[1]) + b.conjugate() * _kron(radius[0], raising[1][m])
            blocks[m][m - 1] = -0.5 * down
    matrix = sparse.csr_array(sparse.block_array(blocks), dtype=np.complex128)
    return PairOperator(matrix=matrix, first=first, second=second, exits=(one.exit, two.exit))


def uncoupled_state(one: Rings, two: Rings, harmonics: int) -> np.ndarray:
    """The leading state without coupling, a product with flat phase, shape (harmonics + 1, n_1, n_2)."""
    p = np.zeros((harmonics + 1, one.exit.size, two.exit.size), dtype=np.complex128)
    p[0] = np.outer(leading_state(one), leading_state(two))
    return p


def leading_pair_state(operator: PairOperator, start: np.ndarray) -> tuple[np.ndarray, float, str]:
    """Return (p, residual, method): the steady or quasi-stationary state of `operator`, with total probability 1.

    Newton's method on ``L p + rate(p) p = 0`` with a preconditioned Krylov solver; where that is slow (a coupling far
    stronger than local rates, as in the far tail of a truncated Wigner model), inverse iteration by block elimination.

    Raises
    ------
    RuntimeError
        If both fail, as they do where the harmonics kept are far too few for the phase distribution.
    """
    # Rounding leaves some 1e-15 of the fastest radial rate; a result off by 1e-10 of it is off by about 1e-8.
    tolerance = 1e-10 * float(max(abs(part[0]).max() for part in (operator.first, operator.second)))
    eliminable = _Elimination.memory(operator) <= _MEMORY
    p, residual = _newton(operator, start, tolerance, cycles=1 if eliminable else 20)
    if residual <= tolerance and _plausible(p):
        return p, residual, "krylov"
    if eliminable:
        p, residual = _inverse_iteration(operator, start, tolerance)
        if residual <= tolerance and _plausible(p):
            return p, residual, "direct"
    raise RuntimeError(
        "No leading state of the Fokker-Planck operator was found that is a probability: raise `harmonics` or `cells` "
        f"(residual {residual:.2g}, allowed {tolerance:.2g})."
    )


def _plausible(p: np.ndarray) -> bool:
    """Whether this is the leading state: any other has as much negative as positive weight."""
    return bool(np.minimum(p[0].real, 0.0).sum() > -0.1)


def _residual(operator: PairOperator, p: np.ndarray) -> tuple[np.ndarray, float]:
    out = operator.apply(p) + operator.exit_rates(p).sum() * p
    return out, float(abs(out).sum())


def _newton(operator: PairOperator, p: np.ndarray, tolerance: float, cycles: int = 1) -> tuple[np.ndarray, float]:
    invert = _UncoupledInverse(operator)
    size = 2 * p.size

    def linear(function: Any) -> LinearOperator:
        def flat(v: np.ndarray) -> np.ndarray:
            return function(v.view(np.complex128).reshape(operator.shape)).ravel().view(np.float64)

        return LinearOperator((size, size), matvec=flat, dtype=np.float64)

    preconditioner = linear(invert)
    defect, residual = _residual(operator, p)
    for _ in range(6):
        if residual <= tolerance:
            break
        rate, here, before = operator.exit_rates(p).sum(), p, residual

        def derivative(d: np.ndarray, rate: float = rate, here: np.ndarray = here) -> np.ndarray:
            return operator.apply(d) + rate * d + operator.exit_rates(d).sum() * here

        # the first step only has to come as close as Newton's quadratic error anyway
        rtol = max(1e-7, 0.1 * tolerance / residual)
        change, _ = gmres(
            linear(derivative),
            -defect.ravel().view(np.float64),
            M=preconditioner,
            rtol=rtol,
            restart=100,
            maxiter=cycles,
        )
        p = p + change.view(np.complex128).reshape(operator.shape)
        p = p / p[0].real.sum()
        defect, residual = _residual(operator, p)
        if not residual < 0.1 * before:
            break  # also where it is not a number
    return p, residual


class _UncoupledInverse:
    """The inverse of the uncoupled operator (slightly shifted): ``first[k] X + X second[k].T - shift X = B``.

    Solved by Schur forms (Bartels and Stewart), which stay accurate where the eigenvectors of a strongly sheared
    phase do not exist to double precision.
    """

    def __init__(self, operator: PairOperator) -> None:
        self.forms = []
        steady = [schur(part[0].real, output="real") for part in (operator.first, operator.second)]
        # A shift of a fiftieth of the slowest relaxation makes the steady state harmless and all else hardly slower.
        gap = min(np.sort(abs(np.linalg.eigvals(form)))[1] if form.shape[0] > 1 else 1.0 for form, _ in steady)
        shift = 0.02 * gap
        for k in range(operator.first.shape[0]):
            if k == 0:
                (t1, q1), (t2, q2) = steady
            else:
                t1, q1 = schur(operator.first[k], output="complex")
                t2, q2 = schur(operator.second[k], output="complex")
            form = (t1 - shift * np.eye(t1.shape[0]), t2.conj(), q1, q1.conj().T.copy(), q2.conj(), q2.T.copy())
            self.forms.append(form)

    def __call__(self, b: np.ndarray) -> np.ndarray:
        out = np.empty_like(b)
        for k, (t1, t2, q1, q1_adjoint, q2_conjugate, q2_transpose) in enumerate(self.forms):
            if k == 0:
                y, scale, _ = lapack.dtrsyl(t1, t2, q1_adjoint @ b[0].real @ q2_conjugate, tranb="T")
            else:
                y, scale, _ = lapack.ztrsyl(t1, t2, q1_adjoint @ b[k] @ q2_conjugate, tranb="C")
            out[k] = q1 @ (y / scale) @ q2_transpose
        return out


def _inverse_iteration(operator: PairOperator, p: np.ndarray, tolerance: float) -> tuple[np.ndarray, float]:
    absorbing = any(rates.any() for rates in operator.exits)
    inverse = _Elimination(operator, shift=0.0 if absorbing else 1e-12 * float(abs(operator.first[0]).max()))
    residual = np.inf
    for _ in range(200):
        p = inverse(p)
        p /= p[0].real.sum()
        residual = _residual(operator, p)[1]
        if residual <= tolerance or not np.isfinite(residual):
            break
    return p, residual


class _Elimination:
    """The inverse of ``operator - shift`` by block elimination along the first amplitude, in real unknowns.

    Rings couple to their neighbours only, so the matrix is block tridiagonal with n_1 dense blocks of
    n_2 (2 harmonics + 1) unknowns: 66 blocks of 594 take 2 s where a general sparse factorisation takes 25 s.
    """

    @staticmethod
    def memory(operator: PairOperator) -> int:
        """Bytes that the factors take."""
        count, n1, n2 = operator.shape
        return 8 * n1 * (n2 * (2 * count - 1)) ** 2

    def __init__(self, operator: PairOperator, shift: float) -> None:
        count, n1, n2 = operator.shape
        self.shape, self.width = operator.shape, n2 * (2 * count - 1)
        real, imaginary = operator.matrix.real, operator.matrix.imag
        doubled = sparse.csr_array(sparse.block_array([[real, -imaginary], [imaginary, real]]))
        # ring by ring: Re p_0, Re p_1 .. Re p_K, Im p_1 .. Im p_K
        index = np.arange(2 * count * n1 * n2).reshape(2 * count, n1, n2)
        index = np.delete(index, count, axis=0)
        self.order = np.moveaxis(index, 1, 0).ravel()
        matrix = sparse.csr_array(doubled[self.order][:, self.order] - shift * sparse.eye_array(self.order.size))
        parts = [slice(i * self.width, (i + 1) * self.width) for i in range(n1)]
        self.lower = [matrix[parts[i], parts[i - 1]] for i in range(1, n1)]
        self.upper = [matrix[parts[i], parts[i + 1]] for i in range(n1 - 1)]
        self.factors: list[Any] = []
        for i in range(n1):
            block = matrix[parts[i], parts[i]].toarray()
            if i:
                block -= self.lower[i - 1] @ lu_solve(self.factors[-1], self.upper[i - 1].toarray(), check_finite=False)
            self.factors.append(lu_factor(block, overwrite_a=True, check_finite=False))

    def __call__(self, b: np.ndarray) -> np.ndarray:
        rows = np.concatenate([b.ravel().real, b.ravel().imag])[self.order].reshape(-1, self.width)
        for i in range(1, len(rows)):
            rows[i] -= self.lower[i - 1] @ lu_solve(self.factors[i - 1], rows[i - 1], check_finite=False)
        for i in reversed(range(len(rows))):
            if i + 1 < len(rows):
                rows[i] -= self.upper[i] @ rows[i + 1]
            rows[i] = lu_solve(self.factors[i], rows[i], check_finite=False)
        out = np.zeros(2 * b.size)
        out[self.order] = rows.ravel()
        return (out[: b.size] + 1j * out[b.size :]).reshape(self.shape)


def _diagonals(values: np.ndarray) -> np.ndarray:
    """Stack of diagonal matrices, shape (m, n, n), from values of shape (m, n)."""
    return values[:, :, None] * np.eye(values.shape[1])


def _kron(left: np.ndarray, right: np.ndarray) -> sparse.csr_array:
    return sparse.csr_array(sparse.kron(sparse.csr_array(left), sparse.csr_array(right), format="csr"))
