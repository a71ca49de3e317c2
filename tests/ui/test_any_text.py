"""Whatever people send, every reader answers with what it understood and sentences that any page and terminal can show."""

import json
import time
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from lmc_core.command_line import parser
from lmc_core.command_line.spec_options import any_spec_from, pairs
from lmc_core.cost.estimates import estimate
from lmc_core.errors import LMCError
from lmc_core.experiment import Experiment, PruneSpec, TwinsSpec
from lmc_core.jobs.snapshot import RunListing, State
from lmc_core.overrides import field_paths, with_overrides
from lmc_core.studies.blog import BLOG_STUDIES
from lmc_core.studies.emergence import PRETRAINED_BY, stages_in
from lmc_core.sweeps.sweep import parse_factor, read_sweep
from lmc_core.ui.emergence_link import read_emergence_link
from lmc_core.ui.factor_controls import varying
from lmc_core.ui.link import read_link
from lmc_core.ui.paper_link import read_paper_link
from lmc_core.ui.plain_text import plain
from lmc_core.ui.pruning_link import read_prune_link
from lmc_core.ui.run_table import SHIPPED, STATES, Search, found
from lmc_core.ui.spec_file import read_spec
from lmc_core.ui.sweep_link import read_sweep_link
from lmc_core.ui.transformers_link import read_transformers_link
from lmc_core.ui.wording import subtitle_of, title_of
from tests.any_spec import json_values, parameters, texts

fuzz = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
LONGEST_SENTENCE = 2_500
"""A sentence that lists all fields of a spec."""

TWINS = (*field_paths(), "run", "measure")
PRUNING = (*field_paths(PruneSpec), "run", "over", "network", "density")
SWEEPS = (*field_paths(), "factor", "factor2", "shows", "on")
PRETRAINING = tuple(f"pretrain.{path}" for path in PRETRAINED_BY)
EMERGENCE = (*field_paths()[:6], *PRETRAINING, "by", "values", "checkpoints", "shows", "on")


def can_be_told(sentence: str) -> None:
    """Fail unless a sentence has one line that can be shown."""
    assert sentence.encode()
    assert len(sentence) < LONGEST_SENTENCE
    assert "\n" not in sentence
    assert plain(sentence)


def can_be_used(spec: Experiment) -> None:
    """Fail unless a spec has all that a page shows of it."""
    assert len(spec.run_id) == 20
    assert title_of(spec).encode()
    assert subtitle_of(spec).encode()
    assert estimate(spec).seconds >= 0  # type: ignore[arg-type]


@fuzz
@given(parameters(*TWINS))
def test_any_link_to_twins(given: dict[str, str]) -> None:
    link = read_link(given)
    can_be_used(link.spec)
    assert varying(link.spec)
    for complaint in link.complaints:
        can_be_told(complaint)


@fuzz
@given(parameters(*PRUNING))
def test_any_link_to_pruning(given: dict[str, str]) -> None:
    link = read_prune_link(given)
    can_be_used(link.spec)
    assert read_prune_link(link.parameters()).parameters() == link.parameters()
    for complaint in link.complaints:
        can_be_told(complaint)


@fuzz
@given(parameters(*SWEEPS))
def test_any_link_to_a_sweep(given: dict[str, str]) -> None:
    link = read_sweep_link(given)
    can_be_used(link.spec)
    for complaint in link.complaints:
        can_be_told(complaint)
    try:
        cells = link.sweep().cells
    except LMCError as fault:
        can_be_told(str(fault))
    else:
        can_be_used(cells[-1].spec)


@fuzz
@given(parameters(*EMERGENCE), some.booleans())
def test_any_link_to_emergence(tmp_path: Path, given: dict[str, str], owner: bool) -> None:
    link = read_emergence_link(given)
    can_be_used(link.spec)
    for complaint in link.complaints:
        can_be_told(complaint)
    try:
        study = link.study(stages_in(link.folder, tmp_path, anywhere=owner) if link.folder else ())
        cells = study.ready(tmp_path, anywhere=owner) or study.cells
    except LMCError as fault:
        can_be_told(str(fault))
    else:
        can_be_used(cells[-1].spec)


@fuzz
@given(parameters("show", "size", "checkpoint", "precision", "details", "accumulation", "rounding"), some.booleans())
def test_any_link_to_the_paper_and_to_transformers(tmp_path: Path, given: dict[str, str], owner: bool) -> None:
    link = read_transformers_link(given)
    for complaint in (*link.complaints, *read_paper_link(given).complaints):
        can_be_told(complaint)
    try:
        both = BLOG_STUDIES[link.name].make(link.size).both(tmp_path, link.settings, anywhere=owner)
    except LMCError as fault:
        can_be_told(str(fault))
    else:
        can_be_used(both.random)


@fuzz
@given(json_values("kind", *field_paths()[:3], "architecture", "optimizer", "start", "name", "lr", "mean", "pruning", "seeds"))
def test_any_spec_file(values: Any) -> None:
    try:
        can_be_used(read_spec(json.dumps(values)))
    except LMCError as fault:
        can_be_told(str(fault))


@fuzz
@given(some.text() | some.binary().map(lambda content: content.decode(errors="replace")))
def test_any_text_as_a_spec(text: str) -> None:
    with pytest.raises(LMCError) as caught:
        read_spec(text)
    can_be_told(str(caught.value))


@fuzz
@given(some.lists(some.tuples(some.sampled_from(field_paths()) | texts(), texts()).map("=".join) | texts(), max_size=3), texts())
def test_any_setting_and_factor_of_the_command_line(given: list[str], factor: str) -> None:
    for read in (lambda: with_overrides(pairs(given)), lambda: read_sweep({"factor": factor}).cells[-1].spec, lambda: parse_factor(factor)):
        try:
            spec = read()
        except LMCError as fault:
            can_be_told(str(fault))
        else:
            assert not isinstance(spec, TwinsSpec) or spec.run_id


LISTED = [
    RunListing(spec.run_id, spec, state, 0.0, None, None, False)
    for spec in (TwinsSpec(), TwinsSpec(epochs=3), PruneSpec())
    for state in get_args(State)
]


@fuzz
@given(texts(), some.lists(texts() | some.sampled_from([*STATES.values(), SHIPPED]), max_size=3), some.lists(texts(), max_size=2))
def test_any_search_in_the_list_of_runs(words: str, states: list[str], datasets: list[str]) -> None:
    kept = found(LISTED, Search(words, tuple(states), tuple(datasets)))
    assert [run for run in LISTED if run in kept] == kept
    assert found(LISTED, Search(words)) or words.strip()


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b'{"\\ud800": 1}',
        b'{"start": {"\\ud800": 1}}',
        b'{"dataset": "\\ud800"}',
        b'{"epochs": 1e400}',
        b'{"epochs": ' + b"9" * 5_000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"keep": [' + b"1," * 400_000 + b"1]}",
        b"x" * 5_000_000,
        b'{"kind": {}}',
        b'{"kind": "\\u0000"}',
        b'{"epochs": 3}' + b" " * 100_000,
    ],
    ids=lambda content: f"{content[:20]!r} {len(content)}",
)
def test_a_spec_file_of_any_content_is_one_sentence_at_once(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "spec.json"
    file.write_bytes(content)
    begun = time.thread_time()
    with pytest.raises(LMCError) as on_the_command_line:
        any_spec_from(parser().parse_args(["describe", "--spec", str(file)]))
    with pytest.raises(LMCError) as on_a_page:
        read_spec(content.decode(errors="replace"))
    assert time.thread_time() - begun < 0.5
    can_be_told(str(on_the_command_line.value))
    can_be_told(str(on_a_page.value))
