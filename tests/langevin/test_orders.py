"""Orders in dt, strong on common Brownian paths and weak on moments, from halving the step: within 0.15 of those declared."""

import numpy as np
import pytest
from oscillators import model

import langevin

# Numbers of steps at which the next order is small: for paths, and, with trajectories (of sixteen oscillators each) enough
# to know it to 0.075, for moments. Plain explicit steps have to be short, or they explode.
RUNS = {
    ("euler", "additive"): ((64, 128, 256), (64, 128, 256), 2**13),
    ("euler", "polar"): ((128, 256, 512), (64, 128, 256), 2**15),
    ("exponential", "additive"): ((16, 32, 64), (16, 32, 64), 2**13),
    ("exponential", "polar"): ((128, 256, 512), (32, 64, 128), 2**14),
    ("heun", "additive"): ((32, 64, 128), (16, 32, 64), 2**15),
    ("heun", "polar"): ((128, 256, 512), (64, 128, 256), 2**16),
    ("splitting", "additive"): ((16, 32, 64), (8, 16, 32), 2**17),
    ("splitting", "polar"): ((128, 256, 512), (8, 16, 32), 2**17),
}
TIME = 2.0


def van_der_pol(scheme, kind):
    """Kerr rotation, nonlinear damping and a force; the noises do not commute where they are multiplicative."""
    noise = {"s": 0.2, "t": 0.2} if kind == "additive" else {"s": 0.05, "s_x": 0.1, "t": 0.3}
    strength = {"kerr": 0.8, "force_re": 1.0} if scheme == "splitting" else {"kerr": 0.4, "force_re": 0.2}
    return model(
        omega=np.full(16, 0.6), gamma=-1.0, eta=0.6, force_im=-0.3, kind=kind,
        calculus=langevin.SCHEMES[scheme].calculus, **strength, **noise,
    )  # fmt: skip


def on_common_paths(scheme, kind, steps, count):
    """Amplitudes from each number of steps, all on the Brownian paths of the finest; shape (steps, samples)."""
    system = van_der_pol(scheme, kind)
    start = np.full((count, 16), 0.8 + 0.3j)

    def run(n):
        return langevin.simulate(
            system, start, [0.0, TIME], dt=TIME / n, seed=5, scheme=scheme, burn_in=0.0, save=True, pairs=[],
            merged=steps[-1] // n,
        ).amplitudes[:, 1].ravel()  # fmt: skip

    return np.array([run(n) for n in steps])


def moments(alpha):
    square = alpha**2
    return np.array([alpha.real, alpha.imag, abs(square), square.real, square.imag])


def weak_order(alpha):
    """Order of the largest steps' bias in the first and second moments, and its standard error."""
    f = moments(alpha)
    change = f[:, :-1] - f[:, 1:]
    bias = np.linalg.norm(change.mean(axis=-1), axis=0)
    error = np.linalg.norm(change.std(axis=-1), axis=0) / np.sqrt(change.shape[-1]) / bias
    return np.log2(bias[0] / bias[1]), np.hypot(*error) / np.log(2.0)


@pytest.mark.parametrize(("scheme", "kind"), RUNS)
def test_measured_orders_are_those_declared(scheme, kind):
    declared, additive = langevin.SCHEMES[scheme], kind == "additive"
    path_steps, moment_steps, count = RUNS[scheme, kind]
    paths = on_common_paths(scheme, kind, path_steps, 2**8)
    distance = abs(paths[:-1] - paths[1:]).mean(axis=1)
    strong = np.log2(distance[0] / distance[1])
    weak, error = weak_order(on_common_paths(scheme, kind, moment_steps, count))
    assert abs(strong - (declared.strong_order_additive if additive else declared.strong_order_multiplicative)) < 0.15
    assert abs(weak - (declared.weak_order_additive if additive else declared.weak_order)) < 0.15
    assert error < 0.075


def test_merged_increments_follow_the_path_of_the_fine_ones():
    # drift-free additive noise: the end point is the sum of the increments, however they are merged; two oscillators
    system = model(s=[0.3, 0.1], t=[0.2, 0.4])
    ends = [
        langevin.simulate(
            system, np.zeros((100, 2)), [0.0, 1.0], dt=merged / 12, seed=1, burn_in=0.0, save=True, merged=merged
        ).amplitudes[:, 1]
        for merged in (1, 2, 3, 12)
    ]  # fmt: skip
    for other in ends[1:]:
        np.testing.assert_allclose(other, ends[0], rtol=1e-12)
    with pytest.raises(ValueError, match="Argument `noise` must be 'gaussian' where increments are merged"):
        langevin.simulate(system, np.zeros((1, 2)), [0.0, 1.0], dt=0.5, seed=1, noise="two-point", merged=2)
