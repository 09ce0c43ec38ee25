"""One spelling for every value: plain JSON for files, and a digest that equal values share whatever their type."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Return `value` in the types of JSON; a complex number becomes ``{"complex": [re, im]}``.

    Raises
    ------
    ValueError
        For NaN, infinities and types that JSON has no place for.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"Values of a plan must be finite, but one is {value}.")
        return value
    if isinstance(value, complex):
        return {"complex": [plain(value.real), plain(value.imag)]}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    raise ValueError(f"Values of a plan must be numbers, words, lists or tables of them, but one is {value!r}.")


def restore(value: Any) -> Any:
    """Undo `plain`: bring complex numbers back."""
    if isinstance(value, dict):
        if value.keys() == {"complex"}:
            return complex(*value["complex"])
        return {key: restore(item) for key, item in value.items()}
    if isinstance(value, list):
        return [restore(item) for item in value]
    return value


def _same_spelling(value: Any) -> Any:
    # 2, 2.0 and numpy.float64(2) are one number, and so are 0.0 and -0.0
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) + 0.0
    if isinstance(value, dict):
        return {key: _same_spelling(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_same_spelling(item) for item in value]
    return value


def digest(*values: Any) -> bytes:
    """Return 16 bytes that depend on the values alone: the start of the SHA-256 of their canonical JSON."""
    text = json.dumps(_same_spelling(plain(values)), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).digest()[:16]
