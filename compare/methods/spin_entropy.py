"""Methods for the relative entropy of synchronization of two spins: Omega, the ratio R, and their extrema over the exchange.

For `compare.systems.vaidya2024.TwoSpins`, after Secs. II D, III B and Appendix B of Vaidya et al. 2024. Plans name the
methods by module and attribute: ``{"method": "compare.methods.spin_entropy:LIMIT"}``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import quantum
from compare.methods.declare import FunctionMethod, Setting, count, in_threads, optional, positive
from compare.sync_entropy import sync_entropy
from compare.systems.vaidya2024 import PAPER, TwoSpins
from compare.systems.vaidya2024_entropy import (
    LARGEST_EXCHANGE,
    SMALLEST_EXCHANGE,
    Extrema,
    extrema,
    is_pair_of_qubits,
    omega_limits,
)
from compare.systems.vaidya2024_linear_response import linear_response
from compare.variables import Variable, register_variable

DRESSED = ["TU", "SU", "TD", "SD"]

_EXACT = "1/Gamma^2"
for _name, _about in {
    "sync_entropy": Variable((), "Omega / epsilon^2 for a weak drive", _EXACT, f"{PAPER}, Eq. (11)"),
    "sync_entropy_ratio": Variable((), "ratio R of Omega to its value without exchange", "1", f"{PAPER}, Eq. (13)"),
    "sync_entropy_diagonal": Variable(
        (), "Omega / epsilon^2, diagonal limit-cycle state", _EXACT, f"{PAPER}, Eq. (11)"
    ),
    "sync_entropy_block": Variable(
        (), "Omega / epsilon^2, partially coherent limit-cycle state", _EXACT, f"{PAPER}, Appendix B"
    ),
    "dressed_coherence": Variable(
        ("dressed",),
        "coherence between dressed states per drive, <T|rho|U> and so on",
        "1/Gamma",
        f"{PAPER}, Fig. 6(b)",
    ),
    "sync_entropy_free": Variable((), "Omega / epsilon^2 at g = 0", _EXACT, f"{PAPER}, Fig. 7(b)"),
    "sync_entropy_max": Variable((), "largest Omega / epsilon^2 over g", _EXACT, f"{PAPER}, Fig. 7(b)"),
    "peak_exchange": Variable((), "exchange of the highest local maximum of Omega", "Gamma", f"{PAPER}, Fig. 7"),
    "ratio_max": Variable((), "R_max, largest R over g", "1", f"{PAPER}, Fig. 7(a)"),
    "dip_exchange": Variable((), "exchange of the local minimum of Omega", "Gamma", f"{PAPER}, Fig. 8"),
    "ratio_min": Variable((), "R_min, R at the local minimum over g", "1", f"{PAPER}, Fig. 8(a)"),
}.items():
    register_variable(_name, _about)


def dressed_coherences(system: TwoSpins) -> np.ndarray:
    r"""<T|rho|U>, <S|rho|U>, <T|rho|D>, <S|rho|D> per drive of two qubits, with T, S = (|ud> +- |du>)/sqrt(2).

    :math:`\langle T|\rho_1|U\rangle = (\langle ud|\rho_1|uu\rangle + \langle du|\rho_1|uu\rangle)/\sqrt2` and so on; at
    resonance one of the two elements is real and the other imaginary, so that T and S have equal magnitudes, as the paper
    says.
    """
    r = linear_response(system)
    ud, du = 0.5 * r.plus_b + r.z_a_plus_b, 0.5 * r.plus_a + r.plus_a_z_b  # with uu
    ud_low, du_low = np.conj(0.5 * r.plus_a - r.plus_a_z_b), np.conj(0.5 * r.plus_b - r.z_a_plus_b)  # with dd
    return np.array([ud + du, ud - du, ud_low + du_low, ud_low - du_low]) / np.sqrt(2.0)


def _require(systems: Sequence[Any], method: str) -> None:
    for system in systems:
        if not isinstance(system, TwoSpins):
            name = getattr(system, "name", system)
            raise ValueError(f"Method {method!r} needs a system of two spins, but {name!r} is none.")


def _limits(
    systems: Sequence[Any], settings: Mapping[str, Any], seeds: Sequence[int], threads: int
) -> list[dict[str, Any]]:
    _require(systems, "limit")
    values = omega_limits(systems)
    free = omega_limits([system.vary(exchange=0.0) for system in systems])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = values / free
    results: list[dict[str, Any]] = []
    for system, value, ratio in zip(systems, values, ratios, strict=True):
        results.append({"sync_entropy": float(value), "sync_entropy_ratio": float(ratio)})
        if is_pair_of_qubits(system):
            results[-1] |= {"dressed": DRESSED, "dressed_coherence": dressed_coherences(system)}
    return results


def _limit(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    return _limits([system], settings, [seed], threads)[0]


def _driven(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    """Omega of the exact steady state, with both kinds of limit cycles."""
    _require([system], "driven")
    if system.drive == 0.0:
        raise ValueError("Argument `drive` must not be 0 for Omega / epsilon^2 of the driven state, but is.")
    state = quantum.steady_state(system.lindblad())
    rho, undriven = state.dense(), quantum.steady_state(system.undriven().lindblad()).dense()
    values = [sync_entropy(rho, undriven, system.excitation, kind) / system.drive**2 for kind in ("diagonal", "block")]
    return {"sync_entropy_diagonal": values[0], "sync_entropy_block": values[1], "residual": state.residual}


def _extrema_results(found: Extrema) -> dict[str, Any]:
    return {
        "sync_entropy_free": found.free,
        "sync_entropy_max": found.largest,
        "peak_exchange": found.peak_exchange,
        "ratio_max": found.ratio_max,
        "dip_exchange": found.dip_exchange,
        "ratio_min": found.ratio_min,
    }


def _extrema_of_many(
    systems: Sequence[Any], settings: Mapping[str, Any], seeds: Sequence[int], threads: int
) -> list[dict[str, Any]]:
    _require(systems, "extrema")
    found = extrema(systems, largest_exchange=settings["largest"], grid=settings["grid"], threads=threads)
    return [_extrema_results(one) for one in found]


def _extrema(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    return _extrema_of_many([system], settings, [seed], threads)[0]


def _reach(name: str, value: Any) -> float:
    """An exchange beyond the smallest one of the search."""
    number = positive(name, value)
    if not number > SMALLEST_EXCHANGE:
        raise ValueError(f"Argument `{name}` must exceed {SMALLEST_EXCHANGE:g}, but is {number:g}.")
    return number


_HERE = "compare.methods.spin_entropy"

LIMIT = FunctionMethod(
    f"{_HERE}:LIMIT",
    "Omega / epsilon^2 of two spins for a weak drive",
    {},
    _limit,
    "Limit of Omega / epsilon^2 as the drive goes to 0, a quadratic form in the first-order coherences: closed form for two "
    "qubits, perturbation theory for larger spins.",
    many=_limits,
)
DRIVEN = FunctionMethod(
    f"{_HERE}:DRIVEN",
    "Omega / epsilon^2 of two driven spins, exact",
    {},
    _driven,
    "Difference of entropies at the drive strength of the system.",
    many=in_threads(_driven),
)
EXTREMA = FunctionMethod(
    f"{_HERE}:EXTREMA",
    "extrema of Omega over the exchange",
    {"largest": Setting(LARGEST_EXCHANGE, _reach), "grid": Setting(None, optional(count(8)))},
    _extrema,
    "Weak drive; maxima and minima over 1e-3 < g < largest on a logarithmic grid, each refined, and g = 0.",
    many=_extrema_of_many,
)
