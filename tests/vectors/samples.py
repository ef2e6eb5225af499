"""One filled-in struct of every signed type, on the local chain: the content of the committed vectors."""

from __future__ import annotations

from protocol.books import Book, Receipt
from protocol.canonical import keccak
from protocol.evidence import Evidence, Kind
from protocol.mandate import Mandate
from protocol.profiles import PrinterProfile
from protocol.recipients import Recipient
from protocol.terms import Award, Bid, Settlement, Voucher
from protocol.typed import Domain, TypedStruct, escrow_domain, infill_domain
from protocol.units import Address, Digest, Wei, address_of

CHAIN_ID = 31337
ESCROW = address_of("0x5FbDB2315678afecb367f032d93F642f64180aa3")


def _address(name: str) -> Address:
    return address_of("0x" + keccak(name.encode())[12:].hex())


def _digest(name: str) -> Digest:
    return keccak(name.encode())


def sample_bid() -> Bid:
    return Bid(
        provider=_address("bo"),
        designer=_address("ada"),
        token=_address("token"),
        arbiter=_address("eve"),
        fee_to=_address("operator"),
        job_digest=_digest("job"),
        printer=_digest("printer"),
        unit_price=Wei(2**96 - 1),
        bond=Wei(10**17),
        dispute_fee=Wei(3),
        min_units=1,
        max_units=2**32 - 1,
        valid_until=2**40 - 1,
        make_time=86_400,
        review_time=604_800,
        arbiter_time=1_209_600,
        grace_time=0,
        fallback_bps=5_000,
        fee_bps=250,
        epoch=7,
        to_ledger=True,
        salt=2**256 - 1,
    )


def sample_mandate() -> Mandate:
    return Mandate(
        designer=_address("ada"),
        dispatcher=_address("dispatcher"),
        token=_address("token"),
        arbiter=_address("eve"),
        job_digest=_digest("job"),
        printers=_digest("printers"),
        max_unit_price=Wei(10**18),
        min_bond=Wei(1),
        max_dispute_fee=Wei(2),
        units=3,
        max_make_time=4,
        min_review_time=5,
        min_arbiter_time=6,
        max_arbiter_time=7,
        max_grace_time=8,
        max_fallback_bps=9,
        valid_until=10,
        salt=11,
    )


def samples() -> list[tuple[TypedStruct, Domain]]:
    escrow, infill = escrow_domain(CHAIN_ID, ESCROW), infill_domain(CHAIN_ID, ESCROW)
    agreement = _digest("agreement")
    observed = 1_800_000_000
    return [
        (sample_bid(), escrow),
        (Award(agreement, 2, _digest("standby"), _digest("book"), observed), escrow),
        (sample_mandate(), escrow),
        (Voucher(agreement, Wei(10**18)), escrow),
        (Settlement(agreement, Wei(1), Wei(2), 3, observed), escrow),
        (PrinterProfile(_address("bo"), "MK3-Bö", _digest("capability"), 2**63, observed), infill),
        (
            Evidence(
                agreement, _address("bo"), 0, Kind.SLICED, _digest("payload"), _digest("previous"), observed
            ),
            infill,
        ),
        (Receipt(agreement, _digest("job"), 1, observed), infill),
        (Book(_digest("job"), 1, observed, 2, _digest("root")), infill),
        (Recipient(agreement, "age1lj6wjfa3dkpswyj60ga0skz73apdha3svz95jpzaxh8udv0xg5gsul709z"), infill),
    ]
