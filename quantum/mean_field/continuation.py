r"""Branches of rotating waves along a parameter, and where they lose their stability.

Pseudo-arclength continuation: state, frequencies and parameter are unknowns of one problem, the last equation being the
distance from the last point along the tangent. Branches are followed around folds, where waves are created and
annihilated in pairs (saddle-node). Where the leading eigenvalue crosses the imaginary axis between two points, the
crossing is found by root finding along the branch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from threadpoolctl import threadpool_limits

from quantum.checks import at_least, built, finite
from quantum.mean_field.equations import equations_of
from quantum.mean_field.jacobian import Form, form_of
from quantum.mean_field.model import MeanField
from quantum.mean_field.stability import transversal
from quantum.mean_field.states import States, as_states
from quantum.mean_field.symmetry import charges, rotation
from quantum.mean_field.waves import LEAST_MOTION, Newton

TOLERANCE = 1e-11
"""Largest entry of F(x) - nu G x of a point of a branch."""

# An eigenvalue whose imaginary part is below this, in units of the rates, is real.
LEAST_FREQUENCY = 1e-5


@dataclass(frozen=True, eq=False)
class Event:
    """A change of stability on a branch.

    Attributes
    ----------
    parameter : float
    kind : str
        "saddle-node" (a real eigenvalue at a fold of the branch), "pitchfork" (a real eigenvalue elsewhere: a symmetry
        is lost, or two branches cross) or "hopf" (a complex pair: the wave becomes modulated).
    frequency : float
        nu of the wave there.
    modulation : float
        Imaginary part of the critical eigenvalue: the frequency of the modulation, zero for a real one.
    states : States
        The wave there.
    index : int
        The crossing lies between this point of the branch and the next.
    """

    parameter: float
    kind: str
    frequency: float
    modulation: float
    states: States
    index: int


@dataclass(frozen=True, eq=False)
class Branch:
    """Points along a branch of waves.

    Attributes
    ----------
    parameter : array of float, shape (n,)
    frequency : array of float, shape (n,)
    leading : array of complex, shape (n,)
        Leading transversal eigenvalue: the wave is stable where its real part is negative.
    states : States
        With grid shape (n,).
    events : tuple of Event
        Changes of stability, along the branch.
    ended : str
        Why the branch ends: "reached" the end of the interval, "returned" to its start (around a fold),
        "died" (the wave has become the incoherent state), "length" (as many points as allowed), or "stuck".
    """

    parameter: np.ndarray
    frequency: np.ndarray
    leading: np.ndarray
    states: States
    events: tuple[Event, ...]
    ended: str


class _Curve:
    """The equations along the parameter, and steps of a fixed length along the branch; z = (y, nu, s), parameter a + s b."""

    def __init__(self, build: Callable[[float], MeanField], start: float, stop: float) -> None:
        self._build, self.start, self.span = build, start, stop - start
        model = built("build", build, start, MeanField)
        if model.shape != ():
            raise ValueError(f"Argument `build` must give a model of one point, but gave a grid {model.shape}.")
        symmetries = charges(model)
        if len(symmetries) != 1:
            raise ValueError(f"Argument `build` must give models with one phase symmetry, but has {len(symmetries)}.")
        self.dims = model.dims
        self.newton = Newton(model.dims, [rotation(symmetries[0], model.dims)])
        self._held: dict[float, Form] = {}

    def form(self, s: float) -> Form:
        """Dense equations at the fraction s of the interval."""
        if s not in self._held:
            if len(self._held) > 8:
                self._held.clear()
            self._held[s] = form_of(equations_of(self._build(self.start + s * self.span)))
        return self._held[s]

    def state(self, z: np.ndarray) -> np.ndarray:
        """Components, shape (1, D)."""
        return (self.newton.reduction.whole + self.newton.reduction.embed @ z[:-2])[None]

    def error(self, z: np.ndarray) -> np.ndarray:
        """F(x) - nu G x in the reduced coordinates."""
        return self.newton.residual(self.form(z[-1]), self.state(z), z[None, -2:-1])[0, self.newton.reduction.kept]

    def derivative(self, z: np.ndarray, reference: np.ndarray) -> np.ndarray:
        """Derivatives of the equations and the phase condition with respect to z, shape (n + 1, n + 2)."""
        square = self.newton.bordered(self.form(z[-1]), self.state(z), z[None, -2:-1], self.state(reference))[0]
        ahead, behind, width = z.copy(), z.copy(), 1e-5
        ahead[-1] += width
        behind[-1] -= width
        along = np.append((self.error(ahead) - self.error(behind)) / (2.0 * width), 0.0)
        return np.column_stack([square, along])

    def tangent(self, z: np.ndarray, before: np.ndarray) -> np.ndarray:
        """Unit tangent that goes on in the direction of `before`."""
        system = np.vstack([self.derivative(z, z), before])
        tangent = np.linalg.solve(system, np.append(np.zeros(z.size - 1), 1.0))
        return tangent / np.linalg.norm(tangent)

    def step(self, z: np.ndarray, tangent: np.ndarray, length: float) -> tuple[np.ndarray, int] | None:
        """The point of the branch at `length` along the tangent, and the iterations it took; None if there is none near."""
        here = z + length * tangent
        motion = self.motion(z) @ self.newton.reduction.embed
        for iteration in range(1, 9):
            right = np.concatenate([-self.error(here), [-motion @ (here - z)[:-2]], [length - tangent @ (here - z)]])
            if abs(right).max() < TOLERANCE:
                return here, iteration
            try:
                move = np.linalg.solve(np.vstack([self.derivative(here, z), tangent]), right)
            except np.linalg.LinAlgError:
                return None
            here = here + move
            if not np.isfinite(here).all() or np.linalg.norm(here - z) > 3.0 * abs(length) + 1e-9:
                return None
        return None

    def leading(self, z: np.ndarray) -> complex:
        """Leading transversal eigenvalue."""
        return complex(transversal(self.newton, self.form(z[-1]), self.state(z), z[None, -2:-1])[0, 0])

    def motion(self, z: np.ndarray) -> np.ndarray:
        """G x, zero for the incoherent state."""
        return self.newton.motion(self.state(z))[0, 0]

    def moves(self, z: np.ndarray) -> bool:
        """Whether the state is a wave, and not the incoherent state."""
        return bool(abs(self.motion(z)).max() > 100.0 * LEAST_MOTION)


def follow(
    build: Callable[[float], MeanField],
    start: float,
    stop: float,
    guess: Any,
    *,
    step: float = 0.02,
    most: int = 500,
    until: str | None = None,
) -> Branch:
    """Follow the rotating wave near `guess` from ``build(start)`` towards ``build(stop)``.

    Parameters
    ----------
    build : callable
        ``build(value)`` returns the model (one point) at a value of the parameter.
    start, stop : float
        Interval of the parameter.
    guess : sequence of one matrix per group, or States
        Near the wave at `start`, for instance the final states of an evolution.
    step : float
        Longest step: the change of the parameter as a fraction of the interval, and of components and frequency, together
        as a Euclidean length.
    most : int
        Largest number of points.
    until : {None, "event"}
        "event" ends the branch at the first change of stability.

    Returns
    -------
    Branch

    Raises
    ------
    ValueError
        If there is no wave near the guess, or `build` does not give models of one point with one phase symmetry.
    """
    first, last, longest = finite("start", start), finite("stop", stop), finite("step", step)
    at_least("most", most, 2)
    if first == last or not longest > 0.0:
        raise ValueError("Arguments `start` and `stop` must differ and `step` must be positive.")
    if until not in (None, "event"):
        raise ValueError(f"Argument `until` must be None or 'event', but is {until!r}.")
    with threadpool_limits(1):
        curve = _Curve(build, first, last)
        points, events, ended = _walk(curve, _begin(curve, build(first), guess), longest, most, until == "event")
    parameter = first + np.array([z[-1] for z in points]) * (last - first)
    components = np.concatenate([curve.state(z) for z in points])
    return Branch(
        parameter=parameter,
        frequency=np.array([z[-2] for z in points]),
        leading=np.array([curve.leading(z) for z in points]),
        states=States((len(points),), curve.dims, components),
        events=tuple(events),
        ended=ended,
    )


def _begin(curve: _Curve, model: MeanField, guess: Any) -> np.ndarray:
    form, state = curve.form(0.0), as_states("guess", model, guess).components
    x, nu, residual = curve.newton.refine(form, state, curve.newton.guess_frequency(form, state), TOLERANCE)
    z = np.concatenate([x[0, curve.newton.reduction.kept], nu[0], [0.0]])
    if not residual[0] <= TOLERANCE or not curve.moves(z):
        raise ValueError("Argument `guess` must be near a rotating wave of the model at `start`, but is not.")
    return z


def _walk(
    curve: _Curve, z: np.ndarray, longest: float, most: int, first_only: bool
) -> tuple[list[np.ndarray], list[Event], str]:
    points: list[np.ndarray] = [z]
    events: list[Event] = []
    onward = np.zeros(z.size)
    onward[-1] = 1.0
    tangent, length, growth = curve.tangent(z, onward), longest, curve.leading(z)
    while len(points) < most:
        taken = curve.step(z, tangent, length)
        if taken is None:
            length *= 0.5
            if length < 1e-7 * longest:
                return points, events, "stuck"
            continue
        new, iterations = taken
        if not curve.moves(new) or curve.motion(new) @ curve.motion(z) < 0.0:
            # at or beyond amplitude zero, where the same waves follow with the opposite phase
            return points, events, "died"
        if new[-1] > 1.0 and length > 1e-9:
            # land on the end of the interval
            ratio = (1.0 - z[-1]) / (new[-1] - z[-1])
            if ratio < 1.0 - 1e-9:
                length *= max(ratio, 1e-3)
                continue
        now = curve.leading(new)
        if (now.real > 0.0) != (growth.real > 0.0):
            events.append(_locate(curve, z, tangent, length, len(points) - 1))
            if first_only:
                return points, events, "event"
        points.append(new)
        if new[-1] >= 1.0 - 1e-9 or new[-1] < 0.0:
            return points, events, "reached" if new[-1] > 0.5 else "returned"
        z, tangent, growth = new, curve.tangent(new, tangent), now
        if iterations <= 4:
            length = min(1.4 * length, longest)
    return points, events, "length"


def _locate(curve: _Curve, z: np.ndarray, tangent: np.ndarray, length: float, index: int) -> Event:
    """Find the change of stability between z and the point at `length` from it."""
    held: dict[float, np.ndarray] = {0.0: z}

    def point(s: float) -> np.ndarray:
        if s not in held:
            taken = curve.step(z, tangent, s)
            assert taken is not None, "a point between two points of a branch"
            held[s] = taken[0]
        return held[s]

    # far below the accuracy of an eigenvalue
    s = brentq(lambda s: curve.leading(point(s)).real, 0.0, length, xtol=1e-12 * length, rtol=1e-14)
    there = point(s)
    critical = curve.leading(there)
    kind = "hopf"
    if abs(critical.imag) < LEAST_FREQUENCY:
        turned = curve.tangent(z, tangent)[-1] * curve.tangent(point(length), tangent)[-1] < 0.0
        kind = "saddle-node" if turned else "pitchfork"
    return Event(
        parameter=float(curve.start + there[-1] * curve.span),
        kind=kind,
        frequency=float(there[-2]),
        modulation=abs(critical.imag),
        states=States((), curve.dims, curve.state(there)),
        index=index,
    )
