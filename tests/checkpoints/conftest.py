import contextlib
import hashlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.checkpoints.made_up import save_tiny_vit


@dataclass
class Hub:
    """The Hugging Face hub, played on the loopback: what is put is served, as the hub's own headers tell it."""

    address: str
    models: dict[str, dict[str, bytes]] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    """Models for which it answers that something went wrong inside."""
    tampered: set[str] = field(default_factory=set)
    """Files that it sends with another sha256 than it says."""
    lengthless: set[str] = field(default_factory=set)
    """Files of which it does not say how long they are."""
    dripping: set[str] = field(default_factory=set)
    """Files that it sends a byte at a time, and slowly."""
    mute: set[str] = field(default_factory=set)
    """Models for which it sends a line of its answer's head at a time, and never the last."""
    moved: dict[str, str] = field(default_factory=dict)
    """Files that lie at another address."""
    tokens: list[str | None] = field(default_factory=list)
    """What came with the requests for files that were not moved."""
    over: threading.Event = field(default_factory=threading.Event)
    requests: list[str] = field(default_factory=list)

    def put(self, name: str, folder: Path) -> None:
        self.models[name] = {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.answer()

        def do_GET(self) -> None:
            self.answer()

        def answer(self) -> None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # whoever asked has gone
                self.respond()

        def respond(self) -> None:
            name, _, file = self.path.lstrip("/").partition("/resolve/main/")
            played.requests.append(f"{self.command} {name} {file}")
            if name in played.mute:
                self.send_response_only(200)
                self.flush_headers()
                while not played.over.wait(0.05):
                    self.wfile.write(b"X-More: yes\r\n")
                    self.wfile.flush()
            elif name in played.gated:
                self.refuse(403, "GatedRepo")
            elif name in played.broken:
                self.refuse(500, "")
            elif name not in played.models:
                self.refuse(401, "RepoNotFound")
            elif file not in played.models[name]:
                self.refuse(404, "EntryNotFound")
            elif self.command == "GET" and file in played.moved:
                self.send_response(302)
                self.send_header("Location", played.moved[file])
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                played.tokens.append(self.headers["Authorization"])
                self.send(file, played.models[name][file])

        def refuse(self, status: int, code: str) -> None:
            self.send_response(status)
            self.send_header("X-Error-Code", code)
            self.send_header("X-Repo-Commit", "0" * 40)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def send(self, file: str, body: bytes) -> None:
            told = body + b"!" if file in played.tampered else body
            self.send_response(200)
            self.send_header("ETag", f'"{hashlib.sha256(told).hexdigest()}"')
            self.send_header("X-Repo-Commit", "0" * 40)
            if file in played.lengthless:
                self.send_header("Connection", "close")
            else:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET" and file in played.dripping:
                for place in range(len(body)):
                    if played.over.wait(0.05):
                        return
                    self.wfile.write(body[place : place + 1])
            elif self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True  # clients keep their connections
    server.block_on_close = False
    played = Hub(f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_ENDPOINT", played.address)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield played
    played.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def tiny_vit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as transformers writes it: a ViT of 8 pixels, 3 classes, with its image processor; leave it as it is."""
    return save_tiny_vit(tmp_path_factory.mktemp("tiny_vit"))
