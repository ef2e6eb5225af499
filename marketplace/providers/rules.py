"""What a printer's signed profile must be, and its capability as rows. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from marketplace.providers.errors import PrinterCapabilityDiffers, PrinterWrongSigner
from protocol.capability import Capability
from protocol.errors import Malformed
from protocol.profiles import PrinterProfile, capability_digest
from protocol.signatures import recover
from protocol.typed import Domain

NO_COLOUR = ""
MAX_TEXT = 40
MAX_SERIAL = 100
MAX_STOCK = 500
MAX_SEQ = 2**53


class TimedPrint(NamedTuple):
    """A finished print that tells how long a printer takes: the columns of FinishedPrint."""

    agreement: str
    model: str
    copy: int
    provider_id: str
    serial: str
    record: str
    expected_s: float
    taken_s: float
    finished_at: datetime

    @property
    def printer(self) -> tuple[str, str]:
        """Its provider and serial."""
        return self.provider_id, self.serial


def profile_check(
    profile: PrinterProfile, *, capability: Capability, signature: bytes, person: str, domain: Domain
) -> None:
    """Raises PrinterWrongSigner, PrinterCapabilityDiffers, Malformed, SignatureInvalid."""
    signer = recover(profile.digest(domain), signature)
    if not signer == profile.provider == person:
        raise PrinterWrongSigner(
            f"The profile names {profile.provider}, you are signed in as {person}, and the signature is not "
            "both's: sign the exact profile you send, for this chain, with the key you signed in with."
        )
    if capability_digest(capability) != profile.capability:
        raise PrinterCapabilityDiffers(
            "The signed profile commits to another capability: digest the capability you send and sign again."
        )
    _size_check(profile, capability)


def _size_check(profile: PrinterProfile, capability: Capability) -> None:
    if not 0 < len(profile.serial) <= MAX_SERIAL or not profile.serial.isprintable():
        raise Malformed(f"expected 1 to {MAX_SERIAL} printable characters", "profile.serial")
    if profile.seq >= MAX_SEQ:
        raise Malformed(f"expected a number below {MAX_SEQ}", "profile.seq")
    stock = list(stock_of(capability))
    texts = {text for pair in stock for text in pair}
    if len(stock) > MAX_STOCK or not all(len(text) <= MAX_TEXT and text.isprintable() for text in texts):
        raise Malformed(
            f"expected at most {MAX_STOCK} colours, each name printable and at most {MAX_TEXT} characters",
            "capability.materials",
        )


def stock_of(capability: Capability) -> Iterator[tuple[str, str]]:
    """(kind, colour) pairs; a kind listed twice counts as first listed, one without colours has one empty."""
    kinds = {material.kind: material.colours for material in reversed(capability.materials)}
    for kind, colours in kinds.items():
        for colour in dict.fromkeys(colours) or (NO_COLOUR,):
            yield kind, colour
