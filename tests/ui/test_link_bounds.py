"""What others add to a link, or what is too much for one, changes nothing of a page and costs nobody time."""

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import streamlit

from lmc_core.errors import LMCError
from lmc_core.overrides import LONGEST_LINK, LONGEST_VALUE, MOST_PARAMETERS, parse_spec, with_overrides
from lmc_core.studies.emergence import parse_values
from lmc_core.sweeps.sweep import MOST_CELLS, parse_factor
from lmc_core.ui.emergence_link import read_emergence_link
from lmc_core.ui.factor_controls import set_factor_controls
from lmc_core.ui.link import read_link
from lmc_core.ui.paper_link import read_paper_link
from lmc_core.ui.pruning_link import read_prune_link
from lmc_core.ui.sweep_link import read_sweep_link
from lmc_core.ui.transformers_link import read_transformers_link

READERS: dict[str, Callable[[dict[str, str]], Any]] = {
    "twins": read_link,
    "pruning": read_prune_link,
    "sweeps": read_sweep_link,
    "emergence": read_emergence_link,
    "paper": read_paper_link,
    "transformers": read_transformers_link,
}
SECONDS = 0.5
"""Of a processor; more than any link may cost. What took minutes takes milliseconds."""


@pytest.mark.parametrize("read", READERS.values(), ids=READERS.keys())
@pytest.mark.parametrize("name", ["fbclid", "utm_source", "gclid"])
def test_what_others_add_to_follow_readers_is_left_out_without_a_word(read: Callable[..., Any], name: str) -> None:
    assert read({name: "1"}) == read({})


@pytest.mark.parametrize("read", READERS.values(), ids=READERS.keys())
@pytest.mark.parametrize("parameters", [{"colour": "red"}, {"": ""}, {"epochs": "zwei"}, {"x" * 5_000: "1"}])
def test_what_is_no_setting_or_does_not_fit_is_told_and_leaves_the_page_as_it_opens(
    read: Callable[..., Any], parameters: dict[str, str]
) -> None:
    link = read(parameters)
    assert len(link.complaints) == 1
    assert replace(link, complaints=()) == read({})


@pytest.mark.parametrize("way", ["spawn", "pretraining", "blocks"])
def test_a_foreign_parameter_leaves_every_way_of_emergence_at_its_study(way: str) -> None:
    assert read_emergence_link({"by": way, "fbclid": "1"}) == read_emergence_link({"by": way})


@pytest.mark.parametrize("read", READERS.values(), ids=READERS.keys())
@pytest.mark.parametrize(
    "parameters",
    [
        {"factor": "architecture.slope=" + "." * 200_000},
        {"factor": "architecture.slope=" + " " * 200_000},
        {"factor": "architecture.slope=" + ",".join(["0..1/1000"] * 10_000)},
        {"values": "1," * 100_000, "by": "spawn"},
        {"seeds.order": "1," * 100_000},
        {"pruning.densities": "0.5," * 100_000},
        {"keep": "1," * 100_000},
        {"architecture.mean": "1," * 100_000, "architecture.name": "vit"},
        {"start.checkpoint": "a/" * 100_000},
        {f"x{place}": "1" for place in range(100_000)},
        {"run": "0" * 200_000},
        {"network": "ticket-" * 30_000},
        {"shows": "e" * 200_000},
        {"e" * 200_000: "1"},
    ],
    ids=lambda parameters: f"{next(iter(parameters))[:20]} {len(str(parameters))}",
)
def test_a_link_of_any_length_is_answered_at_once_in_short_sentences(read: Callable[..., Any], parameters: dict[str, str]) -> None:
    begun = time.thread_time()
    link = read(parameters)
    assert time.thread_time() - begun < SECONDS
    assert len(link.complaints) <= MOST_PARAMETERS + 2
    assert all(len(complaint) < 2_000 for complaint in link.complaints)
    assert sum(map(len, link.parameters().values())) < LONGEST_LINK


def test_a_link_may_be_as_long_as_a_sweep_needs() -> None:
    values = ",".join(f"0.{place:05d}" for place in range(1, 400))
    link = read_sweep_link({"factor": f"optimizer.lr={values}", "factor2": "seeds.init=0..9/2", "epochs": "3"})
    assert not link.complaints
    assert len(link.sweep().cells) == 798


@pytest.mark.parametrize(
    "text",
    [
        "architecture.slope=" + "." * 19_000,
        "architecture.slope=" + "." * 200_000,
        "architecture.slope=" + "0..1/1000," * 1_900 + "1",
        "architecture.slope=" + "0..1/1000," * 10_000 + "1",
        "architecture.slope=0..1/600,0..1/600",
        "architecture.slope=" + "0..1/2," * 600 + "1",
        "architecture.slope=" + "0.." * 6_000 + "1/3",
        "optimizer.lr=-1e308..1e308/3",
    ],
    ids=lambda text: f"{text[19:35]} {len(text)}",
)
def test_factors_are_counted_before_any_value_is_made(text: str) -> None:
    tracemalloc.start()
    begun = time.thread_time()
    try:
        if len(parse_factor(text).values) == 1:  # dots alone are a value, which the spec refuses
            with_overrides(dict([text.split("=")]))  # type: ignore[list-item]
    except LMCError as fault:
        assert len(str(fault)) < 300
    else:
        raise AssertionError("it was taken")
    finally:
        taken, most = time.thread_time() - begun, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert taken < SECONDS
    assert most < 10_000_000


def test_a_factor_with_as_many_values_as_cells_are_allowed_is_taken() -> None:
    assert len(parse_factor(f"architecture.slope=0..1/{MOST_CELLS}").values) == MOST_CELLS


@pytest.mark.parametrize(
    ("values", "shown"),
    [("0,0.1;2", "0, 0.1; 2"), (" 0 ,  1 ", "0, 1"), ("0..1/3", "0..1/3"), (" " * 200_000 + ",", ",")],
)
def test_blanks_around_commas_are_set_right_at_once(monkeypatch: pytest.MonkeyPatch, values: str, shown: str) -> None:
    monkeypatch.setattr(streamlit, "session_state", {})
    begun = time.thread_time()
    set_factor_controls([f"architecture.slope={values}"])
    assert time.thread_time() - begun < SECONDS
    assert streamlit.session_state["factor 0 text"] == shown


def test_moments_of_any_length_are_refused_at_once() -> None:
    begun = time.thread_time()
    with pytest.raises(LMCError, match="1,000,000 characters"):
        parse_values("1," * 500_000)
    assert time.thread_time() - begun < SECONDS


@pytest.mark.parametrize("section", [{"keep": ["x"] * 500_000}, {"architecture": {"name": "vit", "mean": ["x"] * 500_000}}])
def test_a_field_with_hundreds_of_thousands_of_numbers_is_refused_at_once(section: dict[str, object]) -> None:
    begun = time.thread_time()
    with pytest.raises(LMCError, match="has 500,000 values"):
        parse_spec(section)
    assert time.thread_time() - begun < SECONDS


def test_a_setting_on_the_command_line_has_its_bound_too() -> None:
    with pytest.raises(LMCError, match=rf"^dataset has 200,000 characters; {LONGEST_VALUE:,} is the most\.$"):
        with_overrides({"dataset": "d" * 200_000})
