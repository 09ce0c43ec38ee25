import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from adler import Adler

import compare
from compare.records.datasets import load, pair_labels, save
from compare.records.provenance import git_revision
from compare.sweeps import sweep


@pytest.fixture
def dataset():
    axes = {"kind": ["soft", "hard"], "detuning": [0.0, 1.0]}
    return sweep(Adler(), axes, ["adler:exact", "adler:sampled"], seed=2)


def test_a_dataset_survives_netcdf(dataset, tmp_path):
    loaded = load(save(dataset, tmp_path / "a.nc"))
    xr.testing.assert_identical(loaded, dataset)
    for name, variable in dataset.data_vars.items():
        assert loaded[name].values.tobytes() == variable.values.tobytes()
        assert loaded[name].dtype == variable.dtype


def test_complex_variables_and_nan_survive_netcdf(dataset, tmp_path):
    value = dataset.sync * (1 + 2j)
    value.values.real[0] = np.nan  # a NaN real part must leave the imaginary part alone
    with_complex = dataset.assign(order=value.assign_attrs(units="1"))
    loaded = load(save(with_complex, tmp_path / "a.nc"))
    assert loaded.order.values.tobytes() == value.values.tobytes()
    xr.testing.assert_identical(loaded.drop_vars("order"), dataset)


def test_a_tree_of_panels_survives_netcdf(dataset, tmp_path):
    tree = xr.DataTree.from_dict({"/a": dataset, "/b": dataset.isel(detuning=[0])})
    loaded = load(save(tree, tmp_path / "a.nc"))
    assert sorted(loaded.children) == ["a", "b"]
    xr.testing.assert_identical(loaded["b"].to_dataset(), dataset.isel(detuning=[0]))


def test_other_programs_can_read_the_file(dataset, tmp_path):
    with xr.open_dataset(save(dataset, tmp_path / "a.nc"), engine="h5netcdf") as opened:
        np.testing.assert_array_equal(opened.sync.values, dataset.sync.values)


def test_a_failed_save_leaves_the_old_file(dataset, tmp_path):
    path = save(dataset, tmp_path / "a.nc")
    before = path.read_bytes()
    with pytest.raises(TypeError):
        save(dataset.assign_attrs(bad=object()), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/dev/null/x.nc", "`path` must be a file that can be written, but /dev/null/x.nc is not: Not a directory."),
        ("nowhere/x.nc", "`path` must be a file that can be written, but nowhere/x.nc is not: No such file or"),
        ("", "`path` must be a path, but is ''."),
        (3, "`path` must be a path, but is 3."),
        (".", "`path` must be a file, but . is a folder."),
        ("/", "`path` must be a file, but / is a folder."),
    ],
)
def test_a_place_that_takes_no_file_is_refused(dataset, tmp_path, monkeypatch, path, told):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=told):
        save(dataset, path)
    assert list(tmp_path.iterdir()) == []


def test_only_datasets_are_saved_and_only_paths_loaded(tmp_path):
    with pytest.raises(ValueError, match="`data` must be a dataset or a tree of them, but is of type int"):
        save(3, tmp_path / "a.nc")
    with pytest.raises(ValueError, match="`path` must be a path, but is None"):
        load(None)


def test_everything_has_a_name_units_and_a_source(dataset):
    for name, variable in dataset.variables.items():
        assert {"long_name", "units", "source"} <= set(variable.attrs), name
    assert dataset.detuning.attrs == {"long_name": "detuning", "units": "gamma", "source": "plan of the sweep"}
    assert dataset.kind.units == "1"
    # Adler says nothing about its coupling
    assert "units" not in sweep(Adler(), {"coupling": [1.0]}, ["adler:exact"]).coupling.attrs


@pytest.mark.parametrize("content", [b"", b"not netCDF", None])
def test_foreign_and_truncated_files_are_refused(dataset, tmp_path, content):
    path = save(dataset, tmp_path / "a.nc")
    path.write_bytes(path.read_bytes()[:5000] if content is None else content)
    with pytest.raises(ValueError, match="is not a netCDF file that can be read"):
        load(path)


def test_netcdf_of_others_is_refused(tmp_path):
    xr.Dataset({"x": ("t", [1.0])}).to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    with pytest.raises(ValueError, match="not written by syncblockade"):
        load(tmp_path / "a.nc")
    with pytest.raises(ValueError, match="must exist"):
        load(tmp_path / "b.nc")


def test_pairs_are_labelled_in_order():
    assert pair_labels(1) == ["0-1"]
    assert pair_labels(6) == ["0-1", "0-2", "0-3", "1-2", "1-3", "2-3"]
    with pytest.raises(ValueError, match="5 pairs"):
        pair_labels(5)


def test_the_revision_of_a_checkout_is_known():
    root = Path(compare.__file__).parent.parent
    if not (root / ".git").exists():
        pytest.skip("not a checkout")
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", git_revision())
