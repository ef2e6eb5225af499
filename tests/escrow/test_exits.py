"""Every step of the contract beside the plain story, as the mirror shows it: real keys, a real Anvil, rebuilt equal."""

from io import StringIO

import pytest
from django.core.management import call_command

from contracts import calls
from marketplace.activity.models import Activity
from marketplace.designs.models import Grant
from marketplace.escrow.models import Agreement
from marketplace.providers.models import Provider
from protocol.mandate import Mandate
from protocol.statuses import BidStatus, JobStatus
from protocol.terms import REDEEM_WINDOW, Settlement
from protocol.typed import escrow_domain
from protocol.units import ZERO_DIGEST, address_of, digest_of
from tests.factories.deal import BOND, UNIT_PRICE

PRICE = 2 * UNIT_PRICE
FEE = 10**14
DAY = 86_400
HEAD = digest_of("0x" + "11" * 32)


@pytest.fixture
def bid(deal, bo, eve, settings):
    """Bo's bid, with Eve to decide disputes; everybody has gas."""
    deal.anvil.fund(eve)
    settings.ARBITERS = [eve.address]
    return deal.bid(bo, arbiter=address_of(eve.address), dispute_fee=FEE)


@pytest.fixture
def disputed(deal, bid, ada, bo):
    deal.award(bid)
    deal.sends(bo, calls.Deliver(bid.terms, HEAD))
    deal.sends(ada, calls.Dispute(bid.terms, HEAD, False), FEE)
    return bid


def rows():
    return list(Agreement.objects.order_by("pk").values())


def seen(deal, bid, person):
    """The row, the same by the API, and equal to what a rebuild and the chain say."""
    deal.finalise()
    before = rows()
    call_command("chain_rebuild", stdout=StringIO())
    assert rows() == before
    call_command("chain_check", stdout=StringIO())
    shown = deal.reads(person, f"agreements/{bid.pk}").json()
    row = Agreement.objects.get(pk=bid.pk)
    assert (shown["status"], shown["how"], shown["paid"]) == (row.status, row.how, row.paid)
    assert (row.final_status, row.settled) == (row.status, True)
    assert sum(int(m["amount"]) * (1 if m["what"] in INTO else -1) for m in shown["money"]) == held(row)
    assert {log["name"] for log in shown["logs"]} >= {"Awarded"}
    return row


INTO = ("PRICE", "BOND", "DISPUTE_FEE", "TAKEN_OVER")


def held(row):
    if row.status == "CLOSED":
        return 0
    return int(row.price) - int(row.paid) + BOND + (FEE if row.status == "DISPUTED" else 0)


def money(deal, bid, person):
    return {
        m["what"]: (m["party"], int(m["amount"]))
        for m in deal.reads(person, f"agreements/{bid.pk}").json()["money"]
    }


def news(bid):
    found = Activity.objects.filter(subject=f"agreement:{bid.pk}").order_by("id")
    return [row.kind.removeprefix("agreement.") for row in found]


def test_cancelled_in_the_grace_time(deal, bid, ada, bo):
    deal.award(bid)
    deal.sends(bo, calls.Cancel(bid.terms))
    row = seen(deal, bid, ada)
    assert (row.status, row.how, row.paid, row.deliver_by) == ("CLOSED", "CANCELLED", "0", None)
    deal.job.refresh_from_db()
    assert deal.job.status == JobStatus.OPEN
    provider = Provider.objects.get(pk=bo.address)
    assert (provider.completed, provider.failed) == (0, 0)


def test_given_up_then_refunded(deal, bid, ada, bo):
    deal.award(bid)
    deal.end_grace()
    assert Grant.objects.get().revoked_at is None
    deal.sends(bo, calls.GiveUp(bid.terms))
    row = seen(deal, bid, bo)
    assert (row.status, row.given_up_at, row.deliver_by) == ("AWARDED", row.refund_from, None)
    assert row.clock == row.awarded_at
    assert not row.granted
    assert Grant.objects.get().revoked_at is not None
    deal.sends(ada, calls.Refund(bid.terms))
    row = seen(deal, bid, bo)
    assert (row.status, row.how) == ("CLOSED", "REFUNDED")
    assert news(bid).count("given_up") == 1
    assert Provider.objects.get(pk=bo.address).failed == 1


def test_a_provider_that_gave_up_gets_no_design(deal, bid, bo):
    deal.award(bid)
    deal.sends(bo, calls.GiveUp(bid.terms))
    deal.end_grace()
    answer = deal.reads(bo, f"agreements/{bid.pk}/designs")
    assert (answer.status_code, answer.json()["detail"]) == (403, "The provider gave up.")


def test_disputed_and_open(deal, disputed, ada, bo):
    row = seen(deal, disputed, ada)
    assert row.status == "DISPUTED"
    assert (row.rule_until - row.clock).total_seconds() == DAY
    assert (row.expire_from - row.rule_until).total_seconds() == 1
    assert (row.review_until, row.claim_from) == (None, None)
    assert money(deal, disputed, bo)["DISPUTE_FEE"] == (ada.address, FEE)
    assert "disputed" in news(disputed)


def test_ruled(deal, disputed, ada, bo, eve):
    deal.sends(eve, calls.Rule(disputed.terms, UNIT_PRICE, BOND // 2))
    row = seen(deal, disputed, bo)
    assert (row.status, row.how, row.paid, row.rule_until) == ("CLOSED", "RULED", str(UNIT_PRICE), None)
    found = money(deal, disputed, bo)
    assert found["ARBITER"] == (eve.address, FEE)
    assert found["REFUND"] == (ada.address, PRICE - UNIT_PRICE + BOND - BOND // 2)
    provider = Provider.objects.get(pk=bo.address)
    assert (provider.completed, provider.failed) == (0, 0)


def test_settled(deal, disputed, ada, bo):
    split = Settlement(digest_of(disputed.pk), BOND + 5, 0, 3, deal.anvil.now() + 60)
    signature = bytes(
        bo.unsafe_sign_hash(split.digest(escrow_domain(deal.anvil.chain_id, deal.escrow))).signature
    )
    deal.sends(ada, calls.Settle(disputed.terms, split, signature))
    row = seen(deal, disputed, ada)
    assert (row.status, row.how, row.paid) == ("CLOSED", "SETTLED", "5")
    assert money(deal, disputed, bo)["REFUND"] == (ada.address, PRICE - 5 + FEE)


def test_expired(deal, disputed, ada, charlie):
    deal.anvil.advance(DAY + 1)
    deal.sends(charlie, calls.Expire(disputed.terms))
    row = seen(deal, disputed, ada)
    assert (row.status, row.how, row.paid) == ("CLOSED", "EXPIRED", str(UNIT_PRICE))


def test_paid_in_full_in_a_dispute(deal, disputed, ada, bo):
    deal.sends(ada, calls.Release(disputed.terms, PRICE))
    row = seen(deal, disputed, ada)
    assert (row.status, row.how, row.paid) == ("CLOSED", "RELEASED", str(PRICE))
    assert money(deal, disputed, bo)["REFUND"] == (ada.address, FEE)
    assert Provider.objects.get(pk=bo.address).completed == 1


def test_a_full_payment_without_a_bond_counts_for_nothing(deal, ada, bo):
    bid = deal.bid(bo, bond=0)
    deal.award(bid)
    deal.sends(ada, calls.Release(bid.terms, PRICE))
    assert seen_unbonded(deal, bid).how == "RELEASED"
    assert Provider.objects.get(pk=bo.address).completed == 0


def seen_unbonded(deal, bid):
    deal.finalise()
    return Agreement.objects.get(pk=bid.pk)


@pytest.fixture
def standby(deal, charlie, eve, bid):
    return deal.bid(charlie, unit_price=UNIT_PRICE - 5, arbiter=address_of(eve.address), dispute_fee=FEE)


def award_with(deal, ada, bid, standby):
    award = calls.Award(bid.terms, bytes.fromhex(bid.signature[2:]), address_of(bid.provider_id), 2,
                        digest_of(standby.pk), ZERO_DIGEST, False)  # fmt: skip
    deal.sends(ada, award, PRICE)


def test_taken_over_by_the_standby(deal, bid, standby, ada, bo, charlie):
    award_with(deal, ada, bid, standby)
    deal.finalise()
    standby.refresh_from_db()
    assert standby.status == BidStatus.LOST
    deal.anvil.advance(DAY + REDEEM_WINDOW + 1)
    signature = bytes.fromhex(standby.signature[2:])
    deal.sends(charlie, calls.Reaward(bid.terms, standby.terms, signature, address_of(charlie.address)))
    row, taken = seen(deal, bid, ada), seen(deal, standby, charlie)
    assert (row.status, row.how, row.standby) == ("CLOSED", "REAWARDED", standby.pk)
    assert (taken.status, taken.units, taken.job) == ("AWARDED", 2, deal.job)
    price = int(taken.price)
    assert money(deal, bid, ada)["HANDED_OVER"] == (standby.pk, price)
    assert money(deal, bid, ada)["REFUND"] == (ada.address, PRICE + BOND - price)
    assert money(deal, standby, ada)["TAKEN_OVER"] == (bid.pk, price)
    deal.job.refresh_from_db()
    standby.refresh_from_db()
    assert (deal.job.status, standby.status) == (JobStatus.AWARDED, BidStatus.AWARDED)
    assert Provider.objects.get(pk=bo.address).failed == 1


def test_a_dropped_standby_is_no_longer_named(deal, bid, standby, ada):
    award_with(deal, ada, bid, standby)
    assert Agreement.objects.get(pk=bid.pk).standby == standby.pk
    deal.sends(ada, calls.DropStandby(bid.terms))
    assert seen(deal, bid, ada).standby == "0x" + "00" * 32


def test_awarded_and_cancelled_under_a_mandate(deal, bid, ada, charlie):
    """Its log comes before the award's, and before the closing's."""
    terms = bid.terms
    limits = Mandate(
        terms.designer, address_of(charlie.address), terms.token, terms.arbiter, terms.job_digest, ZERO_DIGEST,
        terms.unit_price, terms.bond, terms.dispute_fee, 2, terms.make_time, terms.review_time, terms.arbiter_time,
        terms.arbiter_time, terms.grace_time, terms.fallback_bps, deal.anvil.now() + DAY, 1,
    )  # fmt: skip
    deal.deposit(ada, PRICE)
    signed = bytes(
        ada.unsafe_sign_hash(limits.digest(escrow_domain(deal.anvil.chain_id, deal.escrow))).signature
    )
    offer = (terms, bytes.fromhex(bid.signature[2:]), address_of(bid.provider_id), 2, ZERO_DIGEST)
    deal.sends(charlie, calls.AwardUnder(*offer, limits, signed, ()))
    row = seen(deal, bid, ada)
    assert (row.status, row.units, row.job) == ("AWARDED", 2, deal.job)
    deal.sends(ada, calls.Cancel(terms))
    row = seen(deal, bid, ada)
    assert (row.status, row.how) == ("CLOSED", "CANCELLED")
    names = [log["name"] for log in deal.reads(ada, f"agreements/{bid.pk}").json()["logs"]]
    assert names == ["MandateUsed", "Awarded", "MandateUsed", "Closed", "Credited", "Credited"]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_reorganisation_takes_every_step_back(deal, bid, ada, bo, eve, depth):
    deal.award(bid)
    steps = [(bo, calls.Deliver(bid.terms, HEAD), 0), (ada, calls.Dispute(bid.terms, HEAD, False), FEE)]
    shots, shown, columns = [], [], ("status", "how", "paid", "clock", "rule_until", "review_until", "head")
    for who, call, value in [*steps, (eve, calls.Rule(bid.terms, 0, 0), 0)]:
        shots.append(deal.anvil.rpc("evm_snapshot"))
        shown.append(Agreement.objects.values(*columns).get())
        deal.sends(who, call, value)
    deal.anvil.rpc("evm_revert", shots[-depth])
    deal.anvil.mine()
    deal.follow()
    assert Agreement.objects.values(*columns).get() == shown[-depth]
