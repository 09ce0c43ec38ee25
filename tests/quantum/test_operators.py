import numpy as np
import pytest
import qutip
from scipy import sparse

from quantum import operators as op


def dense(operator):
    assert isinstance(operator, sparse.csr_array)
    assert operator.dtype == np.complex128
    return operator.toarray()


@pytest.mark.parametrize("levels", [2, 7])
def test_mode_operators_are_those_of_qutip(levels):
    np.testing.assert_array_equal(dense(op.destroy(levels)), qutip.destroy(levels).full())
    np.testing.assert_array_equal(dense(op.create(levels)), qutip.create(levels).full())
    np.testing.assert_array_equal(dense(op.number(levels)), np.diag(np.arange(levels)))
    np.testing.assert_array_equal(dense(op.identity(levels)), np.eye(levels))


def test_one_level_has_nothing_to_destroy():
    for operator in (op.destroy(1), op.create(1), op.number(1)):
        np.testing.assert_array_equal(dense(operator), [[0]])


def test_projector_is_a_transition_from_column_to_row():
    expected = np.zeros((4, 4))
    expected[3, 1] = 1.0
    np.testing.assert_array_equal(dense(op.projector(3, 1, 4)), expected)


@pytest.mark.parametrize("spin", [0.5, 1, 1.5, 20])
def test_spin_operators_are_qutips_in_ascending_order(spin):
    for ours, name in ((op.spin_z, "z"), (op.spin_x, "x"), (op.spin_y, "y"), (op.spin_plus, "+"), (op.spin_minus, "-")):
        expected = qutip.jmat(spin, name).full()[::-1, ::-1]
        np.testing.assert_allclose(dense(ours(spin)), expected, rtol=1e-14, atol=1e-15 * (spin + 1))


def test_level_zero_of_a_spin_is_its_lowest_state_and_plus_raises_the_level():
    np.testing.assert_array_equal(dense(op.spin_z(1)), np.diag([-1, 0, 1]))
    np.testing.assert_allclose(dense(op.spin_plus(1)), np.sqrt(2) * (np.eye(3, k=-1)))
    np.testing.assert_array_equal(dense(op.spin_minus(0.5)), dense(op.projector(0, 1, 2)))


@pytest.mark.parametrize("subsystem", [0, 1, 2])
def test_embed_is_the_kronecker_product_with_identities(subsystem):
    dims = (2, 3, 4)
    factors = [np.eye(levels) for levels in dims]
    factors[subsystem] = np.arange(dims[subsystem] ** 2).reshape(dims[subsystem], -1) + 1j
    expected = np.kron(np.kron(factors[0], factors[1]), factors[2])
    np.testing.assert_array_equal(dense(op.embed(factors[subsystem], subsystem, dims)), expected)


def test_operators_of_different_subsystems_commute_and_reach_the_right_basis_state():
    dims = (3, 2, 5)
    hop = op.embed(op.create(3), 0, dims) @ op.embed(op.destroy(5), 2, dims)
    other = op.embed(op.destroy(5), 2, dims) @ op.embed(op.create(3), 0, dims)
    assert abs(hop - other).max() == 0
    start, end = np.ravel_multi_index((1, 1, 4), dims), np.ravel_multi_index((2, 1, 3), dims)
    np.testing.assert_allclose(hop[end, start], np.sqrt(2 * 4), rtol=1e-15)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: op.destroy(0), "`levels` must be a whole number of at least 1, but is 0"),
        (lambda: op.create(2.0), "`levels` must be a whole number of at least 1, but is 2.0"),
        (lambda: op.projector(0, 3, 3), "`column` must be below `levels` (3), but is 3"),
        (lambda: op.projector(-1, 0, 3), "`row` must be a whole number of at least 0, but is -1"),
        (lambda: op.spin_z(0.3), "`spin` must be a positive multiple of 1/2, but is 0.3"),
        (lambda: op.spin_plus(0), "`spin` must be a positive multiple of 1/2, but is 0"),
        (lambda: op.spin_plus("1"), "`spin` must be a positive multiple of 1/2, but is '1'"),
        (lambda: op.spin_z(np.nan), "`spin` must be a positive multiple of 1/2, but is nan"),
        (lambda: op.embed(np.eye(2), 2, (2, 2)), "`subsystem` must be below the 2 subsystems, but is 2"),
        (lambda: op.embed(np.eye(2), 1, (2, 3)), "`operator` must have shape (3, 3), but has shape (2, 2)"),
        (lambda: op.embed(np.eye(2), 0, (2, 0)), "`dims[1]` must be a whole number of at least 1, but is 0"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call, sentence):
    with pytest.raises(ValueError, match="Argument ") as caught:
        call()
    assert sentence in str(caught.value)
