"""Fig. S3: spectra of two groups for several asymmetries of the levels."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from figures.nadolny2023.spectra import spectra_columns


def figS3(tree: Any) -> Figure:
    """Spectra of A and B over the detuning, and the difference of their dominant frequencies, V_AB = V.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``nadolny2023_figS3``.
    """
    return spectra_columns(
        tree, "asymmetry", [rf"$K = {value:g}\gamma_-$" for value in tree["spectra"]["asymmetry"].values]
    )
