"""Tables hold what runs tell in little memory, and what pages keep of them is bounded."""

import io
import tracemalloc
from collections import OrderedDict
from pathlib import Path

import pandas as pd
import pytest

from lmc_core.connectivity.spec import Measurement
from lmc_core.experiment import TwinsSpec
from lmc_core.jobs import view
from lmc_core.jobs.journal import Journal
from lmc_core.jobs.view import View
from lmc_core.runs import table
from lmc_core.runs.events import EVENT
from lmc_core.runs.progress import CURVES, Progress
from lmc_core.runs.store import Store
from lmc_core.runs.table import Table, frame_of, shown_part
from tests.made_up_runs import epoch_events, made_up_result, progress_of, started, weights_of


def rows_of(epoch: int, count: int = 6) -> tuple[table.Row, ...]:
    splits = ("train", "test")
    return tuple((epoch, 12 * epoch, 0, splits[row % 2], row / count, None if row == 3 else 0.5, 1.5) for row in range(count))


def filled(epochs: int, most_rows: int | None = None, count: int = 6) -> Table:
    own = Table(CURVES, most_rows)
    for epoch in range(epochs):
        own.put(epoch, 12 * epoch, rows_of(epoch, count))
    return own


@pytest.mark.parametrize("epochs", [0, 1, 7])
def test_a_table_gives_the_frame_of_its_rows(epochs: int) -> None:
    plain = frame_of(CURVES, [row for epoch in range(epochs) for row in rows_of(epoch)])
    pd.testing.assert_frame_equal(filled(epochs).frame(), plain)


def test_a_moment_that_is_told_again_is_replaced_and_later_ones_are_forgotten() -> None:
    own = filled(5)
    own.put(2, 24, rows_of(2, count=2))
    assert own.frame()["epoch"].tolist() == [0] * 6 + [1] * 6 + [2] * 2
    own.back_to(12)
    assert own.last_epoch == 1


def test_a_row_takes_a_third_of_what_its_numbers_take_as_objects() -> None:
    tracemalloc.start()
    own, before = Table(CURVES), tracemalloc.get_traced_memory()[0]
    for epoch in range(50):
        own.put(epoch, epoch, tuple((epoch, epoch, 0, "test", place / 400, place / 7, place / 3) for place in range(400)))
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert taken < 50 * 400 * 70


@pytest.mark.parametrize("epochs", [10, 100, 1_000])
def test_a_bounded_table_keeps_the_first_and_the_last_moment_and_no_more_rows_than_it_may(epochs: int) -> None:
    epochs_kept = filled(epochs, most_rows=60).frame()["epoch"].unique().tolist()
    assert len(epochs_kept) <= 10
    assert (epochs_kept[0], epochs_kept[-1]) == (0, epochs - 1)
    assert epochs_kept == sorted(epochs_kept)


def test_a_stored_table_is_shown_in_part_where_it_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = filled(300).frame()
    content = frame.to_parquet(index=False)
    whole, complete = shown_part(content)
    pd.testing.assert_frame_equal(whole, pd.read_parquet(io.BytesIO(content)))
    assert complete
    monkeypatch.setattr(table, "SHOWN_ROWS", 100)
    monkeypatch.setattr(table, "BATCH_ROWS", 77)
    part, complete = shown_part(content)
    assert not complete
    assert len(part) <= 112
    assert (part["epoch"].iloc[0], part["epoch"].iloc[-1]) == (0, 299)
    assert part.groupby("epoch").size().eq(6).all()


def test_what_leaves_the_program_is_the_whole_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = TwinsSpec(epochs=40, measurement=Measurement(alphas=3))
    whole = progress_of(spec)
    monkeypatch.setattr(table, "SHOWN_ROWS", 30)
    store = Store(tmp_path)
    run = store.save(spec, whole, weights_of(spec))
    assert len(run.history) < len(whole.history)
    pd.testing.assert_frame_equal(run.whole("history"), whole.history)
    store.export(run.run_id, tmp_path / "out")
    assert len(pd.read_csv(tmp_path / "out" / "history.csv")) == len(whole.history)


def test_what_is_kept_of_all_runs_together_is_bounded_and_what_was_used_last_stays() -> None:
    kept = OrderedDict(a=5, b=9, c=4, d=7)
    table.within_bounds(kept, 20, lambda rows: rows)
    assert list(kept) == ["b", "c", "d"]
    table.within_bounds(kept, 3, lambda rows: rows)
    assert list(kept) == ["d"]


def test_a_page_that_looks_at_a_long_run_keeps_a_bounded_part_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "SHOWN_ROWS", 40)
    monkeypatch.setattr(view, "EVENTS_AT_ONCE", 7)
    spec, journal = TwinsSpec(epochs=60, measurement=Measurement(alphas=3)), Journal(tmp_path / "journal.sqlite")
    journal.submit(spec.run_id, spec.model_dump_json(), "visitor", 5)
    journal.claim("owner")
    events = [started(spec, 0), *(event for epoch in range(spec.epochs + 1) for event in epoch_events(spec, epoch))]
    journal.log("owner", spec.run_id, 1, [(number, event.model_dump_json()) for number, event in enumerate(events, 1)])
    seen = View(journal, spec.run_id).seen()
    assert isinstance(seen.progress, Progress)
    assert (seen.last, seen.progress.epoch) == (len(events), spec.epochs)
    assert 0 < len(seen.progress.curves) <= 40
    full = Progress.of(EVENT.validate_json(event.model_dump_json()) for event in events)
    assert seen.progress.rows == sum(len(getattr(seen.progress, name)) for name in Progress.tables)
    assert seen.progress.test_barrier == full.test_barrier
    assert made_up_result(spec).parameters == seen.progress.parameters
    journal.close()
