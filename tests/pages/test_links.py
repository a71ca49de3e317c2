"""Pages opened by links that others have made, with whatever stands in them."""

import re
from collections.abc import Callable
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from lmc_core.experiment import SPECS, AnySpec, PruneSpec
from lmc_core.overrides import overrides_of, with_overrides
from lmc_core.studies.blog import BLOG_STUDIES
from lmc_core.ui.run_link import parameters_of_run
from tests.pages.reading import charts, text
from tests.ui.fake_engine import FakeEngine, finished


@pytest.mark.parametrize("name", ["sweeps", "emergence"])
def test_a_page_opened_with_a_foreign_parameter_offers_the_same_networks(visit: Callable[..., AppTest], name: str) -> None:
    plain, followed, strange = visit(name), visit(name, fbclid="1"), visit(name, colour="red")
    offers = [[button.label for button in page.button if button.key == "start"] for page in (plain, followed, strange)]
    assert offers[0] == offers[1] == offers[2] != []
    assert "link" not in text(followed)
    assert "'colour'" in text(strange)


NASTY = "![x](http://127.0.0.1:9/i.png) [a](javascript:alert(1)) <img src=http://127.0.0.1:9/j.png> :material/home: $x$ :red[b]"
RENDERED = ("![x](", "[a](", "<img", ":material/home:", "$x$", ":red[")
"""What of it Markdown, Streamlit or a browser would read."""
WITH_OWN_WORDS = (
    "text_input",
    "text_area",
    "selectbox",
    "number_input",
    "arrow_data_frame",
    "dataframe",
    "bidi_component",
    "code",
    "file_uploader",
)
"""Elements that show a value in a field or as code, where nothing is rendered."""


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("twins", {"dataset": NASTY, NASTY: "1"}),
        ("twins", {"run": NASTY, "measure": NASTY}),
        ("twins", {"start.checkpoint": NASTY}),
        ("pruning", {"pruning.name": NASTY, "over": NASTY, "network": NASTY, "density": NASTY, "run": NASTY}),
        ("sweeps", {"factor": f"start.checkpoint={NASTY},", "shows": NASTY, "on": NASTY}),
        ("sweeps", {"factor": NASTY, "factor2": f"optimizer.lr={NASTY}"}),
        ("sweeps", {"factor": f"optimizer.lr={NASTY}"}),
        ("emergence", {"by": NASTY, "values": NASTY, f"pretrain.{NASTY}": "1"}),
        ("emergence", {"by": "pretraining", "checkpoints": NASTY}),
        ("emergence", {"by": "pretraining", "pretrain.optimizer.lr": NASTY, "pretrain.dataset": NASTY}),
        ("paper", {"show": NASTY, "size": NASTY, "rounding": NASTY}),
        ("transformers", {"show": NASTY, "size": NASTY, "precision": NASTY, "details": NASTY}),
        ("transformers", {"checkpoint": NASTY, "accumulation": NASTY}),
        ("runs", {"search": NASTY, "state": NASTY, "selected": NASTY}),
    ],
    ids=lambda part: part if isinstance(part, str) else ",".join(path[:20] for path in part),
)
def test_nothing_of_a_link_is_rendered(visit: Callable[..., AppTest], name: str, parameters: dict[str, str]) -> None:
    page = visit(name, **parameters)
    assert not page.exception
    protos = [str(element.proto) for element in page if element.type not in WITH_OWN_WORDS and hasattr(element, "proto")]
    shown = [re.sub(r"(?<!\\)`[^`]+`", "", words) for words in protos]  # what is set as code is not rendered
    assert not [words for words in shown if any(mark in words for mark in RENDERED)]
    assert "<img" not in str(charts(page))


@pytest.mark.parametrize(
    "spec", [with_overrides({"epochs": "3", "architecture.slope": "0.1"}), PruneSpec(repeats=2)], ids=["twins", "prune"]
)
def test_a_link_to_a_run_that_is_gone_offers_that_run(engine: FakeEngine, visit: Callable[..., AppTest], spec: AnySpec) -> None:
    page = visit("pruning" if isinstance(spec, PruneSpec) else "twins", **parameters_of_run(spec, spec.run_id))
    page.button(key="start").click().run()
    assert [run_id for run_id, _ in engine.submitted] == [spec.run_id]


def test_the_transformers_pages_links_to_its_runs_hold_their_settings(engine: FakeEngine, visit: Callable[..., AppTest]) -> None:
    runs = BLOG_STUDIES["connectivity"].make("sketch").both(engine.settings.data_dir).runs
    engine.store.runs |= {spec.run_id: finished(spec) for spec in runs.values()}
    page = visit("transformers")
    linked = [dict(parse_qsl(element.proto.query_string)) for element in page.get("page_link")]
    assert linked == [parameters_of_run(spec, spec.run_id) for spec in runs.values()]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("twins", {"spawn.at": "9" * 3_000, "batch_size": "1e308", "seeds.order": "1,2,3", "start.checkpoint": "~a\x00"}),
        ("twins", {"optimizer.clip_norm": "1e308", "optimizer.lr": "-0.0", "architecture.width": "65536", "architecture.depth": "32"}),
        ("twins", {"run": "a" * 5_000, "measure": "\x00", "keep": "1," * 900, "kind": "prune"}),
        ("pruning", {"pruning.name": "magnitude", "pruning.schedule": "gradual", "pruning.final_epochs": "1e308"}),
        ("pruning", {"pruning.name": "platon", "pruning.initial_epochs": "1e308", "pruning.rewind": "9" * 300, "density": "1e-320"}),
        ("pruning", {"pruning.densities": ",".join(["0.5"] * 900), "network": "ticket-" + "9" * 200, "run": "\x00"}),
        ("sweeps", {"factor": "optimizer.lr=-1e308..1e308/3", "factor2": "architecture.slope=" + "." * 3_000}),
        ("sweeps", {"factor": "start.checkpoint=~nouser,/x\x00," + "a" * 600}),
        ("sweeps", {"factor": "architecture.slope=0..1/1000", "factor2": "optimizer.lr=0.1..1/1000"}),
        ("emergence", {"by": "pretraining", "checkpoints": "~nouser"}),
        ("emergence", {"by": "pretraining", "checkpoints": "/x\x00"}),
        ("emergence", {"by": "pretraining", "checkpoints": "a" * 600}),
        ("emergence", {"by": "pretraining", "pretrain.augmentation": "foo", "pretrain.dataset": "bar", "pretrain.batch_size": "9" * 3_000}),
        ("emergence", {"by": "spawn", "values": "999999999 epochs, 5 steps"}),
        ("emergence", {"by": "blocks", "values": "1," * 1_900}),
        ("transformers", {"checkpoint": "a" * 600}),
        ("transformers", {"checkpoint": "~a\x00", "accumulation": "1e308"}),
        ("paper", {"show": "figure4\x00", "size": "9" * 3_000}),
        ("runs", {"selected": "a," * 1_900, "search": "\x00", "state": "x", "data": "x", "network": "x"}),
        ("about", {"x": "\x00"}),
    ],
    ids=lambda part: part if isinstance(part, str) else ",".join(part)[:60],
)
def test_no_link_makes_a_page_fail(visit: Callable[..., AppTest], name: str, parameters: dict[str, str]) -> None:
    page = visit(name, **parameters)
    assert not page.exception
    assert page.title
    assert len(text(page)) < 20_000


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (
            "twins",
            {"architecture.name": "vit", "architecture.mean": "0.485,0.456,0.406", "architecture.std": "0.229,0.224,0.225", "keep": "0,3"},
        ),
        ("twins", {"architecture.slope": "0.3333333333333333", "optimizer.lr": "1.2345678901234e-07", "optimizer.clip_norm": "1e+300"}),
        ("twins", {"optimizer.name": "adamw", "optimizer.weight_decay": "0.1234567890123", "seeds.order": "2147483647,0", "device": "cpu"}),
        (
            "prune",
            {"pruning.name": "platon", "pruning.densities": "0.123456789,0.01", "pruning.rewind": "0,1,3", "pruning.beta1": "0.87654321"},
        ),
    ],
    ids=lambda part: part if isinstance(part, str) else next(iter(part)),
)
def test_a_page_trains_what_its_link_says_to_the_last_digit(
    engine: FakeEngine, visit: Callable[..., AppTest], kind: str, settings: dict[str, str]
) -> None:
    spec = with_overrides(settings | {"dataset": "cifar10"}, model=SPECS[kind])
    assert overrides_of(spec) == settings | {"dataset": "cifar10"}
    page = visit("pruning" if kind == "prune" else "twins", **overrides_of(spec))
    page.button(key="start").click().run()
    assert [run_id for run_id, _ in engine.submitted] == [spec.run_id]
