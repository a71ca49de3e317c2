import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lmc_core.errors import LMCError
from lmc_core.jobs import journal as journal_module
from lmc_core.jobs.journal import MOST_CREWS, VANISHED_ALLOWED, Journal, Origin
from lmc_core.jobs.loss import Loss

RUN, OTHER = "a" * 20, "b" * 20
OWNER = "this engine"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


def state(journal: Journal, run_id: str = RUN) -> str:
    job = journal.job(run_id)
    return "unknown" if job is None else job.state


def claimed(journal: Journal, run_id: str = RUN, visitor: str = "me") -> int:
    journal.submit(run_id, "{}", visitor, max_queued=9)
    claim = journal.claim(OWNER)
    assert claim is not None
    assert claim.run_id == run_id
    return claim.attempt


def test_thirty_who_ask_at_once_for_one_run_make_one_job_with_thirty_watchers(journal: Journal) -> None:
    clicks = [threading.Thread(target=journal.submit, args=(RUN, "{}", f"visitor {number}", 1)) for number in range(30)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert [job.run_id for job in journal.queue()[1]] == [RUN]
    assert journal.watchers(RUN) == 30
    assert journal.claim(OWNER) is not None
    assert journal.claim("another engine") is None


def test_a_visitor_may_have_only_so_many_runs_under_way(journal: Journal) -> None:
    journal.submit(RUN, "{}", "me", max_queued=1)
    with pytest.raises(LMCError, match=r"You have 1 runs waiting or running, and 1 is the most for one visitor \(LMC_MAX_QUEUED\); wait"):
        journal.submit(OTHER, "{}", "me", max_queued=1)
    assert state(journal, OTHER) == "unknown"
    journal.submit(OTHER, "{}", "you", max_queued=1)
    journal.submit(RUN, "{}", "you", max_queued=1)
    assert journal.watchers(RUN) == 2


def test_a_queued_run_that_nobody_wants_any_more_is_cancelled_at_once(journal: Journal) -> None:
    journal.submit(RUN, "{}", "me", 9)
    assert journal.leave(RUN, "me")
    assert state(journal) == "cancelled"
    assert journal.claim(OWNER) is None


def test_a_run_goes_on_while_somebody_else_wants_it(journal: Journal) -> None:
    attempt = claimed(journal)
    journal.submit(RUN, "{}", "you", 9)
    assert not journal.leave(RUN, "me")
    assert journal.running(OWNER) == {RUN: (attempt, False)}
    assert journal.leave(RUN, "you")
    assert journal.running(OWNER) == {RUN: (attempt, True)}
    journal.stopped(OWNER, RUN, attempt)
    assert state(journal) == "cancelled"


def test_who_looks_on_counts_for_a_while_and_who_left_does_not_count_again_by_looking(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed(journal)
    journal.look(RUN, "passer-by")
    assert not journal.leave(RUN, "me")
    journal.look(RUN, "me")
    assert journal.watchers(RUN) == 1
    monkeypatch.setattr(journal_module, "LOOKING_SECONDS", -1.0)
    assert journal.watchers(RUN) == 0
    assert journal.leave(RUN, "me")


def test_looking_at_or_leaving_what_is_not_under_way_leaves_no_trace(journal: Journal) -> None:
    journal.look(RUN, "me")
    assert not journal.leave(RUN, "me")
    assert journal.database.rows("SELECT * FROM watchers") == []


def test_everybody_leaves_when_the_owner_says_so(journal: Journal) -> None:
    attempt = claimed(journal)
    journal.submit(RUN, "{}", "you", 9)
    assert journal.leave(RUN, "owner", everybody=True)
    assert journal.running(OWNER) == {RUN: (attempt, True)}


def test_a_run_that_is_asked_for_again_while_it_stops_goes_back_to_the_queue(journal: Journal) -> None:
    attempt = claimed(journal)
    journal.leave(RUN, "me")
    journal.submit(RUN, "{}", "you", 9)
    journal.stopped(OWNER, RUN, attempt)
    assert state(journal) == "queued"


CRASHED = Loss("crashed", "because memory ran out", "lower the width, the batch size or the repeats")
KILLED = Loss("vanished", "by the signal SIGKILL")


def dies(journal: Journal, how: Loss, step: int | None = None) -> bool:
    """The run is claimed, tells that it reached a step, if one is given, and loses its worker; whether that fails it."""
    claim = journal.claim(OWNER)
    assert claim is not None
    if step is not None:
        journal.log(OWNER, RUN, claim.attempt, [(claim.told + 1, f'{{"event": "steps", "step": {step}, "train_seconds": 1.0}}')])
    return journal.died(OWNER, RUN, claim.attempt, how)


def test_the_first_death_of_a_worker_is_forgiven_and_the_second_is_not(journal: Journal) -> None:
    journal.submit(RUN, "{}", "me", 9)
    assert not dies(journal, CRASHED, step=10)
    assert state(journal) == "queued"
    assert dies(journal, CRASHED, step=20)
    job = journal.job(RUN)
    assert job is not None
    assert (job.state, job.error) == (
        "failed",
        "The worker process died 2 times while it trained this run, the last time because memory ran out; lower the width, the batch size "
        "or the repeats, and start it again.",
    )


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        (KILLED, "The worker process died 50 times while it trained this run, the last time by the signal SIGKILL; start it again."),
        (Loss("vanished"), "The worker process died 50 times while it trained this run; why is not known; start it again."),
    ],
)
def test_workers_that_end_by_anybodys_doing_fail_a_run_only_if_it_gets_no_further_meanwhile(
    journal: Journal, how: Loss, sentence: str
) -> None:
    journal.submit(RUN, "{}", "me", 9)
    for step in (*range(1, 12), *[11] * (VANISHED_ALLOWED - 2)):
        assert not dies(journal, how, step)
        assert state(journal) == "queued"
    assert dies(journal, how)
    job = journal.job(RUN)
    assert job is not None
    assert (job.state, job.error) == ("failed", sentence)


def test_a_run_that_gets_no_further_lets_others_go_first_after_a_while(journal: Journal) -> None:
    journal.submit(RUN, "{}", "me", 9)
    journal.submit(OTHER, "{}", "you", 9)
    order = []
    for _ in range(4):
        claim = journal.claim(OWNER)
        assert claim is not None
        order.append(claim.run_id)
        assert not journal.died(OWNER, claim.run_id, claim.attempt, KILLED)
    assert order == [RUN, RUN, RUN, OTHER]


def test_deaths_of_either_kind_are_counted_apart(journal: Journal) -> None:
    journal.submit(RUN, "{}", "me", 9)
    assert not dies(journal, CRASHED)
    for _ in range(VANISHED_ALLOWED - 1):
        assert not dies(journal, KILLED)
    assert dies(journal, CRASHED)


def test_a_failed_run_that_is_asked_for_again_starts_with_a_clean_slate(journal: Journal) -> None:
    journal.finish(OWNER, RUN, claimed(journal), "failed", "It went wrong.")
    journal.submit(RUN, "{}", "you", 9)
    job = journal.job(RUN)
    assert job is not None
    assert (job.state, job.error) == ("queued", None)
    assert journal.watchers(RUN) == 1


def test_an_interrupted_run_goes_on_before_those_that_waited(journal: Journal) -> None:
    attempt = claimed(journal)
    journal.submit(OTHER, "{}", "you", 9)
    journal.interrupted(OWNER, RUN, attempt)
    claim = journal.claim(OWNER)
    assert claim is not None
    assert (claim.run_id, claim.attempt) == (RUN, attempt + 1)


def test_a_command_line_takes_only_what_it_was_given(journal: Journal) -> None:
    journal.submit(RUN, "{}", "me", 9)
    assert journal.claim(OWNER, only={OTHER}) is None
    assert journal.claim(OWNER, only={OTHER, RUN}) is not None


def test_events_are_kept_once_in_order_and_only_from_the_engine_that_holds_the_run(journal: Journal) -> None:
    attempt = claimed(journal)
    journal.log(OWNER, RUN, attempt, [(0, ""), (1, "one"), (2, "two")])
    journal.log(OWNER, RUN, attempt, [(2, "two again"), (3, "three")])
    journal.log("another engine", RUN, attempt, [(4, "four")])
    journal.log(OWNER, RUN, attempt - 1, [(4, "four")])
    assert [(told.seq, told.event) for told in journal.events(RUN)] == [(1, "one"), (2, "two"), (3, "three")]
    assert [told.event for told in journal.events(RUN, after=2)] == ["three"]
    journal.interrupted(OWNER, RUN, attempt)
    claim = journal.claim(OWNER)
    assert claim is not None
    assert claim.told == 3


def test_events_that_begin_anew_replace_the_old_ones_in_one_step(journal: Journal) -> None:
    attempt = claimed(journal)
    journal.log(OWNER, RUN, attempt, [(0, ""), (1, "old"), (2, "old")])
    before = journal.job(RUN)
    journal.log(OWNER, RUN, attempt, [(3, "old"), (0, ""), (1, "new")])
    after = journal.job(RUN)
    assert [told.event for told in journal.events(RUN)] == ["new"]
    assert before is not None
    assert after is not None
    assert after.generation == before.generation + 1


def test_the_events_of_a_run_that_is_done_go_and_those_of_others_stay(journal: Journal) -> None:
    for run_id, ending in ((RUN, "done"), (OTHER, "failed")):
        attempt = claimed(journal, run_id)
        journal.log(OWNER, run_id, attempt, [(0, ""), (1, "one")])
        journal.finish(OWNER, run_id, attempt, ending, None)
    assert journal.events(RUN) == []
    assert len(journal.events(OTHER)) == 1


def test_a_run_under_way_is_not_forgotten(journal: Journal) -> None:
    attempt = claimed(journal)
    assert not journal.forget(RUN)
    journal.finish(OWNER, RUN, attempt, "failed", "It went wrong.")
    journal.notice(RUN, "A word.")
    assert journal.forget(RUN)
    assert (state(journal), journal.notices(RUN)) == ("unknown", ())


def test_a_damaged_run_is_queued_again_once(journal: Journal) -> None:
    journal.finish(OWNER, RUN, claimed(journal), "done")
    assert journal.again(RUN)
    assert not journal.again(RUN)
    assert not journal.again(OTHER)
    assert state(journal) == "queued"


def test_old_notices_are_not_shown(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.notice(RUN, "first")
    journal.notice(RUN, "second")
    assert journal.notices(RUN) == ("first", "second")
    monkeypatch.setattr(journal_module, "NOTICE_SECONDS", -1.0)
    assert journal.notices(RUN) == ()


def test_two_processes_share_one_journal(journal: Journal, tmp_path: Path) -> None:
    other = Journal(tmp_path / "journal.sqlite")
    journal.submit(RUN, "{}", "me", 9)
    assert state(other) == "queued"
    assert other.claim("another engine") is not None
    assert journal.claim(OWNER) is None
    other.close()


def test_a_half_made_change_does_not_stay(journal: Journal) -> None:
    with pytest.raises(ZeroDivisionError), journal.database.transaction():
        journal.notice(RUN, "half")
        raise ZeroDivisionError
    assert journal.notices(RUN) == ()


def test_a_journal_that_is_none_is_told_in_a_sentence_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"no database at all " * 100)
    with pytest.raises(
        LMCError, match=r"journal\.sqlite is damaged \(file is not a database\); move it away and start again: finished runs are kept\."
    ):
        Journal(path)
    assert path.read_bytes() == b"no database at all " * 100


def test_a_cache_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(LMCError, match=r"cache cannot be written \(.*\); set LMC_CACHE_DIR to a folder that can\."):
        Journal(tmp_path / "cache" / "journal.sqlite")


def test_a_closed_journal_says_so(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.close()
    with pytest.raises(LMCError, match="The engine is closed"):
        journal.jobs()


def crew(journal: Journal) -> list[str]:
    return [claim.run_id for claim in journal.claim_crew(OWNER, lambda specs: specs)]


def test_a_crew_is_taken_at_once_with_the_runs_that_stand_where_the_first_stands(journal: Journal) -> None:
    begun = "c" * 20
    attempt = claimed(journal, begun)
    journal.interrupted(OWNER, begun, attempt)
    journal.submit_all({RUN: "one", OTHER: "two"}, "me", 9, "a sweep")
    journal.submit("d" * 20, "three", "you", 9)
    assert crew(journal) == [begun]
    assert set(crew(journal)) == {RUN, OTHER, "d" * 20}
    assert crew(journal) == []


def test_a_crew_at_work_counts_as_one_turn_of_its_visitor(journal: Journal) -> None:
    journal.submit_all({RUN: "one", OTHER: "two"}, "me", 9, "a sweep")
    crew(journal)
    mine, yours = "c" * 20, ["d" * 20, "e" * 20]
    for run_id in yours:
        journal.submit(run_id, run_id, "you", 9)
    journal.submit(mine, "{}", "me", 9)
    assert [job.run_id for job in journal.queue()[1]] == [yours[0], yours[1], mine]
    journal.claim(OWNER)
    assert [job.run_id for job in journal.queue()[1]] == [mine, yours[1]]


def test_the_runs_of_a_crew_that_met_a_fault_go_on_alone_until_they_are_asked_for_anew(journal: Journal) -> None:
    specs = {RUN: "one", OTHER: "two"}
    journal.submit_all(specs, "me", 9, "a sweep")
    for claim in journal.claim_crew(OWNER, lambda specs: specs):
        journal.parted(OWNER, claim.run_id, claim.attempt)
    assert (crew(journal), crew(journal)) == ([RUN], [OTHER])
    for run_id in specs:
        journal.finish(OWNER, run_id, 2, "failed", "It went wrong.")
    journal.submit_all(specs, "me", 9, "the sweep again")
    assert crew(journal) == [RUN, OTHER]


def test_a_worker_that_dies_under_a_crew_counts_as_one_death_of_each(journal: Journal) -> None:
    journal.submit_all({RUN: "one", OTHER: "two"}, "me", 9, "a sweep")
    for claim in journal.claim_crew(OWNER, lambda specs: specs):
        assert not journal.died(OWNER, claim.run_id, claim.attempt, CRASHED)
    assert crew(journal) == [RUN]
    assert journal.died(OWNER, RUN, 2, CRASHED)
    assert (state(journal), crew(journal)) == ("failed", [OTHER])


def test_the_runs_of_a_sweep_are_queued_all_or_none(journal: Journal) -> None:
    journal.submit("c" * 20, "{}", "me", max_queued=9)
    with pytest.raises(LMCError, match="1 is the most for one visitor"):
        journal.submit_all({RUN: "one", OTHER: "two"}, "me", 1, "a sweep")
    assert (state(journal), state(journal, OTHER)) == ("unknown", "unknown")


def test_visitors_of_one_address_are_bounded_together_and_those_of_others_are_not(journal: Journal) -> None:
    here, elsewhere = Origin("10.0.0.1", 2), Origin("10.0.0.2", 2)
    journal.submit_all({RUN: "one", OTHER: "two"}, "me", 5, "a sweep", here)
    journal.submit("c" * 20, "{}", "you", 5, here)
    with pytest.raises(LMCError, match=r"of your network have 2 runs .* and 2 is the most .*\(LMC_MAX_QUEUED_PER_ADDRESS\)"):
        journal.submit("d" * 20, "{}", "another", 5, here)
    journal.submit(RUN, "one", "another", 5, here)
    journal.submit("d" * 20, "{}", "another", 5, elsewhere)
    journal.submit("e" * 20, "{}", "the command line", 5)


def test_one_address_has_so_many_runs_waiting_however_they_were_asked_for(journal: Journal) -> None:
    here = Origin("10.0.0.1", 120)
    journal.submit_all({f"{place:020x}": "{}" for place in range(2_000)}, "me", 5, "sweep", here)
    with pytest.raises(LMCError, match="2,000 is the most for one network"):
        journal.submit("f" * 20, "{}", "you", 5, here)
    journal.submit("f" * 20, "{}", "you", 5, Origin("10.0.0.2", 120))


def test_who_joins_whom_is_looked_for_at_the_front_of_a_long_queue_only(journal: Journal) -> None:
    journal.submit_all({f"{place:020x}": "{}" for place in range(500)}, "me", 5, "sweep")
    asked = []
    _, turns = journal.turns(lambda candidates: asked.append(len(candidates)) or candidates[:1])  # type: ignore[func-returns-value]
    assert len(asked) == MOST_CREWS
    assert len(turns) == 500
