"""Steady states: published tables, closed forms, QuTiP, independent solvers, invariances, and refusals in words."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from quantum import memory
from quantum.lindblad import Lindblad
from quantum.steady import SteadyStateSolver, steady_state, steady_states

DETUNINGS = (-30, -25, -20, -15, -10, -5, 0, 5, 10, 15, 20, 25, 30)

# Exact steady states at 10 levels, K = 10, n+ = 2, sigma = .2: S/V at |detuning| = 0, 5, .. 30, by an independent
# implementation, itself cross-checked against QuTiP 5.3.1 (Loerch et al. 2017, Fig. 2(b)).
FIG_2B = {
    0.05: (0.4011551965501426, 0.4259602941251739, 0.5202299227834601, 0.8038127371772105, 1.4327488482091884,
           0.5892985103956468, 0.2734347238592046),
    0.2: (0.4032329279048169, 0.42961101363823934, 0.5233892634217854, 0.7956216827874387, 1.2748324300712381,
          0.5543955741963816, 0.25719542486941954),
    0.35: (0.40293525676254877, 0.4310957289881498, 0.5221969416795748, 0.7673316793342362, 1.0293866448370956,
           0.49616284285754403, 0.2328633526110183),
    0.5: (0.4001598409506031, 0.4301585596048326, 0.5167123387992948, 0.7250945094197462, 0.7994711097531274,
          0.42551733028249916, 0.2041205271220084),
}  # fmt: skip

# The same at V = .05, detuning 20 for several cutoffs.
CUTOFFS = {
    8: 0.07188337226531992, 10: 0.07163744241045937, 12: 0.07149543722127068, 16: 0.07133821654238168,
    20: 0.07125325828953698,
}  # fmt: skip

# S of neighbours and of opposite oscillators in the ring of four (Fig. 5), at 3 and 4 levels.
RING = {
    (3, 0.0): (0.12445931757597437, 0.03184143598115748),
    (3, 20.0): (0.27356163080903073, 0.17945439550627282),
    (4, 10.0): (0.1630938637454083, 0.0432995086494853),
    (4, 20.0): (0.2646167030063687, 0.17668154219296228),
}

NO_SHRINKING = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("coupling", FIG_2B)
def test_table_of_figure_2b(zoo, coupling):
    states = steady_states([zoo.pair(detuning, coupling) for detuning in DETUNINGS])
    found = [zoo.sync(state.relative_phase_harmonics((0, 1))) / coupling for state in states]
    expected = [FIG_2B[coupling][abs(detuning) // 5] for detuning in DETUNINGS]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("levels", CUTOFFS)
def test_cutoff_table(zoo, levels):
    state = steady_state(zoo.pair(20.0, 0.05, levels))
    assert abs(zoo.sync(state.relative_phase_harmonics((0, 1))) - CUTOFFS[levels]) < 1e-8 * 0.05


@pytest.mark.parametrize("levels_and_detuning", RING)
def test_ring_of_four(zoo, levels_and_detuning):
    # S_AB of the table is a maximum over a grid of phases, good to 1e-8; S_AD has its maximum on the grid.
    state = steady_state(zoo.ring(*levels_and_detuning))
    neighbours, opposite = RING[levels_and_detuning]
    assert abs(zoo.sync(state.relative_phase_harmonics((0, 1))) - neighbours) < 1e-8
    assert abs(zoo.sync(state.relative_phase_harmonics((0, 3))) - opposite) < 1e-11


@pytest.mark.parametrize("method", ["direct", "krylov"])
def test_uncoupled_populations_are_the_lorentzian(zoo, method):
    # p_n ~ 1/((n - n_plus)^2 + sigma^2) exactly for n_minus = n_plus + 1 and equal rates (detailed balance).
    n = np.arange(12)
    expected = zoo.lorentzian(n, 2, 0.2) / zoo.lorentzian(n, 2, 0.2).sum()
    state = steady_state(zoo.pair(5.0, 0.0, 12), method)
    for j in range(2):
        np.testing.assert_allclose(state.populations(j), expected, rtol=0, atol=1e-13)


def test_agrees_with_qutip(model, qutip_model):
    qutip = pytest.importorskip("qutip")
    expected = qutip.steadystate(*qutip_model(model)).full()
    np.testing.assert_allclose(steady_state(model).dense(), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("method", ["direct", "krylov", "evolve"])
def test_residual_is_that_of_the_naive_generator(zoo, model, method):
    state = steady_state(model, method)
    rate = model.total_rate.diagonal().real.max()
    rho = state.dense()
    residual = np.linalg.norm(zoo.liouvillian(model) @ rho.ravel()) / (rate * np.linalg.norm(rho))
    assert state.method == method
    # both are rounding errors of sums of a few dozen terms of size |Heff|
    assert residual < 1e-12
    assert state.residual < 1e-12
    assert state.products > 0 or method == "direct"


def test_solvers_agree(zoo):
    model = zoo.asymmetric_pair(4)
    direct, krylov, evolved = (steady_state(model, method).values for method in ("direct", "krylov", "evolve"))
    np.testing.assert_allclose(krylov, direct, rtol=0, atol=1e-12)
    np.testing.assert_allclose(evolved, direct, rtol=0, atol=1e-10)


def test_only_the_blocks_that_are_needed_are_stored(zoo):
    # 670 elements of 10 000: the total number is a weak symmetry
    state = steady_state(zoo.pair(20.0, 0.5))
    assert state.values.size == 670


@pytest.mark.parametrize("threads", [1, 2])
def test_sweeps_give_the_bits_of_single_points(zoo, threads):
    # at detuning 0 and coupling 0 entries of H vanish: the sectors are those of the union
    models = [zoo.pair(detuning, coupling, 6) for detuning in (0.0, 3.0) for coupling in (0.0, 0.4)]
    solver = SteadyStateSolver(models)
    for state, model in zip(steady_states(models, threads=threads), models, strict=True):
        np.testing.assert_array_equal(state.values, solver.solve(model).values)
        np.testing.assert_allclose(state.dense(), steady_state(model).dense(), rtol=0, atol=1e-14)


def test_sweeps_over_rates(zoo):
    models = [zoo.network([1, -1], 5.0, [[0, 0.2], [0.2, 0]], 1, width, 4) for width in (0.2, 0.4)]
    for state, model in zip(steady_states(models), models, strict=True):
        np.testing.assert_allclose(state.dense(), steady_state(model).dense(), rtol=0, atol=1e-14)


# -- dark states, exceptional points, closed forms -----------------------------------------------------------------


@pytest.mark.parametrize("method", ["direct", "krylov"])
def test_damped_cavity_ends_in_the_vacuum(zoo, method):
    a = zoo.lowering(8)
    state = steady_state(Lindblad(0.3 * a.T @ a, [a], (8,)), method)
    np.testing.assert_allclose(state.populations(0), np.eye(8)[0], rtol=0, atol=1e-15)


@pytest.mark.parametrize("method", ["direct", "krylov"])
def test_driven_cavity_is_a_coherent_state(zoo, method):
    # H = delta n + F (a + a^+), damping kappa: alpha = -F / (delta - i kappa/2); the tail at 16 levels is below 1e-16
    detuning, drive, levels = 0.3, 0.4, 16
    a = zoo.lowering(levels)
    state = steady_state(Lindblad(detuning * a.T @ a + drive * (a + a.T), [a], (levels,)), method)
    alpha = -drive / (detuning - 0.5j)
    n = np.arange(levels)
    amplitude = np.exp(-(abs(alpha) ** 2) / 2) * alpha**n / np.sqrt([float(np.prod(np.arange(1, k + 1))) for k in n])
    np.testing.assert_allclose(state.dense(), np.outer(amplitude, amplitude.conj()), rtol=0, atol=1e-8)


@pytest.mark.parametrize("method", ["direct", "krylov"])
def test_dark_superposition_inside_a_sector(method):
    # Lambda atom: g1 |2><0| + g2 |2><1| + h.c. leaves (g2 |0> - g1 |1>) dark, and decay from |2> pumps into it.
    h = np.zeros((3, 3))
    h[2, 0] = h[0, 2] = 0.7
    h[2, 1] = h[1, 2] = 0.4
    first, second = np.zeros((3, 3)), np.zeros((3, 3))
    first[0, 2], second[1, 2] = 1.0, 0.8
    dark = np.array([0.4, -0.7, 0.0]) / np.hypot(0.4, 0.7)
    state = steady_state(Lindblad(h, [first, second], (3,)), method)
    np.testing.assert_allclose(state.dense(), np.outer(dark, dark), rtol=0, atol=1e-13)


@pytest.mark.parametrize("method", ["direct", "krylov"])
def test_exceptional_point(method):
    # Rabi frequency g and decay 4g: Heff is defective. Optical Bloch equations: p_1 = g^2 / (gamma^2/4 + 2 g^2).
    g = 0.25
    decay = np.array([[0.0, 1.0], [0.0, 0.0]])
    state = steady_state(Lindblad([[0, g], [g, 0]], [decay], (2,)), method)
    assert abs(state.populations(0)[1] - g**2 / (0.25 + 2 * g**2)) < 1e-14


def test_strongly_driven_kerr_oscillator(zoo, qutip_model):
    # eigenvectors of Heff have condition 1e6 here, so that Schur forms are used
    qutip = pytest.importorskip("qutip")
    a = zoo.lowering(40)
    h = 0.1 * a.T @ a - 0.05 * a.T @ a.T @ a @ a + 1.5 * (a + a.T)
    model = Lindblad(h, [np.sqrt(1.2) * a, np.sqrt(0.2) * a.T], (40,))
    expected = qutip.steadystate(*qutip_model(model)).full()
    np.testing.assert_allclose(steady_state(model).dense(), expected, rtol=0, atol=1e-10)


# -- a steady state that is not unique -----------------------------------------------------------------------------


def collective_spins(*jumps, drive=0.0):
    lower = np.array([[0.0, 1.0], [0.0, 0.0]])
    first, second = np.kron(lower, np.eye(2)), np.kron(np.eye(2), lower)
    energy = first.T @ first + second.T @ second
    total = first + second
    return Lindblad(energy + drive * (total + total.T), [total, *(rate * first for rate in jumps)], (2, 2))


@pytest.mark.parametrize("method", ["auto", "direct", "krylov"])
def test_two_quantum_loss_conserves_parity(zoo, method):
    a = zoo.lowering(8)
    with pytest.raises(ValueError, match="2 disconnected groups of states"):
        steady_state(Lindblad(a.T @ a, [a @ a], (8,)), method)


@pytest.mark.parametrize("method", ["auto", "direct", "krylov"])
def test_collective_decay_has_a_dark_singlet_besides_the_vacuum(method):
    with pytest.raises(ValueError, match="2 dark states"):
        steady_state(collective_spins(), method)


@pytest.mark.parametrize("method", ["direct", "krylov"])
def test_hidden_symmetry_is_found_numerically(method):
    # the drive makes the triplet recurrent, the singlet stays dark: one sector, one dark state, two steady states
    with pytest.raises(ValueError, match="unique steady state"):
        steady_state(collective_spins(drive=0.3), method)
    assert steady_state(collective_spins(0.1, drive=0.3), method).residual < 1e-13


def test_without_jumps_every_eigenstate_is_steady():
    with pytest.raises(ValueError, match="a jump with a rate above zero"):
        steady_state(Lindblad([[0, 1], [1, 0]], [], (2,)))


# -- refusals ------------------------------------------------------------------------------------------------------


def test_bad_arguments(zoo):
    model = zoo.pair(1.0, 0.1, 3)
    with pytest.raises(ValueError, match="`method` must be one of"):
        steady_state(model, "lu")
    with pytest.raises(ValueError, match="`tolerance` must be positive"):
        steady_state(model, tolerance=0.0)
    with pytest.raises(ValueError, match="`tolerance` must be finite"):
        steady_state(model, tolerance=np.nan)
    with pytest.raises(ValueError, match="`models` must hold at least one"):
        steady_states([])
    with pytest.raises(ValueError, match="`model` must be a Lindblad, but is of type NoneType"):
        steady_state(None)
    with pytest.raises(ValueError, match=r"`models\[1\]` must be a Lindblad, but is of type int"):
        steady_states([model, 3])
    with pytest.raises(ValueError, match="`models` must be a list of models, but is of type Lindblad"):
        steady_states(model)
    with pytest.raises(ValueError, match="`threads` must be"):
        steady_states([model], threads=0)
    with pytest.raises(ValueError, match="jump operators with the entries"):
        steady_states([model, zoo.pair(1.0, 0.1, 3, coherent=True)])
    with pytest.raises(ValueError, match="dims"):
        steady_states([model, zoo.pair(1.0, 0.1, 4)])
    with pytest.raises(ValueError, match="a Hamiltonian within the entries"):
        SteadyStateSolver([zoo.pair(1.0, 0.0, 3)]).solve(model)


def test_out_of_reach_tolerance_is_said(zoo):
    with pytest.raises(RuntimeError, match="No steady state within tolerance"):
        steady_state(zoo.pair(20.0, 0.5), tolerance=1e-40)


def test_memory_is_estimated_and_refused(zoo, monkeypatch):
    model = zoo.ring(4, 20.0)
    monkeypatch.setattr(memory, "available_bytes", lambda: 1e6)
    with pytest.raises(MemoryError, match=r"needs about .* GB, but .* GB may be used"):
        steady_state(model)


# -- invariances ---------------------------------------------------------------------------------------------------

number = st.floats(-3.0, 3.0, allow_nan=False)


@st.composite
def networks(draw):
    """Parameters of two or three oscillators of three levels, all different, complex coupling."""
    count = draw(st.integers(2, 3))
    several = st.lists(number, min_size=count, max_size=count)
    omega, kerr = np.array(draw(several)), np.array(draw(several))
    real, imag = (np.reshape(draw(st.lists(number, min_size=9, max_size=9)), (3, 3))[:count, :count] for _ in range(2))
    coupling = np.triu(real + 1j * imag, 1)
    widths = np.array(draw(st.lists(st.floats(0.2, 1.0), min_size=count, max_size=count)))
    rates = np.array(draw(st.lists(st.floats(0.5, 2.0), min_size=count, max_size=count)))
    return omega, kerr, coupling + coupling.conj().T, widths, rates


def solve(zoo, omega, kerr, coupling, widths, rates):
    return steady_state(zoo.network(omega, kerr, coupling, 1, widths, 3, rates)).dense()


@NO_SHRINKING
@given(parameters=networks())
def test_steady_states_are_states(zoo, parameters):
    rho = solve(zoo, *parameters)
    assert abs(np.trace(rho) - 1) < 1e-14
    np.testing.assert_array_equal(rho, rho.conj().T)
    assert np.linalg.eigvalsh(rho).min() > -1e-10


@NO_SHRINKING
@given(parameters=networks(), angles=st.lists(st.floats(-3, 3), min_size=3, max_size=3))
def test_gauge_invariance(zoo, parameters, angles):
    # C_jk -> C_jk e^{i(theta_j - theta_k)} is undone by exp(-i sum theta_j n_j)
    omega, kerr, coupling, widths, rates = parameters
    theta = np.array(angles)[: omega.size]
    turned = coupling * np.exp(1j * (theta[:, None] - theta[None, :]))
    levels = np.stack(np.unravel_index(np.arange(3**omega.size), (3,) * omega.size))
    phase = np.exp(1j * theta @ levels)
    expected = phase[:, None] * solve(zoo, *parameters) * phase.conj()
    np.testing.assert_allclose(solve(zoo, omega, kerr, turned, widths, rates), expected, rtol=0, atol=1e-10)


@NO_SHRINKING
@given(parameters=networks())
def test_conjugation(zoo, parameters):
    # rho* obeys the equation of -H*: (omega, K, C) -> -(omega, K, C*)
    omega, kerr, coupling, widths, rates = parameters
    mirrored = solve(zoo, -omega, -kerr, -coupling.conj(), widths, rates)
    np.testing.assert_allclose(mirrored, solve(zoo, *parameters).conj(), rtol=0, atol=1e-10)


@NO_SHRINKING
@given(parameters=networks(), data=st.data())
def test_relabelling_of_oscillators(zoo, parameters, data):
    omega, kerr, coupling, widths, rates = parameters
    order = np.array(data.draw(st.permutations(range(omega.size))))
    swapped = solve(zoo, omega[order], kerr[order], coupling[np.ix_(order, order)], widths[order], rates[order])
    count = omega.size
    tensor = solve(zoo, *parameters).reshape((3,) * (2 * count))
    expected = tensor.transpose([*order, *(order + count)]).reshape(3**count, 3**count)
    np.testing.assert_allclose(swapped, expected, rtol=0, atol=1e-10)


@NO_SHRINKING
@given(seed=st.integers(0, 2**32 - 1))
def test_order_of_the_basis(zoo, seed):
    model = zoo.two_spins()
    order = np.random.default_rng(seed).permutation(model.dimension)
    shuffle = sparse.eye_array(model.dimension).tocsr()[order]
    shuffled = Lindblad(
        shuffle @ model.hamiltonian @ shuffle.T, [shuffle @ j @ shuffle.T for j in model.jumps], (model.dimension,)
    )
    expected = steady_state(model).dense()[np.ix_(order, order)]
    np.testing.assert_allclose(steady_state(shuffled).dense(), expected, rtol=0, atol=1e-12)
