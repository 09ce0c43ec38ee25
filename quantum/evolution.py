r"""Time evolution of a density matrix: rho(t) = exp(L t) rho(0), in the blocks that the initial state reaches.

Steps are truncated Taylor series of the exponential. Each step is cut where its last terms fall below the error that is left
to it; exp(L t) contracts in trace norm, so the errors of the steps add up at most. Groups of blocks that no jump links
evolve on their own, each with its own step, and of two adjoint groups only one is evolved.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from quantum.checks import finite, reals
from quantum.density import Density
from quantum.generator import Generator, add_csr, generator_of, no_jump_part
from quantum.initial import initial_elements
from quantum.lindblad import Lindblad
from quantum.memory import require_memory
from quantum.solvers.blocks import Blocks, blocks_of, closed_blocks

# Terms of a step: fewer make short steps, more lose digits, since terms grow to e^|h L| before they fall.
MOST_TERMS = 60

# Growth of the terms over the state that a step may have; it costs that many rounding errors.
LARGEST_GROWTH = 300.0


@njit(cache=True, nogil=True, error_model="numpy")
def _norm(x):
    total = 0.0
    for v in x:
        total += v.real**2 + v.imag**2
    return np.sqrt(total)


@njit(cache=True, nogil=True, error_model="numpy")
def _advance(heff, layout, jump, x, duration, step, tolerance):
    """Replace x by exp(L duration) x; return the last full step and the number of products, negative if it gave up."""
    term, image, total = np.empty_like(x), np.empty_like(x), np.empty_like(x)
    done, products = 0.0, 0
    while done < duration:
        h = min(step, duration - done)
        term[:] = x
        total[:] = x
        size = _norm(x)
        if size == 0.0:
            break
        allowed = max(tolerance * h / duration, 1e-16 * size)
        before, accepted, terms = size, False, 0
        for k in range(1, MOST_TERMS + 1):
            no_jump_part(*heff, *layout, term, image)
            add_csr(*jump, term, image)
            products += 1
            terms = k
            for e in range(x.size):
                term[e] = image[e] * (h / k)
                total[e] += term[e]
            norm = _norm(term)
            if not norm <= LARGEST_GROWTH * size:
                break
            if norm <= 0.5 * allowed and (norm <= 0.5 * before or norm == 0.0):
                accepted = True
                break
            before = norm
        if accepted:
            x[:] = total
            done += h
            if h == step and terms < 30:
                step *= 1.3
        else:
            step = 0.5 * h
            if step < 1e-14 * duration:
                return step, -products
    return step, products


class Evolution:
    """exp(L t) on the blocks of a generator, with a step that adapts itself.

    Parameters
    ----------
    generator : Generator
        L on a closed set of blocks.
    """

    def __init__(self, generator: Generator) -> None:
        structure, pattern = generator.structure, generator.structure.jump
        self._heff = (structure.indptr, structure.indices, generator.heff)
        self._layout = structure.layout
        self._jump = (pattern.image, pattern.indptr, pattern.indices, generator.jump)
        self._step = np.inf
        largest = abs(generator.heff).max(initial=0.0)
        self._first = 1.0 / largest if largest > 0.0 else np.inf
        self.products = 0

    def advance(self, x: np.ndarray, duration: float, tolerance: float) -> np.ndarray:
        """Return exp(L duration) x with an error of at most `tolerance` in the Frobenius norm of the terms cut off.

        Raises
        ------
        RuntimeError
            If the step would have to be too short to get anywhere.
        """
        out = np.array(x, dtype=np.complex128)
        if duration > 0.0:
            step = min(self._step if np.isfinite(self._step) else self._first, duration)
            self._step, count = _advance(self._heff, self._layout, self._jump, out, duration, step, tolerance)
            if count < 0:
                raise RuntimeError(f"The evolution over {duration} found no step within the tolerance {tolerance:.2e}.")
            self.products += count
        return out


def evolve(model: Lindblad, initial: Any, times: ArrayLike, tolerance: float = 1e-10) -> Density:
    """Return rho at `times`.

    Parameters
    ----------
    model : Lindblad
        The master equation.
    initial : int, tuple of int, array or Density
        State at ``times[0]``: a basis index, a level per subsystem, a state vector (D,) or a density matrix (D, D).
    times : array-like of float, shape (n,)
        Increasing; units of the inverse rate.
    tolerance : float
        Bound on the error at the last time: the sum of what the steps cut off, relative to the Frobenius norm of the
        initial state. Rounding adds about 1e-16 times the number of steps.

    Returns
    -------
    Density
        With values of shape (n, elements), on the elements that the initial state can reach.

    Raises
    ------
    ValueError
        If the initial state is none of the above, or times are not finite and increasing.
    MemoryError
        If the result would not fit.
    """
    grid = checked_times(times)
    rows, cols, values = initial_elements(model, initial)
    blocks = closed_blocks(model.sectors, rows, cols, hermitian=True)
    start = np.zeros(blocks.elements, dtype=np.complex128)
    start[blocks.index(rows, cols)] = values
    out = evolve_elements(model, blocks, start, grid, tolerance, hermitian=True)
    return Density(model.dims, blocks.rows, blocks.cols, out)


def evolve_elements(
    model: Lindblad, blocks: Blocks, start: np.ndarray, times: np.ndarray, tolerance: float, hermitian: bool = False
) -> np.ndarray:
    """exp(L (t - times[0])) on a vector of elements, Hermitian or not; shape (times, elements).

    `hermitian` promises that the start is Hermitian, which saves half of the off-diagonal groups.
    """
    if not finite("tolerance", tolerance) > 0.0:
        raise ValueError(f"Argument `tolerance` must be positive, but is {tolerance}.")
    require_memory(16.0 * times.size * blocks.elements, "Argument `times` asks for density matrices whose storage")
    out = np.zeros((times.size, blocks.elements), dtype=np.complex128)
    out[0] = start
    allowed = tolerance * float(np.linalg.norm(start))
    share = np.diff(times) / max(times[-1] - times[0], np.finfo(float).tiny)  # of the error, by duration

    def run(part: Blocks) -> None:
        place = blocks.index(part.rows, part.cols)
        x = start[place]
        if not x.any():
            return
        flow = Evolution(generator_of(model, part))
        for n in range(1, times.size):
            x = flow.advance(x, times[n] - times[n - 1], allowed * share[n - 1])
            out[n, place] = x
        if hermitian and not part.is_hermitian:
            out[:, blocks.index(part.cols, part.rows)] = out[:, place].conj()

    with ThreadPoolExecutor() as pool:
        list(pool.map(run, independent_parts(blocks, hermitian)))
    return out


def independent_parts(blocks: Blocks, hermitian: bool = False) -> Iterator[Blocks]:
    """Groups of blocks that no jump links; with `hermitian` one of two groups that are each other's adjoint."""
    target = blocks.sectors.target
    landing = np.where(
        (target[:, blocks.left] >= 0) & (target[:, blocks.right] >= 0),
        blocks.number[target[:, blocks.left], target[:, blocks.right]],
        -1,
    )
    jump, source = np.nonzero(landing >= 0)
    graph = sparse.coo_array((np.ones(source.size), (source, landing[jump, source])), shape=(blocks.left.size,) * 2)
    count, label = connected_components(graph, directed=False)
    for part in range(count):
        members = np.flatnonzero(label == part)
        if hermitian:
            adjoint = label[blocks.number[blocks.right[members[0]], blocks.left[members[0]]]]
            if adjoint < part:
                continue
        yield blocks_of(blocks.sectors, zip(blocks.left[members], blocks.right[members], strict=True))


def checked_times(times: ArrayLike) -> np.ndarray:
    """Return `times` as an array; refuse what is not finite and increasing."""
    grid = reals("times", times)
    if grid.ndim != 1 or grid.size == 0 or not np.isfinite(grid).all() or (np.diff(grid) < 0).any():
        raise ValueError(f"Argument `times` must be a finite, increasing, non-empty list of times, but is {times!r}.")
    return grid
