from types import SimpleNamespace

import numpy as np
import pytest

import compare
from compare.networks import chain, coupling_from_graph, lattice, ring
from compare.systems.lorch2017 import KerrOscillators


class Graph:
    """What `coupling_from_graph` needs of a graph, in the shape that networkx gives it."""

    def __init__(self, nodes, edges, directed=False):
        self.nodes = nodes
        self._edges = edges
        self._directed = directed

    def edges(self, data=False):
        assert data
        return self._edges

    def is_directed(self):
        return self._directed


def test_graph_in_the_order_of_its_nodes():
    graph = Graph(["b", "a", "c"], [("a", "b", {"weight": 2.0}), ("c", "a", {})])
    expected = [[0, 1.0, 0], [1.0, 0, 0.5], [0, 0.5, 0]]
    np.testing.assert_array_equal(coupling_from_graph(graph, 0.5).toarray(), expected)
    system = KerrOscillators(
        omega=np.zeros(3), kerr=1.0, coupling=coupling_from_graph(graph, 0.5j), n_plus=1, sigma=0.2
    )
    assert system.coupling[0][1] == 1j
    assert system.coupling[1][0] == -1j


def test_graph_of_networkx():
    networkx = pytest.importorskip("networkx")
    for graph, matrix in (
        (networkx.path_graph(5), chain(5, 0.3)),
        (networkx.cycle_graph(5), ring(5, 0.3)),
        (networkx.convert_node_labels_to_integers(networkx.grid_2d_graph(3, 4)), lattice(3, 4, 0.3)),
    ):
        np.testing.assert_array_equal(coupling_from_graph(graph, 0.3).toarray(), matrix.toarray())


def test_systems_take_graphs():
    networkx = pytest.importorskip("networkx")
    graph = networkx.Graph()
    graph.add_nodes_from("CAB")  # the order of the nodes is that of the oscillators
    graph.add_edge("A", "C", weight=0.5)
    graph.add_edge("B", "C", weight=0.25j)
    given = {"omega": [20.0, 0.0, 0.0], "kerr": 10.0, "n_plus": 1, "sigma": 0.2}
    system = KerrOscillators(coupling=graph, **given)
    # an edge's weight stands in the row of the earlier node
    assert system == KerrOscillators(coupling=[[0, 0.5, 0.25j], [0.5, 0, 0], [-0.25j, 0, 0]], **given)
    assert system.vary(coupling=networkx.complete_graph(3)).coupling[1] == (1.0, 0.0, 1.0)
    with pytest.raises(ValueError, match="`graph` must be undirected"):
        KerrOscillators(coupling=networkx.DiGraph([(0, 1)]), **{**given, "omega": [0.0, 1.0]})


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (Graph([0, 1], [], directed=True), "must be undirected"),
        (Graph([0, 1], [(1, 1, {})]), "to itself"),
        (Graph([0, 1], [(0, 1, {}), (1, 0, {})]), "twice"),
        (Graph([0, 1], [(0, 1, {"weight": "much"})]), "must be a number"),
        (Graph([0, 1], [(0, 1, {"weight": float("nan")})]), "must be finite"),
        (SimpleNamespace(), "must have `nodes`"),
    ],
)
def test_bad_graphs(graph, words):
    with pytest.raises(ValueError, match=words):
        coupling_from_graph(graph)


def test_shapes():
    for matrix, links in ((chain(4, 0.1), 3), (ring(4, 0.1j), 4), (lattice(3, 5, 0.1), 22)):
        dense = matrix.toarray()
        np.testing.assert_array_equal(dense, dense.conj().T)
        assert matrix.nnz == 2 * links
    # a ring with a flux: the phase adds up around it
    assert np.prod(ring(4, 0.1j).toarray()[[0, 1, 2, 3], [1, 2, 3, 0]]) == pytest.approx((0.1j) ** 4)
    for bad in (lambda: chain(1, 0.1), lambda: ring(2, 0.1), lambda: ring(3, float("inf"))):
        with pytest.raises(ValueError, match="must be"):
            bad()


def test_blocked_neighbours_of_a_ring_of_five_synchronize_with_detuned_ones():
    omega = [0.0, 20.0, 0.0, 20.0, 0.0]
    ds = compare.sweep(
        KerrOscillators(omega=omega, kerr=10.0, coupling=ring(5, 0.5), n_plus=1, sigma=0.2),
        None,
        {"steadystate": {"levels": 3}},
    )
    sync = ds["sync"].isel(method=0)
    assert sync.sizes["pair"] == 10
    # 0 and 4 are joined directly, 0 and 1 too but detuned by 2K, 0 and 2 through 1 alone
    assert float(sync.sel(pair="0-1")) > 2 * float(sync.sel(pair="0-4"))
    assert float(sync.sel(pair="0-2")) > 0.5 * float(sync.sel(pair="0-4"))


def test_classical_lattice_follows_all_its_pairs():
    network = KerrOscillators(
        omega=np.linspace(-0.5, 0.5, 25), kerr=0.5, coupling=lattice(5, 5, 0.2), n_plus=4, sigma=1.0, thermal_noise=0.1,
        bath_damping=0.02,
    )  # fmt: skip
    settings = {"trajectories": 64, "duration": 40.0, "burn_in": 10.0, "sample_every": 0.5, "dt": 1e-2, "harmonics": 16}
    ds = compare.sweep(network, None, {"langevin": {**settings, "pairs": "all"}})
    assert ds.sizes["pair"] == 300
    sync = ds["sync"].isel(method=0)
    assert float(sync.sel(pair="0-1")) > 2 * float(sync.sel(pair="0-24"))
    # the same trajectories, whatever is followed
    few = compare.sweep(network, None, {"langevin": {**settings, "pairs": [[0, 1], [0, 24]]}})["sync"].isel(method=0)
    np.testing.assert_array_equal(few, sync.sel(pair=["0-1", "0-24"]))
    with pytest.raises(ValueError, match="list of pairs"):
        compare.sweep(network, None, {"langevin": {"pairs": [[0, 1, 2]]}})


@pytest.mark.parametrize(("shape", "size"), [(chain, 4), (ring, 4), (chain, 5), (ring, 5)])
def test_identical_neighbours_of_a_detuned_oscillator_synchronize_through_it(shape, size):
    network = KerrOscillators(omega=np.zeros(size), kerr=10.0, coupling=shape(size, 0.5), n_plus=1, sigma=0.2)
    detuned = [f"omega[{j}]" for j in range(1, size, 2)]
    axes = {name: [-20.0, 0.0, 20.0] for name in detuned}
    ds = compare.sweep(network, axes, {"steadystate": {"levels": 3}}, zipped=detuned)
    assert ds.sizes["pair"] == size * (size - 1) // 2
    blocked = ds["sync"].isel(method=0).sel(pair="0-2").values
    assert min(blocked[0], blocked[2]) > 3 * blocked[1]


def test_a_hundred_classical_oscillators_on_a_random_graph():
    networkx = pytest.importorskip("networkx")
    graph = networkx.random_regular_graph(3, 100, seed=2)
    omega = 0.5 * np.random.default_rng(3).normal(size=100)
    network = KerrOscillators(
        omega=omega, kerr=0.5, coupling=coupling_from_graph(graph, 0.15), n_plus=4, sigma=1.0, thermal_noise=0.1,
        bath_damping=0.02,
    )  # fmt: skip
    settings = {"trajectories": 64, "duration": 11.0, "burn_in": 4.0, "sample_every": 1.0, "dt": 1e-2, "pairs": "all"}
    sync = compare.sweep(network, None, {"langevin": settings})["sync"].isel(method=0)
    assert sync.sizes["pair"] == 4950
    place = {node: j for j, node in enumerate(graph.nodes)}
    distance = dict(networkx.all_pairs_shortest_path_length(graph))
    apart = np.array([distance[u][v] for u in place for v in place if place[u] < place[v]])
    mean = [float(sync.values[apart == steps].mean()) for steps in (1, 2, 4)]
    assert mean[0] > 2 * mean[1] > 4 * mean[2]
