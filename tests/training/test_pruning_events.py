"""What a pruning run tells while it goes on."""

import itertools

import pytest

from lmc_core.plan import phases
from lmc_core.runs.events import EVENT
from lmc_core.training import pace
from tests.training.pruning_runs import METHODS, prune, result_of, small_prune_spec


def of_kind(events, kind: str) -> list:
    return [event for event in events if event.event == kind]


@pytest.mark.parametrize("method", METHODS)
def test_steps_of_the_run_never_go_back_and_end_at_the_total(method):
    events, _ = prune(small_prune_spec(method, pruning={"rewind": [0, 7], "rewind_unit": "steps"}))
    steps = [event.step for event in events if event.event in ("started", "phase", "networks", "level")]
    assert steps == sorted(steps)
    assert steps[0] == 0
    assert steps[-1] == events[0].total_steps
    assert events[-1].event == "done"


def test_an_epoch_of_a_rewound_phase_begins_where_its_networks_do():
    spec = small_prune_spec("snip", pruning={"rewind": [7], "rewind_unit": "steps"})
    events, _ = prune(spec)
    first, second = ([event for event in of_kind(events, "networks") if event.phase == phase] for phase in (0, 1))
    assert [event.epoch for event in first] == [1, 2, 3, 4]
    assert [event.epoch for event in second] == [2, 3, 4]
    assert [event.step for event in second] == [20 + 3, 20 + 8, 20 + 13]
    recorded = [event for event in of_kind(events, "recorded") if event.phase == 1 and event.kind == "ticket" and event.density == 0.5]
    assert [(event.first, len(event.loss)) for event in recorded] == [(7, 3), (10, 5), (15, 5)]


def test_the_training_loss_of_an_epoch_is_the_mean_of_its_recorded_steps_over_images():
    events, _ = prune(small_prune_spec("platon", pruning={"rewind": [7], "rewind_unit": "steps"}))
    networks = {
        (epoch.phase, epoch.epoch, network.kind, network.density): network
        for epoch in of_kind(events, "networks")
        for network in epoch.networks
        if (network.pair, network.twin) == (0, "a")
    }
    records = of_kind(events, "recorded")
    assert len(records) == 4 * 3 + 3 * 3
    for record in records:
        seen = [20, 20, 20, 20, 10][record.first % 5 :]
        mean = sum(loss * images for loss, images in zip(record.loss, seen, strict=True)) / sum(seen)
        network = networks[record.phase, record.first // 5 + 1, record.kind, record.density]
        assert network.train_loss == pytest.approx(mean, rel=1e-5)


def test_scheduled_and_true_ratio_of_soft_platon_are_two_lines():
    events, _ = prune(small_prune_spec({"name": "platon", "interval": 3, "final_epochs": 1}, epochs=6))
    records = [event for event in of_kind(events, "recorded") if event.kind == "pruned" and event.density == 0.2]
    scheduled, kept, masked = (
        list(itertools.chain(*(getattr(event, name) for event in records))) for name in ("scheduled", "kept", "masked")
    )
    assert len(scheduled) == len(kept) == len(masked) == 30
    assert [step for step in range(30) if masked[step]] == [*range(3, 26, 3), *range(26, 30)]
    for step in range(6, 25):
        if masked[step]:
            assert kept[step] == pytest.approx(scheduled[step], abs=2 / 1280)
        else:
            assert kept[step] == 1 > scheduled[step]
    assert kept[26:] == [257 / 1280] * 4
    assert scheduled[26:] == [0.2] * 4


def test_a_ticket_keeps_at_each_step_what_its_mask_allows():
    events, _ = prune(small_prune_spec("magnitude"))
    records = [event for event in of_kind(events, "recorded") if event.kind == "ticket"]
    assert {event.density for event in records} == {0.5, 0.2}
    for event in records:
        assert set(event.kept) == set(event.scheduled) == {event.density}
        assert not any(event.masked)


@pytest.mark.parametrize("method", METHODS)
def test_every_event_travels_as_json(method):
    events, _ = prune(small_prune_spec(method))
    assert [EVENT.validate_json(event.model_dump_json()) for event in events] == events


def test_a_phase_says_what_trains_and_how_many():
    spec = small_prune_spec("iterative", repeats=3, pruning={"rewind": [0, 1], "densities": [0.5]})
    told = [(event.phase, event.phases, event.step, event.members, event.text) for event in of_kind(prune(spec)[0], "phase")]
    assert told == [
        (0, 3, 0, 6, "6 dense networks train"),
        (1, 3, 20, 12, "round 1 of 1: 12 networks train from step 0"),
        (2, 3, 40, 18, "round 1 of 1: 18 networks train from step 5"),
    ]


def test_there_are_signs_of_life_inside_a_long_epoch(monkeypatch):
    monkeypatch.setattr(pace, "SEGMENT_SECONDS", 0)
    monkeypatch.setattr(pace, "SIGN_OF_LIFE_SECONDS", 0)
    spec = small_prune_spec("random")
    steps = [event.step for event in of_kind(prune(spec)[0], "steps")]
    assert steps == [step for step in range(20 * len(phases(spec))) if step % 5]


def test_time_and_place_are_told():
    result = result_of(prune(small_prune_spec(), threads=2)[0])
    assert result.timing.train_seconds > 0
    assert result.timing.evaluate_seconds > 0
    assert result.environment.threads == 2
    assert result.environment.dataset["train_samples"] == 90
    assert result.alphas == [0, 0.5, 1]
