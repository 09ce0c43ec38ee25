import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from quantum import operators as op
from quantum.lindblad import Lindblad
from quantum.sectors import find_sectors


def network(edges, oscillators, levels, *, coherent=False):
    """Kerr oscillators with ladder jumps on the edges of a graph: the structure of Lörch et al. 2017, Eqs. (1), (2)."""
    dims = (levels,) * oscillators
    a = [op.embed(op.destroy(levels), j, dims) for j in range(oscillators)]
    h = sum((0.1 * (a[j].T @ a[k] + a[k].T @ a[j]) for j, k in edges), 0.3 * (a[0].T @ a[0]))
    if coherent:
        return Lindblad(h, [*a, *(x.T for x in a)], dims)
    steps = itertools.product(range(oscillators), range(1, levels))
    down = [op.embed(op.projector(n - 1, n, levels), j, dims) for j, n in steps]
    return Lindblad(h, [*down, *(x.T for x in down)], dims)


def check_partition(model):
    """Every promise of `Sectors`, by brute force on dense matrices."""
    sectors = model.sectors
    everything = np.concatenate(sectors.states)
    np.testing.assert_array_equal(np.sort(everything), np.arange(model.dimension))
    lowest = [members[0] for members in sectors.states]
    assert lowest == sorted(lowest)
    np.testing.assert_array_equal(sectors.sizes, [members.size for members in sectors.states])
    for s, members in enumerate(sectors.states):
        assert (np.diff(members) > 0).all()
        assert (sectors.of_state[members] == s).all()
        np.testing.assert_array_equal(sectors.position[members], np.arange(members.size))
    row, col = np.nonzero(model.effective_hamiltonian.toarray())
    np.testing.assert_array_equal(sectors.of_state[row], sectors.of_state[col])
    for c, jump in enumerate(model.jumps):
        for s, members in enumerate(sectors.states):
            image = set(sectors.of_state[np.nonzero(jump.toarray()[:, members])[0]])
            assert image == ({sectors.target[c, s]} if sectors.target[c, s] >= 0 else set())


@pytest.mark.parametrize("coherent", [False, True])
def test_a_pair_at_ten_levels_has_the_total_number_as_its_sectors(coherent):
    model = network([(0, 1)], 2, 10, coherent=coherent)
    check_partition(model)
    total = model.levels_of(0) + model.levels_of(1)
    np.testing.assert_array_equal(model.sectors.of_state, total)
    assert (model.sectors.sizes**2).sum() == 670


def test_a_ring_of_four_at_four_levels_has_8092_unknowns():
    model = network([(0, 1), (1, 2), (2, 3), (3, 0)], 4, 4)
    assert (model.sectors.sizes**2).sum() == 8092
    np.testing.assert_array_equal(model.sectors.of_state, sum(model.levels_of(j) for j in range(4)))


def test_exchange_between_spins_conserves_their_total_projection():
    dims = (3, 4)  # S = 1 and S = 3/2
    plus = [op.embed(op.spin_plus(1), 0, dims), op.embed(op.spin_plus(1.5), 1, dims)]
    z = [op.embed(op.spin_z(1), 0, dims), op.embed(op.spin_z(1.5), 1, dims)]
    h = z[0] + 0.2 * (z[0] @ z[1]) + 0.5j * (plus[0] @ plus[1].T) - 0.5j * (plus[1] @ plus[0].T)
    model = Lindblad(h, [plus[0], plus[1].T, z[1]], dims)
    check_partition(model)
    projection = (z[0] + z[1]).diagonal().real
    assert model.sectors.sizes.tolist() == [1, 2, 3, 3, 2, 1]
    for members in model.sectors.states:
        assert np.unique(projection[members]).size == 1


def test_a_purely_imaginary_coupling_connects_states():
    model = Lindblad([[0, 1j], [-1j, 0]], [], (2,))
    assert model.sectors.sizes.tolist() == [2]


def test_a_driven_oscillator_has_no_symmetry_and_one_sector():
    a = op.destroy(8)
    model = Lindblad(a.T @ a + 0.1 * (a + a.T), [a], (8,))
    check_partition(model)
    assert model.sectors.sizes.tolist() == [8]
    assert model.sectors.target.tolist() == [[0]]


def test_two_quantum_drive_leaves_parity():
    a = op.destroy(7)
    model = Lindblad(a @ a + a.T @ a.T, [a], (7,))
    check_partition(model)
    np.testing.assert_array_equal(model.sectors.of_state, np.arange(7) % 2)
    assert model.sectors.target.tolist() == [[1, 0]]


def test_a_jump_that_spreads_a_sector_merges_what_it_reaches():
    # H is diagonal; the jump |1> + |2> <- |0> makes a superposition, so that 1 and 2 belong together, 3 stays alone
    jump = np.zeros((4, 4))
    jump[[1, 2], 0] = 1.0
    model = Lindblad(np.diag([0.0, 1.0, 2.0, 3.0]), [jump], (4,))
    check_partition(model)
    assert [members.tolist() for members in model.sectors.states] == [[0], [1, 2], [3]]
    assert model.sectors.target.tolist() == [[1, -1, -1]]


def test_merging_by_one_jump_forces_merging_by_another():
    # 0 -> {1, 2} merges 1 and 2; only then does the second jump, 1 -> 3 and 2 -> 4, spread a sector over 3 and 4, and
    # only then the third, 3 -> 5 and 4 -> 6
    first, second, third = np.zeros((3, 7, 7))
    first[[1, 2], 0] = 1.0
    second[3, 1] = second[4, 2] = 1.0
    third[5, 3] = third[6, 4] = 1.0
    for order in itertools.permutations([first, second, third]):
        model = Lindblad(np.zeros((7, 7)), order, (7,))
        check_partition(model)
        assert [members.tolist() for members in model.sectors.states] == [[0], [1, 2], [3, 4], [5, 6]]


def test_jumps_that_interfere_merge_through_the_decay_although_h_does_not():
    # L = |0><1| + |0><2| has L^+ L that couples 1 and 2
    jump = np.zeros((3, 3))
    jump[0, 1:] = 1.0
    model = Lindblad(np.diag([0.0, 1.0, 2.0]), [jump], (3,))
    assert [members.tolist() for members in model.sectors.states] == [[0], [1, 2]]


def test_disconnected_systems_stay_apart():
    # two two-level systems side by side in one space, nothing between them
    h = np.zeros((4, 4))
    h[0, 2] = h[2, 0] = h[1, 3] = h[3, 1] = 1.0
    model = Lindblad(h, [np.diag([1.0, 2.0, 3.0, 4.0])], (4,))
    check_partition(model)
    assert [members.tolist() for members in model.sectors.states] == [[0, 2], [1, 3]]
    assert model.sectors.target.tolist() == [[0, 1]]


def test_nothing_at_all_leaves_every_state_alone():
    model = Lindblad(np.zeros((3, 3)), [], (3,))
    check_partition(model)
    assert model.sectors.sizes.tolist() == [1, 1, 1]
    assert model.sectors.target.shape == (0, 3)


def finest(heff, jumps):
    """The slow obvious way: merge pairs of labels until nothing is left to merge."""
    label = list(range(heff.shape[0]))

    def merge(i, j):
        old, new = label[i], label[j]
        label[:] = [new if x == old else x for x in label]

    for i, j in zip(*np.nonzero(heff), strict=True):
        merge(i, j)
    changed = True
    while changed:
        changed = False
        for jump in jumps:
            entries = list(zip(*np.nonzero(jump), strict=True))
            for (i, k), (j, m) in itertools.combinations(entries, 2):
                if label[k] == label[m] and label[i] != label[j]:
                    merge(i, j)
                    changed = True
    return label


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 9), count=st.integers(0, 3), density=st.floats(0.02, 0.3))
def test_the_partition_is_the_finest_and_does_not_depend_on_the_order_of_the_basis(seed, size, count, density):
    rng = np.random.default_rng(seed)
    heff = (rng.random((size, size)) < density).astype(complex)
    jumps = [(rng.random((size, size)) < density).astype(complex) for _ in range(count)]
    found = find_sectors(sparse.csr_array(heff), [sparse.csr_array(jump) for jump in jumps])
    label = np.array(finest(heff, jumps))
    same = label[:, None] == label
    np.testing.assert_array_equal(found.of_state[:, None] == found.of_state, same)
    order = rng.permutation(size)
    turned = find_sectors(
        sparse.csr_array(heff[np.ix_(order, order)]), [sparse.csr_array(jump[np.ix_(order, order)]) for jump in jumps]
    )
    np.testing.assert_array_equal(turned.of_state[:, None] == turned.of_state, same[np.ix_(order, order)])
