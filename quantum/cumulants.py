r"""Second-order cumulants of groups of identical systems coupled all to all, at any finite size.

The state of one member of each group and of one pair of each kind are followed; the state of three members is closed by
setting its third cumulant to zero,

.. math::

    \rho_{123} = \rho_1 \rho_2 \rho_3 + \rho_1 C_{23} + \rho_2 C_{13} + \rho_3 C_{12}, \qquad
    C_{12} = \rho_{12} - \rho_1 \rho_2.

With the pair Hamiltonians written as sums of products A x B (`quantum.groups.product_terms`) this is

.. math::

    \dot\rho_g &= L_g \rho_g - i \sum_{k} (N_k - \delta_{kg})\, \mathrm{tr}_2 [h_{gk}, \rho_{gk}] \\
    \dot\rho_{gk} &= (L_g + L_k) \rho_{gk} - i [h_{gk}, \rho_{gk}]
        - i \sum_l (N_l - \delta_{lg} - \delta_{lk}) \sum_{AB} \left( [A_g, X_{gk}^{B}] + [A_k, X_{gk}^{B}] \right) \\
    X_{gk}^B &= \mathrm{tr}_3 (B_3 \rho_{gkl}) = b \rho_{gk} + (T_g - b\rho_g) \rho_k + \rho_g (T_k - b\rho_k), \qquad
    T_g = \mathrm{tr}_2 (B_2 \rho_{gl}), \quad b = \mathrm{tr} (B \rho_l).

What is exact: everything where no third member takes part (one group of two, two groups of one), and everything as
N -> infinity with couplings proportional to 1/N, where this is the mean field. From a product state the error of members is
(N - 1)(N - 2)/N^4 at a fixed short time (tests). It is not small once the phase has diffused, after the lifetime of the
coherence: a mixture of phases is no product and has third cumulants of order 1. Measured with three-level members at
V = 1, gamma_+ = gamma_-/2: populations of the steady state are .11 off at N = 8; for V = .75 to 1.5 lifetimes are 4-58 % off
for N = 4 to 14 against `quantum.permutation`. Pair states may lose positivity, which `Cumulants.least_eigenvalue` shows.

References
----------
.. [1] Kubo, J. Phys. Soc. Jpn. 17, 1100 (1962); Plankensteiner, Hotter and Ritsch, Quantum 6, 617 (2022).
.. [2] Nadolny and Bruder, Phys. Rev. Lett. 131, 190402 (2023), Supplemental Material, Sec. 3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike
from scipy import sparse

from quantum.checks import at_least, finite, instance, listed
from quantum.evolution import checked_times
from quantum.groups import Groups, density_matrix, member_operator, product_terms
from quantum.liouville import liouvillian
from quantum.memory import require_memory

# Below this a real or imaginary part is set to zero after a step: amplitudes that decay into denormal numbers would
# make the kernel many times slower.
SMALLEST = 1e-200

# Coefficients of Dormand and Prince, J. Comput. Appl. Math. 6, 19 (1980): stages, order 5, and order 5 minus order 4.
STAGES = np.array(
    [
        [1 / 5, 0, 0, 0, 0, 0],
        [3 / 40, 9 / 40, 0, 0, 0, 0],
        [44 / 45, -56 / 15, 32 / 9, 0, 0, 0],
        [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729, 0, 0],
        [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656, 0],
        [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
    ]
)
DEFECT = np.array([71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40])


@dataclass(frozen=True, eq=False)
class Cumulants:
    """States of one member and of pairs over time.

    Attributes
    ----------
    times : float array, shape (n,)
    single : tuple of complex arrays, shape (n, d_g, d_g)
        State of one member of each group.
    pair : dict from (g, g') with g <= g' to complex arrays, shape (n, d_g d_g', d_g d_g')
        State of two different members; (g, g) only where the group has two.
    steps : int
        Accepted steps of the integrator.
    """

    times: np.ndarray
    single: tuple[np.ndarray, ...]
    pair: dict[tuple[int, int], np.ndarray]
    steps: int

    def expect(self, operator: Any, group: int = 0) -> np.ndarray:
        """Expectation value of an operator of one member, shape (n,), complex."""
        if at_least("group", group, 0) >= len(self.single):
            raise ValueError(f"Argument `group` must be below {len(self.single)}, but is {group}.")
        rho = self.single[group]
        return np.einsum("nij,ji->n", rho, member_operator(operator, rho.shape[-1]))

    def expect_pair(self, first: Any, second: Any, groups: tuple[int, int] = (0, 0)) -> np.ndarray:
        """Expectation value of a product of operators of two different members, shape (n,), complex."""
        if groups not in self.pair:
            raise ValueError(f"Argument `groups` must be one of {sorted(self.pair)}, but is {groups!r}.")
        a, b = (
            member_operator(matrix, self.single[group].shape[-1])
            for matrix, group in zip((first, second), groups, strict=True)
        )
        return np.einsum("nij,ji->n", self.pair[groups], np.kron(a, b))

    def least_eigenvalue(self) -> np.ndarray:
        """Smallest eigenvalue of all pair states, shape (n,): below zero where the closure gave up positivity."""
        states = list(self.pair.values()) or list(self.single)
        return np.min([np.linalg.eigvalsh(rho)[:, 0] for rho in states], axis=0)


def evolve_cumulants(
    groups: Groups,
    initial: Sequence[ArrayLike],
    times: ArrayLike,
    *,
    pairs: Mapping[tuple[int, int], ArrayLike] | None = None,
    tolerance: float = 1e-9,
) -> Cumulants:
    """Integrate the second-order cumulant equations.

    Parameters
    ----------
    groups : Groups
        Members, sizes and couplings.
    initial : sequence of arrays, shape (d_g, d_g)
        Density matrix of one member of each group at ``times[0]``.
    times : array-like of float, shape (n,)
        Increasing; units of the inverse rate.
    pairs : mapping from (g, g') with g <= g' to arrays, shape (d_g d_g', d_g d_g'), optional
        States of pairs at ``times[0]``; default the product states.
    tolerance : float
        Largest estimated error of an element per unit of time, of the fifth-order steps.

    Returns
    -------
    Cumulants

    Raises
    ------
    ValueError
        If shapes do not fit, or a matrix is not Hermitian with trace 1.
    RuntimeError
        If the state diverges: the closure is not protected against it.
    """
    instance("groups", groups, Groups)
    grid = checked_times(times)
    if not finite("tolerance", tolerance) > 0.0:
        raise ValueError(f"Argument `tolerance` must be positive, but is {tolerance}.")
    layout = _Layout(groups)
    y = layout.pack(initial, pairs)
    require_memory(32.0 * grid.size * y.size, "Argument `times` asks for states whose storage")
    tables = _tables(groups, layout)
    out = np.empty((grid.size, y.size), dtype=np.complex128)
    out[0] = y
    step, taken = _first_step(tables), 0
    for n in range(1, grid.size):
        step, steps = _advance(y, grid[n] - grid[n - 1], step, tolerance, tables, STAGES, DEFECT)
        if steps < 0:
            raise RuntimeError(f"The cumulants diverge between times {grid[n - 1]:.6g} and {grid[n]:.6g}.")
        taken += steps
        out[n] = y
    return layout.unpack(grid, out, taken)


def decay_time(times: ArrayLike, amplitude: ArrayLike, fraction: float = math.exp(-1.0)) -> float:
    """Return when the modulus of an amplitude last is `fraction` of its first value, by interpolation of its logarithm.

    Parameters
    ----------
    times : array-like of float, shape (n,)
        Increasing; the result counts from ``times[0]``. Its spacing sets the error, a second-order one.
    amplitude : array-like of complex, shape (n,)
        Not zero at the start.
    fraction : float
        Between 0 and 1; default 1/e.

    Returns
    -------
    float
        NaN if the amplitude is still above the fraction at the last time.

    Raises
    ------
    ValueError
        If shapes do not fit or `fraction` lies outside.
    """
    grid, size = checked_times(times), np.abs(np.asarray(amplitude))
    if size.shape != grid.shape:
        raise ValueError(f"Argument `amplitude` must have shape {grid.shape} as `times`, but has shape {size.shape}.")
    if not 0.0 < finite("fraction", fraction) < 1.0:
        raise ValueError(f"Argument `fraction` must lie between 0 and 1, but is {fraction}.")
    if not np.isfinite(size).all():
        raise ValueError("Argument `amplitude` must be finite, but has entries that are not.")
    if not size[0] > 0.0:
        raise ValueError("Argument `amplitude` must not be zero at the first time, but is.")
    above = size > fraction * size[0]
    if above[-1]:
        return math.nan
    n = int(np.flatnonzero(above)[-1])
    drop = np.log(size[n] / (fraction * size[0])) / np.log(size[n] / max(size[n + 1], 1e-300))
    return float(grid[n] + drop * (grid[n + 1] - grid[n]) - grid[0])


class _Layout:
    """Where the states stand in one vector: singles, then pairs with index (row, column of the first; of the second)."""

    def __init__(self, groups: Groups) -> None:
        self.levels, self.pairs = groups.levels, groups.pairs()
        self.elements = [d * d for d in self.levels]
        sizes = self.elements + [self.elements[g] * self.elements[k] for g, k in self.pairs]
        self.offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self.size = int(self.offsets[-1])

    def single(self, group: int) -> int:
        return int(self.offsets[group])

    def pair(self, number: int) -> int:
        return int(self.offsets[len(self.levels) + number])

    def pack(self, initial: Sequence[ArrayLike], pairs: Mapping[tuple[int, int], ArrayLike] | None) -> np.ndarray:
        initial = listed("initial", initial, "density matrices")
        if len(initial) != len(self.levels):
            raise ValueError(
                f"Argument `initial` must hold one state for each of {len(self.levels)} groups, but has {len(initial)}."
            )
        rho = [density_matrix(f"initial[{g}]", state, self.levels[g]) for g, state in enumerate(initial)]
        if pairs is not None and not isinstance(pairs, Mapping):
            raise ValueError(
                f"Argument `pairs` must be a mapping from (g, g') to matrices, but is of type {type(pairs).__name__}."
            )
        given = dict(pairs or {})
        if not set(given) <= set(self.pairs):
            raise ValueError(f"Argument `pairs` must have keys among {self.pairs}, but has {sorted(given)}.")
        y = np.empty(self.size, dtype=np.complex128)
        for g, matrix in enumerate(rho):
            y[self.offsets[g] : self.offsets[g + 1]] = matrix.ravel()
        for p, (g, k) in enumerate(self.pairs):
            d, e = self.levels[g], self.levels[k]
            joint = np.kron(rho[g], rho[k])
            if (g, k) in given:
                joint = density_matrix(f"pairs[{(g, k)}]", given[g, k], d * e)
            parts = joint.reshape(d, e, d, e).transpose(0, 2, 1, 3)
            y[self.pair(p) : self.pair(p) + d * d * e * e] = parts.ravel()
        return y

    def unpack(self, times: np.ndarray, values: np.ndarray, steps: int) -> Cumulants:
        single = tuple(
            values[:, self.offsets[g] : self.offsets[g + 1]].reshape(-1, d, d) for g, d in enumerate(self.levels)
        )
        joint = {}
        for p, (g, k) in enumerate(self.pairs):
            d, e = self.levels[g], self.levels[k]
            part = values[:, self.pair(p) : self.pair(p) + d * d * e * e].reshape(-1, d, d, e, e)
            joint[g, k] = part.transpose(0, 1, 3, 2, 4).reshape(-1, d * e, d * e)
        return Cumulants(times, single, joint, steps)


class _Tables(NamedTuple):
    """What the kernel reads.

    `linear`: CSR (indptr, indices, values) of all that is linear in the state. `channels` (c, 3): offset and elements of
    the state of group l, first entry of B. `weights`: entries (position, value) of tr(B .). `means` (t, 6): channel, offset
    and elements of rho_g, offset and strides of the pair (g, l) for T_g. `thirds` (s, 9): one term [A, X] of one pair, see
    `_thirds`. `commutators`: entries (row, column, value) of -i (N_l - ...) [A, .].
    """

    linear: tuple[np.ndarray, np.ndarray, np.ndarray]
    channels: np.ndarray
    weights: tuple[np.ndarray, np.ndarray]
    means: np.ndarray
    thirds: np.ndarray
    commutators: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _tables(groups: Groups, layout: _Layout) -> _Tables:
    channels, weights, terms = _channels(groups, layout)
    means: dict[tuple[int, int], int] = {}
    mean_rows: list[list[int]] = []

    def mean_of(group: int, channel: int, other: int) -> int:
        """Number of T_g for this channel, whose group is `other`."""
        if (group, channel) not in means:
            means[group, channel] = len(mean_rows)
            swapped = other < group
            p = layout.pairs.index((other, group) if swapped else (group, other))
            n, m = layout.elements[group], layout.elements[other]
            strides = [1, n] if swapped else [m, 1]
            mean_rows.append([channel, layout.single(group), n, layout.pair(p), *strides])
        return means[group, channel]

    thirds, starts, entries = [], [0], []
    for p, (g, k) in enumerate(layout.pairs):
        for side, here in enumerate((g, k)):
            if side == 1 and g == k:
                continue  # the transpose of side 0
            for other, channel, operator in terms[here]:
                count = groups.sizes[other] - (other == g) - (other == k)
                if count > 0:
                    matrix = sparse.coo_array(count * _commutator(operator))
                    entries.append((matrix.row, matrix.col, matrix.data))
                    first, second = mean_of(g, channel, other), mean_of(k, channel, other)
                    mirrored = int(g == k)
                    sizes = [layout.pair(p), layout.elements[g], layout.elements[k]]
                    thirds.append([*sizes, side, mirrored, channel, first, second, len(starts) - 1])
                    starts.append(starts[-1] + matrix.data.size)
    rows, cols, values = (
        np.concatenate([np.asarray(entry[i]) for entry in entries]) if entries else np.zeros(0) for i in range(3)
    )
    return _Tables(
        _linear(groups, layout),
        channels,
        weights,
        np.array(mean_rows, dtype=np.int64).reshape(-1, 6),
        np.array(thirds, dtype=np.int64).reshape(-1, 9),
        (np.array(starts), rows.astype(np.int64), cols.astype(np.int64), values.astype(np.complex128)),
    )


def _channels(
    groups: Groups, layout: _Layout
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray], list[list[tuple[int, int, np.ndarray]]]]:
    """Operators B whose mean acts on others, and for each group its terms (group l of B, channel of B, A)."""
    channels: list[list[int]] = []
    place: list[int] = []
    values: list[complex] = []
    terms: list[list[tuple[int, int, np.ndarray]]] = [[] for _ in groups.sizes]
    for g, here in enumerate(terms):
        for other in range(len(groups.sizes)):
            h = groups.coupling(g, other)
            if h is None:
                continue
            for a, b in product_terms(h, groups.levels[g], groups.levels[other]):
                weight = b.T.ravel()
                (kept,) = np.nonzero(weight)
                here.append((other, len(channels), a))
                channels.append([layout.single(other), len(place), len(place) + kept.size])
                place += kept.tolist()
                values += weight[kept].tolist()
    table = np.array(channels, dtype=np.int64).reshape(-1, 3)
    return table, (np.array(place, dtype=np.int64), np.array(values, dtype=np.complex128)), terms


def _commutator(operator: Any) -> sparse.csr_array:
    """-i[A, .] on row-major elements."""
    matrix = sparse.csr_array(operator)
    one = sparse.eye_array(matrix.shape[0])
    return sparse.csr_array(-1j * (sparse.kron(matrix, one) - sparse.kron(one, matrix.T)))


def _linear(groups: Groups, layout: _Layout) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """CSR of all terms that are linear: local ones, the pair's own coupling, and pairs acting on singles."""
    local = [sparse.csr_array(liouvillian(member)) for member in groups.members]
    count = len(groups.sizes)
    blocks = [[None] * (count + len(layout.pairs)) for _ in range(count + len(layout.pairs))]
    for g in range(count):
        blocks[g][g] = local[g]
    for p, (g, k) in enumerate(layout.pairs):
        d, e = layout.levels[g], layout.levels[k]
        own = sparse.kron(local[g], sparse.eye_array(e * e)) + sparse.kron(sparse.eye_array(d * d), local[k])
        h = groups.coupling(g, k)
        if h is not None:
            # from the elements of a matrix of d e rows to (row, column of the first; row, column of the second)
            order = np.arange((d * e) ** 2).reshape(d, e, d, e).transpose(0, 2, 1, 3).ravel()
            coupled = _commutator(h)[order][:, order]
            own = own + coupled
            first = sparse.kron(sparse.eye_array(d * d), np.eye(e).reshape(1, -1))  # trace over the second
            second = sparse.kron(np.eye(d).reshape(1, -1), sparse.eye_array(e * e))
            blocks[g][count + p] = (groups.sizes[k] - (g == k)) * (first @ coupled)
            if g != k:
                blocks[k][count + p] = groups.sizes[g] * (second @ coupled)
        blocks[count + p][count + p] = own
    matrix = sparse.csr_array(sparse.block_array(blocks), dtype=np.complex128)
    matrix.eliminate_zeros()
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data


def _first_step(tables: _Tables) -> float:
    largest = np.abs(tables.linear[2]).max(initial=0.0)
    return 0.1 / largest if largest > 0.0 else math.inf


@njit(cache=True, nogil=True, error_model="numpy")
def _derivative(y, tables, mean, field, work, out):
    """Set out to dy/dt. Work space: mean (channels,), field (means, elements), work (3, elements)."""
    indptr, indices, values = tables.linear
    for i in range(y.size):
        total = 0j
        for e in range(indptr[i], indptr[i + 1]):
            total += values[e] * y[indices[e]]
        out[i] = total
    place, weight = tables.weights
    for c in range(tables.channels.shape[0]):
        mean[c] = 0j
        for e in range(tables.channels[c, 1], tables.channels[c, 2]):
            mean[c] += weight[e] * y[tables.channels[c, 0] + place[e]]
    for t in range(tables.means.shape[0]):  # T_g - b rho_g
        channel, single, elements, pair, row, column = tables.means[t]
        for i in range(elements):
            total = -mean[channel] * y[single + i]
            for e in range(tables.channels[channel, 1], tables.channels[channel, 2]):
                total += weight[e] * y[pair + i * row + place[e] * column]
            field[t, i] = total
    for s in range(tables.thirds.shape[0]):
        _add_third(y, tables, s, mean, field, work, out)


@njit(cache=True, nogil=True, error_model="numpy")
def _add_third(y, tables, s, mean, field, work, out):
    """Add -i (N_l - ...) [A, b rho_gk + T_g rho_k + rho_g T_k] for one A and one side, T without the product part."""
    pair, n, m, side, mirrored, channel, first, second, number = tables.thirds[s]
    starts, rows, cols, values = tables.commutators
    if side == 0:
        here, there, width, along, across = first, second, m, m, 1
    else:
        here, there, width, along, across = second, first, n, 1, m
    mine, theirs = tables.means[here, 1], tables.means[there, 1]
    b = mean[channel]
    turned_field, turned_rho = work[0], work[1]
    turned_field[:] = 0j
    turned_rho[:] = 0j
    for e in range(starts[number], starts[number + 1]):
        r, c, v = rows[e], cols[e], values[e]
        turned_field[r] += v * field[here, c]
        turned_rho[r] += v * y[mine + c]
        for j in range(width):
            change = b * v * y[pair + c * along + j * across]
            out[pair + r * along + j * across] += change
            if mirrored:
                out[pair + j * along + r * across] += change
    for r in range(tables.means[here, 2]):
        for j in range(width):
            change = turned_field[r] * y[theirs + j] + turned_rho[r] * field[there, j]
            out[pair + r * along + j * across] += change
            if mirrored:
                out[pair + j * along + r * across] += change


@njit(cache=True, nogil=True, error_model="numpy")
def _advance(y, duration, step, tolerance, tables, stages, defect):
    """Replace y by its value after `duration`; return the last step and the number of steps, -1 if y diverged."""
    slopes = np.empty((7, y.size), np.complex128)
    trial = np.empty_like(y)
    mean = np.empty(tables.channels.shape[0], np.complex128)
    widest = 0
    for t in range(tables.means.shape[0]):
        widest = max(widest, tables.means[t, 2])
    field = np.empty((tables.means.shape[0], widest), np.complex128)
    work = np.empty((2, widest), np.complex128)
    done, steps = 0.0, 0
    if duration > 0.0:
        _derivative(y, tables, mean, field, work, slopes[0])
    while done < duration:
        last = done + step >= duration
        h = duration - done if last else step
        for k in range(6):
            for i in range(y.size):
                total = 0j
                for j in range(k + 1):
                    total += stages[k, j] * slopes[j, i]
                trial[i] = y[i] + h * total
            _derivative(trial, tables, mean, field, work, slopes[k + 1])
        worst = 0.0
        for i in range(y.size):
            error = 0j
            for j in range(7):
                error += defect[j] * slopes[j, i]
            worst = max(worst, abs(error)) if error == error else np.inf
        if not worst < 1e6:
            if h < 1e-12 * duration:
                return step, -1
            step = 0.1 * h
            continue
        # the error h worst of a step may be h tolerance; it scales with h^5, as the tolerated one with h
        factor = 0.9 * (tolerance / max(worst, 1e-300)) ** 0.25
        if worst <= tolerance:
            for i in range(y.size):
                re, im = trial[i].real, trial[i].imag
                y[i] = complex(re if abs(re) > SMALLEST else 0.0, im if abs(im) > SMALLEST else 0.0)
                slopes[0, i] = slopes[6, i]
            done = duration if last else done + h
            steps += 1
            if last and factor >= 1.0:
                continue  # a step cut short to end on time says nothing against the longer one
        step = h * min(max(factor, 0.2), 5.0)
        if step < 1e-13 * duration:
            return step, -1
    return step, steps
