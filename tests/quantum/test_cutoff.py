"""Extrapolation in the cutoff: exact limits, the published table, both kinds of convergence."""

import numpy as np
import pytest

from quantum.cutoff import extrapolate, refine
from quantum.lindblad import Lindblad


def centre_population(zoo, levels):
    """p_2 of the uncoupled oscillator at n_plus = 2: one over the sum of the Lorentzian up to the cutoff."""
    return 1.0 / zoo.lorentzian(np.arange(levels), 2, 0.2).sum()


def exact_centre_population():
    # sum_{m >= 0} s^2 / (m^2 + s^2) = (1 + pi s coth(pi s)) / 2, and the two levels below the centre
    s = 0.2
    upper = (1 + np.pi * s / np.tanh(np.pi * s)) / 2
    return 1.0 / (upper + s**2 / (1 + s**2) + s**2 / (4 + s**2))


@pytest.mark.parametrize("levels", [(8, 10, 12), (8, 10, 12, 16), (8, 10, 12, 16, 20), (10, 20, 40)])
def test_error_covers_an_algebraic_tail(zoo, levels):
    values = np.array([centre_population(zoo, n) for n in levels])
    limit, error, _ = extrapolate(np.array(levels), values)
    exact = exact_centre_population()
    assert abs(limit - exact) < error
    # and the error says something: it is not beyond what the last value alone is off by, given four cutoffs
    if len(levels) > 3:
        assert error < abs(values[-1] - exact)


def test_error_covers_exponential_convergence():
    levels = np.array([8, 10, 12, 16])
    limit, error, degree = extrapolate(levels, 1.0 + np.exp(-levels / 1.0))
    assert degree == 0
    assert abs(limit - 1.0) < error < 1e-4


def test_values_may_be_arrays():
    levels = np.array([4, 5, 8, 10, 16])
    columns = [1.0 + 2.0 / levels, np.full(5, 3.0), 0.5 - 1.0 / levels + 3.0 / levels**2]
    limit, error, _ = extrapolate(levels, np.stack(columns, axis=1))
    np.testing.assert_allclose(limit, [1.0, 3.0, 0.5], rtol=0, atol=1e-13)
    np.testing.assert_allclose(error, 0.0, rtol=0, atol=1e-13)


def test_sync_of_the_pair(zoo):
    # S at 8 .. 16 levels foretells the limit that 10 .. 28 levels give
    def measure(state):
        return zoo.sync(state.relative_phase_harmonics((0, 1)))

    low = refine(lambda n: zoo.pair(20.0, 0.05, n), measure, (8, 10, 12, 16))
    high = refine(lambda n: zoo.pair(20.0, 0.05, n), measure, (10, 14, 20, 28))
    assert abs(low.limit - high.limit) < low.error + high.error
    assert high.error < low.error < abs(low.values[-1] - high.limit)
    assert (np.diff(low.tail_population) < 0).all()
    assert (low.residual < 1e-12).all()
    assert low.levels.tolist() == [8, 10, 12, 16]


def test_driven_cavity_needs_no_extrapolation(zoo):
    def build(levels):
        a = zoo.lowering(levels)
        return Lindblad(0.3 * a.T @ a + 0.4 * (a + a.T), [a], (levels,))

    found = refine(build, lambda state: [state.mean_number(0), state.populations(0)[0]], (8, 10, 12, 14))
    number = 0.4**2 / (0.3**2 + 0.25)
    np.testing.assert_array_less(abs(found.limit - [number, np.exp(-number)]), found.error + 1e-13)
    assert found.error.max() < 1e-6


def test_bad_arguments(zoo):
    def build(n):
        return zoo.pair(1.0, 0.1, n)

    for levels in ((4, 5), (4, 4, 5), (5, 4, 3)):
        with pytest.raises(ValueError, match="at least three increasing cutoffs"):
            refine(build, lambda state: 0.0, levels)
    with pytest.raises(ValueError, match=r"`levels\[0\]` must be a whole number"):
        refine(build, lambda state: 0.0, (2.5, 3, 4))
    with pytest.raises(ValueError, match="`measure` must return the same shape"):
        refine(build, lambda state: state.populations(0), (3, 4, 5))
