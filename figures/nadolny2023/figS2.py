"""Fig. S2: spectra of two groups for several couplings between them."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from figures.nadolny2023.spectra import spectra_columns


def figS2(tree: Any) -> Figure:
    """Spectra of A and B over the detuning, and the difference of their dominant frequencies, K = 0.

    Parameters
    ----------
    tree : xarray.DataTree
        Of the plan ``nadolny2023_figS2``.
    """
    values = tree["spectra"]["intergroup_coupling"].values
    return spectra_columns(tree, "intergroup_coupling", [rf"$V_{{AB}} = {value:g}\gamma_-$" for value in values])
