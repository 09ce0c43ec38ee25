"""Figures of papers, one module each, and plots of any dataset: ``import figures`` gives datasets ``ds.draw``."""

from figures import accessor as accessor
