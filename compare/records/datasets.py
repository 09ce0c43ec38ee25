"""Datasets that explain themselves: names, units and sources of every variable, and netCDF out and in."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from compare.checks import path_of
from compare.interfaces import missing
from compare.plan import SEED_SCHEME, Plan, grid_index, plan_from_dict
from compare.records.provenance import stamp
from compare.variables import LORCH, VARIABLES

if TYPE_CHECKING:
    import xarray as xr

    from compare.records.table import Table

# Coordinates of dimensions that a method does not label itself.
_DIMENSIONS: dict[str, Callable[[int], Any]] = {
    "phi": lambda size: 2 * np.pi * np.arange(size) / size,
    "pair": lambda size: pair_labels(size),
}
_DIMENSION_ATTRS = {
    "phi": {
        "long_name": "relative phase",
        "units": "rad",
        "source": f"angles at which P(phi) is kept; {LORCH}, Eq. (6)",
    },
    "pair": {"long_name": "pair of oscillators, counted from 0", "units": "1", "source": "order of the system"},
    "oscillator": {"long_name": "oscillator, counted from 0", "units": "1", "source": "order of the system"},
    "method": {"long_name": "method", "units": "1", "source": "plan of the sweep"},
}


def pair_labels(size: int) -> list[str]:
    """Return the labels ``"0-1"``, ``"0-2"``, ``"1-2"``, ... of `size` pairs: all pairs of some number of oscillators.

    Raises
    ------
    ValueError
        If there is no such number; the method must then return the coordinate ``pair`` itself.
    """
    oscillators = round((1 + np.sqrt(1 + 8 * size)) / 2)
    if oscillators * (oscillators - 1) // 2 != size:
        raise ValueError(
            f"A method that measures some pairs must return their labels as `pair`, but {size} pairs have none."
        )
    return [f"{j}-{k}" for j, k in combinations(range(oscillators), 2)]


def assemble(plan: Plan, table: Table, rows: np.ndarray) -> xr.Dataset:
    """Return the dataset of `plan`, NaN where nothing was asked for or computed.

    Parameters
    ----------
    plan : Plan
    table : compare.records.table.Table
        Holds the numbers.
    rows : int array, shape (points,)
        Row of each point of the plan.
    """
    import xarray as xr

    grid = grid_index(plan)
    dims = ("method", *(axis.dim for axis in plan.axes))
    finished = table.done[rows]
    in_place = np.array_equal(rows, np.arange(table.done.size)) and np.array_equal(grid, np.arange(np.prod(plan.shape)))
    variables = {}
    for name in table.variables:
        values = table.read(name)
        if in_place:
            full = values  # no copy: large sweeps are of this kind
        else:
            shape = (int(np.prod(plan.shape)), *values.shape[1:])
            full = np.full(shape, missing(values.dtype), dtype=values.dtype)
            full[grid[finished]] = values[rows[finished]]
        about = VARIABLES[name]
        attrs = {"long_name": about.long_name, "units": about.units, "source": about.source}
        variables[name] = ((*dims, *about.dims), full.reshape(*plan.shape, *values.shape[1:]), attrs)
    return xr.Dataset(_in_order(variables), _coords(plan, table), _attrs(plan))


def _in_order(variables: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: variables[name] for name in VARIABLES if name in variables}


def _coords(plan: Plan, table: Table) -> dict[str, Any]:
    coords: dict[str, Any] = {"method": ("method", list(plan.labels), _DIMENSION_ATTRS["method"])}
    for axis in plan.axes:
        for name, values in axis.coords.items():
            coords[name] = (axis.dim, np.array(values), _about_axis(plan, name, values))
    for dim, size in table.sizes.items():
        labels = table.labels[dim] if dim in table.labels else _DIMENSIONS.get(dim, np.arange)(size)
        coords[dim] = (dim, labels, _DIMENSION_ATTRS.get(dim, {"long_name": dim, "source": "method"}))
    return coords


def _about_axis(plan: Plan, name: str, values: Sequence[Any]) -> dict[str, str]:
    """Attributes of an axis, as the class of the system tells them; ``omega[2]`` is described by ``omega``.

    Words are dimensionless; the units of numbers that the system does not describe are not guessed.
    """
    parameter, bracket, entry = name.partition("[")
    units = {"units": "1"} if isinstance(values[0], str) else {}
    about = {
        "long_name": parameter,
        **units,
        "source": "plan of the sweep",
        **getattr(type(plan.system), "AXES", {}).get(parameter, {}),
    }
    return {**about, "long_name": f"{about['long_name']} {bracket}{entry}".strip()}


def _attrs(plan: Plan) -> dict[str, Any]:
    spelled = plan.to_dict()
    definitions = {ask.label: getattr(ask.method, "definition", None) for ask in plan.asks}
    return {
        "system": spelled["system"]["name"],
        "parameters": json.dumps(spelled["system"]["parameters"]),
        "plan": json.dumps(spelled),
        "seed": plan.seed,
        "seed_scheme": SEED_SCHEME,
        "definitions": json.dumps({label: text for label, text in definitions.items() if text}),
        **stamp(),
    }


def plan_of(dataset: xr.Dataset) -> Plan:
    """Return the plan that a dataset was computed from; raises ValueError if it holds none."""
    if "plan" not in dataset.attrs:
        raise ValueError("The dataset must hold the plan it was computed from, but has no attribute `plan`.")
    return plan_from_dict(json.loads(dataset.attrs["plan"]))


def save(data: xr.Dataset | xr.DataTree, path: str | os.PathLike[str]) -> Path:
    """Write a dataset, or a tree of them, to one netCDF file; the file is replaced when the new one is whole.

    Complex variables become pairs ``<name>_real``, ``<name>_imag``, which `load` joins again.

    Raises
    ------
    ValueError
        If `data` is something else, or the file cannot be written.
    """
    import xarray as xr

    if not isinstance(data, xr.Dataset | xr.DataTree):
        raise ValueError(f"Argument `data` must be a dataset or a tree of them, but is of type {type(data).__name__}.")
    path = path_of("path", path)
    if path.is_dir():
        raise ValueError(f"Argument `path` must be a file, but {path} is a folder.")
    part = path.with_name(f".{path.name}.part")
    try:
        if isinstance(data, xr.DataTree):
            xr.DataTree.from_dict({name: _split(node.to_dataset()) for name, node in data.subtree_with_keys}).to_netcdf(
                part, engine="h5netcdf"
            )
        else:
            _split(data).to_netcdf(part, engine="h5netcdf")
        part.replace(path)
    except OSError as error:
        # h5py's own text repeats the path and its flags
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise ValueError(f"Argument `path` must be a file that can be written, but {path} is not: {reason}.") from None
    finally:
        with contextlib.suppress(OSError):  # no such folder, say: then there is no such file
            part.unlink(missing_ok=True)
    return path


def load(path: str | os.PathLike[str]) -> xr.Dataset | xr.DataTree:
    """Read what `save` wrote, into memory: a dataset, or a tree of them where the file has panels.

    Raises
    ------
    ValueError
        If there is no such file, or it is not netCDF, or was not written by this package.
    """
    import xarray as xr

    path = path_of("path", path)
    try:
        with xr.open_datatree(path, engine="h5netcdf") as opened:
            tree = opened.load()
    except FileNotFoundError:
        raise ValueError(f"File {path} must exist, but does not.") from None
    except Exception as error:
        # h5py and xarray raise half a dozen types for foreign and truncated files
        raise ValueError(f"File {path} is not a netCDF file that can be read: {str(error).splitlines()[0]}") from None
    nodes = {name: _join(node.to_dataset()) for name, node in tree.subtree_with_keys}
    if not any("plan" in node.attrs for node in nodes.values()):
        raise ValueError(f"File {path} is netCDF, but was not written by syncblockade: it holds no plan.")
    return xr.DataTree.from_dict(nodes) if tree.children else nodes["."]


def _split(dataset: xr.Dataset) -> xr.Dataset:
    """Complex variables as two real ones."""
    out = dataset.copy()
    for name in [str(n) for n, v in dataset.data_vars.items() if v.dtype.kind == "c"]:
        value = dataset[name]
        out = out.drop_vars(name)
        out[f"{name}_real"] = value.real.assign_attrs(value.attrs, complex_part="real")
        out[f"{name}_imag"] = value.imag.assign_attrs(value.attrs, complex_part="imag")
    return out


def _join(dataset: xr.Dataset) -> xr.Dataset:
    """The complex variables that `_split` took apart; string coordinates as numpy's own strings."""
    out = dataset.copy()
    for real in [str(n) for n, v in dataset.data_vars.items() if v.attrs.get("complex_part") == "real"]:
        name = real.removesuffix("_real")
        attrs = {key: value for key, value in dataset[real].attrs.items() if key != "complex_part"}
        out = out.drop_vars([real, f"{name}_imag"])
        value = np.empty(dataset[real].shape, dtype=np.complex128)
        value.real, value.imag = dataset[real].values, dataset[f"{name}_imag"].values
        out[name] = (dataset[real].dims, value, attrs)
    for coord in [str(n) for n, v in out.coords.items() if v.dtype == object]:
        out = out.assign_coords({coord: out[coord].astype(str)})
    return out[[*_in_order(out.data_vars), *(name for name in out.data_vars if name not in VARIABLES)]]
