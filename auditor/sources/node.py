"""An Ethereum node, read only: everything as of one block, whose digest is checked again at the end."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from requests.exceptions import RequestException
from web3 import HTTPProvider, Web3
from web3.exceptions import BlockNotFound, ContractLogicError, Web3Exception, Web3RPCError
from web3.types import BlockIdentifier, FilterParams, LogReceipt

from auditor.errors import CannotTell
from auditor.ids import keccak
from auditor.logs import AGENT_SET, CREDITED, EPOCH_BUMPED, MANDATE_REVOKED, MANDATE_USED, topic_of
from auditor.records import Anchored, Block, NodeFacts, RawLog, Sent, Word
from protocol import erc1271
from protocol.units import ZERO_ADDRESS, Address, Digest, address_of

TIMEOUT_S = 30
WIDEST_RANGE = 100_000

WRONG_SHAPE = (KeyError, TypeError, AttributeError)
"""What web3 raises on an answer that is JSON, but not of the kind it asked for."""

Progress = Callable[[int, int], None]
Topics = Sequence[Digest | None]


class Node:
    """One node and the escrow on it. Every method raises CannotTell where the node does not answer."""

    def __init__(self, url: str, escrow: Address) -> None:
        self.url = url
        self.escrow = escrow
        self._eth = Web3(HTTPProvider(url, request_kwargs={"timeout": TIMEOUT_S})).eth

    def facts(self, agreement: Digest, from_block: int, progress: Progress) -> NodeFacts:
        """All about one agreement. `progress` is told blocks done and blocks in all.

        Raises CannotTell also where the address has no code or the agreement is not known there.
        """
        with _asking(self.url):
            head = self._block("latest")
            code = bytes(self._eth.get_code(_to(self.escrow), head.number))
            self._require_code(code)
            word = self._word(agreement, head)
            times: dict[int, int] = {}
            logs = tuple(self._logs(_about(agreement), from_block, head.number, times, progress))
            facts = NodeFacts(
                chain_id=self._eth.chain_id,
                escrow=self.escrow,
                code=code,
                domain_separator=Digest(self._call("domainSeparator()", b"", head.number)),
                head=head,
                finalized=self._finalized(),
                word=word,
                standby=Digest(self._call("standbyOf(bytes32)", agreement, head.number)),
                mandate=Digest(self._call("mandateOf(bytes32)", agreement, head.number)),
                balance=self._eth.get_balance(_to(self.escrow), head.number),
                logs=logs,
                transactions=self._transactions(logs, times),
            )
            self._require_same(head)
        self._require_known(facts, agreement)
        return facts

    def around(
        self,
        facts: NodeFacts,
        *,
        token: Address,
        provider: Address,
        mandate: Digest,
        failed: Digest | None,
        from_block: int,
    ) -> NodeFacts:
        """The same facts, with what else decides about the agreement, as of the same block.

        That is: hot keys and epochs of its provider in its token, its mandate, the agreement that failed
        before it, and what the escrow holds of its token.
        """
        owned = (_topic_of(token), _topic_of(provider))
        topics: list[Topics] = [(topic_of(AGENT_SET), *owned), (topic_of(EPOCH_BUMPED), *owned)]
        if any(mandate):
            topics += [(topic_of(name), mandate) for name in (MANDATE_USED, MANDATE_REVOKED)]
        times: dict[int, int] = {}
        with _asking(self.url):
            head = facts.head.number
            around = tuple(self._logs(topics, from_block, head, times))
            earlier = tuple(self._logs(_about(failed), from_block, head, times)) if failed else ()
            balance = facts.balance if token == ZERO_ADDRESS else self._token_balance(token, head)
            transactions = {**self._transactions(earlier, times), **facts.transactions}
            self._require_same(facts.head)
        return replace(facts, around=around, failed_logs=earlier, transactions=transactions, balance=balance)

    def anchors(self, facts: NodeFacts, contract: Address, wanted: Iterable[Anchored]) -> NodeFacts:
        """The same facts, with when a ProvenanceAnchor anchored these roots, as of the same block."""
        with _asking(self.url):
            code = bytes(self._eth.get_code(_to(contract), facts.head.number))
            anchored = {each: self._anchored_at(contract, *each, facts.head) for each in set(wanted)}
            self._require_same(facts.head)
        return replace(facts, anchor_code=code, anchored=anchored)

    def _anchored_at(self, contract: Address, publisher: Address, root: Digest, head: Block) -> int:
        """Zero where it never was, or where nothing there says when."""
        arguments = encode(["address", "bytes32"], [publisher, root])
        try:
            answer = self._ask(contract, "anchoredAt(address,bytes32)", arguments, head.number)
            (time,) = decode(["uint256"], answer)
        except (ContractLogicError, DecodingError):
            return 0
        return int(time)

    def chain_id(self) -> int:
        """The chain's id."""
        with _asking(self.url):
            return self._eth.chain_id

    def contract_accepts(self, signer: Address, digest: Digest, signature: bytes, block: int) -> bool:
        """Whether a signer with code accepts a signature at a block (ERC-1271)."""
        with _asking(self.url):
            data = HexBytes(erc1271.question(digest, signature))
            try:
                answer = self._eth.call({"to": _to(signer), "data": data}, block)
            except (Web3RPCError, ContractLogicError):
                return False
            return erc1271.says_yes(bytes(answer))

    def _block(self, which: BlockIdentifier) -> Block:
        block = self._eth.get_block(which)
        return Block(block["number"], Digest(bytes(block["hash"])), block["timestamp"])

    def _finalized(self) -> int | None:
        try:
            return self._block("finalized").number
        except (BlockNotFound, Web3RPCError):
            return None

    def _call(self, signature: str, arguments: bytes, block: int) -> bytes:
        return self._ask(self.escrow, signature, arguments, block)

    def _ask(self, contract: Address, signature: str, arguments: bytes, block: int) -> bytes:
        data = HexBytes(keccak(signature.encode())[:4] + arguments)
        return bytes(self._eth.call({"to": _to(contract), "data": data}, block))

    def _token_balance(self, token: Address, block: int) -> int:
        """What the escrow holds of a token; nothing where the token does not say."""
        try:
            answer = self._ask(token, "balanceOf(address)", encode(["address"], [self.escrow]), block)
            (balance,) = decode(["uint256"], answer)
        except (ContractLogicError, DecodingError):
            return 0
        return int(balance)

    def _word(self, agreement: Digest, head: Block) -> Word:
        try:
            answer = self._call("agreements(bytes32)", agreement, head.number)
            return Word(*decode(["uint8", "uint8", "uint40", "uint96", "uint96"], answer))
        except (ContractLogicError, DecodingError) as error:
            message = f"The contract at {self.escrow} keeps no agreements: check the address."
            raise CannotTell("no-escrow", message) from error

    def _logs(
        self,
        wanted: Sequence[Topics],
        first: int,
        last: int,
        times: dict[int, int],
        progress: Progress = lambda done, total: None,
    ) -> Iterator[RawLog]:
        """Logs with any of these topics in chain order; halves the range where the node refuses it."""
        start, width = first, WIDEST_RANGE
        while start <= last:
            end = min(start + width - 1, last)
            try:
                found = self._range(wanted, start, end)
            except Web3RPCError:
                if width == 1:
                    raise
                width = max(width // 2, 1)
                continue
            for log in sorted(found, key=lambda log: (log["blockNumber"], log["logIndex"])):
                yield self._raw(log, times)
            start, width = end + 1, min(width * 2, WIDEST_RANGE)
            progress(end - first + 1, last - first + 1)

    def _range(self, wanted: Sequence[Topics], start: int, end: int) -> list[LogReceipt]:
        found: list[LogReceipt] = []
        for topics in wanted:
            query: FilterParams = {
                "address": _to(self.escrow),
                "fromBlock": start,
                "toBlock": end,
                "topics": [None if topic is None else HexBytes(topic) for topic in topics],
            }
            found += self._eth.get_logs(query)
        return found

    def _raw(self, log: LogReceipt, times: dict[int, int]) -> RawLog:
        number = log["blockNumber"]
        if number not in times:
            times[number] = self._block(number).time
        return RawLog(
            address=address_of(log["address"]),
            topics=tuple(Digest(bytes(topic)) for topic in log["topics"]),
            data=bytes(log["data"]),
            block=number,
            block_digest=Digest(bytes(log["blockHash"])),
            transaction=Digest(bytes(log["transactionHash"])),
            log_index=log["logIndex"],
            time=times[number],
        )

    def _transactions(self, logs: Iterable[RawLog], times: dict[int, int]) -> dict[Digest, Sent]:
        return {digest: self._sent(digest, times) for digest in {log.transaction for log in logs}}

    def _sent(self, digest: Digest, times: dict[int, int]) -> Sent:
        transaction: Any = self._eth.get_transaction(HexBytes(digest))
        receipt = self._eth.get_transaction_receipt(HexBytes(digest))
        to = transaction.get("to")
        logs = (self._raw(log, times) for log in receipt["logs"])
        return Sent(
            digest=digest,
            sender=address_of(transaction["from"]),
            to=address_of(to) if to else None,
            value=transaction["value"],
            input=bytes(transaction["input"]),
            succeeded=receipt["status"] == 1,
            logs=tuple(log for log in logs if log.address == self.escrow),
        )

    def _require_code(self, code: bytes) -> None:
        if not code:
            message = f"There is no contract at {self.escrow} on the chain of {self.url}: check both."
            raise CannotTell("no-contract", message)

    def _require_known(self, facts: NodeFacts, agreement: Digest) -> None:
        if facts.word.status == 0 and not facts.logs:
            message = (
                f"The escrow {self.escrow} on chain {facts.chain_id} knows no agreement 0x{agreement.hex()}: "
                "check the id, the contract and that the node is on the right chain."
            )
            raise CannotTell("agreement-unknown", message)

    def _require_same(self, head: Block) -> None:
        if self._block(head.number) != head:
            raise CannotTell("chain-moved", f"Block {head.number} was replaced while reading: run again.")


def _about(agreement: Digest) -> Sequence[Topics]:
    """Topics of all logs that name an agreement: first, after a mandate, or after token and owner."""
    used, credited = topic_of(MANDATE_USED), topic_of(CREDITED)
    return ((None, agreement), (used, None, agreement), (credited, None, None, agreement))


def _topic_of(address: Address) -> Digest:
    return Digest(encode(["address"], [address]))


def _to(address: Address) -> ChecksumAddress:
    return Web3.to_checksum_address(address)


@contextmanager
def _asking(url: str) -> Iterator[None]:
    """Whatever goes wrong between us and the node becomes CannotTell."""
    try:
        yield
    except (Web3Exception, RequestException, DecodingError, ValueError, *WRONG_SHAPE) as error:
        message = f"The node at {url} gave no usable answer ({type(error).__name__}: {error}): is it running?"
        raise CannotTell("node-unreachable", message) from error
