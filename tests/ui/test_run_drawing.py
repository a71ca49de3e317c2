import threading
from dataclasses import replace

import pytest

from lmc_core.experiment import TwinsSpec
from lmc_core.jobs.snapshot import Snapshot
from lmc_core.ui import drawn_once, run_drawing
from lmc_core.ui.run_drawing import drawing_of
from tests.ui.fake_engine import held, stored
from tests.waiting import until


def running(seed: int, epochs: int) -> Snapshot:
    spec = TwinsSpec.model_validate({"seeds": {"init": seed}})
    return held(spec, "running", epochs=epochs)


def test_what_has_not_changed_is_not_drawn_again() -> None:
    assert drawing_of(running(1, 3), "error") is drawing_of(running(1, 3), "error")


def test_error_and_loss_are_two_drawings() -> None:
    assert drawing_of(running(2, 3), "error").board.payload != drawing_of(running(2, 3), "loss").board.payload


def test_a_live_run_is_drawn_anew_only_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    first = drawing_of(running(3, 3), "error")
    assert drawing_of(running(3, 4), "error") is first
    monkeypatch.setattr(drawn_once, "LIVE_SECONDS", 0.0)
    until(lambda: drawing_of(running(3, 5), "error") is not first, 30)


def test_the_end_of_a_run_is_drawn_at_once() -> None:
    live = running(4, 3)
    assert live.spec is not None
    drawing_of(live, "error")
    run = stored(live.spec)
    done = replace(live, state="done", version="done", run=run, progress=run.progress)
    assert drawing_of(done, "error").version == "done"


def test_many_watchers_cost_one_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    plain = run_drawing.interpolation

    def counted(*arguments: object, **more: object) -> object:
        drawn.append("interpolation")
        return plain(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(run_drawing, "interpolation", counted)
    snapshot = running(5, 10)
    threads = [threading.Thread(target=drawing_of, args=(snapshot, "error")) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert drawn == ["interpolation"]
