"""What the documents show is run as it stands there."""

import re
from pathlib import Path

import pytest

from compare.datasets import load
from compare.plan import read_plan

ROOT = Path(__file__).parents[2]


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


def test_the_script_of_the_readme_shows_the_blockade(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (script,) = blocks("README.md", "python")
    exec(compile(script, "README.md", "exec"), {})
    assert "detuning" in capsys.readouterr().out
    sync = load("blockade.nc").sync.sel({"method": "steadystate", "pair": "0-1"}) / 0.05
    # levels 10, K = 10: an independent solution of the master equation gives these
    assert sync.sel(detuning=0).item() == pytest.approx(0.4011551965501426, rel=1e-8)
    assert sync.sel(detuning=20).item() == pytest.approx(1.4327488482091872, rel=1e-8)


def test_the_plan_of_the_docs_is_a_plan(tmp_path):
    (text,) = blocks("docs/plans.md", "toml")
    (tmp_path / "plan.toml").write_text(text)
    plan = read_plan(tmp_path / "plan.toml")
    assert plan.shape == (3, 61, 2)
    assert len(plan.points) == 2 * 61 * 2 + 3


def test_citation_and_package_have_one_version():
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert f"version: {version.group(1)}\n" in (ROOT / "CITATION.cff").read_text()
