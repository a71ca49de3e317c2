"""LMC_SCHEDULER may name anything; what is no Dask scheduler is told within seconds, and the engine ends as ever."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import LocalCluster

from lmc_core.errors import LMCError
from lmc_core.jobs.engine import Engine
from lmc_core.jobs.loss import ClusterLostError
from lmc_core.jobs.scheduler_address import demand_scheduler
from tests.jobs.conftest import settings_in
from tests.jobs.dask_processes import address
from tests.jobs.made_up_training import TRAINING, quick
from tests.waiting import until

Answer = Callable[[socket.socket], None]


def silent(connection: socket.socket) -> None:
    while connection.recv(65_536):
        pass


def echo(connection: socket.socket) -> None:
    while content := connection.recv(65_536):
        connection.sendall(content)


def web(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def banner(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n" + bytes(range(256)) * 8)
    silent(connection)


def slams(connection: socket.socket) -> None:
    connection.recv(1)


@contextmanager
def answering(answer: Answer) -> Iterator[int]:
    """A program at a port of this machine that does as `answer` says with each connection."""

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            open_ones.append(connection)
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    def handle(connection: socket.socket) -> None:
        try:
            answer(connection)
        except OSError:
            return
        finally:
            connection.close()

    open_ones: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    for connection in open_ones:
        connection.close()


@pytest.mark.parametrize("answer", [silent, echo, web, banner, slams])
def test_what_is_no_scheduler_is_told_within_seconds(answer: Answer) -> None:
    sentence = r"^(No Dask scheduler answers at|What answers at) tcp://127\.0\.0\.1:\d+ \(LMC_SCHEDULER\)"
    with answering(answer) as port:
        begun = time.monotonic()
        with pytest.raises(ClusterLostError, match=sentence):
            demand_scheduler(address(port))
        assert time.monotonic() - begun < 15


@pytest.mark.parametrize("wrong", ["nonsense", "tcp://", "http://127.0.0.1:80", "tcp://127.0.0.1:99999"])
def test_what_is_no_address_is_told(wrong: str) -> None:
    with pytest.raises(ClusterLostError, match=r"\(LMC_SCHEDULER\)"):
        demand_scheduler(wrong)


def test_a_scheduler_is_one_and_its_worker_is_none() -> None:
    with LocalCluster(n_workers=1, processes=False, dashboard_address="127.0.0.1:0", silence_logs=50, protocol="tcp") as cluster:
        demand_scheduler(cluster.scheduler_address)
        with pytest.raises(ClusterLostError, match="is no Dask scheduler; start one with `dask scheduler`"):
            demand_scheduler(cluster.workers[0].address)


def test_a_server_whose_scheduler_is_silent_says_so_to_those_who_wait_and_can_be_ended(tmp_path: Path) -> None:
    with answering(silent) as port:
        engine = Engine(replace(settings_in(tmp_path), scheduler=address(port)), training=TRAINING).start()
        run_id = engine.submit(quick(1), "me")
        until(lambda: any("No Dask scheduler answers" in notice for notice in engine.snapshot(run_id).notices), 20)
        begun = time.monotonic()
        engine.close()
        assert time.monotonic() - begun < 15


def test_a_command_line_whose_scheduler_is_another_program_ends_with_the_sentence(tmp_path: Path) -> None:
    with answering(web) as port:
        settings = replace(settings_in(tmp_path), scheduler=address(port))
        with Engine(settings, serve=False, training=TRAINING) as command, pytest.raises(LMCError, match=r"LMC_SCHEDULER"):
            command.wait(command.submit(quick(1), "me"), 30)
