"""Signed structs: what is refused, and that wire form and digest say the same."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from eth_account.messages import encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from protocol.canonical import keccak
from protocol.errors import Malformed
from protocol.evidence import Evidence
from protocol.mandate import Mandate
from protocol.profiles import PrinterProfile
from protocol.terms import Award, Bid, Settlement, Voucher
from protocol.typed import Domain, escrow_domain, infill_domain
from protocol.units import ZERO_ADDRESS
from tests.protocol.strategies import structs
from tests.vectors.samples import CHAIN_ID, ESCROW, sample_bid

ALL = [Bid, Award, Mandate, Voucher, Settlement, PrinterProfile, Evidence]
DOMAIN = escrow_domain(CHAIN_ID, ESCROW)
any_struct = st.one_of([structs(struct) for struct in ALL])


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"unitPrice": "-1"}, "unitPrice"),
        ({"unitPrice": 5}, "unitPrice"),
        ({"unitPrice": str(2**96)}, "unitPrice"),
        ({"minUnits": True}, "minUnits"),
        ({"minUnits": 2**32}, "minUnits"),
        ({"minUnits": 1.0}, "minUnits"),
        ({"provider": "0x12"}, "provider"),
        ({"provider": "0x3e92bFe7Cbf2FE27c0AE737a0E9bcB6b391e642E"}, "provider"),
        ({"jobDigest": "0x" + "AB" * 32}, "jobDigest"),
        ({"toLedger": 1}, "toLedger"),
        ({"validUntil": None}, "validUntil"),
        ({"bonus": "1"}, "bonus"),
    ],
)
def test_a_wrong_member_is_refused_by_name(change, member):
    with pytest.raises(Malformed, match=member):
        Bid.from_json({**sample_bid().to_json(), **change})


@pytest.mark.parametrize("member", sorted(sample_bid().to_json()))
def test_a_missing_member_is_refused_by_name(member):
    wire = sample_bid().to_json()
    del wire[member]
    with pytest.raises(Malformed, match=member):
        Bid.from_json(wire)


@pytest.mark.parametrize("data", [None, [], "bid", 7])
def test_what_is_no_object_is_refused(data):
    with pytest.raises(Malformed):
        Bid.from_json(data)


def test_a_struct_cannot_be_made_of_wrong_values():
    with pytest.raises(Malformed, match="feeBps"):
        replace(sample_bid(), fee_bps=2**16)


@given(any_struct)
def test_wire_form_and_back_is_the_same(struct):
    assert type(struct).from_json(struct.to_json()) == struct


@given(any_struct)
def test_the_digest_is_that_of_an_independent_implementation(struct):
    signable = encode_typed_data(
        domain_data={"name": "PrintEscrow", "version": "1", "chainId": CHAIN_ID, "verifyingContract": ESCROW},
        message_types={type(struct).__name__: [{"name": n, "type": t} for n, t in struct.members.values()]},
        message_data={member: getattr(struct, name) for name, (member, _) in struct.members.items()},
    )
    assert struct.digest(DOMAIN) == keccak(b"\x19" + signable.version + signable.header + signable.body)


@given(structs(Bid), structs(Bid))
def test_different_bids_have_different_ids(one, other):
    assert (one == other) == (one.digest(DOMAIN) == other.digest(DOMAIN))


@pytest.mark.parametrize(
    "other",
    [
        escrow_domain(1, ESCROW),
        escrow_domain(CHAIN_ID, sample_bid().arbiter),
        infill_domain(CHAIN_ID, ESCROW),
    ],
)
def test_a_digest_is_bound_to_its_domain(other: Domain):
    assert sample_bid().digest(DOMAIN) != sample_bid().digest(other)


@given(any_struct)
def test_typed_data_is_what_wallets_hash(struct):
    found = struct.typed_data(DOMAIN)
    assert json.loads(json.dumps(found)) == found
    signable = encode_typed_data(full_message=found)
    assert keccak(b"\x19" + signable.version + signable.header + signable.body) == struct.digest(DOMAIN)


def test_a_domain_of_another_version_is_another():
    one, two = Domain("Token", 1, ZERO_ADDRESS), Domain("Token", 1, ZERO_ADDRESS, "2")
    assert one.separator() != two.separator()
    assert (one.to_json()["version"], two.to_json()["version"]) == ("1", "2")
