"""Coupling matrices of networks: chains, rings, lattices, and any graph that looks like one of networkx."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from compare import checks


def coupling_from_graph(graph: Any, strength: complex = 1.0, *, weight: str = "weight") -> sparse.csr_array:
    """Return the coupling matrix C of an undirected graph, oscillators in the order of its nodes.

    Parameters
    ----------
    graph : networkx.Graph, or anything with ``nodes`` and ``edges(data=True)``
        An edge (u, v) of weight w gives ``C_uv = strength * w`` and ``C_vu`` its conjugate, where u stands before v in
        ``graph.nodes``; edges without a weight have w = 1. networkx itself is not imported.
    strength : complex
        Coupling of an edge of weight 1, in units of gamma.
    weight : str
        Name of the edges' attribute; weights may be complex.

    Returns
    -------
    scipy.sparse.csr_array, shape (N, N)
        Hermitian with a zero diagonal, as the systems take it for ``coupling``.

    Raises
    ------
    ValueError
        If the graph is directed, has parallel edges or an edge from a node to itself, or a weight is no finite number.
    """
    if not hasattr(graph, "nodes") or not hasattr(graph, "edges"):
        raise ValueError(f"Argument `graph` must have `nodes` and `edges` as networkx has, but is {graph!r}.")
    if getattr(graph, "is_directed", bool)():
        raise ValueError("Argument `graph` must be undirected, since a coupling matrix is Hermitian, but is directed.")
    place = {node: j for j, node in enumerate(graph.nodes)}
    links: dict[tuple[int, int], complex] = {}
    for u, v, data in graph.edges(data=True):
        if place[u] == place[v]:
            raise ValueError(f"Argument `graph` must not join a node to itself, but does so with {u!r}.")
        link = min(place[u], place[v]), max(place[u], place[v])
        if link in links:
            raise ValueError(f"Argument `graph` must join nodes at most once, but joins {u!r} and {v!r} twice.")
        links[link] = complex(strength) * _number(f"weight of ({u!r}, {v!r})", data.get(weight, 1.0))
    return coupling_from_links(len(place), links)


def coupling_from_links(size: int, links: dict[tuple[int, int], complex]) -> sparse.csr_array:
    """Return the Hermitian matrix with ``C[j, k] = links[j, k]`` and its conjugate at (k, j), shape (size, size)."""
    pairs = np.array(list(links), dtype=np.int64).reshape(-1, 2)
    values = np.array(list(links.values()), dtype=np.complex128)
    upper = sparse.csr_array((values, (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    return sparse.csr_array(upper + upper.conj().T)


def _number(name: str, value: Any) -> complex:
    try:
        number = complex(value)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must be a number, but is {value!r}.") from None
    if not np.isfinite(number):
        raise ValueError(f"Argument `{name}` must be finite, but is {number}.")
    return number


def chain(size: int, strength: complex) -> sparse.csr_array:
    """Return the coupling of neighbours in a row of `size` oscillators."""
    size = checks.at_least("size", size, 2)
    return coupling_from_links(size, {(j, j + 1): _number("strength", strength) for j in range(size - 1)})


def ring(size: int, strength: complex) -> sparse.csr_array:
    """Return the coupling of neighbours around a ring of `size` oscillators; oscillator 0 is joined to the last."""
    size = checks.at_least("size", size, 3)
    links = {(j, j + 1): _number("strength", strength) for j in range(size - 1)}
    return coupling_from_links(size, {**links, (0, size - 1): _number("strength", strength).conjugate()})


def lattice(rows: int, columns: int, strength: complex) -> sparse.csr_array:
    """Return the coupling of neighbours on a square lattice with open ends; site (r, c) is oscillator r * columns + c."""
    rows, columns = checks.at_least("rows", rows, 1), checks.at_least("columns", columns, 2)
    number = _number("strength", strength)
    across = {(j, j + 1): number for j in range(rows * columns) if (j + 1) % columns}
    down = {(j, j + columns): number for j in range((rows - 1) * columns)}
    return coupling_from_links(rows * columns, {**across, **down})
