"""Argument checks shared by the quantum engine: one sentence, naming the argument, its value and what is allowed."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import numpy as np

Kind = TypeVar("Kind")


def finite(name: str, value: Any) -> float:
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


def instance(name: str, value: Any, kind: type[Kind]) -> Kind:
    """Return `value`; refuse what is not of this type."""
    if not isinstance(value, kind):
        raise ValueError(f"Argument `{name}` must be a {kind.__name__}, but is of type {type(value).__name__}.")
    return value


def one_of(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    """Return `value`; refuse what is not one of the `allowed` words."""
    if value not in allowed:
        raise ValueError(f"Argument `{name}` must be one of {', '.join(map(repr, allowed))}, but is {value!r}.")
    return value


def listed(name: str, value: Any, what: str) -> list[Any]:
    """Return `value` as a list; refuse what is no sequence, in words: `what` it must be a sequence of."""
    try:
        return list(value)
    except TypeError:
        raise ValueError(
            f"Argument `{name}` must be a sequence of {what}, but is of type {type(value).__name__}."
        ) from None


def reals(name: str, value: Any) -> np.ndarray:
    """Return `value` as an array of floats; refuse what does not hold real numbers."""
    try:
        array = np.asarray(value)
        if np.iscomplexobj(array):
            raise ValueError
        return array.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must hold real numbers, but is {value!r}.") from None


def built(name: str, build: Any, argument: Any, kind: type[Kind]) -> Kind:
    """Return ``build(argument)``; refuse what is no function, or gives another type."""
    if not callable(build):
        raise ValueError(f"Argument `{name}` must be a function, but is {build!r}.")
    made = build(argument)
    if not isinstance(made, kind):
        raise ValueError(f"Argument `{name}` must return a {kind.__name__}, but returned a {type(made).__name__}.")
    return made
