"""How large a request may be, decided before Django spools it to disk, and how it lies there meanwhile."""

import io
import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.files.uploadhandler import FileUploadHandler
from django.core.handlers.asgi import ASGIHandler

from marketplace.config.problems import CONTENT_TYPE, problem_of
from marketplace.designs.scratch import Scratch

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

# Boundaries and part headers of a multipart body, beside the file itself.
ENVELOPE_BYTES = 64 * 1024


class _TooLargeError(Exception):
    """The body went on beyond the limit."""


class BodyLimit:
    """Answers 413 to an HTTP request whose body is announced or turns out larger than one upload may be."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        limit = settings.UPLOAD_LIMIT_BYTES + ENVELOPE_BYTES
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > limit:
            return await _refuse(send)
        taken = 0

        async def counted() -> Mapping[str, Any]:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > limit:
                    raise _TooLargeError
            return message

        try:
            return await self.inner(scope, counted, send)
        except _TooLargeError:
            return await _refuse(send)


async def _refuse(send: Send) -> None:
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    detail = f"Requests are limited to {settings.UPLOAD_LIMIT_BYTES / 1e6:.0f} MB."
    body = json.dumps(problem_of("upload-too-large", status, detail)).encode()
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Site(ASGIHandler):
    """Django, but a body that does not fit into memory lies encrypted on the disk while it is read."""

    async def read_body(self, receive: Receive) -> IO[bytes]:
        body: io.BytesIO | Scratch = io.BytesIO()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                body.close()
                raise RequestAborted
            body.write(message.get("body", b""))
            more = message.get("more_body", False)
            if isinstance(body, io.BytesIO) and body.tell() > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
                body = _set_aside(body)
        if isinstance(body, Scratch):
            return io.BufferedReader(body)
        body.seek(0)
        return body


def _set_aside(body: io.BytesIO) -> Scratch:
    scratch = Scratch()
    scratch.write(body.getbuffer())
    return scratch


class NoFiles(FileUploadHandler):
    """Drops the files of a form: what a page does not ask for is not kept for a moment."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None
