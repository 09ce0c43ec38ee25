"""Quantum-jump trajectories: exact jump times, streams, records and their statistics."""

from quantum.jumps.records import JumpRuns
from quantum.jumps.trajectories import jump_trajectories

__all__ = ["JumpRuns", "jump_trajectories"]
