"""Memory estimated before it is allocated, and refused in words."""

from __future__ import annotations

import os


def available_bytes() -> int:
    """Memory that can be allocated without swapping, in bytes."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return 1024 * int(line.split()[1])
    except OSError:
        pass
    return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


def require_memory(needed: float, what: str, limit: float | None = None) -> None:
    """Raise MemoryError, in one sentence, if `what` needs more than `limit` bytes (default: 80 % of what is free)."""
    allowed = 0.8 * available_bytes() if limit is None else limit
    if needed > allowed:
        raise MemoryError(f"{what} needs about {needed / 1e9:.3g} GB, but {allowed / 1e9:.3g} GB may be used.")
