"""A node whose logs, word or transactions do not agree: each lie is named by its code."""

from dataclasses import replace

import pytest
from eth_abi import decode, encode

from auditor.logs import AWARDED, CLOSED, CREDITED, DELIVERED, PAID, topic_of
from auditor.records import RawLog
from auditor.signers import HIGHEST_S
from auditor.sources.bundle import bundle_of
from auditor.sources.container import container_of
from tests.auditor.conftest import Told
from tests.auditor.lies import OTHER, STRANGE, place_of, relogged, resent
from tests.factories.bundle import zipped


def paid(told: Told, *values: int, last: bool = True) -> Told:
    """The last payment with other values: cumulative, fee, how."""
    number = place_of(told, PAID, last)
    return relogged(told, number, data=encode(["uint96", "uint96", "uint8"], values))


def payment(told: Told, last: bool = True) -> tuple[int, ...]:
    return decode(["uint96", "uint96", "uint8"], told.node.logs[place_of(told, PAID, last)].data)


@pytest.mark.parametrize("member", ["status", "flags", "clock", "price", "paid"])
def test_a_word_that_logs_do_not_explain(clean, member):
    word = replace(clean.node.word, **{member: getattr(clean.node.word, member) ^ 1})
    assert clean.lying(word=word).codes() == {f"word-{member}"}


def test_every_log_that_is_withheld(clean):
    for number in range(len(clean.node.logs)):
        logs = clean.node.logs[:number] + clean.node.logs[number + 1 :]
        codes = clean.lying(logs=logs).codes()
        assert {"log-invented", "log-receipt"} <= codes
        assert codes & {
            "award-missing",
            "word-clock",
            "word-paid",
            "word-status",
            "credit",
            "money-lost",
            "payment-range",
            "fee",
        } or (number == place_of(clean, DELIVERED))


def test_a_withheld_award_leaves_questions_unasked_and_is_named(clean):
    number = place_of(clean, AWARDED)
    audit = clean.lying(logs=clean.node.logs[:number] + clean.node.logs[number + 1 :]).audit()
    assert "award-missing" in {finding.code for finding in audit.findings}
    assert {result.skipped for result in audit.results if result.name == "times"} == {
        "the award's log cannot be read"
    }


def test_a_log_told_twice(clean):
    codes = clean.lying(logs=(*clean.node.logs, replace(clean.node.logs[0], log_index=99))).codes()
    assert "status-illegal" in codes


def test_other_terms_than_the_id_proves(clean):
    number = place_of(clean, AWARDED)
    data = bytearray(clean.node.logs[number].data)
    data[8 * 32 - 1] ^= 1
    assert {"terms-id", "bid-terms", "award-call"} <= relogged(clean, number, data=bytes(data)).codes()


def test_another_designer_or_provider_in_the_awards_topics(clean):
    number = place_of(clean, AWARDED)
    for place, code in ((2, "award-designer"), (3, "award-provider")):
        topics = list(clean.node.logs[number].topics)
        topics[place] = bytes(12) + bytes.fromhex(OTHER[2:])
        assert code in relogged(clean, number, topics=tuple(topics)).codes()


def test_a_payment_with_another_fee(clean):
    cumulative, fee, how = payment(clean)
    assert "fee" in paid(clean, cumulative, fee + 1, how).codes()


def test_payments_above_the_price_falling_or_not_closing(clean):
    cumulative, fee, how = payment(clean)
    assert "payment-range" in paid(clean, cumulative + 1, fee, how).codes()
    assert "payment-range" in paid(clean, 0, fee, 0).codes()
    assert "payment-closing" in paid(clean, cumulative, fee, 0).codes()
    assert "payment-closing" in paid(clean, cumulative - 1, fee, how).codes()


def test_a_closing_that_this_escrow_cannot_make(clean):
    cumulative, fee, _ = payment(clean)
    assert "status-illegal" in paid(clean, cumulative, fee, 7).codes()
    assert "log-unexplained" in paid(clean, cumulative, fee, 77).codes()


def test_credits_of_another_amount_owner_token_or_agreement(clean):
    number = place_of(clean, CREDITED)
    log: RawLog = clean.node.logs[number]
    (amount,) = decode(["uint128"], log.data)
    assert "credit" in relogged(clean, number, data=encode(["uint128"], [amount + 1])).codes()
    for place, code in ((1, "credit-token"), (2, "credit")):
        topics = list(log.topics)
        topics[place] = bytes(12) + bytes.fromhex(OTHER[2:])
        assert code in relogged(clean, number, topics=tuple(topics)).codes()
    foreign = (*log.topics[:3], STRANGE)
    assert "log-foreign" in relogged(clean, number, topics=foreign).codes()


def test_a_credit_without_a_payment(clean):
    number = place_of(clean, CREDITED)
    moved = replace(clean.node.logs[number], block=clean.node.logs[0].block, log_index=50)
    logs = [log for n, log in enumerate(clean.node.logs) if n != number]
    assert {"log-unexplained", "credit"} <= clean.lying(logs=(*logs, moved)).codes()


def test_logs_of_another_contract_unknown_or_broken(clean):
    assert "log-foreign" in relogged(clean, 0, address=OTHER).codes()
    number = place_of(clean, PAID)
    assert "log-unexplained" in relogged(clean, number, topics=(STRANGE, clean.agreement)).codes()
    assert "log-unexplained" in relogged(clean, number, topics=()).codes()
    assert "log-unexplained" in relogged(clean, number, data=b"\x01").codes()


def test_awarded_after_the_bid_expired(clean):
    assert "award-late" in relogged(clean, 0, time=10**10).codes()


def test_delivered_after_the_make_time(clean):
    number = place_of(clean, DELIVERED)
    late = clean.node.logs[0].time + 7200 + 1
    assert "time-late" in relogged(clean, number, time=late).codes()
    assert "time-late" not in relogged(clean, number, time=late - 1).codes()


def test_claimed_within_the_review_time(clean):
    cumulative, fee, _ = payment(clean)
    claimed = paid(clean, cumulative, fee, 3)
    number, start = place_of(clean, PAID, last=True), clean.node.logs[place_of(clean, DELIVERED)].time
    assert "time-early" in relogged(claimed, number, time=start + 3600).codes()
    assert "time-early" not in relogged(claimed, number, time=start + 3601).codes()


def test_steps_sent_by_a_stranger(clean, charlie):
    for signature, code in ((AWARDED, "award-sender"), (DELIVERED, "step-sender"), (PAID, "step-sender")):
        told = resent(clean, place_of(clean, signature), sender=charlie.address)
        assert code in told.codes()


def test_an_award_with_another_value_or_call(clean):
    assert "award-value" in resent(clean, 0, value=1).codes()
    assert "log-unexplained" in resent(clean, 0, input=b"\x00" * 4).codes()
    assert (
        "log-unexplained"
        in resent(clean, 0, input=clean.node.transactions[clean.node.logs[0].transaction].input[:90]).codes()
    )


def test_an_award_through_another_contract_is_noted(clean):
    audit = resent(clean, 0, to=OTHER).audit()
    assert not audit.findings
    assert any("through another contract" in note for note in audit.notes)


def test_a_log_of_a_failed_transaction(clean):
    assert "log-failed" in resent(clean, 0, succeeded=False).codes()


def test_another_contract_at_the_address(clean):
    assert clean.lying(code=clean.node.code[:-1]).codes() == {"contract-code"}
    assert clean.lying(code=clean.node.code[:200] + b"\x00" + clean.node.code[201:]).codes() == {
        "contract-code"
    }
    assert clean.lying(domain_separator=STRANGE).codes() == {"contract-domain"}


def test_another_chain(clean):
    codes = clean.lying(chain_id=1).codes()
    assert {"manifest-chain", "terms-id", "bid-id", "contract-domain", "evidence-signature"} <= codes


def test_a_refund_that_divides_otherwise(clean):
    """The chain of a refunded agreement is in test_money; here one log of it lies."""
    number = place_of(clean, PAID, last=True)
    data = encode(["uint8", "uint96", "uint96", "uint96", "uint96"], [4, 1, 1, 5, 5])
    log = replace(clean.node.logs[number], topics=(topic_of(CLOSED), clean.agreement), data=data)
    codes = clean.lying(logs=(*clean.node.logs[:number], log)).codes()
    assert {"closing-split", "money-lost", "status-illegal", "time-early", "word-paid"} <= codes


def test_a_bid_signed_by_nobody_is_accepted_only_by_a_provider_that_is_a_contract(clean):
    files = dict(clean.files)
    bad = (HIGHEST_S + 1).to_bytes(32).hex().encode()
    start = files["bid.json"].index(b'"signature":"0x') + 15
    files["bid.json"] = files["bid.json"][: start + 64] + bad + files["bid.json"][start + 128 :]
    told = clean.holding(files)
    assert "bid-signature" in told.codes()
    bid = bundle_of(container_of(zipped(files))).bid
    accepted = frozenset({(bid.signer, told.agreement, bid.signature)})
    assert "bid-signature" not in told.lying(accepted=accepted).codes()


def test_what_is_not_final_is_noted(clean):
    first = clean.node.logs[0].block
    assert any("Not final" in note for note in clean.lying(finalized=first).audit().notes)
    assert any("does not say" in note for note in clean.lying(finalized=None).audit().notes)
    final = clean.lying(finalized=clean.node.head.number).audit().notes
    assert not [note for note in final if "final" in note]
