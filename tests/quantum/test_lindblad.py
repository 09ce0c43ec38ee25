import numpy as np
import pytest
from scipy import sparse

from quantum import operators as op
from quantum.lindblad import Lindblad

DIMS = (3, 2)
A = op.embed(op.destroy(3), 0, DIMS)
S = op.embed(op.spin_minus(0.5), 1, DIMS)
H = 0.4 * (A.conj().T @ A) + (0.3 + 0.2j) * (A.conj().T @ S) + (0.3 - 0.2j) * (S.conj().T @ A)


def model():
    return Lindblad(H, [0.7 * A, 1.1 * S.conj().T], DIMS, labels=["mode", "spin"])


def test_the_effective_hamiltonian_generates_the_decay_of_the_norm():
    m = model()
    rates = 0.49 * (A.conj().T @ A) + 1.21 * (S @ S.conj().T)
    np.testing.assert_allclose(m.total_rate.toarray(), rates.toarray(), atol=1e-15)
    heff = m.effective_hamiltonian.toarray()
    np.testing.assert_allclose(1j * (heff - heff.conj().T), m.total_rate.toarray(), atol=1e-15)
    np.testing.assert_allclose((heff + heff.conj().T) / 2, m.hamiltonian.toarray(), atol=1e-15)


def test_the_basis_index_is_row_major():
    m = model()
    np.testing.assert_array_equal(m.levels_of(0), [0, 0, 1, 1, 2, 2])
    np.testing.assert_array_equal(m.levels_of(1), [0, 1, 0, 1, 0, 1])
    assert m.dimension == 6
    assert m.labels == ("mode", "spin")


def test_operators_may_be_dense_sparse_or_nested_lists_and_are_copied():
    entries = np.array([[0.0, 1.0], [1.0, 0.0]])
    for value in (entries, entries.tolist(), sparse.coo_array(entries), sparse.csc_matrix(entries)):
        np.testing.assert_array_equal(Lindblad(value, [], (2,)).hamiltonian.toarray(), entries)
    h = sparse.csr_array(entries.astype(complex))
    m = Lindblad(h, [h], (2,))
    h.data[:] = 5.0
    np.testing.assert_array_equal(m.hamiltonian.toarray(), entries)
    np.testing.assert_array_equal(m.jumps[0].toarray(), entries)


def test_duplicate_and_zero_entries_are_gone():
    twice = sparse.coo_array(([1.0, 1.0, 0.0], ([0, 0, 1], [0, 0, 1])), shape=(2, 2))
    m = Lindblad(twice, [twice], (2,))
    for operator in (m.hamiltonian, m.jumps[0]):
        assert operator.nnz == 1
        assert operator[0, 0] == 2.0


def test_jumps_may_come_from_a_generator_and_labels_default_to_numbers():
    m = Lindblad(H, (jump for jump in (A, S)), DIMS)
    assert len(m.jumps) == 2
    assert m.labels == ("0", "1")


def test_hermiticity_is_asked_relative_to_the_largest_entry():
    big = np.array([[1e9, 1e-4], [0.0, 0.0]])  # off by 1e-13 of the largest entry: rounding
    assert Lindblad(big, [], (2,)).dimension == 2
    with pytest.raises(ValueError, match="Hermitian"):
        Lindblad(big / [[1e9, 1.0], [1.0, 1.0]], [], (2,))


EYE = np.eye(2)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((np.eye(3), [], (2,)), "`hamiltonian` must have shape (2, 2), the product of `dims`, but has shape (3, 3)"),
        ((None, [], (2,)), "`hamiltonian` must be a matrix of numbers, but is a NoneType"),
        (([[1, 2], [3]], [], (2,)), "`hamiltonian` must be a matrix of numbers, but is a list"),
        (([["a", "b"], ["c", "d"]], [], (2,)), "`hamiltonian` must be a matrix of numbers, but is a list"),
        ((np.diag([1.0, np.nan]), [], (2,)), "`hamiltonian` must be finite, but has entries that are not"),
        ((np.diag([1.0, 1j]), [], (2,)), "`hamiltonian` must be Hermitian, but differs from its adjoint by 2"),
        ((EYE, [EYE, np.eye(3)], (2,)), "`jumps[1]` must have shape (2, 2)"),
        ((EYE, EYE, (2,)), "`jumps[0]` must have shape (2, 2), the product of `dims`, but has shape (2,)"),
        ((EYE, [[[0, np.inf], [0, 0]]], (2,)), "`jumps[0]` must be finite, but has entries that are not"),
        ((EYE, None, (2,)), "`jumps` must be a sequence, but is None"),
        ((EYE, [], 2), "`dims` must be a sequence, but is 2"),
        ((EYE, [], ()), "`dims` must hold at least one number of levels, but is empty"),
        ((EYE, [], (2, 0)), "`dims[1]` must be a whole number of at least 1, but is 0"),
        ((EYE, [], (2.5,)), "`dims[0]` must be a whole number of at least 1, but is 2.5"),
        ((EYE, [], (2,), ["a", "b"]), "`labels` must have one name for each of 1 subsystems, but has 2"),
        ((EYE, [], (2,), 7), "`labels` must be a sequence, but is 7"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(arguments, sentence):
    with pytest.raises(ValueError, match="Argument ") as caught:
        Lindblad(*arguments)
    assert sentence in str(caught.value)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
