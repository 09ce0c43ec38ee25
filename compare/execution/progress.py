"""How far a sweep is: a bar for each method, with its rate and the time left."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self


class Progress:
    """Something that watches a sweep; this one keeps silent.

    `start` gets for each method the points already done and the points in all, `advance` how many more are done.
    """

    def start(self, totals: Mapping[str, tuple[int, int]]) -> None:
        """Begin a sweep."""

    def advance(self, label: str, count: int) -> None:
        """Count points that are done."""

    def stop(self) -> None:
        """End a sweep, finished or not."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Bars(Progress):
    """Bars on standard error, one for each method; where that is no terminal, only the last state is printed."""

    def __init__(self, title: str = "") -> None:
        self.title = title
        self._display: Any = None
        self._tasks: dict[str, Any] = {}

    def start(self, totals: Mapping[str, tuple[int, int]]) -> None:
        """Show a bar for each method."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Display

        columns = (TextColumn("{task.description}"), BarColumn(bar_width=None), MofNCompleteColumn(), _rate_column())
        self._display = Display(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True))
        width = max(len(self.title + label) for label in totals)
        self._tasks = {
            label: self._display.add_task(f"{self.title}{label}".ljust(width), completed=done, total=total, start=False)
            for label, (done, total) in totals.items()
        }
        self._display.start()
        self._start_next_clock()

    def advance(self, label: str, count: int) -> None:
        """Move a bar."""
        self._display.start_task(self._tasks[label])
        self._display.update(self._tasks[label], advance=count)
        self._start_next_clock()

    def _start_next_clock(self) -> None:
        # the clock of a bar runs from the end of the one above it, so that its rate is its own
        unfinished = [task for task in self._display.tasks if not task.finished]
        if unfinished and not any(task.started for task in unfinished):
            self._display.start_task(unfinished[0].id)

    def stop(self) -> None:
        """Leave the bars as they are."""
        if self._display is not None:
            self._display.stop()
            self._display = None


def _rate_column() -> Any:
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:.3g}/s" if speed else "", justify="right")

    return Rate()


def make_progress(wanted: bool | Progress | None) -> Progress:
    """Return the watcher for an argument ``progress``."""
    if isinstance(wanted, Progress):
        return wanted
    return Bars() if wanted else Progress()
