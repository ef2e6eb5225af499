"""A provider without an agent: bids with terms of its own choice and delivers when told, by its own signatures."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from typing import Any

from eth_account.signers.local import LocalAccount

from contracts.views import Accounts
from demo.designer import Designer
from demo.node import Node
from protocol.capability import Capability, Material
from protocol.profiles import PrinterProfile, capability_digest
from protocol.terms import Bid
from protocol.typed import Domain, TypedStruct, escrow_domain, infill_domain
from protocol.units import ZERO_ADDRESS, address_of, bytes_of, digest_of, hex_of

SERIAL = "made-by-hand"
CAPABILITY = Capability("FDM", (300_000,) * 3, (Material("PLA", ("black",)),), 400, 100, 300)


class HandProvider:
    """Registered on construction, with one printer."""

    def __init__(self, client: Designer, network: dict[str, Any], node: Node) -> None:
        self._client, self._key, self._node = client, client.key, node
        self._domains = [
            make(network["chain_id"], network["escrow"]) for make in (escrow_domain, infill_domain)
        ]
        profile = PrinterProfile(
            address_of(self._key.address),
            SERIAL,
            capability_digest(CAPABILITY),
            time.time_ns() // 10**6,
            int(time.time()),
        )
        body = {"profile": profile.to_json(), "capability": CAPABILITY.to_json()}
        answer = client.post("printers", **body, signature=self._signature(profile, self._domains[1]))
        self._printer = digest_of(answer["digest"])

    def bid(self, other: dict[str, Any], *, key: LocalAccount | None = None, **terms: Any) -> str:
        """Bid on the job of another's bid, with its terms but for these, by one's own or a hot key; its id."""
        signer = key or self._key
        own = {
            "provider": address_of(self._key.address),
            "printer": self._printer,
            "salt": secrets.randbits(128),
            "epoch": self._epoch(),
        }
        bid = replace(Bid.from_json(other["bid"]), **own, **terms)
        signature = hex_of(signer.unsafe_sign_hash(bid.digest(self._domains[0])).signature)
        sent = {"bid": bid.to_json(), "signature": signature, "signer": signer.address}
        return self._client.post(f"jobs/{other['job']}/bids", **sent)["id"]

    def deliver(self, agreement: str) -> None:
        """State the delivery on chain."""
        head = hex_of(secrets.token_bytes(32))
        self._client.send(self._client.post(f"agreements/{agreement}/deliver", head=head)["transaction"])

    def _epoch(self) -> int:
        view = Accounts(ZERO_ADDRESS, address_of(self._key.address))
        call = {"to": self._domains[0].contract, "data": hex_of(view.data)}
        return view.answer(bytes_of(self._node.rpc("eth_call", call, "latest"))).epoch

    def _signature(self, struct: TypedStruct, domain: Domain) -> str:
        return hex_of(self._key.unsafe_sign_hash(struct.digest(domain)).signature)
