"""The result that a link shows, sent with the empty page, so that a visitor sees it before Streamlit has started in their browser."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lmc_core.errors import LMCError
from lmc_core.results import RunResult
from lmc_core.ui.engine import engine
from lmc_core.ui.gallery import example
from lmc_core.ui.link import read_link
from lmc_core.ui.live_chart import Board
from lmc_core.ui.run_drawing import drawing_of
from lmc_core.ui.run_view import TWINS_WORDS

TITLE = "Do twins end in the same valley?"
INTRODUCTION = (
    "Two networks start from **the same initialisation** and see **different noise** while they train. "
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
    try:
        link = read_link(parameters)
        run_id = link.run or example(link.spec)
        if run_id is None or link.complaints:
            return None
        snapshot = engine().snapshot(run_id)
    except LMCError:  # the page itself says what is wrong
        return None
    if snapshot.run is None or not isinstance(snapshot.run.result, RunResult) or snapshot.spec != link.spec:
        return None
    board = drawing_of(snapshot, link.measure).board
    return FirstPicture(f"{run_id} {snapshot.version} {link.measure}", TWINS_WORDS.outcome(snapshot), board)
