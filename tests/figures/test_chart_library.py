"""The script that draws charts in a browser."""

import re

from plotly.offline import get_plotlyjs, get_plotlyjs_version

from lmc_core.figures import chart_library


def test_the_script_is_of_the_version_that_the_python_package_speaks() -> None:
    found = re.search(r"plotly\.js \(cartesian - minified\) v([\d.]+)", chart_library.script()[:200])
    assert found is not None
    assert found[1] == get_plotlyjs_version()


def test_the_script_is_a_third_of_the_whole() -> None:
    assert 3 * len(chart_library.script()) < len(get_plotlyjs())
    assert 3 * len(chart_library.packed()) < len(chart_library.script()) + 10_000
