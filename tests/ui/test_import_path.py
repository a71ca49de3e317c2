"""Pages that run do not change where modules are found: another thread's import would miss one."""

import subprocess
import sys

from lmc_core.settings import REPOSITORY

CODE = """
import sys
import app
from streamlit.runtime.scriptrunner.exec_code import modified_sys_path

before = list(sys.path)
with modified_sys_path(str(app.app.script_path)):
    assert sys.path == before, "a run of a page changes the path"
assert before[-1] == str(app.SITE.parent), "modules of the program come after all others"
"""


def test_a_run_of_a_page_leaves_the_path_as_it_is() -> None:
    ended = subprocess.run([sys.executable, "-c", CODE], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
