"""A cluster whose parts know each other by certificates, set up by Dask's own configuration alone."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dask
import distributed  # noqa: F401 # its defaults must be in the configuration before a test changes it
import pytest

from lmc_core.errors import LMCError
from lmc_core.jobs.engine import Engine
from lmc_core.settings import Settings
from tests.jobs.conftest import settings_in
from tests.jobs.dask_processes import address, free_port, scheduler, worker
from tests.jobs.made_up_training import TRAINING, quick

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes certificates with openssl")


def certificate(folder: Path) -> dict[str, str]:
    """Dask's settings for one certificate, its own authority, that all parts of a small cluster share."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=lmc", "-keyout", key, "-out", cert]
    subprocess.run(command, check=True, capture_output=True)
    files = {
        f"distributed.comm.tls.{part}.{kind}": str(path)
        for part in ("scheduler", "worker", "client")
        for kind, path in (("key", key), ("cert", cert))
    }
    return {"distributed.comm.tls.ca-file": str(cert), **files}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def settings(config: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder, port = tmp_path_factory.mktemp("tls"), free_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in config.items():
            patch.setenv("DASK_" + name.upper().replace(".", "__").replace("-", "_"), value)
        with scheduler(port, "tls"), worker(port, folder, "tls"):
            yield replace(settings_in(folder), scheduler=address(port, "tls"))


def test_a_run_goes_over_tls_when_dasks_configuration_names_certificates(settings: Settings, config: dict[str, str]) -> None:
    with dask.config.set(config), Engine(settings, training=TRAINING) as engine:
        assert engine.wait(engine.submit(quick(1), "me"), 30).state == "done"


def test_without_a_certificate_a_command_says_where_to_name_one(settings: Settings) -> None:
    with Engine(settings, serve=False, training=TRAINING) as command, pytest.raises(LMCError) as fault:
        command.wait(command.submit(quick(2), "me"), 30)
    sentence = str(fault.value)
    assert sentence.startswith(f"The Dask scheduler at {settings.scheduler} (LMC_SCHEDULER) cannot be reached: TLS expects")
    assert sentence.endswith("; name the certificates in Dask's configuration (distributed.comm.tls).")


def test_with_another_authoritys_certificate_nobody_comes_in(settings: Settings, tmp_path: Path) -> None:
    with (
        dask.config.set(certificate(tmp_path)),
        Engine(settings, serve=False, training=TRAINING) as command,
        pytest.raises(LMCError) as fault,
    ):
        command.wait(command.submit(quick(3), "me"), 30)
    assert str(fault.value).startswith(f"No Dask scheduler answers at {settings.scheduler} (LMC_SCHEDULER): ")
