import subprocess
import sys
from pathlib import Path

import pytest

from lmc_core.data.presence import FILES, is_present, prepared_file
from lmc_core.data.spec import CATALOG


@pytest.mark.parametrize("name", sorted(set(CATALOG) - {"digits"}))
@pytest.mark.parametrize("form", [0, -1], ids=["unpacked", "packed"])
def test_a_data_set_is_present_once_its_last_file_is(tmp_path: Path, name, form: int):
    paths = list(dict.fromkeys(either[form] for either in FILES[name]))
    for path in paths:
        assert not is_present(name, tmp_path)
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert is_present(name, tmp_path)


def test_a_prepared_file_is_enough(tmp_path: Path):
    path = prepared_file("cifar10", tmp_path)
    path.parent.mkdir()
    path.touch()
    assert is_present("cifar10", tmp_path)


def test_digits_need_no_file(tmp_path: Path):
    assert is_present("digits", tmp_path / "nowhere")


def test_asking_imports_no_torch():
    script = "import sys, lmc_core.data.presence, lmc_core.data.spec; print({'torch', 'numpy'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert answer.stdout.strip() == "set()"
