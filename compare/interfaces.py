"""What the comparison layer asks of systems and methods, and how it finds them by name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self, cast, runtime_checkable

import numpy as np

from compare.checks import known

Result = Mapping[str, Any]
"""The labelled numbers of one point: variable name -> array, as `compare.records.datasets.VARIABLES` lists them.

A key that is the name of a dimension holds the coordinate of that dimension.
"""


@runtime_checkable
class System(Protocol):
    """A physical system with all its parameters; frozen and cheap to make."""

    @property
    def name(self) -> str:
        """Name under which `find_system` finds the class: ``<paper>.<Class>`` or ``<module>:<Class>``."""

    def parameters(self) -> dict[str, Any]:
        """All parameters, in the types of JSON."""

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Self:
        """Make the system from what `parameters` returned; raises ValueError for unknown names."""

    def vary(self, **changes: Any) -> Self:
        """Return a copy with some parameters changed; raises ValueError for unknown names and wrong values."""


@runtime_checkable
class Method(Protocol):
    """One way to get numbers from a system.

    A method may also have ``run_many(systems, settings, seeds, threads) -> list of results``. It must then give for
    each system the bits that `run` gives, however systems are grouped: sweeps choose the groups by the clock.
    """

    @property
    def name(self) -> str:
        """Name under which `find_method` finds it: a word of `compare.methods.METHODS` or ``<module>:<attribute>``."""

    def settings(self, system: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return complete settings, in the types of JSON; raises ValueError for unknown names and wrong values."""

    def run(self, system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> Result:
        """Return the numbers of one point. Same seed, same bits, for any number of threads."""


def run_limited(
    method: Method, systems: Sequence[System], settings: Mapping[str, Any], seeds: Sequence[int], threads: int
) -> list[Result]:
    """Run `method` on several systems, together where it can, with BLAS on one thread.

    The threads of BLAS would slow those of the kernels down, and the bits of a product depend on how many they are.
    """
    from threadpoolctl import threadpool_limits

    run_many = getattr(method, "run_many", None)
    with threadpool_limits(1):
        if run_many is None:
            return [method.run(system, settings, seed, threads) for system, seed in zip(systems, seeds, strict=True)]
        results = list(run_many(systems, settings, seeds, threads))
    if len(results) != len(systems):
        raise ValueError(f"Method {method.name!r} must return {len(systems)} results, but returned {len(results)}.")
    return results


def _import_attribute(kind: str, name: str) -> Any:
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"Unknown {kind} {name!r}: {error}.") from None


def system_names() -> list[str]:
    """Names of the systems that come with the package, as ``<paper>.<Class>``."""
    import compare.systems

    names = []
    for paper in sorted(module.name for module in pkgutil.iter_modules(compare.systems.__path__)):
        module = importlib.import_module(f"compare.systems.{paper}")
        for attribute, value in vars(module).items():
            if isinstance(value, type) and value.__module__ == module.__name__ and hasattr(value, "from_parameters"):
                names.append(f"{paper}.{attribute}")
    return names


def find_system(name: str) -> type[System]:
    """Return the class of systems with this name; raises ValueError if there is none."""
    if isinstance(name, str) and ":" in name:
        cls = _import_attribute("system", name)
        if not isinstance(cls, type) or not hasattr(cls, "from_parameters"):
            raise ValueError(f"Name {name!r} must be that of a class of systems, but is that of {cls!r}.")
        return cast("type[System]", cls)
    known("system", name, system_names())
    paper, _, attribute = name.partition(".")
    return cast("type[System]", getattr(importlib.import_module(f"compare.systems.{paper}"), attribute))


def method_names() -> list[str]:
    """Names of the methods that come with the package."""
    from compare.methods import METHODS

    return list(METHODS)


def module_methods() -> dict[str, Method]:
    """Methods that plans name by module and attribute, those in the modules of `compare.methods`."""
    import compare.methods

    found = {}
    for module in sorted(module.name for module in pkgutil.iter_modules(compare.methods.__path__, "compare.methods.")):
        for attribute, value in vars(importlib.import_module(module)).items():
            if isinstance(value, Method) and value.name == f"{module}:{attribute}":
                found[value.name] = value
    return found


def find_method(name: str) -> Method:
    """Return the method with this name; raises ValueError if there is none."""
    if isinstance(name, str) and ":" in name:
        method = _import_attribute("method", name)
        if not isinstance(method, Method):
            raise ValueError(f"Name {name!r} must be that of a method, but is that of {method!r}.")
        return method
    from compare.methods import METHODS

    return METHODS[known("method", name, METHODS)]


def as_array(value: Any) -> np.ndarray:
    """Return a result as float64 or complex128, the two types that datasets hold (NaN marks what is missing)."""
    array = np.asarray(value)
    return array.astype(np.complex128 if np.iscomplexobj(array) else np.float64)


def missing(dtype: np.dtype) -> float | complex:
    """Return what marks a missing number: NaN, in both parts of a complex one."""
    return complex(np.nan, np.nan) if dtype.kind == "c" else np.nan
