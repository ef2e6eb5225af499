"""A designer's own program: signs in, posts, awards and releases with a key that never leaves it."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from eth_typing import Hash32
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from demo.node import Node
from protocol.evidence import Evidence, Kind, SignedEvidence, payload_digest
from protocol.typed import Domain, infill_domain
from protocol.units import ZERO_DIGEST, Digest, address_of, digest_of, hex_of

SCOPES = ("read", "jobs", "evidence")
TIMEOUT = 20


class Refused(Exception):
    """The marketplace refused a request: its problem document's code and detail."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code', '')}: {problem.get('detail', '')}")
        self.status = status
        self.code = problem.get("code", "")


class Designer:
    """Talks to one marketplace and one node on behalf of the owner of a key."""

    def __init__(self, key: LocalAccount, site: str, node: Node) -> None:
        self.key = key
        self._site = site
        self._node = node
        self._http = requests.Session()

    def sign_in(self, scopes: tuple[str, ...] = SCOPES) -> dict[str, Any]:
        """Sign in with Ethereum for a token. Signs no message that is for another site or address."""
        message = self.post("auth/challenge", address=self.key.address)["message"]
        if not message.startswith(urlsplit(self._site).netloc) or self.key.address not in message:
            raise ValueError("the sign-in message is not for this site and address; nothing was signed")
        signature = hex_of(self.key.sign_message(encode_defunct(text=message)).signature)
        body = {"message": message, "signature": signature, "name": "demo", "scopes": list(scopes), "days": 1}
        answer: dict[str, Any] = self.post("auth/tokens", **body)
        self._http.headers["Authorization"] = f"Bearer {answer['token']}"
        return answer

    def get(self, path: str, **query: Any) -> Any:
        """GET under /api/v1/. Raises Refused."""
        return _json(self._http.get(self._url(path), params=query, timeout=TIMEOUT))

    def post(self, path: str, **body: Any) -> Any:
        """POST JSON under /api/v1/. Raises Refused."""
        return _json(self._http.post(self._url(path), json=body, timeout=TIMEOUT))

    def download(self, path: str) -> bytes:
        """GET the bytes of a file. Raises Refused."""
        answer = self._http.get(self._url(path), timeout=TIMEOUT)
        if not answer.ok:
            _json(answer)
        return answer.content

    def upload(self, model: Path) -> Any:
        """Upload a model. Raises Refused."""
        with model.open("rb") as file:
            return _json(
                self._http.post(self._url("designs"), files={"file": (model.name, file)}, timeout=TIMEOUT)
            )

    def send(self, transaction: dict[str, Any]) -> dict[str, Any]:
        """Sign a transaction with the designer's own key and send it; its receipt. Raises NodeError."""
        return self._node.send(self.signed([transaction])[0])

    def signed(self, transactions: Sequence[dict[str, Any]]) -> list[bytes]:
        """Sign transactions with the designer's own key, to be mined in this order. Raises NodeError."""
        fee = self._node.number("eth_gasPrice") * 2
        nonce = self._node.number("eth_getTransactionCount", self.key.address, "pending")
        return [
            self.key.sign_transaction(_filled(transaction, nonce + place, fee)).raw_transaction
            for place, transaction in enumerate(transactions)
        ]

    def record_receipt(self, agreement: str, network: dict[str, Any], note: str) -> Any:
        """Sign the designer's own evidence: the parts were received. Raises Refused."""
        domain = infill_domain(network["chain_id"], network["escrow"])
        signed = self._signed(domain, digest_of(agreement), {"note": note})
        return self.post(f"agreements/{agreement}/evidence", **signed.to_json())

    def _signed(self, domain: Domain, agreement: Digest, content: dict[str, Any]) -> SignedEvidence:
        payload = {**content, "salt": hex_of(secrets.token_bytes(32))}
        record = Evidence(
            agreement=agreement,
            actor=address_of(self.key.address),
            seq=0,
            kind=Kind.RECEIVED,
            payload=payload_digest(payload),
            previous=ZERO_DIGEST,
            observed_at=int(time.time()),
        )
        signature = self.key.unsafe_sign_hash(Hash32(record.digest(domain))).signature
        return SignedEvidence(record, payload, signature)

    @contextmanager
    def watching(self, job: str) -> Iterator[Connection]:
        """The job's live socket."""
        address = urlsplit(self._site)
        headers = {"Authorization": str(self._http.headers["Authorization"])}
        with connect(f"ws://{address.netloc}/ws/jobs/{job}", additional_headers=headers) as socket:
            yield socket

    def _url(self, path: str) -> str:
        return f"{self._site}/api/v1/{path}"


def messages(socket: Connection, seconds: float) -> Iterator[dict[str, Any]]:
    """What the socket says within so many seconds."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        try:
            yield json.loads(socket.recv(timeout=left))
        except TimeoutError:
            return


def _filled(transaction: dict[str, Any], nonce: int, fee: int) -> dict[str, Any]:
    return {
        "to": transaction["to"],
        "data": transaction["data"],
        "value": int(transaction["value"]),
        "chainId": transaction["chain_id"],
        "gas": transaction["gas"],
        "nonce": nonce,
        "maxFeePerGas": fee,
        "maxPriorityFeePerGas": min(fee, 10**9),
    }


def _json(answer: requests.Response) -> Any:
    try:
        body = answer.json() if answer.content else {}
    except ValueError:
        body = {"detail": answer.text[:200]}
    if not answer.ok:
        raise Refused(answer.status_code, body)
    return body
