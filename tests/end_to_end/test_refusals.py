"""What the running product refuses on the main job's way, and that it goes on afterwards."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest

from demo import cast
from demo.designer import Designer, Refused
from demo.node import NodeError
from protocol.canonical import keccak
from protocol.capability import Capability, Material
from protocol.profiles import PrinterProfile, capability_digest
from protocol.terms import Bid
from protocol.typed import escrow_domain, infill_domain
from protocol.units import address_of, digest_of, hex_of
from tests.processes import eventually

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]


@pytest.fixture(scope="module")
def charlie(stack) -> Designer:
    """A stranger, signed in with every scope there is."""
    client = Designer(cast.charlie(), stack.place.url, stack.node)
    client.sign_in(("read", "jobs", "bids", "printers", "evidence"))
    return client


@pytest.fixture(scope="module")
def offered(market) -> dict:
    """A job of Ada's with Bo's bid."""
    job = market.post()
    return market.bid_of(job, "bo")


def test_a_design_is_fetched_by_nobody_before_the_award(market, charlie):
    with pytest.raises(Refused, match="design-not-granted"):
        charlie.download(f"designs/{market.design}/file")


def test_a_strangers_bids_are_not_shown(charlie, offered):
    with pytest.raises(Refused, match="not-found"):
        charlie.get(f"jobs/{offered['job']}/bids")


class Rogue:
    """Charlie with a registered printer: he may bid, so what is wrong with his bids is the bids."""

    def __init__(self, client: Designer, network: dict) -> None:
        self.client, self.network, self.key = client, network, cast.charlie()
        capability = Capability("FDM", (300_000,) * 3, (Material("PLA", ("black",)),), 400, 100, 300)
        address = address_of(self.key.address)
        profile = PrinterProfile(address, "charlie-1", capability_digest(capability), 0, int(time.time()))
        domain = infill_domain(network["chain_id"], network["escrow"])
        signature = self.key.unsafe_sign_hash(profile.digest(domain)).signature
        body = {
            "profile": profile.to_json(),
            "capability": capability.to_json(),
            "signature": hex_of(signature),
        }
        self.printer = digest_of(client.post("printers", **body)["digest"])

    def bid(self, offered: dict, *, chain: int | None = None, altered: dict | None = None, **changes) -> dict:
        own = {"provider": address_of(self.key.address), "printer": self.printer}
        bid = replace(Bid.from_json(offered["bid"]), **(own | changes))
        domain = escrow_domain(chain or self.network["chain_id"], self.network["escrow"])
        signature = self.key.unsafe_sign_hash(bid.digest(domain)).signature
        sent = replace(bid, **(altered or {}))
        return {"bid": sent.to_json(), "signature": hex_of(signature), "signer": self.key.address}


@pytest.fixture(scope="module")
def rogue(charlie, market) -> Rogue:
    return Rogue(charlie, market.network)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"altered": {"unit_price": 1}}, "bid-wrong-signer"),
        ({"valid_until": 1_700_000_000}, "bid-expired"),
        (
            {"designer": address_of(cast.eve().address), "arbiter": address_of("0x" + "11" * 20)},
            "bid-other-designer",
        ),
        ({"job_digest": keccak(b"another job")}, "bid-wrong-job"),
        ({"chain": 1}, "bid-foreign-chain"),
        ({"grace_time": 2**32 - 1}, "bid-terms"),
        ({"printer": keccak(b"no printer")}, "bid-unknown-printer"),
    ],
    ids=[
        "altered",
        "expired",
        "other designer",
        "other job",
        "foreign chain",
        "insane terms",
        "no such printer",
    ],
)
def test_a_bid_that_cannot_bind_is_refused(rogue, offered, wrong, code):
    with pytest.raises(Refused, match=code):
        rogue.client.post(f"jobs/{offered['job']}/bids", **rogue.bid(offered, **wrong))


def test_somebody_elses_bid_cannot_be_sent_as_ones_own(rogue, offered):
    body = {"bid": offered["bid"], "signature": offered["signature"], "signer": rogue.key.address}
    with pytest.raises(Refused, match="bid-wrong-signer"):
        rogue.client.post(f"jobs/{offered['job']}/bids", **body)


def test_an_awarded_bid_cannot_be_awarded_or_sent_again(market, rogue):
    job = market.post()
    rogue.client.post(f"jobs/{job}/bids", **(body := rogue.bid(market.bid_of(job, "bo"))))
    won = next(b for b in market.ada.get(f"jobs/{job}/bids") if b["provider"] == rogue.key.address)
    transaction = market.ada.post(f"bids/{won['id']}/award")["transaction"]
    market.ada.send(transaction)
    with pytest.raises(NodeError, match="reverted"):
        market.ada.send(transaction)
    eventually(lambda: market.ada.get(f"jobs/{job}")["status"] == "AWARDED", seconds=30)
    other = market.post()
    with pytest.raises(Refused, match=r"bid-(replayed|wrong-job)"):
        rogue.client.post(f"jobs/{other}/bids", **body)


@pytest.mark.parametrize("wrong", [-1, 1])
def test_an_award_with_the_wrong_value_is_reverted(market, offered, wrong):
    transaction = market.ada.post(f"bids/{offered['id']}/award")["transaction"]
    with pytest.raises(NodeError, match="reverted"):
        market.ada.send({**transaction, "value": str(int(transaction["value"]) + wrong)})
    assert market.ada.get(f"jobs/{offered['job']}")["status"] == "OPEN"


def test_a_stranger_cannot_have_the_award_prepared(charlie, offered):
    with pytest.raises(Refused) as refusal:
        charlie.post(f"bids/{offered['id']}/award")
    assert refusal.value.status in (403, 404)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"\x00" * 80 + (12).to_bytes(4, "little") + b"\x00" * 50, "cut off|truncated|shorter|hold"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "web page"),
        (b"\x00" * 80 + (2**32 - 1).to_bytes(4, "little") + b"\x00" * 50, "facets|triangles|hold"),
        (
            b"solid x\nfacet normal 0 0 1\nouter loop\nvertex nan 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid x\n",
            "NaN|number|finite",
        ),
    ],
    ids=["empty", "truncated", "HTML", "4 billion facets", "NaN"],
)
def test_a_file_that_is_no_model_is_refused_with_a_reason_and_the_site_goes_on(
    market, tmp_path, content, word
):
    path = tmp_path / "part.stl"
    path.write_bytes(content)
    assert re.search(word, _reasons(market, path), re.IGNORECASE)
    assert market.ada.get("healthz")["database"]


def _reasons(market, path) -> str:
    """Why the marketplace refused a file, at the door or after measuring it."""
    try:
        design = market.ada.upload(path)["id"]
    except Refused as refusal:
        return str(refusal)

    def refused() -> str:
        found = market.ada.get(f"designs/{design}")
        return str(found["reasons"]) if found["status"] == "REFUSED" else ""

    return eventually(refused, seconds=60)
