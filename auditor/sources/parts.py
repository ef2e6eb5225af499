"""What the files of a bundle say, as plain values."""

from dataclasses import dataclass
from typing import Any

from auditor.findings import Finding
from auditor.records import AnchorLeaf, Book, Profile, RawLog, Receipt, SignedRecord, Terms
from protocol.units import Address, Digest


@dataclass(frozen=True)
class Manifest:
    """What the bundle says of itself."""

    version: int
    chain_id: int
    escrow: Address
    agreement: Digest
    created_at: int
    files: dict[str, Digest]


@dataclass(frozen=True)
class Settings:
    """How a part is to be printed."""

    material: str
    colour: str
    layer_um: int
    infill_percent: int


@dataclass(frozen=True)
class Model:
    """A part's design file by its salted digest; `size` in bytes, `copies` in one unit. `settings` is None,
    `size_um` empty and `volume_mm3` 0 where the spec does not say them for each part."""

    digest: Digest
    size: int
    copies: int
    name: str = ""
    settings: Settings | None = None
    size_um: tuple[int, ...] = ()
    volume_mm3: int = 0


@dataclass(frozen=True)
class Job:
    """The job's spec as it stands, the members the auditor judges, and its salt."""

    spec: dict[str, Any]
    salt: Digest
    designer: Address
    quantity: int
    models: tuple[Model, ...]


@dataclass(frozen=True)
class SignedBid:
    """The bid with its signature."""

    terms: Terms
    signature: bytes
    signer: Address


@dataclass(frozen=True)
class Award:
    """Where and with what the bid was awarded, by the bundle's account."""

    transaction: Digest
    block: int
    block_digest: Digest
    units: int
    standby: Digest
    book: Digest


@dataclass(frozen=True)
class NamedLog:
    """A log and the name the bundle gives it."""

    name: str
    log: RawLog


@dataclass(frozen=True)
class SignedProfile:
    """The printer's profile, what it can do, and the provider's signature."""

    profile: Profile
    capability: Any
    signature: bytes


@dataclass(frozen=True)
class SignedReceipt:
    """An operator's receipt with its signature."""

    receipt: Receipt
    signature: bytes


@dataclass(frozen=True)
class SignedBook:
    """A bid book, its signature, who is said to have made it, its leaves' digests, and the bid's receipt."""

    book: Book
    signature: bytes
    operator: Address
    leaves: tuple[Digest, ...]
    receipt: SignedReceipt


@dataclass(frozen=True)
class Root:
    """A root, who is said to have anchored it, and when."""

    root: Digest
    publisher: Address
    anchored_at: int


@dataclass(frozen=True)
class AnchorProof:
    """The path from a leaf to a root."""

    leaf: AnchorLeaf
    path: tuple[Digest, ...]
    root: Digest


@dataclass(frozen=True)
class Anchors:
    """The contract that is said to hold the roots, the roots, and the proofs under them."""

    contract: Address
    roots: tuple[Root, ...]
    proofs: tuple[AnchorProof, ...]


@dataclass(frozen=True)
class Bundle:
    """A bundle's parts; None where a file is missing or malformed, which `findings` says."""

    files: dict[str, bytes]
    findings: tuple[Finding, ...]
    manifest: Manifest | None
    job: Job | None
    bid: SignedBid | None
    award: Award | None
    logs: tuple[NamedLog, ...] | None
    provider_log: tuple[SignedRecord, ...] | None
    designer_log: tuple[SignedRecord, ...] | None
    profile: SignedProfile | None
    salts: dict[Digest, Digest] | None
    book: SignedBook | None
    anchors: Anchors | None

    def has(self, name: str) -> bool:
        """Whether it has a file of this name, readable or not."""
        unreadable = {finding.place for finding in self.findings}
        return name in self.files or name in unreadable
