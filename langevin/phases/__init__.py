"""Noisy phase oscillators in groups: ensembles, and the density of infinitely many."""
