"""What the first visitor shall not wait for."""

import threading

from lmc_core.experiment import TwinsSpec
from lmc_core.ui import comparison, controls, experiment, pruning_view, shell, spec_file
from lmc_core.ui.engine import engine
from lmc_core.ui.gallery import example
from lmc_core.ui.run_drawing import drawing_of

PAGE_MODULES = (comparison, controls, experiment, pruning_view, spec_file)
"""Imported here, so that they are there before the first page runs."""


def warm_up() -> None:
    """Draw the run that the first page shows, and in the background compress the files that browsers fetch."""
    threading.Thread(target=shell.prepare, name="files for browsers", daemon=True).start()
    if run_id := example(TwinsSpec()):
        drawing_of(engine().snapshot(run_id), "error")
