r"""Coupled Kerr oscillators with Lorentzian gain and loss.

N. Lörch, S. E. Nigg, A. Nunnenkamp, R. P. Tiwari and C. Bruder, *Quantum synchronization blockade: energy quantization
hinders synchronization of identical oscillators*, Phys. Rev. Lett. 118, 243602 (2017), arXiv:1703.04595.

The four faces of the system, with :math:`f_\pm(x) = \sigma_\pm^2/[(x - n_\pm)^2 + \sigma_\pm^2]` (Eq. 3):

**Master equation** (Eqs. 1, 2, 4). :math:`H = \sum_j \omega_j n_j - K_j n_j(n_j - 1) + \sum_{jk} C_{jk} a_j^\dagger a_k`;
a jump :math:`|n-1\rangle\to|n\rangle` has rate :math:`\gamma_+ n f_+(n)` and :math:`|n\rangle\to|n-1\rangle` has
:math:`\gamma_- n f_-(n)`. Eq. (2) prints :math:`(\gamma/2) D` with :math:`D[x]\rho = 2x\rho x^\dagger - \{x^\dagger x, \rho\}`;
the widths in Eq. (S1) confirm the reading. ``dissipators="incoherent"`` has one jump operator per level (Eq. 2),
``"coherent"`` one per direction (footnote 41).

**Classical Langevin equation** (Eq. 5), whose printed form repeats alpha_j and prints gamma_- for gamma_+:

.. math::

    d\alpha_j = -\big(i\Omega_j + \tfrac12\Gamma_j\big)\alpha_j dt - i\sum_k C_{jk}\alpha_k dt + d\eta_j, \quad
    \Omega = \omega - 2K|\alpha|^2, \quad \Gamma = \gamma_- f_- - \gamma_+ f_+ + \text{bath damping},

with complex white noise :math:`\langle\eta\eta^*\rangle = \gamma_T n_T\,\delta(t - t')`. Its Lorentzians cancel as
:math:`|\alpha|^{-6}` at large amplitude, so that without a bath damping there is no normalizable steady state: averages
are those of the quasi-stationary ensemble inside ``escape_bound`` (samples taken after burn-in until the first exit).

**Truncated Wigner.** With :math:`x = |\alpha|^2` (the circle of the Fock state n is x = n + 1/2), :math:`h_\pm^2 = \gamma_\pm
f_\pm(x)` and the ladder's rates read at the *edges* between levels, :math:`F_\pm = x h_\pm^2(x)` (the edge between n - 1 and n
lies at x = n: the 1/2 of n = x - 1/2 and the 1/2 of operator ordering cancel),

.. math::

    dx = \big[F_+ - F_- + \tfrac12(F_+ + F_-)'\big]dt + \sqrt{F_+ + F_-}\,dW \quad\text{(Itô)},
    \qquad \Omega = \omega - 2K(x - 1).

This is the Wigner transform of the ladder without its third derivatives and their partners in the variance; exact for linear
gain and loss (f constant) and, apart from a third derivative, for the Kerr term. The steady var(n) of a ladder with n_+ = 20,
n_- = 40, sigma = 12 comes out 0.2 % high; reading the rates at n = x - 1/2 instead gives 4 % low. At Fig. 2(b), zero
detuning and V = 0.2, that reading gives <n> = 3.1 and S/V = 1.0 where the edge form gives 2.2 and 0.33 (coherent) or 0.48
(reset), and the master equation <n> = 2.04: how high the truncated-Wigner maximum is depends on such details, that it lies
at zero does not.
The stationary density is
:math:`\exp\big[2\int(F_+ - F_-)/(F_+ + F_-)dx\big]`, a tail of x^-2 like that of the exact populations. The phase tells the
two kinds of dissipators apart:

- *coherent*: tangential noise of variance rate :math:`\sum_\pm (h_\pm + 2x h_\pm')^2/4`, the leading order of the exact
  decay of coherences :math:`\tfrac12\sum(\sqrt{R_n} - \sqrt{R_{n+1}})^2`, and exact for linear gain and loss;
- *incoherent* (reset form): no tangential noise; a jump leaves a product Fock state and so resets the phase. That is exact
  as a process for the phase, at the ladder's total rate :math:`F_+(x + \tfrac12) + F_-(x - \tfrac12)`, exact on the circles of
  Fock states; that x diffuses between resets, instead of jumping with them, is right for the populations only, and for the
  phase where K is small against the jump rate.

Neither is exact for Lorentzians narrower than a quantum, and neither shows the blockade: an amplitude can lend any fraction
of a quantum. That failure is the point of the comparison.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from scipy import sparse

import langevin as amplitudes
import quantum
from compare.networks import coupling_from_graph

PAPER = "Lörch et al., Phys. Rev. Lett. 118, 243602 (2017)"


class Amplitude(NamedTuple):
    """Parameters of one oscillator as the compiled functions see them."""

    omega: Any
    kerr: Any
    gain: Any
    loss: Any
    n_plus: Any
    n_minus: Any
    gain_width: Any  # sigma_+^2
    loss_width: Any  # sigma_-^2
    bath: Any
    thermal: Any


# --- classical Langevin equation (5) ----------------------------------------------------------------------------------


@amplitudes.local
def _lorentzian(x, centre, width):
    """f(x) of Eq. (3) with width = sigma^2."""
    d = x - centre
    return width / (d * d + width)


@amplitudes.local
def classical_drift(re, im, p):
    """Rotation, damping and force of Eq. (5)."""
    x = re * re + im * im
    up, down = x - p.n_plus, x - p.n_minus
    up, down = up * up + p.gain_width, down * down + p.loss_width
    # one division for both Lorentzians
    damping = (p.loss * p.loss_width * up - p.gain * p.gain_width * down) / (up * down) + p.bath
    return p.omega - 2.0 * p.kerr * x, damping, 0.0, 0.0


@amplitudes.local
def classical_noise(re, im, p):
    """Thermal noise: variance rate gamma_T n_T / 2 per component."""
    b = np.sqrt(0.5 * p.thermal)
    return b, b


# --- truncated Wigner -------------------------------------------------------------------------------------------------


@amplitudes.local
def _ladder(x, p):
    """(h_+^2, d h_+^2/dx, h_-^2, d h_-^2/dx) at x, h^2 = gamma f."""
    up, down = x - p.n_plus, x - p.n_minus
    f_plus = p.gain_width / (up * up + p.gain_width)
    f_minus = p.loss_width / (down * down + p.loss_width)
    return (
        p.gain * f_plus,
        -2.0 * up * p.gain * f_plus * f_plus / p.gain_width,
        p.loss * f_minus,
        -2.0 * down * p.loss * f_minus * f_minus / p.loss_width,
    )


@amplitudes.local
def _linear(p):
    """Variance rate per component of the linear bath: (gamma_T n_T + gamma_T/2)/2."""
    return 0.5 * p.thermal + 0.25 * p.bath


@amplitudes.local
def wigner_coherent_drift(re, im, p):
    """Rotation, damping and force for one jump operator per direction.

    damping = h_-^2 - h_+^2 + x sum h'^2: the sum offsets the growth of |alpha|^2 by the tangential noise.
    """
    x = re * re + im * im
    plus, dplus, minus, dminus = _ladder(x, p)
    # h'^2 = (dh^2/dx)^2 / (4 h^2)
    excess = 0.25 * x * (dplus * dplus / (plus + 1e-300) + dminus * dminus / (minus + 1e-300))
    return p.omega - 2.0 * p.kerr * (x - 1.0), minus - plus + excess + p.bath, 0.0, 0.0


@amplitudes.local
def wigner_coherent_noise(re, im, p):
    """Radial variance rate sum h^2/4, tangential sum (h + 2 x h')^2/4, and the linear bath in both."""
    x = re * re + im * im
    plus, dplus, minus, dminus = _ladder(x, p)
    linear = _linear(p)
    a, b = plus + x * dplus, minus + x * dminus  # h (h + 2 x h')
    return (
        np.sqrt(0.25 * (plus + minus) + linear),
        np.sqrt(0.25 * (a * a / (plus + 1e-300) + b * b / (minus + 1e-300)) + linear),
    )


# x below which the 1/x repulsion of the reset form, which keeps a purely radial noise from piling up at 0, is capped
_CORE = 0.05


@amplitudes.local
def wigner_reset_drift(re, im, p):
    """Rotation, damping and force for one jump operator per level: no tangential noise, hence the repulsion -sum h^2/4x."""
    x = re * re + im * im
    plus, dplus, minus, dminus = _ladder(x, p)
    repulsion = 0.5 * (dplus + dminus) + 0.25 * (plus + minus) / (x if x > _CORE else _CORE)
    return p.omega - 2.0 * p.kerr * (x - 1.0), minus - plus - repulsion + p.bath, 0.0, 0.0


@amplitudes.local
def wigner_reset_noise(re, im, p):
    """Radial variance rate sum h^2/4; the linear bath, whose jumps keep coherence, in both directions."""
    x = re * re + im * im
    plus, _, minus, _ = _ladder(x, p)
    linear = _linear(p)
    return np.sqrt(0.25 * (plus + minus) + linear), np.sqrt(linear)


@amplitudes.local
def wigner_reset_rate(re, im, p):
    """Total rate of the ladder's jumps on the circle x, F_+(x + 1/2) + F_-(x - 1/2)."""
    x = re * re + im * im
    up, down = x + 0.5, (x - 0.5 if x > 0.5 else 0.0)
    gain = p.gain * up * _lorentzian(up, p.n_plus, p.gain_width)
    return gain + p.loss * down * _lorentzian(down, p.n_minus, p.loss_width)


# --- the system -------------------------------------------------------------------------------------------------------

_PER_OSCILLATOR = (
    "omega", "kerr", "n_plus", "sigma", "n_minus", "sigma_minus", "gamma_plus", "gamma_minus", "thermal_noise", "bath_damping",
)  # fmt: skip
_DISSIPATORS = ("incoherent", "coherent")
_INDEXED = re.compile(r"^(\w+)\[(\d+)(?:,\s*(\d+))?\]$")


@dataclass(frozen=True, kw_only=True)
class KerrOscillators:
    r"""A network of Kerr oscillators with Lorentzian gain and loss; the equations are in the module's docstring.

    All rates and frequencies in one unit, the paper's gamma. Every argument but `coupling` and `dissipators` is a scalar or
    one value per oscillator; all are stored per oscillator.

    Parameters
    ----------
    omega : array-like, shape (N,)
        Natural frequencies omega_j.
    kerr : float or array-like
        Kerr parameters K_j.
    coupling : array-like, shape (N, N), sparse matrix, or graph
        Hermitian matrix C of ``V = sum C_jk a_j^+ a_k`` with zero diagonal, or an undirected networkx graph: oscillators in
        the order of its nodes, couplings by its edges' weights in units of gamma (1 without a weight). With
        `compare.networks.coupling_from_graph` all edges are scaled, or another attribute is taken.
    n_plus, sigma : float or array-like
        Centre and width of the gain's Lorentzian f_+.
    n_minus, sigma_minus : float or array-like, optional
        Centre and width of the loss's Lorentzian f_-. Default: n_plus + 1 and sigma.
    gamma_plus, gamma_minus : float or array-like
        Gain and loss rates.
    thermal_noise : float or array-like
        gamma_T n_T of Eq. (5). In the quantum faces a linear bath: jumps a at rate ``bath_damping + thermal_noise`` and a^+
        at rate ``thermal_noise``.
    bath_damping : float or array-like
        Linear damping rate of |alpha|^2 (gamma_T), which gives Eq. (5) a true steady state.
    dissipators : {"incoherent", "coherent"}
        One jump operator per level (Eq. 2) or per direction (footnote 41).

    Raises
    ------
    ValueError
        For NaN, negative rates, widths that are not positive, a coupling that is not Hermitian or has a diagonal, or shapes
        that do not fit.
    """

    omega: Any
    kerr: Any
    coupling: Any
    n_plus: Any
    sigma: Any
    n_minus: Any = None
    sigma_minus: Any = None
    gamma_plus: Any = 1.0
    gamma_minus: Any = 1.0
    thermal_noise: Any = 0.0
    bath_damping: Any = 0.0
    dissipators: str = "incoherent"

    name: ClassVar[str] = "lorch2017.KerrOscillators"
    AXES: ClassVar[dict[str, dict[str, str]]] = {
        "detuning": {"long_name": "detuning omega_1 - omega_2", "units": "gamma"},
        "coupling": {"long_name": "coupling V", "units": "gamma"},
        "omega": {"long_name": "natural frequency", "units": "gamma"},
        "kerr": {"long_name": "Kerr parameter K", "units": "gamma"},
        "n_plus": {"long_name": "centre of the gain", "units": "1"},
        "n_minus": {"long_name": "centre of the loss", "units": "1"},
        "sigma": {"long_name": "width of the Lorentzians", "units": "1"},
        "sigma_minus": {"long_name": "width of the loss", "units": "1"},
        "gamma_plus": {"long_name": "gain rate", "units": "gamma"},
        "gamma_minus": {"long_name": "loss rate", "units": "gamma"},
        "thermal_noise": {"long_name": "thermal noise gamma_T n_T", "units": "gamma"},
        "bath_damping": {"long_name": "damping by the linear bath", "units": "gamma"},
    }

    def __post_init__(self) -> None:
        if self.dissipators not in _DISSIPATORS:
            raise ValueError(
                f"Argument `dissipators` must be one of {', '.join(map(repr, _DISSIPATORS))}, but is {self.dissipators!r}."
            )
        coupling = _coupling_matrix(self.coupling)
        size = len(coupling)
        spread = {"n_minus": self.n_minus, "sigma_minus": self.sigma_minus}
        for field in _PER_OSCILLATOR:
            given = getattr(self, field)
            if given is None and field == "n_minus":
                given = np.asarray(self.n_plus) + 1.0
            if given is None and field == "sigma_minus":
                given = self.sigma
            spread[field] = _per_oscillator(field, given, size)
        for field in ("sigma", "sigma_minus"):
            if not min(spread[field]) > 0.0:
                raise ValueError(f"Argument `{field}` must be positive, but is {_plain(spread[field])}.")
            if not 1e-6 <= min(spread[field]) <= max(spread[field]) <= 1e6:
                raise ValueError(f"Argument `{field}` must lie between 1e-6 and 1e6, but is {_plain(spread[field])}.")
        for field in ("gamma_plus", "gamma_minus", "thermal_noise", "bath_damping"):
            if min(spread[field]) < 0.0:
                raise ValueError(f"Argument `{field}` must be non-negative, but is {_plain(spread[field])}.")
        for field, values in spread.items():
            object.__setattr__(self, field, values)
        object.__setattr__(self, "coupling", tuple(tuple(complex(c) for c in row) for row in coupling))

    @classmethod
    def pair(cls, *, detuning: float, coupling: complex, **parameters: Any) -> Self:
        """Two oscillators with frequencies +- detuning / 2 and C_12 = conj(C_21) = coupling; see the class."""
        half = _number("detuning", detuning) / 2.0
        strength = _number("coupling", coupling, complex)
        return cls(omega=(half, -half), coupling=((0.0, strength), (strength.conjugate(), 0.0)), **parameters)

    @property
    def oscillators(self) -> int:
        """Number N of oscillators."""
        return len(self.omega)

    @property
    def escape_bound(self) -> np.ndarray:
        """|alpha|^2 beyond which Eq. (5) has left its basin, n_- + 10 sigma_-: the loss has fallen to 1 %; shape (N,).

        5 at the parameters of Fig. 2(a).
        """
        return np.array(self.n_minus) + 10.0 * np.array(self.sigma_minus)

    # --- parameters out, in, and varied ---

    def parameters(self) -> dict[str, Any]:
        """All parameters in the types of JSON; a complex number is [real, imaginary]."""
        out = {field.name: getattr(self, field.name) for field in fields(self)}
        out.update({name: list(out[name]) for name in _PER_OSCILLATOR})
        rows = self.coupling
        plain = all(c.imag == 0.0 for row in rows for c in row)
        out["coupling"] = [[c.real if plain else [c.real, c.imag] for c in row] for row in rows]
        return out

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Self:
        """Make the system from what `parameters` returned."""
        given = dict(parameters)
        _known_names(cls, given)
        if np.ndim(given.get("coupling", 0.0)) == 3:
            given["coupling"] = [[complex(*c) for c in row] for row in given["coupling"]]
        return cls(**given)

    def vary(self, **changes: Any) -> Self:
        """Return a copy with some parameters changed.

        Names are those of the class, and ``detuning`` (pairs: omega = +- detuning / 2), a scalar ``coupling`` (all links that
        are not zero; of a pair, its one link), ``n_plus`` with n_minus following at its present distance unless given,
        ``sigma`` with sigma_minus likewise, ``"omega[2]"`` for one oscillator and ``"coupling[0,1]"`` for one link.
        """
        now: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        roots = [_INDEXED.sub(r"\1", name).replace("detuning", "omega") for name in changes]
        for root in ("omega", "coupling"):
            whole = [name for name, at in zip(changes, roots, strict=True) if at == root and not _INDEXED.match(name)]
            if whole and roots.count(root) > 1:
                raise ValueError(f"Axis `{whole[0]}` must not be changed together with others that set `{root}`.")
        for name, value in changes.items():
            indexed = _INDEXED.match(name)
            if indexed is not None:
                self._vary_entry(now, name, indexed, value, changes)
            elif name == "detuning":
                if self.oscillators != 2:
                    raise ValueError(f"Axis `detuning` needs a pair, but there are {self.oscillators} oscillators.")
                half = _number(name, value) / 2.0
                now["omega"] = (half, -half)
            elif name == "coupling" and not hasattr(value, "nodes") and np.ndim(value) == 0:
                now["coupling"] = self._links(_number(name, value, complex))
            else:
                _known_names(type(self), {name: value})
                if name == "n_plus" and "n_minus" not in changes:
                    now["n_minus"] = np.asarray(value) + np.subtract(self.n_minus, self.n_plus)
                if name == "sigma" and "sigma_minus" not in changes:
                    now["sigma_minus"] = np.asarray(value) * np.divide(self.sigma_minus, self.sigma)
                now[name] = value
        return type(self)(**now)

    def _links(self, strength: complex) -> np.ndarray:
        matrix = np.array(self.coupling)
        linked = matrix != 0.0
        if self.oscillators == 2:
            linked = ~np.eye(2, dtype=bool)
        if not linked.any():
            raise ValueError(
                "Axis `coupling` needs links to set, but all are zero; give a matrix or name them, coupling[0,1]."
            )
        upper = np.triu(np.where(linked, strength, 0.0), 1)
        return upper + upper.conj().T

    def _vary_entry(
        self, now: dict[str, Any], name: str, indexed: re.Match[str], value: Any, changes: Mapping[str, Any]
    ) -> None:
        field, j, k = indexed[1], int(indexed[2]), indexed[3]
        if field == "coupling" and k is not None and j != int(k) and max(j, int(k)) < self.oscillators:
            matrix = np.array(now["coupling"])
            matrix[j, int(k)] = _number(name, value, complex)
            matrix[int(k), j] = matrix[j, int(k)].conjugate()
            now["coupling"] = matrix
        elif field in _PER_OSCILLATOR and k is None and j < self.oscillators:
            number = _number(name, value)
            follower = {"n_plus": "n_minus", "sigma": "sigma_minus"}.get(field)
            if follower is not None and follower not in changes and f"{follower}[{j}]" not in changes:
                loss, gain = self._entries(now, follower)[j], self._entries(now, field)[j]
                self._set_entry(now, follower, j, number + loss - gain if field == "n_plus" else number * (loss / gain))
            self._set_entry(now, field, j, number)
        else:
            raise ValueError(
                f"Axis {name!r} must name a parameter and one of {self.oscillators} oscillators, or a link."
            )

    def _entries(self, now: Mapping[str, Any], field: str) -> list[float]:
        return list(np.broadcast_to(np.asarray(now[field], dtype=np.float64), (self.oscillators,)))

    def _set_entry(self, now: dict[str, Any], field: str, j: int, number: float) -> None:
        entries = self._entries(now, field)
        entries[j] = number
        now[field] = entries

    def alone(self, oscillator: int) -> Self:
        """One of the oscillators, without the others."""
        if not 0 <= oscillator < self.oscillators:
            raise ValueError(f"Argument `oscillator` must be below {self.oscillators}, but is {oscillator}.")
        mine = {name: getattr(self, name)[oscillator] for name in _PER_OSCILLATOR}
        return replace(self, coupling=((0.0,),), **mine)

    def uncoupled(self) -> Self:
        """The same oscillators without coupling."""
        return replace(self, coupling=np.zeros((self.oscillators, self.oscillators)))

    # --- faces ---

    def _amplitude(self) -> Amplitude:
        return Amplitude(
            omega=self.omega, kerr=self.kerr, gain=self.gamma_plus, loss=self.gamma_minus, n_plus=self.n_plus,
            n_minus=self.n_minus, gain_width=np.square(self.sigma), loss_width=np.square(self.sigma_minus),
            bath=self.bath_damping, thermal=self.thermal_noise,
        )  # fmt: skip

    def langevin(self) -> amplitudes.Model:
        """Classical Eq. (5); with `escape_bound` unless every oscillator has a bath damping."""
        confined = min(self.bath_damping) > 0.0
        return amplitudes.Model(
            classical_drift, classical_noise, self._amplitude(), coupling=-1j * np.array(self.coupling),
            bound=None if confined else self.escape_bound,
        )  # fmt: skip

    def wigner(self, form: str | None = None) -> amplitudes.Model:
        """Truncated Wigner equations, Itô: ``form="coherent"`` or ``"reset"``; default: the form of `dissipators`."""
        form = form or ("coherent" if self.dissipators == "coherent" else "reset")
        if form not in ("coherent", "reset"):
            raise ValueError(f"Argument `form` must be 'coherent' or 'reset', but is {form!r}.")
        reset = form == "reset"
        return amplitudes.Model(
            wigner_reset_drift if reset else wigner_coherent_drift,
            wigner_reset_noise if reset else wigner_coherent_noise,
            self._amplitude(), coupling=-1j * np.array(self.coupling), calculus="ito", noise_kind="polar",
            reset=wigner_reset_rate if reset else None,
        )  # fmt: skip

    def lindblad(self, levels: int) -> quantum.Lindblad:
        """Master equation (4) with `levels` Fock states per oscillator, 0 .. levels - 1."""
        if isinstance(levels, bool) or not isinstance(levels, int | np.integer) or levels < 2:
            raise ValueError(f"Argument `levels` must be a whole number of at least 2, but is {levels!r}.")
        # one operator per rung and oscillator: an index array of the dimension each, twice while they are made
        operators = 2 * self.oscillators * (int(levels) - 1 if self.dissipators == "incoherent" else 1)
        need = 24.0 * operators * float(levels) ** self.oscillators
        if need > 4e9:
            raise ValueError(
                f"Argument `levels` must leave the jump operators below 4 GB, but {levels} levels of {self.oscillators} "
                f"oscillators need {need / 1e9:.3g} GB."
            )
        return self._dissipation(int(levels)).with_hamiltonian(self._hamiltonian(int(levels)))

    def _hamiltonian(self, levels: int) -> sparse.csr_array:
        dims = (levels,) * self.oscillators
        n = np.unravel_index(np.arange(levels**self.oscillators), dims)
        energy = sum(w * nj - k * nj * (nj - 1) for w, k, nj in zip(self.omega, self.kerr, n, strict=True))
        h = sparse.dia_array((np.atleast_2d(energy).astype(complex), [0]), shape=(energy.size, energy.size)).tocsr()
        a = _annihilators(levels, self.oscillators)
        for j, row in enumerate(self.coupling):
            for k, c in enumerate(row):
                if c != 0.0:
                    h = h + c * (a[j].conj().T @ a[k])
        return sparse.csr_array(h)

    def _dissipation(self, levels: int) -> quantum.Lindblad:
        dissipation = tuple(getattr(self, name) for name in _PER_OSCILLATOR if name not in ("omega", "kerr"))
        return _dissipation(levels, self.dissipators, dissipation)


@lru_cache(maxsize=32)
def _annihilators(levels: int, oscillators: int) -> tuple[sparse.csr_array, ...]:
    a = sparse.diags_array(np.sqrt(np.arange(1.0, levels)), offsets=1, dtype=complex).tocsr()
    return tuple(_embed(a, j, levels, oscillators) for j in range(oscillators))


def _embed(operator: sparse.csr_array, j: int, levels: int, oscillators: int) -> sparse.csr_array:
    before, after = sparse.eye_array(levels**j), sparse.eye_array(levels ** (oscillators - 1 - j))
    # without `format`, kron stores small dense blocks, zeros included
    inner = sparse.kron(before, operator, format="csr")
    return sparse.csr_array(sparse.kron(inner, after, format="csr"), dtype=complex)


@lru_cache(maxsize=32)
def _rungs(
    levels: int, oscillators: int, j: int, kind: str
) -> tuple[tuple[np.ndarray, np.ndarray, sparse.csr_array], ...]:
    """Jumps of oscillator j with unit entries: up and down, one operator per rung or one for all.

    Each comes with the rung (place of its upper level in 1 .. levels - 1) and the direction (0 up, 1 down) of each entry.
    """
    found = []
    for direction in (0, 1):
        ladder = sparse.diags_array(np.arange(1.0, levels), offsets=2 * direction - 1, dtype=complex).tocoo()
        for part in (slice(None),) if kind == "coherent" else (slice(r, r + 1) for r in range(levels - 1)):
            entries = (ladder.data[part], (ladder.row[part], ladder.col[part]))
            step = _embed(sparse.csr_array(entries, shape=(levels, levels)), j, levels, oscillators)
            rung = step.data.real.astype(int) - 1
            found.append((rung, np.full(rung.size, direction), step))
    return tuple(found)


@lru_cache(maxsize=32)
def _dissipation(levels: int, kind: str, parameters: tuple[tuple[float, ...], ...]) -> quantum.Lindblad:
    """Jump operators alone, shared by all models of a sweep over frequencies, Kerr parameters and couplings."""
    oscillators = len(parameters[0])
    jumps: list[sparse.csr_array] = []
    for j in range(oscillators):
        n_plus, sigma, n_minus, sigma_minus, gain, loss, thermal, bath = (values[j] for values in parameters)
        n = np.arange(1.0, levels)  # the upper level of each transition
        up = np.sqrt(gain * n * sigma**2 / ((n - n_plus) ** 2 + sigma**2))
        down = np.sqrt(loss * n * sigma_minus**2 / ((n - n_minus) ** 2 + sigma_minus**2))
        amplitude = np.array([up, down], dtype=complex)
        for rung, direction, step in _rungs(levels, oscillators, j, kind):
            values = amplitude[direction, rung]
            if values.any():
                jumps.append(sparse.csr_array((values, step.indices, step.indptr), shape=step.shape))
        a = _annihilators(levels, oscillators)[j]
        if thermal + bath > 0.0:
            jumps.append(np.sqrt(thermal + bath) * a)
        if thermal > 0.0:
            jumps.append(np.sqrt(thermal) * sparse.csr_array(a.conj().T))
    dimension = levels**oscillators
    return quantum.Lindblad(sparse.csr_array((dimension, dimension)), jumps, (levels,) * oscillators)


# --- checks of arguments ----------------------------------------------------------------------------------------------


def _plain(values: Any) -> Any:
    """A readable value for a sentence: the number if all oscillators share it."""
    return values[0] if len(set(values)) == 1 else list(values)


def _known_names(cls: Any, given: Mapping[str, Any]) -> None:
    names = [field.name for field in fields(cls)]
    for name in given:
        if name not in names:
            raise ValueError(f"Unknown parameter {name!r} of {cls.name}; known: {', '.join(['detuning', *names])}.")


def _number(name: str, value: Any, kind: type = float) -> Any:
    try:
        if isinstance(value, bool | str):
            raise TypeError
        number = kind(value)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must be a number, but is {value!r}.") from None
    if not np.isfinite(number):
        raise ValueError(f"Argument `{name}` must be finite, but is {number}.")
    return number


def _per_oscillator(name: str, value: Any, size: int) -> tuple[float, ...]:
    try:
        given = np.asarray(value)
        if given.dtype.kind not in "iuf":
            raise TypeError
        values = given.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must be a real number, or one per oscillator, but is {value!r}.") from None
    if values.ndim > 1 or values.size not in (1, size):
        raise ValueError(f"Argument `{name}` must have 1 or {size} values, but has shape {values.shape}.")
    if not np.isfinite(values).all():
        raise ValueError(f"Argument `{name}` must be finite, but is {_plain(values.ravel().tolist())}.")
    return tuple(np.broadcast_to(values, (size,)).tolist())


def _coupling_matrix(value: Any) -> np.ndarray:
    if hasattr(value, "nodes") and hasattr(value, "edges"):
        value = coupling_from_graph(value)
    try:
        matrix = np.array(value.toarray() if hasattr(value, "toarray") else value, dtype=np.complex128)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `coupling` must be a square matrix of numbers, but is {value!r}.") from None
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"Argument `coupling` must be a square matrix, but has shape {matrix.shape}.")
    if not np.isfinite(matrix).all():
        bad = tuple(int(j) for j in np.argwhere(~np.isfinite(matrix))[0])
        raise ValueError(f"Argument `coupling` must be finite, but has {matrix[bad]} at {bad}.")
    if matrix.diagonal().any():
        raise ValueError(f"Argument `coupling` must have a zero diagonal, but has {matrix.diagonal()}.")
    difference = np.abs(matrix - matrix.conj().T).max(initial=0.0)
    # rounding of sums such as .1 + .2 is forgiven, and taken away
    if difference > 1e-14 * np.abs(matrix).max(initial=0.0):
        raise ValueError(f"Argument `coupling` must be Hermitian, but differs from its adjoint by {difference:.3g}.")
    return matrix if difference == 0.0 else (matrix + matrix.conj().T) / 2
