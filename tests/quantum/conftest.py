"""Models that several tests of the quantum engine use, and slow, obvious ways to their solutions."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import linalg, sparse

from quantum.lindblad import Lindblad


def lowering(levels):
    return sparse.diags_array(np.sqrt(np.arange(1.0, levels)), offsets=1, dtype=complex).tocsr()


def place(operator, j, dims):
    before, after = int(np.prod(dims[:j])), int(np.prod(dims[j + 1 :]))
    return sparse.kron(sparse.kron(sparse.eye_array(before), operator), sparse.eye_array(after)).tocsr()


def lorentzian(n, centre, width):
    return width**2 / ((n - centre) ** 2 + width**2)


def network(omega, kerr, coupling, n_plus, sigma, levels, gamma_plus=1.0, gamma_minus=1.0, coherent=False):
    """Loerch et al., PRL 118, 243602 (2017), Eqs. (1)-(4), n_minus = n_plus + 1."""
    count = len(omega)
    dims = (levels,) * count
    kerr, n_plus, sigma, up, down = (
        np.broadcast_to(np.asarray(v, float), count) for v in (kerr, n_plus, sigma, gamma_plus, gamma_minus)
    )
    n = np.arange(levels)
    a = [place(lowering(levels), j, dims) for j in range(count)]
    hamiltonian, jumps = sparse.csr_array((levels**count,) * 2, dtype=complex), []
    for j in range(count):
        energy = sparse.diags_array((omega[j] * n - kerr[j] * n * (n - 1)).astype(complex))
        hamiltonian = hamiltonian + place(energy, j, dims)
        for k in range(count):
            if coupling[j][k] != 0:
                hamiltonian = hamiltonian + coupling[j][k] * (a[j].T @ a[k])
        ladders = [[], []]
        for m in range(1, levels):
            step = sparse.csr_array(([1.0], ([m], [m - 1])), shape=(levels, levels))
            ladders[0].append(np.sqrt(up[j] * m * lorentzian(m, n_plus[j], sigma[j])) * place(step, j, dims))
            ladders[1].append(np.sqrt(down[j] * m * lorentzian(m, n_plus[j] + 1, sigma[j])) * place(step.T, j, dims))
        jumps += [sum(ladder) for ladder in ladders] if coherent else ladders[0] + ladders[1]
    return Lindblad(hamiltonian, jumps, dims)


def pair(detuning, coupling, levels=10, kerr=10.0, **more):
    """The pair of Fig. 2(b)."""
    return network([detuning / 2, -detuning / 2], kerr, [[0, coupling], [coupling, 0]], 2, 0.2, levels, **more)


def asymmetric_pair(levels=5, coherent=False):
    coupling = [[0, 0.3 + 0.2j], [0.3 - 0.2j, 0]]
    return network([3, -4], [5, 7], coupling, [1, 2], [0.2, 0.5], levels, [1, 0.7], [0.8, 1.3], coherent)


def ring(levels, detuning, coupling=0.5):
    """The ring A-B-D-C-A of Fig. 5."""
    c = np.zeros((4, 4))
    for j, k in ((0, 1), (1, 3), (3, 2), (2, 0)):
        c[j, k] = c[k, j] = coupling
    return network([detuning, 0, 0, detuning], 10.0, c, 1, 0.2, levels)


def three_ring():
    c = np.zeros((3, 3), dtype=complex)
    c[0, 1], c[1, 2], c[0, 2] = 0.3 + 0.1j, 0.2 - 0.4j, 0.25j
    return network([3, -4, 1], [5, 7, 6], c + c.conj().T, 1, [0.2, 0.5, 0.3], 3)


def driven_van_der_pol(levels=15, detuning=0.3, drive=0.5, loss=0.1):
    """H = detuning a^+ a + i drive (a^+ - a), gain 1, two-quantum loss: no symmetry."""
    a = lowering(levels)
    return Lindblad(detuning * a.T @ a + 1j * drive * (a.T - a), [a.T, np.sqrt(loss) * a @ a], (levels,))


def two_spins():
    """Two spin-1 limit cycles with exchange coupling: gain and damping towards the equator."""
    plus = np.diag(np.sqrt([2.0, 2.0]), 1)
    z, one = np.diag([1.0, 0.0, -1.0]), np.eye(3)
    gain, damping = plus @ z, plus.T @ z
    exchange = 0.3 * np.kron(plus, plus.T)
    hamiltonian = 0.5 * np.kron(z, one) - 0.5 * np.kron(one, z) + exchange + exchange.T
    jumps = [np.kron(gain, one), 0.6 * np.kron(damping, one), 0.5 * np.kron(one, gain), np.kron(one, damping)]
    return Lindblad(hamiltonian, jumps, (3, 3))


def liouvillian(model):
    """Dense generator on row-major vectorised density matrices."""
    one, h = np.eye(model.dimension), model.hamiltonian.toarray()
    out = -1j * (np.kron(h, one) - np.kron(one, h.T))
    for jump in model.jumps:
        j = jump.toarray()
        rate = j.conj().T @ j
        out += np.kron(j, j.conj()) - 0.5 * (np.kron(rate, one) + np.kron(one, rate.T))
    return out


def sync(harmonics):
    """S = max over phi of sum_{k != 0} c_k e^{ik phi}: a fine grid, then Newton steps."""
    k = np.arange(1, harmonics.size)
    grid = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    terms = np.exp(1j * np.outer(grid, k)) * harmonics[1:]
    phi = grid[terms.sum(axis=1).real.argmax()]
    for _ in range(6):
        term = np.exp(1j * k * phi) * harmonics[1:]
        phi -= (1j * k * term).sum().real / (-(k**2) * term).sum().real
    return 2 * (np.exp(1j * k * phi) * harmonics[1:]).sum().real


MODELS = {
    "pair": lambda: asymmetric_pair(4),
    "coherent pair": lambda: asymmetric_pair(4, coherent=True),
    "van der Pol": driven_van_der_pol,
    "spins": two_spins,
    "three-ring": three_ring,
}


@pytest.fixture(scope="session")
def zoo():
    """The builders above by name."""
    return SimpleNamespace(
        network=network, pair=pair, asymmetric_pair=asymmetric_pair, ring=ring, three_ring=three_ring,
        driven_van_der_pol=driven_van_der_pol, two_spins=two_spins, liouvillian=liouvillian, sync=sync,
        lowering=lowering, lorentzian=lorentzian,
    )  # fmt: skip


@pytest.fixture(scope="session", params=MODELS)
def model(request):
    """Each of the models that are checked against QuTiP."""
    return MODELS[request.param]()


@pytest.fixture(scope="session")
def step(model):
    """exp(L / 2) of each of these models, from the full generator."""
    return linalg.expm(0.5 * liouvillian(model))


@pytest.fixture(scope="session")
def qutip_model():
    """Return H and collapse operators of a model as QuTiP takes them."""
    qutip = pytest.importorskip("qutip")

    def convert(model):
        return qutip.Qobj(model.hamiltonian.toarray()), [qutip.Qobj(jump.toarray()) for jump in model.jumps]

    return convert
