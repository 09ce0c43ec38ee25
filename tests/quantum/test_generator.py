"""The generator on its blocks, its inverse between jumps and GMRES, against dense linear algebra."""

import numpy as np
import pytest

from quantum.evolution import independent_parts
from quantum.generator import generator_of
from quantum.lindblad import Lindblad
from quantum.solvers.blocks import blocks_of, closed_blocks, steady_blocks
from quantum.solvers.gmres import gmres
from quantum.solvers.linear import LinearSolver
from quantum.solvers.nojump import NoJumpInverse, one_blas_thread


def all_blocks(model):
    count = len(model.sectors.states)
    return blocks_of(model.sectors, ((s, t) for s in range(count) for t in range(count)))


def random_elements(size, seed=3):
    draw = np.random.default_rng(seed).standard_normal((2, size))
    return draw[0] + 1j * draw[1]


def dense(model, blocks, values):
    out = np.zeros((model.dimension,) * 2, dtype=complex)
    out[blocks.rows, blocks.cols] = values
    return out


def test_generator_on_all_blocks_is_the_full_one(zoo, model):
    blocks = all_blocks(model)
    x = random_elements(blocks.elements)
    found = dense(model, blocks, generator_of(model, blocks).apply(x))
    expected = (zoo.liouvillian(model) @ dense(model, blocks, x).ravel()).reshape(found.shape)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12 * abs(expected).max())


def test_closed_blocks_keep_the_evolution(zoo, model):
    # L x has no element outside the closure of the first element of every other sector pair
    full = zoo.liouvillian(model)
    states = model.sectors.states
    for s, t in [(0, 0), (0, len(states) - 1), (len(states) // 2, 0)]:
        blocks = closed_blocks(model.sectors, states[s][:1], states[t][:1])
        x = dense(model, blocks, random_elements(blocks.elements))
        image = (full @ x.ravel()).reshape(x.shape)
        image[blocks.rows, blocks.cols] = 0.0
        assert abs(image).max() < 1e-13


def test_parts_cover_the_blocks_once(zoo):
    blocks = all_blocks(zoo.three_ring())
    parts = list(independent_parts(blocks))
    number = np.concatenate([blocks.number[part.left, part.right] for part in parts])
    assert sorted(number) == list(range(blocks.left.size))
    # Differences of total numbers are -6 .. 6. At -5 and 5 the two blocks, <000|rho|122> and <001|rho|222> among them, have no
    # level in common that a jump could act on: they are parts of their own.
    assert len(parts) == 13 + 2
    assert len(list(independent_parts(blocks, hermitian=True))) == 7 + 1


def test_positions_of_elements(zoo):
    blocks = steady_blocks(zoo.three_ring().sectors)
    np.testing.assert_array_equal(blocks.index(blocks.rows, blocks.cols), np.arange(blocks.elements))
    assert blocks.index(np.array([0]), np.array([1])) == -1
    np.testing.assert_array_equal(blocks.rows[blocks.transpose], blocks.cols)
    np.testing.assert_array_equal(blocks.rows[blocks.diagonal], np.arange(27))


@pytest.mark.parametrize("frequency", [0.0, 0.7j])
def test_inverse_between_jumps(model, frequency):
    blocks = all_blocks(model)
    generator = generator_of(model, blocks)
    inverse = NoJumpInverse(generator)
    inverse.tune(frequency)
    y = random_elements(blocks.elements)
    x = inverse.solve(y)
    shift = np.repeat(inverse.shift, np.diff(blocks.offset))
    np.testing.assert_allclose(generator.no_jump(x) - shift * x, y, rtol=0, atol=1e-10)


def test_schur_forms_give_the_same_inverse(zoo, monkeypatch):
    generator = generator_of(zoo.asymmetric_pair(4), all_blocks(zoo.asymmetric_pair(4)))
    y = random_elements(generator.structure.blocks.elements)
    by_eigenvectors = NoJumpInverse(generator)
    monkeypatch.setattr("quantum.solvers.nojump.LARGEST_CONDITION", 1.5)  # sectors of one state keep their eigenbasis
    by_schur = NoJumpInverse(generator)
    assert by_eigenvectors.has_eigenbases
    assert not by_schur.has_eigenbases
    np.testing.assert_allclose(by_schur.solve(y), by_eigenvectors.solve(y), rtol=0, atol=1e-12)


def test_two_threads_give_the_same_bits(zoo, monkeypatch):
    model = zoo.ring(3, 20.0)
    rhs = random_elements(steady_blocks(model.sectors).elements)
    results = []
    for work in (10**12, 0):
        monkeypatch.setattr("quantum.solvers.nojump.THREADED_WORK", work)
        with one_blas_thread():  # whose own threads would change last bits in the run that is not threaded
            solver = LinearSolver(generator_of(model), 0.3)
            assert solver.inverse.threads == (1 if work else 2)
            results.append(solver.solve(rhs, 1e-9, hermitian=False).x)
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("frequency", [0.5, -0.3j])
def test_linear_equations(zoo, model, frequency):
    blocks = all_blocks(model)
    rhs = random_elements(blocks.elements)
    found = LinearSolver(generator_of(model, blocks), frequency).solve(rhs, 1e-10, hermitian=False)
    matrix = zoo.liouvillian(model) - frequency * np.eye(model.dimension**2)
    expected = np.linalg.solve(matrix, dense(model, blocks, rhs).ravel()).reshape((model.dimension,) * 2)
    assert found.residual < 1e-10
    np.testing.assert_allclose(dense(model, blocks, found.x), expected, rtol=0, atol=1e-9)


def test_rates_that_cancel_between_jumps():
    # L^+ L of both jumps links |0> and |1>, their sum does not: two sectors, and both jumps land in |2>.
    up, down = np.zeros((4, 4)), np.zeros((4, 4))
    up[2, :2], down[2, :2] = [1.0, 1.0], [1.0, -1.0]
    back = np.zeros((4, 4))
    back[0, 2] = 1.0
    model = Lindblad(np.diag([0.0, 1.0, 2.0, 3.0]), [up, down, back, back.T @ back], (4,))
    generator = generator_of(model, all_blocks(model))
    assert generator.structure.cancelled[0].size == 4
    np.testing.assert_allclose(generator.rates, model.total_rate.diagonal().real)


@pytest.mark.parametrize("dtype", [np.float64, np.complex128])
def test_gmres(dtype):
    draw = np.random.default_rng(5)
    matrix = np.eye(40) + 0.05 * draw.standard_normal((40, 40)).astype(dtype)
    if dtype is np.complex128:
        matrix += 0.05j * draw.standard_normal((40, 40))
    rhs = (matrix @ draw.standard_normal(40)).astype(dtype)
    for basis in (40, 8):
        found = gmres(lambda v: matrix @ v, rhs, lambda v: v.copy(), 1e-12, basis)
        assert np.linalg.norm(matrix @ found.x - rhs) < 2e-12
        assert found.residual <= 1e-12
        assert 8 < found.products < 60


def test_gmres_says_how_far_it_came():
    matrix = np.diag(np.linspace(-1.0, 1.0, 50))  # indefinite: restarts after two vectors get nowhere
    found = gmres(lambda v: matrix @ v, np.ones(50), lambda v: v.copy(), 1e-10, 2, most_products=100)
    assert found.residual > 1e-3
    np.testing.assert_allclose(np.linalg.norm(matrix @ found.x - 1.0), found.residual, rtol=1e-9)
    assert found.products <= 101


def test_gmres_takes_a_singular_consistent_matrix():
    matrix = np.array([[1.0, -1.0], [-1.0, 1.0]])
    found = gmres(lambda v: matrix @ v, np.array([2.0, -2.0]), lambda v: v.copy(), 1e-13)
    np.testing.assert_allclose(matrix @ found.x, [2.0, -2.0])
    nothing = gmres(lambda v: 0.0 * v, np.array([1.0]), lambda v: v.copy(), 1e-13)
    assert np.isfinite(nothing.x).all()
