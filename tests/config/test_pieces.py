"""A body that is cut off leaves what had come of it; a long one is several requests for the site."""

from __future__ import annotations

import pytest
from asgiref.testing import ApplicationCommunicator
from hypothesis import given
from hypothesis import strategies as st

from marketplace.config import pieces
from marketplace.config.pieces import Pieces

PATH = "/api/v1/uploads/7"


class Site:
    """Keeps what it is sent at the offset it is sent for, and refuses what is for another."""

    def __init__(self, most: int = 10**9) -> None:
        self.kept, self.calls, self.most = b"", 0, most

    async def __call__(self, scope, receive, send) -> None:
        message = await receive()
        headers = dict(scope["headers"])
        self.calls += 1
        right = int(headers[b"upload-offset"]) == len(self.kept) < self.most
        assert int(headers[b"content-length"]) == len(message["body"])
        assert b"transfer-encoding" not in headers
        if right:
            self.kept += message["body"]
        await send({"type": "http.response.start", "status": 204 if right else 409, "headers": []})
        await send({"type": "http.response.body", "body": str(self.calls).encode()})


def scope(**more) -> dict:
    headers = [(b"upload-offset", b"0"), (b"transfer-encoding", b"chunked"), (b"x", b"y")]
    return {"type": "http", "method": "PATCH", "path": PATH, "headers": headers} | more


async def answer(site: Site, messages: list[dict]) -> tuple[int, bytes]:
    caller = ApplicationCommunicator(Pieces(site), scope())
    for message in messages:
        await caller.send_input(message)
    start, body = await caller.receive_output(5), await caller.receive_output(5)
    return start["status"], body["body"]


def body(*chunks: bytes) -> list[dict]:
    return [{"type": "http.request", "body": each, "more_body": True} for each in chunks]


END = {"type": "http.request", "body": b"", "more_body": False}
GONE = {"type": "http.disconnect"}


@pytest.mark.parametrize("end", [END, GONE], ids=["whole", "cut off"])
async def test_what_came_is_kept_piece_by_piece(end, monkeypatch):
    monkeypatch.setattr(pieces, "PIECE_BYTES", 100)
    site = Site()
    data = bytes(range(250))
    status, last = await answer(site, [*body(data[:90], data[90:180], data[180:]), end])
    assert site.kept == data
    assert (status, last) == (204, b"2")


async def test_a_refusal_ends_it_and_is_the_answer(monkeypatch):
    monkeypatch.setattr(pieces, "PIECE_BYTES", 100)
    site = Site(most=150)
    status, _ = await answer(site, [*body(*[bytes(100)] * 9), END])
    assert (status, site.calls, len(site.kept)) == (409, 3, 200)


async def test_other_requests_pass_untouched():
    seen = []

    async def inner(scope, receive, send) -> None:
        seen.append((scope, receive, send))

    for other in (scope(method="POST"), scope(path="/api/v1/designs")):
        await Pieces(inner)(other, "receive", "send")
        assert seen.pop() == (other, "receive", "send")


@given(offset=st.binary(max_size=30))
def test_an_offset_that_is_none_is_left_to_the_site(offset):
    found = pieces._offset_of({"headers": [(b"upload-offset", offset)]})
    assert found is None or str(found).encode() == offset.lstrip(b"0") or found == 0
