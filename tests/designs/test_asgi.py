"""Uploads and downloads as the ASGI server carries them: bounded on disk, never whole in memory."""

import json

import pytest
from asgiref.testing import ApplicationCommunicator
from django.test import AsyncRequestFactory

from marketplace.config.asgi import application
from marketplace.designs.download import CHUNK, file_response


def scope(**headers: str) -> dict:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/api/v1/designs",
        "raw_path": b"/api/v1/designs",
        "query_string": b"",
        "headers": [
            (b"host", b"127.0.0.1"),
            *((k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()),
        ],
        "client": ("127.0.0.1", 5000),
        "server": ("127.0.0.1", 8000),
    }


async def answer(caller: ApplicationCommunicator) -> tuple[int, dict]:
    start = await caller.receive_output(10)
    body = await caller.receive_output(10)
    return start["status"], json.loads(body["body"])


async def test_a_body_announced_too_large_is_refused_unread(settings):
    caller = ApplicationCommunicator(application, scope(content_length=str(settings.UPLOAD_LIMIT_BYTES * 2)))
    status, problem = await answer(caller)
    assert (status, problem["code"]) == (413, "upload-too-large")


async def test_a_body_that_goes_on_and_on_is_cut_off_and_leaves_nothing(settings, tmp_path):
    settings.UPLOAD_LIMIT_BYTES = 1_000_000
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    caller = ApplicationCommunicator(application, scope(transfer_encoding="chunked"))
    for _ in range(20):
        await caller.send_input({"type": "http.request", "body": bytes(100_000), "more_body": True})
    status, problem = await answer(caller)
    assert (status, problem["code"]) == (413, "upload-too-large")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("wanted", "first", "length"), [("", 0, 3_000_000), (f"bytes={CHUNK}-", CHUNK, 3_000_000 - CHUNK)]
)
async def test_a_download_is_read_chunk_by_chunk(wanted, first, length, tmp_path):
    data = bytes(range(250)) * 12_000
    (tmp_path / "model").write_bytes(data)
    content = (tmp_path / "model").open("rb")
    request = AsyncRequestFactory().get("/", headers={"Range": wanted})
    response = file_response(request, content, name="part.stl", size=len(data))
    chunks = [chunk async for chunk in response]
    assert b"".join(chunks) == data[first:]
    assert max(map(len, chunks)) <= CHUNK
    assert int(response["Content-Length"]) == length
    response.close()
    assert content.closed
