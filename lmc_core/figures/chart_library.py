"""Plotly's script for flat charts, which a browser reads in a third of the time that the whole of plotly.js takes.

`plotly-cartesian.min.js.gz` is the file of the npm package plotly.js-cartesian-dist-min (MIT licence), compressed, of the version that
the Python package has, which a test holds. Reading the script is most of the wait for a page's first curve.
"""

import functools
import gzip
from importlib.resources import files


@functools.cache
def packed() -> bytes:
    """The script, compressed with gzip."""
    return files("lmc_core.figures").joinpath("plotly-cartesian.min.js.gz").read_bytes()


def script() -> str:
    """The script as text."""
    return gzip.decompress(packed()).decode()
