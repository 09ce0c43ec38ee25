r"""The exact inverse of the evolution without jumps: the preconditioner of everything that is solved with L.

.. math:: L_0 X - \sigma X = Y, \qquad L_0 X = -i(H_s X - X H_t^\dagger)

on each block (s, t) of the density matrix. With ``H_s = V_s diag(lambda) V_s^{-1}`` the solution is
``X_ab = Y_ab / (-i(lambda_a - lambda_b^*) - sigma)`` in the eigenbases: four small matrix products. Heff is not
Hermitian; where its eigenvectors are ill-conditioned (exceptional points, strongly driven modes) the block falls back on
Schur forms, which are unitary.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache

import numpy as np
from numba import njit
from scipy import linalg
from threadpoolctl import ThreadpoolController

from quantum.generator import Generator

# Condition number of the eigenvectors beyond which Schur forms are used. The inverse is then good to its square times
# the rounding error, 1e-8, which one step of iterative refinement removes.
LARGEST_CONDITION = 1e4

# Multiplications in one application beyond which a second thread pays for its start (about 50 us).
THREADED_WORK = 2_000_000


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def one_blas_thread():
    """Context in which BLAS keeps to the calling thread: threads over blocks or points replace its own."""
    return _controller().limit(limits=1, user_api="blas")


@njit(cache=True, nogil=True, error_model="numpy")
def _sector_matrices(indptr, indices, data, members, start, position, sizes, square, flat):
    """Heff of each sector as a dense matrix, one after the other."""
    for s in range(sizes.size):
        for i in range(sizes[s]):
            state = members[start[s] + i]
            row = square[s] + i * sizes[s]
            for e in range(indptr[state], indptr[state + 1]):
                flat[row + position[indices[e]]] = data[e]


@njit(cache=True, nogil=True, error_model="numpy")
def _diagonalise(flat, sizes, square, start, values, vectors, inverse, vectors_h, inverse_h, condition):
    """Eigenvalues and right and left eigenvectors of each sector; `condition` is |V| |V^-1| (Frobenius) per sector."""
    for s in range(sizes.size):
        n = sizes[s]
        lo, hi = square[s], square[s + 1]
        if n == 1:
            values[start[s]] = flat[lo]
            vectors[lo] = inverse[lo] = vectors_h[lo] = inverse_h[lo] = 1.0
            condition[s] = 1.0
            continue
        w, v = np.linalg.eig(flat[lo:hi].reshape(n, n))
        u = np.linalg.inv(v)
        values[start[s] : start[s] + n] = w
        forward = backward = 0.0
        for i in range(n):
            for j in range(n):
                a, b = v[i, j], u[i, j]
                forward += a.real**2 + a.imag**2
                backward += b.real**2 + b.imag**2
                vectors[lo + i * n + j] = a
                inverse[lo + i * n + j] = b
                vectors_h[lo + j * n + i] = a.conjugate()
                inverse_h[lo + j * n + i] = b.conjugate()
        condition[s] = np.sqrt(forward * backward)


@njit(cache=True, nogil=True, error_model="numpy")
def _solve_blocks(
    todo, left, right, offset, sizes, square, start, values, vectors, inverse, vectors_h, inverse_h, shift, work, y, x
):
    """Solve (L0 - shift) x = y on the blocks `todo` in the eigenbases of their sectors."""
    for k in range(todo.size):
        b = todo[k]
        s, t = left[b], right[b]
        n, m = sizes[s], sizes[t]
        size = n * m
        out = x[offset[b] : offset[b + 1]].reshape(n, m)
        one = work[0, :size].reshape(n, m)
        two = work[1, :size].reshape(n, m)
        np.dot(inverse[square[s] : square[s + 1]].reshape(n, n), y[offset[b] : offset[b + 1]].reshape(n, m), out=one)
        np.dot(one, inverse_h[square[t] : square[t + 1]].reshape(m, m), out=two)
        for i in range(n):
            for j in range(m):
                two[i, j] /= -1j * (values[start[s] + i] - values[start[t] + j].conjugate()) - shift[b]
        np.dot(vectors[square[s] : square[s + 1]].reshape(n, n), two, out=one)
        np.dot(one, vectors_h[square[t] : square[t + 1]].reshape(m, m), out=out)


class NoJumpInverse:
    """(L0 - shift)^-1 on the blocks of a generator.

    Parameters
    ----------
    generator : Generator
        Supplies Heff and the blocks.

    Attributes
    ----------
    eigenvalues : complex array, shape (D,)
        Eigenvalues of Heff, sector by sector in the order of `Structure.layout`.
    shift : array, shape (blocks,)
        What is subtracted from L0 on each block: the frequency of `tune`, and a rate where L0 is singular because
        of dark states. ``L = (L0 - rate) + (J + rate)`` is the same L with a jump added that does nothing.
    regularised : int array
        The blocks with such a rate.
    dark : tuple of int
        Sectors with a dark state: an eigenvector of H that no jump touches.
    dark_states : int
        Number of dark states.
    """

    def __init__(self, generator: Generator) -> None:
        structure = generator.structure
        self._sectors = structure.blocks.sectors
        members, start, position, left, right, offset, sizes = structure.layout
        square = np.concatenate([[0], np.cumsum(sizes**2)])
        flat = np.zeros(square[-1], dtype=np.complex128)
        _sector_matrices(
            structure.indptr, structure.indices, generator.heff, members, start, position, sizes, square, flat
        )
        self._flat, self._square, self._start, self._sizes = flat, square, start, sizes
        self._left, self._right, self._offset = left, right, offset
        self.eigenvalues, self.condition, self._eigen = self._decompose()
        self._schur: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        bad = ~(self.condition <= LARGEST_CONDITION)  # NaN where eigenvectors are parallel
        for s in np.flatnonzero(bad):
            self.eigenvalues[start[s] : start[s + 1]] = np.diagonal(self._schur_form(int(s))[0])
        by_schur = bad[left] | bad[right]
        self._by_schur = np.flatnonzero(by_schur)
        self._chunks = self._balanced(np.flatnonzero(~by_schur))
        self.threads = len(self._chunks)
        self._fill = np.zeros(left.size)
        self.regularised = self._regularise(generator.scale)
        self.tune(0.0)

    def _decompose(self) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, ...]]:
        values = np.empty(self._start[-1], dtype=np.complex128)
        eigen = tuple(np.empty(self._square[-1], dtype=np.complex128) for _ in range(4))
        condition = np.full(self._sizes.size, np.inf)
        # raised for eigenvectors that are parallel to the last bit: that sector and those after it keep condition inf
        with suppress(np.linalg.LinAlgError):
            _diagonalise(self._flat, self._sizes, self._square, self._start, values, *eigen, condition)
        return values, condition, eigen

    def _schur_form(self, s: int) -> tuple[np.ndarray, np.ndarray]:
        if s not in self._schur:
            n = self._sizes[s]
            self._schur[s] = linalg.schur(
                self._flat[self._square[s] : self._square[s + 1]].reshape(n, n), output="complex"
            )
        return self._schur[s]

    def _balanced(self, todo: np.ndarray) -> list[np.ndarray]:
        """Blocks dealt to two threads, the costly ones first, or to one where that is too little work."""
        n, m = self._sizes[self._left[todo]], self._sizes[self._right[todo]]
        cost = n * m * (n + m)
        if 2 * cost.sum() < THREADED_WORK or todo.size < 2:
            return [todo]
        piles: list[list[int]] = [[], []]
        weight = [0, 0]
        for k in np.argsort(-cost, kind="stable"):
            lighter = int(weight[1] < weight[0])
            piles[lighter].append(int(todo[k]))
            weight[lighter] += int(cost[k])
        return [np.array(pile, dtype=np.int64) for pile in piles]

    def _regularise(self, scale: float) -> np.ndarray:
        """Shift the blocks in which L0 is singular to working precision; return their numbers."""
        values, start = self.eigenvalues, self._start
        decay = -2.0 * values.imag
        quiet = decay <= 1e-12 * max(scale, 1e-300)
        self.dark_states = int(quiet.sum())
        dark = np.unique(np.searchsorted(start, np.flatnonzero(quiet), side="right") - 1)
        self.dark = tuple(int(s) for s in dark)
        if not self.dark:
            return dark
        blocks = np.flatnonzero(np.isin(self._left, dark) & np.isin(self._right, dark))
        self._fill[blocks] = scale
        return blocks

    def tune(self, frequency: complex) -> None:
        """Solve with L0 - frequency from now on."""
        self.shift = self._fill + complex(frequency)

    @property
    def has_eigenbases(self) -> bool:
        """Whether every block is solved in eigenbases, none by Schur forms."""
        return self._by_schur.size == 0

    @property
    def kernel_arguments(self) -> tuple[np.ndarray, ...]:
        """Layout of blocks and sectors, eigenvalues, eigenvectors and shifts, as the kernels take them."""
        layout = (self._left, self._right, self._offset, self._sizes, self._square, self._start)
        return (*layout, self.eigenvalues, *self._eigen, self.shift)

    def work(self) -> np.ndarray:
        """Scratch space of one thread."""
        return np.empty((2, int(np.diff(self._offset).max(initial=0))), dtype=np.complex128)

    def solve(self, y: np.ndarray, pool: ThreadPoolExecutor | None = None) -> np.ndarray:
        """Return x with (L0 - shift) x = y, shape (elements,)."""
        x = np.empty(y.size, dtype=np.complex128)

        def run(todo: np.ndarray) -> None:
            _solve_blocks(todo, *self.kernel_arguments, self.work(), y, x)

        if pool is None or len(self._chunks) == 1:
            for chunk in self._chunks:
                run(chunk)
        else:
            list(pool.map(run, self._chunks))
        for b in self._by_schur:
            self._solve_by_schur(int(b), y, x)
        return x

    def _solve_by_schur(self, b: int, y: np.ndarray, x: np.ndarray) -> None:
        """Sylvester equation -i T_s X' + i X' T_t^+ - shift X' = Q_s^+ Y Q_t in the Schur bases."""
        s, t = int(self._left[b]), int(self._right[b])
        (ts, qs), (tt, qt) = self._schur_form(s), self._schur_form(t)
        place = slice(self._offset[b], self._offset[b + 1])
        block = y[place].reshape(qs.shape[0], qt.shape[0])
        rhs = 1j * (qs.conj().T @ block @ qt)
        shifted = ts - 1j * self.shift[b] * np.eye(ts.shape[0])
        trsyl: Callable = linalg.lapack.ztrsyl
        solution, factor, info = trsyl(shifted, tt, rhs, trana="N", tranb="C", isgn=-1)
        assert info >= 0
        x[place] = (qs @ (solution / factor) @ qt.conj().T).ravel()
