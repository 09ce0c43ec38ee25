import sys

import numpy as np
import pytest
import qutip

from quantum import operators as op
from quantum.density import Density
from quantum.interop import from_qutip, to_qutip
from quantum.lindblad import Lindblad


def pair():
    """Operators in QuTiP of a mode and a spin-1/2, unequal in everything, with a complex coupling."""
    a = qutip.tensor(qutip.destroy(5), qutip.qeye(2))
    s = qutip.tensor(qutip.qeye(5), qutip.sigmam())
    c = 0.3 + 0.4j
    return 1.3 * a.dag() * a - 0.7 * s.dag() * s + c * a.dag() * s + np.conj(c) * s.dag() * a, [0.5 * a, 0.9 * s]


def test_a_model_goes_to_qutip_and_back_without_losing_a_bit():
    h, c_ops = pair()
    model = from_qutip(h, c_ops, labels=["mode", "spin"])
    assert model.dims == (5, 2)
    assert model.labels == ("mode", "spin")
    np.testing.assert_array_equal(model.hamiltonian.toarray(), h.full())
    h_back, c_back = to_qutip(model)
    assert h_back.dims == h.dims
    np.testing.assert_array_equal(h_back.full(), h.full())
    for ours, theirs in zip(c_back, c_ops, strict=True):
        assert ours.dims == theirs.dims
        np.testing.assert_array_equal(ours.full(), theirs.full())


def test_the_generators_of_the_two_are_equal():
    h, c_ops = pair()
    model = from_qutip(h, c_ops)
    rng = np.random.default_rng(3)
    rho = rng.normal(size=(10, 10)) + 1j * rng.normal(size=(10, 10))
    heff = model.effective_hamiltonian
    ours = -1j * (heff @ rho - rho @ heff.conj().T.toarray())
    ours = ours + sum(jump @ rho @ jump.conj().T.toarray() for jump in model.jumps)
    theirs = qutip.liouvillian(h, c_ops)(qutip.Qobj(rho, dims=h.dims)).full()
    np.testing.assert_allclose(ours, theirs, atol=1e-13)


def test_any_storage_of_qutip_is_taken_and_a_single_jump_needs_no_list():
    a = qutip.destroy(4)
    for storage in ("CSR", "Dense", "Dia"):
        model = from_qutip((a.dag() * a).to(storage), a.to(storage))
        np.testing.assert_array_equal(model.jumps[0].toarray(), op.destroy(4).toarray())
    assert from_qutip(a + a.dag()).jumps == ()


def test_a_density_matrix_becomes_a_qobj_with_its_dims_and_a_stack_an_array_of_them():
    rng = np.random.default_rng(4)
    rows, cols = np.divmod(np.arange(36), 6)
    density = Density((2, 3), rows, cols, rng.normal(size=(2, 4, 36)) + 1j * rng.normal(size=(2, 4, 36)))
    states = to_qutip(density)
    assert states.shape == (2, 4)
    assert states[1, 2].dims == [[2, 3], [2, 3]]
    np.testing.assert_array_equal(states[1, 2].full(), density.dense()[1, 2])
    single = to_qutip(Density((2, 3), rows, cols, density.values[0, 0]))
    np.testing.assert_array_equal(single.full(), density.dense()[0, 0])


@pytest.mark.parametrize("call", [lambda: from_qutip(None), lambda: to_qutip(Lindblad(np.eye(2), [], (2,)))])
def test_without_qutip_one_sentence_says_how_to_get_it(call, monkeypatch):
    monkeypatch.setitem(sys.modules, "qutip", None)  # what Python itself does for a module that must not be imported
    with pytest.raises(
        ImportError, match=r"needs QuTiP, which is not installed; .* pip install 'syncblockade\[qutip\]'"
    ):
        call()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: from_qutip(np.eye(2)), "`H` must be a qutip.Qobj, but is a ndarray"),
        (lambda: from_qutip(qutip.basis(2, 0)), "`H` must be an operator from a space to itself, but is of type 'ket'"),
        (lambda: from_qutip(qutip.liouvillian(qutip.qeye(2))), "but is of type 'super'"),
        (
            lambda: from_qutip(qutip.QobjEvo([[qutip.qeye(2), lambda t: t]])),
            "`H` must be a qutip.Qobj, but is a QobjEvo",
        ),
        (lambda: from_qutip(qutip.qeye(2), [qutip.qeye(3)]), "`c_ops[0]` must have the dimensions (2,) of `H`"),
        (lambda: from_qutip(qutip.qeye(2), [1]), "`c_ops[0]` must be a qutip.Qobj, but is a int"),
        (lambda: from_qutip(qutip.qeye(2), None), "`c_ops` must be a sequence of qutip.Qobj, but is None"),
        (lambda: from_qutip(qutip.destroy(3)), "`hamiltonian` must be Hermitian"),
        (lambda: from_qutip(qutip.qeye(2), labels=["a", "b"]), "`labels` must have one name for each of 1 subsystems"),
        (lambda: to_qutip(np.eye(2)), "`value` must be a Lindblad or a Density, but is a ndarray"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call, sentence):
    with pytest.raises(ValueError, match="Argument ") as caught:
        call()
    assert sentence in str(caught.value)
