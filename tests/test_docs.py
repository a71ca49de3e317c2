"""README and docs: commands that parse, settings and fields that exist, links that lead somewhere."""

import importlib.util
import inspect
import re
import shlex
from collections.abc import Iterator

import pytest

from lmc_core.command_line import parser
from lmc_core.experiment import PruneSpec, TwinsSpec
from lmc_core.overrides import field_paths
from lmc_core.settings import REPOSITORY, Settings

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
TEXTS = {page.relative_to(REPOSITORY).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
PROGRAM = "python -m lmc_core "


def commands(text: str) -> Iterator[list[str]]:
    """The program's commands in code blocks and in code between words, without the one that is a name only."""
    blocks = re.findall(r"```\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    for line in (*lines, *re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)):
        if line.strip().startswith(PROGRAM) and len(words := shlex.split(line, comments=True)[3:]) > 1:
            yield words


COMMANDS = [(name, words) for name, text in TEXTS.items() for words in commands(text)]
SETTINGS = set(re.findall(r'"(LMC_[A-Z_]+)"', inspect.getsource(Settings)))


def test_the_readme_is_short() -> None:
    assert len(TEXTS["README.md"].splitlines()) <= 150


@pytest.mark.parametrize(("page", "words"), COMMANDS, ids=[" ".join(words) for _, words in COMMANDS])
def test_a_command_is_understood_and_its_settings_exist(page: str, words: list[str]) -> None:
    options = parser().parse_args(words)
    known = {*field_paths(TwinsSpec), *field_paths(PruneSpec)}
    for setting in [*(getattr(options, "set", None) or []), *(getattr(options, "factor", None) or [])]:
        assert setting.partition("=")[0] in known, page


def test_every_page_of_the_docs_has_commands_that_were_found() -> None:
    assert len(COMMANDS) > 40
    assert {page for page, _ in COMMANDS} >= {f"docs/{name}.md" for name in ("command-line", "emergence", "pruning", "transformers")}


@pytest.mark.parametrize("page", TEXTS)
def test_a_page_names_settings_and_modules_that_exist(page: str) -> None:
    named = set(re.findall(r"LMC_[A-Z_]+[A-Z]", TEXTS[page]))
    assert named <= SETTINGS | {"LMC_CHROMIUM"}
    for module in re.findall(r"python -m (benchmarks\.\w+)", TEXTS[page]):
        assert importlib.util.find_spec(module), module


def test_the_class_room_page_lists_every_setting() -> None:
    assert set(re.findall(r"`(LMC_[A-Z_]+)`", TEXTS["docs/classroom.md"])) >= SETTINGS


@pytest.mark.parametrize("page", TEXTS)
def test_links_and_pictures_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", TEXTS[page]):
        file, _, part = link.partition("#")
        if "://" in link:
            continue
        there = (REPOSITORY / page).parent / file if file else REPOSITORY / page
        assert there.is_file(), link
        if part:
            headings = {title.lower().replace(" ", "-") for title in re.findall(r"(?m)^#+ (.+)$", there.read_text(encoding="utf-8"))}
            assert part in headings, link
