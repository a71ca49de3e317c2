import pytest

from lmc_core.experiment import PruneSpec
from lmc_core.pruning.spec import Platon
from lmc_core.ui.pruning_link import Networks, PruneLink, read_prune_link

SPEC = PruneSpec(pruning=Platon(densities=(0.4, 0.03), rewind=(0, 3)), epochs=7)


@pytest.mark.parametrize(
    "link",
    [
        PruneLink(PruneSpec()),
        PruneLink(SPEC, run="0" * 20),
        PruneLink(SPEC, "0" * 20, "k", Networks("ticket", 36), 0.03),
        PruneLink(SPEC, "0" * 20, "density", Networks("pruned", None), 1.0),
    ],
)
def test_a_link_that_is_written_reads_as_it_was(link: PruneLink) -> None:
    assert read_prune_link(link.parameters()) == link


def test_the_default_experiment_has_an_empty_link() -> None:
    assert PruneLink(PruneSpec()).parameters() == {}


@pytest.mark.parametrize("text", ["", "ticket-", "ticket--1", "ticket-x", "ticket-" + "9" * 30, "Ticket-0", "-0"])
def test_networks_that_are_none_are_left_to_the_page(text: str) -> None:
    link = read_prune_link({"network": text})
    assert link.networks in (None, Networks("ticket", None))


@pytest.mark.parametrize("text", ["0", "-1", "1.1", "nan", "inf", "half"])
def test_a_density_that_is_none_is_told(text: str) -> None:
    link = read_prune_link({"density": text})
    assert link.density is None
    assert len(link.complaints) == 1
