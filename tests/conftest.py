import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("LMC_SHARED_DATA", Path(__file__).parents[1].parent / "shared" / "data"))


@pytest.fixture(scope="session")
def real_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with MNIST, CIFAR-10, part of Tiny-ImageNet-200 and a pretrained ViT-Tiny; tests share it: leave its files alone."""
    if not (SHARED / "restore.py").exists():
        pytest.skip(f"no real data: {SHARED / 'restore.py'} is not there; LMC_SHARED_DATA names another folder")
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "real_data"
    folder.mkdir(exist_ok=True)
    with (folder / ".restoring").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".restored").exists():
            command = [sys.executable, str(SHARED / "restore.py"), str(folder), "mnist", "cifar10", "tinyimagenet", "vit"]
            subprocess.run(command, check=True, capture_output=True)
            (folder / ".restored").touch()
    return folder
