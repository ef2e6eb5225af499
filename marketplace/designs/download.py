"""Serve a file as a stream, whole or from where an interrupted download stopped."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any, Final

from django.core.files import File
from django.http import FileResponse, HttpResponse, HttpResponseBase

RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")


class _Part:
    """The next `length` bytes of an open file, as FileResponse reads them."""

    def __init__(self, content: File[Any], length: int) -> None:
        self._content = content
        self._left = length

    def read(self, count: int = -1) -> bytes:
        wanted = self._left if count < 0 else min(count, self._left)
        data: bytes = self._content.read(wanted)
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._content.close()


def file_response(content: File[Any], *, name: str, size: int, wanted: str | None) -> HttpResponseBase:
    """An attachment; `wanted` is the request's Range header. Several ranges get the whole."""
    start, stop = _range(wanted, size)
    if start >= size:
        content.close()
        return HttpResponse(
            status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers={"Content-Range": f"bytes */{size}"}
        )
    content.seek(start)
    response = FileResponse(
        _Part(content, stop - start),
        as_attachment=True,
        filename=name,
        content_type="application/octet-stream",
    )
    response["Content-Length"] = str(stop - start)
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-store"
    if (start, stop) != (0, size):
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return response


def _range(wanted: str | None, size: int) -> tuple[int, int]:
    """First byte and the one after the last."""
    match = RANGE.fullmatch(wanted or "")
    if match is None or not any(match.groups()):
        return 0, size
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    start, stop = int(first), min(int(last) + 1, size) if last else size
    return (start, stop) if stop > start or start >= size else (0, size)
