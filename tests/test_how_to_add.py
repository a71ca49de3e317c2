"""docs/how-to-add.md, line by line: what it says is added to a copy of the program, which then trains with it.

The page's blocks of Python begin with the file that they belong into; its commands are run with what was added.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lmc_core.settings import REPOSITORY

PAGE = (REPOSITORY / "docs" / "how-to-add.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n# ([^\n]*)\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [shlex.split(command) for command in re.findall(r"```\n(python -m lmc_core [^\n]*)\n```", PAGE)]
TWINS, PRUNE = COMMANDS


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program with everything that the page adds."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(REPOSITORY / "lmc_core", folder / "lmc_core", ignore=shutil.ignore_patterns("__pycache__"))
    touched = set()
    for place, code in BLOCKS:
        path, _, where = place.partition(", ")
        touched.add(path)
        _add(folder / path, code, where)
    assert len(touched) == 4, "two files for an architecture, two for a pruning method"
    return folder


def _add(file: Path, code: str, where: str) -> None:
    if not where:
        assert not file.exists()
        file.write_text(code, encoding="utf-8")
        return
    text, name = file.read_text(encoding="utf-8"), where.split()[-1]
    line = next(line for line in text.splitlines() if line.startswith(f"{name} = "))
    if where.startswith("above "):
        text = text.replace(line, f"{code}\n\n{line}")
    else:
        known = re.search(r"\[(.*?), Field", line)
        assert known is not None
        assert code.strip().startswith(known[1]), "the page shows the names that there are today"
        text = text.replace(line, line.replace(known[1], code.strip()))
    file.write_text(text, encoding="utf-8")


def run(copy: Path, words: list[str]) -> str:
    environment = os.environ | {"LMC_CACHE_DIR": str(copy / "cache"), "LMC_DATA_DIR": str(copy / "data"), "PYTHONPATH": str(copy)}
    ended = subprocess.run([sys.executable, *words], cwd=copy, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def result(copy: Path, command: list[str], *more: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(copy, [*command[1:], *more, "--json"]))
    return told


def test_the_architecture_trains_as_twins_and_is_measured(copy: Path) -> None:
    told = result(copy, TWINS, "epochs=20", "batch_size=32")
    assert told["spec"]["architecture"]["name"] == "two_layer_cnn"
    assert told["summary"]["test"]["accuracy"]["mean"] > 0.5
    assert told["summary"]["test"]["error"]["mean"] is not None


def test_the_architecture_can_be_pruned_by_every_method_also_by_the_new_one(copy: Path) -> None:
    small = ["architecture.name=two_layer_cnn", "architecture.filters=4", "epochs=1", "pruning.twins=false", "pruning.random_control=false"]
    code = (
        "import sys; from lmc_core.command_line import main; from lmc_core.pruning.spec import METHODS; assert len(METHODS) == 6; "
        "sys.exit(any(main([*sys.argv[1:], f'pruning.name={name}', '--json']) for name in METHODS))"
    )
    lines = run(copy, ["-c", code, *PRUNE[3:], *small]).splitlines()
    assert len(lines) == 6
    for line in lines:
        tickets = [level for level in json.loads(line)["levels"] if level["kind"] == "ticket"]
        assert [level["density"] for level in tickets] == [0.5, 0.2]


def test_the_architecture_can_be_swept_and_drawn(copy: Path) -> None:
    settings = [word for word in TWINS[5:] if word != "architecture.filters=4"]
    run(copy, ["-m", "lmc_core", "sweep", "--factor", "architecture.filters=2,4", "--set", *settings, "--write", "report.html"])
    report = (copy / "report.html").read_text(encoding="utf-8")
    assert "architecture.name=two_layer_cnn" in report
    assert "Plotly" in report


def test_what_is_foretold_of_the_architecture_is_what_torch_counts(copy: Path) -> None:
    code = (
        "from lmc_core.overrides import with_overrides; from lmc_core.training.networks import build; "
        "from lmc_core.ui.wording import title_of; from lmc_core.ui.fields import fields_of; from lmc_core.cost.estimates import estimate; "
        "spec = with_overrides({'architecture.name': 'two_layer_cnn'}); net = build(spec); "
        "assert [(t.name, t.size) for t in spec.architecture.tensors(spec.data)] == [(n, p.numel()) for n, p in net.named_parameters()]; "
        "assert title_of(spec) == 'Two-layer CNN, 16 filters on Digits 8×8', title_of(spec); "
        "assert 'architecture.filters' in [field.path for field in fields_of('architecture', spec)]; "
        "assert 0 < estimate(spec).seconds < 60"
    )
    run(copy, ["-c", code])


def test_the_method_prunes_before_training_and_says_what_it_does(copy: Path) -> None:
    told = result(copy, PRUNE, "epochs=4")
    kinds = {level["kind"] for level in told["levels"]}
    assert kinds == {"dense", "ticket", "random"}
    code = (
        "from lmc_core.overrides import with_overrides; from lmc_core.experiment import PruneSpec; "
        "from lmc_core.ui.method_words import explain; from lmc_core.ui.wording import method_in_words, value_name; "
        "spec = with_overrides({'pruning.name': 'grasp'}, model=PruneSpec); "
        "assert (method_in_words(spec), value_name('grasp')) == ('GraSP', 'GraSP'); assert 'Wang' in explain(spec)[0]"
    )
    run(copy, ["-c", code])
