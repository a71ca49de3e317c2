"""What a pruning run's verdict says for given levels."""

import pytest

from lmc_core.experiment import PruneSpec
from lmc_core.plan import Group
from lmc_core.pruning.spec import Magnitude
from lmc_core.runs.pruning_results import Level
from lmc_core.ui.pruning_verdict import pruning_verdict, reaches, together
from tests.outcomes import level_with
from tests.ui import fake_pruning

SPEC = PruneSpec(pruning=Magnitude(densities=(0.5, 0.2, 0.1)), repeats=2)


def level(kind: str, density: float, accuracy: float | None, connected: bool | None, rewind: int | None = 0) -> Level:
    made = fake_pruning.level_of(SPEC, Group(kind, density, rewind, ("a", "b")))  # type: ignore[arg-type]
    return level_with(made, accuracy, None if connected is None else 0.01 if connected else 0.1)


DENSE = level("dense", 1.0, 0.95, True)


def tickets(*parts: tuple[float | None, bool | None]) -> list[Level]:
    return [DENSE, *(level("ticket", density, *part) for density, part in zip((0.5, 0.2, 0.1), parts, strict=False))]


@pytest.mark.parametrize(
    ("parts", "headline"),
    [
        ([(0.95, True), (0.95, True), (0.95, True)], "Connected at every density"),
        ([(0.95, True), (0.95, True), (0.95, False)], "Connected down to 20%, accurate at every density"),
        ([(0.95, True), (0.36, True), (0.36, True)], "Connected at every density, accurate down to 50%"),
        ([(0.36, True), (0.36, True), (0.36, True)], "Connected at every density, accurate at no density"),
        ([(0.95, False), (0.95, True), (0.95, True)], "Connected from 20% down, accurate at every density"),
        ([(0.95, True), (0.95, False), (0.95, True)], "Connected at 2 of 3 densities, accurate at every density"),
        ([(0.95, False), (0.95, True), (0.95, False)], "Connected at 1 of 3 densities, accurate at every density"),
        ([(0.95, False), (0.95, False), (0.95, False)], "No ticket is connected"),
        ([], "No ticket was trained"),
    ],
)
def test_the_headline_says_at_which_densities_tickets_are_connected(parts: list[tuple[float, bool]], headline: str) -> None:
    assert pruning_verdict(SPEC, tickets(*parts)).headline == headline


@pytest.mark.parametrize(("accuracy", "keeps"), [(0.95, True), (0.9401, True), (0.9399, False), (0.99, True), (0.15, False)])
def test_a_ticket_keeps_the_accuracy_within_one_point_of_the_dense_network(accuracy: float, keeps: bool) -> None:
    (reach,) = reaches(tickets((accuracy, True)), "digits")
    assert reach.accurate == ((0.5, keeps),)


def test_accuracy_and_connectivity_go_together_where_both_are_there_or_both_are_lost() -> None:
    assert together(tickets((0.95, True), (0.5, False), (0.5, True)), "digits") == (2, 3)
    assert together(tickets((0.95, None)), "digits") == (0, 0)


def test_networks_that_learnt_nothing_are_neither_connected_nor_accurate_nor_do_the_two_go_together() -> None:
    levels = tickets((0.95, True), (0.102, True), (0.102, True))
    (reach,) = reaches(levels, "digits")
    assert reach.accurate == reach.connected == ((0.5, True), (0.2, False), (0.1, False))
    assert together(levels, "digits") == (1, 1)
    found = pruning_verdict(SPEC, levels)
    assert found.headline == "Connected down to 50%"
    assert "Learnt nothing: Ticket at 20%: In 2 of 2 pairs a twin's test accuracy is below" in found.sentence


@pytest.mark.parametrize(
    ("parts", "dense", "headline"),
    [
        ([(0.102, True), (0.103, True)], 0.95, "Tickets learnt nothing"),
        ([(0.102, True), (0.103, True)], 0.102, "Tickets learnt nothing"),
        ([(0.95, False), (0.103, True)], 0.95, "No ticket is connected"),
    ],
)
def test_no_headline_says_connected_of_networks_that_learnt_nothing(parts: list[tuple[float, bool]], dense: float, headline: str) -> None:
    levels = [level("dense", 1.0, dense, True), *tickets(*parts)[1:]]
    found = pruning_verdict(SPEC, levels)
    assert found.headline == headline
    assert ("dense twins learnt nothing" in found.sentence) == (dense < 0.2)
    assert "are connected at no density" in found.sentence


def test_unstable_tickets_count_as_neither_and_are_told_of() -> None:
    diverged = level_with(level("ticket", 0.5, 0.95, True), 0.95, 0.001, diverged=1)
    found = pruning_verdict(SPEC, [DENSE, diverged])
    assert found.headline == "Tickets were unstable"
    assert "Unstable: Ticket at 50%: 1 of 2 pairs diverged: a loss or a weight was not finite." in found.sentence
    assert together([DENSE, diverged], "digits") == (0, 0)


def test_each_rewinding_point_is_told_of_and_the_headline_is_the_best() -> None:
    spec = PruneSpec(pruning=Magnitude(densities=(0.5, 0.2), rewind=(0, 2)), repeats=2)
    later = spec.rewind_steps[1]
    levels = [DENSE, level("ticket", 0.5, 0.95, False), level("ticket", 0.5, 0.95, True, later), level("ticket", 0.2, 0.9, False, later)]
    found = pruning_verdict(spec, levels)
    assert found.headline == "Connected down to 50%, from epoch 2"
    assert (
        "From the initialisation dense twins are connected (barrier 1.00% ± 0.00%); tickets stay within 1 percentage point"
        in found.sentence
    )
    assert "at every density and are connected at no density.\nFrom epoch 2 tickets stay within" in found.sentence


def test_of_many_rewinding_points_the_first_and_the_best_are_told_of() -> None:
    spec = PruneSpec(pruning=Magnitude(densities=(0.5,), rewind=(0, 1, 2, 3, 4)), repeats=2)
    levels = [DENSE, *(level("ticket", 0.5, 0.95, place == 2, step) for place, step in enumerate(spec.rewind_steps))]
    sentence = pruning_verdict(spec, levels).sentence
    assert "From the initialisation" in sentence
    assert "From epoch 2" in sentence
    assert "From epoch 4" not in sentence
