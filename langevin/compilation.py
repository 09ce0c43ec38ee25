"""One compiled block driver per (model functions, scheme, increments), kept on disk between processes.

The engine is generic: it takes the model's functions as arguments and LLVM inlines them. numba cannot cache such a
function, since a function passed as an argument is not the same object in the next process. So the driver that is called
from Python is a dozen lines written to a file, in which the model's functions are imported names; that one numba caches.
The file's name holds a hash of the sources of the engine and of every module that the model's functions come from, so
that an edited model is a new file and never a stale kernel.

Cached: models whose functions are module-level names of importable files. Not cached, and compiled again in each process
(about 3 s): functions defined in a notebook, in `__main__`, or inside another function.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import os
import sys
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from numba import njit

from langevin import kernels, lanes, schemes, streams
from langevin.lanes import FASTMATH

_ARGUMENTS = [
    name
    for name in inspect.signature(kernels.run_block.py_func).parameters
    if name not in ("step", "frame", "observe", "drift", "noise", "reset", "polar", "unpack", "draw")
]


def cache_folder() -> Path:
    """Folder of the generated files: $SYNCBLOCKADE_CACHE, else $NUMBA_CACHE_DIR, else ~/.cache/syncblockade."""
    for variable in ("SYNCBLOCKADE_CACHE", "NUMBA_CACHE_DIR"):
        if os.environ.get(variable):
            return Path(os.environ[variable]) / "syncblockade"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "syncblockade"


def _importable(value: Any) -> tuple[str, str] | None:
    """(module, name) under which `value` can be imported again, or None."""
    function = getattr(value, "py_func", value)
    module, name = function.__module__, function.__qualname__
    if module == "__main__" or getattr(sys.modules.get(module), name, None) is not value:
        return None
    return (module, name) if getattr(sys.modules[module], "__file__", None) else None


def _source_modules(function: Any, seen: set[str]) -> set[str]:
    """Modules that the code of a compiled function comes from, through every compiled function that it calls."""
    python = getattr(function, "py_func", function)
    if python.__module__ in seen:
        return seen
    seen.add(python.__module__)
    for value in vars(sys.modules[python.__module__]).values():
        if hasattr(value, "py_func"):
            _source_modules(value, seen)
    return seen


def _fingerprint(functions: list[Any], text: str) -> str:
    digest = hashlib.sha256(text.encode())
    modules = {m.__name__ for m in (kernels, lanes, schemes, streams)}
    for function in functions:
        _source_modules(function, modules)
    for name in sorted(modules):
        path = getattr(sys.modules[name], "__file__", None)
        digest.update(name.encode() + (Path(path).read_bytes() if path else b""))
    return digest.hexdigest()[:20]


def _load(path: Path, text: str) -> ModuleType:
    """Write the generated file once (atomically, so that processes may race) and import it."""
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.replace(temporary, path)
    name = f"syncblockade_kernel_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # numba looks the module up when it loads the cached kernel
    spec.loader.exec_module(module)
    return module


@lru_cache(maxsize=256)
def block_driver(
    scheme: str,
    noise_name: str,
    drift: Callable,
    noise: Callable,
    reset: Callable | None,
    polar: bool,
    parameters: Any,
    observe: Callable | None,
) -> Callable:
    """Return the compiled `kernels.run_block` for these functions; its arguments are those that are not functions."""
    chosen = schemes.SCHEMES[scheme]
    width = len(parameters._fields)
    fields = ", ".join(f"table[{width} * j + {i}]" for i in range(width))
    named = {"drift": drift, "noise": noise, "reset": reset, "Parameters": parameters, "observe": observe}
    homes = {name: _importable(value) if value is not None else None for name, value in named.items()}
    cached = all(homes[name] is not None for name, value in named.items() if value is not None)
    imports = "\n".join(f"from {h[0]} import {h[1]} as {name}" for name, h in homes.items() if h is not None)
    absent = "\n".join(f"{name} = None" for name, value in named.items() if value is None)
    body = f"""
@njit(fastmath=FASTMATH, error_model="numpy", forceinline=True)
def unpack(table, j):
    return Parameters({fields})


@njit(nogil=True, fastmath=FASTMATH, error_model="numpy", cache=CACHE)
def driver({", ".join(_ARGUMENTS)}):
    run_block({", ".join(_ARGUMENTS)}, step, frame, observe, drift, noise, reset, {polar or None}, unpack, draw)
"""
    header = f'''"""Generated by langevin.compilation; safe to delete."""
from numba import njit
from langevin.lanes import FASTMATH
from langevin.kernels import run_block
from langevin.schemes import {chosen.step.__name__} as step
{f"from langevin.schemes import {chosen.frame.__name__} as frame" if chosen.frame else "frame = None"}
from langevin.streams import {streams.NOISES[noise_name].__name__} as draw
'''
    if cached:
        text = f"{header}{imports}\n{absent}\nCACHE = True\n{body}"
        functions = [value for name, value in named.items() if value is not None and name != "Parameters"]
        try:
            return _load(cache_folder() / f"{_fingerprint(functions, text)}.py", text).driver
        except OSError:
            pass  # a read-only home: compile in memory
    namespace: dict[str, Any] = {
        **named, "njit": njit, "FASTMATH": FASTMATH, "CACHE": False, "run_block": kernels.run_block,
        "step": chosen.step, "frame": chosen.frame, "draw": streams.NOISES[noise_name],
    }  # fmt: skip
    exec(compile(body, "<langevin driver>", "exec"), namespace)
    return namespace["driver"]
