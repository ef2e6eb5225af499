"""The marketplace's REST API, as far as an agent needs it (docs: /api/v1/docs of any marketplace)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from protocol.books import Book
from protocol.errors import Malformed
from protocol.evidence import SignedEvidence
from protocol.jobspec import JobSpec, job_digest
from protocol.signatures import signature_of
from protocol.terms import Bid
from protocol.units import ZERO_ADDRESS, Address, Digest, address_of, digest_of, hex_of, seconds_of
from provider_agent.bidding import OpenJob
from provider_agent.errors import MarketplaceRefused, MarketplaceUnreachable, SignInRefused
from provider_agent.journal import facts
from provider_agent.journal.bids import BidRow
from provider_agent.journal.profiles import ProfileRow
from provider_agent.journal.store import Journal
from provider_agent.json_client import FILE_TIMEOUT, JsonClient
from provider_agent.sign_in import challenge_check, challenge_digest

API = "/api/v1"
SCOPES = ("read", "bids", "printers", "evidence")
TOKEN_DAYS = 30
RENEW_BEFORE = timedelta(days=1)
MEASUREMENTS = "measurements"
"""What a job shows whose pictures no bidder may see."""
TOO_LARGE = "model-too-large"
PARTIAL = 206

Sign = Callable[[Digest], bytes]


@dataclass(frozen=True)
class Network:
    """What the marketplace says of itself; the chain is read from the agent's own node.

    `operator` signs receipts for bids; None where nobody does.
    """

    chain_id: int
    escrow: Address
    fee_bps: int
    fee_to: Address
    arbiters: tuple[Address, ...]
    operator: Address | None


@dataclass(frozen=True)
class Grant:
    """A model the agent may fetch, encrypted to `recipient`. `model` is the salted digest that the spec has,
    `bytes` its length; `sealed` is the keccak of the `sealed_bytes` of ciphertext at `url`."""

    name: str
    model: Digest
    salt: Digest
    bytes: int
    url: str
    recipient: str
    sealed: Digest
    sealed_bytes: int


@dataclass(frozen=True)
class Placed:
    """A bid as the marketplace has it, unchecked."""

    bid: Bid
    signature: bytes


class Marketplace:
    """A client signed in as `address`. Methods raise MarketplaceRefused or MarketplaceUnreachable.

    `signer` is whose key `sign` is, where not the same: a hot key, which cannot sign in.
    """

    def __init__(
        self,
        client: JsonClient,
        journal: Journal,
        *,
        address: Address,
        chain_id: int,
        sign: Sign,
        signer: Address | None = None,
    ) -> None:
        self._client = client
        self._journal = journal
        self._address = address
        self._chain_id = chain_id
        self._sign = sign
        self._signer = signer or address
        self._signing_in = asyncio.Lock()

    @property
    def url(self) -> str:
        """Its base URL."""
        return self._client.url

    @property
    def session(self) -> aiohttp.ClientSession:
        """The HTTP session, which its WebSocket shares."""
        return self._client.session

    async def network(self) -> Network:
        """Fees and arbiters. Raises MarketplaceUnreachable where the answer cannot be read."""
        return await network_of(self._client)

    async def printer_register(self, row: ProfileRow) -> str:
        """Register a signed profile; the same again is harmless. The printer's digest by the marketplace."""
        body = {
            "profile": row.profile.to_json(),
            "capability": row.capability.to_json(),
            "signature": hex_of(row.signature),
        }
        return str((await self._call("POST", "/printers", body))["digest"])

    async def jobs_open(self) -> list[str]:
        """Ids of the jobs that take bids."""
        return [str(job["id"]) for job in await self._call("GET", "/jobs?status=OPEN")]

    async def job(self, identity: str) -> OpenJob:
        """A job with its spec. Raises Malformed where the spec does not match its own digest."""
        return job_of(await self._call("GET", f"/jobs/{identity}/spec"))

    async def bid_submit(self, row: BidRow) -> Any:
        """Send a signed bid; the same again is harmless. The operator's receipt as told, unchecked."""
        if row.signature is None:
            raise AssertionError("only signed bids are sent")
        body = {"bid": row.bid.to_json(), "signature": hex_of(row.signature), "signer": self._signer}
        answer = await self._call("POST", f"/jobs/{row.job}/bids", body)
        return answer.get("receipt") if isinstance(answer, dict) else None

    async def bid_statuses(self, job: str) -> dict[str, str]:
        """The agent's own bids for a job: agreement id -> status."""
        return {str(bid["id"]): str(bid["status"]) for bid in await self._call("GET", f"/jobs/{job}/bids")}

    async def bids_placed(self, job: str) -> list[Placed]:
        """The agent's own bids for a job. Raises Malformed."""
        return [
            Placed(Bid.from_json(row["bid"]), signature_of(row["signature"]))
            for row in await self._call("GET", f"/jobs/{job}/bids")
        ]

    async def jobs_agreed(self) -> dict[Digest, str]:
        """The jobs of the agent's own agreements, by agreement; those whose job it still knows."""
        rows = await self._call("GET", "/agreements")
        return {digest_of(row["id"]): str(row["job"]) for row in rows if row.get("job")}

    async def job_agreed(self, agreement: Digest) -> str | None:
        """The job of one of the agent's agreements, None where the marketplace knows neither."""
        try:
            found = await self._call("GET", f"/agreements/{hex_of(agreement)}")
        except MarketplaceRefused as refusal:
            if refusal.status != 404:
                raise
            return None
        return str(found["job"]) if found.get("job") else None

    async def printer_serial(self, digest: Digest) -> str | None:
        """The serial of a profile that was registered, None where there is none."""
        try:
            return str((await self._call("GET", f"/printers/{hex_of(digest)}"))["serial"])
        except MarketplaceRefused as refusal:
            if refusal.status != 404:
                raise
            return None

    async def evidence_told(self, agreement: Digest) -> list[SignedEvidence]:
        """The provider's log of an agreement as the marketplace has it, unchecked. Raises Malformed."""
        try:
            found = await self._call("GET", f"/agreements/{hex_of(agreement)}/evidence")
        except MarketplaceRefused as refusal:
            if refusal.status != 404:
                raise
            return []
        return [SignedEvidence.from_json(entry) for entry in found["provider"]]

    async def book(self, job: str) -> Any:
        """A job's newest bid book with its leaves, unchecked; None where there is none. Raises Malformed."""
        books = await self._call("GET", f"/jobs/{job}/books")
        if not books:
            return None
        if not isinstance(books, list) or not isinstance(books[-1], dict):
            raise Malformed("expected a list of books", "books")
        number = Book.from_json(books[-1].get("book")).number
        return await self._call("GET", f"/jobs/{job}/books/{number}")

    async def decline(self, job: str, reason: str) -> None:
        """Tell the designer why there is no bid."""
        await self._call("POST", f"/jobs/{job}/declines", {"reason": reason})

    async def designs(self, agreement: Digest, recipient: str, signature: bytes) -> list[Grant]:
        """The models of an agreement, encrypted to a recipient; `signature` is of the statement naming it.

        Raises MarketplaceRefused (design-not-granted) until released.
        """
        body = {"recipient": recipient, "signature": hex_of(signature)}
        entries = await self._call("POST", f"/agreements/{hex_of(agreement)}/designs", body)
        return [
            Grant(
                name=str(entry["name"]),
                model=digest_of(entry["model"]),
                salt=digest_of(entry["salt"]),
                bytes=int(entry["bytes"]),
                url=str(entry["url"]),
                recipient=str(entry["recipient"]),
                sealed=digest_of(entry["sealed"]),
                sealed_bytes=int(entry["sealed_bytes"]),
            )
            for entry in entries
        ]

    async def grace_waived(self, agreement: Digest) -> bool:
        """Whether the marketplace says that the designer lets the work begin before the grace time ends."""
        found = await self._call("GET", f"/agreements/{hex_of(agreement)}")
        return found.get("grace_waived") is True

    async def download(self, grant: Grant, path: Path, limit: int) -> int:
        """Fetch the ciphertext of a model into a file, from where an earlier try stopped; its size.

        Raises MarketplaceRefused where it is above `limit` bytes.
        """
        size = path.stat().st_size if path.exists() else 0
        ours = grant.url.startswith(("/", self.url + "/"))
        headers = await self.headers() if ours else {}  # the token goes to nobody else
        if size:
            headers["Range"] = f"bytes={size}-"
        async with self._client.answer("GET", grant.url, headers=headers, timeout=FILE_TIMEOUT) as response:
            if response.status != PARTIAL:
                size = 0
            with path.open("ab" if size else "wb") as file:
                async for chunk in response.content.iter_chunked(1 << 16):
                    size += len(chunk)
                    if size > limit:
                        raise MarketplaceRefused(200, TOO_LARGE, f"more than {limit} bytes arrive")
                    file.write(chunk)
        return size

    async def evidence(self, signed: SignedEvidence) -> None:
        """Send a record; the same again is harmless."""
        agreement = hex_of(signed.record.agreement)
        await self._call("POST", f"/agreements/{agreement}/evidence", signed.to_json())

    async def headers(self, *, fresh: bool = False) -> dict[str, str]:
        """The header of a signed-in request. Signs in where there is no token that lasts, or with `fresh`."""
        async with self._signing_in:
            token = None if fresh else self._token()
            return {"Authorization": f"Bearer {token or await self._sign_in()}"}

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        try:
            return await self._client.request(method, API + path, body=body, headers=await self.headers())
        except MarketplaceRefused as refusal:
            if refusal.status != 401:
                raise
        headers = await self.headers(fresh=True)
        return await self._client.request(method, API + path, body=body, headers=headers)

    def _token(self) -> str | None:
        kept = facts.fact(self._journal, facts.TOKEN)
        if kept is None:
            return None
        found = json.loads(kept)
        lasts = datetime.fromisoformat(found["expires_at"]) > datetime.now(UTC) + RENEW_BEFORE
        ours = (found["url"], found["address"]) == (self.url, self._address)
        return str(found["token"]) if lasts and ours else None

    async def _sign_in(self) -> str:
        if self._signer != self._address:
            raise SignInRefused(
                f"a hot key cannot sign in for {self._address}: bring a new pass from the purse"
                " (`infill-agent purse-pass` there, `infill-agent use-pass` here)"
            )
        asked = await self._client.request("POST", f"{API}/auth/challenge", body={"address": self._address})
        message = str(asked["message"])
        challenge_check(
            message, url=self.url, chain_id=self._chain_id, address=self._address, now=datetime.now(UTC)
        )
        body = {
            "message": message,
            "signature": hex_of(self._sign(challenge_digest(message))),
            "name": "infill-agent",
            "scopes": list(SCOPES),
            "days": TOKEN_DAYS,
        }
        given = await self._client.request("POST", f"{API}/auth/tokens", body=body)
        kept = {
            "token": given["token"],
            "expires_at": given["expires_at"],
            "url": self.url,
            "address": self._address,
        }
        facts.fact_set(self._journal, facts.TOKEN, json.dumps(kept))
        return str(given["token"])


async def network_of(client: JsonClient) -> Network:
    """What a marketplace says of itself to anybody.

    Raises MarketplaceRefused, and MarketplaceUnreachable where the answer cannot be read.
    """
    found = await client.request("GET", f"{API}/network")
    try:
        return Network(
            chain_id=int(found["chain_id"]),
            escrow=address_of(found["escrow"]),
            fee_bps=int(found["fee_bps"]),
            fee_to=address_of(found.get("fee_to") or ZERO_ADDRESS),
            arbiters=tuple(address_of(arbiter) for arbiter in found["arbiters"]),
            operator=address_of(found["operator"]) if found.get("operator") else None,
        )
    except (AttributeError, KeyError, TypeError, ValueError, Malformed) as error:
        raise MarketplaceUnreachable(
            f"{client.url} says nothing readable of its contracts: {error!r}"
        ) from error


def job_of(data: Any) -> OpenJob:
    """A job out of REST or the WebSocket. Raises Malformed where its digest does not commit to its spec."""
    if not isinstance(data, dict):
        raise Malformed("expected an object", "job")
    missing = [name for name in ("spec", "salt", "job_digest") if name not in data]
    if missing:
        raise Malformed(f"lacks {', '.join(missing)}", "job")
    spec, salt, digest = (
        JobSpec.from_json(data["spec"]),
        digest_of(data["salt"]),
        digest_of(data["job_digest"]),
    )
    if job_digest(spec, salt) != digest:
        raise Malformed("the digest does not commit to this spec and salt", "job.job_digest")
    return OpenJob(
        id=str(data.get("id") or data.get("job")),
        spec=spec,
        salt=salt,
        digest=digest,
        bids_close_at=moment_of(data.get("bids_close_at")),
        confidential=data.get("shown") == MEASUREMENTS,
    )


def moment_of(value: Any) -> int | None:
    """Epoch seconds of an ISO-8601 time, of epoch seconds, or None. Raises Malformed."""
    if value is None or isinstance(value, int):
        return value
    try:
        return seconds_of(datetime.fromisoformat(str(value)))
    except ValueError as error:
        raise Malformed(f"{value!r} is no time") from error
