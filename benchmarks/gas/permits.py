"""awardWithPermit: a designer who has allowed the escrow nothing beforehand."""

from benchmarks.gas.case import ERC20, Case
from benchmarks.gas.cast import DESIGNER, sign
from benchmarks.gas.story import PRICE, UNITS, VALID_UNTIL, Story
from contracts.token import Permit
from protocol.typed import Domain
from protocol.units import ZERO_DIGEST, address_of


def _permit(story: Story, nonce: int) -> tuple[int, int, bytes, bytes]:
    token, escrow = (address_of(one.address) for one in (story.market.permit_token, story.market.escrow))
    permit = Permit(DESIGNER, escrow, PRICE, nonce, VALID_UNTIL)
    signature = sign("designer", permit.digest(Domain("Permit", story.market.domain.chain_id, token)))
    s = int.from_bytes(signature[32:])
    return VALID_UNTIL, 27 + (s >> 255), signature[:32], (s & (2**255 - 1)).to_bytes(32)


def _award(story: Story, number: int) -> int:
    bid = story.signed_bid(story.bid(number))
    return story.send(
        "awardWithPermit", *bid, UNITS, ZERO_DIGEST, story.digest("book"), _permit(story, number)
    )


def _award_twice(story: Story) -> int:
    """The second is what counts: the token has seen a permit of the designer before."""
    story.token = address_of(story.market.permit_token.address)
    _award(story, 0)
    return _award(story, 1)


PERMITS = (Case("awardWithPermit", "award", _award_twice, (ERC20,)),)
