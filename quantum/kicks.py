r"""Terms of a Hamiltonian whose phases turn, and the frames in which they stand still.

.. math:: V(t) = \sum_k O_k e^{i\nu_k t} + h.c.

What stands still in a frame of frequencies omega, one for each site, turns as :math:`e^{i\omega\cdot(n - m)t}` outside of
it, n and m the levels of row and column of a density matrix.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from quantum.checks import at_least, finite, instance
from quantum.matrices import operator


@dataclass(frozen=True, eq=False)
class Kick:
    r"""One term :math:`O e^{i\nu t} + h.c.` of the coupling or the drive.

    Parameters
    ----------
    operator : matrix, shape (d, d)
        O on the product of `sites`, in this order; d is the product of their levels. The Hermitian conjugate is added: give
        half of a term that is Hermitian itself.
    sites : sequence of int
        Subsystems on which it acts, counted through the dims of all factors: factors with dims (3, 3) and (3, 3) have the
        sites 0, 1 and 2, 3.
    frequency : float
        nu, an angular frequency.
    strength : complex
        Factor of O. A term of strength 0 does nothing but belongs to the frame, which so stays the same along a sweep.
    """

    operator: Any
    sites: tuple[int, ...]
    frequency: float = 0.0
    strength: complex = 1.0


@dataclass(frozen=True, eq=False)
class Part:
    """A term that shifts the levels of its sites by fixed numbers, the vector `charge` over all sites."""

    operator: np.ndarray
    sites: tuple[int, ...]
    levels: tuple[int, ...]
    charge: np.ndarray
    frequency: float


def parts_of(kicks: Sequence[Kick], dims: Sequence[int]) -> list[Part]:
    """All terms by charges.

    Raises
    ------
    ValueError
        If a term does not fit the sites, is not finite, or turns although it shifts no level.
    """
    return [part for number, kick in enumerate(kicks) for part in _parts(number, kick, tuple(dims))]


def _parts(number: int, kick: Kick, dims: tuple[int, ...]) -> list[Part]:
    """The term by charges; checks it."""
    instance(f"kicks[{number}]", kick, Kick)
    sites = tuple(at_least(f"kicks[{number}].sites", site, 0) for site in kick.sites)
    if not sites or max(sites) >= len(dims) or len(set(sites)) < len(sites):
        raise ValueError(
            f"Argument `kicks[{number}].sites` must hold different numbers below {len(dims)}, but is {kick.sites!r}."
        )
    levels = tuple(dims[site] for site in sites)
    matrix = operator(f"kicks[{number}].operator", kick.operator, math.prod(levels)).toarray()
    frequency = finite(f"kicks[{number}].frequency", kick.frequency)
    rows, cols = np.nonzero(matrix)
    shifts = np.array(np.unravel_index(rows, levels)) - np.array(np.unravel_index(cols, levels))
    out = []
    for shift in np.unique(shifts, axis=1).T:
        if frequency != 0.0 and not shift.any():
            raise ValueError(
                f"Argument `kicks[{number}]` must shift the level of a site, since it turns, but does not."
            )
        mine = (shifts == shift[:, None]).all(axis=0)
        part = np.zeros_like(matrix)
        part[rows[mine], cols[mine]] = kick.strength * matrix[rows[mine], cols[mine]]
        charge = np.zeros(len(dims))
        charge[list(sites)] = shift
        out.append(Part(part, sites, levels, charge, frequency))
    return out


def common_frame(charges: np.ndarray, frequencies: np.ndarray) -> np.ndarray | None:
    """Smallest frequencies omega of the sites with ``charges @ omega = frequencies``, or None."""
    omega = np.linalg.lstsq(charges, frequencies, rcond=None)[0]
    off = abs(charges @ omega - frequencies).max(initial=0.0)
    return None if off > 1e-9 * abs(frequencies).max(initial=0.0) else omega


def frame_of(group: Sequence[Part]) -> np.ndarray | None:
    """Frame in which all terms of a group stand still, shape (sites,), or None."""
    return common_frame(np.array([part.charge for part in group]), np.array([part.frequency for part in group]))


def on_sites(matrix: np.ndarray, own: Sequence[int], sites: Sequence[int], dims: tuple[int, ...]) -> np.ndarray:
    """An operator of the sites `own` on the product of `sites`."""
    rest = [site for site in sites if site not in own]
    full = np.kron(matrix, np.eye(math.prod(dims[s] for s in rest)))
    have = [*own, *rest]
    order = [have.index(site) for site in sites]
    shape = [dims[s] for s in have]
    return full.reshape(*shape, *shape).transpose(*order, *(len(have) + j for j in order)).reshape(full.shape)
