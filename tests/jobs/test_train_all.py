"""A list of specs trained without a server, as in a notebook."""

import re
from pathlib import Path

import pytest

from lmc_core.errors import LMCError
from lmc_core.experiment import AnySpec, PruneSpec, TwinsSpec
from lmc_core.jobs.work import train_all
from lmc_core.models.spec import MLP, Start
from lmc_core.runs.kinds import AnyResult
from lmc_core.settings import REPOSITORY

SMALL = {"architecture": MLP(width=4), "batch_size": 479, "epochs": 2}
SPECS: list[AnySpec] = [TwinsSpec(**SMALL), PruneSpec(**SMALL), TwinsSpec(**SMALL)]  # type: ignore[arg-type]


def measured(results: list[AnyResult]) -> list[dict[str, object]]:
    """What does not depend on the machine's speed."""
    return [result.model_dump(exclude={"timing", "environment"}) for result in results]


def test_runs_of_any_kind_are_trained_in_their_order_whatever_the_number_of_processes(tmp_path: Path) -> None:
    alone = train_all(SPECS, tmp_path)
    assert [type(result).__name__ for result in alone] == ["RunResult", "PruneResult", "RunResult"]
    assert alone[0] is alone[2], "equal specs are trained once"
    assert measured(train_all(SPECS, tmp_path, processes=2)) == measured(alone)


def test_a_checkpoint_that_is_not_there_is_one_sentence_also_from_another_process(tmp_path: Path) -> None:
    start = Start(checkpoint=str(tmp_path / "nothing"), fingerprint="0" * 20)
    lacking = TwinsSpec(start=start, **SMALL)  # type: ignore[arg-type]
    for processes in (1, 2):
        with pytest.raises(LMCError, match="nothing"):
            train_all([lacking, *SPECS], tmp_path, processes)


def test_the_code_of_the_page_runs() -> None:
    page = (REPOSITORY / "docs" / "command-line.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    found: dict[str, list[AnyResult]] = {}
    exec(code.replace("epochs=5", "epochs=1"), found)
    assert len(found["results"]) == 3
