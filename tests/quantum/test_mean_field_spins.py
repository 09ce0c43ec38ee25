"""Globally coupled spins 1 (Nadolny and Bruder, PRL 131, 190402 (2023)) through the general engine.

Numbers without a formula come from an independent implementation (reference page of that paper); rates in units of gamma_-.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from quantum.mean_field import (
    Coupling,
    Group,
    MeanField,
    eigenvalues,
    evolve,
    follow,
    incoherent_eigenvalues,
    onset,
    phase_slip,
    rotating_waves,
    spectrum,
)
from quantum.operators import projector, spin_minus, spin_plus, spin_z

RAISING, LOWERING = spin_plus(1), spin_minus(1)
UP, DOWN, LEVEL_2 = projector(1, 0, 3), projector(1, 2, 3), projector(2, 2, 3)


def one_group(strength, gain, kerr, loss=1.0):
    group = Group([(kerr, LEVEL_2)], [(gain, UP), (loss, DOWN)])
    return MeanField([group], [Coupling(strength, 0, RAISING, 0, LOWERING)])


def two_groups(delta, kerr=0.0, within=1.0, between=1.0, gain=0.5, loss=1.0):
    groups = [
        Group([(sign * np.asarray(delta) / 2, spin_z(1)), (kerr, LEVEL_2)], [(gain, UP), (loss, DOWN)])
        for sign in (1, -1)
    ]
    strengths = [[within, between], [between, within]]
    return MeanField(groups, [Coupling(strengths[g][h], g, RAISING, h, LOWERING) for g in (0, 1) for h in (0, 1)])


def seeded(coherence=0.1):
    state = np.eye(3, dtype=complex) / 3
    state[1, 2], state[2, 1] = coherence, np.conj(coherence)
    return state


BOTH = [(0, RAISING), (1, RAISING)]


# --- one group --------------------------------------------------------------------------------------------------------


def critical_coupling(gain, kerr, loss=1.0):
    """Positive root of V^2 d^2 - 2 K g V - (g/4)(G^2 + K^2), g = gain x loss, d = loss - gain, 2 G = gain + loss."""
    d, g, mean = loss - gain, gain * loss, 0.5 * (loss + gain)
    return (kerr * g + np.sqrt(kerr**2 * g**2 + g * d**2 * (mean**2 + kerr**2) / 4)) / d**2


def test_threshold_has_its_closed_form():
    gain, ratio = np.array([0.1, 0.25, 0.5, 4 / 3, 2.0, 10.0])[:, None], np.array([-0.1, 0.0, 0.1])
    kerr = ratio * (1.0 + gain)
    found = onset(lambda v: one_group(v, gain, kerr), np.full((6, 3), 1e-3), np.full((6, 3), 40.0))
    expected = critical_coupling(gain, kerr)
    assert_allclose(found.parameter, expected, rtol=1e-10)
    # Im lambda, the frequency of <S+> at onset
    frequency = -(expected * (1.0 - gain) - 0.5 * kerr * gain) / (0.5 * (1.0 + gain))
    assert_allclose(found.frequency, frequency, atol=1e-9)
    # two numbers of the reference table, V_c/(gamma_+ + gamma_-)
    assert_allclose(found.parameter[2, 0] / 1.5, 0.21231056, atol=5e-9)
    assert_allclose(found.parameter[3, 2] / (7 / 3), 2.68996644, rtol=2e-4)  # printed for 1.333, not 4/3


def test_equal_rates_block_synchronization_unless_the_levels_attract():
    kerr = np.array([-0.2, 0.0, 0.2])
    found = onset(lambda v: one_group(v, 1.0, kerr), np.full(3, 1e-3), np.full(3, 1e3))
    # K < 0: (g^2 + K^2)/(8 |K|); at K >= 0 no coupling is enough
    assert_allclose(found.parameter[0], (1.0 + 0.04) / 1.6, rtol=1e-10)
    assert np.isnan(found.parameter[1:]).all()


def test_eigenvalues_are_those_of_the_two_coherences():
    strength, gain, kerr = np.array([0.4, 1.0])[:, None], 0.5, np.array([-0.3, 0.0, 2.0])
    found = incoherent_eigenvalues(one_group(strength, gain, kerr))
    for i, v in enumerate(strength[:, 0]):
        for j, k in enumerate(kerr):
            # of (rho_10, rho_21); mean values of S+ are the conjugates
            matrix = np.array([[-gain / 2 + 2j * v, 2j * v], [-2j * v, -0.5 - 1j * k - 2j * v]])
            expected = np.linalg.eigvals(matrix).conj()
            assert_allclose(found[i, j], expected[np.argsort(-expected.real)], atol=1e-12)


def test_time_integration_agrees_with_the_threshold():
    gain, factor = np.array([0.25, 0.5, 2.0]), np.array([0.9, 0.97, 1.03, 1.1])[:, None]
    kerr = 0.1 * (1.0 + gain)
    model = one_group(factor * critical_coupling(gain, kerr), gain, kerr)
    late = abs(evolve(model, [seeded()], [0.0, 1500.0], observe=[(0, RAISING)]).values[..., 0, -1])
    assert (late[:2] < 1e-4).all()
    assert (late[2:] > 1e-2).all()


# V/(gamma_+ + gamma_-): |<S+>|, nu, |rho_01|, |rho_12|, |rho_02|, p_0, p_2
WAVES = {
    0.36: (0.0440077961, -0.3535457493, 0.076456, 0.054226, 0.004201, 0.005970, 0.002985),
    0.4: (0.1035140457, -0.3531963704, 0.183240, 0.132303, 0.026525, 0.038722, 0.019361),
    0.5: (0.1384615961, -0.3507349224, 0.256709, 0.192722, 0.063394, 0.097516, 0.048758),
    0.6: (0.1419604464, -0.3469961597, 0.275442, 0.213633, 0.085343, 0.136296, 0.068148),
    0.8: (0.1308695735, -0.3380258182, 0.277433, 0.226449, 0.109521, 0.183606, 0.091803),
    1.0: (0.1167089497, -0.3286335041, 0.269353, 0.228297, 0.122262, 0.210797, 0.105398),
}


def test_rotating_waves_of_figure_2b():
    strength = 1.5 * np.array([*WAVES, 0.3, 0.35])
    model = one_group(strength, 0.5, 0.0)
    run = evolve(model, [seeded()], [0.0, 600.0], observe=[(0, RAISING)])
    waves = rotating_waves(model, run.final)
    assert_array_equal(waves.converged, [True] * 6 + [False] * 2)
    expected = np.array(list(WAVES.values()))
    amplitude = abs(waves.states.expect(0, RAISING))[:6]
    assert_allclose(amplitude, expected[:, 0], atol=1e-8)
    assert_allclose(waves.frequency[:6], expected[:, 1], atol=1e-8)
    rho = waves.states.matrices(0)[:6]
    parts = [abs(rho[:, 0, 1]), abs(rho[:, 1, 2]), abs(rho[:, 0, 2]), rho[:, 0, 0].real, rho[:, 2, 2].real]
    assert_allclose(np.transpose(parts), expected[:, 2:], atol=1e-6)
    # time integration, where it is 5 % above the threshold
    assert_allclose(abs(run.values[1:6, 0, -1]), amplitude[1:], atol=1e-6)
    assert waves.moved[1:6].max() < 1e-6
    assert (eigenvalues(model, waves)[:6, 0].real < 0.0).all()
    assert np.isnan(eigenvalues(model, waves)[6:]).all()


def test_waves_of_equal_rates_have_their_closed_form():
    strength, kerr = np.array([0.7, 1.0, 3.0])[:, None], np.array([-0.3, -1.0, -2.5])
    strength = np.maximum(strength, 1.2 * (1.0 + kerr**2) / (8 * abs(kerr)))
    model = one_group(strength, 1.0, kerr)
    waves = rotating_waves(model, evolve(model, [seeded()], [0.0, 300.0]).final)
    square = (8 * abs(kerr) * strength - kerr**2 - 1.0) / (32 * strength**2)
    assert_allclose(abs(waves.states.expect(0, RAISING)), np.sqrt(square), atol=1e-8)
    assert_allclose(waves.frequency, np.broadcast_to(kerr / 2, (3, 3)), atol=1e-8)


def test_transient_of_figure_2a():
    model = one_group(1.5 * np.array([0.2, 0.6]), 0.5, 0.0)
    run = evolve(model, [seeded(0.1 + 0.2j)], [0.0, 5.0, 10.0, 20.0], observe=[(0, RAISING)])
    expected = [[0.04136030, 0.02971895, 0.01243701], [0.08621870, 0.11995436, 0.14421857]]
    assert_allclose(abs(run.values[:, 0, 1:]), expected, atol=1e-6)


def test_the_order_parameter_of_figure_2c_is_nonzero_above_the_threshold():
    strength, gain = np.linspace(0.0, 1.5, 17)[:, None], np.linspace(0.0, 2.0, 17)[1:]
    model = one_group(strength * (1.0 + gain), gain, 0.0)
    late = abs(evolve(model, [seeded()], [0.0, 2000.0]).values[..., 0, -1])
    leading = incoherent_eigenvalues(model)[..., 0].real
    clear = abs(leading) > 0.02
    assert clear.sum() > 200
    assert_array_equal((late > 1e-3)[clear], (leading > 0.0)[clear])


# --- two groups: locking ----------------------------------------------------------------------------------------------

DELTAS = [0.0, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 1.0, 2.0, 3.0]
DIFFERENCES = {  # by the largest peaks, and by the mean phase slip
    0.25: ([0, 0, 0, 0.1633, 0.2513, 0.3770, 0.4900, 1.0052, 1.9979, 3.0031], [0.1697, 0.2515, 0.3777, 0.4885]),
    0.5: ([0, 0, 0, 0, 0, 0.3141, 0.4398, 1.0052, 2.0104, 3.0156], [0, 0, 0.3152, 0.4383]),
    1.0: ([0, 0, 0, 0, 0, 0, 0, 1.0429, 2.0607, 3.0408], [0, 0, 0, -0.0026]),
}


def test_frequencies_of_figure_3():
    between = np.array(list(DIFFERENCES))[:, None]
    times = np.linspace(0.0, 1000.0, 10000)
    late = times >= 500.0

    def measure(times, values):
        peak = spectrum(times[late], values[..., late]).peak
        return {
            "peaks": peak[:, 0] - peak[:, 1],
            "slip": phase_slip(times[late], values[:, 0, late], values[:, 1, late]),
        }

    model = two_groups(np.array(DELTAS), between=between)
    run = evolve(model, [seeded(), np.eye(3) / 3], times, observe=BOTH, measure=measure)
    for row, (peaks, slips) in enumerate(DIFFERENCES.values()):
        assert_allclose(run.measured["peaks"][row], peaks, atol=0.0127)
        # bounded phase differences leave up to 2 pi/500
        assert_allclose(run.measured["slip"][row, 3:7], slips, atol=0.0126)


THRESHOLDS = {  # V_AB: delta_s, kind, nu, phi_A - phi_B
    0.25: (0.209778, "hopf", -0.38063, 1.7567),
    0.5: (0.359448, "hopf", -0.41396, 1.3484),
    1.0: (0.436569, "hopf", -0.38108, 1.1539),
}


@pytest.fixture(scope="module")
def locked():
    """Locked states without detuning for several couplings between the groups."""
    between = np.array([0.1, 0.25, 0.5, 1.0])
    final = evolve(two_groups(0.0, between=between), [seeded(), seeded()], [0.0, 200.0]).final
    return {v: [final.matrices(g)[k] for g in (0, 1)] for k, v in enumerate(between)}


@pytest.mark.parametrize("between", THRESHOLDS)
def test_locking_is_lost_by_a_hopf_bifurcation(between, locked):
    delta, kind, frequency, phase = THRESHOLDS[between]
    branch = follow(lambda d: two_groups(d, between=between), 0.0, 1.0, locked[between], step=0.1, until="event")
    (event,) = branch.events
    assert event.kind == kind
    assert_allclose(event.parameter, delta, atol=1e-5)
    assert_allclose(event.frequency, frequency, atol=1e-5)
    found = np.angle(event.states.expect(0, RAISING) / event.states.expect(1, RAISING))
    assert_allclose(abs(found), phase, atol=1e-3)
    assert event.modulation > 0.05


def test_weakly_coupled_groups_lose_locking_at_a_saddle_node(locked):
    branch = follow(lambda d: two_groups(d, between=0.1), 0.0, 0.5, locked[0.1], step=0.1)
    # the branch turns round at the fold and comes back unstable
    assert branch.ended == "returned"
    (event,) = branch.events
    assert event.kind == "saddle-node"
    assert_allclose(branch.parameter.max(), event.parameter, rtol=0.05)
    assert_allclose(event.parameter / 0.1, 0.75, atol=1e-3)  # reference: .744-.750 of V_AB
    assert (branch.leading[: event.index + 1].real < 0.0).all()
    assert (branch.leading[event.index + 1 :].real > 0.0).all()


def test_three_definitions_of_locking_differ():
    # stationary up to .2098, equal peaks up to .2150, no slip up to .2155 (bounded phases leave 2 pi/500)
    times, between = np.linspace(0.0, 1000.0, 10000), 0.25
    model = two_groups(np.array([0.205, 0.2125, 0.23]), between=between)
    run = evolve(model, [seeded(), np.eye(3) / 3], times, observe=BOTH)
    late = run.values[..., times >= 500.0]
    waves = rotating_waves(model, run.final)
    stable = waves.converged & (eigenvalues(model, waves)[:, 0].real < 0.0)
    peak = spectrum(times[times >= 500.0], late).peak
    slip = phase_slip(times[times >= 500.0], late[:, 0], late[:, 1])
    assert list(stable) == [True, False, False]
    assert list(peak[:, 0] == peak[:, 1]) == [True, True, False]
    assert list(abs(slip) > 2.0 * np.pi / 500.0) == [False, False, True]


def test_independent_groups_rotate_with_frequencies_of_their_own():
    spin = [(0.5, UP), (1.0, DOWN)]
    groups = [Group([(energy, spin_z(1))], spin) for energy in (0.4, -0.3, 0.1)]
    pairs = [(0, 0, 1.0), (1, 1, 0.9), (1, 2, 0.2), (2, 1, 0.2), (2, 2, 0.9)]
    model = MeanField(groups, [Coupling(v, g, RAISING, h, LOWERING) for g, h, v in pairs])
    waves = rotating_waves(model, evolve(model, [seeded()] * 3, [0.0, 300.0], kernel="table").final)
    assert waves.frequency.shape == (2,)
    alone = rotating_waves(
        one_group(1.0, 0.5, 0.0), [evolve(one_group(1.0, 0.5, 0.0), [seeded()], [0, 300]).final.matrices(0)]
    )
    assert_allclose(waves.frequency[0], alone.frequency + 0.4, atol=1e-10)
    assert_allclose(abs(waves.states.expect(0, RAISING)), abs(alone.states.expect(0, RAISING)), atol=1e-10)
    # two phases are free: none of the eigenvalues left is zero
    assert abs(eigenvalues(model, waves)).min() > 1e-3
    with pytest.raises(ValueError, match="one phase symmetry"):
        follow(lambda v: model, 0.0, 1.0, [seeded()] * 3)


def test_a_branch_of_one_group_dies_at_its_threshold():
    start = evolve(one_group(1.2, 0.5, 0.0), [seeded()], [0.0, 200.0]).final
    branch = follow(lambda v: one_group(v, 0.5, 0.0), 1.2, 0.4, start, step=0.1)
    assert branch.ended == "died"
    assert branch.events == ()
    # the amplitude is the square root of the distance, and the last point is within a step of amplitude zero
    assert_allclose(branch.parameter[-1], critical_coupling(0.5, 0.0), atol=0.01)
    assert (branch.parameter > critical_coupling(0.5, 0.0)).all()
    amplitude = abs(branch.states.expect(0, RAISING))
    excess = branch.parameter / critical_coupling(0.5, 0.0) - 1.0
    # reference: |<S+>|^2/(V/V_c - 1) is .11103 at 3e-4 and .11083 at 1e-3, a line from .1111 with slope -.29
    assert excess[-1] < 0.02
    assert_allclose(amplitude[-1] ** 2 / excess[-1], 0.1111 - 0.29 * excess[-1], atol=1e-3)


def test_equal_groups_are_one_group_of_twice_the_coupling():
    model = two_groups(0.0)
    waves = rotating_waves(model, evolve(model, [seeded(), seeded()], [0.0, 300.0]).final)
    assert_allclose(abs(waves.states.expect(0, RAISING)), 0.0969080573, atol=1e-9)
    assert_allclose(waves.frequency, -0.3137484, atol=1e-7)
    single = one_group(2.0, 0.5, 0.0)
    alone = rotating_waves(single, evolve(single, [seeded()], [0.0, 300.0]).final)
    assert_allclose(alone.frequency, waves.frequency, atol=1e-11)


# --- two groups: the blockade -----------------------------------------------------------------------------------------

MAPS = {  # rows from K = +R down, columns from delta = -R up: . none, # partial, O full
    15.0: "O.......O OO.....OO .OO...OO. ..O...O.. ####O#### ####O#### #.OOOOO.# .OOOOOOO. OOOOOOOOO",
    30.0: "O.......O .O.....O. ..O...O.. ...O.O... ####O#### ###OOO### ..OOOOO.. .OO...OO. OO.....OO",
}


def classes(reach, size, threads=None):
    """Model, class of synchronization and amplitudes on a grid of (K, delta)."""
    axis = np.linspace(-reach, reach, size)
    model = two_groups(axis, axis[::-1, None])
    times = np.linspace(0.0, 500.0, 10000)

    def measure(times, values):
        peak = spectrum(times[5000:], values[..., 5000:]).peak
        size = abs(values[..., -1000:]).mean(axis=-1)
        return {"same": peak[:, 0] == peak[:, 1], "size": size, "last": values[..., -1]}

    run = evolve(model, [seeded(), np.eye(3) / 3], times, observe=BOTH, measure=measure, threads=threads)
    exists = run.measured["size"].max(axis=-1) > 1e-3
    found = np.where(exists, np.where(run.measured["same"], "O", "#"), ".")
    return model, found, run


@pytest.mark.parametrize("reach", MAPS)
def test_classes_of_figure_4(reach):
    model, found, run = classes(reach, 9)
    assert ["".join(row) for row in found] == MAPS[reach].split()
    # no order parameter where the incoherent state is stable
    assert_array_equal(found == ".", incoherent_eigenvalues(model)[..., 0].real < 0.0)
    # delta -> -delta exchanges the groups
    size = run.measured["size"]
    full = (found == "O") & (found == "O")[:, ::-1]
    assert_allclose(size[full], size[:, ::-1, ::-1][full], atol=2e-6)
    # the error that is claimed for the default step, in amplitudes that have settled
    waves = rotating_waves(model, run.final)
    exact = np.stack([abs(waves.states.expect(g, RAISING)) for g in (0, 1)], axis=-1)
    settled = (found == "O") & (waves.moved < 1e-3)
    assert settled.sum() > 20
    assert abs(abs(run.measured["last"]) - exact)[settled].max() < 1e-6


@pytest.mark.slow
@pytest.mark.parametrize(("reach", "size", "counts"), [(15.0, 33, (440, 205, 444)), (40.0, 41, (1169, 162, 350))])
def test_counts_of_figure_4_on_finer_grids(reach, size, counts):
    model, found, _ = classes(reach, size)
    growth = incoherent_eigenvalues(model)[..., 0].real
    unclear = int((abs(growth) < 0.02).sum())
    # near a threshold the amplitude has not settled at T = 500, and equal peaks chatter at the edge of locking
    for symbol, count in zip(".#O", counts, strict=True):
        assert abs(int((found == symbol).sum()) - count) <= max(2, unclear)
    clear = abs(growth) > 0.02
    assert_array_equal((found == ".")[clear], (growth < 0.0)[clear])


def test_full_synchronization_of_figure_4():
    delta, kerr = np.array([15.0, 7.5, -11.25, 0.0]), np.array([-15.0, -7.5, 11.25, -7.5])
    model = two_groups(delta, kerr)
    run = evolve(model, [seeded(), np.eye(3) / 3], [0.0, 500.0], observe=BOTH)
    last = run.values[..., -1]
    expected = [[0.44353487, 0.50368171], [0.45404101, 0.49599442], [0.38020289, 0.45633379], [0.74333688] * 2]
    sizes = abs(last)
    assert_allclose(sizes[:3], expected[:3], atol=1e-5)
    phase = np.angle(last[:3, 0] / last[:3, 1])
    assert_allclose(abs(phase), [2.82471121, 2.79719524, 2.90274130], atol=1e-5)
    waves = rotating_waves(model, run.final)
    assert waves.converged.all()
    exact = np.stack([abs(waves.states.expect(g, RAISING)) for g in (0, 1)], axis=-1)
    # the error claimed for the default step
    assert_allclose(sizes, exact, atol=1e-6)
    assert (eigenvalues(model, waves)[:, 0].real < 0.0).all()


def test_the_groups_are_exchanged_with_the_sign_of_the_detuning():
    model = two_groups(np.array([11.25, -11.25]), -11.25)
    start = [seeded(), seeded()]
    last = evolve(model, start, np.linspace(0.0, 100.0, 11), observe=BOTH).values
    assert_allclose(last[0, 0], last[1, 1], atol=1e-13)
    assert_allclose(last[0, 1], last[1, 0], atol=1e-13)


BOUNDARIES = [  # K, delta crossings
    (-40.0, 30.757027), (-40.0, 40.209754), (-17.0, 3.103267), (-15.0, 15.285514), (0.5, 0.966039), (0.5, 3.393867),
    (3.0, 7.693549), (40.0, 39.852955), (40.0, 47.482566),
]  # fmt: skip


def test_boundaries_of_the_incoherent_state():
    kerr, delta = np.transpose(BOUNDARIES)
    found = onset(lambda d: two_groups(d, kerr), delta - 0.3, delta + 0.3)
    assert_allclose(found.parameter, delta, atol=2e-6)
    # window in K at delta = 0: -4 Ve +- sqrt(16 Ve^2 - G^2 + 4 Ve^2 d^2/(g+ g-)) with Ve = V + V_AB = 2
    window = onset(lambda k: two_groups(0.0, k), [-17.0, 0.1], [-16.0, 1.0])
    assert_allclose(window.parameter, -8.0 + np.array([-1, 1]) * np.sqrt(64 - 0.5625 + 16 * 0.25 / 0.5), atol=1e-9)
