"""Jump trajectories against closed forms and against the master equation, which is solved here densely and independently."""

import numpy as np
import pytest
from scipy import linalg, optimize, sparse, special, stats

from quantum.density import Density
from quantum.jumps import engine as jump_engine
from quantum.jumps import jump_trajectories, propagators
from quantum.jumps.streams import stream_key, uniform_pair
from quantum.lindblad import Lindblad


def lowering(levels):
    return sparse.diags_array(np.sqrt(np.arange(1.0, levels)), offsets=1).tocsr()


def kerr_pair(levels, detuning=20.0, coupling=0.5, kerr=10.0, n_plus=2, sigma=0.2):
    """Loerch et al., PRL 118, 243602 (2017), Eqs. (2)-(4): one rank-one jump operator for each level and direction."""
    n, one, a = np.arange(levels), sparse.eye_array(levels), lowering(levels)

    def place(operator, j):
        return sparse.kron(operator, one) if j == 0 else sparse.kron(one, operator)

    hamiltonian, jumps = sparse.csr_array((levels**2, levels**2)), []
    for j, omega in enumerate((detuning / 2, -detuning / 2)):
        hamiltonian = hamiltonian + place(sparse.diags_array(omega * n - kerr * n * (n - 1.0)), j)
        for m in range(1, levels):
            for centre, entry in ((n_plus, ([m], [m - 1])), (n_plus + 1, ([m - 1], [m]))):
                rate = m * sigma**2 / ((m - centre) ** 2 + sigma**2)
                jumps.append(place(sparse.csr_array(([np.sqrt(rate)], entry), shape=(levels, levels)), j))
    exchange = coupling * (place(a.T, 0) @ place(a, 1))
    return Lindblad(hamiltonian + exchange + exchange.conj().T, jumps, (levels, levels))


def damped_cavity(levels, kappa=1.0, n_th=0.0, drive=0.0, detuning=0.0, kerr=0.0):
    a = lowering(levels)
    n = a.T @ a
    hamiltonian = detuning * n + kerr * (n @ n - n) + drive * (a + a.T)
    return Lindblad(hamiltonian, [np.sqrt(kappa * (n_th + 1)) * a, np.sqrt(kappa * n_th) * a.T], (levels,))


def driven_cavity():
    return damped_cavity(8, n_th=0.3, drive=0.7, detuning=0.4, kerr=0.3)


def collective_pair(levels):
    """Two oscillators that lose quanta together, L = a + i b: amplitudes add, and landings are superpositions."""
    a, one = lowering(levels), sparse.eye_array(levels)
    a, b = sparse.kron(a, one), sparse.kron(one, a)
    hamiltonian = 1.3 * a.T @ a + 0.4 * (a.T @ b + b.T @ a)
    return Lindblad(hamiltonian, [a + 1j * b, 0.8 * a.T, 0.5 * b.T @ b], (levels, levels))


def liouvillian(model):
    """Generator on row-major vectorised density matrices."""
    one = sparse.eye_array(model.dimension)
    heff = model.effective_hamiltonian
    out = -1j * (sparse.kron(heff, one) - sparse.kron(one, heff.conj()))
    return sparse.csr_array(sum((sparse.kron(jump, jump.conj()) for jump in model.jumps), out))


def steady_state(model):
    """The null vector of the dense generator, from its singular value decomposition."""
    rho = linalg.svd(liouvillian(model).toarray())[2][-1].conj().reshape(model.dimension, model.dimension)
    return rho / np.trace(rho)


def evolved(model, rho, time):
    """exp(L t) rho."""
    vector = sparse.linalg.expm_multiply(liouvillian(model) * time, np.asarray(rho, dtype=complex).ravel())
    return vector.reshape(model.dimension, model.dimension)


def integrated(model, rho, time):
    """int_0^t exp(L s) rho ds, from the generator of (rho, its integral)."""
    generator, size = liouvillian(model), model.dimension**2
    both = sparse.block_array([[generator, None], [sparse.eye_array(size), sparse.csr_array((size, size))]]).tocsr()
    start = np.concatenate([np.asarray(rho, dtype=complex).ravel(), np.zeros(size)])
    return sparse.linalg.expm_multiply(both * time, start)[size:].reshape(model.dimension, model.dimension)


def z_scores(density, exact):
    """Deviations, in standard errors over the groups, of the real and imaginary parts that many groups have seen.

    What fluctuates is rho_g - tr(rho_g) exact: the traces of the groups are their weights, and vary in integral sampling.
    """
    values = density.values
    number = values.shape[0]
    deviation = values - density.trace()[:, None] * exact[density.rows, density.cols]
    out = []
    for part in (np.real, np.imag):
        mean, error = part(deviation).mean(axis=0), part(deviation).std(axis=0, ddof=1) / np.sqrt(number)
        seen = (density.rows <= density.cols) & (np.abs(values).mean(axis=0) > 2e-3) & (error > 1e-12)
        out.append(mean[seen] / error[seen])
    return np.concatenate(out)


def basis(dimension, k):
    return np.outer(np.eye(dimension)[k], np.eye(dimension)[k])


def waits(table, trajectories, keep):
    """The first `keep` waits of each trajectory, so that the end of the run cuts none off; shape (trajectories, keep)."""
    assert np.bincount(table.trajectory, minlength=trajectories).min() >= keep
    index = np.arange(table.time.size) - np.searchsorted(table.trajectory, table.trajectory)
    wait = table.time - np.where(index == 0, 0.0, np.roll(table.time, 1))
    return wait[index < keep].reshape(trajectories, keep), table.channel[index < keep].reshape(trajectories, keep)


# --- waiting times and counts in closed form


def test_first_jump_times_against_root_finding():
    # The same random numbers, the exponential by scipy and the root by Brent's method.
    model = kerr_pair(6)
    heff = model.effective_hamiltonian.toarray()
    psi = np.eye(36)[model_index(model, (2, 2))]
    runs = jump_trajectories(model, (2, 2), np.linspace(0, 20, 9), trajectories=12, seed=21, record=True)
    first = runs.record.time[np.searchsorted(runs.record.trajectory, np.arange(12))]
    key = stream_key(21, "jumps")
    for number, time in enumerate(first):
        threshold = uniform_pair(key, number, 0)[1]
        exact = optimize.brentq(
            lambda t, r=threshold: np.linalg.norm(linalg.expm(-1j * heff * t) @ psi) ** 2 - r,
            0,
            40,
            xtol=1e-14,
            rtol=1e-14,
        )
        assert time == pytest.approx(exact, abs=1e-11)


def model_index(model, levels):
    return int(np.ravel_multi_index(levels, model.dims))


@pytest.mark.parametrize(
    "model", [kerr_pair(5), collective_pair(4), driven_cavity()], ids=["pair", "collective", "driven"]
)
def test_jump_times_depend_neither_on_the_grid_nor_on_the_propagators(model, monkeypatch):
    start = model_index(model, tuple(min(2, d - 1) for d in model.dims))
    monkeypatch.setattr(propagators, "_DENSE_COST", 0.0)
    runs = [
        jump_trajectories(model, start, times, trajectories=20, seed=22, record=True, sampling=sampling)
        for times, sampling in ((np.linspace(0, 8, 5), "grid"), (np.linspace(0, 8, 81), "grid"), ([0, 8], "integral"))
    ]
    assert set(runs[0].propagators) == {"dyadic"}
    monkeypatch.setattr(jump_engine, "PROPAGATOR_MEMORY", 0)
    for times, sampling in ((np.linspace(0, 8, 5), "grid"), (np.linspace(0, 8, 161), "grid"), ([0, 8], "integral")):
        runs.append(jump_trajectories(model, start, times, trajectories=20, seed=22, record=True, sampling=sampling))
        assert set(runs[-1].propagators) == {"taylor"}
    for other in runs[1:]:
        np.testing.assert_array_equal(other.record.channel, runs[0].record.channel)
        np.testing.assert_allclose(other.record.time, runs[0].record.time, rtol=0, atol=1e-10)
    np.testing.assert_allclose(runs[3].density.values, runs[0].density.values, rtol=0, atol=1e-9)


def test_waiting_times_of_a_driven_qubit():
    # H = (Omega/2) sigma_x, L = sqrt(g) |0><1|: after each emission the qubit is in |0>, and with mu^2 = Omega^2 - g^2/4
    # the waiting-time density is (g Omega^2 / mu^2) e^{-g t/2} sin^2(mu t/2) (Carmichael et al., PRA 39, 1200 (1989)).
    omega, g = 3.0, 1.0
    model = Lindblad([[0, omega / 2], [omega / 2, 0]], [np.sqrt(g) * np.array([[0.0, 1.0], [0.0, 0.0]])], (2,))
    runs = jump_trajectories(model, 0, np.linspace(0.0, 300.0, 301), trajectories=1000, seed=3, record=True)
    mu = np.sqrt(omega**2 - g**2 / 4)

    def survival(t):
        return np.exp(-g * t / 2) * (1 + g**2 / (4 * mu**2) * (1 - np.cos(mu * t)) + g / (2 * mu) * np.sin(mu * t))

    wait, _ = waits(runs.record, 1000, 100)
    assert stats.kstest(wait.ravel(), lambda t: 1 - survival(t)).pvalue > 1e-3
    # renewal: one wait knows nothing of the one before
    assert abs(np.corrcoef(wait[:, 1:].ravel(), wait[:, :-1].ravel())[0, 1]) < 5 / np.sqrt(99_000)


def test_waiting_times_of_a_thermal_cavity():
    # In |n> the wait is exponential at the rate kappa ((n_th + 1) n + n_th (n + 1)); channel 0 is loss, 1 is gain.
    levels, n_th = 40, 1.5
    runs = jump_trajectories(
        damped_cavity(levels, n_th=n_th), 0, [0.0, 150.0], trajectories=500, seed=12, record=True, sampling="integral"
    )
    wait, channel = waits(runs.record, 500, 200)
    n = np.concatenate([np.zeros((500, 1)), np.cumsum(2 * channel - 1, axis=1)[:, :-1]], axis=1)
    assert n.max() < levels - 1
    rate = (n_th + 1) * n + n_th * (n + 1)
    assert stats.kstest((wait * rate).ravel(), "expon").pvalue > 1e-3
    up = n_th * (n + 1) / rate
    z = (channel - up).sum() / np.sqrt((up * (1 - up)).sum())
    assert abs(z) < 4


def test_waiting_times_of_the_pair():
    # Every jump lands on a product Fock state |n, m>, known from the channel and the conserved total; the survival from
    # there follows from the eigenvectors of Heff, and turned into probabilities the waits are uniform.
    levels = 6
    model = kerr_pair(levels, detuning=5.0, kerr=3.0)
    runs = jump_trajectories(model, (2, 2), [0.0, 220.0], trajectories=700, seed=13, record=True, sampling="integral")
    wait, channel = waits(runs.record, 700, 143)
    per = 2 * (levels - 1)
    oscillator, level, down = channel // per, (channel % per) // 2 + 1, channel % 2
    total = 4 + np.cumsum(1 - 2 * down, axis=1)
    own = level - down
    index = np.where(oscillator == 0, own * levels + total - own, (total - own) * levels + own)
    landing = np.concatenate([np.full((700, 1), 2 * levels + 2), index[:, :-1]], axis=1).ravel()
    heff = model.effective_hamiltonian.toarray()
    uniform = []
    for members in model.sectors.states:
        energy, vectors = np.linalg.eig(heff[np.ix_(members, members)])
        inverse = np.linalg.inv(vectors)
        for position, state in enumerate(members):
            times = wait.ravel()[landing == state]
            psi = np.exp(-1j * np.outer(times, energy)) * inverse[:, position] @ vectors.T
            uniform.append((np.abs(psi) ** 2).sum(axis=1))
    uniform = np.concatenate(uniform)
    assert uniform.size == 100_100
    assert stats.kstest(uniform, "uniform").pvalue > 1e-3


def test_jump_counts_of_a_pumped_cavity_are_poisson():
    # In the coherent steady state, alpha = -i F / (kappa / 2), photons leave at the constant rate kappa |alpha|^2.
    drive, kappa, span, levels = 0.5, 1.0, 6.0, 22
    alpha = -2j * drive / kappa
    psi = np.exp(-0.5 * abs(alpha) ** 2) * alpha ** np.arange(levels) / np.sqrt(special.factorial(np.arange(levels)))
    model = Lindblad(damped_cavity(levels, drive=drive).hamiltonian, [np.sqrt(kappa) * lowering(levels)], (levels,))
    runs = jump_trajectories(model, psi / np.linalg.norm(psi), [0.0, span], trajectories=5000, seed=4, record=True)
    counts = np.bincount(runs.record.trajectory, minlength=5000)
    mean = kappa * abs(alpha) ** 2 * span
    edges = np.arange(1, 14)
    expected = 5000 * np.diff(np.concatenate([[0.0], stats.poisson.cdf(edges, mean), [1.0]]))
    observed = np.bincount(np.searchsorted(edges, counts), minlength=edges.size + 1)
    assert stats.chisquare(observed, expected).pvalue > 1e-3
    assert runs.jumps == counts.sum()
    assert stats.kstest(runs.record.time / span, "uniform").pvalue > 1e-3  # 30 000 jumps


def test_decay_of_a_fock_state():
    # From |n> each quantum leaves on its own at rate kappa; the time of the last one is the largest of n exponentials.
    model = damped_cavity(5)
    runs = jump_trajectories(model, (4,), np.linspace(0.0, 40.0, 81), trajectories=5000, seed=5, record=True)
    assert runs.jumps == 4 * 5000  # and then it is dark: no more jumps, and no endless loop
    last = runs.record.time.reshape(5000, 4)[:, -1]
    assert stats.kstest(last, lambda t: (1 - np.exp(-t)) ** 4).pvalue > 1e-3


# --- against the master equation

MODELS = {
    "pair": (kerr_pair(5), 12),
    "collective": (collective_pair(4), 5),
    "thermal cavity": (damped_cavity(8, n_th=0.5), 0),
    "driven cavity": (driven_cavity(), 0),
}


@pytest.mark.parametrize("sampling", ["grid", "integral"])
@pytest.mark.parametrize("name", MODELS)
def test_time_average_tends_to_the_steady_state(name, sampling):
    model, start = MODELS[name]
    runs = jump_trajectories(
        model, start, np.linspace(0, 60, 121), trajectories=640, seed=6, burn_in=15.0, sampling=sampling
    )
    z = z_scores(runs.density, steady_state(model))
    assert z.size >= 6
    assert np.abs(z).max() < 4.5
    assert runs.density.trace().mean() == pytest.approx(1.0, abs=1e-12)


def test_integral_sampling_is_exact_over_a_window_that_is_not_stationary():
    # No burn-in, and a window of a few jumps.
    all_z = []
    for begin, end, seed in ((0.0, 1.0, 31), (0.3, 1.5, 32)):
        for model, start in MODELS.values():
            rho0 = basis(model.dimension, start)
            exact = integrated(model, evolved(model, rho0, begin), end - begin) / (end - begin)
            runs = jump_trajectories(
                model, start, [0.0, end], trajectories=6400, seed=seed, burn_in=begin, sampling="integral"
            )
            all_z.append(z_scores(runs.density, exact))
    z = np.concatenate(all_z)
    assert z.size > 100
    assert np.abs(z).max() < 4.5
    assert 0.8 < np.mean(z**2) < 1.2


def test_ensemble_density_matrix_against_the_master_equation_at_five_times():
    all_z = []
    for name, (model, start) in MODELS.items():
        times = np.linspace(0, 5, 11)
        at = times[[1, 2, 4, 7, 10]]
        runs = jump_trajectories(model, start, times, trajectories=3200, seed=41, snapshots=at, density=False)
        rho0 = basis(model.dimension, start)
        for k, time in enumerate(at):
            snapshot = Density(model.dims, runs.snapshots.rows, runs.snapshots.cols, runs.snapshots.values[:, k])
            exact = evolved(model, rho0, time)
            all_z.append(z_scores(snapshot, exact))
            assert_total_variation_within_error(snapshot, exact, name)
    z = np.concatenate(all_z)
    assert z.size > 200
    assert np.abs(z).max() < 4.8  # 400 numbers: one in 400 000 exceeds this
    assert 0.8 < np.mean(z**2) < 1.2


def assert_total_variation_within_error(density, exact, name):
    """Half the trace norm of the deviation, against the same of means over groups with random signs."""
    groups = density.dense()
    deviation = groups - groups.mean(axis=0)
    signs = np.random.default_rng(1).choice([-1.0, 1.0], (200, groups.shape[0])) / groups.shape[0]
    null = 0.5 * np.abs(np.linalg.eigvalsh(np.einsum("sg,gij->sij", signs, deviation))).sum(axis=1)
    measured = 0.5 * np.abs(np.linalg.eigvalsh(groups.mean(axis=0) - exact)).sum()
    assert measured < null.mean() + 4.5 * null.std(), (name, measured, null.mean(), null.std())


def test_expectation_values_and_their_errors():
    model, start = MODELS["driven cavity"]
    a = lowering(8)
    times = np.linspace(0, 3, 7)
    runs = jump_trajectories(model, start, times, trajectories=4000, seed=42, observables=[a.T @ a, a], density=False)
    assert runs.density is None
    for k in (1, 3, 6):
        rho = evolved(model, basis(8, 0), times[k])
        assert abs(runs.expect[k, 0] - np.trace(a.T @ a @ rho)) < 4 * runs.expect_stderr[k, 0]
        assert abs(runs.expect[k, 1] - np.trace(a @ rho)) < 4 * runs.expect_stderr[k, 1]
    np.testing.assert_array_equal(runs.expect_stderr[0], 0.0)  # a pure start
    # the error of the mean number from its definition, on trajectories one by one
    alone = np.array([[(np.abs(s) ** 2 @ np.arange(8)) for s in runs.replay(j).states] for j in range(200)])
    some = jump_trajectories(model, start, times, trajectories=200, seed=42, observables=[a.T @ a], density=False)
    np.testing.assert_allclose(some.expect[:, 0].real, alone.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(some.expect_stderr[:, 0], alone.std(axis=0, ddof=1) / np.sqrt(200), rtol=1e-6, atol=1e-7)


# --- starts that are mixed or spread over sectors


def test_coherences_between_sectors_are_kept_where_an_observable_needs_them():
    # A damped cavity from a superposition: <a> decays as e^{-kappa t / 2 - i Delta t}, and links all sectors.
    model = damped_cavity(4, detuning=0.7)
    psi = np.array([0.6, 0.3 + 0.4j, 0.5, 0.2j])
    psi /= np.linalg.norm(psi)
    a, times = lowering(4), np.linspace(0, 2, 5)
    runs = jump_trajectories(model, psi, times, trajectories=4000, seed=51, observables=[a, a.T @ a])
    assert runs.propagators == {"dyadic": (4,)}
    exact = np.vdot(psi, a @ psi) * np.exp(-(0.5 + 0.7j) * times)
    assert (np.abs(runs.expect[:, 0] - exact) <= 4 * runs.expect_stderr[:, 0] + 1e-12).all()
    # the number alone needs none: every Fock state is a sector
    split = jump_trajectories(model, psi, times, trajectories=4000, seed=51, observables=[a.T @ a])
    assert split.propagators == {"dyadic": (1, 1, 1, 1)}
    number = np.abs(psi) ** 2 @ np.arange(4) * np.exp(-times)
    assert (np.abs(split.expect[:, 0] - number) <= 4 * split.expect_stderr[:, 0]).all()
    whole = jump_trajectories(model, psi, times, trajectories=10, seed=51, coherences=True)
    assert whole.density.rows.size == 16


def test_coherence_between_two_sectors_that_a_channel_maps_into_one():
    # L takes |0> to |2> and |1> to |3>, which H couples: the coherence of |0> and |1>, two sectors, turns into population.
    jump = np.zeros((4, 4))
    jump[2, 0] = jump[3, 1] = 1.0
    hamiltonian = np.zeros((4, 4))
    hamiltonian[2, 3] = hamiltonian[3, 2] = 1.0
    model = Lindblad(hamiltonian, [jump], (4,))
    psi = np.array([1.0, 1.0j, 0.0, 0.0]) / np.sqrt(2)
    assert model.sectors.of_state[0] != model.sectors.of_state[1]
    runs = jump_trajectories(model, psi, [0.0, 1.0], trajectories=4000, seed=52, snapshots=[1.0])
    exact = evolved(model, np.outer(psi, psi.conj()), 1.0)
    assert abs(exact[2, 2] - exact[3, 3]) > 0.3  # 0 without the coherence
    population = runs.snapshots.populations(0)[:, 0]
    error = population.std(axis=0, ddof=1) / 8
    assert (np.abs(population.mean(axis=0) - exact.diagonal().real) < 4 * error + 1e-12).all()


def test_mixed_start():
    model, _ = MODELS["driven cavity"]
    psi, phi = np.eye(8)[1], (np.eye(8)[0] - 1j * np.eye(8)[3]) / np.sqrt(2)
    rho = 0.3 * np.outer(psi, psi) + 0.7 * np.outer(phi, phi.conj())
    times = np.linspace(0, 1, 3)
    runs = jump_trajectories(model, rho, times, trajectories=6400, seed=53, snapshots=times)
    for k, time in enumerate(times):
        snapshot = Density(model.dims, runs.snapshots.rows, runs.snapshots.cols, runs.snapshots.values[:, k])
        z = z_scores(snapshot, evolved(model, rho, time))
        assert z.size > 3
        assert np.abs(z).max() < 4
    again = jump_trajectories(
        model, Density((8,), *np.divmod(np.arange(64), 8), rho.ravel()), times, trajectories=100, seed=53
    )
    assert again.jumps == jump_trajectories(model, rho, times, trajectories=100, seed=53).jumps


# --- dark states


def test_a_dark_state_does_not_jump():
    # (|01> - |10>) / sqrt(2) is dark to a + b; the channel b^+ b would act on it, but has rate 0 here.
    a, one = lowering(2), sparse.eye_array(2)
    a, b = sparse.kron(a, one), sparse.kron(one, a)
    model = Lindblad(sparse.csr_array((4, 4)), [a + b], (2, 2))
    psi = np.array([0.0, 1.0, -1.0, 0.0]) / np.sqrt(2)
    runs = jump_trajectories(model, psi, np.linspace(0, 1e4, 11), trajectories=50, seed=61)
    assert runs.jumps == 0
    np.testing.assert_allclose(runs.density.dense()[0], np.outer(psi, psi), atol=1e-12)
    # half of |01> is dark: half of the trajectories jump, once
    half = jump_trajectories(model, (0, 1), np.linspace(0, 1e4, 11), trajectories=1000, seed=62)
    assert abs(half.jumps - 500) < 4 * np.sqrt(250)
    with pytest.raises(ValueError, match="dark state"):
        jump_trajectories(model, (0, 1), [0.0, 1.0], seed=1, sampling="integral")


def test_a_model_without_jumps_is_a_schroedinger_equation():
    model = Lindblad([[0, 1.0], [1.0, 0]], [], (2,))
    runs = jump_trajectories(model, 0, np.linspace(0, 3, 4), trajectories=2, seed=1, observables=[np.diag([0.0, 1.0])])
    np.testing.assert_allclose(runs.expect[:, 0], np.sin(np.arange(4.0)) ** 2, atol=1e-13)
    assert runs.counts.shape == (2, 0)


# --- streams, groups, targets


@pytest.mark.parametrize("sampling", ["grid", "integral"])
def test_same_bits_for_any_threads_and_a_larger_ensemble_begins_with_the_smaller(sampling):
    model, times = kerr_pair(4), np.linspace(0, 5, 11)
    given = {"seed": 7, "record": True, "sampling": sampling}
    if sampling == "grid":
        given |= {"observables": [model.hamiltonian], "snapshots": [2.5]}
    one, two = (jump_trajectories(model, (2, 2), times, trajectories=700, groups=2, threads=t, **given) for t in (1, 2))
    for name in ("counts", "expect", "expect_stderr"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    np.testing.assert_array_equal(one.density.values, two.density.values)
    np.testing.assert_array_equal(one.record.time, two.record.time)
    part = jump_trajectories(model, (2, 2), times, trajectories=100, **given)
    known = one.record.trajectory < 100
    np.testing.assert_array_equal(part.record.time, one.record.time[known])
    np.testing.assert_array_equal(part.record.channel, one.record.channel[known])
    other = jump_trajectories(model, (2, 2), times, trajectories=100, **(given | {"seed": 8}))
    assert not np.intersect1d(other.record.time, part.record.time).size


@pytest.mark.parametrize("sampling", ["grid", "integral"])
def test_one_trajectory_is_replayed_with_the_same_bits(sampling):
    model, times = kerr_pair(4), np.linspace(0, 5, 11)
    runs = jump_trajectories(model, (2, 2), times, trajectories=50, seed=9, record=True, groups=50, sampling=sampling)
    alone = runs.replay(37)
    mine = runs.record.trajectory == 37
    np.testing.assert_array_equal(alone.jumps.time, runs.record.time[mine])
    np.testing.assert_array_equal(alone.jumps.channel, runs.record.channel[mine])
    # between jumps the total number is conserved and each jump shifts it by one: the states follow the table
    total = np.abs(alone.states) ** 2 @ (model.levels_of(0) + model.levels_of(1))
    shift = np.where(alone.jumps.channel % 2, -1, 1)
    expected = [4 + shift[alone.jumps.time <= t].sum() for t in times]
    np.testing.assert_allclose(total, expected, atol=1e-10)
    if sampling == "grid":
        rho = np.einsum("ti,tj->ij", alone.states, alone.states.conj()) / times.size
        np.testing.assert_allclose(runs.density.dense()[37], rho, atol=1e-14)


def test_groups_carry_their_share_of_the_trajectories():
    model, start = MODELS["thermal cavity"]
    runs = jump_trajectories(model, start, np.linspace(0, 4, 9), trajectories=10, seed=10, groups=4)
    np.testing.assert_array_equal(runs.groups, [0, 2, 5, 7, 10])
    np.testing.assert_allclose(runs.density.trace(), np.diff(runs.groups) / 2.5)
    value, error = runs.estimate(lambda density: density.mean_number(0))
    shares = np.diff(runs.groups) / 2.5
    means = runs.density.mean_number(0) / shares
    # a linear measure: the jackknife is the weighted mean, and for equal groups the ordinary error
    assert value == pytest.approx((means * shares).mean(), rel=0.05)
    even = jump_trajectories(model, start, np.linspace(0, 4, 9), trajectories=12, seed=10, groups=4)
    means = even.density.mean_number(0)
    value, error = even.estimate(lambda density: density.mean_number(0))
    assert value == pytest.approx(means.mean())
    assert error == pytest.approx(means.std(ddof=1) / 2)
    assert np.isnan(
        jump_trajectories(model, start, [0, 1], trajectories=3, groups=1, seed=1).estimate(lambda d: d.mean_number(0))[
            1
        ]
    )


def test_stops_at_the_target():
    model, start = MODELS["thermal cavity"]
    number = sparse.diags_array(np.arange(8.0))
    times = np.linspace(0, 3, 4)

    def run(threads, **target):
        return jump_trajectories(
            model, start, times, trajectories=20_000, seed=11, observables=[number], threads=threads, **target
        )

    free = run(1, target_stderr=1e-9)
    assert free.trajectories == 20_000
    for target in ({"target_stderr": 0.02}, {"target_stderr": 0.015, "measure": lambda d: d.mean_number(0)}):
        one, two = run(1, **target), run(2, **target)
        assert 20_000 / 64 < one.trajectories < 20_000
        assert one.trajectories == two.trajectories == one.groups[-1]
        np.testing.assert_array_equal(one.density.values, two.density.values)
        assert one.density.trace().mean() == pytest.approx(1.0, abs=1e-12)
    assert run(2, target_stderr=0.02).expect_stderr.max() <= 0.02


def test_progress_counts_up_to_the_number_of_trajectories():
    seen = []
    model, start = MODELS["thermal cavity"]
    jump_trajectories(model, start, [0, 1], trajectories=600, groups=2, seed=1, progress=lambda *now: seen.append(now))
    assert seen == [(256, 600), (300, 600), (556, 600), (600, 600)]


# --- a large sector


def test_an_optomechanical_cell_of_1600_states():
    # Undamped and undriven, n photons displace the mirror: <b>(t) = g <n> (1 - e^{-i t}) at mirror frequency 1.
    photons, phonons, g = 40, 40, 0.3
    a = sparse.kron(lowering(photons), sparse.eye_array(phonons))
    b = sparse.kron(sparse.eye_array(photons), lowering(phonons))
    cell = b.T @ b - g * a.T @ a @ (b + b.T)
    psi = np.zeros(1600)
    psi[phonons], psi[2 * phonons] = 0.6, 0.8  # |1, 0> and |2, 0>
    times = np.linspace(0, 4, 5)
    still = jump_trajectories(
        Lindblad(cell, [], (photons, phonons)),
        psi,
        times,
        trajectories=1,
        seed=1,
        coherences=True,
        density=False,
        observables=[b],
    )
    assert still.propagators == {"taylor": (1600,)}
    np.testing.assert_allclose(still.expect[:, 0], g * (0.36 + 2 * 0.64) * (1 - np.exp(-1j * times)), atol=1e-10)
    # Driven and damped: with the same random numbers, cutting off levels that are nearly empty moves no jump noticeably.
    driven = Lindblad(a.T @ a + cell + 0.5 * (a + a.T), [np.sqrt(0.5) * a, 0.2 * b, 0.1 * b.T], (photons, phonons))
    assert driven.sectors.sizes.tolist() == [1600]
    small = kept_to(driven, (12, 14))
    runs, close = (
        jump_trajectories(model, 0, times, trajectories=20, seed=2, density=False, record=True)
        for model in (driven, small)
    )
    assert runs.propagators == {"taylor": (1600,)}
    assert runs.jumps > 2
    np.testing.assert_array_equal(close.record.channel, runs.record.channel)
    np.testing.assert_allclose(close.record.time, runs.record.time, atol=1e-3)


def kept(operator, dims, smaller):
    index = np.ravel_multi_index(np.indices(smaller).reshape(len(smaller), -1), dims)
    return sparse.csr_array(operator)[index][:, index]


def kept_to(model, smaller):
    jumps = [kept(jump, model.dims, smaller) for jump in model.jumps]
    return Lindblad(kept(model.hamiltonian, model.dims, smaller), jumps, smaller)


# --- bad input


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"initial": 8}, "basis index below 8, but is 8"),
        ({"initial": (8,)}, "one level of each subsystem"),
        ({"initial": (1, 1)}, "one level of each subsystem"),
        ({"initial": np.ones(8)}, "norm 1, but has norm 2.8"),
        ({"initial": np.ones(7)}, r"shape \(8,\) or \(8, 8\), but has shape \(7,\)"),
        ({"initial": np.full(8, np.nan)}, "finite"),
        ({"initial": np.eye(8)}, "trace 1, but has trace 8"),
        ({"initial": np.diag([2.0, -1.0, 0, 0, 0, 0, 0, 0])}, "positive semidefinite"),
        ({"initial": np.diag([1.0, 0, 0, 0, 0, 0, 0, 0]) + np.eye(8, k=1)}, "Hermitian"),
        ({"initial": "vacuum"}, "Argument `initial`"),
        ({"times": [0.0]}, "at least two times"),
        ({"times": [0.0, 1.0, 1.5]}, "evenly spaced, but is off by"),
        ({"times": [0.0, -1.0]}, "increase"),
        ({"times": [0.0, np.nan]}, "finite"),
        ({"times": "long"}, "array of numbers"),
        ({"trajectories": 0}, "`trajectories` must be a whole number of at least 1"),
        ({"trajectories": 2.5}, "`trajectories`"),
        ({"seed": -1}, "`seed`"),
        ({"threads": 0}, "`threads`"),
        ({"burn_in": 2.0}, "`burn_in` must lie within"),
        ({"burn_in": np.nan}, "`burn_in` must be finite"),
        ({"groups": 11}, r"at most the number of trajectories \(10\), but is 11"),
        ({"sampling": "random"}, "`sampling` must be one of 'grid', 'integral'"),
        ({"observables": [np.eye(3)]}, r"`observables\[0\]` must be a finite matrix of shape \(8, 8\)"),
        ({"snapshots": [0.3]}, "`snapshots` must hold times of the grid"),
        ({"sampling": "integral", "snapshots": [1.0]}, '`sampling` must be "grid" for `observables` or `snapshots`'),
        ({"sampling": "integral", "density": False}, "without a `density`"),
        ({"sampling": "integral", "burn_in": 1.0}, "over a window of time"),
        ({"target_stderr": 0.1}, "with `observables` or a `measure`"),
        ({"target_stderr": 0.0, "observables": [np.eye(8)]}, "`target_stderr` must be positive"),
        ({"target_stderr": 0.1, "measure": lambda d: 0.0, "density": False}, "`density` must be True"),
    ],
)
def test_bad_input(change, message):
    given = {"initial": 0, "times": [0.0, 0.5, 1.0], "trajectories": 10, "seed": 1} | change
    with pytest.raises(ValueError, match=message):
        jump_trajectories(damped_cavity(8, n_th=0.1), given.pop("initial"), given.pop("times"), **given)


def test_what_is_no_model_is_refused():
    with pytest.raises(ValueError, match="`model` must be a Lindblad, but is of type int"):
        jump_trajectories(3, 0, [0.0, 1.0], seed=1)


def test_replay_of_a_bad_number():
    runs = jump_trajectories(damped_cavity(3), 1, [0.0, 1.0], trajectories=2, seed=1, density=False)
    with pytest.raises(ValueError, match="`trajectory` must be a whole number"):
        runs.replay(-1)
    with pytest.raises(ValueError, match="`density` of `jump_trajectories` must be True"):
        runs.estimate(lambda density: 0.0)


def test_too_little_memory_is_said_before_it_is_taken(monkeypatch):
    monkeypatch.setattr("quantum.memory.available_bytes", lambda: 1e3)
    with pytest.raises(MemoryError, match="density matrix of 64 elements"):
        jump_trajectories(driven_cavity(), 0, [0.0, 1.0], seed=1)
