"""Where numbers come from: versions, revision and time, without a word about the machine."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

PACKAGES = ("syncblockade", "numpy", "scipy", "numba", "xarray", "h5netcdf", "zarr")


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that numbers can depend on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


@cache
def code_digest() -> str:
    """Return the SHA-256 of the source of the packages that compute: equal digests, equal numbers."""
    root = Path(__file__).parent.parent.parent
    total = hashlib.sha256()
    for package in ("langevin", "quantum", "compare"):
        for file in sorted((root / package).rglob("*.py")):
            total.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


@cache
def git_revision() -> str:
    """Return the commit of the checkout that this code runs from, ``-dirty`` if changed, ``unknown`` outside of one."""
    folder = Path(__file__).parent
    command = ["git", "-C", str(folder), "describe", "--always", "--abbrev=40", "--dirty", "--match="]
    try:
        # an installed copy may lie inside some other repository: only a tracked file vouches for the revision
        subprocess.run(["git", "-C", str(folder), "ls-files", "--error-unmatch", Path(__file__).name],
                       capture_output=True, check=True, timeout=10)  # fmt: skip
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return answer.stdout.strip()


def now() -> str:
    """Return the time in UTC, to the second, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def stamp() -> dict[str, str]:
    """Return the attributes ``versions`` (JSON), ``git_revision`` and ``created`` of a dataset made now."""
    return {"versions": json.dumps(versions()), "git_revision": git_revision(), "created": now()}
