from hypothesis import given
from hypothesis import strategies as some

from lmc_core.jobs.turns import Waiting, order_of_turns

QUEUES = some.lists(some.tuples(some.sampled_from("abc"), some.booleans()), max_size=12).map(
    lambda rows: [Waiting(f"{place:02d}", visitor, float(place), interrupted) for place, (visitor, interrupted) in enumerate(rows)]
)


def test_a_visitor_with_one_run_does_not_wait_for_all_runs_of_another() -> None:
    waiting = [*(Waiting(f"many{place}", "many", place) for place in range(5)), Waiting("one", "one", 9)]
    assert order_of_turns(waiting, {}, {})[:3] == ["many0", "one", "many1"]


def test_whoever_has_a_run_at_work_comes_after_those_who_have_none() -> None:
    waiting = [Waiting("second", "busy", 1), Waiting("first", "idle", 2)]
    assert order_of_turns(waiting, {"busy": 1}, {}) == ["first", "second"]


def test_among_equals_the_one_whose_last_turn_is_longest_ago_goes_first() -> None:
    waiting = [Waiting("x", "recent", 1), Waiting("y", "long ago", 2), Waiting("z", "never", 3)]
    assert order_of_turns(waiting, {}, {"recent": 100.0, "long ago": 50.0}) == ["z", "y", "x"]


def test_one_visitors_own_runs_go_in_the_order_in_which_they_were_asked_for() -> None:
    waiting = [Waiting("b", "me", 2), Waiting("a", "me", 1), Waiting("c", "me", 3)]
    assert order_of_turns(waiting, {"me": 2}, {"me": 5.0}) == ["a", "b", "c"]


def test_a_run_that_lost_its_worker_goes_on_before_all_others() -> None:
    waiting = [Waiting("new", "idle", 1), Waiting("cut off", "busy", 2, interrupted=True)]
    assert order_of_turns(waiting, {"busy": 3}, {"busy": 9.0}) == ["cut off", "new"]


@given(QUEUES)
def test_every_run_has_exactly_one_turn(waiting: list[Waiting]) -> None:
    assert sorted(order_of_turns(waiting, {}, {})) == sorted(run.run_id for run in waiting)


@given(QUEUES)
def test_taking_turns_one_after_the_other_gives_nobody_two_more_than_another_who_waits(waiting: list[Waiting]) -> None:
    """With one worker whose runs end before the next turn."""
    left, turns, had = [run for run in waiting if not run.interrupted], dict[str, float](), dict[str, int]()
    present = {run.visitor for run in left}
    now = 0.0
    while left:
        chosen = order_of_turns(left, {}, turns)[0]
        run = next(run for run in left if run.run_id == chosen)
        left.remove(run)
        now += 1
        turns[run.visitor] = now
        had[run.visitor] = had.get(run.visitor, 0) + 1
        for other in present & {run.visitor for run in left}:
            assert had[run.visitor] - had.get(other, 0) <= 1
