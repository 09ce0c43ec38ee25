"""Lanes: how scalar functions of one oscillator become SIMD loops over trajectories.

Sixty-four trajectories form a block; their states are rows of 64 doubles, real and imaginary part apart, and every inner
loop runs over one row. Scalar functions marked `local` are inlined into these loops, so that LLVM turns them into vector
instructions. What keeps it able to: no branch (a conditional expression becomes a select), no call of libm (hence
`turn` below), Python's division check off, trip counts known at compile time. Kernels work on bare pointers, and keep
what they need for a moment in rows on the stack: an array carries a reference count and may overlap any other array, and
counting and checking cost as much as the arithmetic (4.1 ns instead of 2.4 ns per oscillator and step).
"""

from __future__ import annotations

import math
import platform
from functools import partial

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.polynomial import chebyshev

LANES = 64
"""Trajectories per block. Fixed: a trajectory's bits never depend on the size of the ensemble."""

# Contraction to fused multiply-adds and reassociation let the loops vectorise; "nnan" and "ninf" are left out on
# purpose, since explosions are detected by comparisons that are false for NaN.
FASTMATH = {"contract", "arcp", "nsz", "reassoc"}

local = partial(njit, fastmath=FASTMATH, error_model="numpy", forceinline=True)
"""Decorator for the scalar functions of a model (and of the engine): compiled, and inlined into the lane loops."""


# --- memory -----------------------------------------------------------------------------------------------------------


def _stack(dtype, rows=1):
    """Make a function that returns a pointer to rows of LANES numbers on the stack of the kernel that it is inlined into."""

    @intrinsic
    def allocate(context):
        def generate(target, builder, signature, arguments):
            with builder.goto_entry_block():
                pointer = builder.alloca(target.get_data_type(dtype), ir.Constant(ir.IntType(64), rows * LANES))
            pointer.align = 64
            return pointer

        return types.CPointer(dtype)(), generate

    return allocate


row = _stack(types.float64)
"""row(): room for one double per lane."""

word_row = _stack(types.int32)
"""word_row(): room for one signed 32-bit word per lane."""

generator_rows = _stack(types.uint32, rows=4)
"""generator_rows(): room for the state of one xoshiro128++ per lane."""


@intrinsic
def pointer(context, array):
    """Pointer to the first element of a contiguous array, which somebody else keeps alive."""

    def generate(target, builder, signature, arguments):
        return target.make_array(signature.args[0])(target, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), generate


@intrinsic
def bits_of(context, number):
    """The bits of a double as an integer."""

    def generate(target, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def double_of(context, bits):
    """The double with the bits of an integer."""

    def generate(target, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


# --- numbers too small to matter --------------------------------------------------------------------------------------

# The register MXCSR of x86: flush results that would be denormal to zero, and read denormals as zero
_FLUSH = 0x8040
_X86 = platform.machine().lower() in ("x86_64", "amd64", "i386", "i686")


def _mxcsr(builder, name, place):
    signature = ir.FunctionType(ir.VoidType(), [ir.PointerType(ir.IntType(8))])
    function = cgutils.get_or_insert_function(builder.module, signature, f"llvm.x86.sse.{name}")
    builder.call(function, [builder.bitcast(place, ir.PointerType(ir.IntType(8)))])


@intrinsic
def flush_denormals(context):
    """From here on, numbers below 2.2e-308 are zero (x86); returns what `restore_denormals` takes.

    A decayed amplitude rounds to the smallest denormal number again and again, and each operation on it takes up to a hundred
    cycles on x86. Processors of other makes have no such cost, and nothing is done there.
    """

    def generate(target, builder, signature, arguments):
        place = cgutils.alloca_once(builder, ir.IntType(32))
        if not _X86:
            return ir.Constant(ir.IntType(32), 0)
        _mxcsr(builder, "stmxcsr", place)
        mode = builder.load(place)
        builder.store(builder.or_(mode, ir.Constant(ir.IntType(32), _FLUSH)), place)
        _mxcsr(builder, "ldmxcsr", place)
        return mode

    return types.uint32(), generate


@intrinsic
def restore_denormals(context, mode):
    """End what `flush_denormals` began."""

    def generate(target, builder, signature, arguments):
        if _X86:
            place = cgutils.alloca_once(builder, ir.IntType(32))
            builder.store(arguments[0], place)
            _mxcsr(builder, "ldmxcsr", place)
        return target.get_dummy_value()

    return types.none(types.uint32), generate


# --- functions without libm -------------------------------------------------------------------------------------------


def polynomial(function, low: float, high: float, degree: int) -> tuple[float, ...]:
    """Monomial coefficients of the Chebyshev interpolant of `function` on [low, high]."""
    fit = chebyshev.Chebyshev.interpolate(function, degree, domain=[low, high])
    return tuple(float(c) for c in fit.convert(kind=np.polynomial.Polynomial).coef)


# Of half a turn pi r, |r| <= 1/2: sqrt(2) sin(pi r/2)/r and 2 cos(pi r/2) in r^2, interpolation errors 5e-12 and 1e-10.
# The factors are what the two doublings of the angle below would multiply with.
_S0, _S1, _S2, _S3, _S4 = polynomial(lambda y: np.pi / math.sqrt(2) * np.sinc(np.sqrt(y) / 2), 0.0, 0.25, 4)
_C0, _C1, _C2, _C3, _C4 = polynomial(lambda y: 2.0 * np.cos(np.pi / 2 * np.sqrt(y)), 0.0, 0.25, 4)
_ROOT2 = math.sqrt(2.0)


@local
def full_turn(r):
    """(cos(2 pi r), sin(2 pi r)) for |r| <= 1/2, from a quarter of the angle; absolute error below 4e-10."""
    y = r * r
    y2 = y * y
    sine = r * ((_S0 + y * _S1) + y2 * ((_S2 + y * _S3) + y2 * _S4))
    cosine = (_C0 + y * _C1) + y2 * ((_C2 + y * _C3) + y2 * _C4)
    sine, cosine = sine * cosine, 1.0 - sine * sine
    return 1.0 - sine * sine, _ROOT2 * sine * cosine


_TURNS = 0.5 / math.pi


@local
def turn(angle):
    """(cos(angle), sin(angle)) without libm; absolute error below 4e-10 + 2^-53 |angle|."""
    t = angle * _TURNS
    return full_turn(t - np.rint(t))


@local
def decay(y):
    """exp(-y) to third order; for y > 3/2 its value there, 1/16: damping stays damping however long the step."""
    y = y if y < 1.5 else 1.5
    return 1.0 - y * (1.0 - y * (0.5 - y * (1.0 / 6.0)))


@local
def direction(re, im):
    """Unit vector (cos theta, sin theta) along alpha; (1, 0) at alpha = 0."""
    scale = 1.0 / math.sqrt(re * re + im * im + 1e-290)
    return (re + 1e-145) * scale, im * scale
