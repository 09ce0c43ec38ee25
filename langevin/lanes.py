"""Lanes: how scalar functions of one oscillator become SIMD loops over trajectories.

Sixty-four trajectories form a block; their states are rows of 64 doubles, real and imaginary part apart, and every inner
loop runs over one row. Scalar functions marked `local` are inlined into these loops, so that LLVM turns them into vector
instructions. What keeps it able to: no branch (a conditional expression becomes a select), no call of libm (hence
`turn` below), Python's division check off, trip counts known at compile time.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numba import njit
from numpy.polynomial import chebyshev

LANES = 64
"""Trajectories per block. Fixed: a trajectory's bits never depend on the size of the ensemble."""

# Contraction to fused multiply-adds and reassociation let the loops vectorise; "nnan" and "ninf" are left out on
# purpose, since explosions are detected by comparisons that are false for NaN.
FASTMATH = {"contract", "arcp", "nsz", "reassoc"}

local = partial(njit, fastmath=FASTMATH, error_model="numpy", forceinline=True)
"""Decorator for the scalar functions of a model (and of the engine): compiled, and inlined into the lane loops."""


def _polynomial(function, low: float, high: float, degree: int) -> tuple[float, ...]:
    """Monomial coefficients of the Chebyshev interpolant of `function` on [low, high]."""
    fit = chebyshev.Chebyshev.interpolate(function, degree, domain=[low, high])
    return tuple(float(c) for c in fit.convert(kind=np.polynomial.Polynomial).coef)


# sin(pi s)/s and cos(pi s) in s^2 for |s| <= 1/4; interpolation errors 4e-14 and 2e-13
_QUARTER = 0.25**2
_SIN = _polynomial(lambda y: np.pi * np.sinc(np.sqrt(y)), 0.0, _QUARTER, 5)
_COS = _polynomial(lambda y: np.cos(np.pi * np.sqrt(y)), 0.0, _QUARTER, 5)
_S0, _S1, _S2, _S3, _S4, _S5 = _SIN
_C0, _C1, _C2, _C3, _C4, _C5 = _COS


@local
def eighth_turn(s):
    """(cos(pi s), sin(pi s)) for |s| <= 1/4."""
    y = s * s
    sine = s * (_S0 + y * (_S1 + y * (_S2 + y * (_S3 + y * (_S4 + y * _S5)))))
    cosine = _C0 + y * (_C1 + y * (_C2 + y * (_C3 + y * (_C4 + y * _C5))))
    return cosine, sine


@local
def full_turn(s):
    """(cos(4 pi s), sin(4 pi s)) for |s| <= 1/4: the angle's quarter, doubled twice."""
    cosine, sine = eighth_turn(s)
    cosine, sine = 1.0 - 2.0 * sine * sine, 2.0 * sine * cosine
    return 1.0 - 2.0 * sine * sine, 2.0 * sine * cosine


_TURNS = 0.5 / math.pi


@local
def turn(angle):
    """(cos(angle), sin(angle)) for |angle| < 1e9 without libm; absolute error below 2e-12 for |angle| < 100."""
    t = angle * _TURNS
    return full_turn(0.5 * (t - float(np.int32(t + (0.5 if t >= 0.0 else -0.5)))))


@local
def direction(re, im):
    """Unit vector (cos theta, sin theta) along alpha; (1, 0) at alpha = 0."""
    scale = 1.0 / math.sqrt(re * re + im * im + 1e-290)
    return (re + 1e-145) * scale, im * scale
