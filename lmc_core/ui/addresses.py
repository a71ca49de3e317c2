"""Where the pages lie, and on which of them a run is shown."""

from lmc_core.experiment import Experiment, PruneSpec
from lmc_core.settings import REPOSITORY

HOME, PRUNING, SWEEPS, TRANSFORMERS, EMERGENCE, PAPER, RUNS, ABOUT = (
    str(REPOSITORY / "pages" / f"{name}.py")
    for name in ("twins", "pruning", "sweeps", "transformers", "emergence", "paper", "runs", "about")
)
"""The scripts of the pages, as Streamlit wants to be told of them."""

TITLES = {
    "": "Twins",
    "pruning": "Pruning",
    "sweeps": "Sweeps",
    "transformers": "Transformers",
    "emergence": "Emergence",
    "paper": "The paper",
    "runs": "All runs",
    "about": "What is LMC?",
}
"""What the navigation calls each page, by its name in the address."""


def tab_title(page: str) -> str:
    """What a browser's tab calls a page; a name that no page has is the first page's."""
    return f"{TITLES.get(page, TITLES[''])} · LMC Twins"


def page_of(spec: Experiment) -> str:
    """The page that shows runs of this kind."""
    return PRUNING if isinstance(spec, PruneSpec) else HOME
