r"""Phase response of two spins to a drive on one of them: coherences, spherical tensors, zero crossings.

For systems such as `compare.systems.vaidya2024.TwoSpins`, after Secs. II C, III A and Appendices A, D of Vaidya et al. 2024.
Plans name the methods by module and attribute: ``{"method": "compare.methods.spin_response:STEADY"}``.

**Leading orders.** The undriven master equation conserves :math:`S^z_A + S^z_B`, and the drive changes it by one. An element
of rho between states whose charges differ by q is therefore of order :math:`\epsilon^{|q|}`, and its leading coefficient
follows from that of q - 1 by one linear equation in the elements of charge q alone,

.. math:: L\rho_q = i[V_\pm, \rho_{q-1}] ,

a spherical tensor :math:`T_k^q` of a qutrit from :math:`\rho_q`. `quantum.first_order` gives the same for q = 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import optimize

import quantum
from compare import checks
from compare.methods.declare import FunctionMethod, Setting, count, in_threads, positive, word
from compare.systems.vaidya2024 import PAPER, TwoSpins
from compare.systems.vaidya2024_linear_response import (
    described,
    first_crossing,
    linear_response,
    restored_crossing,
)
from compare.variables import Variable, register_variable
from quantum import operators
from quantum.permutation import PermutationSymmetric
from quantum.phase import phase_distribution
from quantum.spherical_tensors import spherical_tensor

SITES = ["A", "B"]

# Spins per site up to which the whole Hilbert space, 64 states, is quicker than permutation-symmetric operators
_MOST_BY_PRODUCT = 3

AZIMUTHS = 2.0 * np.pi * np.arange(64) / 64
"""Angles at which datasets keep delta P(phi)."""

for _name, _about in {
    "spin_coherence": Variable(("site",), "coherence <S+_j>", "1", f"{PAPER}, Sec. II C"),
    "spin_z": Variable(("site",), "<Sz_j>", "1", f"{PAPER}, Eq. (4)"),
    "spin_coherence_stderr": Variable(
        ("site",),
        "standard errors of Re and Im <S+_j>, as Re and Im",
        "1",
        "sampling error over independent trajectories",
    ),
    "spin_z_stderr": Variable(
        ("site",), "standard error of <Sz_j>", "1", "sampling error over independent trajectories"
    ),
    "response": Variable(("site",), "first-order response <S+_j> / epsilon", "1/Gamma", f"{PAPER}, Eq. (C4)"),
    "azimuth_change": Variable(("site", "azimuth"), "P(phi) - 1/2 pi of the azimuth", "1/rad", f"{PAPER}, Eq. (8)"),
    "response_change": Variable(
        ("site", "azimuth"), "(P(phi) - 1/2 pi) / epsilon of the azimuth", "1/(rad Gamma)", f"{PAPER}, Eq. (8)"
    ),
    "multipole": Variable(("site", "tensor"), "<T_k^q> / epsilon^q, leading order", "1", f"{PAPER}, Appendix D"),
    "zero_crossing": Variable(("site",), "exchange at which <S+_j> vanishes", "Gamma", f"{PAPER}, Sec. III A"),
    "restored_detuning": Variable((), "Delta_q that restores the zero crossing", "Gamma", f"{PAPER}, Fig. 5(c)"),
    "restored_exchange": Variable((), "exchange of the restored zero crossing", "Gamma", f"{PAPER}, Fig. 5(c)"),
}.items():
    register_variable(_name, _about)


# --- leading orders in the drive --------------------------------------------------------------------------------------


def driven_tensors(spin: float) -> list[tuple[int, int]]:
    """Ranks and orders (k, q) of the spherical tensors of a spin that a drive makes non-zero: q from 1 on."""
    return [(k, q) for k in range(1, round(2 * spin) + 1) for q in range(1, k + 1)]


def tensor_names(spin: float) -> list[str]:
    """Names of `driven_tensors`: "T11", "T21", "T22", ..., from rank 10 on "T10,1"."""
    return [f"T{k}{q}" if k < 10 else f"T{k},{q}" for k, q in driven_tensors(spin)]


def leading_coherences(system: TwoSpins, order: int) -> list[np.ndarray]:
    """Return the leading coefficients of the elements of rho by charge: zeroth, first, ... `order`-th order in the drive.

    Parameters
    ----------
    system : TwoSpins
        Two spins; their drive strength does not matter.
    order : int
        Highest order.

    Returns
    -------
    list of complex arrays, shape (D, D)
        The q-th holds the elements <i|rho|j> / epsilon^q with charge of j minus charge of i equal to q.

    Notes
    -----
    Dense in the elements of one charge, of which two qutrits have at most 19; meant for two spins, not for many.
    """
    _require_system(system, "leading_coherences")
    checks.at_least("order", order, 0)
    model = system.undriven().lindblad()
    charge = np.rint(system.excitation + 2.0 * system.spin).astype(int)
    drive = system.drive_operator().toarray()
    rho = quantum.steady_state(model).dense()
    found = [rho]
    for q in range(1, order + 1):
        i, j = np.nonzero(charge[None, :] - charge[:, None] == q)
        source = 1j * (drive @ rho - rho @ drive)
        rho = np.zeros_like(rho)
        if i.size:
            rho[i, j] = np.linalg.solve(_superoperator(model, i, j), source[i, j])
        found.append(rho)
    return found


def leading_tensors(system: TwoSpins) -> np.ndarray:
    """<T_k^q> / epsilon^q of both spins to leading order, in the order of `driven_tensors`; complex, shape (2, tensors)."""
    _require_pair(system)
    tensors = driven_tensors(system.spin)
    orders = leading_coherences(system, round(2 * system.spin))
    out = np.zeros((2, len(tensors)), dtype=np.complex128)
    for n, (k, q) in enumerate(tensors):
        for site in (0, 1):
            tensor = operators.embed(spherical_tensor(system.spin, k, q), site, system.dims)
            out[site, n] = (tensor @ orders[q]).trace()
    return out


def _superoperator(model: quantum.Lindblad, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """L on the elements (i, j) of rho, a set that L maps into itself; shape (elements, elements)."""
    heff = -1j * model.effective_hamiltonian.toarray()
    same_i, same_j = i[:, None] == i[None, :], j[:, None] == j[None, :]
    out = heff[i[:, None], i[None, :]] * same_j + heff.conj()[j[:, None], j[None, :]] * same_i
    for jump in model.jumps:
        dense = jump.toarray()
        out = out + dense[i[:, None], i[None, :]] * dense.conj()[j[:, None], j[None, :]]
    return out


# --- responses --------------------------------------------------------------------------------------------------------


def coherences(state: quantum.Density, system: TwoSpins) -> np.ndarray:
    """<S+_A> and <S+_B> per spin, complex, shape (2,)."""
    return np.array([state.expect(plus) for plus in system.raising_operators()])


def first_order_response(system: TwoSpins) -> np.ndarray:
    """<S+_j> / epsilon by perturbation theory, complex, shape (2,); for any spin and any number per site.

    Up to three spins per site by `quantum.first_order`, more by the permutation-symmetric master equation.
    """
    if system.spins_per_site > _MOST_BY_PRODUCT:
        return _symmetric_response(system)
    model = system.undriven().lindblad()
    return coherences(quantum.first_order(model, system.drive_operator()), system)


def _symmetric_response(system: TwoSpins) -> np.ndarray:
    """The response of N spins per site in operators that no exchange of spins changes."""
    plus = operators.spin_plus(system.spin)
    first = PermutationSymmetric(system.groups()).first_order([0.5 * (plus + plus.T), None])
    return np.array([complex(first.expect(plus, site)) for site in (0, 1)])


def crossing_by_root(
    function: Callable[[float], float], largest: float = 40.0, points: int = 200, smallest: float = 1e-3
) -> float:
    """Return the smallest root of a function of the exchange between `smallest` and `largest`, NaN if it has none.

    Parameters
    ----------
    function : callable
        Of g; continuous.
    largest, smallest : float
        Ends of the search, in Gamma.
    points : int
        Points of the logarithmic grid on which a change of sign is looked for, at least 2.

    Raises
    ------
    ValueError
        If the ends are not positive and ascending, or there are too few points.
    """
    if not 0.0 < checks.finite("smallest", smallest) < checks.finite("largest", largest):
        raise ValueError(f"Argument `smallest` must lie between 0 and `largest` = {largest:g}, but is {smallest:g}.")
    checks.at_least("points", points, 2)
    grid = np.geomspace(smallest, largest, points)
    before = function(grid[0])
    for left, right in pairwise(grid):
        after = function(right)
        if before * after < 0.0:
            return float(optimize.brentq(function, left, right, xtol=1e-13, rtol=1e-14))
        before = after
    return np.nan


def crossings(system: TwoSpins, by: str = "polynomial", **search: Any) -> tuple[float, float]:
    """Return the smallest zero crossings g_{0,A}, g_{0,B} at resonance, NaN where there is none.

    Parameters
    ----------
    system : TwoSpins
        On resonance; its exchange does not matter.
    by : {"polynomial", "response", "steadystate"}
        The closed form, the root of the first-order response by `quantum.first_order`, or the root of the exact steady
        state at the drive strength of `system`.
    **search
        ``largest``, ``points`` and ``smallest`` of `crossing_by_root`.

    Notes
    -----
    At resonance <S+_A> is imaginary and <S+_B> real to all orders in the drive: the basis states can be given phases 1 and
    i such that H has only elements between different ones, and then <S+_A> changes a phase and <S+_B> does not.
    """
    if by not in ("polynomial", "response", "steadystate"):
        raise ValueError(f"Argument `by` must be one of 'polynomial', 'response', 'steadystate', but is {by!r}.")
    if by == "polynomial":
        return first_crossing(system)
    if system.drive_detuning != 0.0 or system.spin_detuning != 0.0:
        raise ValueError("Argument `system` must be on resonance for a zero crossing, but is detuned.")
    if by == "steadystate" and system.drive == 0.0:
        raise ValueError("Argument `drive` must not be 0 for a crossing of the steady state, but is.")

    @cache
    def response(g: float) -> tuple[float, float]:
        here = system.vary(exchange=float(g))
        if by == "response":
            a, b = first_order_response(here)
        else:
            a, b = coherences(quantum.steady_state(here.lindblad()), here) / system.drive
        return float(a.imag), float(b.real) / float(g)

    def at_site(site: int) -> Callable[[float], float]:
        return lambda g: response(g)[site]

    return crossing_by_root(at_site(0), **search), crossing_by_root(at_site(1), **search)


def _require_pair(system: TwoSpins) -> None:
    if not isinstance(system, TwoSpins) or system.spins_per_site != 1:
        raise ValueError(f"Argument `system` must be two single spins, but is {described(system)}.")


def _require_system(system: Any, method: str) -> None:
    if not isinstance(system, TwoSpins):
        raise ValueError(
            f"Method {method!r} needs a system of two spins, but {getattr(system, 'name', system)!r} is none."
        )


# --- methods ----------------------------------------------------------------------------------------------------------


def _azimuth_changes(state: quantum.Density, system: TwoSpins, norm: float) -> np.ndarray:
    """P(phi) - norm / 2 pi of one spin at A and of one at B, shape (2, azimuths)."""
    subsystems = (0, system.spins_per_site)
    densities = [phase_distribution(state, AZIMUTHS, j, ordering="spin") for j in subsystems]
    return np.array(densities) - norm / (2.0 * np.pi)


def _steady(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    """The exact steady state of the driven spins."""
    _require_system(system, "steady")
    state = quantum.steady_state(system.lindblad())
    level = [state.mean_number(j) - system.spin for j in (0, system.spins_per_site)]
    return {
        "site": SITES,
        "spin_coherence": coherences(state, system),
        "spin_z": np.array(level),
        "azimuth": AZIMUTHS,
        "azimuth_change": _azimuth_changes(state, system, 1.0),
        "residual": state.residual,
    }


def _response(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    """First order in the drive, in closed form or by perturbation theory."""
    _require_system(system, "response")
    if settings["by"] == "closed":
        found = linear_response(system)
        response = np.array([found.plus_a, found.plus_b])
        change = 0.25 * (response[:, None] * np.exp(-1j * AZIMUTHS)).real
    else:
        first = quantum.first_order(system.undriven().lindblad(), system.drive_operator())
        response, change = coherences(first, system), _azimuth_changes(first, system, 0.0)
    return {"site": SITES, "response": response, "azimuth": AZIMUTHS, "response_change": change}


def _tensors(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    _require_system(system, "tensors")
    return {"site": SITES, "tensor": tensor_names(system.spin), "multipole": leading_tensors(system)}


def _crossings(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    _require_system(system, "crossings")
    search = {name: settings[name] for name in ("smallest", "largest", "points")}
    found = crossings(system, settings["by"], **({} if settings["by"] == "polynomial" else search))
    return {"site": SITES, "zero_crossing": np.array(found)}


def _restored(system: Any, settings: Mapping[str, Any], seed: int, threads: int) -> dict[str, Any]:
    _require_system(system, "restored")
    detuning, exchange = restored_crossing(system)
    return {"restored_detuning": detuning, "restored_exchange": exchange}


def _fit_crossings(settings: Mapping[str, Any]) -> None:
    """Refuse a search without room."""
    if not settings["smallest"] < settings["largest"]:
        raise ValueError(
            f"Argument `largest` must exceed `smallest` = {settings['smallest']:g}, but is {settings['largest']:g}."
        )


_HERE = "compare.methods.spin_response"

STEADY = FunctionMethod(
    f"{_HERE}:STEADY",
    "coherences and azimuths of driven spins, exact",
    {},
    _steady,
    "Steady state of the master equation at the drive strength of the system.",
    many=in_threads(_steady),
)
RESPONSE = FunctionMethod(
    f"{_HERE}:RESPONSE",
    "first-order response of spins to the drive",
    {"by": Setting("closed", word("closed", "perturbation"))},
    _response,
    "First order in the drive: Eqs. (C3) and (C4) solved in closed form (two qubits), or perturbation theory (any spins).",
    many=in_threads(_response),
)
TENSORS = FunctionMethod(
    f"{_HERE}:TENSORS",
    "spherical tensors of driven spins to leading order",
    {},
    _tensors,
    "Leading order in the drive, epsilon^q for T_k^q, Tr(T^+ T) = 1; the tensors are T11, T21, T22 and so on.",
    many=in_threads(_tensors),
)
CROSSINGS = FunctionMethod(
    f"{_HERE}:CROSSINGS",
    "exchanges at which the spins' coherences vanish",
    {
        "by": Setting("polynomial", word("polynomial", "response", "steadystate")),
        # ends and points of the logarithmic grid on which roots are looked for
        "smallest": Setting(1e-3, positive),
        "largest": Setting(40.0, positive),
        "points": Setting(200, count(2)),
    },
    _crossings,
    "Smallest zero crossings at resonance: positive roots of a quadratic in g^2, or roots of the first-order response or "
    "of the exact steady state.",
    many=in_threads(_crossings),
    fit=_fit_crossings,
)
RESTORED = FunctionMethod(
    f"{_HERE}:RESTORED",
    "detuning of spin B that restores the zero crossing",
    {},
    _restored,
    "Solution (Delta_q, g) of <S+_A>_1 = 0 that continues the crossing at resonance, by Newton's method.",
    many=in_threads(_restored),
)
