"""Argument checks of the comparison layer: one sentence, naming the argument, its value and what is allowed."""

from __future__ import annotations

import difflib
import math
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np


def finite(name: str, value: Any) -> float:
    """Return `value` as a float; refuse what is not a finite real number."""
    if isinstance(value, bool | str):
        raise ValueError(f"Argument `{name}` must be a real number, but is {value!r}.")
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


def known(kind: str, value: Any, names: Iterable[str]) -> str:
    """Return `value`; refuse what is not among `names`, suggesting the nearest of them."""
    names = list(names)
    if isinstance(value, str) and value in names:
        return value
    close = difflib.get_close_matches(value, names, n=1) if isinstance(value, str) else []
    hint = f"did you mean {close[0]!r}? Known" if close else "known"
    listed = ", ".join(map(repr, names)) if names else "there are none"
    raise ValueError(f"Unknown {kind} {value!r}; {hint}: {listed}.")


def no_other_keys(kind: str, given: Iterable[str], allowed: Iterable[str]) -> None:
    """Refuse keys that are not among the `allowed` ones."""
    allowed = list(allowed)
    for key in given:
        known(f"key in {kind}:", key, allowed)


def path_of(name: str, value: Any) -> Path:
    """Return `value` as a path; refuse what is not a path, and the empty one, which would mean the current folder."""
    if not isinstance(value, str | os.PathLike) or not isinstance(os.fspath(value), str) or not os.fspath(value):
        raise ValueError(f"Argument `{name}` must be a path, but is {value!r}.")
    return Path(value)


def writable_folder(name: str, folder: str | os.PathLike[str]) -> Path:
    """Return `folder`, created if need be; refuse one in which no file can be made."""
    path = path_of(name, folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
        # access(2) says yes to root and on read-only mounts; only making a file tells
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        if path.exists() and not path.is_dir():
            raise ValueError(f"Argument `{name}` must be a folder, but {path} is a file.") from None
        reason = error.strerror or str(error)
        raise ValueError(
            f"Argument `{name}` must be a folder that can be written, but {path} is not: {reason}."
        ) from None
    return path


def positive(name: str, value: Any) -> float:
    """Return a positive number; raises ValueError otherwise."""
    number = finite(name, value)
    if not number > 0.0:
        raise ValueError(f"Argument `{name}` must be positive, but is {number}.")
    return number


def non_negative(name: str, value: Any) -> float:
    """Return a number that is not negative; raises ValueError otherwise."""
    number = finite(name, value)
    if number < 0.0:
        raise ValueError(f"Argument `{name}` must be non-negative, but is {number}.")
    return number
