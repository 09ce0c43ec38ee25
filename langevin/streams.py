"""Random streams: functions of (seed, purpose, trajectory) and of nothing else.

Each trajectory owns a xoshiro128++ generator (Blackman and Vigna, ACM Trans. Math. Softw. 47, 36 (2021); period
2^128 - 1; its authors report no systematic failure in BigCrush of TestU01 and no bias in a petabyte of output under their
test of Hamming-weight dependencies, arXiv:2108.13061). Its 128-bit start state is the image of the
trajectory number under Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11 (2011), who report that it passes SmallCrush,
Crush and BigCrush) with a key hashed from seed and purpose by `numpy.random.SeedSequence`. Philox is a bijection of the
counter, so that no two trajectories of an ensemble share a start state, and neither threads, chunks nor the ensemble's
size enter anywhere. That two of n streams overlap within L numbers has a probability of about n^2 L / 2^128: 3e-15 for a
million streams of 10^12. On these published tests the quality of single streams rests; what the engine adds (independence
across lanes, streams and components, and the increments made of the words) is tested in tests/langevin/test_streams.py.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence

import numpy as np
from numba import njit

from langevin.lanes import FASTMATH, LANES, bits_of, double_of, local, polynomial, word_row

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


@local
def unit_interval(word):
    """A signed 32-bit word as a uniform number in (0, 1)."""
    return float(word) * 2.0**-32 + (0.5 + 2.0**-33)


# --- lane loops: steps of 64 generators, and increments of unit variance made of their words ---------------------------
# A generator's state is four rows of words one after the other.

_inline = njit(fastmath=FASTMATH, error_model="numpy", forceinline=True)


@local
def _word(s0, s1, s2, s3):
    """xoshiro128++: the output word, and the next state."""
    total = np.uint32(s0 + s3)
    word = np.uint32(np.uint32(np.uint32(total << np.uint32(7)) | np.uint32(total >> np.uint32(25))) + s0)
    shifted = np.uint32(s1 << np.uint32(9))
    s2 = np.uint32(s2 ^ s0)
    s3 = np.uint32(s3 ^ s1)
    s1 = np.uint32(s1 ^ s2)
    s0 = np.uint32(s0 ^ s3)
    s2 = np.uint32(s2 ^ shifted)
    s3 = np.uint32(np.uint32(s3 << np.uint32(11)) | np.uint32(s3 >> np.uint32(21)))
    return np.int32(word), s0, s1, s2, s3


@_inline
def next_words(state, out):
    """One signed 32-bit word per lane."""
    for lane in range(LANES):
        s0, s1, s2, s3 = state[lane], state[LANES + lane], state[2 * LANES + lane], state[3 * LANES + lane]
        out[lane], s0, s1, s2, s3 = _word(s0, s1, s2, s3)
        state[lane], state[LANES + lane], state[2 * LANES + lane], state[3 * LANES + lane] = s0, s1, s2, s3


@_inline
def next_word_pairs(state, first, second):
    """Two words per lane."""
    for lane in range(LANES):
        s0, s1, s2, s3 = state[lane], state[LANES + lane], state[2 * LANES + lane], state[3 * LANES + lane]
        first[lane], s0, s1, s2, s3 = _word(s0, s1, s2, s3)
        second[lane], s0, s1, s2, s3 = _word(s0, s1, s2, s3)
        state[lane], state[LANES + lane], state[2 * LANES + lane], state[3 * LANES + lane] = s0, s1, s2, s3


# log(1 + t)/t for sqrt(1/2) <= 1 + t < sqrt(2); interpolation error 4e-8, so that of the radius is below 1e-8
_L0, _L1, _L2, _L3, _L4, _L5, _L6, _L7, _L8 = polynomial(
    lambda t: np.where(t == 0.0, 1.0, np.log1p(t) / np.where(t == 0.0, 1.0, t)),
    math.sqrt(0.5) - 1,
    math.sqrt(2) - 1,
    8,
)
# sin(pi s)/s and cos(pi s) in s^2 for |s| <= 1/4; interpolation errors 3e-12 and 5e-11
_S0, _S1, _S2, _S3, _S4 = polynomial(lambda y: np.pi * np.sinc(np.sqrt(y)), 0.0, 0.25**2, 4)
_C0, _C1, _C2, _C3, _C4 = polynomial(lambda y: np.cos(np.pi * np.sqrt(y)), 0.0, 0.25**2, 4)
_LN2 = math.log(2.0)
_MANTISSA = np.int64(0x000FFFFFFFFFFFFF)
_SQRT_HALF = np.int64(0x3FE6A09E667F3BCD)  # bits of sqrt(1/2): mantissas are taken relative to it
_SHIFT = np.int64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)


@local
def _logarithm(u):
    """log(u) for 0 < u <= 1; absolute error 1e-8."""
    bits = bits_of(u) + _SHIFT
    t = double_of((bits & _MANTISSA) + _SQRT_HALF) - 1.0
    exponent = float(np.int32((bits >> np.int64(52)) - np.int64(1023)))
    # Estrin's order: shorter dependency chains than Horner's
    t2 = t * t
    t4 = t2 * t2
    low = (_L0 + t * _L1) + t2 * (_L2 + t * _L3) + t4 * ((_L4 + t * _L5) + t2 * (_L6 + t * _L7))
    return exponent * _LN2 + t * (low + t4 * t4 * _L8)


@_inline
def gaussian(random, real, imag):
    """Independent standard normal numbers for both components (Box and Muller); two words per lane.

    32-bit uniforms end the tails at 6.7 standard deviations (probability 2e-11).
    """
    radius_words, angle_words = word_row(), word_row()
    next_word_pairs(random[0], radius_words, angle_words)
    for lane in range(LANES):
        square = -2.0 * _logarithm(unit_interval(radius_words[lane]))
        # square > 0 up to rounding; the select keeps sqrt defined at u = 1
        radius = math.sqrt(square if square > 0.0 else 0.0)
        # top two bits pick the quadrant, thirty bits the angle inside it
        word = angle_words[lane]
        s = float(np.int32(word << np.int32(2))) * 2.0**-33
        y = s * s
        y2 = y * y
        sine = s * ((_S0 + y * _S1) + y2 * ((_S2 + y * _S3) + y2 * _S4))
        cosine = (_C0 + y * _C1) + y2 * ((_C2 + y * _C3) + y2 * _C4)
        a = sine if word < 0 else cosine
        b = cosine if word < 0 else sine
        radius = -radius if np.int32(word << np.int32(1)) < 0 else radius
        real[lane] = a * radius
        imag[lane] = b * radius


@_inline
def two_point(random, real, imag):
    """Increments +1 or -1 for both components; one word per lane.

    Its thirty unused bits could serve fifteen more oscillators, but the branch costs more (0.8 ns) than the word (0.1 ns).
    """
    words = word_row()
    next_words(random[0], words)
    for lane in range(LANES):
        word = words[lane]
        real[lane] = -1.0 if word < 0 else 1.0
        imag[lane] = -1.0 if np.int32(word << np.int32(1)) < 0 else 1.0


_SQRT3 = math.sqrt(3.0)
_SIXTH = 715827883  # 2^32 / 6
_LOW_SIXTH, _HIGH_SIXTH = np.int32(-(2**31) + _SIXTH), np.int32(2**31 - 1 - _SIXTH)


@local
def _one_of_three(word):
    return (-_SQRT3 if word < _LOW_SIXTH else 0.0) + (_SQRT3 if word > _HIGH_SIXTH else 0.0)


@_inline
def three_point(random, real, imag):
    """Increments 0 (probability 2/3) or +-sqrt(3) (1/6 each): the moments of a normal number up to the fifth."""
    first, second = word_row(), word_row()
    next_word_pairs(random[0], first, second)
    for lane in range(LANES):
        real[lane] = _one_of_three(first[lane])
        imag[lane] = _one_of_three(second[lane])


NOISES = {"gaussian": gaussian, "two-point": two_point, "three-point": three_point}
"""Increments by name: standard normal numbers, or the fewest points whose moments suffice for weak order 1 and 2."""
