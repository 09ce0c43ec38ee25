r"""Steady states of a pair coupled by hopping, through the exact inverse of what each oscillator does alone.

.. math::

    \mathcal{L} = \mathcal{L}_1 + \mathcal{L}_2 - i[C a_1^\dagger a_2 + C^* a_2^\dagger a_1, \cdot\,]

Each oscillator's own generator shifts its level by fixed steps, so it keeps the order k of a coherence
:math:`|n\rangle\langle n+k|` and is one small matrix :math:`G_k` for each k. With the steady state's elements
:math:`\rho_k[n, m] = \langle n, m+k|\rho|n+k, m\rangle` (the total number is the same on both sides),

.. math::

    (\mathcal{L}_1 + \mathcal{L}_2)\rho_k = G^{(1)}_k\rho_k + \rho_k\,\overline{G^{(2)}_k}{}^T,

which eigenvectors of the two matrices invert. Hopping, :math:`\mathcal{L}_V`, links k to k +- 1. What is left,

.. math::

    x + (\mathcal{L}_1 + \mathcal{L}_2)^{-1}\mathcal{L}_V x = -(\mathcal{L}_1 + \mathcal{L}_2)^{-1}\mathcal{L}_V\rho^{(0)},

takes GMRES few steps where the coupling is weak, however many levels and jumps there are. The inverse of the evolution
without jumps (`quantum.steady`) takes more the more jumps fit into a relaxation time: with 24 and 36 quanta (48 and 72
levels, V = .05) 260 and 707 products and 8 s and 33 s there, 10 products and .5 s and 1.6 s here; with 50 quanta, 100 levels,
11 products and 5 s.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import LinearOperator, gmres

from quantum.checks import finite
from quantum.lindblad import Lindblad
from quantum.steady import SteadyState


class LocalGenerator:
    """The generator of one oscillator on coherences of each order.

    Parameters
    ----------
    model : Lindblad
        One subsystem, with a diagonal Hamiltonian and jump operators that each shift the level by a fixed step.

    Raises
    ------
    ValueError
        If the model is not of this kind.
    """

    def __init__(self, model: Lindblad) -> None:
        if len(model.dims) != 1:
            raise ValueError(f"Argument `model` must have one subsystem, but has {len(model.dims)}.")
        hamiltonian = model.hamiltonian.toarray()
        if abs(hamiltonian - np.diag(hamiltonian.diagonal())).any():
            raise ValueError("Argument `model` must have a diagonal Hamiltonian, but has other elements.")
        self.levels = model.dims[0]
        self.energy = hamiltonian.diagonal().real
        self._steps = [_ladder(c, jump.tocoo()) for c, jump in enumerate(model.jumps)]
        self._rate = model.total_rate.diagonal().real
        self._eigen: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}

    def matrix(self, order: int) -> np.ndarray:
        """G_k, shape (levels - k, levels - k), on the coherences <n|.|n + k>."""
        size = self.levels - order
        low, high = slice(0, size), slice(order, self.levels)
        out = np.diag(-1j * (self.energy[low] - self.energy[high]) - 0.5 * (self._rate[low] + self._rate[high]))
        for step, amplitude in self._steps:
            # amplitude[n] leads from n to n + step
            source = np.arange(max(0, -step), size - max(0, step))
            out[source + step, source] += amplitude[source] * amplitude[source + order].conj()
        return out

    def eigenbasis(self, order: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Eigenvalues and eigenvectors of G_k, and the inverse of the latter."""
        if order not in self._eigen:
            values, vectors = np.linalg.eig(self.matrix(order))
            self._eigen[order] = values, vectors, np.linalg.inv(vectors)
        return self._eigen[order]


def _ladder(number: int, jump: object) -> tuple[int, np.ndarray]:
    """Step and amplitudes of one jump operator."""
    row, col, data, shape = jump.row, jump.col, jump.data, jump.shape  # type: ignore[attr-defined]
    steps = np.unique(row - col)
    if steps.size > 1:
        raise ValueError(
            f"Argument `model` must have jumps that shift the level by one step each, but jump {number} has {steps.tolist()}."
        )
    amplitude = np.zeros(shape[0], dtype=np.complex128)
    amplitude[col] = data
    return (int(steps[0]) if steps.size else 0), amplitude


class HoppingPair:
    """A pair of oscillators of equal numbers of levels with a hopping ``V = C a_1^+ a_2 + h.c.``.

    Parameters
    ----------
    one, two : LocalGenerator
        Their eigenbases are found once and shared by all couplings.
    orders : int, optional
        Highest order of coherence kept. Default: all, which is exact.
    """

    def __init__(self, one: LocalGenerator, two: LocalGenerator, orders: int | None = None) -> None:
        if one.levels != two.levels:
            raise ValueError(f"Argument `two` must have {one.levels} levels like `one`, but has {two.levels}.")
        self.one, self.two = one, two
        self.levels = one.levels
        self.orders = self.levels - 1 if orders is None else min(orders, self.levels - 1)
        self._root = np.sqrt(np.arange(self.levels + 1.0))

    # --- vectors: rho_0 real, then real and imaginary parts of rho_1, rho_2, ... ---

    def split(self, vector: np.ndarray) -> list[np.ndarray]:
        """The matrices rho_k of a vector."""
        out, at = [], 0
        for k in range(self.orders + 1):
            size = self.levels - k
            count = size * size
            if k == 0:
                out.append(vector[:count].reshape(size, size))
                at = count
            else:
                out.append((vector[at : at + count] + 1j * vector[at + count : at + 2 * count]).reshape(size, size))
                at += 2 * count
        return out

    def join(self, parts: list[np.ndarray]) -> np.ndarray:
        """The vector of matrices rho_k."""
        pieces = [parts[0].real.ravel()]
        for part in parts[1:]:
            pieces += [part.real.ravel(), part.imag.ravel()]
        return np.concatenate(pieces)

    def local(self, parts: list[np.ndarray], detuning: float) -> list[np.ndarray]:
        """(L_1 + L_2) rho; a detuning turns coherences of order k by i k times it."""
        return [
            self.one.matrix(k) @ r + r @ self.two.matrix(k).conj().T + 1j * k * detuning * r
            for k, r in enumerate(parts)
        ]

    def inverse(self, parts: list[np.ndarray], detuning: float) -> list[np.ndarray]:
        """(L_1 + L_2)^-1 on matrices without a trace."""
        out = []
        for k, r in enumerate(parts):
            e1, x1, y1 = self.one.eigenbasis(k)
            e2, x2, y2 = self.two.eigenbasis(k)
            total = e1[:, None] + e2.conj()[None, :] + 1j * k * detuning
            if k == 0:
                # the one zero is the steady state's, of which nothing without a trace has a part
                total[np.unravel_index(abs(total).argmin(), total.shape)] = np.inf
            z = (y1 @ r @ y2.conj().T) / total
            z = x1 @ z @ x2.conj().T
            out.append(z.real if k == 0 else z)
        return out

    def hop(self, parts: list[np.ndarray], coupling: complex) -> list[np.ndarray]:
        """-i [V, rho]."""
        out: list[np.ndarray] = []
        for k in range(self.orders + 1):
            size = self.levels - k
            n, m = np.ogrid[:size, :size]
            new = np.zeros((size, size), dtype=np.complex128)
            if k < self.orders:
                up = parts[k + 1]  # rho_{k+1}[n - 1, m] and [n, m - 1]
                new[1:, :-1] += coupling * (self._root[n] * self._root[m + k + 1])[1:, :-1] * up
                new[:-1, 1:] -= coupling * (self._root[n + k + 1] * self._root[m])[:-1, 1:] * up
            if k == 0:
                out.append(2.0 * new.imag)
                continue
            down = parts[k - 1]  # rho_{k-1}[n + 1, m] and [n, m + 1]
            new += coupling.conjugate() * self._root[n + 1] * self._root[m + k] * down[1:, :size]
            new -= coupling.conjugate() * self._root[n + k] * self._root[m + 1] * down[:size, 1:]
            out.append(-1j * new)
        return out

    def uncoupled(self) -> list[np.ndarray]:
        """Steady state without coupling: a product of the two oscillators' populations."""
        p, q = (_null_vector(generator) for generator in (self.one, self.two))
        return [np.outer(p, q), *(np.zeros((self.levels - k,) * 2, dtype=complex) for k in range(1, self.orders + 1))]

    def steady_state(self, coupling: complex, detuning: float = 0.0, tolerance: float = 1e-11) -> SteadyState:
        """Return the steady state.

        Parameters
        ----------
        coupling : complex
            C.
        detuning : float
            Added to the frequency of the first oscillator; eigenbases do not depend on it.
        tolerance : float
            Largest residual accepted, as `quantum.steady.SteadyState` defines it.

        Raises
        ------
        RuntimeError
            If GMRES did not get there: the coupling is too strong for this method.
        """
        coupling = complex(finite("coupling", complex(coupling).real), finite("coupling", complex(coupling).imag))
        detuning = finite("detuning", detuning)
        zeroth = self.uncoupled()
        start = self.join(zeroth)
        products = 0

        def apply(vector: np.ndarray) -> np.ndarray:
            nonlocal products
            products += 1
            return vector + self.join(self.inverse(self.hop(self.split(vector), coupling), detuning))

        operator = LinearOperator((start.size, start.size), matvec=apply, dtype=np.float64)
        rhs = -self.join(self.inverse(self.hop(zeroth, coupling), detuning))
        x, _ = gmres(operator, rhs, rtol=0.1 * tolerance, atol=0.0, restart=40, maxiter=10)
        parts = self.split(start + x)
        parts = [part / parts[0].sum() for part in parts]
        residual = self._residual(parts, coupling, detuning)
        if not residual <= tolerance:
            raise RuntimeError(
                f"No steady state within tolerance: the residual is {residual:.2e} after {products} products, "
                f"the tolerance {tolerance:.2e}; the coupling is too strong for this method."
            )
        return self._state(parts, residual, products)

    def _residual(self, parts: list[np.ndarray], coupling: complex, detuning: float) -> float:
        flow = [a + b for a, b in zip(self.local(parts, detuning), self.hop(parts, coupling), strict=True)]
        scale = max(self.one._rate.max() + self.two._rate.max(), 1e-300)
        return float(_norm(flow) / (scale * _norm(parts)))

    def _state(self, parts: list[np.ndarray], residual: float, products: int) -> SteadyState:
        rows, cols, values = [], [], []
        for k, part in enumerate(parts):
            n, m = (index.ravel() for index in np.indices(part.shape))
            row, col = n * self.levels + m + k, (n + k) * self.levels + m
            for r, c, v in ((row, col, part.ravel()), (col, row, part.conj().ravel()))[: 2 if k else 1]:
                rows.append(r)
                cols.append(c)
                values.append(v)
        dims = (self.levels, self.levels)
        return SteadyState(
            dims, np.concatenate(rows), np.concatenate(cols), np.concatenate(values).astype(np.complex128),
            residual, "hopping", products,
        )  # fmt: skip


def _norm(parts: list[np.ndarray]) -> float:
    """Frobenius norm of the Hermitian matrix."""
    return float(np.sqrt(sum((2.0 if k else 1.0) * np.linalg.norm(part) ** 2 for k, part in enumerate(parts))))


def _null_vector(generator: LocalGenerator) -> np.ndarray:
    """Steady populations of one oscillator."""
    values, vectors, _ = generator.eigenbasis(0)
    p = vectors[:, abs(values).argmin()]
    return (p / p.sum()).real
