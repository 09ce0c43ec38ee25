"""SIMD lanes over parameter points: rows of doubles on a kernel's stack, and what every driver does between steps.

A block holds as many points as there are lanes; component i of lane l stands at ``x[i * LANES + l]``, and every inner loop
runs over the lanes. Rows on the stack are known not to overlap with anything, which is what lets LLVM vectorise them.
"""

from __future__ import annotations

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

LANES = 16
"""Points per block of an unrolled kernel: two AVX-512 vectors. One point alone costs what sixteen do."""

# Contraction to fused multiply-adds and reassociation; "nnan" and "ninf" are left out, since a run that explodes must
# show it.
FASTMATH = {"contract", "arcp", "nsz", "reassoc"}

TINY = 1e-120
"""What is smaller is set to zero. Its square is still a normal number: arithmetic on denormals is 25 times slower."""

STEPS_BETWEEN_FLUSHES = 64

inline = njit(fastmath=FASTMATH, error_model="numpy", forceinline=True)


def stack(numbers: int):
    """Make a function that returns a pointer to `numbers` doubles on the stack of the kernel that it is inlined into."""

    @intrinsic
    def allocate(context):
        def generate(target, builder, signature, arguments):
            with builder.goto_entry_block():
                pointer = builder.alloca(target.get_data_type(types.float64), ir.Constant(ir.IntType(64), numbers))
            pointer.align = 64
            return pointer

        return types.CPointer(types.float64)(), generate

    return allocate


@intrinsic
def pointer(context, array):
    """Pointer to the first element of a contiguous array, which somebody else keeps alive.

    An index into an array may be negative, and is checked for it: that alone makes a loop over lanes ten times slower.
    """

    def generate(target, builder, signature, arguments):
        return target.make_array(signature.args[0])(target, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), generate


@inline
def flush(x, numbers):
    """Set tiny components to zero."""
    for e in range(numbers):
        x[e] = x[e] if abs(x[e]) > TINY else 0.0


@inline
def sample(x, lanes, functionals, k, out):
    """Write complex mean values at sample k: out[lane, observable, k]; functionals are (first entry, index, weight)."""
    first, index, weight = functionals
    for o in range(out.shape[1]):
        for lane in range(lanes):
            re, im = 0.0, 0.0
            for e in range(first[2 * o], first[2 * o + 1]):
                re += weight[e] * x[index[e] * lanes + lane]
            for e in range(first[2 * o + 1], first[2 * o + 2]):
                im += weight[e] * x[index[e] * lanes + lane]
            out[lane, o, k] = complex(re, im)
