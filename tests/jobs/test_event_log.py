from pathlib import Path

import pytest

from lmc_core.jobs.event_log import EventLog
from lmc_core.runs.events import EVENT
from tests.made_up_runs import events_of, made_up_spec

EVENTS = list(events_of(made_up_spec()))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "run" / "events.jsonl"
    with EventLog(path) as log:
        assert [log.append(event)[0] for event in EVENTS] == list(range(1, len(EVENTS) + 1))
    return path


def test_a_later_attempt_finds_what_an_earlier_one_told(path: Path) -> None:
    with EventLog(path) as log:
        assert list(log.events()) == EVENTS
        assert log.append(EVENTS[0]) == (len(EVENTS) + 1, EVENTS[0].model_dump_json())


@pytest.mark.parametrize("lost", [1, 2, 50])
def test_a_line_torn_by_a_kill_is_dropped_and_the_next_one_starts_clean(path: Path, lost: int) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-lost])
    with EventLog(path) as log:
        assert list(log.events()) == EVENTS[:-1]
        log.append(EVENTS[0])
    assert [EVENT.validate_json(line) for line in path.read_bytes().splitlines()] == [*EVENTS[:-1], EVENTS[0]]


def test_what_stands_after_a_flipped_bit_is_dropped(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"~" + lines[2][1:], *lines[3:]]))
    with EventLog(path) as log:
        assert list(log.events()) == EVENTS[:2]
