"""The result that a link shows, sent with the empty page, so that a visitor sees it before Streamlit has started in their browser."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lmc_core.errors import LMCError
from lmc_core.overrides import with_overrides
from lmc_core.runs.results import RunResult
from lmc_core.ui.engine import engine
from lmc_core.ui.gallery import example
from lmc_core.ui.link import MEASURE, MEASURES, readable
from lmc_core.ui.live_chart import Board
from lmc_core.ui.run_drawing import drawing_of
from lmc_core.ui.run_link import RUN
from lmc_core.ui.run_view import TWINS_WORDS

TITLE = "Do twins end in the same valley?"
INTRODUCTION = (
    "**Twins** are two networks that start from **the same initialisation** and see **different noise** while they train. "
    "Walk the straight line from one to the other: if the error stays flat, the two are *linearly connected*."
)
"""What the first page begins with."""


@dataclass(frozen=True)
class FirstPicture:
    """A finished run as its page shows it; two are equal where they show the same.

    Attributes:
        version: of the run, with what is measured.
        verdict: in words, as HTML.
        board: its charts.
    """

    version: str
    verdict: str = field(compare=False)
    board: Board = field(compare=False)


def first_picture(page: str, parameters: Mapping[str, str]) -> FirstPicture | None:
    """What the page will show of a finished run; None where it will show anything else.

    Args:
        page: its name in the address; only the first page, whose name is empty, has such a picture.
        parameters: those of its link.
    """
    if page:
        return None
    texts, complaints = readable(parameters)
    run_id, wanted = texts.pop(RUN, None), texts.pop(MEASURE, MEASURES[0])
    measure = next((measure for measure in MEASURES if measure == wanted), None)
    if complaints or measure is None:
        return None
    try:
        spec = with_overrides(texts)
        run_id = run_id or example(spec)
        snapshot = engine().snapshot(run_id) if run_id else None
    except LMCError:  # the page itself says what is wrong, and what of the link holds
        return None
    if snapshot is None or snapshot.run is None or not isinstance(snapshot.run.result, RunResult) or snapshot.spec != spec:
        return None
    return FirstPicture(f"{run_id} {snapshot.version} {measure}", TWINS_WORDS.outcome(snapshot), drawing_of(snapshot, measure).board)
