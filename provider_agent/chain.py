"""The agent's own node: what is final, what was awarded, how an agreement stands. Only here is web3 known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import aiohttp
from eth_typing import HexStr
from web3 import AsyncWeb3
from web3.exceptions import (
    BlockNotFound,
    ContractLogicError,
    ProviderConnectionError,
    TransactionNotFound,
    Web3RPCError,
)
from web3.providers import AsyncHTTPProvider
from web3.types import FilterParams, LogReceipt, RPCEndpoint, RPCResponse, TxParams

from contracts.artifacts import UnknownErrorData, decode_error, is_build
from contracts.logs import Awarded, Closed, Paid, log_of
from contracts.views import (
    Accounts,
    AccountWord,
    Agents,
    Agreements,
    AgreementWord,
    DomainSeparator,
    HotKeyWord,
    IsAwardable,
    View,
)
from protocol.errors import Malformed
from protocol.statuses import How
from protocol.terms import Bid
from protocol.typed import Domain, escrow_domain, infill_domain
from protocol.units import ZERO_ADDRESS, Address, Digest, Wei, bytes_of, hex_of
from provider_agent.chain_types import AwardLog, Block, Fees
from provider_agent.clock import Clock
from provider_agent.config import ChainConfig
from provider_agent.errors import NodeUnreachable, TransactionReverted, WrongChain

TIMEOUT_SECONDS = 15
CONNECTIONS = 8
LOG_WINDOW = 5_000
"""Blocks asked for at once."""

Answer = TypeVar("Answer")


class Chain:
    """Reads from, and hands signed bytes to, one node. Every method may raise NodeUnreachable."""

    def __init__(self, config: ChainConfig) -> None:
        self._config = config
        self._line = _Line(config.rpc_url)
        self._web3 = AsyncWeb3(self._line)
        self.clock = Clock()

    @property
    def chain_id(self) -> int:
        """The chain that agent.toml names."""
        return self._config.chain_id

    @property
    def escrow(self) -> Address:
        """The escrow that agent.toml names."""
        return self._config.escrow

    @property
    def domain(self) -> Domain:
        """What bids are signed for."""
        return escrow_domain(self.chain_id, self.escrow)

    @property
    def infill(self) -> Domain:
        """What profiles and evidence are signed for."""
        return infill_domain(self.chain_id, self.escrow)

    async def check(self) -> None:
        """Whether the node follows our chain and the escrow stands there. Raises WrongChain."""
        with _answers(self._config.rpc_url):
            found = await self._web3.eth.chain_id
            if found != self.chain_id:
                raise WrongChain(
                    f"{self._config.rpc_url} follows chain {found}, agent.toml says {self.chain_id}"
                )
            code = await self._web3.eth.get_code(AsyncWeb3.to_checksum_address(self.escrow))
        if not code:
            raise WrongChain(f"there is no contract at {self.escrow} on chain {found}: check chain.escrow")
        if await self._ask(DomainSeparator()) != self.domain.separator():
            raise WrongChain(f"the contract at {self.escrow} is no PrintEscrow of chain {found}")

    async def escrow_is_known(self) -> bool:
        """Whether the escrow runs the very code that this agent comes with."""
        with _answers(self._config.rpc_url):
            code = await self._web3.eth.get_code(AsyncWeb3.to_checksum_address(self.escrow))
        return is_build("PrintEscrow", bytes(code))

    async def blocks_behind(self) -> int:
        """How many blocks the node knows of and has not got; 0 where it says it has all."""
        with _answers(self._config.rpc_url):
            found = await self._web3.eth.syncing
        return 0 if isinstance(found, bool) else max(1, found["highestBlock"] - found["currentBlock"])

    async def head(self) -> Block:
        """The newest block."""
        return await self._block("latest")

    async def final(self) -> Block:
        """The newest block that will not be taken back."""
        if self._config.confirmations is None:
            return await self._block("finalized")
        head = await self.head()
        return await self._block(max(0, head.number - self._config.confirmations))

    async def block_before(self, moment: int) -> int:
        """The last block that is older than a moment (epoch seconds); 0 where none is."""
        first, last = 0, (await self.head()).number
        while first < last:
            middle = (first + last + 1) // 2
            if (await self._block(middle)).time < moment:
                first = middle
            else:
                last = middle - 1
        return first

    async def awards(self, provider: Address, first: int, last: int) -> list[AwardLog]:
        """The awards to a provider in these blocks, both ends included."""
        topics = [hex_of(Awarded.topic()), None, None, hex_of(bytes.fromhex(provider[2:]).rjust(32, b"\0"))]
        return [_award(log) for log in await self._logs(topics, first, last)]

    async def closing(self, agreement: Digest, first: int, last: int) -> How:
        """How an agreement closed in these blocks, OPEN if it did not."""
        topics = [[hex_of(Paid.topic()), hex_of(Closed.topic())], hex_of(agreement)]
        for start in range(first, last + 1, LOG_WINDOW):
            for log in await self._logs(topics, start, min(last, start + LOG_WINDOW - 1)):
                found = log_of(log["topics"], log["data"])
                if isinstance(found, Paid | Closed) and found.how is not How.OPEN:
                    return found.how
        return How.OPEN

    async def word(self, agreement: Digest, block: int | None = None) -> AgreementWord:
        """An agreement's word at a block, the newest by default."""
        return await self._ask(Agreements(agreement), block)

    async def hot_key(self, provider: Address, key: Address) -> HotKeyWord:
        """How long, and for how much bond, a hot key may sign for a provider in the native coin."""
        return await self._ask(Agents(ZERO_ADDRESS, provider, key))

    async def account(self, owner: Address) -> AccountWord:
        """An owner's account in the native coin."""
        return await self._ask(Accounts(ZERO_ADDRESS, owner))

    async def award_refusal(
        self, bid: Bid, signature: bytes, signer: Address, units: int, block: int | None = None
    ) -> str:
        """Why the escrow would refuse an award at a block, the newest by default (its error's name); empty if
        it would not."""
        reason = (await self._ask(IsAwardable(bid, signature, signer, units), block)).reason
        return "" if not any(reason) else _error_text(reason)

    async def nonce(self, owner: Address) -> int:
        """How many transactions of this address are mined."""
        with _answers(self._config.rpc_url):
            return await self._web3.eth.get_transaction_count(AsyncWeb3.to_checksum_address(owner))

    async def balance(self, owner: Address) -> Wei:
        """The native coin of an address."""
        with _answers(self._config.rpc_url):
            return Wei(await self._web3.eth.get_balance(AsyncWeb3.to_checksum_address(owner)))

    async def gas(self, sender: Address, to: Address, data: bytes, value: int) -> int:
        """What a transaction would use. Raises TransactionReverted, naming the error, if it would fail."""
        call: TxParams = {
            "from": AsyncWeb3.to_checksum_address(sender),
            "to": AsyncWeb3.to_checksum_address(to),
            "data": HexStr(hex_of(data)),
            "value": AsyncWeb3.to_wei(value, "wei"),
        }
        with _answers(self._config.rpc_url):
            return await self._web3.eth.estimate_gas(call)

    async def fees(self) -> Fees:
        """Fees that hold while the base fee doubles."""
        with _answers(self._config.rpc_url):
            block = await self._web3.eth.get_block("latest")
            priority = await self._web3.eth.max_priority_fee
        return Fees(2 * block.get("baseFeePerGas", 0) + priority, priority)

    async def broadcast(self, raw: bytes) -> str:
        """Hand signed bytes to the node: its objection, empty if none. Repeating is harmless."""
        try:
            with _answers(self._config.rpc_url, rpc_errors=False):
                await self._web3.eth.send_raw_transaction(raw)
        except Web3RPCError as error:
            return str(error)
        return ""

    async def receipt(self, digest: str) -> bool | None:
        """Whether a transaction had effect; None while it is not mined."""
        try:
            with _answers(self._config.rpc_url):
                found = await self._web3.eth.get_transaction_receipt(HexStr(digest))
        except TransactionNotFound:
            return None
        return bool(found["status"])

    async def close(self) -> None:
        """Let go of connections."""
        await self._line.disconnect()

    async def _ask(self, view: View[Answer], block: int | None = None) -> Answer:
        call: TxParams = {
            "to": AsyncWeb3.to_checksum_address(self.escrow),
            "data": HexStr(hex_of(view.data)),
        }
        with _answers(self._config.rpc_url):
            returned = await self._web3.eth.call(call, "latest" if block is None else block)
            return view.answer(bytes(returned))

    async def _logs(self, topics: Sequence[Any], first: int, last: int) -> list[LogReceipt]:
        query: FilterParams = {
            "address": AsyncWeb3.to_checksum_address(self.escrow),
            "topics": topics,
            "fromBlock": first,
            "toBlock": last,
        }
        with _answers(self._config.rpc_url):
            return await self._web3.eth.get_logs(query)

    async def _block(self, which: Any) -> Block:
        with _answers(self._config.rpc_url):
            block = await self._web3.eth.get_block(which)
        self.clock.seen(block["timestamp"])
        return Block(block["number"], block["timestamp"])


class _Line(AsyncHTTPProvider):
    """Keeps a few connections to the node. web3's own opens one for each call, TLS and all, and asks a thread
    whether it may: most of what an agent of many printers would do."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._session: aiohttp.ClientSession | None = None

    async def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """One call, made anew once where the node had closed the connection: each may be made twice."""
        request = self.encode_rpc_request(method, params)
        try:
            answer = await self._post(request)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            if isinstance(error, aiohttp.ClientConnectorError):
                raise
            answer = await self._post(request)
        return self.decode_rpc_response(answer)

    async def disconnect(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _post(self, request: bytes) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                headers=self.get_request_headers(),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
                raise_for_status=True,
            )
        async with self._session.post(str(self.endpoint_uri), data=request) as answer:
            return await answer.read()


@contextmanager
def _answers(url: str, *, rpc_errors: bool = True) -> Iterator[None]:
    """Foreign errors become ours, in this one place."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, OSError, ProviderConnectionError) as error:
        raise NodeUnreachable(
            f"the node at {url} does not answer ({error or type(error).__name__})"
        ) from error
    except ContractLogicError as error:
        raise TransactionReverted(_revert_text(error)) from error
    except (Malformed, BlockNotFound) as error:
        raise NodeUnreachable(f"the node at {url} has not the block that is asked for: {error}") from error
    except TransactionNotFound:
        raise
    except Web3RPCError as error:
        if not rpc_errors:
            raise
        raise NodeUnreachable(f"the node at {url} refuses: {error}") from error


def _revert_text(error: ContractLogicError) -> str:
    data = error.data
    if not isinstance(data, str):
        return f"the escrow refuses: {error}"
    return f"the escrow refuses: {_error_text(bytes_of(data))}"


def _error_text(data: bytes) -> str:
    try:
        return str(decode_error(data))
    except UnknownErrorData as error:
        return str(error)


def _award(log: LogReceipt) -> AwardLog:
    found = log_of(log["topics"], log["data"])
    if not isinstance(found, Awarded):
        raise NodeUnreachable(f"the node sent the log {type(found).__name__} where awards were asked for")
    return AwardLog(
        agreement=found.agreement,
        bid=found.bid,
        units=found.units,
        block=log["blockNumber"],
        transaction=hex_of(log["transactionHash"]),
    )
