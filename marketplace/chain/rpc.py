"""JSON-RPC to one node: several questions in one request, foreign errors turned into ours in one table."""

import contextlib
import threading
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
from django.db import connections
from urllib3.exceptions import HTTPError

from contracts.artifacts import UnknownErrorData, decode_error
from marketplace.chain.errors import (
    ChainError,
    ContractReverted,
    NetworkInAtomicBlock,
    NodeBusy,
    NodeRefused,
    NodeUnreachable,
)

TIMEOUT_SECONDS = 10
HEADERS = {"Content-Type": "application/json"}
REVERTED = 3  # the code geth gives to a reverted call
TOO_MANY_REQUESTS = 429

Question = tuple[str, list[Any]]
"""A method and its parameters."""


def atomic_block_refuse() -> None:
    """Raises NetworkInAtomicBlock while a block is open, other than the one a test case wraps itself in."""
    for connection in connections.all(initialized_only=True):
        if any(not block._from_testcase for block in connection.atomic_blocks):  # type: ignore[attr-defined]
            raise NetworkInAtomicBlock


def shown(url: str) -> str:
    """A node's URL without what may be secret in it: its user, path and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


class Rpc:
    """One node at a URL. Safe to use from several threads: each has a connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = shown(url)
        self._local = threading.local()

    def ask(self, method: str, *parameters: Any) -> Any:
        """Raises NodeUnreachable, NodeBusy, NodeRefused, ContractReverted, NetworkInAtomicBlock."""
        [answer] = self.ask_all([(method, list(parameters))])
        return answer

    def ask_all(self, questions: Sequence[Question]) -> list[Any]:
        """The answers in the order of the questions, from one request. Raises as `ask` for any of them."""
        body = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}
            for number, (method, parameters) in enumerate(questions)
        ]
        answers = self._post(body if len(body) > 1 else body[0])
        by_id = {answer.get("id"): answer for answer in answers if isinstance(answer, dict)}
        return [self._result(by_id.get(number), method) for number, (method, _) in enumerate(questions)]

    def _post(self, body: Any) -> list[Any]:
        atomic_block_refuse()
        try:
            response = self._session().post(
                self.url, data=orjson.dumps(body), headers=HEADERS, timeout=TIMEOUT_SECONDS, stream=True
            )
            # At once: `content` puts megabytes together from pieces of ten kilobytes.
            content = response.raw.read(decode_content=True)
        except (requests.RequestException, HTTPError) as error:
            raise NodeUnreachable(self.name, type(error).__name__) from error
        if response.status_code == TOO_MANY_REQUESTS:
            raise NodeBusy(self.name)
        try:
            answer = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise NodeUnreachable(self.name, f"HTTP {response.status_code}, no whole JSON") from error
        return answer if isinstance(answer, list) else [answer]

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
        return session

    def _result(self, answer: dict[str, Any] | None, method: str) -> Any:
        if answer is None:
            raise NodeUnreachable(self.name, f"no answer to {method}")
        if error := answer.get("error"):
            raise self._error(error if isinstance(error, dict) else {"message": str(error)})
        if "result" not in answer:
            raise NodeUnreachable(self.name, f"no result of {method}")
        return answer["result"]

    def _error(self, error: dict[str, Any]) -> ChainError:
        message, code, data = str(error.get("message", "")), error.get("code"), error.get("data")
        if code == REVERTED or "revert" in message.lower():
            return _reverted(message, data)
        return NodeRefused(self.name, message)


def _reverted(message: str, data: Any) -> ContractReverted:
    if isinstance(data, str) and data.startswith("0x"):
        with contextlib.suppress(UnknownErrorData, ValueError):
            found = decode_error(bytes.fromhex(data[2:]))
            return ContractReverted(found.name, found.args)
    return ContractReverted(message)
