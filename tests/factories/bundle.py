"""A real agreement on a real chain, and its bundle, made with `protocol` and never with the auditor."""

import io
import json
import zipfile
from dataclasses import dataclass, field, replace
from typing import Any

from eth_account.signers.local import LocalAccount

from contracts.artifacts import Deployment, abi
from protocol.canonical import canonical_bytes, json_digest, keccak, salted_digest
from protocol.capability import Capability, Material
from protocol.evidence import Evidence, Kind, SignedEvidence, head_of, payload_digest
from protocol.jobspec import JobSpec, Part, job_digest
from protocol.profiles import PrinterProfile, capability_digest
from protocol.recipients import Recipient
from protocol.terms import Bid, agreement_id
from protocol.typed import Domain, TypedStruct, escrow_domain, infill_domain
from protocol.units import ZERO_ADDRESS, ZERO_DIGEST, Digest, address_of, hex_of, time_of
from tests.anvil import Anvil

MODEL = b"solid bracket\n" * 40
MODEL_SALT, JOB_SALT = b"\x11" * 32, b"\x22" * 32
DEPOSIT = 10**18
GCODE = b"\x33" * 32


RECIPIENT = "age1lj6wjfa3dkpswyj60ga0skz73apdha3svz95jpzaxh8udv0xg5gsul709z"


def sign(key: LocalAccount, struct: TypedStruct, domain: Domain) -> bytes:
    return bytes(key.unsafe_sign_hash(struct.digest(domain)).signature)


@dataclass
class Scene:
    """The chain, the parties and what they have done so far about one agreement."""

    anvil: Anvil
    deployment: Deployment
    ada: LocalAccount
    bo: LocalAccount
    eve: LocalAccount
    bid: Bid = field(init=False)
    units: int = 2
    signer: LocalAccount = field(init=False)
    provider_log: list[SignedEvidence] = field(default_factory=list)
    designer_log: list[SignedEvidence] = field(default_factory=list)
    book: dict[str, Any] | None = None
    anchors: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        self.escrow = address_of(self.deployment.escrow)
        self.domain = escrow_domain(self.anvil.chain_id, self.escrow)
        self.infill = infill_domain(self.anvil.chain_id, self.escrow)
        self.contract = self.anvil.web3.eth.contract(address=self.deployment.escrow, abi=abi("PrintEscrow"))
        self.spec, self.capability = spec(self.ada), capability()
        self.signer = self.bo
        self.profile = PrinterProfile(
            address_of(self.bo.address), "MK4-0042", capability_digest(self.capability), 0, self.anvil.now()
        )
        self.bid = Bid(
            provider=address_of(self.bo.address),
            designer=address_of(self.ada.address),
            token=ZERO_ADDRESS,
            arbiter=address_of(self.eve.address),
            fee_to=address_of("0x" + "fe" * 20),
            job_digest=job_digest(self.spec, JOB_SALT),
            printer=self.profile.digest(self.infill),
            unit_price=3 * 10**15 + 7,
            bond=10**15 + 1,
            dispute_fee=0,
            min_units=1,
            max_units=5,
            valid_until=self.anvil.now() + 3600,
            make_time=7200,
            review_time=3600,
            arbiter_time=86400,
            grace_time=60,
            fallback_bps=5000,
            fee_bps=250,
            epoch=0,
            to_ledger=False,
            salt=0x5A17,
        )

    @property
    def agreement(self) -> Digest:
        return agreement_id(self.bid, self.domain)

    @property
    def price(self) -> int:
        return self.bid.unit_price * self.units

    def terms(self, **changes: Any) -> None:
        self.bid = replace(self.bid, **changes)

    def call(self, key: LocalAccount, name: str, *arguments: Any, value: int = 0) -> Any:
        data = self.contract.encode_abi(name, args=list(arguments))
        receipt = self.anvil.send(key, {"to": self.escrow, "data": data, "value": value})
        assert receipt["status"] == 1, f"{name} reverted"
        return receipt

    @property
    def native(self) -> bool:
        return self.bid.token == ZERO_ADDRESS

    def signed(self, key: LocalAccount, struct: TypedStruct) -> bytes:
        """What a key signs for the escrow."""
        return sign(key, struct, self.domain)

    @property
    def offer(self) -> list[Any]:
        """The bid, its signature and who signed it: how every award begins."""
        return [self.bid.as_tuple(), self.signed(self.signer, self.bid), self.signer.address]

    def deposit(self, key: LocalAccount, amount: int = DEPOSIT) -> None:
        value = amount if self.native else 0
        self.call(key, "deposit", self.bid.token, key.address, amount, value=value)

    def award(
        self, *, from_ledger: bool = False, standby: bytes = ZERO_DIGEST, book: bytes = ZERO_DIGEST
    ) -> None:
        self.deposit(self.bo)
        if from_ledger:
            self.deposit(self.ada, self.price)
        value = self.price if self.native and not from_ledger else 0
        self.call(self.ada, "award", *self.offer, self.units, standby, book, from_ledger, value=value)

    def record(
        self, key: LocalAccount, what: str, content: dict[str, Any] | None = None, /, **changes: Any
    ) -> SignedEvidence:
        """Append a signed record to the log of the key's party."""
        log = self.provider_log if key is self.bo else self.designer_log
        payload = {"salt": hex_of(bytes([len(log) + 1]) * 32), **(content or {})}
        record = Evidence(
            agreement=self.agreement,
            actor=address_of(key.address),
            seq=len(log),
            kind=what,
            payload=payload_digest(payload),
            previous=head_of(log[-1] if log else None, self.infill),
            observed_at=self.anvil.now(),
        )
        record = replace(record, **changes)
        log.append(SignedEvidence(record, payload, sign(key, record, self.infill)))
        return log[-1]

    def delivery(self, recipient: str, key: LocalAccount | None = None) -> dict[str, str]:
        """What the agent writes of a delivery; the statement is by the provider or another key."""
        statement = sign(key or self.bo, Recipient(self.agreement, recipient), self.infill)
        return {"recipient": recipient, "statement": hex_of(statement), "sealed": hex_of(keccak(b"sealed"))}

    def settings(self, part: int = 0, **others: Any) -> dict[str, Any]:
        """What the agent writes of slicing a part: as agreed, but for others."""
        wanted = self.spec.parts[part]
        said = {"material": wanted.material, "layer_um": wanted.layer_um} | others
        said = {"infill_percent": wanted.infill_percent} | said
        layers = wanted.size_um[2] // wanted.layer_um
        profile = hex_of(json_digest(said))
        return {"part": wanted.name, **said, "settings": said, "profile": profile, "layers": layers}

    def print(self, *, lacking: tuple[str, ...] = (), **changes: Any) -> None:
        """Record a whole print of every unit as an agent does, but for records that are lacking or payloads changed."""
        model, gcode = hex_of(self.spec.parts[0].model), hex_of(GCODE)
        terms = {"bid": hex_of(self.agreement), "job_digest": hex_of(self.bid.job_digest)}
        story = [
            (Kind.JOB_SPEC, {**terms, "printer": hex_of(self.bid.printer), "units": self.units}),
            (Kind.MODEL_RECEIVED, {"model": model, **self.delivery(RECIPIENT)}),
            (Kind.SLICED, {"model": model, "gcode": gcode, **self.settings()}),
        ]
        for copy in range(self.units):
            attempt = {
                "attempt": f"attempt-{copy}",
                "printer": self.profile.serial,
                "model": model,
                "gcode": gcode,
                "part": self.spec.parts[0].name,
                "filament": self.spec.parts[0].filament,
            }
            story += [(Kind.PRINT_STARTED, attempt), (Kind.PRINT_FINISHED, attempt)]
        for kind, payload in story:
            if kind not in lacking:
                self.record(self.bo, kind, {**payload, **changes.get(kind.replace(" ", "_"), {})})

    def deliver(self) -> None:
        head = head_of(self.provider_log[-1] if self.provider_log else None, self.infill)
        self.call(self.bo, "deliver", self.bid.as_tuple(), head)

    def release(self, cumulative: int | None = None) -> None:
        self.call(self.ada, "release", self.bid.as_tuple(), self.price if cumulative is None else cumulative)

    def story(self) -> "Scene":
        """Award, print, deliver, a part payment, receipt, the rest; final."""
        self.award()
        self.print()
        self.deliver()
        self.release(self.bid.unit_price)
        self.record(self.ada, Kind.RECEIVED)
        self.release()
        self.anvil.finalise()
        return self

    def logs(self) -> list[dict[str, Any]]:
        """Every log of the agreement in chain order, as a bundle carries it."""
        eth, id_ = self.anvil.web3.eth, hex_of(self.agreement)
        used = hex_of(keccak(b"MandateUsed(bytes32,bytes32,uint32)"))
        found = []
        for topics in ([None, id_], [used, None, id_], [None, None, None, id_]):
            query = {"address": self.escrow, "fromBlock": 0, "toBlock": "latest", "topics": topics}
            found += eth.get_logs(query)
        found.sort(key=lambda log: (log["blockNumber"], log["logIndex"]))
        return [self._log(log) for log in found]

    def _log(self, log: Any) -> dict[str, Any]:
        names = {
            bytes(event().topic and bytes.fromhex(event().topic[2:])): event.event_name
            for event in self.contract.events
        }
        block = self.anvil.web3.eth.get_block(log["blockNumber"])
        return {
            "name": names[bytes(log["topics"][0])],
            "block": log["blockNumber"],
            "block_digest": hex_of(log["blockHash"]),
            "transaction": hex_of(log["transactionHash"]),
            "log_index": log["logIndex"],
            "address": log["address"],
            "topics": [hex_of(topic) for topic in log["topics"]],
            "data": hex_of(log["data"]),
            "time": time_of(block["timestamp"]).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    def parts(self) -> dict[str, Any]:
        """The bundle's files but the manifest, as JSON values."""
        logs = self.logs()
        award = next(log for log in logs if log["name"] == "Awarded")
        return {
            "job.json": {"spec": self.spec.to_json(), "salt": hex_of(JOB_SALT)},
            "bid.json": {
                "bid": self.bid.to_json(),
                "signature": hex_of(self.signed(self.signer, self.bid)),
                "signer": self.signer.address,
            },
            "award.json": {
                **{name: award[name] for name in ("transaction", "block", "block_digest")},
                "units": self.units,
                "standby": "0x" + award["data"][-128:-64],
                "book": "0x" + award["data"][-64:],
            },
            "logs.json": logs,
            "evidence/provider.json": [signed.to_json() for signed in self.provider_log],
            "evidence/designer.json": [signed.to_json() for signed in self.designer_log],
            "profile.json": {
                "profile": self.profile.to_json(),
                "capability": self.capability.to_json(),
                "signature": hex_of(sign(self.bo, self.profile, self.infill)),
            },
            "models.json": [{"model": hex_of(self.spec.parts[0].model), "salt": hex_of(MODEL_SALT)}],
            **({"book.json": self.book} if self.book else {}),
            **({"anchors.json": self.anchors} if self.anchors else {}),
        }

    def manifest(self, parts: dict[str, Any]) -> dict[str, Any]:
        records = [*self.provider_log, *self.designer_log]
        times = [log["time"] for log in parts["logs.json"]]
        times += [time_of(signed.record.observed_at).strftime("%Y-%m-%dT%H:%M:%SZ") for signed in records]
        return {
            "version": 1,
            "chain_id": self.anvil.chain_id,
            "escrow": self.escrow,
            "agreement": hex_of(self.agreement),
            "created_at": max(times),
            "files": {},
        }

    def files(self) -> dict[str, bytes]:
        parts = self.parts()
        return sealed(parts, self.manifest(parts))


def sealed(parts: dict[str, Any], manifest: dict[str, Any]) -> dict[str, bytes]:
    """A bundle's files in canonical form, with a manifest that fits them."""
    files = {name: canonical_bytes(value) for name, value in parts.items()}
    digests = {name: hex_of(keccak(data)) for name, data in files.items()}
    return {**files, "manifest.json": canonical_bytes({**manifest, "files": digests})}


def resealed(files: dict[str, bytes], **changes: Any) -> dict[str, bytes]:
    """The files with some values changed and the manifest made to fit: a forgery by who holds the bundle."""
    parts = {name: json.loads(data) for name, data in files.items()}
    manifest = parts.pop("manifest.json")
    return sealed({**parts, **changes}, manifest)


def zipped(files: dict[str, bytes]) -> bytes:
    """The bundle's one zip form."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr, entry.create_system = 0o644 << 16, 3
            archive.writestr(entry, files[name])
    return target.getvalue()


def spec(ada: LocalAccount) -> JobSpec:
    part = Part(
        "bracket", salted_digest(MODEL_SALT, MODEL), len(MODEL), 1, 1200, 900, (20_000, 20_000, 10_000), 12,
        "PLA", "black", 200, 20,
    )  # fmt: skip
    return JobSpec(
        title="A bracket",
        designer=address_of(ada.address),
        parts=(part,),
        tolerance="standard",
        quantity=2,
        deadline=2_000_000_000,
        sampling="each",
        photos=(),
        ship_to_zone="DE",
        licence="all rights reserved",
    )


def capability() -> Capability:
    return Capability("FDM", (250_000, 210_000, 220_000), (Material("PLA", ("black",)),), 400, 50, 300)
