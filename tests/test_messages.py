"""Messages about fields say what is allowed, in the words of whoever reads them: paths on the command line, labels on pages."""

import re
from collections.abc import Iterator

import pytest

from lmc_core.errors import LMCError, field, place
from lmc_core.experiment import SPECS, Experiment
from lmc_core.overrides import choices_of, field_paths, parse_spec, with_overrides
from lmc_core.settings import REPOSITORY
from lmc_core.ui.wording import in_words, label

BAD = (
    "abc",
    "2.7",
    "-3",
    "nan",
    "1e999",
    "9" * 60,
    "",
    " ",
    "x" * 600,
    "1,x",
    "../..",
    "\ud800",
    "‹epochs›",
    "![x](http://nowhere)",
    "\0",
)
"""Texts that are wrong for most fields, each in its own way."""
SHAPES = (None, [], [1, 2, 3, 4], {}, {"a": 1}, True, -1, 2.5, float("inf"), [[1]], ["1", {}])
"""The same as JSON."""
NEVER = re.compile(
    r"\[0-9a-z|\^\[.*\]\{\d|it string should|string should|input_value|errno|traceback|pydantic|valid (?:integer|number)|Input ", re.I
)


def kinds_with(path: str, model: type[Experiment]) -> Iterator[str]:
    """The kinds of its section that have a field; nothing for a section that has no kinds."""
    section, _, name = path.rpartition(".")
    return (kind for kind, part in choices_of(model).get(section, {}).items() if name in part.model_fields)


def faults_of(path: str, model: type[Experiment]) -> Iterator[tuple[object, LMCError]]:
    section, _, name = path.rpartition(".")
    kind = next(kinds_with(path, model), None)
    for text in BAD:
        chosen = {f"{section}.name": kind} if kind and name != "name" else {}
        try:
            with_overrides({**chosen, path: text}, model=model)
        except LMCError as fault:
            yield text, fault
    for shape in SHAPES:
        part = {name: shape} | ({"name": kind} if kind and name != "name" else {})
        try:
            parse_spec({section: part} if section else part, model)
        except LMCError as fault:
            yield shape, fault


CASES = [(path, model) for model in SPECS.values() for path in field_paths(model)]


@pytest.mark.parametrize(("path", "model"), CASES, ids=[f"{model.__name__}-{path}" for path, model in CASES])
def test_every_field_refuses_bad_values_in_one_sentence_for_each_reader(path: str, model: type[Experiment]) -> None:
    told = list(faults_of(path, model))
    assert told
    for value, fault in told:
        shell, page = str(fault), in_words(fault)
        for sentence in (shell, page):
            assert not NEVER.search(sentence.replace(repr(value), "")), sentence
            assert str(REPOSITORY) not in sentence
            assert "\n" not in sentence
            assert sentence.endswith(".")
            assert len(sentence) < 500
            assert sentence.isprintable()
        assert any(known in shell for known in (*field_paths(model), path.partition(".")[0]))
        if "." in path and path in shell:
            assert label(path) in page
            assert path not in page


def test_what_somebody_typed_is_never_taken_for_a_field() -> None:
    with pytest.raises(LMCError) as fault:
        with_overrides({"dataset": "‹epochs›"})
    assert "'<epochs>'" in in_words(fault.value)
    assert "“Data set” is" in in_words(fault.value)


def test_a_place_on_the_server_is_the_command_line_s_alone() -> None:
    fault = LMCError(f"There is no x in {place('/srv/models', 'the folder')}; set {field('epochs')}.")
    assert str(fault) == "There is no x in /srv/models; set epochs."
    assert in_words(fault) == "There is no x in the folder; set “Epochs”."
