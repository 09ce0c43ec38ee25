"""Semiclassical spins: discrete truncated-Wigner ensembles of sites with a few levels."""
