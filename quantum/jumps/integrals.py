r"""Exact time integrals of a trajectory, given where its jumps landed.

Between jumps the state follows ``psi~(t) = exp(-i Heff t) psi``, not normalised: its squared norm is the probability that
no jump has come yet. So the conditional expectation of ``int |psi><psi| / <psi|psi> dt`` until the next jump is

.. math::

    X = \int_0^\infty \tilde\psi(t) \tilde\psi(t)^\dagger dt, \qquad
    i (H_\mathrm{eff} X - X H_\mathrm{eff}^\dagger) = |\psi\rangle\langle\psi| ,

which is linear in ``|psi><psi|``. Add it for the state at the begin b of the window and for every landing until its end
e: the sum overshoots the window by what comes after e, whose expectation is the same X of the normalised state at e. So

.. math::

    \int_b^e \rho(t) dt = E\Big[ X\Big( |\psi_b\rangle\langle\psi_b| + \sum_{\mathrm{landings\ in\ } (b, e]}
    |\phi\rangle\langle\phi| - |\psi_e\rangle\langle\psi_e| \Big) \Big]

exactly, stationary or not: it is the integrated master equation with ``J rho`` sampled and the rest solved. The
waiting times no longer contribute to the noise, and a trajectory has only to add up ``|phi><phi|``.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg

from quantum.lindblad import Lindblad
from quantum.sectors import Sectors

# A decay rate below this fraction of the largest entry of the triangular form counts as 0.
DARK = 1e-13


class NoJumpIntegrals:
    """Solver of ``i (Heff X - X Heff^+) = A`` in each of some sectors, by one Schur decomposition per sector.

    Raises
    ------
    ValueError
        If a sector has a dark state, one that no jump ever leaves: the integral over it diverges.
    """

    def __init__(self, model: Lindblad, partition: Sectors, used: np.ndarray) -> None:
        heff = model.effective_hamiltonian
        self._schur = []
        for s in used:
            members = partition.states[s]
            triangular, basis = linalg.schur(heff[members][:, members].toarray(), output="complex")
            slowest = np.argmin(-triangular.diagonal().imag)
            if not -triangular[slowest, slowest].imag > DARK * max(np.abs(triangular).max(), 1e-300):
                raise ValueError(
                    'Argument `sampling` must be "grid" for this model, but is "integral": the sector of basis state '
                    f"{members[0]} has a dark state, which no jump ever leaves."
                )
            self._schur.append((triangular, basis))

    def solve(self, sector: int, landings: np.ndarray) -> np.ndarray:
        """X for Hermitian matrices A, shape (..., n, n), in sector number `sector` of those used."""
        triangular, basis = self._schur[sector]
        n = triangular.shape[0]
        right = -1j * (basis.conj().T @ landings @ basis)
        out = np.empty_like(right)
        for k in np.ndindex(right.shape[:-2]):
            y, scale, info = linalg.lapack.ztrsyl(triangular, triangular, right[k], tranb="C", isgn=-1)
            assert info == 0, f"ztrsyl returned {info} for {n} states"
            out[k] = y / scale
        x = basis @ out @ basis.conj().T
        return 0.5 * (x + x.conj().swapaxes(-1, -2))
