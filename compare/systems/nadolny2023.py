r"""One or two groups of N three-level oscillators, all coupled to all.

T. Nadolny and C. Bruder, *Macroscopic quantum synchronization effects*, Phys. Rev. Lett. 131, 190402 (2023).

**Master equation** (Eqs. 1, S3, S7), hbar = 1, levels :math:`|0\rangle, |1\rangle, |2\rangle`,
:math:`S^z = |2\rangle\langle2| - |0\rangle\langle0|`, :math:`S^+ = \sqrt2(|2\rangle\langle1| + |1\rangle\langle0|)`:

.. math::

    H &= \sum_{\sigma,i}\big[\pm\tfrac\delta2 S^z_{\sigma,i} + K|2\rangle\langle2|_{\sigma,i}
         + \Omega(S^+_{\sigma,i} + S^-_{\sigma,i})\big]
         + \frac VN\sum_\sigma\sum_{i<j}\big(S^+_{\sigma,i}S^-_{\sigma,j} + \mathrm{h.c.}\big)
         + \frac{V_{AB}}N\sum_{i,j}\big(S^+_{A,i}S^-_{B,j} + \mathrm{h.c.}\big),\\
    \dot\rho &= -i[H,\rho] + \sum_{\sigma,i}\big(\gamma_+D[|1\rangle\langle0|_{\sigma,i}]
         + \gamma_-D[|1\rangle\langle2|_{\sigma,i}]\big)\rho .

The upper sign belongs to group A. One group has :math:`V_{AB} = \delta = 0`; of a single oscillator (N = 1) the sum over
pairs is empty. The drive of Eq. (S3) acts on every oscillator.

**Mean field** (Eq. 2), exact for N to infinity. With :math:`a = \rho_{10}, b = \rho_{21}, c = \rho_{20}`,
:math:`\rho_{kl} = \langle k|\rho|l\rangle`, D = +-delta/2 and the field
:math:`f = 2V(a+b)_{\rm own} + 2V_{AB}(a+b)_{\rm other} + \sqrt2\Omega`,

.. math::

    \dot p_2 &= 2\,\mathrm{Im}(f b^*) - \gamma_-p_2, \qquad \dot p_0 = 2\,\mathrm{Im}(f^*a) - \gamma_+p_0,\\
    \dot a &= -i[Da + f^*c + f(p_0 - p_1)] - \tfrac12\gamma_+a,\\
    \dot b &= -i[(D+K)b + f(p_1-p_2) - f^*c] - \tfrac12\gamma_-b,\\
    \dot c &= -i[(2D+K)c + f(a-b)] - \tfrac12(\gamma_++\gamma_-)c .

:math:`\langle S^+\rangle = \sqrt2(a+b)^*` turns as :math:`e^{i\nu t}`. At finite N the product ansatz has V(N-1)/N in place of
V. Eq. (2) is what Eq. (1) gives: each pair i < j appears with its Hermitian conjugate, there is no factor 1/2.

**The classical pictures** (not in the paper). *Phase oscillators*: a spin of length :math:`\sqrt{S(S+1)} = \sqrt2` with
:math:`S^+ = \sqrt{2-z^2}\,e^{i\varphi}` and energy :math:`K(z^2+z)/2` has :math:`\dot\varphi = D + K(z + \tfrac12)`, and the
field of its neighbours, :math:`\langle S^+\rangle = \sqrt2\,re^{i\psi}`, drives
:math:`\dot z = 4Vr\sin(\varphi-\psi) - \Gamma z` with the mean rate :math:`\Gamma = (\gamma_++\gamma_-)/2`. Where z follows
(:math:`|K|, V r \ll \Gamma`),

.. math::

    \dot\varphi_i = \pm\tfrac\delta2 + \tfrac K2 + \kappa\,r\sin(\psi-\varphi_i) + \sqrt{\Gamma}\,\xi_i,
    \qquad \kappa = -\frac{4KV}\Gamma ,

:math:`\xi` white noise of unit variance: its diffusion constant :math:`\Gamma/2` is the mean decay rate of the coherences. A
reactive coupling does not pull the phases of isochronous oscillators (K = 0) at all; for K > 0 it pushes them apart. A group
synchronizes for :math:`\kappa > \Gamma`. See `phase_critical_coupling`. Sakaguchi's phase lag changes nothing
about K = 0: the lag of an oscillator's answer to a weak field at its own frequency, :math:`\arg\chi(0)` (`susceptibility`), is
+-pi/2 there whatever the rates, and :math:`V_c = 1/\mathrm{Re}\,\chi(0)` infinite. That the quantum group does synchronize at
K = 0 and unequal rates it owes to two transitions of unequal widths, where a phase has one.

*Discrete Wigner*: `SpinGroups.discrete_wigner`.

What a reader of the paper should know (each checked in the tests, or stated at the plan that it concerns):

- Fig. 2(a): ":math:`V/(\gamma_- - \gamma_+) = 3/5`" must be :math:`V/(\gamma_- + \gamma_+)`; literally V = 0.3 lies below
  V_c = 0.530 and the amplitude decays.
- The initial states :math:`1/3 + c|1\rangle\langle2|` lack "+ h.c."; here they are Hermitian. Only transients differ.
- :math:`D[\rho]` is printed without its jump operators.
- The order parameter is the time average of the modulus :math:`|\langle S^+\rangle|`, not the modulus of the average.
- Below Eq. (S10) and in Fig. S1, V_AB is not stated (first order: any), and neither are the initial state, :math:`\gamma_+` and
  K of Fig. S4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from numbers import Number
from typing import Any, ClassVar, Self

import numpy as np
from scipy import sparse

import langevin
import quantum
from compare import checks
from quantum import operators
from quantum.cumulants import Cumulants, evolve_cumulants
from quantum.groups import Groups
from quantum.mean_field.model import Coupling, Group, MeanField
from quantum.permutation import PermutationSymmetric

PAPER = "Nadolny and Bruder, Phys. Rev. Lett. 131, 190402 (2023)"
LEVELS = 3

# Dimension beyond which `lindblad` refuses: six oscillators have 729 states and a density matrix of 8 MB
_LARGEST_DIMENSION = 3**7
_FREQUENCIES = ("asymmetry", "coupling", "intergroup_coupling", "detuning", "drive")
_RATIOS = ("rate_ratio", "coupling_ratio", "asymmetry_ratio")


@dataclass(frozen=True, kw_only=True)
class SpinGroups:
    r"""One or two groups of three-level oscillators; the equations are in the module's docstring.

    All rates and frequencies in one unit, the paper's gamma_-.

    Parameters
    ----------
    groups : {1, 2}
        Number of groups: one, or A and B.
    size : int or None
        Oscillators N in each group; None for N to infinity.
    gamma_plus, gamma_minus : float
        Rates of :math:`|0\rangle\to|1\rangle` and :math:`|2\rangle\to|1\rangle`.
    asymmetry : float
        K: how much farther :math:`|2\rangle` is from :math:`|1\rangle` than :math:`|1\rangle` from :math:`|0\rangle`.
    coupling : float
        V, within each group.
    intergroup_coupling : float
        V_AB.
    detuning : float
        delta = omega_A - omega_B.
    drive : float
        Omega of Eq. (S3), on every oscillator.

    Raises
    ------
    ValueError
        For a negative rate, oscillators without gain and loss, one group with a detuning or a V_AB, or a number that is not
        finite or of the wrong kind.
    """

    groups: int = 2
    size: int | None = None
    gamma_plus: float = 0.5
    gamma_minus: float = 1.0
    asymmetry: float = 0.0
    coupling: float = 1.0
    intergroup_coupling: float = 0.0
    detuning: float = 0.0
    drive: float = 0.0

    name: ClassVar[str] = "nadolny2023.SpinGroups"
    AXES: ClassVar[dict[str, dict[str, str]]] = {
        "groups": {"long_name": "number of groups", "units": "1"},
        "size": {"long_name": "oscillators N in a group", "units": "1"},
        "gamma_plus": {"long_name": "gain rate gamma_+", "units": "gamma_-"},
        "gamma_minus": {"long_name": "loss rate gamma_-", "units": "gamma_-"},
        "asymmetry": {"long_name": "asymmetry K of the levels", "units": "gamma_-"},
        "coupling": {"long_name": "coupling V in a group", "units": "gamma_-"},
        "intergroup_coupling": {"long_name": "coupling V_AB between the groups", "units": "gamma_-"},
        "detuning": {"long_name": "detuning delta of the groups", "units": "gamma_-"},
        "drive": {"long_name": "drive strength Omega", "units": "gamma_-"},
        "rate_ratio": {"long_name": "gamma_+ / gamma_-", "units": "1"},
        "coupling_ratio": {"long_name": "V / (gamma_+ + gamma_-)", "units": "1"},
        "asymmetry_ratio": {"long_name": "K / (gamma_+ + gamma_-)", "units": "1"},
    }

    def __post_init__(self) -> None:
        now: dict[str, Any] = {name: checks.finite(name, getattr(self, name)) for name in _FREQUENCIES}
        now |= {name: checks.non_negative(name, getattr(self, name)) for name in ("gamma_plus", "gamma_minus")}
        now["groups"] = checks.at_least("groups", self.groups, 1)
        now["size"] = None if self.size is None else checks.at_least("size", self.size, 1)
        if now["groups"] > 2:
            raise ValueError(f"Argument `groups` must be 1 or 2, but is {now['groups']}.")
        if now["gamma_plus"] + now["gamma_minus"] == 0.0:
            raise ValueError(
                "Arguments `gamma_plus` and `gamma_minus` must not both be 0: without them nothing is stable."
            )
        if now["groups"] == 1:
            for name in ("detuning", "intergroup_coupling"):
                if now[name] != 0.0:
                    raise ValueError(f"Argument `{name}` must be 0 for one group, but is {now[name]:g}.")
        for name, value in now.items():
            object.__setattr__(self, name, value)

    # --- parameters out, in, and varied ---

    def parameters(self) -> dict[str, Any]:
        """All parameters in the types of JSON."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Self:
        """Make the system from what `parameters` returned; what is left out has its default."""
        for name in parameters:
            checks.known("parameter of nadolny2023.SpinGroups:", name, [field.name for field in fields(cls)])
        return cls(**parameters)

    def vary(self, **changes: Any) -> Self:
        """Return a copy with some parameters changed.

        Names are those of the class, and the ratios of Fig. 2: ``rate_ratio`` (gamma_+ / gamma_-, by gamma_+),
        ``coupling_ratio`` (V / (gamma_+ + gamma_-)) and ``asymmetry_ratio`` (K / (gamma_+ + gamma_-)). The last two refer to
        the rates after the change.
        """
        names = [*_RATIOS, *(field.name for field in fields(self))]
        ratios = {}
        for name, value in changes.items():
            checks.known("parameter of nadolny2023.SpinGroups:", name, names)
            if name in _RATIOS:
                ratios[name] = checks.finite(name, value)
        for ratio, same in zip(_RATIOS, ("gamma_plus", "coupling", "asymmetry"), strict=True):
            if ratio in changes and same in changes:
                raise ValueError(f"Axis `{ratio}` must not be changed together with `{same}`, which it sets.")
        out = replace(self, **{name: value for name, value in changes.items() if name not in ratios})
        if "rate_ratio" in ratios:
            out = replace(out, gamma_plus=checks.non_negative("rate_ratio", ratios["rate_ratio"]) * out.gamma_minus)
        scaled = {"coupling_ratio": "coupling", "asymmetry_ratio": "asymmetry"}
        last: dict[str, Any] = {scaled[name]: ratios[name] * out.total_rate for name in scaled if name in ratios}
        return replace(out, **last)

    # --- numbers ---

    @property
    def total_rate(self) -> float:
        """gamma_+ + gamma_-, the unit of Fig. 2."""
        return self.gamma_plus + self.gamma_minus

    @property
    def oscillators(self) -> int:
        """Number of oscillators in all; raises ValueError if it is infinite."""
        return self.groups * self.finite_size

    @property
    def finite_size(self) -> int:
        """N; raises ValueError if it is infinite."""
        if self.size is None:
            raise ValueError("Argument `size` must be a number of oscillators here, but is None: infinitely many.")
        return self.size

    @property
    def mean_field_coupling(self) -> float:
        """V (N - 1)/N, what an oscillator feels of its own group; V for N to infinity."""
        return self.coupling if self.size is None else self.coupling * (self.size - 1) / self.size

    @property
    def shifts(self) -> tuple[float, ...]:
        """Frequency D of each group: +- delta/2, or 0 for one group."""
        return (0.5 * self.detuning, -0.5 * self.detuning)[: self.groups] if self.groups == 2 else (0.0,)

    def field_couplings(self) -> np.ndarray:
        """Matrix M of the fields: the Hamiltonian of an oscillator of group s is S^+ sum_s' M_ss' <S^->_s' + h.c."""
        own = np.eye(self.groups) * self.mean_field_coupling
        return own + (1.0 - np.eye(self.groups)) * self.intergroup_coupling

    @property
    def growth_rate(self) -> float:
        """Largest growth rate of a small amplitude in mean field; see the function of this name."""
        return growth_rate(self)

    @property
    def critical_coupling(self) -> float:
        """V_c of one infinite group with these rates and K; see the function of this name."""
        return float(critical_coupling(self.gamma_plus, self.gamma_minus, self.asymmetry))

    # --- mean field ---

    def mean_field(self) -> MeanField:
        """Nonlinear master equations (2) of one oscillator of each group."""
        return self.mean_fields([self], ())

    @staticmethod
    def mean_fields(systems: Sequence[SpinGroups], shape: tuple[int, ...] | None = None) -> MeanField:
        """Nonlinear master equations of many systems as one grid; see `mean_field_of`."""
        return mean_field_of(systems, shape)

    @property
    def mean_field_kind(self) -> tuple[int, bool]:
        """Number of groups and whether they are driven: systems that share them have the same terms in their equations."""
        return self.groups, self.drive != 0.0

    @property
    def amplitude_operator(self) -> sparse.csr_array:
        """S^+ of one oscillator, shape (3, 3)."""
        return operators.spin_plus(1)

    @property
    def coherence_operators(self) -> tuple[sparse.csr_array, ...]:
        """The operators whose mean values are rho_01, rho_12 and rho_02, shape (3, 3) each."""
        return tuple(operators.projector(column, row, LEVELS) for row, column in ((0, 1), (1, 2), (0, 2)))

    def seeded_states(self, coherences: Sequence[complex]) -> list[np.ndarray]:
        """Initial states `seeded_state` of each group; coherences beyond the number of groups are not used.

        Raises
        ------
        ValueError
            If there are fewer coherences than groups, or one of them is too large.
        """
        if len(coherences) < self.groups:
            raise ValueError(
                f"Argument `seeds` must have {self.groups} entries, one per group, but has {len(coherences)}."
            )
        return [seeded_state(c) for c in coherences[: self.groups]]

    # --- the quantum face ---

    def lindblad(self, levels: int | None = None) -> quantum.Lindblad:
        """Master equation (1); subsystems are the oscillators of A, then those of B.

        Parameters
        ----------
        levels : int, optional
            Must be 3; taken so that methods for oscillators can be used.

        Raises
        ------
        ValueError
            For other levels, infinitely many oscillators, and more than 2187 states (seven oscillators).
        """
        _three(levels)
        size = self.finite_size
        _checked_dims(self.groups, size)
        return _dissipation(self.groups, size, self.gamma_plus, self.gamma_minus).with_hamiltonian(self.hamiltonian())

    def hamiltonian(self) -> sparse.csr_array:
        """H of Eq. (1), shape (D, D)."""
        size = self.finite_size
        shared = _shared_operators(self.groups, size)
        h = self.asymmetry * shared["top"] + self.drive * shared["drive"]
        if size > 1:
            h = h + self.coupling / size * shared["within"]
        if self.groups == 2:
            h = h + 0.5 * self.detuning * shared["difference"] + self.intergroup_coupling / size * shared["between"]
        return sparse.csr_array(h)

    def members(self) -> Groups:
        """The groups as identical members with pair couplings: what `cumulants` and the permutation-symmetric equation take."""
        size = self.finite_size
        one = [_member(shift, self.asymmetry, self.drive, self.gamma_plus, self.gamma_minus) for shift in self.shifts]
        hop = _exchange()
        couplings = {(g, g): self.coupling / size * hop for g in range(self.groups)}
        if self.groups == 2:
            couplings[0, 1] = self.intergroup_coupling / size * hop
        return Groups(one, [size] * self.groups, couplings)

    def permutation(self) -> PermutationSymmetric:
        """Master equation (1) on permutation-symmetric operators: exact, for up to about ten oscillators of one group."""
        return PermutationSymmetric(self.members())

    def cumulants(self, initial: Sequence[np.ndarray], times: Any, **settings: Any) -> Cumulants:
        """Second-order cumulants from one state for each group; see `quantum.cumulants.evolve_cumulants`."""
        return evolve_cumulants(self.members(), initial, times, **settings)

    def uncoupled(self) -> Self:
        """The same oscillators without drive and couplings: each ends in its level 1."""
        return replace(self, coupling=0.0, intergroup_coupling=0.0, drive=0.0)

    def infinite(self) -> Self:
        """The same system with infinitely many oscillators in each group."""
        return replace(self, size=None)

    @property
    def first_order_harmonic(self) -> complex:
        """A of s(phi_AB) = Re(A e^{i phi}) of two oscillators to first order in V_AB; `pair_first_order_amplitude`."""
        return pair_first_order_amplitude(self)

    def mean_raising(self) -> tuple[sparse.csr_array, ...]:
        """S^+ per oscillator of each group, (1/N) sum_i S^+_i, shape (D, D) each."""
        return _shared_operators(self.groups, self.finite_size)["raising"]

    def pair_operator(self, first: int, second: int) -> sparse.csr_array:
        """S^+_i S^-_j, averaged over the pairs of different members i of group `first` and j of `second`, shape (D, D).

        Raises
        ------
        ValueError
            If the two are one group of one member.
        """
        size, shared = self.finite_size, _shared_operators(self.groups, self.finite_size)
        both = shared["raising"][first] @ shared["raising"][second].T
        if first != second:
            return sparse.csr_array(both)
        if size == 1:
            raise ValueError("Argument `size` must be at least 2 for pairs within a group, but is 1.")
        return sparse.csr_array((size**2 * both - shared["same"][first]) / (size * (size - 1)))

    # --- the classical faces ---

    def discrete_wigner(self) -> langevin.SpinNetwork:
        """Trajectories of classical phase-point matrices, one 3 x 3 matrix an oscillator; see `langevin.spins.discrete_wigner`.

        Their equations are those of mean field with fluctuating fields, so that for N to infinity they *are* mean field: the
        ensemble keeps what the three levels of one oscillator do, and makes only the fields between oscillators classical.
        """
        size = self.finite_size
        if self.drive != 0.0:
            raise ValueError(f"Argument `drive` must be 0 for the discrete Wigner ensemble, but is {self.drive:g}.")
        one = [_member(shift, self.asymmetry, 0.0, self.gamma_plus, self.gamma_minus) for shift in self.shifts]
        strength = np.full((self.groups, self.groups), self.intergroup_coupling / size)
        np.fill_diagonal(strength, self.coupling / size)
        return langevin.SpinNetwork(
            hamiltonian=np.array([member.hamiltonian.toarray() for member in one]),
            jumps=[[jump.toarray() for jump in member.jumps] for member in one],
            sizes=[size] * self.groups,
            couplings=[(operators.spin_minus(1).toarray(), strength)],
        )

    def kuramoto(self) -> langevin.PhaseGroups:
        r"""Phase oscillators of the module's docstring: :math:`\kappa = -4KV/\Gamma`, diffusion :math:`\Gamma/2`."""
        rate = 0.5 * self.total_rate
        couplings = np.full((self.groups, self.groups), self.intergroup_coupling)
        np.fill_diagonal(couplings, self.coupling)
        return langevin.PhaseGroups(
            frequency=np.array(self.shifts) + 0.5 * self.asymmetry,
            noise=0.5 * rate,
            coupling=-4.0 * self.asymmetry / rate * couplings,
        )


def mean_field_of(systems: Sequence[SpinGroups], shape: tuple[int, ...] | None = None) -> MeanField:
    """Return the mean field of many systems as one grid of parameter points.

    Parameters
    ----------
    systems : sequence of SpinGroups
        All with the same number of groups.
    shape : tuple of int, optional
        Shape of the grid. Default: ``(len(systems),)``.

    Raises
    ------
    ValueError
        If there is no system, or the numbers of groups differ.
    """
    counts = {system.groups for system in systems}
    if len(counts) != 1:
        raise ValueError(f"Argument `systems` must share one number of groups, but has {sorted(counts)}.")
    shape = (len(systems),) if shape is None else shape

    def column(read: Callable[[SpinGroups], float]) -> np.ndarray:
        return np.array([read(system) for system in systems], dtype=np.float64).reshape(shape)

    plus, driven = operators.spin_plus(1), any(system.drive != 0.0 for system in systems)
    minus = sparse.csr_array(plus.conj().T)
    groups = []
    for g in range(counts.pop()):
        energies = [(column(lambda s: s.asymmetry), operators.projector(2, 2, LEVELS))]
        if systems[0].groups == 2:
            energies.append((column(lambda s, g=g: s.shifts[g]), operators.spin_z(1)))  # type: ignore[misc]
        if driven:
            energies.append((column(lambda s: s.drive), plus + minus))
        rates = [(column(lambda s: s.gamma_plus), operators.projector(1, 0, LEVELS))]
        rates.append((column(lambda s: s.gamma_minus), operators.projector(1, 2, LEVELS)))
        groups.append(Group(energies, rates))
    couplings = []
    for g in range(len(groups)):
        couplings.append(Coupling(column(lambda s: s.mean_field_coupling), g, plus, g, minus))
        if len(groups) == 2:
            couplings.append(Coupling(column(lambda s: s.intergroup_coupling), g, plus, 1 - g, minus))
    return MeanField(groups, couplings)


# --- closed forms: one group ------------------------------------------------------------------------------------------


def critical_coupling(gamma_plus: Any, gamma_minus: Any, asymmetry: Any, *, negative: bool = False) -> np.ndarray:
    r"""Coupling V_c beyond which the unsynchronized state of one infinite group is unstable; broadcasts.

    Root of :math:`V^2d^2 - 2K\gamma_+\gamma_-V - \tfrac14\gamma_+\gamma_-(G^2 + K^2) = 0` with
    :math:`d = \gamma_- - \gamma_+`, :math:`G = (\gamma_+ + \gamma_-)/2`. For V > 0 the state is unstable above the positive
    root. At equal rates there is :math:`V_c = (G^2 + K^2)/8|K|` for K < 0, and no threshold for K >= 0.

    Parameters
    ----------
    gamma_plus, gamma_minus, asymmetry : array-like of float
        Rates and K, in one unit.
    negative : bool
        Whether to return the threshold of attractive coupling, which is negative.

    Returns
    -------
    array
        V_c in the same unit, ``inf`` (``-inf``) where every coupling of this sign leaves the state stable.

    Notes
    -----
    At gamma_+ = 0 the formula gives 0, but the population ends in :math:`|0\rangle`, and nothing synchronizes.
    """
    plus, minus = _rates("gamma_plus", gamma_plus), _rates("gamma_minus", gamma_minus)
    plus, minus, k = np.broadcast_arrays(plus, minus, _numbers("asymmetry", asymmetry))
    sign = -1.0 if negative else 1.0
    product, difference = plus * minus, (minus - plus) ** 2
    mean = 0.25 * (plus + minus) ** 2 + k * k
    # by the form of the root that does not cancel: 2c / (-b + sqrt(..)) for b against the sign, else (b + sqrt(..)) / a
    root = np.sqrt((k * product) ** 2 + 0.25 * product * difference * mean)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(
            sign * k < 0.0,
            0.25 * product * mean / (root - sign * k * product),
            (sign * k * product + root) / difference,
        )
    return sign * np.where((difference == 0.0) & (sign * k >= 0.0), np.inf, found)


def onset_frequency(gamma_plus: Any, gamma_minus: Any, asymmetry: Any) -> np.ndarray:
    r"""Frequency nu_c of <S^+> at V_c, :math:`-[V_c(\gamma_- - \gamma_+) - \tfrac12K\gamma_+]/G`; NaN without threshold."""
    plus, minus, k = (np.asarray(x, dtype=np.float64) for x in (gamma_plus, gamma_minus, asymmetry))
    threshold = critical_coupling(plus, minus, k)
    with np.errstate(invalid="ignore"):
        frequency = -(np.where(minus == plus, 0.0, threshold * (minus - plus)) - 0.5 * k * plus) / (
            0.5 * (plus + minus)
        )
    return np.where(np.isfinite(threshold), frequency, np.nan)


def balanced_rotating_wave(rate: float, asymmetry: float, coupling: float) -> tuple[float, float]:
    r"""|<S^+>| and nu of a synchronized infinite group with gamma_+ = gamma_- = `rate`.

    :math:`|\langle S^+\rangle|^2 = (8|K|V - K^2 - \gamma^2)/32V^2` and :math:`\nu = K/2` for K < 0 beyond the threshold;
    (0, nan) where there is no synchronization.
    """
    checks.positive("rate", rate)
    if not asymmetry < 0.0 or coupling <= float(critical_coupling(rate, rate, asymmetry)):
        return 0.0, float("nan")
    power = (8.0 * abs(asymmetry) * coupling - asymmetry**2 - rate**2) / (32.0 * coupling**2)
    return float(np.sqrt(power)), 0.5 * asymmetry


def phase_critical_coupling(gamma_plus: Any, gamma_minus: Any, asymmetry: Any) -> np.ndarray:
    r"""V_c of the phase oscillators of the module's docstring, :math:`\Gamma^2/4|K|` for K < 0; inf for K >= 0; broadcasts."""
    rate = 0.5 * (_rates("gamma_plus", gamma_plus) + _rates("gamma_minus", gamma_minus))
    k = _numbers("asymmetry", asymmetry)
    with np.errstate(divide="ignore"):
        return np.where(k < 0.0, rate**2 / (4.0 * np.abs(k)), np.inf)


# --- closed forms: stability of the unsynchronized state ---------------------------------------------------------------


def stability_matrix(system: SpinGroups) -> np.ndarray:
    r"""Generator of small :math:`(\rho_{10}, \rho_{21})` of each group about :math:`|1\rangle\langle1|`; (2G, 2G), complex.

    Of one group :math:`[[-\gamma_+/2 + 2iV, 2iV], [-2iV, -\gamma_-/2 - iK - 2iV]]`.

    Raises
    ------
    ValueError
        With a drive: :math:`|1\rangle\langle1|` is no stationary state then.
    """
    if system.drive != 0.0:
        raise ValueError(
            f"Argument `drive` must be 0 for the stability of the unsynchronized state, but is {system.drive:g}."
        )
    field = np.kron(2.0 * system.field_couplings(), np.ones((2, 2)))
    signs = np.tile([1.0, -1.0], system.groups)
    shifts = np.repeat(system.shifts, 2) + np.tile([0.0, system.asymmetry], system.groups)
    decay = np.tile([0.5 * system.gamma_plus, 0.5 * system.gamma_minus], system.groups)
    return 1j * signs[:, None] * field - np.diag(1j * shifts + decay)


def growth_rate(system: SpinGroups) -> float:
    """Largest real part of the eigenvalues of `stability_matrix`: above 0 the unsynchronized state is unstable."""
    return float(np.linalg.eigvals(stability_matrix(system)).real.max())


def susceptibility(growth: Any, shift: Any, gamma_plus: float, gamma_minus: float, asymmetry: float) -> np.ndarray:
    r"""Response chi of <S^-> of one oscillator in :math:`|1\rangle` to a weak field <S^-> e^{lambda t} at unit coupling.

    :math:`\chi = 2i/(\lambda + \gamma_+/2 + iD) - 2i/(\lambda + \gamma_-/2 + i(D + K))`: one resonance for each of the two
    transitions, of opposite sign. The state of two groups at V_AB = V is marginal where :math:`1 = V(\chi_A + \chi_B)`.
    """
    x = np.asarray(growth) + 1j * np.asarray(shift)
    return 2j / (x + 0.5 * gamma_plus) - 2j / (x + 0.5 * gamma_minus + 1j * asymmetry)


def sync_window(gamma_plus: float, gamma_minus: float, coupling: float) -> tuple[float, float]:
    r"""Asymmetries K between which one group with coupling `coupling` is unstable: lowest and highest.

    :math:`K = -4V \pm\sqrt{16V^2 - G^2 + 4V^2d^2/\gamma_+\gamma_-}`. Two groups with V_AB = V act as one of coupling 2V at
    delta = 0, and as two of coupling V for delta to infinity. (nan, nan) if no K is unstable.
    """
    checks.positive("gamma_plus", gamma_plus)
    checks.positive("gamma_minus", gamma_minus)
    mean, product = 0.5 * (gamma_plus + gamma_minus), gamma_plus * gamma_minus
    square = 16.0 * coupling**2 - mean**2 + 4.0 * coupling**2 * (gamma_minus - gamma_plus) ** 2 / product
    if square < 0.0:
        return float("nan"), float("nan")
    return -4.0 * coupling - float(np.sqrt(square)), -4.0 * coupling + float(np.sqrt(square))


# --- closed forms: phase distributions ----------------------------------------------------------------------------------


def driven_first_order(
    gamma_plus: float, gamma_minus: float, asymmetry: float, drive: float
) -> tuple[complex, complex]:
    r"""Coherences (rho10, rho21) of the driven oscillator of Eq. (S3), to first order in the drive.

    :math:`\rho_{10} = 2\sqrt2\,i\Omega/\gamma_+`, :math:`\rho_{21} = -i\sqrt2\,\Omega/(\gamma_-/2 + iK)`. At equal rates and
    K = 0 they cancel in <S^-> = sqrt2 (rho10 + rho21): the interference blockade of one oscillator.
    """
    checks.positive("gamma_plus", gamma_plus)
    checks.positive("gamma_minus", gamma_minus)
    root = np.sqrt(2.0)
    return complex(2.0 * root * 1j * drive / gamma_plus), complex(
        -1j * root * drive / (0.5 * gamma_minus + 1j * asymmetry)
    )


def balanced_two_photon_coherence(rate: float, drive: float) -> float:
    r"""rho20 of the driven oscillator at equal rates and K = 0, :math:`8\Omega^2/(\gamma^2 + 32\Omega^2)`; <S^-> is 0."""
    return 8.0 * drive**2 / (rate**2 + 32.0 * drive**2)


def pair_first_order(phi: Any, system: SpinGroups) -> np.ndarray:
    r"""s(phi_AB) of two oscillators (N = 1) to first order in V_AB, the quantity of Fig. S1.

    :math:`s = -\tfrac{9\pi}{32}V_{AB}K\,\mathrm{Re}\{e^{i\phi}/[(G + i\delta)^2 + K^2]\}`: zero at K = 0, resonant at
    :math:`\delta = \pm K`.
    """
    amplitude = pair_first_order_amplitude(system)
    return np.real(np.exp(1j * np.asarray(phi, dtype=np.float64)) * amplitude)


def pair_first_order_amplitude(system: SpinGroups) -> complex:
    """The amplitude A of s = Re(A e^{i phi}); the largest s is |A|, at phi = -arg A."""
    if system.groups != 2 or system.size != 1:
        raise ValueError(
            f"Argument `system` must have two groups of one oscillator, but has {system.groups} of {system.size}."
        )
    x = 0.5 * system.total_rate + 1j * system.detuning
    k = system.asymmetry
    return complex(-9.0 * np.pi / 32.0 * system.intergroup_coupling * k / (x * x + k * k))


# --- initial states ----------------------------------------------------------------------------------------------------


def seeded_state(coherence: complex) -> np.ndarray:
    r"""The initial state :math:`1/3 + (c|1\rangle\langle2| + \mathrm{h.c.})` of all figures; complex, shape (3, 3).

    Raises
    ------
    ValueError
        If |c| exceeds 1/3: the state would have a negative eigenvalue.
    """
    if not isinstance(coherence, Number) or not abs(complex(coherence)) <= 1.0 / 3.0:
        raise ValueError(f"Argument `coherence` must be at most 1/3 in modulus, but is {coherence!r}.")
    state = np.eye(LEVELS, dtype=np.complex128) / LEVELS
    state[1, 2], state[2, 1] = coherence, np.conj(coherence)
    return state


# --- operators, shared by all systems of a sweep ------------------------------------------------------------------------


def _checked_dims(groups: int, size: int) -> tuple[int, ...]:
    if LEVELS ** (groups * size) > _LARGEST_DIMENSION:
        raise ValueError(
            f"Argument `size` must leave the master equation at most {_LARGEST_DIMENSION} states, but {groups * size} "
            f"oscillators have 3^{groups * size}."
        )
    return (LEVELS,) * (groups * size)


@lru_cache(maxsize=16)
def _shared_operators(groups: int, size: int) -> dict[str, Any]:
    """What multiplies each parameter of H, and the mean S^+ of each group."""
    dims = _checked_dims(groups, size)
    up = operators.spin_plus(1)
    # `same` is S^+_i S^-_i
    single = {"plus": up, "z": operators.spin_z(1), "top": operators.projector(2, 2, LEVELS), "same": up @ up.T}
    total = {
        name: [
            sparse.csr_array(sum(operators.embed(operator, j, dims) for j in range(g * size, (g + 1) * size)))
            for g in range(groups)
        ]
        for name, operator in single.items()
    }
    minus = [sparse.csr_array(plus.conj().T) for plus in total["plus"]]
    # sum over i < j and h.c. is the sum over i != j
    out: dict[str, Any] = {
        "top": sum(total["top"]),
        "drive": sum(total["plus"]) + sum(minus),
        "within": sum(plus @ down for plus, down in zip(total["plus"], minus, strict=True)) - sum(total["same"]),
        "same": total["same"],
        "raising": tuple(sparse.csr_array(plus / size) for plus in total["plus"]),
    }
    if groups == 2:
        swap = total["plus"][0] @ minus[1]
        out["between"] = swap + swap.conj().T
        out["difference"] = total["z"][0] - total["z"][1]
    return out


@lru_cache(maxsize=1)
def _exchange() -> np.ndarray:
    """S^+ S^- + h.c. of a pair, shape (9, 9)."""
    plus = operators.spin_plus(1).toarray()
    swap = np.kron(plus, plus.T)
    return swap + swap.T


def _member(shift: float, asymmetry: float, drive: float, gamma_plus: float, gamma_minus: float) -> quantum.Lindblad:
    """One oscillator of a group on its own."""
    plus = operators.spin_plus(1)
    h = shift * operators.spin_z(1) + asymmetry * operators.projector(2, 2, LEVELS) + drive * (plus + plus.T)
    return _dissipation(1, 1, gamma_plus, gamma_minus).with_hamiltonian(sparse.csr_array(h))


@lru_cache(maxsize=64)
def _dissipation(groups: int, size: int, gamma_plus: float, gamma_minus: float) -> quantum.Lindblad:
    """The jump operators alone; a sweep over frequencies and couplings shares them."""
    dims = _checked_dims(groups, size)
    up, down = operators.projector(1, 0, LEVELS), operators.projector(1, 2, LEVELS)
    jumps = [
        np.sqrt(rate) * operators.embed(step, j, dims)
        for j in range(groups * size)
        for rate, step in ((gamma_plus, up), (gamma_minus, down))
        if rate > 0.0
    ]
    names = [f"{'AB'[g]}{i}" if size > 1 else "AB"[g] for g in range(groups) for i in range(size)]
    dimension = LEVELS ** (groups * size)
    return quantum.Lindblad(sparse.csr_array((dimension, dimension)), jumps, dims, names)


# --- checks of arguments ------------------------------------------------------------------------------------------------


def _three(levels: int | None) -> None:
    if levels is not None and levels != LEVELS:
        raise ValueError(f"Argument `levels` must be 3, what these oscillators have, but is {levels!r}.")


def _numbers(name: str, value: Any) -> np.ndarray:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must hold numbers, but is {value!r}.") from None


def _rates(name: str, value: Any) -> np.ndarray:
    rates = _numbers(name, value)
    if not np.all(rates >= 0.0):
        raise ValueError(f"Argument `{name}` must be non-negative, but is {value!r}.")
    return rates
