"""Files that visitors upload: a few small ones for each open page, forgotten with it."""

from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

UPLOAD_PATH = "/_stcore/upload_file/"
FILES_OF_A_PAGE = 3
"""A page keeps its last so many; it has one field for one file."""
WRAPPING = 4_096
"""Bytes that a form may add to its file."""


class BoundedUploads:
    """Refuses files that are larger than any spec before they are read, and forgets a page's older ones.

    Args:
        app: what is served.
        largest: bytes of a file.
    """

    def __init__(self, app: "ASGIApp", largest: int) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer as the app does; an upload that is too large gets a status of 413, one of unknown length of 411."""
        if scope["type"] != "http" or scope["method"] != "PUT" or UPLOAD_PATH not in scope["path"]:
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if not length.isdecimal() or len(length) > len(str(self._largest)) + 1 or int(length) > self._largest + WRAPPING:
            status = 413 if length.isdecimal() else 411
            text = f"A file may have {self._largest // 1024} KiB at most (LMC_MAX_UPLOAD_KIB)."
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": text.encode()})
            return
        await self._app(scope, receive, send)
        _forget_older(scope["path"].split("/")[-2])


def forget_files_of_closed_pages() -> None:
    """Drop what was uploaded to pages that are not open any more; Streamlit keeps it until it happens to collect garbage."""
    if files := _files():
        for session in list(files.file_storage):
            if not runtime.get_instance().is_active_session(session):
                files.remove_session_files(session)


def _forget_older(session: str) -> None:
    if files := _files():
        for file in list(files.file_storage.get(session, {}))[:-FILES_OF_A_PAGE]:
            files.remove_file(session, file)


def _files() -> MemoryUploadedFileManager | None:
    found = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    return found if isinstance(found, MemoryUploadedFileManager) else None
