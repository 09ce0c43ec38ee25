import numpy as np
import pytest
from scipy import stats

from quantum.jumps.streams import philox, stream_key, uniform_pair


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [  # Random123, examples/kat_vectors, philox4x32 10 rounds
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_known_answers(counter, key, expected):
    assert tuple(int(w) for w in philox(*(np.uint64(c) for c in counter), *(np.uint64(k) for k in key))) == expected


def test_uniforms_stay_in_the_open_interval_and_are_uniform():
    key = stream_key(5, "test")
    u = np.array([uniform_pair(key, trajectory, draw) for trajectory in range(100) for draw in range(200)])
    assert u.min() > 0.0
    assert u.max() < 1.0
    assert np.unique(u).size == u.size  # 52 bits: a repeat among 40 000 has probability 2e-7
    for column in u.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-4
    # the two of a pair, neighbouring draws and neighbouring trajectories are uncorrelated: |r| < 5 / sqrt(n)
    grid = u[:, 0].reshape(100, 200)
    for a, b in ((u[:, 0], u[:, 1]), (grid[:, 1:], grid[:, :-1]), (grid[1:], grid[:-1])):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 5.0 / np.sqrt(a.size)


def test_key_depends_on_seed_and_purpose():
    keys = [tuple(stream_key(*a)) for a in ((1, "jumps"), (2, "jumps"), (1, "start"), (2**70, "jumps"))]
    assert len(set(keys)) == 4
    child = np.random.SeedSequence(1).spawn(1)[0]
    assert tuple(stream_key(child, "jumps")) not in keys
    assert tuple(stream_key(np.random.SeedSequence(1), "jumps")) == keys[0]


@pytest.mark.parametrize("seed", [-1, 1.5, None, True, "a"])
def test_bad_seed(seed):
    with pytest.raises(ValueError, match="Argument `seed`"):
        stream_key(seed, "jumps")
