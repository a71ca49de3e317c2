"""Where the pages lie."""

from lmc_core.settings import REPOSITORY

HOME, RUNS, ABOUT = (str(REPOSITORY / "pages" / name) for name in ("twins.py", "runs.py", "about.py"))
"""The scripts of the three pages, as Streamlit wants to be told of them."""
