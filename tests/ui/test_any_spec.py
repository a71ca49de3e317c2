"""Laws for every spec that can be made: it survives its link, its command line and its file."""

import shlex
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from lmc_core.command_line import parser
from lmc_core.command_line.spec_options import pairs
from lmc_core.errors import LMCError
from lmc_core.experiment import SPECS, AnySpec, PruneSpec, TwinsSpec
from lmc_core.experiment import read_spec as read_stored
from lmc_core.models.spec import ViT
from lmc_core.optim.spec import SGD
from lmc_core.overrides import (
    LONGEST_LINK,
    LONGEST_SPEC,
    LONGEST_VALUE,
    MOST_PARAMETERS,
    command_of,
    field_paths,
    overrides_of,
    parse_any_spec,
    with_overrides,
)
from lmc_core.plan import LevelKind
from lmc_core.studies.emergence import PRETRAINED_BY, WAYS, Moment, written_values
from lmc_core.sweeps.sweep import Sweep, parse_factor, read_sweep
from lmc_core.ui.emergence_link import EmergenceLink, read_emergence_link
from lmc_core.ui.link import Link, read_link
from lmc_core.ui.pruning_link import KINDS, Networks, PruneLink, read_prune_link
from lmc_core.ui.spec_file import read_spec
from lmc_core.ui.sweep_link import SPLITS, SweepLink, read_sweep_link
from lmc_core.ui.transformers_link import PRECISIONS, TransformersLink, read_transformers_link
from tests.any_spec import NAMES, specs

law = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
RUN_IDS = some.none() | some.text("0123456789abcdef", min_size=20, max_size=20)


def through_a_browser(parameters: dict[str, str]) -> dict[str, str]:
    """The parameters as they come back when the link is followed."""
    return dict(parse_qsl(urlencode(parameters), keep_blank_values=True))


@law
@given(specs())
def test_every_spec_survives_its_own_link(spec: AnySpec) -> None:
    link = PruneLink(spec) if isinstance(spec, PruneSpec) else Link(spec)
    parameters = through_a_browser(link.parameters())
    assert len(parameters) <= MOST_PARAMETERS
    assert sum(len(path) + len(text) for path, text in parameters.items()) <= LONGEST_LINK
    read = read_prune_link(parameters) if isinstance(spec, PruneSpec) else read_link(parameters)
    assert read == link
    assert read.spec.run_id == spec.run_id


@law
@given(specs(), some.dictionaries(some.sampled_from(["epochs", "colour", "optimizer.lr", "fbclid"]), some.just("zwei"), max_size=3))
def test_what_does_not_fit_takes_nothing_else_of_a_link_with_it(spec: AnySpec, wrong: dict[str, str]) -> None:
    parameters = overrides_of(spec) | {path: text for path, text in wrong.items() if path not in overrides_of(spec)}
    read = read_prune_link(parameters) if isinstance(spec, PruneSpec) else read_link(parameters)
    assert read.spec.run_id == spec.run_id
    assert len(read.complaints) == len(parameters) - len(overrides_of(spec)) - ("fbclid" in parameters)


@law
@given(specs())
def test_every_spec_survives_its_command_line(spec: AnySpec) -> None:
    words = shlex.split(command_of(spec))
    options = parser().parse_args(words[3:])
    assert with_overrides(pairs(options.settings), model=SPECS[words[3]]).run_id == spec.run_id


@law
@given(specs())
def test_every_spec_survives_its_file(spec: AnySpec) -> None:
    text = spec.model_dump_json(indent=1)
    assert len(text) <= LONGEST_SPEC
    assert read_spec(text) == read_stored(text) == spec
    assert read_spec(text).run_id == read_stored(text).run_id == spec.run_id


@law
@given(
    specs(TwinsSpec),
    some.sampled_from(["epochs=1,2", "optimizer.name=sgd,adam", "seeds.init=0..4/5", "seeds.order=1,2;3,4"]),
    some.sampled_from(SPLITS),
)
def test_every_sweep_survives_its_link(spec: TwinsSpec, factor: str, split: str) -> None:
    link = SweepLink(spec, (factor,), "loss", split)  # type: ignore[arg-type]
    assert read_sweep_link(through_a_browser(link.parameters())) == link
    try:
        sweep = Sweep(spec, (parse_factor(factor),))
    except LMCError:
        return
    again = read_sweep(through_a_browser(sweep.parameters))
    assert [cell.spec.run_id for cell in again.cells] == [cell.spec.run_id for cell in sweep.cells]


@law
@given(
    some.sampled_from(WAYS),
    specs(TwinsSpec),
    some.lists(some.builds(Moment, some.integers(1, 99), some.sampled_from(["steps", "epochs"])), min_size=1, max_size=5, unique=True),
    some.dictionaries(some.sampled_from(PRETRAINED_BY), some.sampled_from(["digits", "0.5", "64"]), max_size=2),
    NAMES,
)
def test_every_study_of_emergence_survives_its_link(
    way: str, spec: TwinsSpec, moments: list[Moment], source: dict[str, str], folder: str
) -> None:
    own = (source, folder) if way == "pretraining" else ({}, "")
    link = EmergenceLink(way, spec, written_values(moments), *own, "loss", "train")  # type: ignore[arg-type]
    assert read_emergence_link(through_a_browser(link.parameters())) == link


@law
@given(specs(PruneSpec), RUN_IDS, some.sampled_from(KINDS), some.none() | some.integers(0, 10**8), some.floats(1e-9, 1))
def test_what_is_looked_at_of_a_pruning_run_survives_its_link(
    spec: PruneSpec, run: str | None, kind: LevelKind, rewind: int | None, density: float
) -> None:
    link = PruneLink(spec, run, "k", Networks(kind, rewind), density)
    assert read_prune_link(through_a_browser(link.parameters())) == link


@law
@given(NAMES.map(str.strip), some.sampled_from(["", *PRECISIONS]), some.dictionaries(some.just("accumulation"), some.just("4")))
def test_the_transformers_page_survives_its_link(checkpoint: str, precision: str, fitting: dict[str, str]) -> None:
    link = TransformersLink(size="paper", checkpoint=checkpoint, precision=precision, fitting=fitting)
    assert read_transformers_link(through_a_browser(link.parameters())) == link


def test_a_mean_and_a_standard_deviation_are_taken_together_beside_what_does_not_fit() -> None:
    link = read_link({"architecture.name": "vit", "architecture.mean": "0.5", "architecture.std": "0.5", "epochs": "zwei"})
    assert isinstance(link.spec.architecture, ViT)
    assert (link.spec.architecture.mean, link.spec.architecture.std) == ((0.5,), (0.5,))
    assert len(link.complaints) == 1


@pytest.mark.parametrize("text", ["0", "-0.0", "0.0", "-0", "-0e5"])
def test_zero_is_one_experiment_however_it_is_written(text: str) -> None:
    spec = with_overrides({"optimizer.weight_decay": text, "schedule.warmup_epochs": text})
    assert spec.run_id == TwinsSpec().run_id == TwinsSpec(optimizer=SGD(weight_decay=-0.0)).run_id
    assert "-" not in spec.model_dump_json().replace("none-", "").partition('"lr"')[2].partition("clip_norm")[0]


def test_a_negative_zero_in_a_tuple_is_zero() -> None:
    values = {"architecture": {"name": "vit", "mean": [-0.0], "std": [1.0]}}
    assert parse_any_spec(values).run_id == parse_any_spec({"architecture": {"name": "vit", "mean": [0.0], "std": [1.0]}}).run_id


def test_a_run_that_was_stored_with_a_negative_zero_keeps_its_id() -> None:
    stored = read_stored(TwinsSpec().model_dump_json().replace('"weight_decay":0.0', '"weight_decay":-0.0'))
    assert stored.run_id == "ab461f62ff1fda271b38"


def test_the_longest_value_of_a_spec_fits_into_a_link() -> None:
    spec = TwinsSpec(epochs=10_000, keep=tuple(range(9_801, 10_001)))
    assert len(overrides_of(spec)["keep"]) < LONGEST_VALUE
    assert read_link(Link(spec).parameters()).spec == spec
    assert len(field_paths()) < MOST_PARAMETERS
