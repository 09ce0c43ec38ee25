import numpy as np
import pytest

import compare
from compare.methods import METHODS
from compare.methods.fallbacks import FOKKER_PLANCK
from compare.methods.ladders import ENERGIES, POPULATIONS, RADIAL
from compare.systems.lorch2017 import KerrOscillators


def one(**changes):
    given = {"omega": [0.0], "kerr": 10.0, "coupling": [[0.0]], "n_plus": 2, "sigma": 0.2, **changes}
    return KerrOscillators(**given)


def pair(**changes):
    return KerrOscillators.pair(
        **{"detuning": 0.0, "coupling": 0.05, "kerr": 10.0, "n_plus": 2, "sigma": 0.2, **changes}
    )


def run(method, system, **settings):
    return method.run(system, method.settings(system, settings), 0, 1)


def test_populations_and_rates_of_the_ladder():
    result = run(POPULATIONS, one(gamma_plus=0.7), levels=8)
    n = np.arange(8.0)
    np.testing.assert_allclose(result["gain_rate"], 0.7 * n * 0.04 / ((n - 2) ** 2 + 0.04), rtol=1e-12)
    np.testing.assert_allclose(result["loss_rate"], n * 0.04 / ((n - 3) ** 2 + 0.04), rtol=1e-12)
    flow = result["population"][:-1] * result["gain_rate"][1:] - result["population"][1:] * result["loss_rate"][1:]
    assert abs(flow).max() < 1e-12


@pytest.mark.parametrize("dissipators", ["incoherent", "coherent"])
def test_rates_do_not_depend_on_the_kind_of_dissipators(dissipators):
    system = one(dissipators=dissipators, thermal_noise=0.1, bath_damping=0.05)
    result = run(POPULATIONS, system, levels=5)
    n = np.arange(5.0)
    np.testing.assert_allclose(result["gain_rate"], n * 0.04 / ((n - 2) ** 2 + 0.04) + 0.1 * n, rtol=1e-12)
    np.testing.assert_allclose(result["loss_rate"], n * 0.04 / ((n - 3) ** 2 + 0.04) + 0.15 * n, rtol=1e-12)


def test_energies_of_a_pair():
    energy = run(ENERGIES, pair(detuning=3.0), levels=4)["energy"]
    for n in range(4):
        for m in range(4):
            assert energy[n, m] == pytest.approx(1.5 * (n - m) - 10 * (n * (n - 1) + m * (m - 1)))


def test_radial_density_of_the_classical_equation_is_the_closed_form():
    # between reflecting walls P(|alpha|^2) ~ exp(-int Gamma / (gamma_T n_T))
    system = one(thermal_noise=0.1)
    result = run(RADIAL, system, bound=5.0, wall="reflecting", cells=400)
    x, density = result["number"], result["number_density"]
    well = 0.2 * (np.arctan((x - 3) / 0.2) - np.arctan((x - 2) / 0.2))
    ratio = density / np.exp(-well / 0.1)
    inner = (x > 1.5) & (x < 3.5)
    np.testing.assert_allclose(ratio[inner] / ratio[inner].mean(), 1.0, atol=2e-3)


def test_methods_refuse_the_wrong_number_of_oscillators():
    for method, system in ((POPULATIONS, pair()), (RADIAL, pair()), (ENERGIES, one())):
        with pytest.raises(ValueError, match="needs"):
            run(method, system)
    with pytest.raises(ValueError, match="`face` must be one of"):
        RADIAL.settings(one(), {"face": "quantum"})


def test_fallback_is_the_fokker_planck_state_where_there_is_one():
    settings = {"face": "wigner", "bound": 10.0, "wall": "reflecting", "cells": 20}
    expected = run(METHODS["fokker_planck"], pair(), **settings)
    found = run(FOKKER_PLANCK, pair(), **settings)
    np.testing.assert_array_equal(found["sync"], expected["sync"])


def test_fallback_takes_a_finer_grid_where_the_error_is_large():
    # a point of the validity map where 42 cells, the finest of three grids, miss S at a large detuning
    settings = {"face": "wigner", "bound": 20.0, "wall": "reflecting", "cells": 28, "harmonics": 3}
    system = pair(coupling=0.1, detuning=20.0, n_plus=4, sigma=2.138503, dissipators="coherent")
    coarse, found, fine = (
        run(method, system, **{**settings, "cells": cells})
        for method, cells in ((METHODS["fokker_planck"], 28), (FOKKER_PLANCK, 28), (METHODS["fokker_planck"], 35))
    )
    assert coarse["sync_grid_error"][0] > 0.05 * coarse["sync"][0]
    np.testing.assert_array_equal(found["sync"], fine["sync"])
    assert found["sync_grid_error"][0] < 0.02 * found["sync"][0]


def test_fallback_is_nan_where_there_is_none():
    # without a Kerr term amplitudes exchange quanta freely along the tail, which this grid does not resolve
    settings = {"face": "wigner", "bound": 14.0, "wall": "reflecting", "cells": 12, "harmonics": 3}
    system = pair(coupling=1.0, kerr=0.0, n_plus=4)
    with pytest.raises(RuntimeError, match="No leading state"):
        run(METHODS["fokker_planck"], system, **settings)
    ds = compare.sweep(system, None, {"wigner": {"method": "compare.methods.fallbacks:FOKKER_PLANCK", **settings}})
    assert np.isnan(ds["sync"].item())


def test_one_oscillator_of_a_pair():
    system = pair(n_plus=[2, 4], sigma=[0.2, 0.3], detuning=6.0)
    alone = system.alone(1)
    assert (alone.oscillators, alone.omega, alone.n_plus, alone.n_minus) == (1, (-3.0,), (4.0,), (5.0,))
    with pytest.raises(ValueError, match="below 2"):
        system.alone(2)


def test_axes_of_one_oscillator_take_its_loss_along():
    system = pair()
    assert system.vary(**{"n_plus[1]": 4.5}).n_minus == (3.0, 5.5)
    assert system.vary(**{"sigma[0]": 0.5}).sigma_minus == (0.5, 0.2)
    assert system.vary(**{"n_minus[1]": 9.0, "n_plus[1]": 4.5}).n_minus == (3.0, 9.0)
