"""An agreement on a real chain: the interface as Python uses it, refusals decoded by name."""

from dataclasses import replace

import pytest
from eth_account.signers.local import LocalAccount
from web3.exceptions import ContractCustomError

from contracts.artifacts import ContractError, Deployment, abi, decode_error
from protocol.terms import DAY, Bid, agreement_id
from protocol.typed import escrow_domain
from protocol.units import ZERO_ADDRESS, ZERO_DIGEST, address_of
from tests.anvil import ETHER, Anvil

AWARDED, DELIVERED, CLOSED = 1, 2, 4


class Agreement:
    """Ada and Bo about one bid."""

    def __init__(
        self, anvil: Anvil, deployment: Deployment, ada: LocalAccount, bo: LocalAccount, eve
    ) -> None:
        self.anvil, self.ada, self.bo = anvil, ada, bo
        self.domain = escrow_domain(anvil.chain_id, address_of(deployment.escrow))
        self.escrow = anvil.web3.eth.contract(address=deployment.escrow, abi=abi("PrintEscrow"))
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
        return bytes((key or self.bo).unsafe_sign_hash(self.id).signature)

    def send(self, key: LocalAccount, name: str, *arguments, value: int = 0) -> None:
        """Send a call that must succeed; a refusal raises ContractCustomError before anything is sent."""
        self.escrow.functions[name](*arguments).call({"from": key.address, "value": value})
        data = self.escrow.encode_abi(name, args=list(arguments))
        receipt = self.anvil.send(key, {"to": self.escrow.address, "data": data, "value": value})
        assert receipt["status"] == 1

    def lock_bond(self) -> None:
        self.send(self.bo, "deposit", ZERO_ADDRESS, self.bo.address, self.bid.bond, value=self.bid.bond)

    def award(self, key: LocalAccount | None = None, value: int | None = None) -> None:
        terms = (self.bid.as_tuple(), self.signature(), self.bo.address, self.units)
        rest = (ZERO_DIGEST, ZERO_DIGEST, False)
        self.send(key or self.ada, "award", *terms, *rest, value=self.price if value is None else value)

    def word(self) -> list:
        return self.escrow.functions.agreements(self.id).call()


@pytest.fixture
def agreement(anvil: Anvil, deployment: Deployment, ada, bo, eve) -> Agreement:
    return Agreement(anvil, deployment, ada, bo, eve)


def refusal(raised: pytest.ExceptionInfo[ContractCustomError]) -> ContractError:
    return decode_error(bytes.fromhex(raised.value.data.removeprefix("0x")))


def test_a_stranger_cannot_award(agreement: Agreement, ada, charlie) -> None:
    agreement.lock_bond()
    with pytest.raises(ContractCustomError) as raised:
        agreement.award(charlie)
    caller, designer = charlie.address.lower(), ada.address.lower()
    assert refusal(raised) == ContractError("NotDesigner", {"caller": caller, "designer": designer})


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
        agreement.send(charlie, "release", agreement.bid.as_tuple(), agreement.price)
    assert refusal(raised).name == "NotDesigner"


def test_the_view_names_the_refusal(agreement: Agreement, charlie) -> None:
    def reason(signature: bytes) -> bytes:
        terms = (agreement.bid.as_tuple(), signature, agreement.bo.address, agreement.units)
        agreement_id_, selector = agreement.escrow.functions.isAwardable(*terms).call()
        assert agreement_id_ == agreement.id
        return selector

    assert decode_error(reason(agreement.signature(charlie))).name == "SignatureInvalid"
    assert decode_error(reason(agreement.signature())).name == "BondUncovered"
    agreement.lock_bond()
    assert reason(agreement.signature()) == bytes(4)
    agreement.award()
    assert decode_error(reason(agreement.signature())).name == "AgreementExists"


def test_the_id_is_the_one_python_computes(agreement: Agreement) -> None:
    assert agreement.escrow.functions.idOf(agreement.bid.as_tuple()).call() == agreement.id
    assert agreement.escrow.functions.domainSeparator().call() == agreement.domain.separator()


def test_an_agreement_goes_well(agreement: Agreement) -> None:
    agreement.lock_bond()
    agreement.award()
    assert agreement.word()[0] == AWARDED
    agreement.send(agreement.bo, "deliver", agreement.bid.as_tuple(), b"\x07" * 32)
    assert agreement.word()[0] == DELIVERED
    agreement.send(agreement.ada, "release", agreement.bid.as_tuple(), agreement.price)
    status, flags, clock, price, paid = agreement.word()
    assert (status, flags, price, paid) == (CLOSED, 0, agreement.price, agreement.price)
    assert clock == agreement.anvil.now()
    free, _, completed, failed = agreement.escrow.functions.accounts(
        ZERO_ADDRESS, agreement.bo.address
    ).call()
    assert (free, completed, failed) == (agreement.bid.bond, 1, 0)


@pytest.mark.parametrize(("status", "exit_call"), [(AWARDED, "refund"), (DELIVERED, "claim")])
def test_silence_ends_by_a_stranger(agreement: Agreement, charlie, status: int, exit_call: str) -> None:
    agreement.lock_bond()
    agreement.award()
    if status == DELIVERED:
        agreement.send(agreement.bo, "deliver", agreement.bid.as_tuple(), bytes(32))
    with pytest.raises(ContractCustomError) as raised:
        agreement.send(charlie, exit_call, agreement.bid.as_tuple())
    deadline = refusal(raised).args["deadline"]
    agreement.anvil.advance(deadline + 1 - agreement.anvil.now())
    agreement.send(charlie, exit_call, agreement.bid.as_tuple())
    assert agreement.word()[0] == CLOSED


def test_terms_with_neither_arbiter_nor_fee_are_sane(agreement: Agreement) -> None:
    nobody = {"arbiter": ZERO_ADDRESS, "fee_to": ZERO_ADDRESS, "fee_bps": 0}
    agreement.bid = replace(agreement.bid, **nobody)
    agreement.lock_bond()
    agreement.award()
    assert agreement.word()[0] == AWARDED
