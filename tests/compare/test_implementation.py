import re
from pathlib import Path

import numpy as np
import pytest

import compare
from compare.systems.lorch2017_implementation import Implementation, ion_example, transmon_example


def example(**changes):
    given = {
        "frequency": 5000.0, "kerr": 100.0, "linewidth": 80.0, "auxiliary_coupling": 8.0, "detuning_plus": 5400.0,
        "detuning_minus": 4400.0,
    }  # fmt: skip
    return Implementation(**{**given, **changes})


def test_mapping_of_the_paper():
    lab = example()
    assert lab.gamma == pytest.approx(4 * 8.0**2 / 80.0)
    assert lab.sigma == pytest.approx(80.0 / (8 * 100.0))
    assert (lab.n_plus, lab.n_minus) == (2.0, 3.0)
    assert lab.parameters()["kerr"] == pytest.approx(100.0 / 3.2)
    assert lab.drive_distances == (4600.0, 4400.0)


def test_a_pair_in_the_laboratory_is_the_pair_of_the_paper():
    # Fig. 2(b): K = 10, sigma = .2, n_plus = 2; at 10 levels S/V = 1.4327 at V = .05 and Delta = 2K
    lab = Implementation.design(frequency=6000.0, kerr=100.0, sigma=0.2, kerr_over_gamma=10.0, n_plus=2, n_minus=3)
    assert lab.gamma == pytest.approx(10.0)
    pair = lab.pair(detuning=200.0, coupling=0.5)
    sync = compare.sweep(pair, None, ["steadystate"])["sync"].item()
    assert sync / 0.05 == pytest.approx(1.4327488, abs=1e-6)


def test_units_cancel():
    a = example().pair(detuning=20.0, coupling=0.2)
    names = ("frequency", "kerr", "linewidth", "auxiliary_coupling", "detuning_plus", "detuning_minus")
    b = example(**{name: 1e3 * getattr(example(), name) for name in names}).pair(detuning=2e4, coupling=200.0)
    for name, value in a.parameters().items():
        if name != "dissipators":
            np.testing.assert_allclose(np.array(b.parameters()[name]), np.array(value), rtol=1e-12)


@pytest.mark.parametrize("lab", [transmon_example(), ion_example()], ids=["transmon", "ion"])
def test_worked_examples_meet_the_conditions_and_show_the_blockade(lab):
    assert all(condition.holds for condition in lab.conditions())
    assert "VIOLATED" not in lab.report()
    kerr = lab.kerr
    detunings = np.array([0.0, kerr, 2 * kerr])
    sync = [
        compare.sweep(lab.pair(detuning=d, coupling=0.05 * lab.gamma), None, ["steadystate"])["sync"].item()
        for d in detunings
    ]
    assert sync[2] > 3 * sync[0]


def test_conditions_say_what_is_violated():
    lab = example(linewidth=400.0, auxiliary_coupling=100.0, decay=60.0)
    failed = {c.name for c in lab.conditions() if not c.holds}
    assert failed == {"g/kappa", "K/kappa", "decay/gamma"}
    assert "g/kappa = 0.25, at most 0.1: VIOLATED" in lab.report()


def test_platforms():
    transmon = transmon_example()
    assert (transmon.kerr, transmon.auxiliary_coupling) == (150.0, 10.0)
    assert transmon.gamma == pytest.approx(10 / 3)
    ion = ion_example()
    assert ion.auxiliary_coupling == pytest.approx(1.2)
    assert ion.gamma == pytest.approx(0.36)
    # heating of decay * thermal quanta
    assert ion.parameters()["thermal_noise"] == pytest.approx(1.6e-3 / 0.36)


def test_the_page_prints_what_it_says(capsys):
    page = (Path(__file__).parents[2] / "docs" / "laboratory.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(python|text)\n(.*?)```", page, re.DOTALL)
    assert [kind for kind, _ in blocks] == ["python", "text"] * 3
    names = {}
    for (_, code), (_, shown) in zip(blocks[::2], blocks[1::2], strict=True):
        exec(compile(code, "laboratory.md", "exec"), names)
        assert capsys.readouterr().out == shown


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: example(linewidth=0.0), "`linewidth` must be positive"),
        (lambda: example(decay=-1.0), "`decay` must be non-negative"),
        (lambda: example(detuning_plus=float("nan")), "detuning_plus"),
        (lambda: Implementation.transmon(anharmonicity=200.0, cavity_coupling=1.0, photons=4.0), "must be negative"),
        (lambda: Implementation.transmon(anharmonicity=-200.0, cavity_coupling=1.0, photons=0.0), "`photons`"),
        (lambda: example().pair(detuning=float("inf"), coupling=1.0), "detuning"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(ValueError, match=words):
        call()
