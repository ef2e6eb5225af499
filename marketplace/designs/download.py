"""Serve a file as a stream, whole or from where an interrupted download stopped."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.core.files import File
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
CHUNK: Final = 256 * 1024


class _Span:
    """The next `length` bytes of an open file, in chunks. Django calls `close`, sent to the end or not."""

    def __init__(self, content: File[Any], length: int) -> None:
        self._content = content
        self._left = length

    def close(self) -> None:
        self._content.close()

    def _next(self) -> bytes:
        data: bytes = self._content.read(min(CHUNK, self._left))
        self._left -= len(data)
        return data


class _SyncSpan(_Span):
    def __iter__(self) -> Iterator[bytes]:
        while data := self._next():
            yield data


class _AsyncSpan(_Span):
    """Under ASGI; Django would read a plain iterator to its end, into memory, before it sends."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while data := await sync_to_async(self._next)():
            yield data


def file_response(request: HttpRequest, content: File[Any], *, name: str, size: int) -> HttpResponseBase:
    """An attachment, or the one range of it that the request names; several ranges get the whole."""
    start, stop = _range(request.headers.get("Range", ""), size)
    if start >= size:
        content.close()
        headers = {"Content-Range": f"bytes */{size}"}
        return HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    content.seek(start)
    span = _AsyncSpan if isinstance(request, ASGIRequest) else _SyncSpan
    headers = {
        "Content-Length": str(stop - start),
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
    }
    status = HTTPStatus.OK
    if (start, stop) != (0, size):
        status = HTTPStatus.PARTIAL_CONTENT
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return StreamingHttpResponse(
        span(content, stop - start), status=status, headers=headers, content_type="application/octet-stream"
    )


def _range(wanted: str, size: int) -> tuple[int, int]:
    """First byte and the one after the last."""
    match = RANGE.fullmatch(wanted)
    if match is None or not any(match.groups()):
        return 0, size
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    start, stop = int(first), min(int(last) + 1, size) if last else size
    return (start, stop) if stop > start or start >= size else (0, size)
