import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmc_core.experiment import Seeds, TwinsSpec
from lmc_core.optim.spec import SGD
from lmc_core.overrides import field_paths
from lmc_core.studies.presets import PRESETS
from lmc_core.ui.link import Link, read_link

RUN = "0123456789abcdef0123"


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS.keys())
def test_every_preset_comes_back_from_its_own_link(preset: object) -> None:
    link = Link(PRESETS[preset.name].spec, RUN, "loss")  # type: ignore[attr-defined]
    assert read_link(link.parameters()) == link


def test_the_default_experiment_has_an_empty_link() -> None:
    assert Link(TwinsSpec()).parameters() == {}


def test_a_link_keeps_each_twins_seeds() -> None:
    spec = TwinsSpec(seeds=Seeds(order=(5, 5), augmentation=(3, 4)))
    parameters = Link(spec).parameters()
    assert parameters == {"seeds.order": "5,5", "seeds.augmentation": "3,4"}
    assert read_link(parameters).spec == spec


@pytest.mark.parametrize(
    ("parameters", "spec", "complaint"),
    [
        ({"epochs": "zwei", "repeats": "3"}, TwinsSpec(repeats=3), "“Epochs” is 'zwei'; allowed: a whole number from 1 to 10,000."),
        ({"epochs": "-1", "repeats": "3"}, TwinsSpec(repeats=3), "“Epochs” is '-1'"),
        ({"epochs": "nan"}, TwinsSpec(), "“Epochs” is 'nan'"),
        ({"optimizer.lr": "inf"}, TwinsSpec(), "“Learning rate” is 'inf'"),
        ({"dataset": "../../etc/passwd", "epochs": "3"}, TwinsSpec(epochs=3), "“Data set” is '../../etc/passwd'"),
        ({"batch_size": "4096"}, TwinsSpec(), "“Batch size” is 4,096"),
        (
            {"optimizer.name": "adam", "optimizer.momentum": "0.5"},
            TwinsSpec.model_validate({"optimizer": {"name": "adam"}}),
            "“Momentum” does not go with adam",
        ),
        ({"colour": "red", "epochs": "3"}, TwinsSpec(epochs=3), "there is no setting 'colour'"),
        ({"seeds.order": "1"}, TwinsSpec(), "“Order seeds A, B” has"),
        ({"measure": "beauty"}, TwinsSpec(), "measure is 'beauty'; allowed: error, loss"),
        (
            {"optimizer.momentum": "0", "optimizer.nesterov": "true"},
            TwinsSpec(optimizer=SGD(momentum=0)),
            "“Nesterov” is true",
        ),
    ],
)
def test_nonsense_in_a_link_is_told_in_a_sentence_and_the_rest_is_kept(parameters: dict[str, str], spec: TwinsSpec, complaint: str) -> None:
    link = read_link(parameters)
    assert link.spec == spec
    assert len(link.complaints) == 1
    assert complaint in link.complaints[0]


def test_values_that_only_fit_together_are_taken_in_any_order() -> None:
    parameters = {"batch_size": "30000", "schedule.warmup_epochs": "10", "epochs": "200", "dataset": "mnist", "train_samples": "40000"}
    for order in (parameters, dict(reversed(parameters.items()))):
        link = read_link(order)
        assert not link.complaints
        assert (link.spec.batch_size, link.spec.schedule.warmup_epochs, link.spec.train_samples) == (30_000, 10, 40_000)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from([*field_paths(), "run", "measure", "x"]), st.text(max_size=12), max_size=6))
def test_no_link_whatsoever_fails(parameters: dict[str, str]) -> None:
    link = read_link(parameters)
    assert read_link(link.parameters()) == Link(link.spec, link.run, link.measure)
