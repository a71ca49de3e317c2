"""What the command line says of runs that failed and of damage: without the marks that their sentences have for the pages."""

import pytest

from lmc_core.command_line import one_run
from lmc_core.command_line.cells import CellsBar
from lmc_core.command_line.one_run import ProgressBar
from lmc_core.errors import field, place
from lmc_core.experiment import TwinsSpec
from lmc_core.jobs.cells import CellState
from lmc_core.jobs.snapshot import Snapshot

SENTENCE = f"{place('/srv/cache', 'the server')} is full; make {field('epochs')} smaller."
SAID = "/srv/cache is full; make epochs smaller."
SPEC = TwinsSpec(epochs=3)


def test_one_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_run, "train", lambda *_: Snapshot(SPEC.run_id, "1", "failed", SPEC, error=SENTENCE))
    assert one_run.find_or_train(SPEC) is None
    assert capsys.readouterr().err.strip() == f"lmc_core: {SAID}"


def test_a_notice(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar() as bar:
        bar.show(Snapshot(SPEC.run_id, "1", "running", SPEC, notices=(SENTENCE,)))
    assert f"lmc_core: {SAID}" in capsys.readouterr().err


def test_a_cell(capsys: pytest.CaptureFixture[str]) -> None:
    with CellsBar([SPEC]) as bar:
        bar.show({SPEC.run_id: CellState(SPEC.run_id, "failed", 0, 3, None, error=SENTENCE)})
    assert f"{SPEC.run_id} failed: {SAID}" in capsys.readouterr().err
