"""An agreement on a real chain: the interface as Python uses it, refusals decoded by name."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import pytest
from eth_account.signers.local import LocalAccount
from web3.exceptions import ContractCustomError

from contracts import calls, logs, views
from contracts.artifacts import ContractError, Deployment, decode_error
from contracts.logs import Log, log_of
from protocol.mandate import Mandate
from protocol.merkle import MerkleTree, PrinterLeaf
from protocol.statuses import AgreementStatus, How
from protocol.terms import DAY, REDEEM_WINDOW, Award, Bid, Settlement, Voucher, agreement_id
from protocol.typed import TypedStruct, escrow_domain
from protocol.units import ZERO_ADDRESS, ZERO_DIGEST, Digest, address_of, hex_of
from tests.anvil import ETHER, Anvil

AWARDED, DELIVERED, CLOSED = AgreementStatus.AWARDED, AgreementStatus.DELIVERED, AgreementStatus.CLOSED
Answer = TypeVar("Answer")


class Agreement:
    """Ada and Bo about one bid."""

    def __init__(
        self, anvil: Anvil, deployment: Deployment, ada: LocalAccount, bo: LocalAccount, eve
    ) -> None:
        self.anvil, self.ada, self.bo, self.eve = anvil, ada, bo, eve
        self.domain = escrow_domain(anvil.chain_id, address_of(deployment.escrow))
        self.escrow = deployment.escrow
        self.units = 3
        self.bid = Bid(
            provider=address_of(bo.address),
            designer=address_of(ada.address),
            token=ZERO_ADDRESS,
            arbiter=address_of(eve.address),
            fee_to=address_of("0x" + "fe" * 20),
            job_digest=b"\x01" * 32,
            printer=b"\x02" * 32,
            unit_price=ETHER // 100,
            bond=ETHER // 10,
            dispute_fee=0,
            min_units=1,
            max_units=5,
            valid_until=anvil.now() + DAY,
            make_time=2 * DAY,
            review_time=7 * DAY,
            arbiter_time=7 * DAY,
            grace_time=3600,
            fallback_bps=5000,
            fee_bps=250,
            epoch=0,
            to_ledger=False,
            salt=5,
        )

    @property
    def id(self) -> bytes:
        return agreement_id(self.bid, self.domain)

    @property
    def price(self) -> int:
        return self.bid.unit_price * self.units

    def signature(self, key: LocalAccount | None = None) -> bytes:
        return self.sign(key or self.bo, self.bid)

    def sign(self, key: LocalAccount, struct: TypedStruct) -> bytes:
        return bytes(key.unsafe_sign_hash(struct.digest(self.domain)).signature)

    def send(self, key: LocalAccount, call: calls.Transaction, value: int = 0) -> list[Log]:
        """Send a call that must succeed; a refusal raises ContractCustomError before anything is sent."""
        transaction = {"to": self.escrow, "data": hex_of(call.data), "value": value}
        self.anvil.web3.eth.call({**transaction, "from": key.address})
        receipt = self.anvil.send(key, transaction)
        assert receipt["status"] == 1
        return [log_of(log["topics"], log["data"]) for log in receipt["logs"]]

    def ask(self, view: views.View[Answer]) -> Answer:
        return view.answer(self.anvil.web3.eth.call({"to": self.escrow, "data": hex_of(view.data)}))

    def lock_bond(self) -> None:
        self.send(self.bo, calls.Deposit(ZERO_ADDRESS, self.bid.provider, self.bid.bond), self.bid.bond)

    def prepay(self) -> None:
        self.send(self.ada, calls.Deposit(ZERO_ADDRESS, self.bid.designer, self.price), self.price)

    def award(
        self, key: LocalAccount | None = None, value: int | None = None, standby: bytes = ZERO_DIGEST
    ) -> list[Log]:
        terms = (self.bid, self.signature(), self.bid.provider, self.units)
        call = calls.Award(*terms, Digest(standby), ZERO_DIGEST, False)
        return self.send(key or self.ada, call, self.price if value is None else value)

    def word(self) -> views.AgreementWord:
        return self.ask(views.Agreements(self.id))


@pytest.fixture
def agreement(anvil: Anvil, deployment: Deployment, ada, bo, eve) -> Agreement:
    return Agreement(anvil, deployment, ada, bo, eve)


def refusal(raised: pytest.ExceptionInfo[ContractCustomError]) -> ContractError:
    return decode_error(bytes.fromhex(raised.value.data.removeprefix("0x")))


def test_a_stranger_cannot_award(agreement: Agreement, ada, charlie) -> None:
    agreement.lock_bond()
    with pytest.raises(ContractCustomError) as raised:
        agreement.award(charlie)
    values = {"caller": charlie.address, "designer": ada.address}
    assert refusal(raised) == ContractError("NotDesigner", values)


def test_the_wrong_value_is_refused_with_both_figures(agreement: Agreement) -> None:
    agreement.lock_bond()
    with pytest.raises(ContractCustomError) as raised:
        agreement.award(value=agreement.price - 1)
    values = {"value": agreement.price - 1, "expected": agreement.price}
    assert refusal(raised) == ContractError("ValueMismatch", values)


def test_a_stranger_cannot_release(agreement: Agreement, charlie) -> None:
    agreement.lock_bond()
    agreement.award()
    with pytest.raises(ContractCustomError) as raised:
        agreement.send(charlie, calls.Release(agreement.bid, agreement.price))
    assert refusal(raised).name == "NotDesigner"


def test_the_view_names_the_refusal(agreement: Agreement, charlie) -> None:
    def reason(signature: bytes) -> bytes:
        view = views.IsAwardable(agreement.bid, signature, agreement.bid.provider, agreement.units)
        found = agreement.ask(view)
        assert found.agreement == agreement.id
        return found.reason

    assert decode_error(reason(agreement.signature(charlie))).name == "SignatureInvalid"
    assert decode_error(reason(agreement.signature())).name == "BondUncovered"
    agreement.lock_bond()
    assert reason(agreement.signature()) == bytes(4)
    agreement.award()
    assert decode_error(reason(agreement.signature())).name == "AgreementExists"


def test_the_id_is_the_one_python_computes(agreement: Agreement) -> None:
    assert agreement.ask(views.IdOf(agreement.bid)) == agreement.id
    assert agreement.ask(views.DomainSeparator()) == agreement.domain.separator()
    assert agreement.ask(views.RedeemWindow()) == REDEEM_WINDOW


def test_an_agreement_goes_well(agreement: Agreement) -> None:
    agreement.lock_bond()
    bid, price = agreement.bid, agreement.price
    [awarded] = agreement.award()
    nothing = (ZERO_DIGEST, ZERO_DIGEST)
    assert awarded == logs.Awarded(agreement.id, bid.designer, bid.provider, bid, agreement.units, *nothing)
    assert agreement.word().status is AWARDED
    head = Digest(b"\x07" * 32)
    assert agreement.send(agreement.bo, calls.Deliver(bid, head)) == [logs.Delivered(agreement.id, head)]
    assert agreement.word().status is DELIVERED
    paid = agreement.send(agreement.ada, calls.Release(bid, price))
    assert logs.Paid(agreement.id, price, price * bid.fee_bps // 10_000, How.RELEASED) in paid
    assert agreement.word() == views.AgreementWord(CLOSED, 0, agreement.anvil.now(), price, price)
    account = agreement.ask(views.Accounts(ZERO_ADDRESS, bid.provider))
    assert account == views.AccountWord(bid.bond, 0, completed=1, failed=0)


@pytest.mark.parametrize(("status", "way_out"), [(AWARDED, calls.Refund), (DELIVERED, calls.Claim)])
def test_silence_ends_by_a_stranger(agreement: Agreement, charlie, status: AgreementStatus, way_out) -> None:
    agreement.lock_bond()
    agreement.award()
    if status is DELIVERED:
        agreement.send(agreement.bo, calls.Deliver(agreement.bid, ZERO_DIGEST))
    with pytest.raises(ContractCustomError) as raised:
        agreement.send(charlie, way_out(agreement.bid))
    deadline = refusal(raised).args["deadline"]
    agreement.anvil.advance(deadline + 1 - agreement.anvil.now())
    agreement.send(charlie, way_out(agreement.bid))
    assert agreement.word().status is CLOSED


def test_terms_with_neither_arbiter_nor_fee_are_sane(agreement: Agreement) -> None:
    nobody = {"arbiter": ZERO_ADDRESS, "fee_to": ZERO_ADDRESS, "fee_bps": 0}
    agreement.bid = replace(agreement.bid, **nobody)
    agreement.lock_bond()
    agreement.award()
    assert agreement.word().status is AWARDED


def test_whoever_holds_a_voucher_cashes_it(agreement: Agreement, charlie) -> None:
    agreement.lock_bond()
    agreement.award()
    voucher = Voucher(agreement.id, agreement.price - 1)
    signature = agreement.sign(agreement.ada, voucher)
    agreement.send(charlie, calls.Redeem(agreement.bid, voucher.cumulative, signature))
    assert agreement.word().paid == voucher.cumulative


def test_a_designer_who_only_signs_awards(agreement: Agreement, charlie) -> None:
    agreement.lock_bond()
    agreement.prepay()
    consent = Award(agreement.id, agreement.units, ZERO_DIGEST, ZERO_DIGEST, agreement.anvil.now() + DAY)
    terms = (agreement.bid, agreement.signature(), agreement.bid.provider)
    agreement.send(charlie, calls.AwardFor(*terms, consent, agreement.sign(agreement.ada, consent)))
    assert agreement.word().status is AWARDED


def mandate_of(agreement: Agreement, dispatcher: LocalAccount, printers: Digest) -> Mandate:
    """A mandate that the agreement's bid just meets."""
    bid = agreement.bid
    return Mandate(
        designer=bid.designer,
        dispatcher=address_of(dispatcher.address),
        token=bid.token,
        arbiter=bid.arbiter,
        job_digest=bid.job_digest,
        printers=printers,
        max_unit_price=bid.unit_price,
        min_bond=bid.bond,
        max_dispute_fee=bid.dispute_fee,
        units=agreement.units,
        max_make_time=bid.make_time,
        min_review_time=bid.review_time,
        min_arbiter_time=bid.arbiter_time,
        max_arbiter_time=bid.arbiter_time,
        max_grace_time=bid.grace_time,
        max_fallback_bps=bid.fallback_bps,
        valid_until=agreement.anvil.now() + DAY,
        salt=1,
    )


def test_a_dispatcher_awards_a_printer_that_the_mandate_accepts(agreement: Agreement, charlie) -> None:
    """The contract accepts the proofs of `protocol.merkle`."""
    agreement.lock_bond()
    agreement.prepay()
    accepted = [PrinterLeaf(agreement.bid.printer), *(PrinterLeaf(bytes([n]) * 32) for n in range(7, 11))]
    tree = MerkleTree([leaf.digest() for leaf in accepted])
    mandate = mandate_of(agreement, charlie, tree.root)
    signature = agreement.sign(agreement.ada, mandate)

    def under(proof: tuple[Digest, ...]) -> calls.AwardUnder:
        terms = (agreement.bid, agreement.signature(), agreement.bid.provider, agreement.units, ZERO_DIGEST)
        return calls.AwardUnder(*terms, mandate, signature, proof)

    with pytest.raises(ContractCustomError) as raised:
        agreement.send(charlie, under(tree.proof(1)))
    assert refusal(raised) == ContractError(
        "PrinterNotAccepted", {"printer": agreement.bid.printer, "printers": tree.root}
    )
    agreement.send(charlie, under(tree.proof(0)))
    digest = mandate.digest(agreement.domain)
    assert agreement.ask(views.MandateOf(agreement.id)) == digest
    assert agreement.ask(views.Mandates(digest)) == views.MandateWord(agreement.units, revoked=False)
    revoked = agreement.send(agreement.ada, calls.RevokeMandate(mandate))
    assert revoked == [logs.MandateRevoked(digest, mandate.designer)]


def test_a_standby_takes_over_from_who_gives_up(agreement: Agreement, charlie) -> None:
    other = replace(agreement.bid, provider=address_of(charlie.address), bond=0)
    agreement.lock_bond()
    agreement.award(standby=agreement_id(other, agreement.domain))
    assert agreement.ask(views.StandbyOf(agreement.id)) == agreement_id(other, agreement.domain)
    assert agreement.send(agreement.bo, calls.GiveUp(agreement.bid)) == [logs.GaveUp(agreement.id)]
    call = calls.Reaward(agreement.bid, other, agreement.sign(charlie, other), other.provider)
    emitted = agreement.send(charlie, call)
    assert agreement_id(other, agreement.domain) in [
        log.agreement for log in emitted if isinstance(log, logs.Awarded)
    ]
    assert [log.how for log in emitted if isinstance(log, logs.Closed)] == [How.REAWARDED]


def test_the_arbiter_rules_on_a_dispute(agreement: Agreement) -> None:
    agreement.lock_bond()
    agreement.award()
    agreement.send(agreement.bo, calls.Deliver(agreement.bid, ZERO_DIGEST))
    head = Digest(b"\x08" * 32)
    disputed = agreement.send(agreement.ada, calls.Dispute(agreement.bid, head, False))
    assert disputed == [logs.Disputed(agreement.id, head)]
    emitted = agreement.send(
        agreement.eve, calls.Rule(agreement.bid, agreement.price // 2, agreement.bid.bond)
    )
    [closed] = [log for log in emitted if isinstance(log, logs.Closed)]
    assert (closed.how, closed.to_provider, closed.bond_back) == (
        How.RULED,
        agreement.price // 2,
        agreement.bid.bond,
    )


def test_both_parties_settle(agreement: Agreement) -> None:
    agreement.lock_bond()
    agreement.award()
    until = agreement.anvil.now() + DAY
    settlement = Settlement(agreement.id, 1, 0, list(AgreementStatus).index(AWARDED), until)
    signature = agreement.sign(agreement.bo, settlement)
    agreement.send(agreement.ada, calls.Settle(agreement.bid, settlement, signature))
    assert agreement.word().status is CLOSED


def test_a_hot_key_and_an_epoch_are_read_back(agreement: Agreement, charlie) -> None:
    key, until = address_of(charlie.address), agreement.anvil.now() + DAY
    assert agreement.send(agreement.bo, calls.SetAgent(ZERO_ADDRESS, key, until, 5)) == [
        logs.AgentSet(ZERO_ADDRESS, agreement.bid.provider, key, until, 5)
    ]
    found = agreement.ask(views.Agents(ZERO_ADDRESS, agreement.bid.provider, key))
    assert found == views.HotKeyWord(until, 5)
    bumped = agreement.send(agreement.bo, calls.BumpEpoch(ZERO_ADDRESS))
    assert bumped == [logs.EpochBumped(ZERO_ADDRESS, agreement.bid.provider, 1)]


def test_a_root_is_anchored_once(anvil: Anvil, deployment: Deployment, ada) -> None:
    root = Digest(b"\x09" * 32)
    transaction = {"to": deployment.anchor, "data": hex_of(calls.Anchor(root, 3, ZERO_DIGEST).data)}
    [log] = anvil.send(ada, transaction)["logs"]
    publisher = address_of(ada.address)
    assert log_of(log["topics"], log["data"]) == logs.Anchored(publisher, root, 3, ZERO_DIGEST)
    view = views.AnchoredAt(publisher, root)
    returned = anvil.web3.eth.call({"to": deployment.anchor, "data": hex_of(view.data)})
    assert view.answer(returned) == anvil.now()
