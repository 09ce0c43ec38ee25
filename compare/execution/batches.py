"""The points of a plan in batches: large enough that overhead vanishes, small enough to lose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from compare.interfaces import Method, System
from compare.plan import Plan

# A batch should last about this long: short enough to lose, long enough for its overhead to vanish.
BATCH_SECONDS = 0.5
LARGEST_BATCH = 256


@dataclass(frozen=True)
class Batch:
    """Points of one method that are computed in one go.

    Attributes
    ----------
    points : tuple of int
        Numbers of the points in the plan.
    """

    label: str
    points: tuple[int, ...]
    method: Method
    settings: dict[str, Any]
    systems: tuple[System, ...]
    seeds: tuple[int, ...]

    def single_points(self) -> list[Batch]:
        """Return the same points as batches of one."""
        return [
            Batch(self.label, (point,), self.method, self.settings, (system,), (seed,))
            for point, system, seed in zip(self.points, self.systems, self.seeds, strict=True)
        ]


class Queue:
    """The points of a plan that are still to be computed, handed out in batches of about `BATCH_SECONDS`.

    Parameters
    ----------
    plan : Plan
    points : sequence of int
        Numbers of the points to compute; they are handed out in this order.
    """

    def __init__(self, plan: Plan, points: Sequence[int]) -> None:
        self.plan = plan
        self._points = list(points)
        self._next = 0
        self._size: dict[int, int] = {}
        self._again: list[Batch] = []

    def take(self) -> Batch | None:
        """Return the next batch, points of one ask only, or None if there is none at the moment."""
        if self._again:
            return self._again.pop(0)
        if self._next >= len(self._points):
            return None
        ask = self.plan.points[self._points[self._next]].ask
        end = self._next
        limit = min(len(self._points), self._next + self._size.get(ask, 1))
        while end < limit and self.plan.points[self._points[end]].ask == ask:
            end += 1
        batch = self._make(ask, self._points[self._next : end])
        self._next = end
        return batch

    def put_back(self, batches: Sequence[Batch]) -> None:
        """Hand these batches out before all others."""
        self._again = [*batches, *self._again]

    def took(self, batch: Batch, seconds: float) -> None:
        """Learn from the time that a batch took how large the next one of its kind may be."""
        ask = self.plan.points[batch.points[0]].ask
        fitting = BATCH_SECONDS * len(batch.points) / max(seconds, 1e-9)
        self._size[ask] = int(max(1, min(fitting, 8 * self._size.get(ask, 1), LARGEST_BATCH)))

    def _make(self, ask: int, numbers: Sequence[int]) -> Batch:
        asked = self.plan.asks[ask]
        points = [self.plan.points[number] for number in numbers]
        systems = tuple(self.plan.system_at(point.changes) for point in points)
        return Batch(
            asked.label, tuple(numbers), asked.method, asked.settings, systems, tuple(point.seed for point in points)
        )
