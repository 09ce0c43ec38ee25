"""The random streams: published generators, the right increments, and nothing shared between trajectories."""

import numpy as np
import pytest
from numba import njit
from scipy import stats

from langevin import streams
from langevin.lanes import LANES, pointer


def draws(name, count, first=0):
    """Increments of 64 trajectories, shape (count, 2 components, LANES)."""
    draw = streams.NOISES[name]

    @njit
    def fill(state, out):
        random = (pointer(state), pointer(state))
        for i in range(out.shape[0]):
            draw(random, pointer(out[i, 0]), pointer(out[i, 1]))

    out = np.empty((count, 2, LANES))
    fill(streams.start_states(1, "langevin", first, LANES), out)
    return out


@pytest.fixture(scope="module")
def gaussian():
    return draws("gaussian", 20_000)


# --- the published generators -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        # Random123, tests/kat_vectors, "philox4x32 10"
        ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_philox_gives_the_known_answers(counter, key, expected):
    counter, key, expected = ([int(word, 16) for word in text.split()] for text in (counter, key, expected))
    result = streams.philox4x32(np.array(counter, np.uint64)[:, None], np.array(key, np.uint32))
    assert result[:, 0].tolist() == expected


def xoshiro128plusplus(state, count):
    """The published algorithm on Python integers."""
    s, mask, out = [int(word) for word in state], 0xFFFFFFFF, []
    for _ in range(count):
        total = (s[0] + s[3]) & mask
        out.append(((total << 7 | total >> 25) + s[0]) & mask)
        shifted = (s[1] << 9) & mask
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = (s[3] << 11 | s[3] >> 21) & mask
    return out


def test_the_plain_xoshiro_gives_the_known_answers():
    # first words from the state (1, 2, 3, 4), of the authors' C code
    expected = [641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295]
    assert xoshiro128plusplus([1, 2, 3, 4], 8) == expected


def test_every_lane_is_xoshiro():
    @njit
    def words(state, out):
        for i in range(0, out.shape[0], 3):
            streams.next_words(pointer(state), pointer(out[i]))
            streams.next_word_pairs(pointer(state), pointer(out[i + 1]), pointer(out[i + 2]))

    state, out = streams.start_states(7, "langevin", 100, LANES), np.empty((501, LANES), np.int32)
    expected = np.array([xoshiro128plusplus(column, 501) for column in state.T]).T
    words(state, out)
    np.testing.assert_array_equal(out.view(np.uint32), expected)


# --- streams are functions of (seed, purpose, trajectory) -------------------------------------------------------------


def test_no_two_trajectories_share_a_start_state():
    states = streams.start_states(1, "langevin", 0, 300_000)
    assert np.unique(states, axis=1).shape[1] == 300_000
    assert states.any(axis=0).all()


def test_a_stream_does_not_depend_on_the_chunk_that_asks_for_it():
    whole = streams.start_states(1, "langevin", 0, 1000)
    parts = [streams.start_states(1, "langevin", first, 100) for first in range(0, 1000, 100)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)
    # beyond 32 bits the trajectory number goes on in the next word of the counter
    beyond = streams.start_states(1, "langevin", 2**32, 10)
    assert not (beyond == whole[:, :10]).all(axis=0).any()


@pytest.mark.parametrize(
    "other",
    [(2, "langevin"), ([1, 0, 2], "langevin"), (1, "wigner"), (np.random.SeedSequence(1, spawn_key=(3,)), "langevin")],
)
def test_seeds_and_purposes_have_their_own_streams(other):
    ours, theirs = (streams.start_states(*which, 0, 10_000) for which in ((1, "langevin"), other))
    assert np.unique(np.concatenate([ours, theirs], axis=1), axis=1).shape[1] == 20_000


def test_equal_seeds_are_equal_however_they_are_written():
    for same in ([5], np.int64(5), np.random.SeedSequence(5)):
        np.testing.assert_array_equal(streams.stream_key(same, "x"), streams.stream_key(5, "x"))


@pytest.mark.parametrize("seed", [-1, 1.5, True, [], [1, -1], "a", None])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(ValueError, match="Argument `seed` must be"):
        streams.stream_key(seed, "langevin")


# --- increments -------------------------------------------------------------------------------------------------------


def test_normal_numbers_are_normal(gaussian):
    sample = gaussian.ravel()
    for power, moment in enumerate([0, 1, 0, 3, 0, 15], start=1):
        values = sample**power
        spread = stats.norm.moment(2 * power) - moment**2
        assert abs(values.mean() - moment) < 4.0 * np.sqrt(spread / sample.size)
    assert stats.kstest(sample, "norm").pvalue > 1e-3
    # far tails, where Box and Muller would show coarse uniforms
    tail = 2.0 * stats.norm.sf(4.5)
    assert abs((abs(sample) > 4.5).mean() - tail) < 4.0 * np.sqrt(tail / sample.size)
    assert abs(sample).max() < 6.8


def test_phases_of_normal_pairs_are_uniform(gaussian):
    angle = np.arctan2(gaussian[:, 1], gaussian[:, 0]).ravel()
    assert stats.kstest(angle, "uniform", (-np.pi, 2 * np.pi)).pvalue > 1e-3


@pytest.mark.parametrize("function", [lambda z: z, np.square], ids=["numbers", "squares"])
def test_normal_numbers_are_uncorrelated(gaussian, function):
    values = function(gaussian)
    values = (values - values.mean()) / values.std()
    count = len(values)

    def largest(products):
        """Largest correlation in standard errors."""
        return abs(products.mean(axis=0)).max() * np.sqrt(count)

    # expected maximum of n normal numbers, plus room: 5.0 for the 8128 pairs of columns, 4.5 for a hundred
    columns = values.reshape(count, -1)
    correlation = columns.T @ columns / count - np.eye(columns.shape[1])
    assert abs(correlation - np.diag(np.diag(correlation))).max() * np.sqrt(count) < 5.0
    for lag in (1, 2, 3, 17):
        assert largest(columns[lag:] * columns[:-lag]) < 4.5
        assert largest(values[lag:, 0] * values[:-lag, 1]) < 4.5


def test_different_ensembles_of_numbers_are_uncorrelated(gaussian):
    beyond = draws("gaussian", 20_000, first=LANES)
    assert abs((gaussian * beyond).mean(axis=0)).max() * np.sqrt(20_000) < 4.5


@pytest.mark.parametrize(
    ("name", "points", "probabilities"),
    [
        ("two-point", [-1.0, 1.0], [1 / 2, 1 / 2]),
        ("three-point", [-np.sqrt(3), 0.0, np.sqrt(3)], [1 / 6, 2 / 3, 1 / 6]),
    ],
)
def test_discrete_increments_have_their_points_and_no_correlations(name, points, probabilities):
    sample = draws(name, 20_000)
    # the joint table of (component 1, component 2, next component 1) against the product of the probabilities
    index = np.searchsorted(np.array(points) - 1e-12, sample) - 1
    np.testing.assert_array_equal(np.array(points)[index], sample)
    n = len(points)
    cell = (index[:-1, 0] * n + index[:-1, 1]) * n + index[1:, 0]
    counts = np.bincount(cell.ravel(), minlength=n**3)
    expected = np.einsum("i,j,k->ijk", probabilities, probabilities, probabilities).ravel() * counts.sum()
    assert stats.chisquare(counts, expected).pvalue > 1e-3
    columns = sample.reshape(len(sample), -1)
    correlation = columns.T @ columns / len(columns) - np.eye(2 * LANES)
    # diagonal included: the variance of each is one
    assert abs(correlation).max() * np.sqrt(len(columns)) < (5.0 if name == "two-point" else 5.0 * np.sqrt(2.0))
