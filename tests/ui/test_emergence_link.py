"""The link of the page of emergence."""

import pytest

from lmc_core.studies.emergence_presets import EMERGENCE
from lmc_core.sweeps.plan import SIZES
from lmc_core.ui.emergence_link import example, place_of, read_emergence_link


def test_an_empty_link_is_the_example_whose_link_is_empty() -> None:
    link = read_emergence_link({})
    assert link == example()
    assert link.parameters() == {}


@pytest.mark.parametrize("name", EMERGENCE)
@pytest.mark.parametrize("size", SIZES)
def test_every_study_s_link_leads_back_to_it(name: str, size: str) -> None:
    study = EMERGENCE[name].make(size)  # type: ignore[arg-type]
    way, _, network = name.partition("_")
    opened = read_emergence_link({"by": way})
    assert place_of(opened) == ("mlp", "sketch")
    link = read_emergence_link(_link(name, size).parameters())
    assert link.study() == study
    assert place_of(link) == (network, size)
    assert not link.complaints


def _link(name: str, size: str):
    from lmc_core.ui.emergence_link import started

    way, _, network = name.partition("_")
    return started(way, network, size)  # type: ignore[arg-type]


def test_what_is_one_s_own_has_no_place_among_the_studies() -> None:
    assert place_of(read_emergence_link({"by": "spawn", "values": "0, 1", "epochs": "3"})) is None


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"by": "magic"}, "by is 'magic'"),
        ({"values": "soon"}, "not a point"),
        ({"by": "pretraining", "pretrain.epochs": "3"}, "there is no setting 'pretrain.epochs'"),
        ({"shows": "beauty"}, "shows is 'beauty'"),
        ({"colour": "red"}, "there is no setting 'colour'"),
    ],
)
def test_nonsense_is_told_and_the_rest_holds(parameters: dict[str, str], words: str) -> None:
    link = read_emergence_link({"epochs": "3", **parameters})
    assert words in " ".join(link.complaints)
    assert link.spec.epochs == 3
    assert link.study().cells
