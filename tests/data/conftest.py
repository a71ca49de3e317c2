import gzip
import hashlib
import http.server
import io
import pickle
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
import torchvision.datasets

from lmc_core.data import idx, tiny_imagenet
from lmc_core.data.presence import IDX_FILES
from tests.tiny_layout import make_tiny_layout


@dataclass
class Remote:
    """The official servers, played on the loopback: what is put is served, anything else is 404."""

    address: str
    bodies: dict[str, bytes] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    """Bytes after which the connection is closed, although the length said more."""
    lengthless: set[str] = field(default_factory=set)
    stalled: set[str] = field(default_factory=set)
    """What is announced but never sent."""
    over: threading.Event = field(default_factory=threading.Event)
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def remote() -> Iterator[Remote]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            file = self.path.lstrip("/")
            played.requests.append(file)
            if file not in played.bodies:
                self.send_error(404)
                return
            body = played.bodies[file]
            self.send_response(200)
            if file not in played.lengthless:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if file in played.stalled:
                played.over.wait(30)
                return
            self.wfile.write(body[: played.cut.get(file, len(body))])

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    played = Remote(f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield played
    played.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def md5(body: bytes) -> str:
    return hashlib.md5(body).hexdigest()


@pytest.fixture
def small_mnist(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> Remote:
    """The remote side holds an MNIST of 6 + 4 images, and that is the original as far as the program knows."""
    rng = np.random.default_rng(0)
    contents = []
    for count in (6, 4):
        images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        contents.append(np.array([0x803, count, 28, 28], ">i4").tobytes() + images.tobytes())
        contents.append(np.array([0x801, count], ">i4").tobytes() + (np.arange(count, dtype=np.uint8) % 10).tobytes())
    remote.bodies = {f"{file}.gz": gzip.compress(content, mtime=0) for file, content in zip(IDX_FILES, contents, strict=True)}
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [remote.address])
    monkeypatch.setattr(torchvision.datasets.MNIST, "resources", [(file, md5(body)) for file, body in remote.bodies.items()])
    monkeypatch.setitem(idx.SHA256, "mnist", tuple(hashlib.sha256(content).hexdigest() for content in contents))
    return remote


@pytest.fixture(params=["cifar10", "cifar100"])
def small_cifar(request: pytest.FixtureRequest, remote: Remote, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Remote]:
    """The remote side holds a CIFAR of 2 images a batch file, and that is the original as far as the program knows."""
    loader, key = {
        "cifar10": (torchvision.datasets.CIFAR10, "labels"),
        "cifar100": (torchvision.datasets.CIFAR100, "fine_labels"),
    }[request.param]
    rng = np.random.default_rng(0)
    files = {
        file: pickle.dumps({"data": rng.integers(0, 256, (2, 3072), dtype=np.uint8), key: [number, 9 - number]})
        for number, (file, _) in enumerate([*loader.train_list, *loader.test_list])
    }
    files[loader.meta["filename"]] = pickle.dumps({loader.meta["key"]: ["a", "b"]})
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for file, content in {**files, "left-aside.txt": b"not needed"}.items():
            member = tarfile.TarInfo(f"{loader.base_folder}/{file}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    remote.bodies = {loader.filename: packed.getvalue()}
    for attribute in ("train_list", "test_list"):
        monkeypatch.setattr(loader, attribute, [[file, md5(files[file])] for file, _ in getattr(loader, attribute)])
    monkeypatch.setattr(loader, "meta", {**loader.meta, "md5": md5(files[loader.meta["filename"]])})
    monkeypatch.setattr(loader, "url", remote.address + loader.filename)
    monkeypatch.setattr(loader, "tgz_md5", md5(packed.getvalue()))
    return request.param, remote


@pytest.fixture
def tiny_layout() -> Callable[[Path], Path]:
    return make_tiny_layout


@pytest.fixture
def small_tiny(remote: Remote, tiny_layout: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Remote:
    """The remote side holds that layout as a zip, which is the original as far as the program knows."""
    root = tiny_layout(tmp_path / "official")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(root.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(root.parent))
        archive.writestr(f"{tiny_imagenet.FOLDER}/test/images/test_0.JPEG", b"no label")
    remote.bodies = {tiny_imagenet.ARCHIVE.file: packed.getvalue()}
    changed = replace(tiny_imagenet.ARCHIVE, addresses=(remote.address + tiny_imagenet.ARCHIVE.file,), md5=md5(packed.getvalue()))
    monkeypatch.setattr(tiny_imagenet, "ARCHIVE", changed)
    return remote
