"""What tests of the discrete truncated Wigner ensemble share: operators, systems, and the exact state of one site."""

import numpy as np
from scipy.linalg import expm

from langevin import SpinNetwork

LOWER = np.array([[0.0, 1.0], [0.0, 0.0]], dtype=complex)  # |down><up| in the basis down, up
RAISE = LOWER.T
S_PLUS = np.sqrt(2.0) * np.diag([1.0, 1.0], -1).astype(complex)
S_MINUS = S_PLUS.T


def transition(row, column, levels=3):
    """|row><column|."""
    return np.outer(np.eye(levels)[row], np.eye(levels)[column]).astype(complex)


def two_qubits(exchange, *, w_a=0.4, w_b=0.75, drive=0.3, size=1):
    """`size` qubits at each of two sites, Vaidya et al. 2024: exchange, gain and loss, drive on A."""
    jumps = [[np.sqrt(w) * RAISE, np.sqrt(1.0 - w) * LOWER] for w in (w_a, w_b)]
    strength = exchange / (2.0 * size) * np.array([[0.0, 1.0], [1.0, 0.0]])
    return SpinNetwork([0.5 * drive * (RAISE + LOWER), 0.0 * RAISE], jumps, (size, size), [(LOWER, strength)])


def spin_one(gamma_plus=0.5, asymmetry=0.0, drive=0.0, size=1, coupling=0.0):
    """One group of three-level oscillators, Nadolny and Bruder 2023."""
    hamiltonian = drive * (S_PLUS + S_MINUS) + asymmetry * transition(2, 2)
    jumps = [np.sqrt(gamma_plus) * transition(1, 0), transition(1, 2)]
    return SpinNetwork(hamiltonian, [jumps], (size,), [(S_MINUS, [[coupling / size]])] if coupling else [])


def random_state(levels, rng):
    """A density matrix of full rank."""
    a = rng.normal(size=(levels, levels)) + 1j * rng.normal(size=(levels, levels))
    return a @ a.conj().T / np.trace(a @ a.conj().T)


def liouvillian(hamiltonian, jumps):
    """Matrix of the master equation on row-major vectors of rho."""
    one = np.eye(len(hamiltonian))
    out = -1j * (np.kron(hamiltonian, one) - np.kron(one, hamiltonian.T))
    for c in jumps:
        rate = c.conj().T @ c
        out = out + np.kron(c, c.conj()) - 0.5 * (np.kron(rate, one) + np.kron(one, rate.T))
    return out


def evolved(hamiltonian, jumps, rho, time):
    """The density matrix at `time`."""
    return (expm(time * liouvillian(hamiltonian, jumps)) @ rho.ravel()).reshape(rho.shape)


def hermitian_basis(levels):
    """Hermitian matrices that span all, shape (d^2, d, d), of norm one."""
    out = [transition(n, n, levels) for n in range(levels)]
    for j in range(levels):
        for k in range(j):
            t = transition(j, k, levels)
            out += [(t + t.conj().T) / np.sqrt(2), 1j * (t - t.conj().T) / np.sqrt(2)]
    return np.array(out)
