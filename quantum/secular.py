r"""The secular slow model: few slow modes of each subsystem, and the resonant part of what links them.

Subsystems with strong dissipation and pumps have a few slow modes :math:`L_j r_k = \lambda_k r_k` (for a qubit hidden in a
larger system: the steady state, the decay of its population, and two coherences) and fast ones. Weak couplings and drives

.. math:: V(t) = \sum_c O_c e^{i\nu_c t}, \qquad \text{Hermitian conjugates among the } c,

link products of slow modes by the matrix elements of :math:`-i[O_c, \cdot]` with the dual modes :math:`l_k`. In the frame
omega in which V stands still, coherences that turn at :math:`\omega\cdot q` become slow, and kept are the elements that
conserve q:

.. math::

    \dot c_k = \Big(\sum_j\lambda_{k_j} - i\,\omega\cdot q_k\Big)c_k
    - i\sum_{k', c} \mathrm{tr}\big(l_k^\dagger[O_c, r_{k'}]\big)\,c_{k'}\,\delta_{q_k, q_{k'} + q_c} .

What is left out is of second order in V: V over a fast rate, or over a frequency of the frame. Two subsystems of 81 elements
and four slow modes each become 16 equations.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from scipy.linalg import eig

from quantum.checks import at_least, instance
from quantum.kicks import Kick, Part, frame_of, parts_of
from quantum.lindblad import Lindblad
from quantum.liouville import basis_change, in_hermitian_basis, liouvillian


@dataclass(frozen=True, eq=False)
class SlowModes:
    """The slowest eigenmodes of one model; `slow_modes` finds them.

    Attributes
    ----------
    dims : tuple of int
        Levels of the model's subsystems.
    rates : complex array, shape (modes,)
        Eigenvalues lambda, real parts falling; the first is 0.
    right : complex array, shape (modes, D, D)
        Modes. The first is the steady state, of trace 1; the others are traceless and have Frobenius norm 1.
    left : complex array, shape (modes, D, D)
        Dual modes: ``tr(left[j]^+ right[k])`` is 1 for j = k and else 0. The first is the identity.
    separation : float
        Decay rate of the slowest mode left out over that of the fastest one kept; infinite if none is left out.
    """

    dims: tuple[int, ...]
    rates: np.ndarray
    right: np.ndarray
    left: np.ndarray
    separation: float


@dataclass(frozen=True)
class EffectiveQubit:
    """A qubit that behaves as two levels of a larger system do, by the system's slow modes.

    Attributes
    ----------
    gain, loss : float
        Rates w and gamma: w + gamma is the decay rate of the population mode, w/(w + gamma) the steady population of the
        upper level. That of the lower one may be less than the rest: what stays in other levels counts as not excited.
    decoherence : float
        Decay rate of the coherence.
    frequency : float
        Angular frequency E_upper - E_lower in the frame of the model.
    """

    gain: float
    loss: float
    decoherence: float
    frequency: float

    @property
    def relaxation(self) -> float:
        """Gamma = w + gamma."""
        return self.gain + self.loss

    @property
    def ratio(self) -> float:
        """Ratio w/gamma."""
        return self.gain / self.loss

    @property
    def dephasing(self) -> float:
        """Decoherence beyond Gamma/2, the gamma_phi of ``2 gamma_phi D[S^z]``; negative where levels beyond the two matter."""
        return self.decoherence - 0.5 * self.relaxation


@dataclass(frozen=True, eq=False)
class SecularState:
    """Steady state of a secular model.

    Attributes
    ----------
    modes : tuple of SlowModes
        Of each factor.
    frame : tuple of Frame
        Of each factor: what turns in it, and how fast.
    coefficients : complex array, shape (modes, ...)
        c, in the frame: the state is the sum of c times products of right modes; ``coefficients[0, ..., 0]`` is 1.
    """

    modes: tuple[SlowModes, ...]
    frame: tuple[Frame, ...]
    coefficients: np.ndarray

    def density(self) -> np.ndarray:
        """The density matrix at t = 0, shape (D, D), a start for `quantum.split.SplitPropagator`."""
        return self._sum([modes.right for modes in self.modes])

    def mean(self) -> np.ndarray:
        """Long mean of the demodulated density matrix, shape (D, D): what stands still in the frame of the kicks.

        Elements (n, m) of a mode that turns q times with the frame are kept where n - m = q: static fields of a factor, a
        pump say, leave coherences that do not turn with the drive and average out.
        """
        return self._sum([frame.standing(modes) for modes, frame in zip(self.modes, self.frame, strict=True)])

    def _sum(self, matrices: Sequence[np.ndarray]) -> np.ndarray:
        out, count = self.coefficients, len(matrices)
        for factor in matrices:
            out = np.tensordot(out, factor, axes=([0], [0]))
        order = [2 * j for j in range(count)] + [2 * j + 1 for j in range(count)]
        return out.transpose(order).reshape((math.prod(factor.shape[1] for factor in matrices),) * 2)


@dataclass(frozen=True, eq=False)
class Frame:
    """How a factor turns in the frame of the kicks.

    Attributes
    ----------
    frequency : float
        Angular frequency of its turning sites, 0 if there are none.
    sites : tuple of int
        The sites that turn.
    charges : int array, shape (modes,)
        Quanta of `frequency` at which each mode turns.
    """

    frequency: float
    sites: tuple[int, ...]
    charges: np.ndarray

    def standing(self, modes: SlowModes) -> np.ndarray:
        """Right modes, shape (modes, D, D), without the elements that turn in the frame."""
        level = np.indices(modes.dims).reshape(len(modes.dims), -1)
        quanta = level[list(self.sites)].sum(axis=0)
        turn = np.subtract.outer(quanta, quanta)
        return np.where(turn == self.charges[:, None, None], modes.right, 0.0)


def slow_modes(model: Lindblad, count: int | None = 4) -> SlowModes:
    """Return the `count` slowest modes of a model, the steady state among them.

    Parameters
    ----------
    model : Lindblad
        Small: its generator becomes a dense matrix (81 x 81 for nine levels, 2 ms).
    count : int or None
        Four for a qubit, None for all modes. Pairs of complex conjugates must not be torn.

    Raises
    ------
    ValueError
        If the steady state is not unique, or the last mode kept and the first one left out belong together.
    """
    size = instance("model", model, Lindblad).dimension
    count = size**2 if count is None else at_least("count", count, 1)
    if count > size**2:
        raise ValueError(f"Argument `count` must be at most {size**2}, but is {count}.")
    values, left, right = eig(in_hermitian_basis(liouvillian(model), model.dims), left=True)
    order = np.lexsort((values.imag, -np.round(values.real, 9)))
    decay = -values.real[order]
    scale = decay[-1]
    if size > 1 and decay[1] <= 1e-12 * max(scale, abs(values).max()):
        raise ValueError("Argument `model` must have one steady state, but has several.")
    if count < order.size and abs(values[order[count - 1]].conj() - values[order[count]]) < 1e-9 * scale:
        raise ValueError(f"Argument `count` must not tear a pair of conjugate modes apart, but {count} does.")
    keep, basis = order[:count], basis_change(model.dims)
    right = (basis @ right[:, keep]).T.reshape(count, size, size)
    right[0] /= np.trace(right[0])
    left = (basis @ left[:, keep]).T.reshape(count, size, size)
    overlap = np.einsum("jab,kab->jk", left.conj(), right)
    left = np.tensordot(np.linalg.inv(overlap).conj(), left, axes=1)
    rates = values[keep].copy()
    rates[0] = 0.0
    separation = decay[count] / decay[count - 1] if 1 < count < order.size else math.inf
    return SlowModes(model.dims, rates, right, left, float(separation))


def effective_qubit(modes: SlowModes, site: int = 0, levels: tuple[int, int] = (0, 1)) -> EffectiveQubit:
    """Rates of the qubit made of two levels (lower, upper) of one subsystem.

    The mode of the population is the one that carries most of the decay from the upper level, that of the coherence the one
    that carries most of its decay, other subsystems being in their steady state.

    Parameters
    ----------
    modes : SlowModes
        All modes, or as many as hold these two.
    site : int
        The subsystem.
    levels : pair of int
        The lower level and the upper one.

    Raises
    ------
    ValueError
        If `site` or `levels` do not exist, or there is no mode but the steady state.
    """
    if modes.rates.size < 3:
        raise ValueError(f"Argument `modes` must hold at least three modes, but holds {modes.rates.size}.")
    if at_least("site", site, 0) >= len(modes.dims):
        raise ValueError(f"Argument `site` must be below {len(modes.dims)}, but is {site}.")
    lower, upper = (at_least("levels", level, 0) for level in levels)
    if lower == upper or max(lower, upper) >= modes.dims[site]:
        raise ValueError(f"Argument `levels` must be two of {modes.dims[site]} levels, but is {levels!r}.")
    right, left = (_by_site(modes.dims, m, site) for m in (modes.right, modes.left))
    rest = np.einsum("nanb->ab", right[0])
    reduced = np.einsum("knama->knm", right)
    start = np.einsum("knamb,ab->knm", left.conj(), rest)  # of |n><m| x rest
    excited = reduced[0, upper, upper].real
    weight = abs(start * reduced)[1:]
    decay = 1 + int(np.argmax(weight[:, upper, upper]))
    coherence = 1 + int(np.argmax(weight[:, upper, lower]))
    relaxation, turning = -modes.rates[decay].real, modes.rates[coherence]
    return EffectiveQubit(
        float(relaxation * excited), float(relaxation * (1.0 - excited)), float(-turning.real), float(-turning.imag)
    )


def secular_state(modes: Sequence[SlowModes], kicks: Sequence[Kick]) -> SecularState:
    """Steady state of the secular model of some factors and what links them.

    Parameters
    ----------
    modes : sequence of SlowModes
        Of each factor.
    kicks : sequence of Kick
        Couplings and drives; sites are counted through the dims of all factors, as in `quantum.split`.

    Raises
    ------
    ValueError
        As `secular_generator` does, or if the model has no unique steady state.
    """
    generator, frame = secular_generator(modes, kicks)
    coefficients = np.ones(len(generator), dtype=np.complex128)
    try:
        coefficients[1:] = np.linalg.solve(generator[1:, 1:], -generator[1:, 0])
    except np.linalg.LinAlgError:
        raise ValueError("Argument `modes` must lead to one steady state, but leads to several.") from None
    return SecularState(tuple(modes), frame, coefficients.reshape([m.rates.size for m in modes]))


def secular_generator(modes: Sequence[SlowModes], kicks: Sequence[Kick]) -> tuple[np.ndarray, tuple[Frame, ...]]:
    """Generator of the coefficients c in the frame of the kicks, shape (K, K), K the product of the numbers of modes.

    Raises
    ------
    ValueError
        If a kick does not fit, there is no frame in which all stand still, two sites of one factor turn differently in it, or
        a mode turns near no multiple of its factor's frequency.
    """
    modes = [instance(f"modes[{j}]", m, SlowModes) for j, m in enumerate(modes)]
    if not modes:
        raise ValueError("Argument `modes` must hold the modes of at least one factor, but is empty.")
    parts = parts_of(kicks, [levels for m in modes for levels in m.dims])
    first = np.cumsum([0, *(len(m.dims) for m in modes)])
    frame = _frames(modes, parts, first)
    rates = [m.rates - 1j * f.frequency * f.charges for m, f in zip(modes, frame, strict=True)]
    out = np.diag(reduce(lambda a, b: np.add.outer(a, b), rates).ravel())
    for part in parts:
        for conjugate in (False, True):
            kept = _conserving(part, first, frame, conjugate)
            for weight, units in _matrix_units(part, first, conjugate):
                left = [_projected(m, u, True) * k for m, u, k in zip(modes, units, kept, strict=True)]
                right = [_projected(m, u, False) * k for m, u, k in zip(modes, units, kept, strict=True)]
                out -= 1j * weight * (reduce(_kron, left) - reduce(_kron, right))
    return out, frame


def _frames(modes: Sequence[SlowModes], parts: Sequence[Part], first: np.ndarray) -> tuple[Frame, ...]:
    """The frame of the kicks, by factors."""
    frame = frame_of(parts) if parts else np.zeros(first[-1])
    if frame is None:
        raise ValueError("Argument `kicks` must have a frame in which all terms stand still, but has none.")
    moved = np.any([part.charge != 0 for part in parts], axis=0) if parts else np.zeros(first[-1], dtype=bool)
    out = []
    for factor, m in enumerate(modes):
        sites = np.flatnonzero(moved[first[factor] : first[factor + 1]])
        mine = frame[first[factor] + sites]
        if np.ptp(mine) > 1e-9 * abs(mine).max() if mine.size else False:
            raise ValueError(
                f"Argument `kicks` must turn all sites of factor {factor} alike, but has frequencies {mine}."
            )
        frequency = float(mine[0]) if mine.any() else 0.0
        out.append(Frame(frequency, tuple(map(int, sites)) if frequency else (), _charges(m, frequency)))
    return tuple(out)


def _charges(modes: SlowModes, frequency: float) -> np.ndarray:
    """Quanta of the frame's frequency at which each mode turns."""
    if frequency == 0.0:
        return np.zeros(modes.rates.size, dtype=int)
    quanta = modes.rates.imag / frequency
    charge = np.rint(quanta).astype(int)
    if abs(quanta - charge).max() > 0.25:
        raise ValueError(
            "Argument `modes` must turn near multiples of the frame's frequency, but some turn at "
            f"{np.round(quanta, 3)} times {frequency:.6g}."
        )
    return charge


def _conserving(part: Part, first: np.ndarray, frame: Sequence[Frame], conjugate: bool) -> list[np.ndarray]:
    """Which elements (mode, mode') of each factor conserve the charge: q = q' + that of the term, where the factor turns."""
    out = []
    for (a, b), f in zip(itertools.pairwise(first), frame, strict=True):
        shift = part.charge[a:b][list(f.sites)].sum() * (-1 if conjugate else 1)
        out.append(f.charges[:, None] == f.charges + shift)
    return out


def _matrix_units(
    part: Part, first: np.ndarray, conjugate: bool
) -> Iterator[tuple[complex, list[dict[int, tuple[int, int]]]]]:
    """Nonzero elements of a term, as products of |n><m| on the sites of each factor."""
    matrix = part.operator.conj().T if conjugate else part.operator
    rows, cols = np.nonzero(matrix)
    for row, col in zip(rows, cols, strict=True):
        n, m = np.unravel_index(row, part.levels), np.unravel_index(col, part.levels)
        units: list[dict[int, tuple[int, int]]] = [{} for _ in first[1:]]
        for place, site in enumerate(part.sites):
            factor = int(np.searchsorted(first, site, side="right")) - 1
            units[factor][site - int(first[factor])] = (int(n[place]), int(m[place]))
        yield matrix[row, col], units


def _kron(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Kronecker product of two matrices; `numpy.kron` takes six times as long for small ones."""
    size = len(a) * len(b)
    return (a[:, None, :, None] * b[None, :, None, :]).reshape(size, size)


def _projected(modes: SlowModes, units: dict[int, tuple[int, int]], from_left: bool) -> np.ndarray:
    """tr(left[j]^+ U right[k]), or with U on the right, for a product U of |n><m|; shape (modes, modes)."""
    count = modes.rates.size
    if not units:
        return np.eye(count, dtype=np.complex128)
    factors = [np.eye(levels) for levels in modes.dims]
    for site, (n, m) in units.items():
        factors[site][:] = 0.0
        factors[site][n, m] = 1.0
    operator = reduce(_kron, factors)
    image = operator @ modes.right if from_left else modes.right @ operator
    return modes.left.reshape(count, -1).conj() @ image.reshape(count, -1).T


def _by_site(dims: tuple[int, ...], matrices: np.ndarray, site: int) -> np.ndarray:
    """Matrices (modes, D, D) with one site apart: shape (modes, levels, rest, levels, rest)."""
    count = len(dims)
    tensor = np.moveaxis(matrices.reshape(-1, *dims, *dims), (1 + site, 1 + count + site), (1, 1 + count))
    rest = math.prod(dims) // dims[site]
    return tensor.reshape(len(matrices), dims[site], rest, dims[site], rest)
