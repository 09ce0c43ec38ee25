"""A store that cannot lose work: results on disk as zarr, written while the sweep runs.

The store is a zarr v3 group in long form: the dimension ``point`` comes first in every array, beside the results
stand the coordinates of each point (``method`` as a number with ``flag_meanings``, and the axes), and
``xarray.open_zarr`` opens it even while a sweep writes to it. Three things make it safe:

- a row counts as done only once the checksum of its values is written, after the values;
- a chunk on disk is replaced by renaming a finished file, and one that is damaged all the same costs only its points;
- rows are found by a digest of everything their result depends on, so that a plan may grow, and a plan that
  contradicts what is stored is refused.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import warnings
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from compare.interfaces import Result, missing
from compare.plan import Plan, Point
from compare.records.provenance import code_digest, git_revision, now, versions
from compare.records.table import Table, values_of
from compare.variables import VARIABLES

FORMAT = 1
# Rows in a file: a flush rewrites whole chunks, 0.3 MB for a phase density of 128 angles.
CHUNK = 256
# Longest time that a finished result waits in memory.
FLUSH_SECONDS = 1.0


class Store(Table):
    """A table of results in a folder; see `open_store`."""

    def __init__(self, path: Path, group: Any, lock: int | None) -> None:
        super().__init__(int(group.attrs["rows"]))
        self.path = path
        self._group = group
        self._lock = lock
        self._pending: dict[int, Result] = {}
        self._flushed = time.monotonic()
        self._read_back()

    def write(self, rows: Sequence[int], results: Sequence[Result]) -> None:
        """Put results into rows; they reach the disk after `FLUSH_SECONDS` at most, or at the next call.

        Raises
        ------
        ValueError
            As `Table.write`.
        OSError
            As `flush`.
        """
        super().write(rows, results)
        self._pending.update(zip(rows, results, strict=True))
        if time.monotonic() - self._flushed >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what waits in memory.

        Raises
        ------
        OSError
            If the disk is full or gone. What was stored before stays, and the rows that wait stay in memory.
        """
        if not self._pending:
            return
        rows = np.array(sorted(self._pending))
        try:
            self._group.attrs.update({"sizes": self.sizes, "labels": self.labels})
            for name in sorted({name for row in rows for name in values_of(self._pending[row])}):
                self._save_rows(self._array(name), rows, self._columns[name][rows])
            sums = np.array([_checksum(values_of(self._pending[row])) for row in rows], dtype=np.uint64)
            self._save_rows(self._open_array("checksum"), rows, sums)
        except OSError as error:
            stored = self.done.sum() - rows.size
            raise OSError(
                error.errno,
                f"The store {self.path} cannot be written: {error.strerror or error}. It keeps {stored} of "
                f"{self.done.size} points; make room and run the same again.",
            ) from None
        self._pending.clear()
        self._flushed = time.monotonic()

    def close(self) -> None:
        """Flush and unlock; the lock goes even if the flush fails."""
        try:
            self.flush()
        finally:
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    def _open_array(self, name: str) -> Any:
        return self._group[name]

    def _array(self, name: str) -> Any:
        if name not in self._group:
            column = self._columns[name]
            _create(
                self._group,
                name,
                column.shape,
                column.dtype,
                missing(column.dtype),
                VARIABLES[name].dims,
                _describe(name),
            )
        return self._open_array(name)

    @staticmethod
    def _save_rows(array: Any, rows: np.ndarray, values: np.ndarray) -> None:
        """Write rows (ascending), one run of neighbours at a time."""
        for run in np.split(np.arange(rows.size), np.flatnonzero(np.diff(rows) > 1) + 1):
            array[rows[run[0]] : rows[run[-1]] + 1] = values[run]

    def _read_back(self) -> None:
        """Load all columns, and trust the rows whose checksum fits."""
        self.sizes = dict(self._group.attrs.get("sizes", {}))
        self.labels = dict(self._group.attrs.get("labels", {}))
        for name in sorted(set(self._group.array_keys()) & set(VARIABLES)):
            self._columns[name] = _read_rows(self._open_array(name), self.path / name, self.done.size)
        sums = _read_rows(self._open_array("checksum"), self.path / "checksum", self.done.size)
        self.done = sums > 0
        present = {
            name: ~np.isnan(column.reshape(self.done.size, -1)).all(axis=1) for name, column in self._columns.items()
        }
        for row in np.flatnonzero(self.done):
            values = {name: column[row] for name, column in self._columns.items() if present[name][row]}
            self.done[row] = _checksum(values) == sums[row]
        for column in self._columns.values():
            column[~self.done] = missing(column.dtype)

    def begin_session(self) -> None:
        """Write down which revision of the code computes what is to come, and warn if another one came before."""
        sessions: list[Any] = list(self._group.attrs["sessions"])
        if sessions and _is_this_code(sessions[-1]):
            return
        if sessions and self.done.any():
            warnings.warn(
                f"The store {self.path} holds results of other code (revision {sessions[-1]['git_revision']}); "
                "they are kept, and the dataset names both revisions.",
                stacklevel=2,
            )
        self._group.attrs["sessions"] = [*sessions, {**_this_code(), "started": now()}]

    @property
    def sessions(self) -> list[dict[str, Any]]:
        """Revision, versions and start of each run that computed something for the store."""
        return list(self._group.attrs["sessions"])

    def extend(self, plan: Plan, points: Sequence[Point]) -> np.ndarray:
        """Append rows for `points` and return their numbers."""
        old, new = self.done.size, self.done.size + len(points)
        for name in self._group.array_keys():
            array = self._open_array(name)
            array.resize((new, *array.shape[1:]))
        rows = np.arange(old, new)
        if len(points):
            _write_index(self._group, plan, points, rows)
        # committed by this line: until it is written, a longer array counts for nothing
        self._group.attrs["rows"] = new
        self.done = np.concatenate([self.done, np.zeros(len(points), dtype=bool)])
        for name, column in self._columns.items():
            blank = np.full((len(points), *column.shape[1:]), missing(column.dtype), dtype=column.dtype)
            self._columns[name] = np.concatenate([column, blank])
        return rows


def _this_code() -> dict[str, Any]:
    return {"git_revision": git_revision(), "code": code_digest(), "versions": versions()}


def _is_this_code(session: Mapping[str, Any]) -> bool:
    return all(session.get(key) == value for key, value in _this_code().items() if key != "git_revision")


def _checksum(values: Mapping[str, np.ndarray]) -> int:
    """CRC-32 over names and values, marked so that it is never zero; values that are all NaN count as absent."""
    crc = 0
    for name in sorted(values):
        if not np.isnan(values[name]).all():
            crc = zlib.crc32(np.ascontiguousarray(values[name]).tobytes(), zlib.crc32(name.encode(), crc))
    return crc | 1 << 32


def _describe(name: str) -> dict[str, Any]:
    about = VARIABLES[name]
    return {"long_name": about.long_name, "units": about.units, "source": about.source}


def _create(
    group: Any,
    name: str,
    shape: tuple[int, ...],
    dtype: Any,
    fill: Any,
    dims: tuple[str, ...],
    attrs: dict[str, Any],
) -> None:
    chunks = (CHUNK, *shape[1:])
    group.create_array(
        name,
        shape=shape,
        dtype=dtype,
        chunks=chunks,
        fill_value=fill,
        dimension_names=("point", *dims),
        attributes=attrs,
    )


def _read_rows(array: Any, folder: Path, rows: int) -> np.ndarray:
    """Return the first `rows` rows; where a chunk is damaged its file goes and its rows are blank."""
    try:
        return array[:rows]
    except Exception:
        # codecs raise whatever they like at damaged bytes, so look at each chunk by itself
        out = np.full((rows, *array.shape[1:]), array.fill_value, dtype=array.dtype)
        step = array.chunks[0]
        for start in range(0, rows, step):
            try:
                out[start : start + step] = array[start : min(start + step, rows)]
            except Exception:
                key = array.metadata.encode_chunk_key((start // step, *(0,) * (array.ndim - 1)))
                (folder / key).unlink(missing_ok=True)
        return out


def _write_index(group: Any, plan: Plan, points: Sequence[Point], rows: np.ndarray) -> None:
    """Write keys and coordinates of `points`, which fill the end of the arrays."""
    codes = _codes(group, "method", plan.labels)
    span = slice(rows[0], rows[-1] + 1)
    group["key"][span] = np.array([list(point.key) for point in points], dtype=np.uint8)
    group["method"][span] = np.array([codes[plan.labels[point.index[0]]] for point in points])
    for number, axis in enumerate(plan.axes, start=1):
        place = np.array([point.index[number] for point in points])
        for name, values in axis.coords.items():
            if isinstance(values[0], str):
                table = _codes(group, name, values)
                column = np.array([table[value] for value in values])
            else:
                column = np.array(values, dtype=float)
            group[name][span] = column[place]


def _codes(group: Any, name: str, words: Sequence[str]) -> dict[str, int]:
    """Number words as netCDF flags do; words that are known keep their number."""
    known = json.loads(str(group[name].attrs.get("flag_meanings", "[]")))
    known += [word for word in words if word not in known]
    group[name].attrs.update({"flag_values": list(range(len(known))), "flag_meanings": json.dumps(known)})
    return {word: number for number, word in enumerate(known)}


def _create_store(path: Path, plan: Plan) -> None:
    """Make an empty store beside `path` and move it there when it is whole."""
    import zarr

    building = path.with_name(f".{path.name}.creating")
    shutil.rmtree(building, ignore_errors=True)
    group = zarr.open_group(building, mode="w", zarr_format=3)
    group.attrs.update({"syncblockade_store": FORMAT, "rows": 0, "plans": [], "sessions": []})
    _create(group, "key", (0, 16), np.uint8, 0, ("byte",), {"long_name": "digest of all that the result depends on"})
    _create(group, "checksum", (0,), np.uint64, 0, (), {"long_name": "checksum of the values, 0 where there are none"})
    _create(group, "method", (0,), np.int64, -1, (), {"long_name": "method"})
    for axis in plan.axes:
        for name, values in axis.coords.items():
            word = isinstance(values[0], str)
            _create(group, name, (0,), np.int64 if word else float, -1 if word else np.nan, (), {"long_name": name})
    if path.is_dir():
        path.rmdir()  # only an empty folder: _open_group has looked
    os.replace(building, path)


def open_store(path: str | os.PathLike[str], plan: Plan) -> tuple[Store, np.ndarray]:
    """Open the store of a plan, or make it.

    Returns
    -------
    store : Store
        Locked until it is closed.
    rows : int array, shape (points,)
        Row of each point of the plan.

    Raises
    ------
    ValueError
        If the path holds something else, the store is in use, or it holds results that the plan contradicts.
    """
    path = Path(path)
    if _is_vacant(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _create_store(path, plan)
        except OSError as error:
            raise ValueError(f"The store {path} cannot be made: {error.strerror or error}.") from None
    group = _open_group(path)
    lock = _lock(path)
    try:
        _sweep_up(path)
        store = Store(path, group, lock)
        rows = _match(store, group, plan)
    except BaseException:
        if lock is not None:
            os.close(lock)
        raise
    return store, rows


def is_store_of(path: str | os.PathLike[str], plan: Plan) -> bool:
    """Whether the path holds a store that this very code began for this very plan, or nothing at all."""
    path = Path(path)
    if _is_vacant(path):
        return True
    try:
        attrs: Any = _open_group(path).attrs
    except ValueError:
        return False
    return attrs["plans"] == [plan.to_dict()] and all(_is_this_code(session) for session in attrs["sessions"])


def _is_vacant(path: Path) -> bool:
    return not path.exists() or (path.is_dir() and not any(path.iterdir()))


def _open_group(path: Path) -> Any:
    import zarr

    try:
        group = zarr.open_group(path, mode="r+", zarr_format=3)
        version = group.attrs.get("syncblockade_store")
    except Exception:
        version = None
    if version != FORMAT:
        raise ValueError(f"The path {path} must hold a store of this program, or nothing, but holds something else.")
    return group


def _lock(path: Path) -> int | None:
    """Lock the folder for this process; the system drops the lock when the process dies, however it dies."""
    try:
        import fcntl
    except ImportError:  # no such locks on Windows
        return None
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise ValueError(f"The store {path} is in use by another run.") from None
    except OSError:  # a file system without locks
        pass
    return handle


def _sweep_up(path: Path) -> None:
    """Remove the unfinished files of a run that was killed while it wrote."""
    for leftover in path.rglob("*.partial"):
        leftover.unlink(missing_ok=True)


def _match(store: Store, group: Any, plan: Plan) -> np.ndarray:
    """Return the row of each point of `plan`, appending rows for new points."""
    plans = list(group.attrs["plans"])
    if plans:
        _refuse_other_plan(store.path, plan, plans[-1])
    keys = np.asarray(group["key"][: store.done.size])
    place = {row.tobytes(): i for i, row in enumerate(keys)}
    missing = [point for point in plan.points if point.key not in place]
    if missing and store.done.any():
        _refuse_contradiction(store, group, plan, missing, plans)
    spelled = plan.to_dict()
    if spelled not in plans:
        group.attrs["plans"] = [*plans, spelled]
    fresh = store.extend(plan, missing)
    place |= {point.key: int(row) for point, row in zip(missing, fresh, strict=True)}
    return np.array([place[point.key] for point in plan.points])


def _refuse_other_plan(path: Path, plan: Plan, stored: dict[str, Any]) -> None:
    """Refuse a plan whose axes, seed or system are not those of the stored one."""
    theirs, ours = sorted(stored["parts"][0]["axes"]), sorted(name for axis in plan.axes for name in axis.coords)
    if theirs != ours:
        raise ValueError(f"The store {path} belongs to another plan, with axes {theirs} in place of {ours}.")
    differences = _system_differences(plan, stored["system"])
    if stored["seed"] != plan.seed:
        differences.append(f"seed is {stored['seed']} there and {plan.seed} here")
    if differences:
        raise ValueError(f"The store {path} belongs to another plan: {'; '.join(differences)}.")


def _system_differences(plan: Plan, stored: dict[str, Any]) -> list[str]:
    """What differs between two base systems, apart from what the axes vary anyway."""
    if stored["name"] != plan.system.name:
        return [f"system is {stored['name']!r} there and {plan.system.name!r} here"]
    changes = plan.points[0].changes
    theirs = type(plan.system).from_parameters(stored["parameters"]).vary(**changes).parameters()
    ours = plan.system_at(changes).parameters()
    return [f"{name} is {theirs[name]} there and {ours[name]} here" for name in theirs if theirs[name] != ours[name]]


def _refuse_contradiction(
    store: Store, group: Any, plan: Plan, missing: Sequence[Point], plans: Sequence[dict[str, Any]]
) -> None:
    """Refuse points that the store holds at the same position, computed otherwise."""
    stored = _stored_positions(store, group, plan)
    clash = [point for point in missing if _position(plan, point) in stored]
    if not clash:
        return
    labels = list(dict.fromkeys(plan.labels[point.index[0]] for point in clash))
    places = "; ".join(plan.where(point) for point in clash[:3]) + ("; ..." if len(clash) > 3 else "")
    raise ValueError(
        f"The store {store.path} holds {len(clash)} points of this plan computed otherwise "
        f"({'; '.join(_what_changed(plan, label, plans) for label in labels)}), at {places}. Name another store, or "
        "another label for the method."
    )


def _stored_positions(store: Store, group: Any, plan: Plan) -> set[tuple[Any, ...]]:
    columns = []
    for name in ("method", *(name for axis in plan.axes for name in axis.coords)):
        array: Any = group[name]
        column = array[: store.done.size].tolist()
        if "flag_meanings" in array.attrs:
            words = json.loads(str(array.attrs["flag_meanings"]))
            column = [words[code] for code in column]
        columns.append(column)
    return {position for position, done in zip(zip(*columns, strict=True), store.done, strict=True) if done}


def _position(plan: Plan, point: Point) -> tuple[Any, ...]:
    values = [axis.positions[i] for axis, i in zip(plan.axes, point.index[1:], strict=True)]
    return (plan.labels[point.index[0]], *(value for position in values for value in position))


def _what_changed(plan: Plan, label: str, plans: Sequence[dict[str, Any]]) -> str:
    ours = next({"method": ask.method.name, **ask.settings} for ask in plan.asks if ask.label == label)
    theirs: dict[str, Any] = next(
        (part["methods"][label] for p in reversed(plans) for part in p["parts"] if label in part["methods"]), {}
    )
    names = [name for name in {**theirs, **ours} if theirs.get(name) != ours.get(name)]
    told = ", ".join(f"{name} was {theirs.get(name)} and is {ours.get(name)}" for name in names)
    return f"method {label!r}: {told or 'other parameters or settings'}"
