"""Random streams: functions of (seed, purpose, trajectory) and of nothing else.

Each trajectory owns a xoshiro128++ generator (Blackman and Vigna, ACM Trans. Math. Softw. 47, 36 (2021); period
2^128 - 1; its authors report that it passes BigCrush and PractRand). Its 128-bit start state is the image of the
trajectory number under Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11 (2011); passes BigCrush) with a key hashed
from seed and purpose by `numpy.random.SeedSequence`. Philox is a bijection of the counter, so that no two trajectories
of an ensemble share a start state, and neither threads, chunks nor the ensemble's size enter anywhere.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence

import numpy as np
from numba import njit

from langevin.lanes import FASTMATH, LANES, _polynomial, eighth_turn, local

Seed = int | Sequence[int] | np.random.SeedSequence

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _HIGH = np.uint64(0xFFFFFFFF), np.uint64(32)


def philox4x32(counter: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Ten rounds of Philox4x32 on counters of shape (4, n) with one key of shape (2,); uint32 values, shape (4, n)."""
    c0, c1, c2, c3 = (np.asarray(c, dtype=np.uint64) for c in counter)
    k0, k1 = np.uint64(key[0]), np.uint64(key[1])
    for _ in range(10):
        p0, p1 = c0 * _M0, c2 * _M1
        c0, c1, c2, c3 = (p1 >> _HIGH) ^ c1 ^ k0, p1 & _LOW, (p0 >> _HIGH) ^ c3 ^ k1, p0 & _LOW
        k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
    return np.stack([c0, c1, c2, c3]).astype(np.uint32)


def stream_key(seed: Seed, purpose: str) -> np.ndarray:
    """Philox key of a stream family, uint32, shape (2,)."""
    if isinstance(seed, np.random.SeedSequence):
        entropy, spawned = seed.entropy, tuple(seed.spawn_key)
    else:
        entropy, spawned = seed, ()
    words: list = list(entropy) if isinstance(entropy, list | tuple | np.ndarray) else [entropy]
    if isinstance(seed, bool) or not words or any(not isinstance(w, int | np.integer) or w < 0 for w in words):
        raise ValueError(f"Argument `seed` must be a non-negative whole number or several, but is {seed!r}.")
    tag = zlib.crc32(purpose.encode())
    sequence = np.random.SeedSequence([int(w) for w in words], spawn_key=(*spawned, tag))
    return sequence.generate_state(2, np.uint32)


def words(seed: Seed, purpose: str, first: int, count: int, draw: int = 0) -> np.ndarray:
    """Four random uint32 words for each trajectory first .. first + count - 1, shape (4, count)."""
    trajectory = np.arange(first, first + count, dtype=np.uint64)
    counter = np.stack([trajectory & _LOW, trajectory >> _HIGH, np.full(count, draw), np.zeros(count)])
    return philox4x32(counter, stream_key(seed, purpose))


def start_states(seed: Seed, purpose: str, first: int, count: int) -> np.ndarray:
    """Start states of the generators of trajectories first .. first + count - 1, uint32, shape (4, count)."""
    state = words(seed, purpose, first, count)
    state[0, (state == 0).all(axis=0)] = 1  # the one forbidden state
    return state


def uniforms(seed: Seed, purpose: str, first: int, count: int, draw: int = 0) -> np.ndarray:
    """Two uniform numbers in (0, 1) with 53 bits for each trajectory, shape (2, count)."""
    w = words(seed, purpose, first, count, draw).astype(np.uint64)
    return ((w[0::2] << np.uint64(21)) ^ (w[1::2] >> np.uint64(11))) * 2.0**-53 + 2.0**-54


def complex_normals(seed: Seed, purpose: str, first: int, count: int, draw: int = 0) -> np.ndarray:
    """One complex normal number of unit variance per real component for each trajectory, shape (count,)."""
    u, v = uniforms(seed, purpose, first, count, draw)
    return np.sqrt(-2.0 * np.log(u)) * np.exp(2j * np.pi * v)


# --- lane loops: one step of 64 generators, and increments of unit variance made of their words -----------------------


@njit(fastmath=FASTMATH, error_model="numpy", forceinline=True)
def next_words(state, out):
    """xoshiro128++: one signed 32-bit word per lane. `state` has shape (4, LANES)."""
    for lane in range(LANES):
        s0, s1, s2, s3 = state[0, lane], state[1, lane], state[2, lane], state[3, lane]
        a = np.uint32(s0 + s3)
        rotated = np.uint32(np.uint32(a << np.uint32(7)) | np.uint32(a >> np.uint32(25)))
        out[lane] = np.int32(np.uint32(rotated + s0))
        t = np.uint32(s1 << np.uint32(9))
        s2 = np.uint32(s2 ^ s0)
        s3 = np.uint32(s3 ^ s1)
        s1 = np.uint32(s1 ^ s2)
        s0 = np.uint32(s0 ^ s3)
        s2 = np.uint32(s2 ^ t)
        s3 = np.uint32(np.uint32(s3 << np.uint32(11)) | np.uint32(s3 >> np.uint32(21)))
        state[0, lane], state[1, lane], state[2, lane], state[3, lane] = s0, s1, s2, s3


# log(1 + t)/t for sqrt(1/2) <= 1 + t < sqrt(2); interpolation error 1e-9
_LOG = _polynomial(
    lambda t: np.where(t == 0.0, 1.0, np.log1p(t) / np.where(t == 0.0, 1.0, t)),
    math.sqrt(0.5) - 1,
    math.sqrt(2) - 1,
    10,
)
_L0, _L1, _L2, _L3, _L4, _L5, _L6, _L7, _L8, _L9, _L10 = _LOG
_LN2 = math.log(2.0)
_MANTISSA = np.int64(0x000FFFFFFFFFFFFF)
_SQRT_HALF = np.int64(0x3FE6A09E667F3BCD)  # bits of sqrt(1/2): mantissas are taken relative to it
_SHIFT = np.int64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)


@njit(fastmath=FASTMATH, error_model="numpy", forceinline=True)
def gaussian(j, state, scratch, real, imag):
    """Independent standard normal numbers for both components (Box and Muller); two words per lane.

    32-bit uniforms end the tails at 6.7 standard deviations (probability 2e-11).
    """
    w1, w2, u, u_bits, m, m_bits = scratch
    next_words(state, w1)
    next_words(state, w2)
    for lane in range(LANES):
        u[lane] = float(w1[lane]) * 2.0**-32 + (0.5 + 2.0**-33)
    for lane in range(LANES):
        bits = u_bits[lane] + _SHIFT
        m_bits[lane] = (bits & _MANTISSA) + _SQRT_HALF
        w1[lane] = np.int32((bits >> np.int64(52)) - np.int64(1023))
    for lane in range(LANES):
        t = m[lane] - 1.0
        # Estrin's order: shorter dependency chains than Horner's
        t2 = t * t
        t4 = t2 * t2
        low = (_L0 + t * _L1) + t2 * (_L2 + t * _L3) + t4 * ((_L4 + t * _L5) + t2 * (_L6 + t * _L7))
        logarithm = float(w1[lane]) * _LN2 + t * (low + t4 * t4 * ((_L8 + t * _L9) + t2 * _L10))
        # logarithm <= -2^-33 up to rounding; the select keeps sqrt defined at u = 1
        radius = math.sqrt(-2.0 * logarithm if logarithm < 0.0 else 0.0)
        # top two bits pick the quadrant, thirty bits the angle inside it
        word = w2[lane]
        cosine, sine = eighth_turn(float(np.int32(word << np.int32(2))) * 2.0**-33)
        a = sine if word < 0 else cosine
        b = cosine if word < 0 else sine
        flip = np.int32(word << np.int32(1)) < 0
        real[lane] = (-a if flip else a) * radius
        imag[lane] = (-b if flip else b) * radius


@njit(fastmath=FASTMATH, error_model="numpy", forceinline=True)
def two_point(j, state, scratch, real, imag):
    """Increments +1 or -1 for both components; one word per lane.

    Its thirty unused bits could serve fifteen more oscillators, but the branch costs more (0.8 ns) than the word (0.1 ns).
    """
    w1 = scratch[0]
    next_words(state, w1)
    for lane in range(LANES):
        word = w1[lane]
        real[lane] = -1.0 if word < 0 else 1.0
        imag[lane] = -1.0 if np.int32(word << np.int32(1)) < 0 else 1.0


_SQRT3 = math.sqrt(3.0)
_SIXTH = 715827883  # 2^32 / 6
_LOW_SIXTH, _HIGH_SIXTH = np.int32(-(2**31) + _SIXTH), np.int32(2**31 - 1 - _SIXTH)


@njit(fastmath=FASTMATH, error_model="numpy", forceinline=True)
def three_point(j, state, scratch, real, imag):
    """Increments 0 (probability 2/3) or +-sqrt(3) (1/6 each): the moments of a normal number up to the fifth."""
    w1, w2 = scratch[0], scratch[1]
    next_words(state, w1)
    next_words(state, w2)
    for lane in range(LANES):
        real[lane] = (-_SQRT3 if w1[lane] < _LOW_SIXTH else 0.0) + (_SQRT3 if w1[lane] > _HIGH_SIXTH else 0.0)
        imag[lane] = (-_SQRT3 if w2[lane] < _LOW_SIXTH else 0.0) + (_SQRT3 if w2[lane] > _HIGH_SIXTH else 0.0)


NOISES = {"gaussian": gaussian, "two-point": two_point, "three-point": three_point}
"""Increments by name: standard normal numbers, or the fewest points whose moments suffice for weak order 1 and 2."""


@njit(error_model="numpy")
def noise_scratch():
    """Work rows for the functions in `NOISES`; the integer rows view the bits of the float rows."""
    u, m = np.zeros(LANES), np.zeros(LANES)
    return np.zeros(LANES, np.int32), np.zeros(LANES, np.int32), u, u.view(np.int64), m, m.view(np.int64)


@local
def unit_interval(word):
    """A signed 32-bit word as a uniform number in (0, 1)."""
    return float(word) * 2.0**-32 + (0.5 + 2.0**-33)
