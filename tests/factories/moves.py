"""What the parties of some bids do on chain, drawn by chance; and what the chain takes back of it.

Every question is an HTTP request of its own, so that a forked process may go on where another one was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from eth_account.signers.local import LocalAccount

from contracts import calls, views
from marketplace.bidding.models import Bid as BidRow
from protocol.statuses import AgreementFlag, AgreementStatus
from protocol.terms import Bid, Voucher
from protocol.typed import escrow_domain
from protocol.units import ZERO_ADDRESS, ZERO_DIGEST, Wei, address_of, bytes_of, digest_of, hex_of
from tests.anvil import Anvil
from tests.factories.deal import Deal

HEAD = digest_of("0x" + "11" * 32)
# Short enough to pass many times while nothing else runs out.
WAIT = 600
TERMS = {"grace_time": 0, "min_units": 1, "review_time": WAIT, "arbiter_time": WAIT}
Step = tuple[LocalAccount, calls.Transaction, int]
"""Who calls what, with how much."""

PUT_BACK = 20
TAKEN = ("replacement transaction underpriced", "transaction already imported", "nonce too low")
"""What Anvil says where a nonce waits in its pool (with another transaction, or this very one), or is mined."""


@dataclass(frozen=True)
class Signed:
    """A bid with its provider's signature, and the agreement it may become."""

    agreement: str
    terms: Bid
    signature: bytes


@dataclass
class Moves:
    """`designer` awards and pays, `providers` deliver, `stranger` does what anybody may. Nothing below `floor` is taken back."""

    anvil: Anvil
    escrow: str
    designer: LocalAccount
    providers: dict[str, LocalAccount]
    stranger: LocalAccount
    bids: list[Signed]
    chance: Random
    floor: int = 0

    def rest(self) -> None:
        """From here on blocks are mined on demand alone, and nothing is taken back that was there before."""
        self.anvil.rpc("evm_setAutomine", False)
        self.floor = self.head()

    def head(self) -> int:
        return int(self.anvil.rpc("eth_blockNumber"), 16)

    def block(self, most: int = 3) -> None:
        """Some steps, and a block with what was sent."""
        for _ in range(self.chance.randrange(most + 1)):
            self.step()
        self.anvil.mine()

    def any(self) -> None:
        """A block, or a little reorganisation of what is not final, and a block after that."""
        if self.chance.random() < 0.3:
            self.reorganise(self.chance.randrange(1, 2 * self.anvil.epoch + 1))
        self.block()

    def step(self) -> None:
        """One of the steps that one of the bids allows now. It may come too late, and fail."""
        bid, *_ = sorted(self.chance.sample(self.bids, 2), key=self._is_closed)
        self.send(*self.chance.choice(self._steps(bid)))

    def _is_closed(self, bid: Signed) -> bool:
        return self.word(bid.agreement).status == AgreementStatus.CLOSED

    def send(self, account: LocalAccount, call: calls.Transaction, value: int = 0) -> str:
        """Into the pool. Anvil counts late what a reorganisation puts back there, or mines again: ours comes after it."""
        nonce = int(self.anvil.rpc("eth_getTransactionCount", account.address, "pending"), 16)
        for later in range(PUT_BACK):
            try:
                return self._send(account, call, value, nonce + later)
            except AssertionError as error:
                if not any(reason in str(error) for reason in TAKEN):
                    raise
        raise AssertionError(f"more than {PUT_BACK} transactions of {account.address} were put back")

    def _send(self, account: LocalAccount, call: calls.Transaction, value: int, nonce: int) -> str:
        full = {
            "to": self.escrow, "data": hex_of(call.data), "value": value, "nonce": nonce, "gas": 600_000,
            "chainId": self.anvil.chain_id, "maxFeePerGas": 10**10, "maxPriorityFeePerGas": 10**9,
        }  # fmt: skip
        return self.anvil.rpc(
            "eth_sendRawTransaction", hex_of(account.sign_transaction(full).raw_transaction)
        )

    def word(self, agreement: str) -> views.AgreementWord:
        view = views.Agreements(digest_of(agreement))
        answer = self.anvil.rpc("eth_call", {"to": self.escrow, "data": hex_of(view.data)}, "latest")
        return view.answer(bytes_of(answer))

    def _steps(self, signed: Signed) -> list[Step]:
        bid, word = signed.terms, self.word(signed.agreement)
        if word.status == AgreementStatus.NONE:
            return [self._award(signed)]
        if word.status == AgreementStatus.CLOSED:
            return [
                (self.stranger, calls.Deposit(ZERO_ADDRESS, address_of(self.stranger.address), Wei(5)), 5)
            ]
        pay = [self._release(bid, word), self._redeem(signed, word)]
        return pay + self._steps_of(word.status, bid, given_up=bool(word.flags & AgreementFlag.GIVEN_UP))

    def _steps_of(self, status: str, bid: Bid, *, given_up: bool) -> list[Step]:
        provider = self.providers[bid.provider]
        if status == AgreementStatus.AWARDED:
            deliver: Step = (provider, calls.Deliver(bid, HEAD), 0)
            give_up: Step = (provider, calls.GiveUp(bid), 0)
            return [(self.stranger, calls.Refund(bid), 0)] * 3 if given_up else [deliver] * 3 + [give_up] * 2
        if status == AgreementStatus.DELIVERED:
            dispute: Step = (self.designer, calls.Dispute(bid, HEAD, False), 0)
            return [dispute, self._later((self.stranger, calls.Claim(bid), 0))]
        return [self._later((self.stranger, calls.Expire(bid), 0))]

    def _later(self, step: Step) -> Step:
        """Only by chance is it time."""
        if self.chance.random() < 0.5:
            self.anvil.rpc("evm_increaseTime", WAIT + 1)
        return step

    def _award(self, signed: Signed) -> Step:
        bid, zero = signed.terms, ZERO_DIGEST
        units = self.chance.randrange(bid.min_units, bid.min_units + 2)
        provider = address_of(bid.provider)
        call = calls.Award(bid, signed.signature, provider, units, zero, zero, False)
        return self.designer, call, int(bid.unit_price) * units

    def _more(self, word: views.AgreementWord) -> Wei:
        """All of the price, or a part of what is not paid."""
        part = self.chance.randrange(word.paid + 1, word.price + 1)
        return self.chance.choice([word.price, Wei(part), Wei(part)])

    def _release(self, bid: Bid, word: views.AgreementWord) -> Step:
        return self.designer, calls.Release(bid, self._more(word)), 0

    def _redeem(self, signed: Signed, word: views.AgreementWord) -> Step:
        voucher = Voucher(digest_of(signed.agreement), self._more(word))
        domain = escrow_domain(self.anvil.chain_id, self.escrow)
        signature = bytes(self.designer.unsafe_sign_hash(voucher.digest(domain)).signature)
        provider = self.providers[signed.terms.provider]
        return provider, calls.Redeem(signed.terms, voucher.cumulative, signature), 0

    def reorganise(self, depth: int) -> None:
        """Replace the newest blocks: what was in them comes back in another block, in another order, or never."""
        depth = min(depth, self.head() - self.floor)
        if depth < 1:
            return
        back = self._merged(self._some_of_each(self._transactions(depth)))
        places = sorted(self.chance.randrange(depth) for _ in back)
        self.anvil.rpc("anvil_reorg", depth, [list(pair) for pair in zip(back, places, strict=True)])

    def rollback(self, depth: int) -> None:
        """Take the newest blocks back without others in their place."""
        self.anvil.rpc("anvil_rollback", min(depth, self.head() - self.floor))

    def _transactions(self, depth: int) -> dict[str, list[str]]:
        """What the newest blocks hold, by sender."""
        head, found = self.head(), dict[str, list[str]]()
        for number in range(head - depth + 1, head + 1):
            for each in self.anvil.rpc("eth_getBlockByNumber", hex(number), True)["transactions"]:
                raw = self.anvil.rpc("eth_getRawTransactionByHash", each["hash"])
                found.setdefault(each["from"], []).append(raw)
        return found

    def _some_of_each(self, queues: dict[str, list[str]]) -> list[list[str]]:
        """Nonces have no gaps: of each sender's, those up to one come back."""
        kept = (
            self.chance.choice([len(some), self.chance.randrange(len(some) + 1)]) for some in queues.values()
        )
        return [some[:count] for some, count in zip(queues.values(), kept, strict=True)]

    def _merged(self, queues: list[list[str]]) -> list[str]:
        left, merged = [list(some) for some in queues if some], list[str]()
        while left:
            queue = self.chance.choice(left)
            merged.append(queue.pop(0))
            left = [some for some in left if some]
        return merged


def signed_of(row: BidRow) -> Signed:
    """A bid as the marketplace keeps it."""
    return Signed(row.pk, row.terms, bytes_of(row.signature))


@dataclass
class Market(Moves):
    """The same with the marketplace's rows behind it, for which there can be more bids."""

    deal: Deal = field(kw_only=True)

    def more(self, jobs: int = 1) -> None:
        """Other jobs of two units, with a bid of each provider; the bids before them are left alone from now on."""
        self.anvil.rpc("evm_setAutomine", True)
        self.bids = []
        for _ in range(jobs):
            self.deal.post_job()
            self.bids += [signed_of(self.deal.bid(each, **TERMS)) for each in self.providers.values()]
        self.rest()


def market_on(deal: Deal, chance: Random, *parties: LocalAccount) -> Market:
    """Two providers and a stranger beside the designer."""
    *providers, stranger = parties
    deal.anvil.fund(stranger)
    known = {each.address: each for each in providers}
    made = Market(deal.anvil, deal.escrow, deal.ada, known, stranger, [], chance, deal=deal)
    made.more()
    return made
