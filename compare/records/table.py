"""A table of results in memory: one row for each point, one column for each variable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np

from compare.interfaces import Result, as_array, missing
from compare.variables import is_dimension, variable


class Table:
    """Results by row; columns appear when a method first returns them.

    Parameters
    ----------
    rows : int
        Number of points.

    Attributes
    ----------
    done : bool array, shape (rows,)
        Which rows hold a result.
    sizes : dict
        Length of each dimension that variables have besides the axes of the sweep.
    labels : dict
        Coordinates of those dimensions that a method labelled itself.
    """

    def __init__(self, rows: int) -> None:
        self.done = np.zeros(rows, dtype=bool)
        self.sizes: dict[str, int] = {}
        self.labels: dict[str, list[Any]] = {}
        self._columns: dict[str, np.ndarray] = {}

    @property
    def variables(self) -> list[str]:
        """Names of the columns."""
        return list(self._columns)

    def read(self, name: str) -> np.ndarray:
        """Return a column, shape (rows, ...), NaN where nothing is known."""
        return self._columns[name]

    def write(self, rows: Sequence[int], results: Sequence[Result]) -> None:
        """Put results into rows.

        Raises
        ------
        ValueError
            If a method returned an unknown variable, or one of another shape or type than at the points before.
        """
        for row, result in zip(rows, results, strict=True):
            for name, value in self._admit(result).items():
                self._columns[name][row] = value
            self.done[row] = True

    def flush(self) -> None:
        """Make everything written safe; memory needs nothing."""

    def close(self) -> None:
        """Flush and let go of the storage."""
        self.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _admit(self, result: Result) -> dict[str, np.ndarray]:
        """Check one result; take note of its dimensions and return its variables."""
        values = {}
        for name, value in result.items():
            if is_dimension(name):
                self._label(name, np.asarray(value).tolist())
                continue
            array = as_array(value)
            self._measure(name, array)
            if name not in self._columns:
                self._columns[name] = self._new_column(name, array)
            if array.dtype != self._columns[name].dtype:
                raise ValueError(f"Variable {name!r} must be complex at every point or at none.")
            values[name] = array
        return values

    def _measure(self, name: str, array: np.ndarray) -> None:
        dims = variable(name).dims
        if array.ndim != len(dims):
            raise ValueError(f"Variable {name!r} must have the dimensions {dims}, but has shape {array.shape}.")
        for dim, size in zip(dims, array.shape, strict=True):
            if self.sizes.setdefault(dim, size) != size:
                raise ValueError(
                    f"Dimension {dim!r} must have one length in all points, but {name!r} has {size} "
                    f"after {self.sizes[dim]}."
                )

    def _label(self, dim: str, labels: list[Any]) -> None:
        if self.labels.setdefault(dim, labels) != labels or self.sizes.setdefault(dim, len(labels)) != len(labels):
            raise ValueError(f"Dimension {dim!r} must have the same labels in all points, but has others in one.")

    def _new_column(self, name: str, like: np.ndarray) -> np.ndarray:
        return np.full((self.done.size, *like.shape), missing(like.dtype), dtype=like.dtype)


def values_of(result: Result) -> Mapping[str, np.ndarray]:
    """The variables of a result, without its coordinates."""
    return {name: as_array(value) for name, value in result.items() if not is_dimension(name)}
