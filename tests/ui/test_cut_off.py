import pytest

from lmc_core.experiment import PruneSpec
from lmc_core.plan import Group
from lmc_core.ui.pruning_view import NAMED, cut_off_in_words
from tests.ui import fake_pruning

SPEC = PruneSpec()
TICKET = Group("ticket", 0.05, 0, ("a", "b"))


@pytest.mark.parametrize(
    ("lost", "named"),
    [
        (("layers.0.weight",), "(Ticket at 5%: layers.0)"),
        (("layers.0.weight", "layers.0.bias"), "(Ticket at 5%: layers.0)"),
        (("query.weight", "key.weight"), "(Ticket at 5%: query, key)"),
    ],
)
def test_a_layer_without_weights_is_named(lost: tuple[str, ...], named: str) -> None:
    assert named in cut_off_in_words(SPEC, [fake_pruning.level_of(SPEC, TICKET, lost)])


@pytest.mark.parametrize("lost", [(), ("layers.0.bias",)])
def test_a_layer_that_has_lost_its_biases_alone_still_works(lost: tuple[str, ...]) -> None:
    assert cut_off_in_words(SPEC, [fake_pruning.level_of(SPEC, TICKET, lost)]) == ""


def test_of_many_such_levels_a_few_are_named_and_the_others_counted() -> None:
    levels = [fake_pruning.level_of(SPEC, TICKET, ("layers.0.weight",))] * (NAMED + 2)
    words = cut_off_in_words(SPEC, levels)
    assert words.count("Ticket at 5%") == NAMED
    assert "and 2 more levels" in words
