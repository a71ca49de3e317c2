from collections.abc import Iterator

import pytest
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from lmc_core.ui.uploads import FILES_OF_A_PAGE, UPLOAD_PATH, BoundedUploads, forget_files_of_closed_pages
from tests.ui.asgi import ask, scope_of

LARGEST = 64 * 1024


class Runtime:
    """Streamlit's, with one open page."""

    def __init__(self) -> None:
        self.uploaded_file_mgr = MemoryUploadedFileManager("")

    def is_active_session(self, session: str) -> bool:
        return session == "open"

    def keep(self, session: str, file: str) -> None:
        self.uploaded_file_mgr.add_file(session, UploadedFileRec(file, "spec.json", "application/json", b"{}"))


@pytest.fixture
def streamlit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    made_up = Runtime()
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: made_up)
    yield made_up


def upload(streamlit: Runtime, file: str, session: str = "open", **headers: str) -> int:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        streamlit.keep(session, file)
        await send({"type": "http.response.start", "status": 204, "headers": []})

    return ask(BoundedUploads(app, LARGEST), scope_of(path=f"{UPLOAD_PATH}{session}/{file}", method="PUT", **headers))[0]


@pytest.mark.parametrize(
    ("length", "status"),
    [("300", 204), (str(LARGEST), 204), (str(2 * LARGEST), 413), ("9" * 5_000, 413), ("", 411), ("-1", 411), ("many", 411)],
)
def test_a_file_larger_than_any_spec_is_refused_before_it_is_read(streamlit: Runtime, length: str, status: int) -> None:
    assert upload(streamlit, "file", content_length=length) == status
    assert len(streamlit.uploaded_file_mgr.file_storage) == (status == 204)


def test_a_page_keeps_its_last_few_files(streamlit: Runtime) -> None:
    for place in range(600):
        assert upload(streamlit, f"file{place}", content_length="300") == 204
    assert list(streamlit.uploaded_file_mgr.file_storage["open"]) == [f"file{place}" for place in range(600 - FILES_OF_A_PAGE, 600)]


def test_what_was_uploaded_to_a_page_is_forgotten_when_it_is_closed(streamlit: Runtime) -> None:
    streamlit.keep("open", "mine")
    streamlit.keep("closed", "left")
    forget_files_of_closed_pages()
    assert set(streamlit.uploaded_file_mgr.file_storage) == {"open"}
