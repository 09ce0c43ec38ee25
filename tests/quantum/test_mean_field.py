"""The mean-field engine against direct integrations of the nonlinear master equation; its order, its bits, bad input."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.integrate import solve_ivp

from quantum.mean_field import (
    Coupling,
    Group,
    MeanField,
    eigenvalues,
    evolve,
    follow,
    incoherent_eigenvalues,
    incoherent_states,
    onset,
    phase_slip,
    rotating_waves,
    spectrum,
    stationary_states,
)
from quantum.mean_field.steps import stiffness
from quantum.operators import create, destroy, number, projector, spin_minus, spin_plus, spin_z


def spins(delta, kerr, within, between, gain=0.5, loss=1.0):
    """Two groups of spins 1 with gain and loss towards level 1."""
    jumps = [(gain, projector(1, 0, 3)), (loss, projector(1, 2, 3))]
    groups = [Group([(sign * np.asarray(delta) / 2, spin_z(1)), (kerr, projector(2, 2, 3))], jumps) for sign in (1, -1)]
    strengths = [[within, between], [between, within]]
    raising, lowering = spin_plus(1), spin_minus(1)
    return MeanField(groups, [Coupling(strengths[g][h], g, raising, h, lowering) for g in (0, 1) for h in (0, 1)])


def van_der_pol(levels, gain, loss, coupling, detuning=0.0):
    """Identical van der Pol oscillators, dissipative coupling ``V D[a_i - a_j]`` of all pairs in mean field."""
    a, adag = destroy(levels), create(levels)
    group = Group([(detuning, number(levels))], [(gain, adag), (loss, a @ a), (coupling, a)])
    return MeanField([group], [Coupling(0.5j * np.asarray(coupling), 0, adag, 0, a)])


def seeded(levels, size=0.1, upper=1):
    """A mixture of all levels with a coherence between `upper` and the level above it."""
    state = np.eye(levels, dtype=complex) / levels
    state[upper, upper + 1] = state[upper + 1, upper] = size
    return state


def direct(hamiltonians, jumps, fields, starts, times):
    """Integrate the nonlinear master equations with dense matrices and scipy, term by term as they are printed.

    `fields(states)` gives the mean-field part of each group's Hamiltonian.
    """
    dims = [h.shape[0] for h in hamiltonians]
    edges = np.concatenate([[0], np.cumsum(np.square(dims))])

    def split(y):
        return [y[edges[g] : edges[g + 1]].reshape(d, d) for g, d in enumerate(dims)]

    def slope(_, y):
        states, out = split(y), []
        for rho, h, field, decays in zip(states, hamiltonians, fields(states), jumps, strict=True):
            whole = h + field
            change = -1j * (whole @ rho - rho @ whole)
            for rate, jump in decays:
                up = jump.conj().T @ jump
                change = change + rate * (jump @ rho @ jump.conj().T - 0.5 * (up @ rho + rho @ up))
            out.append(change.ravel())
        return np.concatenate(out)

    y0 = np.concatenate([np.asarray(s, complex).ravel() for s in starts])
    run = solve_ivp(slope, (times[0], times[-1]), y0, method="DOP853", t_eval=times, rtol=1e-11, atol=1e-12)
    return [split(y) for y in run.y.T]


TIMES = np.linspace(0.0, 6.0, 13)


def test_two_groups_of_spins_follow_the_master_equation():
    delta, kerr = np.array([0.7, -3.0])[:, None], np.array([0.0, -2.0, 4.0])
    model = spins(delta, kerr, 1.0, 0.6, gain=0.4)
    start = [seeded(3), seeded(3, 0.05, upper=0)]
    observe = [(0, spin_plus(1)), (1, spin_z(1))]
    runs = [evolve(model, start, TIMES, observe=observe, dt=2e-3, kernel=kernel) for kernel in ("unrolled", "table")]
    assert runs[0].values.shape == (2, 3, 2, TIMES.size)
    sp, sz = spin_plus(1).toarray(), spin_z(1).toarray()
    level2 = projector(2, 2, 3).toarray()
    decays = [(0.4, projector(1, 0, 3).toarray()), (1.0, projector(1, 2, 3).toarray())]

    def fields(states):
        means = [np.trace(sp.T @ rho) for rho in states]
        f = [1.0 * means[0] + 0.6 * means[1], 0.6 * means[0] + 1.0 * means[1]]
        return [f[g] * sp + np.conj(f[g]) * sp.T for g in (0, 1)]

    for i, k in ((1, 1), (0, 2)):
        d, kk = delta[i, 0], kerr[k]
        h = [d / 2 * sz + kk * level2, -d / 2 * sz + kk * level2]
        states = direct(h, [decays, decays], fields, start, TIMES)
        expected = [[np.trace(sp @ s[0]) for s in states], [np.trace(sz @ s[1]) for s in states]]
        for run in runs:
            # order 4: (stiffness 15 x 2e-3)^4 x T / 120 is 4e-8, and frequencies are lower than that bound
            assert_allclose(run.values[i, k], expected, atol=1e-8)
            assert_allclose(run.final.matrices(1)[i, k], states[-1][1], atol=1e-8)


def test_identical_van_der_pol_oscillators_synchronize_as_the_master_equation_says():
    qutip = pytest.importorskip("qutip")
    levels, gain, loss, omega = 7, 1.0, 0.4, 0.8
    coupling = np.array([0.2, 4.0])
    model = van_der_pol(levels, gain, loss, coupling, detuning=omega)
    start = [seeded(levels, 0.1, upper=0)]
    run = evolve(model, start, TIMES, observe=[(0, destroy(levels))], dt=2e-3)
    a, n = qutip.destroy(levels).full(), qutip.num(levels).full()

    def fields(states):
        mean = np.trace(a @ states[0])
        return [0.5j * coupling[1] * (mean * a.conj().T - np.conj(mean) * a)]

    jumps = [[(gain, a.conj().T), (loss, a @ a), (coupling[1], a)]]
    states = direct([omega * n], jumps, fields, start, TIMES)
    assert_allclose(run.values[1, 0], [np.trace(a @ s[0]) for s in states], atol=1e-8)
    # quantum noise desynchronizes below a critical coupling; above it the amplitude stays
    critical = onset(lambda v: van_der_pol(levels, gain, loss, v, detuning=omega), 0.01, 10.0)
    assert coupling[0] < critical.parameter < coupling[1]
    last = evolve(model, start, [0.0, 80.0])
    late = abs(last.values[:, 0, -1])
    assert late[0] < 1e-6
    assert late[1] > 0.1
    # <a> turns as e^{-i omega t}, mean values of raising operators as e^{+i omega t}
    assert_allclose(critical.frequency, omega, atol=1e-9)
    wave = rotating_waves(model, last.final)
    assert list(wave.converged) == [False, True]
    assert_allclose(abs(wave.states.expect(0, destroy(levels)))[1], late[1], atol=1e-6)
    assert_allclose(wave.frequency[1], omega, atol=1e-9)


def test_van_der_pol_oscillators_of_two_levels_never_synchronize():
    # Two-quantum loss much faster than the gain 1 leaves levels 0 and 1: up at 1, down at 2 (by way of level 2) and V.
    # p_1 = 1/(3 + V); the coherence decays at (3 + V)/2 and is driven by V (p_0 - p_1)/2 = V (1 + V)/(2 (3 + V)).
    coupling = np.array([0.5, 3.0, 20.0])
    found = incoherent_eigenvalues(van_der_pol(4, 1.0, 1e7, coupling))[..., 0]
    assert_allclose(found, -(9.0 + 5.0 * coupling) / (2.0 * (3.0 + coupling)), rtol=1e-5)


def test_one_group_may_be_larger_than_the_other():
    # a spin 1/2 driven by the mean amplitude of an oscillator that feels it in turn
    levels = 4
    a, adag = destroy(levels), create(levels)
    sp, sm = spin_plus(0.5), spin_minus(0.5)
    cavity = Group([(0.3, number(levels))], [(1.0, a), (0.2, adag)])
    spin = Group([(-0.2, spin_z(0.5))], [(0.7, sp), (0.1, spin_z(0.5))])
    c = 0.6 - 0.2j
    model = MeanField([cavity, spin], [Coupling(c, 0, adag, 1, sm), Coupling(np.conj(c), 1, sp, 0, a)])
    start = [seeded(levels, 0.1, upper=0), np.array([[0.5, 0.2j], [-0.2j, 0.5]])]
    run = evolve(model, start, TIMES, observe=[(0, a), (1, sm)], dt=2e-3, kernel="table")
    da, dm, dz = a.toarray(), sm.toarray(), spin_z(0.5).toarray()

    def fields(states):
        alpha, s = np.trace(da @ states[0]), np.trace(dm @ states[1])
        f, g = c * s * da.conj().T, np.conj(c) * alpha * dm.conj().T
        return [f + f.conj().T, g + g.conj().T]

    jumps = [[(1.0, da), (0.2, da.conj().T)], [(0.7, dm.conj().T), (0.1, dz)]]
    states = direct([0.3 * da.conj().T @ da, -0.2 * dz], jumps, fields, start, TIMES)
    assert_allclose(run.values[0], [np.trace(da @ s[0]) for s in states], atol=1e-9)
    assert_allclose(run.values[1], [np.trace(dm @ s[1]) for s in states], atol=1e-9)


def test_the_scheme_has_order_four():
    model = spins(3.0, -2.0, 1.0, 1.0)
    start = [seeded(3), seeded(3)]
    steps = 0.05 / 2.0 ** np.arange(4)
    ends = [evolve(model, start, [0.0, 2.0], dt=dt).final.components[0] for dt in [*steps, 5e-4]]
    errors = [abs(end - ends[-1]).max() for end in ends[:-1]]
    slopes = np.diff(np.log(errors)) / np.diff(np.log(steps))
    assert_allclose(slopes, 4.0, atol=0.15)


def test_a_point_has_the_same_bits_for_any_threads_and_any_grid():
    delta, kerr = np.linspace(-6.0, 6.0, 7)[:, None], np.linspace(-9.0, 5.0, 6)
    start, times = [seeded(3), seeded(3)], np.linspace(0.0, 5.0, 11)
    whole = evolve(spins(delta, kerr, 1.0, 0.7), start, times, threads=1)
    again = evolve(spins(delta, kerr, 1.0, 0.7), start, times, threads=3)
    assert_array_equal(whole.values, again.values)
    assert_array_equal(whole.final.components, again.final.components)
    for i, k in ((0, 0), (3, 2), (6, 5)):
        alone = evolve(spins(delta[i, 0], kerr[k], 1.0, 0.7), start, times)
        assert_array_equal(alone.values, whole.values[i, k])
        assert alone.steps == whole.steps[i, k]


def test_measured_blocks_are_put_together_in_the_order_of_the_grid():
    kerr = np.linspace(-9.0, 9.0, 37)
    model, start, times = spins(1.0, kerr, 1.0, 0.7), [seeded(3), seeded(3)], np.linspace(0.0, 3.0, 4)
    saved = evolve(model, start, times)
    run = evolve(model, start, times, measure=lambda t, v: {"last": v[:, :, -1], "size": abs(v).sum(axis=(1, 2))})
    assert run.values is None
    assert_array_equal(run.measured["last"], saved.values[:, :, -1])
    assert_allclose(run.measured["size"], abs(saved.values).sum(axis=(1, 2)), rtol=1e-14)


def test_traces_and_positivity_are_kept():
    model = spins(2.0, -3.0, 1.0, 1.0)
    final = evolve(model, [seeded(3), seeded(3)], [0.0, 300.0]).final
    for g in (0, 1):
        rho = final.matrices(g)
        assert abs(np.trace(rho) - 1.0) < 1e-12
        assert np.linalg.eigvalsh(rho).min() > -1e-12


def test_amplitudes_below_threshold_end_at_exactly_zero():
    # 0.3 is below the threshold 0.53: coherences fall as e^-0.09 t and pass 1e-120 at t = 3000
    spin = spins(0.0, 0.0, 0.3, 0.0).groups[0]
    model = MeanField([spin], [Coupling(0.3, 0, spin_plus(1), 0, spin_minus(1))])
    for kernel in ("unrolled", "table"):
        final = evolve(model, [seeded(3)], [0.0, 4000.0], dt=0.1, kernel=kernel).final.matrices(0)
        assert_array_equal(final - np.diag(np.diag(final)), 0.0)
        assert_allclose(np.diag(final), [0.0, 1.0, 0.0], atol=1e-12)


def test_parts_that_stay_zero_are_left_out():
    # populations alone never make a coherence; one coherence makes all of them
    model = spins(1.0, 0.5, 1.0, 0.7)
    mixed = evolve(model, [np.eye(3) / 3, np.eye(3) / 3], TIMES)
    assert_array_equal(mixed.values, 0.0)
    assert_allclose(np.diag(mixed.final.matrices(0)), [0, 1, 0], atol=0.03)
    # group 1 starts without coherence and gets it from group 0
    assert abs(evolve(model, [seeded(3), np.eye(3) / 3], TIMES).values[1, -1]) > 1e-3


def test_stationary_states_without_a_phase_symmetry():
    # a spin 1 that is driven: the symmetry is gone, and the state stands still
    drive, sx = 0.1, spin_plus(1) + spin_minus(1)
    group = Group([(drive, sx)], [(0.5, projector(1, 0, 3)), (1.0, projector(1, 2, 3))])
    model = MeanField([group], [Coupling(0.0, 0, spin_plus(1), 0, spin_minus(1))])
    with pytest.raises(ValueError, match="phase symmetry"):
        rotating_waves(model, [seeded(3)])
    found = stationary_states(model, [seeded(3)])
    # reference: <S-> = .16291699 i, rho_20 = .08999224 of the driven spin
    assert_allclose(found.states.expect(0, spin_minus(1)), 0.16291699j, atol=1e-8)
    assert_allclose(found.states.matrices(0)[2, 0], 0.08999224, atol=1e-8)
    with pytest.raises(ValueError, match="must have no fields"):
        incoherent_states(MeanField([group], [Coupling(0.2, 0, spin_plus(1), 0, spin_minus(1))]))


def test_spectrum_finds_rotations_and_their_weights():
    times = np.linspace(0.0, 100.0, 2001)
    bin_width = 2.0 * np.pi / (2001 * 0.05)
    omega = 37 * bin_width
    values = 0.3 * np.exp(1j * omega * times) + 0.1 * np.exp(-2.0j * omega * times)
    found = spectrum(times, np.stack([values, values.conj()]))
    assert_allclose(found.peak, [omega, -omega], rtol=1e-12)
    assert_allclose(found.power.max(axis=-1), 0.09, rtol=1e-3)
    assert found.power.shape == (2, 2001)
    assert_allclose(phase_slip(times, values, values.conj()), 2.0 * omega, rtol=2e-2)


def test_the_step_follows_the_fastest_frequency():
    model = spins(np.array([0.0, 10.0, 40.0]), 0.0, 0.0, 0.0)
    # splitting of S_z by delta/2 each way, and the faster decay
    assert_allclose(stiffness(model), [1.0, 11.0, 41.0])
    run = evolve(model, [seeded(3), seeded(3)], [0.0, 10.0])
    assert run.steps[0] < run.steps[1] < run.steps[2]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Group(), "`levels`"),
        (lambda: Group([(1.0, [[0, 1], [0, 0]])]), "Hermitian"),
        (lambda: Group([(1j, np.eye(2))]), "must be real"),
        (lambda: Group(jumps=[(-0.1, np.eye(2))]), "non-negative"),
        (lambda: Group([(1.0, np.eye(2))], [(1.0, np.eye(3))]), "shape"),
        (lambda: Group([1.0, 2.0]), "pairs"),
        (lambda: Group([(np.nan, np.eye(2))]), "finite"),
        (lambda: MeanField([]), "at least one group"),
        (lambda: MeanField([Group(levels=2)], [Coupling(1.0, 1, np.eye(2), 0, np.eye(2))]), "number of groups"),
        (lambda: MeanField([Group(levels=2)], [Coupling(1.0, 0, np.eye(3), 0, np.eye(2))]), "3 levels"),
        (lambda: MeanField([Group([(np.zeros(2), np.eye(2)), (np.zeros(3), np.eye(2))])]), "broadcast"),
        (lambda: MeanField([Group([(np.zeros(0), np.eye(2))])]), "at least one point"),
        (lambda: evolve(spins(0, 0, 1, 1), [seeded(3)], [0, 1]), "one density matrix per group"),
        (lambda: evolve(spins(0, 0, 1, 1), [seeded(3), np.ones((3, 3))], [0, 1]), "trace one"),
        (lambda: evolve(spins(0, 0, 1, 1), [seeded(3), np.triu(np.ones((3, 3)) / 3)], [0, 1]), "Hermitian"),
        (lambda: evolve(spins(0, 0, 1, 1), [seeded(3), seeded(4)], [0, 1]), "shape"),
        (lambda: evolve(spins(0, 0, 1, 1), [seeded(3)] * 2, [0, 1, 1]), "increasing"),
        (lambda: evolve(spins(0, 0, 1, 1), [seeded(3)] * 2, [0, 1], dt=1.0), "stability"),
        (lambda: evolve(spins(0, 0, 1, 1), [seeded(3)] * 2, [0, 1], kernel="fast"), "kernel"),
        (lambda: evolve(spins(0, 0, 1, 1), [seeded(3)] * 2, [0, 1], observe=[(2, np.eye(3))]), "observe"),
        (lambda: rotating_waves(spins(0, 0, 1, 1), [seeded(3)] * 2, frequency=[1.0, 2.0]), "frequency"),
        (lambda: follow(lambda v: spins(0, 0, v, 1), 0.1, 0.1, [seeded(3)] * 2), "must differ"),
        (lambda: follow(lambda v: spins(0, 0, v, 0.0), 0.1, 0.2, [seeded(3)] * 2), "near a rotating wave"),
        (lambda: follow(lambda v: spins([0, 1], 0, v, 0.0), 0.1, 0.2, [seeded(3)] * 2), "one point"),
        (lambda: onset(lambda v: spins(0, 0, v[0], 1), [0.1, 0.1], 1.0), "grid of shape"),
        (lambda: onset(3, 0.1, 1.0), "`build` must be a function, but is 3"),
        (lambda: onset(lambda v: 3, 0.1, 1.0), "`build` must return a MeanField, but returned a int"),
        (lambda: onset(lambda v: spins(0, 0, v, 1), "a", 1.0), "`low` must hold real numbers, but is 'a'"),
        (lambda: onset(lambda v: spins(0, 0, v, 1), [0, 1], [1, 2, 3]), "`low` and `high` must broadcast"),
        (lambda: onset(lambda v: spins(0, 0, v, 1), 0.1, 1.0, tolerance=-1), "`tolerance` must lie between 0 and 1"),
        (lambda: follow(3, 0.1, 0.2, [seeded(3)] * 2), "`build` must be a function, but is 3"),
        (lambda: spectrum([0, 1, 3], [1, 1, 1]), "evenly spaced"),
        (lambda: spectrum([0, 1, 2], [1, 1]), "3 times"),
        (lambda: phase_slip([0.0], [1.0], [1.0]), "evenly spaced"),
        (lambda: phase_slip([0, 1, 2], [1, 1, 1], [1, 1, 1, 1]), r"`second` must have shape \(3,\) as `first`"),
        (lambda: spectrum("x", [1, 1, 1]), "`times` must hold real numbers"),
        (lambda: MeanField(3), "`groups` must be a sequence of Group, but is of type int"),
        (lambda: MeanField([Group(levels=2)], 3), "`couplings` must be a sequence of Coupling"),
        (lambda: evolve(spins(0, 0, 1, 1), [seeded(3)] * 2, "x"), "`times` must hold real numbers, but is 'x'"),
        (lambda: evolve(spins(0, 0, 1, 1), [seeded(3)] * 2, [0, 1j]), "`times` must hold real numbers"),
        (
            lambda: evolve(spins(0, 0, 1, 1), [seeded(3)] * 2, [0, 1], observe=3),
            "`observe` must be a sequence of pairs",
        ),
        (lambda: evolve(spins(0, 0, 1, 1), [seeded(3)] * 2, [0, 1], observe=[3]), r"`observe\[0\]` must be a pair"),
        (lambda: evolve(spins(0, 0, 1, 1), [seeded(3)] * 2, [0, 1], measure=3), "`measure` must be a function"),
        (
            lambda: evolve(spins(0, 0, 1, 1), [seeded(3)] * 2, [0, 1], kernel="table", measure=lambda t, v: v),
            "`measure` must return a dict of arrays, but returned a ndarray",
        ),
        (lambda: rotating_waves(3, [seeded(3)]), "`model` must be a MeanField, but is of type int"),
        (lambda: incoherent_eigenvalues("x"), "`model` must be a MeanField, but is of type str"),
        (lambda: eigenvalues(spins(0, 0, 1, 1), [seeded(3)]), "`waves` must be a RotatingWaves"),
        (lambda: incoherent_eigenvalues(MeanField([Group(levels=2)])), "one local steady state"),
    ],
)
def test_wrong_input_is_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()
