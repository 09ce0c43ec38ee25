"""Eq. (5) of Lörch et al. 2017 for a pair, one trajectory after the other: what one writes first, and writes well.

The yardstick of test_langevin_benchmarks.py: a compiled scalar loop over the scheme of the engine's "exponential" (damping,
kick and coupling explicit, rotation exact). Its normal numbers come from `numpy.random.normal`, as in most such loops, or
from a `numpy.random.Generator`, which is more than twice as fast and not what one finds.
"""

import math

import numpy as np
from numba import njit


@njit(nogil=True)
def damping(x, gain, loss, n_plus, n_minus, width):
    """Gamma of Eq. (5), width = sigma^2."""
    return loss * width / ((x - n_minus) ** 2 + width) - gain * width / ((x - n_plus) ** 2 + width)


@njit(nogil=True)
def normal(random):
    """A normal number, of `random` if there is one."""
    if random is None:
        return np.random.normal()  # noqa: NPY002
    return random.standard_normal()


@njit(nogil=True)
def trajectories(start, steps, samples, dt, omega, kerr, n_plus, n_minus, width, noise, coupling, random, k_max):
    """Sums of e^{-ik(phi_1 - phi_2)} (k = 1 .. k_max) and of |alpha_j|^2 over `samples` samples of each row of `start`."""
    harmonics, numbers = np.zeros(k_max, np.complex128), np.zeros(2)
    kick = math.sqrt(0.5 * noise * dt)
    alpha, pushed = np.empty(2, np.complex128), np.empty(2, np.complex128)
    for m in range(start.shape[0]):
        alpha[:] = start[m]
        for _ in range(samples):
            for _ in range(steps):
                for j in range(2):
                    a = alpha[j]
                    x = a.real * a.real + a.imag * a.imag
                    factor = math.exp(-0.5 * dt * damping(x, 1.0, 1.0, n_plus, n_minus, width))
                    increment = complex(normal(random), normal(random))
                    pushed[j] = factor * a + kick * increment - 1j * coupling * dt * alpha[1 - j]
                for j in range(2):
                    u = pushed[j]
                    angle = dt * (omega[j] - 2.0 * kerr * (u.real * u.real + u.imag * u.imag))
                    alpha[j] = u * complex(math.cos(angle), -math.sin(angle))
            wave = alpha[0].conjugate() * alpha[1]
            wave /= abs(wave)
            power = 1.0 + 0.0j
            for k in range(k_max):
                power *= wave
                harmonics[k] += power
            for j in range(2):
                numbers[j] += alpha[j].real ** 2 + alpha[j].imag ** 2
    return harmonics, numbers
