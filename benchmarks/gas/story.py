"""One agreement, told to the point that a case is about. Each step says what gas it took."""

from dataclasses import replace
from typing import Any

from benchmarks.gas.cast import ARBITER, DESIGNER, HOT_KEY, OPERATOR, PROVIDER, RIVAL, STRANGER, sign
from benchmarks.gas.market import ETHER, Market
from benchmarks.gas.node import START
from protocol.canonical import keccak
from protocol.terms import DAY, REDEEM_WINDOW, Award, Bid, Settlement, Voucher, agreement_id
from protocol.units import ZERO_ADDRESS, ZERO_DIGEST, Address, Digest, Wei

Terms = dict[str, Any]

UNITS = 2
UNIT_PRICE = Wei(5 * ETHER // 100)
PRICE = Wei(UNIT_PRICE * UNITS)
HALF = Wei(PRICE // 2)
VALID_UNTIL = START + 300 * DAY

BOND: Terms = {"bond": Wei(ETHER // 100)}
FEE: Terms = {"fee_bps": 250, "fee_to": OPERATOR}
ARBITRATION: Terms = {"arbiter": ARBITER, "dispute_fee": Wei(ETHER // 200)}


class Story:
    """What the parties of one case do, in one currency. Digests and salts are made of the case's name."""

    def __init__(self, market: Market, name: str, token: Address) -> None:
        self.market, self.chain = market, market.chain
        self.name, self.token = name, token

    def digest(self, what: str) -> Digest:
        """32 bytes as good as random."""
        return keccak(f"{self.name}: {what}".encode())

    def bid(self, number: int = 0, **terms: Any) -> Bid:
        """Ordinary terms: 1 to 10 units; no bond, fee, arbiter, but for `terms`. Numbers tell bids apart."""
        plain = Bid(
            provider=PROVIDER,
            designer=DESIGNER,
            token=self.token,
            arbiter=ZERO_ADDRESS,
            fee_to=ZERO_ADDRESS,
            job_digest=self.digest("job"),
            printer=self.digest("printer"),
            unit_price=UNIT_PRICE,
            bond=Wei(0),
            dispute_fee=Wei(0),
            min_units=1,
            max_units=10,
            valid_until=VALID_UNTIL,
            make_time=2 * DAY,
            review_time=7 * DAY,
            arbiter_time=7 * DAY,
            grace_time=3600,
            fallback_bps=5000,
            fee_bps=0,
            epoch=0,
            to_ledger=False,
            salt=int.from_bytes(self.digest(f"salt {number}")),
        )
        return replace(plain, **terms)

    def id(self, bid: Bid) -> Digest:
        """The agreement of a bid."""
        return agreement_id(bid, self.market.domain)

    def send(self, name: str, *arguments: Any, by: Address = DESIGNER, value: int = 0) -> int:
        """Call the escrow."""
        return self.chain.call(self.market.escrow, name, *arguments, by=by, value=value)

    def value(self, amount: int) -> int:
        """What a payable call sends along for an amount."""
        return amount if self.token == ZERO_ADDRESS else 0

    def signed_bid(self, bid: Bid, by_hot_key: bool = False) -> tuple[Any, bytes, Address]:
        """Terms, signature and signer, as every award takes them."""
        role = "hot key" if by_hot_key else "rival" if bid.provider == RIVAL else "provider"
        signer = HOT_KEY if by_hot_key else bid.provider
        return bid.as_tuple(), sign(role, self.id(bid)), signer

    # ------------------------------------------------------------------ steps

    def award(
        self,
        bid: Bid,
        *,
        by_hot_key: bool = False,
        standby: Digest = ZERO_DIGEST,
        from_ledger: bool = False,
    ) -> int:
        """The designer awards, and names the book."""
        signed, book = self.signed_bid(bid, by_hot_key), self.digest("book")
        value = 0 if from_ledger else self.value(PRICE)
        return self.send("award", *signed, UNITS, standby, book, from_ledger, value=value)

    def award_for(self, bid: Bid) -> int:
        """Somebody sends what the designer signed."""
        consent = Award(self.id(bid), UNITS, ZERO_DIGEST, self.digest("book"), VALID_UNTIL)
        signature = sign("designer", consent.digest(self.market.domain))
        return self.send("awardFor", *self.signed_bid(bid), consent.as_tuple(), signature, by=OPERATOR)

    def deliver(self, bid: Bid, by: Address = PROVIDER) -> int:
        """The provider delivers."""
        return self.send("deliver", bid.as_tuple(), self.digest("head"), by=by)

    def dispute(self, bid: Bid) -> int:
        """The designer contests, posting the fee."""
        arguments = bid.as_tuple(), self.digest("contested"), False
        return self.send("dispute", *arguments, value=self.value(bid.dispute_fee))

    def disputed(self, **terms: Any) -> Bid:
        """An agreement in dispute."""
        bid = self.delivered(**terms)
        self.dispute(bid)
        return bid

    def delivered(self, **terms: Any) -> Bid:
        """An agreement whose provider delivered."""
        bid = self.awarded(**terms)
        self.deliver(bid)
        return bid

    def awarded(self, **terms: Any) -> Bid:
        """An agreement just made."""
        bid = self.bid(**terms)
        self.award(bid)
        return bid

    def pass_redeem_window(self, bid: Bid) -> None:
        """Let the deadline of an agreement just made go by, and the time for vouchers after it."""
        self.chain.wait(bid.make_time + REDEEM_WINDOW + 1)

    def close(self, name: str, bid: Bid, *arguments: Any, by: Address = DESIGNER) -> int:
        """Call a function of one agreement."""
        return self.send(name, bid.as_tuple(), *arguments, by=by)

    def redeem(self, bid: Bid, cumulative: Wei, by: Address = STRANGER) -> int:
        """Somebody cashes the provider's voucher."""
        voucher = Voucher(self.id(bid), cumulative)
        signature = sign("designer", voucher.digest(self.market.domain))
        return self.close("redeem", bid, cumulative, signature, by=by)

    def settle(self, bid: Bid, to_provider: Wei, status: int) -> int:
        """The designer sends the split that the provider signed."""
        settlement = Settlement(self.id(bid), to_provider, Wei(0), status, VALID_UNTIL)
        signature = sign("provider", settlement.digest(self.market.domain))
        return self.close("settle", bid, settlement.as_tuple(), signature)
