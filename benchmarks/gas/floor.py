"""What the least work of each kind takes, on the minimal contract beside this file."""

from enum import IntEnum

from web3 import Web3

from benchmarks.gas.case import ERC20
from benchmarks.gas.cast import DESIGNER, PROVIDER, STRANGER, sign
from benchmarks.gas.market import Market
from benchmarks.gas.story import PRICE, VALID_UNTIL
from protocol.canonical import keccak
from protocol.terms import DAY
from protocol.units import Address, address_of


class Action(IntEnum):
    """First byte of a call, halved."""

    AWARD = 0
    PAY = 1
    REDEEM = 2
    MARK = 3
    PUT = 4
    TAKE = 5
    SET = 6


class Floor:
    """One agreement on the minimal contract, in one currency."""

    def __init__(self, market: Market, currency: str) -> None:
        self.chain, self.by_token = market.chain, currency == ERC20
        self.address = address_of(market.floor.address)
        times = VALID_UNTIL.to_bytes(5) + b"".join((days * DAY).to_bytes(5) for days in (2, 7, 7))
        job, salt = keccak(b"floor: job"), keccak(b"floor: salt")[:24]
        self.terms = _raw(PROVIDER) + _raw(DESIGNER) + job + PRICE.to_bytes(12) + times + salt
        self.id = keccak(self.terms)

    def do(self, action: Action, data: bytes, by: Address, pays: int = 0) -> int:
        """Gas of one call."""
        first = bytes([2 * action + self.by_token])
        return self.chain.send(by, self.address, Web3.to_hex(first + data), 0 if self.by_token else pays)[0]

    def award(self) -> int:
        """The provider's signature is verified, the designer pays."""
        return self.do(Action.AWARD, sign("provider", self.id) + self.terms, DESIGNER, PRICE)

    def put(self) -> int:
        """The designer adds to its own money."""
        return self.do(Action.PUT, _raw(DESIGNER) + PRICE.to_bytes(12), DESIGNER, PRICE)

    def measure(self) -> dict[str, int]:
        """Gas of every kind of work, each on the state that it needs."""
        voucher = sign("designer", keccak(self.id + (1).to_bytes(32)))
        change = keccak(b"floor: key")
        self.put()
        found = {
            "put": self.put(),
            "take": self.do(Action.TAKE, _raw(DESIGNER) + PRICE.to_bytes(12), DESIGNER),
        }
        found["set new"] = self.do(Action.SET, change + change, DESIGNER)
        found["set"] = self.do(Action.SET, change + self.id, DESIGNER)
        with self.chain.undone():
            found["award"] = self.award()
            found["mark"] = self.do(Action.MARK, self.terms, PROVIDER)
            found["pay"] = self.do(Action.PAY, self.terms, DESIGNER)
        self.award()
        found["redeem"] = self.do(Action.REDEEM, voucher + self.terms, STRANGER)
        return found


def _raw(address: Address) -> bytes:
    return bytes.fromhex(address[2:])
