r"""The composite two-qubit oscillator: two spins with gain and loss, an exchange between them, a drive on one.

G. M. Vaidya, A. Mamgain, S. Hawaldar, W. Hahn, R. Kaubruegger, B. Suri and A. Shankar, *Exploring quantum synchronization with
a composite two-qubit oscillator*, Phys. Rev. A 109, 033718 (2024).

**Master equation** (Eqs. 2, 4, C1) in the frame of the drive, hbar = 1, spins A and B of size S:

.. math::

    H &= \Delta_d S_A^z + (\Delta_d + \Delta_q) S_B^z + \tfrac g2(S_A^+S_B^- + S_A^-S_B^+) + \tfrac\epsilon2(S_A^+ + S_A^-),\\
    \dot\rho &= -i[H, \rho] + \sum_j \big(w_j D[S_j^+] + \gamma_j D[S_j^-] + 2\gamma_\phi D[S_j^z]\big)\rho .

All rates are in units of :math:`\Gamma`, the total rate :math:`\Gamma_j = w_j + \gamma_j` that the paper keeps at 1; a
:math:`\gamma_j` that is not given is :math:`1 - w_j`, and an axis over :math:`w_j` keeps :math:`\Gamma_j`. The state
:math:`|{\uparrow}\rangle` is the upper level; :math:`\langle S^+\rangle = \mathrm{tr}(S^+\rho)` is the *lower* left element
:math:`\langle{\downarrow}|\rho|{\uparrow}\rangle` of a qubit. The basis ascends in m (`quantum.operators`).

**Larger spins.** The jump operators of Appendix D are the full :math:`S^\pm` (``ladder="spin"``), as Sec. II A says. With unit
steps :math:`|m+1\rangle\langle m|` (``ladder="unit"``) the rates of a qutrit halve, and with them all zero crossings: a
measurement of the crossing tells the two readings apart.

**N spins per site** (``spins_per_site``): each site holds N spins with their own baths, and
:math:`H = \tfrac g{2N}(J_A^+J_B^- + J_A^-J_B^+) + \tfrac\epsilon2(J_A^+ + J_A^-) + \dots` with :math:`J = \sum_k S_k`. N = 1 is
the paper's oscillator, N to infinity exactly its mean field.

**Mean field** (not in the paper), for qubits the Bloch equations, :math:`a = \langle S_A^+\rangle`, :math:`b = \langle
S_B^+\rangle`, :math:`p = (w_A - \gamma_A)/2`, :math:`q = (w_B - \gamma_B)/2`:

.. math::

    \dot a &= \big(i\Delta_d - \tfrac12\Gamma_A - \gamma_\phi\big)a - i g z_A b - i\epsilon z_A, &
    \dot z_A &= -\Gamma_A z_A + p + g\,\mathrm{Im}(a b^*) + \epsilon\,\mathrm{Im}\,a,\\
    \dot b &= \big(i(\Delta_d + \Delta_q) - \tfrac12\Gamma_B - \gamma_\phi\big)b - i g z_B a, &
    \dot z_B &= -\Gamma_B z_B + q - g\,\mathrm{Im}(a b^*).

To first order at resonance :math:`a/\epsilon = -i z_A/(\Gamma_A/2 + 2g^2 z_Az_B/\Gamma_B)` with :math:`z_j` of the free
spins, which has no zero. With inverted baths, pq < 0, it diverges at :math:`g_c = \sqrt{\Gamma_A\Gamma_B/4|z_Az_B|}`, above
which the undriven pair is a limit cycle (`compare.systems.vaidya2024_bloch`). The zero crossings of the paper are therefore
made by the correlations that mean field drops: with N spins per site they move outwards about as :math:`\sqrt N` (from .4475
to 1.1533 for w_A = .46, w_B = .82 and N = 1 to 6, where :math:`g_0^2` is linear in N to .1 %), or are gone, as from N = 2 on
for the baths of Fig. 5. The plan ``vaidya2024_classical`` shows this, and how much of it the noise of classical spins can
do.

**Discrete truncated Wigner**: every trajectory follows the equations above without their :math:`\Gamma` terms; at rate
:math:`\Gamma_j` an event sets :math:`z_j` to +1/2 with probability :math:`w_j/\Gamma_j`, else to -1/2, and in half of the
events redraws both transverse components as :math:`\pm\tfrac12`. First moments of one driven spin are exact.

What a reader of the paper should know (each checked in the tests):

- (C3) and (C4) are correct as printed, and :math:`\langle S_A^+S_B^+\rangle_1 = 0`.
- The coherent states below Eq. (6) are printed as :math:`e^{i\varphi S^z}e^{i\theta S^y}`; Eqs. (7), (8) and (A3) hold for
  :math:`e^{-i\varphi S^z}e^{-i\theta S^y}`. In (A3) the last term lacks Re[ ], and the first harmonic of a qutrit comes from
  T11 and T21, not from "T11 and T22".
- "For any nonzero temperature of qubit A, interactions with qubit B with w_B = 0 lead to an enhancement" (Sec. III B 1): true
  for positive temperatures, but by :math:`6\times10^{-4}` only at w_A = .1 and by :math:`3\times10^{-9}` at .01; for negative
  ones only up to w_A = .61. From .62 on no exchange brings Omega above its value at g = 0.
- "Both dephasing and stronger driving only lead to quantitative changes" for :math:`\epsilon \lesssim \Gamma` (Sec. III
  C): so for the zero crossings, which stay exact. The minimum of Omega does not survive as surely: for w_A = .46, w_B = .82
  it is gone above :math:`\epsilon = 0.7\,\Gamma` (plan ``vaidya2024_robustness``).
- The undriven state is :math:`\rho_u` in Sec. II B and :math:`\rho_0` in Sec. II D.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Self

import numpy as np
from scipy import sparse

import quantum
from compare import checks
from langevin.spins.discrete_wigner import SpinNetwork
from quantum import operators
from quantum.groups import Groups
from quantum.mean_field import Coupling, Group, MeanField

PAPER = "Vaidya et al., Phys. Rev. A 109, 033718 (2024)"

_FREQUENCIES = ("exchange", "drive", "drive_detuning", "spin_detuning")
_LADDERS = ("spin", "unit")
# Dimension beyond which `lindblad` refuses: sparse jump operators of 2N (or 2) spins, some GB
_LARGEST_DIMENSION = 2**16


@dataclass(frozen=True, kw_only=True)
class TwoSpins:
    r"""Two spins with gain, loss and exchange, spin A driven; the equations are in the module's docstring.

    All rates and frequencies in units of :math:`\Gamma`.

    Parameters
    ----------
    w_a, w_b : float
        Gain rates.
    gamma_a, gamma_b : float, optional
        Loss rates. Default: 1 - w_a and 1 - w_b.
    exchange : float
        Exchange g.
    drive : float
        Drive strength epsilon, on spin A.
    drive_detuning : float
        Delta_d = omega_A - omega_d.
    spin_detuning : float
        Delta_q = omega_B - omega_A.
    dephasing : float
        gamma_phi of Eq. (C1), on both spins.
    spin : float
        Size S of each spin, 1/2, 1, ...
    ladder : {"spin", "unit"}
        Jump operators S+- or |m +- 1><m|; the same for S = 1/2.
    spins_per_site : int
        Spins N at A and at B.

    Raises
    ------
    ValueError
        For a negative rate, a spin without gain and loss, or a number that is not finite or of the wrong kind.
    """

    w_a: float
    w_b: float
    gamma_a: Any = None
    gamma_b: Any = None
    exchange: float = 0.0
    drive: float = 0.0
    drive_detuning: float = 0.0
    spin_detuning: float = 0.0
    dephasing: float = 0.0
    spin: float = 0.5
    ladder: str = "spin"
    spins_per_site: int = 1

    name: ClassVar[str] = "vaidya2024.TwoSpins"
    AXES: ClassVar[dict[str, dict[str, str]]] = {
        "w_a": {"long_name": "gain of spin A", "units": "Gamma"},
        "gamma_a": {"long_name": "loss of spin A", "units": "Gamma"},
        "w_b": {"long_name": "gain of spin B", "units": "Gamma"},
        "gamma_b": {"long_name": "loss of spin B", "units": "Gamma"},
        "exchange": {"long_name": "exchange g", "units": "Gamma"},
        "drive": {"long_name": "drive strength epsilon", "units": "Gamma"},
        "drive_detuning": {"long_name": "detuning omega_A - omega_d", "units": "Gamma"},
        "spin_detuning": {"long_name": "detuning omega_B - omega_A", "units": "Gamma"},
        "dephasing": {"long_name": "dephasing rate gamma_phi", "units": "Gamma"},
        "spin": {"long_name": "size S of the spins", "units": "1"},
        "ladder": {"long_name": "jump operators", "units": "1"},
        "spins_per_site": {"long_name": "spins N per site", "units": "1"},
    }

    def __post_init__(self) -> None:
        now = {name: getattr(self, name) for name in _FREQUENCIES}
        for gain, loss in (("w_a", "gamma_a"), ("w_b", "gamma_b")):
            now[gain] = checks.non_negative(gain, getattr(self, gain))
            now[loss] = _loss(loss, getattr(self, loss), gain, now[gain])
            if now[gain] + now[loss] == 0.0:
                raise ValueError(f"Arguments `{gain}` and `{loss}` must not both be 0: the spin needs a bath.")
        now["dephasing"] = checks.non_negative("dephasing", self.dephasing)
        now |= {name: checks.finite(name, now[name]) for name in _FREQUENCIES}
        now["spin"] = _spin(self.spin)
        now["ladder"] = checks.known("ladder", self.ladder, _LADDERS)
        now["spins_per_site"] = checks.at_least("spins_per_site", self.spins_per_site, 1)
        for name, value in now.items():
            object.__setattr__(self, name, value)

    # --- parameters out, in, and varied ---

    def parameters(self) -> dict[str, Any]:
        """All parameters in the types of JSON."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Self:
        """Make the system from what `parameters` returned; `gamma_a` and `gamma_b` may be left out."""
        _known_names(parameters)
        for name in ("w_a", "w_b"):
            if name not in parameters:
                raise ValueError(f"System {cls.name!r} must be given the gain rate `{name}`, but is not.")
        return cls(**parameters)

    def vary(self, **changes: Any) -> Self:
        """Return a copy with some parameters changed.

        A gain rate that changes alone keeps the total rate of its spin: the loss rate follows.
        """
        _known_names(changes)
        for gain, loss in (("w_a", "gamma_a"), ("w_b", "gamma_b")):
            if gain in changes and loss not in changes:
                total = getattr(self, gain) + getattr(self, loss)
                value = checks.non_negative(gain, changes[gain])
                if value > total * (1.0 + 1e-12):
                    raise ValueError(
                        f"Argument `{gain}` must not exceed {gain} + {loss} = {total:g}, which it keeps, but is {value:g}; "
                        f"change `{loss}` as well."
                    )
                changes = {**changes, gain: min(value, total), loss: max(total - value, 0.0)}
        return replace(self, **changes)

    def undriven(self) -> Self:
        """The same spins without the drive, where the master equation is U(1) symmetric."""
        return replace(self, drive=0.0)

    # --- numbers ---

    @property
    def inversions(self) -> tuple[float, float]:
        """P = (w_A - gamma_A)/2 and q = (w_B - gamma_B)/2."""
        return 0.5 * (self.w_a - self.gamma_a), 0.5 * (self.w_b - self.gamma_b)

    @property
    def total_rates(self) -> tuple[float, float]:
        """Gamma_A and Gamma_B, Eq. (5)."""
        return self.w_a + self.gamma_a, self.w_b + self.gamma_b

    @property
    def levels(self) -> int:
        """Levels 2S + 1 of each spin."""
        return round(2.0 * self.spin) + 1

    @property
    def dims(self) -> tuple[int, ...]:
        """Levels of all spins: those at A, then those at B."""
        return (self.levels,) * (2 * self.spins_per_site)

    # --- the quantum face ---

    def lindblad(self, levels: int | None = None) -> quantum.Lindblad:
        """Master equation (C1); subsystems are the spins at A, then those at B.

        Parameters
        ----------
        levels : int, optional
            Must be 2S + 1, what a spin has; taken so that methods for oscillators can be used.

        Raises
        ------
        ValueError
            For other levels, and for more than 65536 states.
        """
        if levels is not None and levels != self.levels:
            raise ValueError(
                f"Argument `levels` must be 2 S + 1 = {self.levels} for spins of size {self.spin:g}, but is {levels!r}."
            )
        rates = (self.w_a, self.gamma_a, self.w_b, self.gamma_b, self.dephasing)
        dissipation = _dissipation(self.spin, self.spins_per_site, self.ladder, rates)
        return dissipation.with_hamiltonian(self.hamiltonian())

    def hamiltonian(self) -> sparse.csr_array:
        """H of Eq. (4), shape (D, D)."""
        s = _site_operators(self.spin, self.spins_per_site)
        swap = s["plus_a"] @ s["minus_b"]
        h = self.drive_detuning * s["z_a"] + (self.drive_detuning + self.spin_detuning) * s["z_b"]
        h = h + 0.5 * self.exchange / self.spins_per_site * (swap + swap.conj().T)
        return sparse.csr_array(h + self.drive * self.drive_operator())

    def drive_operator(self) -> sparse.csr_array:
        """(S_A^+ + S_A^-)/2, what the drive multiplies; of N spins the sum."""
        s = _site_operators(self.spin, self.spins_per_site)
        return sparse.csr_array(0.5 * (s["plus_a"] + s["minus_a"]))

    def raising_operators(self) -> tuple[sparse.csr_array, sparse.csr_array]:
        """S_A^+ and S_B^+, per spin: J^+ / N."""
        s = _site_operators(self.spin, self.spins_per_site)
        return s["plus_a"] / self.spins_per_site, s["plus_b"] / self.spins_per_site

    def groups(self) -> Groups:
        """The undriven spins as two groups of N, for many spins per site (`quantum.permutation`)."""
        plus, minus, z = (make(self.spin) for make in (operators.spin_plus, operators.spin_minus, operators.spin_z))
        up, (detuning, other) = _ladder(self.spin, self.ladder), (self.drive_detuning, self.spin_detuning)
        members = [
            quantum.Lindblad(
                energy * z, [np.sqrt(rate) * c for rate, c in self._baths(gain, loss, up, z)], (self.levels,)
            )
            for energy, gain, loss in ((detuning, self.w_a, self.gamma_a), (detuning + other, self.w_b, self.gamma_b))
        ]
        swap = 0.5 * self.exchange / self.spins_per_site * sparse.kron(plus, minus, format="csr")
        return Groups(members, (self.spins_per_site,) * 2, {(0, 1): swap + swap.conj().T})

    def _baths(self, gain: float, loss: float, up: Any, z: Any) -> list[tuple[float, Any]]:
        """Rates above zero and jump operators of one spin."""
        return [(rate, c) for rate, c in ((gain, up), (loss, up.T), (2.0 * self.dephasing, z)) if rate > 0.0]

    # --- the classical faces ---

    def mean_field(self) -> MeanField:
        """Mean field, the Bloch equations of qubits: groups A and B, exact for infinitely many spins per site."""
        plus, minus, z = (make(self.spin) for make in (operators.spin_plus, operators.spin_minus, operators.spin_z))
        up = _ladder(self.spin, self.ladder)
        a = Group(
            [(self.drive_detuning, z), (0.5 * self.drive, plus + minus)], self._baths(self.w_a, self.gamma_a, up, z)
        )
        b = Group([(self.drive_detuning + self.spin_detuning, z)], self._baths(self.w_b, self.gamma_b, up, z))
        half = np.array(0.5 * self.exchange)
        return MeanField([a, b], [Coupling(half, 0, plus, 1, minus), Coupling(half, 1, plus, 0, minus)])

    def discrete_wigner(self) -> SpinNetwork:
        """Discrete truncated Wigner: N spins at A and N at B, each a fluctuating classical spin."""
        plus, minus, z = (
            make(self.spin).toarray() for make in (operators.spin_plus, operators.spin_minus, operators.spin_z)
        )
        up = _ladder(self.spin, self.ladder).toarray()
        jumps = [
            [np.sqrt(rate) * c for rate, c in self._baths(gain, loss, up, z)]
            for gain, loss in ((self.w_a, self.gamma_a), (self.w_b, self.gamma_b))
        ]
        a = self.drive_detuning * z + 0.5 * self.drive * (plus + minus)
        b = (self.drive_detuning + self.spin_detuning) * z
        half, n = 0.5 * self.exchange / self.spins_per_site, self.spins_per_site
        return SpinNetwork(np.array([a, b]), jumps, (n, n), [(minus, [[0.0, half], [half, 0.0]])])

    @cached_property
    def excitation(self) -> np.ndarray:
        """S^z_A + S^z_B of each basis state, the charge of the undriven oscillator's symmetry; shape (D,)."""
        s = _site_operators(self.spin, self.spins_per_site)
        return (s["z_a"] + s["z_b"]).diagonal().real


# --- operators, shared by all systems of a sweep ----------------------------------------------------------------------


@lru_cache(maxsize=16)
def _site_operators(spin: float, per_site: int) -> dict[str, sparse.csr_array]:
    """J^+, J^- and J^z of both sites."""
    plus, z = operators.spin_plus(spin), operators.spin_z(spin)
    dims = _checked_dims(spin, per_site)
    out = {}
    for site, members in (("a", range(per_site)), ("b", range(per_site, 2 * per_site))):
        out[f"plus_{site}"] = sparse.csr_array(sum(operators.embed(plus, j, dims) for j in members))
        out[f"minus_{site}"] = sparse.csr_array(out[f"plus_{site}"].conj().T)
        out[f"z_{site}"] = sparse.csr_array(sum(operators.embed(z, j, dims) for j in members))
    return out


def _ladder(spin: float, ladder: str) -> sparse.csr_array:
    """The jump operator of gain at unit rate."""
    up = operators.spin_plus(spin)
    if ladder == "spin":
        return up
    return sparse.csr_array((np.ones(up.nnz, dtype=complex), up.indices, up.indptr), shape=up.shape)


@lru_cache(maxsize=64)
def _dissipation(spin: float, per_site: int, ladder: str, rates: tuple[float, ...]) -> quantum.Lindblad:
    """The jump operators alone; a sweep over frequencies and couplings shares them."""
    w_a, gamma_a, w_b, gamma_b, dephasing = rates
    dims = _checked_dims(spin, per_site)
    up, z = _ladder(spin, ladder), operators.spin_z(spin)
    down = sparse.csr_array(up.conj().T)
    jumps = []
    for j in range(2 * per_site):
        gain, loss = (w_a, gamma_a) if j < per_site else (w_b, gamma_b)
        for rate, step in ((gain, up), (loss, down), (2.0 * dephasing, z)):
            if rate > 0.0:
                jumps.append(np.sqrt(rate) * operators.embed(step, j, dims))
    dimension = int(np.prod(dims))
    names = [f"{site}{j}" if per_site > 1 else site for site in "AB" for j in range(per_site)]
    return quantum.Lindblad(sparse.csr_array((dimension, dimension)), jumps, dims, names)


def _checked_dims(spin: float, per_site: int) -> tuple[int, ...]:
    levels = round(2.0 * spin) + 1
    if levels ** (2 * per_site) > _LARGEST_DIMENSION:
        raise ValueError(
            f"Arguments `spin` and `spins_per_site` must leave the master equation at most {_LARGEST_DIMENSION} states, but "
            f"spins of size {spin:g}, {per_site} per site, have {levels}^{2 * per_site}."
        )
    return (levels,) * (2 * per_site)


# --- checks of arguments ----------------------------------------------------------------------------------------------


def _known_names(given: Mapping[str, Any]) -> None:
    for name in given:
        checks.known("parameter of vaidya2024.TwoSpins:", name, [field.name for field in fields(TwoSpins)])


def _loss(name: str, value: Any, gain_name: str, gain: float) -> float:
    if value is not None:
        return checks.non_negative(name, value)
    if gain > 1.0:
        raise ValueError(f"Argument `{name}` must be given where `{gain_name}` exceeds 1, as {gain:g} does.")
    return 1.0 - gain


def _spin(value: Any) -> float:
    number = checks.finite("spin", value)
    if not (number > 0.0 and float(2.0 * number).is_integer()):
        raise ValueError(f"Argument `spin` must be a positive multiple of 1/2, but is {number:g}.")
    return number
