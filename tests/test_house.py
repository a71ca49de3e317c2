"""The structure in numbers: what a newcomer has to find, counted from the sources.

A bound falls as the structure gets simpler. Only what users gain may raise one.
"""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmc_core.models.spec import ARCHITECTURES
from lmc_core.pruning.spec import METHODS
from lmc_core.settings import REPOSITORY

CORE = REPOSITORY / "lmc_core"
PRODUCT = [REPOSITORY / "app.py", *sorted((REPOSITORY / "pages").glob("*.py")), *sorted(CORE.rglob("*.py"))]
MOST_ROOT_MODULES = 11
MOST_TRACKED_FILES = 700
MOST_PRODUCT_FILES = 368
MOST_PRODUCT_LINES = 35_583


def asked(classes: set[str], but: tuple[str, ...]) -> Iterator[str]:
    """Where the sources ask whether something is of one of these classes, by isinstance or a pattern, outside some places."""
    for file in PRODUCT:
        path = file.relative_to(REPOSITORY).as_posix()
        if path.startswith(but):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} & classes
            is_asked = isinstance(node, ast.MatchClass) or (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance")
            if is_asked and names:
                yield f"{path}:{node.lineno}"


def test_no_line_outside_models_and_checkpoints_asks_which_architecture_a_network_has() -> None:
    classes = {model.__name__ for model in ARCHITECTURES.values()}
    assert list(asked(classes, ("lmc_core/models/", "lmc_core/checkpoints/"))) == []


def test_only_the_view_that_shows_platon_s_two_maskings_asks_which_method_pruned() -> None:
    classes = {model.__name__ for model in METHODS.values()}
    assert list(asked(classes, ("lmc_core/pruning/", "lmc_core/ui/pruning_view.py"))) == []


def test_the_root_of_the_core_has_few_modules() -> None:
    assert len(list(CORE.glob("*.py"))) <= MOST_ROOT_MODULES


def test_the_sources_do_not_grow() -> None:
    assert len(PRODUCT) <= MOST_PRODUCT_FILES
    assert sum(len(file.read_text(encoding="utf-8").splitlines()) for file in PRODUCT) <= MOST_PRODUCT_LINES


def test_every_package_has_its_layer() -> None:
    contracts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = (contract for contract in contracts if contract.get("exhaustive"))
    placed = {name.strip() for layer in layers["layers"] for name in layer.split("|")}
    there = {path.stem for path in CORE.glob("*.py") if path.stem != "__init__"} | {path.parent.name for path in CORE.glob("*/__init__.py")}
    assert placed == there


def test_few_files_are_tracked() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git repository")
    assert len([name for name in listed.stdout.splitlines() if Path(REPOSITORY / name).exists()]) <= MOST_TRACKED_FILES
