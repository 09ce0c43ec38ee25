"""Linear solvers of the master equation: exact no-jump inverse, chains of sectors, Krylov, rate equation."""
