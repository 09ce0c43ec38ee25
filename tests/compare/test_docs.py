"""What the documents show is run as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr
from adler import Adler

from compare.plan import read_plan
from compare.records.datasets import load
from compare.sweeps import sweep

ROOT = Path(__file__).parents[2]


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


def test_the_script_of_the_readme_shows_the_blockade(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile("\n".join(blocks("README.md", "python")), "README.md", "exec"), {})
    out = capsys.readouterr().out
    assert "detuning" in out
    assert "13 points, largest difference" in out
    sync = load("blockade.nc").sync.sel({"method": "steadystate", "pair": "0-1"}) / 0.05
    # levels 10, K = 10: an independent solution of the master equation gives these
    assert sync.sel(detuning=0).item() == pytest.approx(0.4011551965501426, rel=1e-8)
    assert sync.sel(detuning=20).item() == pytest.approx(1.4327488482091872, rel=1e-8)


@pytest.mark.parametrize("page", ["README.md", "docs/plans.md", "docs/clusters.md"])
def test_links_and_pictures_lead_to_files(page):
    targets = re.findall(r"\]\(([^)#\s]+)", (ROOT / page).read_text(encoding="utf-8"))
    inside = [target for target in targets if "://" not in target]
    assert inside or page != "README.md"
    assert [target for target in inside if not (ROOT / page).parent.joinpath(target).is_file()] == []


def test_the_plan_of_the_docs_is_a_plan(tmp_path):
    (text,) = blocks("docs/plans.md", "toml")
    (tmp_path / "plan.toml").write_text(text)
    plan = read_plan(tmp_path / "plan.toml")
    assert plan.shape == (3, 61, 2)
    assert len(plan.points) == 2 * 61 * 2 + 3


def test_citation_and_package_have_one_version():
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert f"version: {version.group(1)}\n" in (ROOT / "CITATION.cff").read_text()


def test_the_cluster_script_computes_a_plan(tmp_path):
    (tmp_path / "plan.toml").write_text(
        'system = "adler:Adler"\naxes = { detuning = [0.0, 1.0] }\nmethods = { "adler:exact" = {} }'
    )
    command = [sys.executable, str(ROOT / "docs/slurm.py"), "plan.toml", "plan.nc", "--jobs", "1", "--local"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], str(ROOT)])}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    expected = sweep(Adler(), {"detuning": [0.0, 1.0]}, ["adler:exact"])
    xr.testing.assert_equal(load(tmp_path / "plan.nc"), expected)
    assert (tmp_path / "plan.zarr/zarr.json").exists()
