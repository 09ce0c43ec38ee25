"""First-order perturbation theory: the closed form of the paper, its table, and finite differences of steady states."""

import numpy as np
import pytest

from quantum.lindblad import Lindblad
from quantum.perturbation import first_order
from quantum.steady import steady_state

DETUNINGS = (0, 5, 10, 15, 20, 25, 30)

# S/V to first order at 10 levels, K = 10, n+ = 2, sigma = .2; the table behind Fig. 2(b) of Loerch et al. 2017.
FIRST_ORDER = (0.39995724934562654, 0.4243035896089514, 0.5182439372374633, 0.8015703284964608, 1.443732133097021,
               0.5942757163577937, 0.2764461126971)  # fmt: skip


def coupling_operator(zoo, levels):
    return zoo.pair(0.0, 1.0, levels, kerr=0.0).hamiltonian


@pytest.mark.parametrize(("detuning", "expected"), list(zip(DETUNINGS, FIRST_ORDER, strict=True)))
def test_table(zoo, detuning, expected):
    for sign in (-1, 1):
        change = first_order(zoo.pair(sign * detuning, 0.0), coupling_operator(zoo, 10))
        assert abs(zoo.sync(change.relative_phase_harmonics((0, 1))) - expected) < 1e-13


def closed_form(zoo, omega, kerr, n_plus, sigma, up, down, levels):
    """Eqs. (S1), (S2) at C = 1, as {(m1 - 1, m2 + 1, m1, m2): value}; no gain out of the highest kept level."""
    m = np.arange(levels + 2)
    gain = [np.where(m < levels, up[j] * m * zoo.lorentzian(m, n_plus[j], sigma[j]), 0.0) for j in range(2)]
    loss = [down[j] * m * zoo.lorentzian(m, n_plus[j] + 1, sigma[j]) for j in range(2)]
    populations = []
    for j in range(2):
        ladder = np.concatenate([[1.0], np.cumprod(gain[j][1:levels] / loss[j][1:levels])])
        populations.append(ladder / ladder.sum())
    p = np.outer(*populations)
    out = {}
    for m1 in range(1, levels):
        for m2 in range(levels - 1):
            rate = -1j * (-omega[0] + omega[1] + 2 * kerr[0] * (m1 - 1) - 2 * kerr[1] * m2)
            rate -= (gain[0][m1] + gain[0][m1 + 1] + loss[0][m1 - 1] + loss[0][m1]) / 2
            rate -= (gain[1][m2 + 2] + gain[1][m2 + 1] + loss[1][m2 + 1] + loss[1][m2]) / 2
            out[m1 - 1, m2 + 1, m1, m2] = -1j * np.sqrt(m1 * (m2 + 1)) / rate * (p[m1, m2] - p[m1 - 1, m2 + 1])
    return out


def test_closed_form_of_the_paper(zoo):
    # As printed, (S2) lacks the minus sign of rho_1 = -L_0^-1 L_1 rho_0; S = 2|sum| does not see it.
    omega, kerr, n_plus, sigma, up, down, levels = [3, -4], [5, 7], [1, 2], [0.2, 0.5], [1, 0.7], [0.8, 1.3], 6
    model = zoo.network(omega, kerr, [[0, 0], [0, 0]], n_plus, sigma, levels, up, down)
    change = first_order(model, coupling_operator(zoo, levels)).dense().reshape((levels,) * 4)
    form = closed_form(zoo, omega, kerr, n_plus, sigma, up, down, levels)
    expected = np.zeros_like(change)
    for place, value in form.items():
        expected[place] -= value
        expected[place[2:] + place[:2]] -= value.conjugate()
    np.testing.assert_allclose(change, expected, rtol=0, atol=1e-14)


def drive(zoo, levels):
    a = zoo.lowering(levels)
    return a + a.T


def undriven(zoo):
    return zoo.driven_van_der_pol(levels=10, drive=0.0)


CASES = {
    # V within the sectors, where rho_1 changes populations too
    "coupled pair": lambda zoo: (zoo.asymmetric_pair(4), coupling_operator(zoo, 4)),
    "coherent pair": lambda zoo: (zoo.asymmetric_pair(4, coherent=True), coupling_operator(zoo, 4)),
    # V breaks the symmetry: coherences between neighbouring sectors
    "drive on a free oscillator": lambda zoo: (undriven(zoo), drive(zoo, 10)),
    "drive on a driven oscillator": lambda zoo: (zoo.driven_van_der_pol(levels=10), drive(zoo, 10)),
    "field on spins": lambda zoo: (zoo.two_spins(), np.kron(np.diag([1.0, 1.0], 1) + np.diag([1.0, 1.0], -1), np.eye(3))),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_derivative_of_the_steady_state(zoo, case):
    model, v = CASES[case](zoo)

    def shifted(step):
        return steady_state(Lindblad(model.hamiltonian + step * v, model.jumps, model.dims)).dense()

    # central differences of fourth order: error ~ step^4, rounding ~ 1e-14 / step
    h = 1e-3
    derivative = (8 * (shifted(h) - shifted(-h)) - (shifted(2 * h) - shifted(-2 * h))) / (12 * h)
    change = first_order(model, v)
    assert abs(change.trace()) < 1e-13
    np.testing.assert_allclose(change.dense(), derivative, rtol=0, atol=1e-9)


def test_sync_tends_to_first_order(zoo):
    # The first harmonic is odd in V, so |c_1|/V is off by O(V^2): fourfold less with half the coupling. V n must be well
    # below the linewidth .03 of the highest levels for that. S/V itself is off by O(V), from the second harmonic.
    first = {v: steady_state(zoo.pair(20.0, v)).relative_phase_harmonics((0, 1)) for v in (4e-4, 2e-4)}
    deviation = [2 * abs(c[1]) / v - FIRST_ORDER[4] for v, c in first.items()]
    assert abs(deviation[0] / deviation[1] - 4) < 0.2  # V^4: (9 V / .03)^2 = .014 at V = 4e-4, times a few
    assert abs(zoo.sync(first[2e-4]) / 2e-4 - FIRST_ORDER[4]) < 1e-5


def test_a_given_state_is_used(zoo):
    model = zoo.asymmetric_pair(3)
    v = coupling_operator(zoo, 3)
    np.testing.assert_array_equal(first_order(model, v, steady_state(model)).values, first_order(model, v).values)


def test_bad_arguments(zoo):
    model = zoo.asymmetric_pair(3)
    with pytest.raises(ValueError, match="`perturbation` must have shape"):
        first_order(model, np.eye(3))
    with pytest.raises(ValueError, match="`perturbation` must be Hermitian"):
        first_order(model, np.triu(np.ones((9, 9))))
    with pytest.raises(ValueError, match="`perturbation` must be finite"):
        first_order(model, np.full((9, 9), np.nan))
