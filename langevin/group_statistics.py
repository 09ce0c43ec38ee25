"""Statistics that ensembles of groups share: means over trajectories, relative phases of groups."""

from __future__ import annotations

import numpy as np

from langevin.checks import real


def mean_with_error(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over the first axis and its standard error (NaN for one trajectory).

    Complex values have complex errors: the real part is that of the real part, the imaginary part that of the imaginary.
    """
    count = values.shape[0]
    spread = np.full(values.shape[1:], np.nan) if count < 2 else values.real.std(axis=0, ddof=1) / np.sqrt(count)
    if np.iscomplexobj(values):
        spread = spread + 1j * (spread if count < 2 else values.imag.std(axis=0, ddof=1) / np.sqrt(count))
    return values.mean(axis=0), spread


def relative_harmonics(first: np.ndarray, second: np.ndarray, k_max: int) -> np.ndarray:
    """Time averages of e^{-ik(phi_1 - phi_2)}, k = 0 .. k_max, of complex series of shape (trajectories, n)."""
    product = first.conj() * second
    unit = product / np.maximum(np.abs(product), 1e-300)
    return np.stack([(unit**k).mean(axis=1) for k in range(k_max + 1)], axis=-1)


def first_sample(burn_in: float | None, times: np.ndarray) -> tuple[int, float]:
    """Index of the window's first sample, and the burn-in; a fifth of the whole by default."""
    whole = times[-1] - times[0]
    burn = whole / 5 if burn_in is None else real("burn_in", burn_in)
    if not 0.0 <= burn < whole:
        raise ValueError(f"Argument `burn_in` must lie between 0 and the times' length {whole:g}, but is {burn:g}.")
    return int(np.ceil(burn / whole * (times.size - 1) - 1e-9)), burn
