import threading
import time
from dataclasses import replace

import pytest

from lmc_core.cost.estimates import FURTHEST, estimate, start_seconds
from lmc_core.errors import LMCError, plain
from lmc_core.experiment import TwinsSpec
from lmc_core.jobs.cluster import Cluster
from lmc_core.jobs.engine import Engine
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.models.spec import MLP
from lmc_core.settings import Settings
from lmc_core.ui.wording import in_words
from tests.jobs.made_up_training import HAS_A_DEFECT, IS_REFUSED, NAMES_A_FIELD, RUNS_OUT_OF_MEMORY, TELLS, TRAINING, begun, quick, slow
from tests.made_up_runs import made_up_result, progress_of
from tests.waiting import until


def trains(engine: Engine, run_id: str, epoch: int = 1) -> None:
    until(lambda: engine.snapshot(run_id).progress.epoch >= epoch, 20)


def test_a_run_is_trained_and_its_result_is_read_from_the_store(engine: Engine) -> None:
    spec = quick(1)
    versions: list[Snapshot] = []
    ended = engine.wait(engine.submit(spec, "me"), 20, versions.append)
    assert (ended.state, ended.spec, ended.error, ended.seconds_left) == ("done", spec, None, None)
    assert ended.run is not None
    assert ended.run.result == made_up_result(spec)
    assert ended.progress.history.equals(progress_of(spec).history)
    assert len({snapshot.version for snapshot in versions}) == len(versions)
    assert set(engine.store.weights(spec.run_id, "pair0.a")) == {"layers.0.weight", "layers.0.bias"}
    assert not (engine.settings.cache_dir / "checkpoints" / spec.run_id).exists()


def test_a_finished_run_is_answered_from_the_cache_within_three_tenths_of_a_second(engine: Engine, settings: Settings) -> None:
    spec = quick(2)
    engine.wait(engine.submit(spec, "me"), 20)
    with Engine(settings, serve=False, training=TRAINING) as fresh:
        clock = time.monotonic()
        assert fresh.snapshot(fresh.submit(spec, "you")).state == "done"
        assert time.monotonic() - clock < 0.3
    assert begun(settings.data_dir, spec) == [0]


def test_thirty_clicks_at_once_on_one_run_are_one_training(engine: Engine, settings: Settings) -> None:
    spec, ready = quick(3, epochs=20), threading.Barrier(30)

    def click(number: int) -> None:
        ready.wait()
        engine.submit(spec, f"visitor {number}")

    clicks = [threading.Thread(target=click, args=(number,)) for number in range(30)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert engine.snapshot(spec.run_id).watchers == 30
    assert engine.wait(spec.run_id, 20).state == "done"
    assert begun(settings.data_dir, spec) == [0]


def test_a_live_run_shows_its_epochs_its_speed_and_who_waits_for_it(engine: Engine) -> None:
    spec = slow(4, epochs=1_000)
    run_id = engine.submit(spec, "me")
    until(lambda: engine.snapshot(run_id).progress.epoch >= 25, 20)
    snapshot = engine.snapshot(run_id, "a passer-by")
    assert (snapshot.state, snapshot.queue_position, snapshot.run, snapshot.ended) == ("running", None, None, False)
    assert len(snapshot.progress.history) >= 2 * 25
    assert snapshot.seconds_left is not None
    assert 0.03 * 1_000 * 0.8 < snapshot.seconds_left < 0.03 * 1_000 * 4
    until(lambda: engine.snapshot(run_id).watchers == 2, 5)
    engine.cancel(run_id, "a passer-by")
    engine.cancel(run_id, "me")
    assert engine.wait(run_id, 5).state == "cancelled"


def test_queued_runs_know_their_place_and_visitors_take_turns(engine: Engine) -> None:
    at_work = engine.submit(slow(5), "busy")
    trains(engine, at_work)
    # of other lengths, as runs of one shape that wait together would train together
    second, third = engine.submit(slow(6, epochs=2_000), "busy"), engine.submit(slow(7, epochs=2_100), "busy")
    mine = engine.submit(slow(8, epochs=2_200), "me")
    assert [engine.snapshot(run_id).queue_position for run_id in (mine, second, third)] == [1, 2, 3]
    entries = engine.queue("me")
    assert [(entry.run_id, entry.position, entry.mine) for entry in entries] == [
        (at_work, None, False),
        (mine, 1, True),
        (second, 2, False),
        (third, 3, False),
    ]
    waits = [entry.seconds_left for entry in entries]
    assert waits == sorted(waits)
    for run_id in (second, third):
        assert engine.cancel(run_id, "busy")
        assert engine.snapshot(run_id).state == "cancelled"
    engine.cancel(at_work, "busy")
    trains(engine, mine)
    engine.cancel(mine, "me")
    assert engine.wait(mine, 5).state == "cancelled"


def test_a_cancelled_run_stops_within_half_a_second_and_goes_on_where_it_stopped(engine: Engine, settings: Settings) -> None:
    spec = slow(9, epochs=40)
    run_id = engine.submit(spec, "me")
    trains(engine, run_id, 5)
    clock = time.monotonic()
    assert engine.cancel(run_id, "me")
    until(lambda: engine.snapshot(run_id).state == "cancelled", 5)
    assert time.monotonic() - clock < 0.5
    stopped = engine.snapshot(run_id)
    assert stopped.progress.epoch >= 5
    assert engine.wait(engine.submit(spec, "me"), 20).state == "done"
    first, second = begun(settings.data_dir, spec)
    assert (first, second) == (0, stopped.progress.epoch)
    assert engine.snapshot(run_id).progress.curves.equals(progress_of(spec).curves)


def test_a_stop_that_is_lost_on_its_way_to_the_worker_is_said_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = engine.submit(slow(25), "me")
    trains(engine, run_id)
    lost: list[str] = []
    stop = Cluster.stop

    def lose_the_first(cluster: Cluster, run_id: str, last: int) -> None:
        if lost:
            stop(cluster, run_id, last)
        lost.append(run_id)

    monkeypatch.setattr(Cluster, "stop", lose_the_first)
    engine.cancel(run_id, "me")
    assert engine.wait(run_id, 10).state == "cancelled"
    assert len(lost) == 2


def test_a_run_that_others_want_is_not_stopped_by_one_who_leaves(engine: Engine) -> None:
    run_id = engine.submit(slow(10), "me")
    engine.submit(slow(10), "you")
    trains(engine, run_id)
    assert not engine.cancel(run_id, "me")
    epoch = engine.snapshot(run_id).progress.epoch
    trains(engine, run_id, epoch + 5)
    assert not engine.snapshot(run_id).stopping
    assert engine.cancel(run_id, "you")
    assert engine.wait(run_id, 5).state == "cancelled"


def test_the_owner_stops_whatever_runs_and_nobody_else_does(engine: Engine) -> None:
    run_id = engine.submit(slow(11), "me")
    trains(engine, run_id)
    with pytest.raises(LMCError, match=r"That is not the owner's token; it was printed where the server was started\."):
        engine.cancel(run_id, "you", token="guessed")
    assert engine.cancel(run_id, "you", token=engine.owner_token)
    ended = engine.wait(run_id, 5)
    assert (ended.state, ended.notices) == ("cancelled", ("The owner of this server stopped this run.",))
    with pytest.raises(LMCError, match="neither waits nor trains"):
        engine.stop(run_id, engine.owner_token)


@pytest.mark.parametrize(
    ("init", "sentence"),
    [
        (IS_REFUSED, "There are no such data; get some."),
        (NAMES_A_FIELD, "‹optimizer.lr› is too high; lower it."),
        (RUNS_OUT_OF_MEMORY, "Memory ran out; lower the width, the batch size or the repeats."),
    ],
)
def test_a_run_that_fails_says_why_in_one_sentence_and_keeps_what_it_told(engine: Engine, init: int, sentence: str) -> None:
    ended = engine.wait(engine.submit(quick(init), "me"), 20)
    assert (ended.state, ended.error, ended.progress.epoch) == ("failed", sentence, 1)


def test_a_defect_is_told_in_a_sentence_and_its_details_are_kept_for_who_mends_it(engine: Engine) -> None:
    ended = engine.wait(engine.submit(quick(HAS_A_DEFECT), "me"), 20)
    logs = engine.settings.cache_dir / "logs"
    place = logs / f"{ended.run_id}-1.log"
    assert ended.error is not None
    assert plain(ended.error) == f"The run ended with an unexpected ZeroDivisionError (an unforeseen defect); the details are in {place}."
    assert str(logs) not in in_words(ended.error)
    assert "Traceback" in place.read_text()
    assert engine.wait(engine.submit(quick(12), "me"), 20).state == "done"


def test_what_a_run_says_before_its_training_is_shown(engine: Engine) -> None:
    spec = replace_lr(quick(TELLS, epochs=500), 0.02)
    run_id = engine.submit(spec, "me")
    trains(engine, run_id)
    assert engine.snapshot(run_id).notices == ("The data set is on its way.",)
    engine.cancel(run_id, "me")
    engine.wait(run_id, 5)


def replace_lr(spec: TwinsSpec, lr: float) -> TwinsSpec:
    return spec.model_copy(update={"optimizer": spec.optimizer.model_copy(update={"lr": lr})})


def test_a_damaged_run_is_told_of_and_computed_again(engine: Engine, settings: Settings) -> None:
    spec = quick(13)
    run_id = engine.submit(spec, "me")
    assert engine.wait(run_id, 20).state == "done"
    (settings.cache_dir / "runs" / run_id / "curves.parquet").unlink()
    found = engine.snapshot(run_id)
    assert found.state in ("queued", "running")
    assert found.notices[0].startswith(f"The stored run {run_id} is damaged (curves.parquet is missing); it was set aside in ")
    ended = engine.wait(run_id, 20)
    assert (ended.state, ended.notices) == ("done", found.notices)
    assert begun(settings.data_dir, spec) == [0, 0]


def test_an_unknown_run_is_unknown_and_what_is_no_run_id_is_refused(engine: Engine) -> None:
    assert engine.snapshot("0" * 20).state == "unknown"
    assert engine.snapshot("0" * 20, "me").spec is None
    assert not engine.cancel("0" * 20, "me")
    for nonsense in ("../..", "", "0" * 20 + "/"):
        for use in (engine.snapshot, lambda run_id: engine.cancel(run_id, "me"), lambda run_id: engine.delete(run_id, engine.owner_token)):
            with pytest.raises(LMCError, match="is not a run id"):
                use(nonsense)


def test_a_run_too_large_or_too_long_is_refused_before_it_is_queued(engine: Engine, settings: Settings) -> None:
    large = TwinsSpec(dataset="cifar10", architecture=MLP(depth=8, width=65_536))
    assert engine.refusal(quick(14)) is None
    with pytest.raises(LMCError, match=r"\(LMC_MAX_MEMORY_GIB\); lower architecture.width"):
        engine.submit(large, "me")
    assert engine.snapshot(large.run_id).state == "unknown"
    with Engine(replace(settings, max_seconds=0.1), serve=False, training=TRAINING) as strict:
        reason = strict.refusal(quick(14))
        with pytest.raises(LMCError, match=r"\(LMC_MAX_SECONDS\)") as fault:
            strict.submit(quick(14), "me")
        assert str(fault.value) == reason


def test_a_visitor_with_too_many_runs_is_refused_and_others_are_not(engine: Engine, settings: Settings) -> None:
    first, second = slow(15), slow(16)
    with Engine(replace(settings, max_queued=1), serve=False, training=TRAINING) as strict:
        strict.submit(first, "me")
        with pytest.raises(LMCError, match=r"1 is the most for one visitor \(LMC_MAX_QUEUED\)"):
            strict.submit(second, "me")
        strict.submit(first, "me")
        strict.submit(second, "you")
        strict.cancel(second.run_id, "you")
        strict.cancel(first.run_id, "me")
        assert engine.wait(first.run_id, 5).state == "cancelled"


def test_a_command_line_waits_for_a_run_that_a_server_trains(engine: Engine, settings: Settings) -> None:
    spec = quick(17, epochs=50)
    trains(engine, engine.submit(slow(18, epochs=10), "me"))
    with Engine(settings, serve=False, training=TRAINING) as command:
        epochs: list[int] = []
        ended = command.wait(command.submit(spec, "command line"), 20, lambda snapshot: epochs.append(snapshot.progress.epoch))
    assert (ended.state, begun(settings.data_dir, spec)) == ("done", [0])
    assert epochs == sorted(epochs)
    assert len(set(epochs)) > 2


def test_all_runs_are_listed_finished_or_not(engine: Engine) -> None:
    done, failed, running = quick(19), quick(IS_REFUSED + 1), slow(20)
    for spec in (done, failed):
        engine.wait(engine.submit(spec, "me"), 20)
    trains(engine, engine.submit(running, "me"))
    runs = {run.run_id: run for run in engine.runs()}
    assert [runs[spec.run_id].state for spec in (done, failed, running)] == ["done", "failed", "running"]
    assert runs[done.run_id].result == made_up_result(done)
    assert runs[failed.run_id].error == "There are no such data; get some."
    assert [run.when for run in engine.runs()] == sorted((run.when for run in engine.runs()), reverse=True)
    engine.cancel(running.run_id, "me")
    engine.wait(running.run_id, 5)


def test_only_the_owner_deletes_also_what_is_under_way(engine: Engine) -> None:
    done, failed, running = quick(21), quick(IS_REFUSED + 2), slow(22)
    for spec in (done, failed):
        engine.wait(engine.submit(spec, "me"), 20)
    trains(engine, engine.submit(running, "me"))
    with pytest.raises(LMCError, match="That is not the owner's token"):
        engine.delete(done.run_id, "guessed")
    assert engine.snapshot(done.run_id).state == "done"
    for spec in (done, failed, running):
        engine.delete(spec.run_id, engine.owner_token)
        assert engine.snapshot(spec.run_id).state == "unknown"
    assert not (engine.settings.cache_dir / "checkpoints" / failed.run_id).exists()
    with pytest.raises(LMCError, match="There is no finished run"):
        engine.delete(done.run_id, engine.owner_token)
    assert engine.snapshot(running.run_id).notices == ("The owner of this server deleted this run.",)


def test_estimates_learn_from_what_runs_took_within_their_bounds(engine: Engine, settings: Settings) -> None:
    spec = quick(23)
    for another in (spec, quick(26), quick(27)):
        engine.wait(engine.submit(another, "me"), 20)
    start, untaught = start_seconds(spec), estimate(spec).seconds
    taken = made_up_result(spec).timing
    assert taken.train_seconds + taken.evaluate_seconds > FURTHEST * (untaught - start)
    until(lambda: engine.estimate(spec).seconds == pytest.approx(start + FURTHEST * (untaught - start)), 10)
    assert Engine(settings, serve=False).estimate(spec) == engine.estimate(spec)


def test_snapshots_are_cheap_enough_for_thirty_who_look_twice_a_second(engine: Engine) -> None:
    run_id = engine.submit(slow(24), "me")
    trains(engine, run_id, 50)
    clock = time.process_time()
    for number in range(600):
        engine.snapshot(run_id, f"visitor {number % 30}")
    assert (time.process_time() - clock) / 600 < 0.002
    engine.cancel(run_id, "me", token=engine.owner_token)
    engine.wait(run_id, 5)


def test_a_token_can_be_chosen(settings: Settings) -> None:
    chosen = Engine(replace(settings, owner_token="chosen"))
    assert chosen.is_owner("chosen")
    assert not chosen.is_owner("drawn")
    assert len({Engine(settings).owner_token for _ in range(5)}) == 5


def test_a_closed_engine_says_so(settings: Settings) -> None:
    with pytest.raises(LMCError, match="The engine is closed"):
        Engine(settings).snapshot("0" * 20)
