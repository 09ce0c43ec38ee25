r"""Two-time correlations and power spectra by the quantum regression theorem.

.. math:: \langle A(t)B(0)\rangle = \mathrm{tr}[A\, e^{Lt}(B\rho)]

``B rho`` lives in other blocks than rho where B changes the sector (an annihilation operator, say): these blocks and those that
jumps reach from there are all that is evolved, or inverted at each frequency.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from quantum.density import Density
from quantum.evolution import checked_times, evolve_elements
from quantum.generator import generator_of
from quantum.initial import density_elements
from quantum.lindblad import Lindblad
from quantum.matrices import elements_of, operator
from quantum.solvers.blocks import Blocks, blocks_of, closed_blocks
from quantum.solvers.linear import LinearSolver
from quantum.steady import steady_state


def two_time(
    model: Lindblad,
    A: Any,
    B: Any,
    times: ArrayLike,
    *,
    left: Any = None,
    state: Density | None = None,
    tolerance: float = 1e-10,
) -> np.ndarray:
    """Return <A(t) B(0)>, or <left(0) A(t) B(0)>, at `times`.

    Parameters
    ----------
    model : Lindblad
        The master equation.
    A, B : matrix, shape (D, D)
        Operators, Hermitian or not.
    times : array-like of float, shape (n,)
        Non-negative and increasing.
    left : matrix, shape (D, D), optional
        A third operator, at time 0 and to the left: ``left = a^+, A = a^+ a, B = a`` gives the numerator of g2.
    state : Density, optional
        rho at time 0; default the steady state.
    tolerance : float
        As for `quantum.evolution.evolve`, relative to the Frobenius norm of ``B rho left``; it is multiplied by the norm of A.

    Returns
    -------
    complex array, shape (n,)

    Raises
    ------
    ValueError
        If an operator has the wrong shape, times are negative or not increasing, or there is no unique steady state.
    """
    grid = checked_times(times)
    if grid[0] < 0.0:
        raise ValueError(f"Argument `times` must not be negative, but begins with {grid[0]}.")
    observed = operator("A", A, model.dimension)
    source = _source(model, B, left, state)
    blocks, start = _elements(model, source)
    with_origin = np.concatenate([[0.0], grid])
    values = evolve_elements(model, blocks, start, with_origin, tolerance)[1:]
    return values @ elements_of(observed, blocks.cols, blocks.rows)


def spectrum(
    model: Lindblad,
    A: Any,
    B: Any,
    frequencies: ArrayLike,
    *,
    state: Density | None = None,
    tolerance: float = 1e-10,
) -> np.ndarray:
    r"""Return the power spectrum of the steady state's fluctuations, the coherent line taken out.

    .. math::

        S(\omega) = 2\,\mathrm{Re}\int_0^\infty e^{-i\omega t}
            [\langle A(t)B(0)\rangle - \langle A\rangle\langle B\rangle]\, dt,

    which for ``B = A^+`` is the Fourier transform over all times. It is solved frequency by frequency with
    ``(L - i omega)^{-1}``, not by sampling in time.

    Parameters
    ----------
    model : Lindblad
        The master equation.
    A, B : matrix, shape (D, D)
        Operators. ``A = a^+, B = a`` is the emission spectrum of a mode; a mode of frequency w0 has its line at w0.
    frequencies : array-like of float, shape (n,)
        Angular frequencies omega.
    state : Density, optional
        The steady state, where it is already known.
    tolerance : float
        Largest residual accepted, relative to the norm of ``B rho``.

    Returns
    -------
    float array, shape (n,)

    Raises
    ------
    ValueError
        If an operator has the wrong shape, frequencies are not finite, or there is no unique steady state.
    RuntimeError
        If an equation could not be solved within `tolerance`.
    """
    omega = np.asarray(frequencies, dtype=np.float64)
    if omega.ndim != 1 or not np.isfinite(omega).all():
        raise ValueError(f"Argument `frequencies` must be a list of finite numbers, but is {frequencies!r}.")
    observed = operator("A", A, model.dimension)
    rho = steady_state(model) if state is None else state
    blocks, start = _elements(model, _source(model, B, None, rho), all_populations=True)
    steady = np.zeros(blocks.elements, dtype=np.complex128)
    if blocks.diagonal.size:
        rows, cols, values = density_elements("state", model, rho)
        steady[blocks.index(rows, cols)] = values
        start = start - start[blocks.diagonal].sum() * steady
    read = elements_of(observed, blocks.cols, blocks.rows)
    size = float(np.linalg.norm(start))
    solver = LinearSolver(generator_of(model, blocks))
    out = np.zeros(omega.size)
    for n, w in enumerate(omega if size > 0.0 else ()):
        result = solver.at(1j * w).solve(start, 0.1 * tolerance * size, hermitian=False)
        if not result.residual <= tolerance * size:
            raise RuntimeError(
                f"No response within tolerance at frequency {w}: the residual is {result.residual / size:.2e}, "
                f"the tolerance {tolerance:.2e}."
            )
        x = -result.x
        if blocks.diagonal.size:
            x = x - x[blocks.diagonal].sum() * steady
        out[n] = 2.0 * (read @ x).real
    return out


def _source(model: Lindblad, B: Any, left: Any, state: Density | None) -> sparse.coo_array:
    """B rho left as a sparse matrix."""
    rho = steady_state(model) if state is None else state
    rows, cols, values = density_elements("state", model, rho)
    product = operator("B", B, model.dimension) @ sparse.csr_array((values, (rows, cols)), shape=(model.dimension,) * 2)
    if left is not None:
        product = product @ operator("left", left, model.dimension)
    return sparse.coo_array(product)


def _elements(model: Lindblad, source: sparse.coo_array, all_populations: bool = False) -> tuple[Blocks, np.ndarray]:
    """The blocks that `source` reaches, with all diagonal ones if one is among them and that is asked, and its elements."""
    sectors = model.sectors
    blocks = closed_blocks(sectors, source.row, source.col)
    if all_populations and (blocks.left == blocks.right).any():
        diagonal = {(s, s) for s in range(len(sectors.states))}
        blocks = blocks_of(sectors, diagonal | set(zip(blocks.left.tolist(), blocks.right.tolist(), strict=True)))
    start = np.zeros(blocks.elements, dtype=np.complex128)
    np.add.at(start, blocks.index(source.row, source.col), source.data)
    return blocks, start
