"""Where the pages lie."""

from lmc_core.settings import REPOSITORY

HOME, SWEEPS, PAPER, RUNS, ABOUT = (
    str(REPOSITORY / "pages" / name) for name in ("twins.py", "sweeps.py", "paper.py", "runs.py", "about.py")
)
"""The scripts of the pages, as Streamlit wants to be told of them."""
