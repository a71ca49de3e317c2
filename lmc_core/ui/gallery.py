"""The run that a page shows before anybody has trained anything."""

from lmc_core.spec import TwinsSpec
from lmc_core.ui.engine import engine


def example() -> str | None:
    """The run id of the default experiment where it is there, else of the newest run that ships with the program."""
    default = TwinsSpec().run_id
    if engine().store.find(default) is not None:
        return default
    return next((summary.run_id for summary in engine().store.list() if summary.shipped), None)
