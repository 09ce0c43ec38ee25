"""The circuit of Vaidya et al. 2024 against the paper and against an independent implementation.

Reference numbers: an independent splitting of all 81 states at dt = 1 ns (5e-5 from QuTiP), an independent 16-dimensional
model, and Table II. Printed to five decimals; Omega likewise.
"""

import numpy as np
import pytest
import scipy.sparse
from scipy.optimize import curve_fit

import quantum
from compare import checks
from compare.commands.drawing import find_figure
from compare.interfaces import find_system
from compare.methods import circuits
from compare.plans import find_plan
from compare.runs import run_panels
from compare.systems.vaidya2024_circuit import (
    FIGURES,
    PRINTED,
    TABLE_DEPHASING,
    TABLE_SHIFTS,
    TransmonCircuit,
    omega,
)
from quantum import operators

# g_AB/2pi in kHz: |<S+>| of all states A, B; secular A, B; qubits A, B; Omega of all states, of the qubits
FIG10A = {
    0: (0.33756, 0.0, 0.33752, 0.0, 0.33760, 0.0, 0.32353, 0.32358),
    50: (0.17972, 0.03788, 0.17887, 0.03804, 0.19200, 0.03273, 0.08394, 0.09317),
    100: (0.01856, 0.01202, 0.01807, 0.01198, 0.03053, 0.01277, 0.00354, 0.00470),
    200: (0.02722, 0.00826, 0.02741, 0.00855, 0.02425, 0.00710, 0.00153, 0.00121),
    300: (0.01764, 0.00564, 0.01793, 0.00618, 0.01697, 0.00616, 0.00076, 0.00070),
}
# all states A, B; qubits A, B
FIG10B = {
    50: (0.09340, 0.01723, 0.10298, 0.01542),
    100: (0.00773, 0.00154, 0.00504, 0.00304),
    200: (0.04390, 0.02068, 0.03977, 0.01662),
}
# Omega of all states, of the qubits
FIG11B = {75: (0.019211, 0.020738), 200: (0.008392, 0.008840)}
# five decimals, and 5e-5 that the reference's own step and window leave; 1 % is what was asked for
ROUNDING = {"rtol": 3e-4, "atol": 1e-5}


def circuit(figure, kilohertz=0.0, **changes):
    return TransmonCircuit.figure(figure, exchange=1e-3 * kilohertz, **changes)


def coherences(system, state):
    return abs(system.read(state).coherence)


def qubit_coherences(system):
    spins = system.two_spins()
    state = quantum.steady_state(spins.lindblad())
    return [abs(complex(state.expect(plus))) for plus in spins.raising_operators()]


def entropy(system, state):
    return omega(system.read(state(system)), (lambda idle: idle.read(state(idle)))(system.vary(drive=0.0)))


# --- rates and shifts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "dephasing", "ratios"),
    [
        ("10a", 0.0, (0.0, 3.187)),
        ("10b", 0.0, (0.2743, 4.467)),
        ("10a", TABLE_DEPHASING, (0.0, 2.984)),
        ("10b", TABLE_DEPHASING, (0.268, 4.225)),
        ("11b", TABLE_DEPHASING, (0.694, 0.256)),
    ],
)
def test_ratios_of_gain_and_loss(figure, dephasing, ratios):
    found = [q.ratio for q in circuit(figure, dephasing=dephasing).effective_qubits()]
    # half a unit of the reference's last digit
    np.testing.assert_allclose(found, ratios, rtol=2e-3, atol=1e-9)


@pytest.mark.parametrize(("figure", "ratios"), [("10a", (0.0, 3.2)), ("10b", (0.27, 4.5)), ("11b", (0.71, 0.28))])
def test_ratios_of_the_paper(figure, ratios):
    # two digits are printed
    found = [q.ratio for q in circuit(figure).effective_qubits()]
    np.testing.assert_array_equal([f"{value:.2g}" for value in found], [f"{value:.2g}" for value in ratios])


@pytest.mark.parametrize(
    ("figure", "rates"), [("10a", (0.0, 76.836, 233.295, 73.208)), ("10b", (21.088, 76.889, 349.730, 78.287))]
)
def test_rates_in_kilohertz(figure, rates):
    a, b = circuit(figure).effective_qubits()
    # the reference tunes the bare frequencies by Table II, 2.6 kHz away: 1e-4 of w_B
    np.testing.assert_allclose(1e3 * np.array([a.gain, a.loss, b.gain, b.loss]), rates, rtol=1e-4, atol=1e-6)


def test_the_rates_are_those_of_an_exponential_fit():
    # P_e(t) from e of the single transmon B, as in Appendix E; from .8 us on, when the mode of f (7.1 per us, weight .024)
    # is down to 8e-5. Coherences of weight 2e-3 beat at 251 MHz, aliased, over 350 points 1e-4 of a decay of .05
    transmon = circuit("10a").transmons[1]
    times = np.linspace(0.0, 4.0, 443)
    excited = quantum.evolution.evolve(transmon.lindblad(), (1, 0), times).populations(0)[:, 1]
    late = times > 0.8
    (level, height, rate), _ = curve_fit(
        lambda t, a, b, c: a + b * np.exp(-c * t), times[late], excited[late], p0=(0.8, 0.2, 2.0)
    )
    qubit = transmon.qubit()
    assert rate == pytest.approx(qubit.relaxation, rel=1e-2)
    assert level == pytest.approx(qubit.gain / qubit.relaxation, abs=5e-4)
    assert level + height == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("figure", list(FIGURES))
def test_shifts_of_table_ii(figure):
    found = [1e3 * transmon.formula_shift for transmon in circuit(figure, shifts="none").transmons]
    exact = {"10a": (159.11, 1011.16), "10b": (763.11, 1231.64), "11b": (1134.26, 300.09)}[figure]
    reference = {"10a": (160.00, 1013.72), "10b": (763.34, 1230.41), "11b": (1135.17, 300.23)}[figure]
    np.testing.assert_allclose(found, reference, atol=0.006)
    # Table II rounds 1230.41 and 1135.17 to four digits, 300.23 to three
    np.testing.assert_allclose(found, TABLE_SHIFTS[figure], atol=0.5)
    np.testing.assert_allclose([1e3 * t.shift for t in circuit(figure).transmons], exact, atol=0.02)


@pytest.mark.parametrize("shifts", ["exact", "formula"])
def test_both_qubits_stand_where_they_should(shifts):
    found = circuit("10b", shifts=shifts)
    expected = {"exact": 1e-6, "formula": 3e-3}[shifts]
    for qubit in found.effective_qubits():
        assert abs(qubit.frequency - 5000.0) < expected
    assert found.drive_at == pytest.approx(found.effective_qubits()[0].frequency, abs=1e-9)


# --- what is printed does not work ------------------------------------------------------------------------------------


def ratio_b(**changes):
    return circuit("10a", **changes).effective_qubits()[1].ratio


def test_printed_values_miss_the_printed_ratio():
    assert ratio_b() == pytest.approx(3.2, rel=0.01)
    assert ratio_b(**PRINTED["anharmonicity"]) < 0.01
    assert ratio_b(**PRINTED["auxiliary"]) < 1.5
    assert ratio_b(**PRINTED["pump"], shifts="formula") == pytest.approx(0.79, rel=0.02)


def test_printed_drive_and_dephasing_change_the_response():
    # the bare omega_qA is 160 kHz away from the dressed one, more than the linewidth
    assert coherences(circuit("10a"), circuit("10a").secular().mean())[0] > 0.33
    bare = circuit("10a", **PRINTED["drive_frequency"])
    assert coherences(bare, bare.secular().mean())[0] < 0.2
    half, whole = (circuit("10a", 50, dephasing=0.053, **c) for c in ({}, PRINTED["dephasing_factor"]))
    target = coherences(half, half.secular().mean())[0]
    assert abs(qubit_coherences(half)[0] - target) < 0.5 * abs(qubit_coherences(whole)[0] - target)


def test_three_levels_are_not_converged_for_b():
    assert ratio_b(transmon_levels=4) == pytest.approx(3.40, abs=0.005)
    qubit = circuit("10b", transmon_levels=4).effective_qubits()[1]
    assert qubit.ratio == pytest.approx(4.89, abs=0.005)
    assert 1e3 * qubit.relaxation == pytest.approx(610, rel=0.005)
    assert ratio_b(transmon_levels=5) == pytest.approx(ratio_b(transmon_levels=4), rel=1e-3)


# --- secular model and qubits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kilohertz", list(FIG10A))
def test_table_of_fig_10a(kilohertz):
    row, system = FIG10A[kilohertz], circuit("10a", kilohertz)
    found = coherences(system, system.secular().mean())
    np.testing.assert_allclose(found, row[2:4], **ROUNDING)
    np.testing.assert_allclose(qubit_coherences(system), row[4:6], **ROUNDING)
    # how far the secular model is from all states
    assert abs(found[0] - row[0]) <= 0.03 * row[0]
    assert abs(found[1] - row[1]) <= 0.10 * row[1]


@pytest.mark.parametrize("kilohertz", list(FIG10B))
def test_qubits_of_fig_10b(kilohertz):
    np.testing.assert_allclose(qubit_coherences(circuit("10b", kilohertz)), FIG10B[kilohertz][2:], **ROUNDING)


@pytest.mark.parametrize(("figure", "kilohertz"), [("10a", 50), ("10a", 200), ("11b", 75), ("11b", 200)])
def test_omega_of_the_qubits(figure, kilohertz):
    expected = FIG10A[kilohertz][7] if figure == "10a" else FIG11B[kilohertz][1]
    found = circuits.QUBITS.run(circuit(figure, kilohertz), {"entropy": True}, 0, 1)
    np.testing.assert_allclose(found["driven_entropy"], expected, rtol=1e-3, atol=5e-6)


def test_zeros_become_minima():
    # qubits: exact zeros; the secular model of the circuit: minima at smaller exchange, not 0
    for figure, zeros, minima in (
        ("10a", (121.561, 136.113), ((111.88, 0.0048), (128.10, 0.0023))),
        ("10b", (103.824, 108.906), ((95.49, 0.0046), (101.07, 0.0018))),
    ):
        for site, (zero, (place, depth)) in enumerate(zip(zeros, minima, strict=True)):
            assert qubit_coherences(circuit(figure, zero))[site] < 1e-5
            grid = np.linspace(place - 4.0, place + 4.0, 17)
            values = [coherences(circuit(figure, g), circuit(figure, g).secular().mean())[site] for g in grid]
            c = np.polyfit(grid - place, np.square(values), 2)
            assert -c[1] / (2 * c[0]) == pytest.approx(0.0, abs=0.5)
            assert min(values) == pytest.approx(depth, abs=1e-4)


# --- all states -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kilohertz", [100, 200])
def test_all_states_near_the_table(kilohertz):
    # 5 us leave e^(-2.4) of the secular model's error: 3 % of A and 10 % of B at most
    system = circuit("10a", kilohertz)
    found = coherences(system, system.demodulated(settle=5.0))
    np.testing.assert_allclose(found, FIG10A[kilohertz][:2], rtol=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("figure", "kilohertz"), [("10a", g) for g in FIG10A] + [("10b", g) for g in FIG10B] + [("11b", g) for g in FIG11B]
)
def test_table_of_all_states(figure, kilohertz):
    system = circuit(figure, kilohertz)
    if figure != "11b":
        expected = (FIG10A if figure == "10a" else FIG10B)[kilohertz][:2]
        # ours is converged to 1e-5 (step, start, window); the reference's .00154 at 100 kHz of Fig. 10(b), a minimum, moves
        # by 7e-5 if the bare frequencies come from Table II
        np.testing.assert_allclose(coherences(system, system.demodulated()), expected, rtol=2e-3, atol=2.5e-5)
    if figure != "10b":
        expected = FIG10A[kilohertz][6] if figure == "10a" else FIG11B[kilohertz][0]
        np.testing.assert_allclose(entropy(system, TransmonCircuit.demodulated), expected, rtol=2e-3, atol=1e-5)


@pytest.mark.slow
def test_the_step_is_small_enough():
    system = circuit("10a", 100)
    coarse, fine = (coherences(system, system.demodulated(settle=5.0, dt=dt)) for dt in (1e-3, 2.5e-4))
    np.testing.assert_allclose(coarse, fine, atol=2e-5)


def test_all_states_against_qutip():
    # 20 ns of the whole master equation from the secular state
    qutip = pytest.importorskip("qutip")
    system = circuit("10b", 200)
    start, steps = system.secular().density(), 20
    ours = system.propagator(1e-3).advance(start, 0.0, steps)
    finer = system.propagator(2.5e-4).advance(start, 0.0, 4 * steps)
    h, c_ops = qutip_circuit(qutip, system)
    options = {"atol": 1e-9, "rtol": 1e-7, "nsteps": 10**6}
    state = qutip.Qobj(start, dims=[[9, 9], [9, 9]])
    theirs = qutip.mesolve(h, state, [0.0, 1e-3 * steps], c_ops=c_ops, options=options).final_state.full()
    assert abs(ours - theirs).max() < 1e-4
    assert abs(finer - theirs).max() < abs(ours - theirs).max() / 8


def qutip_circuit(qutip, system):
    """The whole master equation as QuTiP takes it."""
    models = [transmon.lindblad() for transmon in system.transmons]
    one = qutip.qeye(9, dtype="csr")  # dense operators make superoperators of 6561 x 6561 numbers
    parts = [[qutip.Qobj(scipy.sparse.csr_matrix(m)) for m in (model.hamiltonian, *model.jumps)] for model in models]
    h0 = qutip.tensor(parts[0][0], one) + qutip.tensor(one, parts[1][0])
    c_ops = [qutip.tensor(jump, one) for jump in parts[0][1:]] + [qutip.tensor(one, jump) for jump in parts[1][1:]]
    b = qutip.Qobj(scipy.sparse.csr_matrix(operators.embed(operators.destroy(3), 0, (3, 3))))
    drive, exchange = system.kicks()
    terms = [h0]
    for kick, o in ((drive, qutip.tensor(b, one)), (exchange, qutip.tensor(b.dag(), b))):
        terms.append([kick.strength * o, turning(kick.frequency)])
        terms.append([np.conj(kick.strength) * o.dag(), turning(-kick.frequency)])
    return qutip.QobjEvo(terms), c_ops


def turning(frequency):
    return lambda t: np.exp(1j * frequency * t)


# --- as a system with methods, plans and figures ----------------------------------------------------------------------


def test_it_is_a_system():
    system = circuit("10b", 50, dephasing=0.053)
    assert find_system(system.name) is TransmonCircuit
    assert TransmonCircuit.from_parameters(system.parameters()) == system
    assert system.vary(exchange=0.2).exchange == 0.2
    for name in circuits.SPLIT.table:
        assert name in circuits.SPLIT.settings(system, {})
    with pytest.raises(ValueError, match="needs a circuit of two transmons"):
        circuits.SECULAR.run(checks, {"entropy": False}, 0, 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"linewidth": 0.0}, "Argument `linewidth` must be positive"),
        ({"decay": -1.0}, "Argument `decay` must be non-negative"),
        ({"pump": "free"}, "Unknown pump 'free'"),
        ({"transmon_levels": 2}, "Argument `transmon_levels` must be a whole number of at least 3"),
        ({"exchange": float("nan")}, "Argument `exchange` must be finite"),
        ({"couplings": 1.0}, "Unknown key in"),
    ],
)
def test_wrong_parameters(changes, message):
    with pytest.raises(ValueError, match=message):
        circuit("10a").vary(**changes)


def test_wrong_panels_and_times():
    with pytest.raises(ValueError, match="Unknown panel '10c'"):
        TransmonCircuit.figure("10c")
    with pytest.raises(ValueError, match="must be given `pump_a`"):
        TransmonCircuit.from_parameters({"pump_b": 1.0})
    with pytest.raises(ValueError, match="Argument `settle` must be positive"):
        circuit("10a").demodulated(settle=0.0)
    with pytest.raises(ValueError, match="Argument `dt` must be at most"):
        circuit("10a").demodulated(dt=100.0)


@pytest.mark.parametrize("name", ["vaidya2024_fig10", "vaidya2024_fig11"])
def test_plans_hold_what_the_figures_need(name):
    for quick in (False, True):
        panels = find_plan(name).panels(quick)
        assert list(panels) == ["a", "a_rates", "b", "b_rates"]
        assert panels["a"].labels == ("qubits", "secular", "split")
    assert panels["a"].system == circuit("10a" if name.endswith("10") else "10b")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "variable"), [("fig10", "spin_coherence"), ("fig11", "driven_entropy")])
def test_figures_draw_what_was_computed(name, variable):
    data = run_panels(find_plan(f"vaidya2024_{name}").panels(quick=True), threads=1)
    figure = find_figure(f"vaidya2024_{name}")(data)
    for column, letter in enumerate("ab"):
        for row in range(2):
            part = data[letter].to_dataset()[variable].isel(dephasing=row)
            lines = [line for line in figure.axes[2 * row + column].lines if np.size(line.get_ydata())]
            sites = [part.sel(site=site) for site in part["site"].values] if "site" in part.dims else [part]
            assert len(lines) == 3 * len(sites)
            for values in sites:
                for method in ("qubits", "secular", "split"):
                    y = abs(values.sel({"method": method}).values)
                    x, y = 1e3 * part["exchange"].values[np.isfinite(y)], y[np.isfinite(y)]
                    assert any(
                        np.array_equal(line.get_ydata(), y) and np.array_equal(line.get_xdata(), x) for line in lines
                    )
    figure.canvas.draw()
