"""The public names of the packages."""

import compare
from compare import agreement, sweeps
from compare.records import merging


def test_public_names_are_those_of_their_modules():
    assert compare.run is sweeps.run
    assert compare.merge is merging.merge
    assert (compare.agree, compare.validity_map) == (agreement.agree, agreement.validity_map)
    assert all(callable(getattr(compare, name)) or name == "METHODS" for name in compare.__all__)
