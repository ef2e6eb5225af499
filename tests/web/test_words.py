"""Every step that a page offers is told from what is really signed, and no other transaction passes for it."""

from __future__ import annotations

import pytest

from contracts import calls
from contracts import token as erc20
from contracts.calls import Call
from marketplace.escrow.api_fates import LABELS
from protocol.mandate import Mandate
from protocol.terms import Settlement
from protocol.units import ZERO_ADDRESS, ZERO_DIGEST, Wei, address_of, hex_of
from tests.escrow.histories import a_bid

pytestmark = [pytest.mark.web, pytest.mark.stack, pytest.mark.xdist_group("web")]

BID, SIGNATURE = a_bid(), b"\x11" * 65
KEY = address_of("0x" + "7e" * 20)
MANDATE = Mandate(KEY, KEY, ZERO_ADDRESS, KEY, ZERO_DIGEST, ZERO_DIGEST, *([1] * 12))
SPLIT = Settlement(ZERO_DIGEST, Wei(7), Wei(0), 1, 1_700_000_000)
CALLS: dict[str, Call] = {
    "award": calls.Award(BID, SIGNATURE, KEY, 2, ZERO_DIGEST, ZERO_DIGEST, False),
    "release": calls.Release(BID, Wei(7)),
    "redeem": calls.Redeem(BID, Wei(7), SIGNATURE),
    "deliver": calls.Deliver(BID, ZERO_DIGEST),
    "claim": calls.Claim(BID),
    "refund": calls.Refund(BID),
    "reaward": calls.Reaward(BID, BID, SIGNATURE, KEY),
    "drop-standby": calls.DropStandby(BID),
    "cancel": calls.Cancel(BID),
    "give-up": calls.GiveUp(BID),
    "dispute": calls.Dispute(BID, ZERO_DIGEST, False),
    "rule": calls.Rule(BID, Wei(7), Wei(3)),
    "settle": calls.Settle(BID, SPLIT, SIGNATURE),
    "expire": calls.Expire(BID),
    "deposit": calls.Deposit(ZERO_ADDRESS, KEY, Wei(7)),
    "withdraw": calls.Withdraw(ZERO_ADDRESS, KEY, Wei(7)),
    "bump-epoch": calls.BumpEpoch(ZERO_ADDRESS),
    "set-agent": calls.SetAgent(ZERO_ADDRESS, KEY, 2**40 - 1, Wei(7)),
    "revoke-mandate": calls.RevokeMandate(MANDATE),
    "approve": erc20.Approve(KEY, Wei(7)),
}
NOT_OFFERED = {"award-with-permit", "award-for"}
TELL = """([step, data]) => import("/static/pages/words.js")
    .then(({ wordsOf }) => wordsOf(step, { data, value: "0", to: "0x", chain_id: 1 }))
    .catch((problem) => problem.message)"""


def test_every_step_is_told_and_no_other_passes_for_it(visit):
    assert set(CALLS) == set(LABELS) - NOT_OFFERED
    visitor = visit()
    visitor.go("/")
    for number, (step, call) in enumerate(CALLS.items()):
        told = visitor.page.evaluate(TELL, [step, hex_of(call.data)])
        assert isinstance(told, dict), (step, told)
        assert all(told[part] for part in ("title", "amount", "facts")), (step, told)
        assert "undefined" not in str(told), (step, told)
        other = list(CALLS)[number - 1]
        assert "Nothing was signed" in visitor.page.evaluate(TELL, [other, hex_of(call.data)]), (other, step)
