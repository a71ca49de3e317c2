"""The web process never imports torch, and starts without what it does not need."""

import subprocess
import sys

from lmc_core.settings import REPOSITORY

SCRIPT = """
import sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
import app
from lmc_core.settings import Settings
from lmc_core.ui import engine as holder
from tests.ui.fake_engine import FakeEngine, stored
from lmc_core.studies.pruning_presets import PRUNING_PRESETS
from lmc_core.experiment import TwinsSpec
from tests.ui.fake_pruning import stored_pruning
holder._opened = FakeEngine(Settings(cache_dir=Path("{folder}"), data_dir=Path("{folder}")))
spec = TwinsSpec(repeats=2)
holder._opened.store.runs[spec.run_id] = stored(spec, shipped=True)
for preset in list(PRUNING_PRESETS.values())[:1]:
    holder._opened.store.runs[preset.spec.run_id] = stored_pruning(preset.spec, shipped=True)
page = AppTest.from_file("lmc_core/ui/site.py", default_timeout=30).run()
for name in ("pruning", "sweeps", "transformers", "emergence", "paper", "runs", "about", "twins"):
    page.switch_page(f"../../pages/{{name}}.py").run()
    assert not page.exception, page.exception
loaded = sorted(name for name in sys.modules if name.split(".")[0] in ("torch", "torchvision", "transformers", "sklearn"))
assert "lmc_core.jobs.engine" in sys.modules
print("loaded:", loaded)
"""


def test_no_page_brings_torch_into_the_web_process(tmp_path: object) -> None:
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT.format(folder=tmp_path)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().endswith("loaded: []")
