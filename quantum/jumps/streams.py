"""Random numbers as a function of (seed, purpose, trajectory, draw) alone: Philox4x32-10.

Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011). A counter-based generator has
no state to carry, so neither the number of threads nor the order of work can change a bit, and any single trajectory
can be replayed from its number.
"""

from __future__ import annotations

import zlib

import numpy as np
from numba import njit

# numba would promote uint64 op int64 to float64, hence typed constants throughout
_LOW = np.uint64(0xFFFFFFFF)
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_32 = np.uint64(32)
_6 = np.uint64(6)
_26 = np.uint64(26)
_STEP = 2.0**-52


def stream_key(seed: int | np.random.SeedSequence, purpose: str) -> np.ndarray:
    """Return the Philox key of one stream family, uint64 array of shape (2,) holding two 32-bit words.

    Raises
    ------
    ValueError
        If `seed` is neither a non-negative whole number nor a `numpy.random.SeedSequence`.
    """
    if isinstance(seed, np.random.SeedSequence):
        entropy, spawn_key = seed.entropy, tuple(seed.spawn_key)
    elif isinstance(seed, int | np.integer) and not isinstance(seed, bool) and seed >= 0:
        entropy, spawn_key = int(seed), ()
    else:
        raise ValueError(f"Argument `seed` must be a non-negative whole number or a SeedSequence, but is {seed!r}.")
    child = np.random.SeedSequence(entropy, spawn_key=(*spawn_key, zlib.crc32(purpose.encode())))
    return child.generate_state(2, np.uint32).astype(np.uint64)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _round(c0, c1, c2, c3, k0, k1):
    a, b = _MULTIPLIER_0 * c0, _MULTIPLIER_1 * c2
    return (b >> _32) ^ c1 ^ k0, b & _LOW, (a >> _32) ^ c3 ^ k1, a & _LOW


@njit(cache=True, nogil=True, error_model="numpy")
def philox(c0, c1, c2, c3, k0, k1):
    """Four 32-bit words, as uint64, of Philox4x32-10 at counter (c0, c1, c2, c3) and key (k0, k1)."""
    for _ in range(10):
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
        k0, k1 = (k0 + _WEYL_0) & _LOW, (k1 + _WEYL_1) & _LOW
    return c0, c1, c2, c3


@njit(cache=True, nogil=True, error_model="numpy")
def uniform_pair(key, trajectory, draw):
    """Two independent doubles in the open interval (0, 1): draw number `draw` of the stream of `trajectory`."""
    d, t = np.uint64(draw), np.uint64(trajectory)
    a, b, c, e = philox(d & _LOW, d >> _32, t & _LOW, t >> _32, key[0], key[1])
    # 52 bits each: with 53 the half step, which keeps 0 out, would round the largest value up to 1
    u = (np.float64(((a >> _6) << _26) | (b >> _6)) + 0.5) * _STEP
    v = (np.float64(((c >> _6) << _26) | (e >> _6)) + 0.5) * _STEP
    return u, v
