"""Argument checks of the Langevin engine: one sentence, naming the argument, its value and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np


def positive(name: str, value: Any) -> float:
    """Return `value` as a float; refuse what is not a finite number above zero."""
    number = real(name, value)
    if not number > 0.0:
        raise ValueError(f"Argument `{name}` must be positive, but is {number}.")
    return number


def real(name: str, value: Any) -> float:
    """Return `value` as a float; refuse what is not a finite real number."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must be a real number, but is {value!r}.") from None
    if not math.isfinite(number):
        raise ValueError(f"Argument `{name}` must be finite, but is {number}.")
    return number


def at_least(name: str, value: Any, least: int) -> int:
    """Return `value` as an int; refuse what is not a whole number >= `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"Argument `{name}` must be a whole number of at least {least}, but is {value!r}.")
    return int(value)


def compiled(name: str, value: Any, decorator: str) -> Any:
    """Return `value`; refuse what is not a function compiled by numba."""
    if not hasattr(value, "py_func"):
        raise ValueError(f"Argument `{name}` must be a function marked with `{decorator}`, but is {value!r}.")
    return value


def escape_bound(value: Any, oscillators: int) -> np.ndarray:
    """Return a bound for every oscillator, shape (oscillators,); refuse what is not positive."""
    try:
        bounds = np.broadcast_to(np.asarray(value, dtype=np.float64), (oscillators,)).copy()
    except (TypeError, ValueError):
        raise ValueError(
            f"Argument `bound` must be one number or one per oscillator ({oscillators}), but is {value!r}."
        ) from None
    if not (bounds > 0.0).all():
        raise ValueError(f"Argument `bound` must be positive, but is {value!r}.")
    return bounds


def one_of(name: str, value: Any, allowed: Iterable[str]) -> str:
    """Return `value`; refuse what is not one of the `allowed` words."""
    words = tuple(allowed)
    if value not in words:
        raise ValueError(f"Argument `{name}` must be one of {', '.join(map(repr, words))}, but is {value!r}.")
    return value


def listed(name: str, value: Any, what: str) -> list[Any]:
    """Return `value` as a list; refuse what is no sequence, in words: `what` it must be a sequence of."""
    try:
        return list(value)
    except TypeError:
        raise ValueError(
            f"Argument `{name}` must be a sequence of {what}, but is of type {type(value).__name__}."
        ) from None


def real_array(name: str, value: Any) -> np.ndarray:
    """Return `value` as an array of floats; refuse what does not hold finite real numbers."""
    try:
        if np.iscomplexobj(value):
            raise ValueError
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must hold real numbers, but is {value!r}.") from None
    if not np.isfinite(array).all():
        raise ValueError(f"Argument `{name}` must be finite, but has entries that are not.")
    return array


def complex_array(name: str, value: Any) -> np.ndarray:
    """Return `value` as an array of complex numbers; refuse what does not hold finite numbers."""
    try:
        array = np.asarray(value, dtype=np.complex128)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must hold numbers, but is {value!r}.") from None
    if not np.isfinite(array).all():
        raise ValueError(f"Argument `{name}` must be finite, but has entries that are not.")
    return array
