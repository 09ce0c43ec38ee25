"""Amplitudes that decay towards zero get there: denormal numbers, slow on x86, do not appear, and only inside the kernels."""

import platform
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numba import njit
from oscillators import model

import langevin
from langevin.lanes import flush_denormals, restore_denormals

x86 = pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="only x86 is slow and is set")


@x86
@pytest.mark.parametrize("scheme", ["exponential", "heun"])
def test_a_decayed_amplitude_is_zero(scheme):
    # |alpha| falls by 1.4 e^-25 per unit of time: below 2.2e-308 after 28.4
    times = 0.1 * np.arange(401)
    runs = langevin.simulate(
        model(gamma=50.0), np.full((2, 1), 1.4), times, dt=0.01, seed=1, scheme=scheme, burn_in=0.0, save=True
    )
    size = abs(runs.amplitudes[:, :, 0])
    assert (size[:, times < 27.0] > 0.0).all()
    assert (size[:, times > 31.0] == 0.0).all()
    # a denormal number would stay one: 5e-324 times the decay of a step rounds to 5e-324
    assert size[size > 0.0].min() > 2.2e-308
    assert np.isfinite(runs.harmonics).all()


def test_numbers_outside_of_the_kernels_keep_their_denormals():
    @njit
    def begin():
        return flush_denormals()

    @njit
    def begin_and_end():
        restore_denormals(flush_denormals())

    def product(function):
        """What 1e-310 is after a call in a thread of its own, since the mode belongs to a thread."""
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: (function(), np.float64(1e-300) * np.float64(1e-10))[1]).result()

    assert product(begin_and_end) == 1e-310
    if platform.machine().lower() in ("x86_64", "amd64"):
        assert product(begin) == 0.0
