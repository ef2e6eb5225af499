"""The bundle's files as values. What cannot be read is a finding, and None in its place."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from auditor.findings import Finding
from auditor.ids import BID_TYPE, EVIDENCE_TYPE, PROFILE_TYPE
from auditor.records import Profile, RawLog, Record, SignedRecord, Terms
from auditor.sources.anchors import anchors_of, book_of
from auditor.sources.container import Container, container_read
from auditor.sources.parts import (
    Award,
    Bundle,
    Job,
    Manifest,
    Model,
    NamedLog,
    Settings,
    SignedBid,
    SignedProfile,
)
from auditor.structs import (
    address_at,
    digest_at,
    hex_bytes,
    list_of,
    mapping_of,
    number_of,
    object_of,
    signed_members,
    text_of,
    time_at,
)
from protocol.canonical import parse_canonical
from protocol.errors import InfillError
from protocol.units import Digest

Part = TypeVar("Part")


def bundle_read(path: Path) -> Bundle:
    """Read a bundle file. Raises CannotTell where it is no readable zip."""
    return bundle_of(container_read(path))


def bundle_of(container: Container) -> Bundle:
    """The parts of an opened bundle."""
    findings = list(container.findings)

    def part(name: str, reader: Callable[[Any, str], Part]) -> Part | None:
        if name not in container.files:
            return None
        try:
            return reader(parse_canonical(container.files[name]), name)
        except InfillError as error:
            findings.append(Finding("bundle-file-malformed", name, str(error)))
            return None

    parts = {
        "manifest": part("manifest.json", _manifest),
        "job": part("job.json", _job),
        "bid": part("bid.json", _bid),
        "award": part("award.json", _award),
        "logs": part("logs.json", _logs),
        "provider_log": part("evidence/provider.json", _evidence),
        "designer_log": part("evidence/designer.json", _evidence),
        "profile": part("profile.json", _profile),
        "salts": part("models.json", _salts),
        "book": part("book.json", book_of),
        "anchors": part("anchors.json", anchors_of),
    }
    return Bundle(files=container.files, findings=tuple(findings), **parts)  # type: ignore[arg-type]


def _manifest(data: Any, place: str) -> Manifest:
    names = ("version", "chain_id", "escrow", "agreement", "created_at", "files")
    entry = object_of(data, names, place)
    files = mapping_of(entry["files"], f"{place} files")
    return Manifest(
        version=number_of(entry["version"], f"{place} version"),
        chain_id=number_of(entry["chain_id"], f"{place} chain_id"),
        escrow=address_at(entry["escrow"], f"{place} escrow"),
        agreement=digest_at(entry["agreement"], f"{place} agreement"),
        created_at=time_at(entry["created_at"], f"{place} created_at"),
        files={name: digest_at(digest, f"{place} files {name}") for name, digest in files.items()},
    )


def _job(data: Any, place: str) -> Job:
    entry = object_of(data, ("spec", "salt"), place)
    spec = mapping_of(entry["spec"], f"{place} spec")
    return Job(
        spec=spec,
        salt=digest_at(entry["salt"], f"{place} salt"),
        designer=address_at(spec.get("designer"), f"{place} spec designer"),
        quantity=number_of(spec.get("quantity"), f"{place} spec quantity"),
        models=tuple(_models(list_of(spec.get("parts"), f"{place} spec parts"), f"{place} spec parts")),
    )


def _models(parts: list[Any], place: str) -> Iterator[Model]:
    for number, part in enumerate(parts):
        here = f"{place} {number}"
        entry = mapping_of(part, here)
        yield Model(
            digest=digest_at(entry.get("model"), f"{here} model"),
            size=number_of(entry.get("bytes"), f"{here} bytes"),
            copies=number_of(entry.get("copies"), f"{here} copies"),
            name=str(entry.get("name", "")),
            settings=_settings(entry, here),
            size_um=_size(entry, here),
            volume_mm3=number_of(entry.get("volume_mm3", 0), f"{here} volume_mm3"),
        )


def _settings(entry: dict[str, Any], place: str) -> Settings | None:
    """Of a spec that says them for each part."""
    if "layer_um" not in entry:
        return None
    return Settings(
        material=text_of(entry.get("material"), f"{place} material"),
        colour=text_of(entry.get("colour"), f"{place} colour"),
        layer_um=number_of(entry["layer_um"], f"{place} layer_um"),
        infill_percent=number_of(entry.get("infill_percent"), f"{place} infill_percent"),
    )


def _size(entry: dict[str, Any], place: str) -> tuple[int, ...]:
    sides = list_of(entry.get("size_um", []), f"{place} size_um")
    return tuple(number_of(side, f"{place} size_um") for side in sides)


def _bid(data: Any, place: str) -> SignedBid:
    entry = object_of(data, ("bid", "signature", "signer"), place)
    return SignedBid(
        terms=Terms(*signed_members(entry["bid"], BID_TYPE, f"{place} bid")),
        signature=hex_bytes(entry["signature"], f"{place} signature"),
        signer=address_at(entry["signer"], f"{place} signer"),
    )


def _award(data: Any, place: str) -> Award:
    names = ("transaction", "block", "block_digest", "units", "standby", "book")
    entry = object_of(data, names, place)
    return Award(
        transaction=digest_at(entry["transaction"], f"{place} transaction"),
        block=number_of(entry["block"], f"{place} block"),
        block_digest=digest_at(entry["block_digest"], f"{place} block_digest"),
        units=number_of(entry["units"], f"{place} units"),
        standby=digest_at(entry["standby"], f"{place} standby"),
        book=digest_at(entry["book"], f"{place} book"),
    )


_LOG_NAMES = (
    "name",
    "block",
    "block_digest",
    "transaction",
    "log_index",
    "address",
    "topics",
    "data",
    "time",
)


def _logs(data: Any, place: str) -> tuple[NamedLog, ...]:
    return tuple(_log(entry, f"{place} log {number}") for number, entry in enumerate(list_of(data, place)))


def _log(data: Any, place: str) -> NamedLog:
    entry = object_of(data, _LOG_NAMES, place)
    topics = list_of(entry["topics"], f"{place} topics")
    log = RawLog(
        address=address_at(entry["address"], f"{place} address"),
        topics=tuple(digest_at(topic, f"{place} topics") for topic in topics),
        data=hex_bytes(entry["data"], f"{place} data"),
        block=number_of(entry["block"], f"{place} block"),
        block_digest=digest_at(entry["block_digest"], f"{place} block_digest"),
        transaction=digest_at(entry["transaction"], f"{place} transaction"),
        log_index=number_of(entry["log_index"], f"{place} log_index"),
        time=time_at(entry["time"], f"{place} time"),
    )
    return NamedLog(text_of(entry["name"], f"{place} name"), log)


def _evidence(data: Any, place: str) -> tuple[SignedRecord, ...]:
    return tuple(_signed(entry, f"{place} record {n}") for n, entry in enumerate(list_of(data, place)))


def _signed(data: Any, place: str) -> SignedRecord:
    entry = object_of(data, ("record", "payload", "signature"), place)
    return SignedRecord(
        record=Record(*signed_members(entry["record"], EVIDENCE_TYPE, f"{place} record")),
        payload=mapping_of(entry["payload"], f"{place} payload"),
        signature=hex_bytes(entry["signature"], f"{place} signature"),
    )


def _profile(data: Any, place: str) -> SignedProfile:
    entry = object_of(data, ("profile", "capability", "signature"), place)
    return SignedProfile(
        profile=Profile(*signed_members(entry["profile"], PROFILE_TYPE, f"{place} profile")),
        capability=entry["capability"],
        signature=hex_bytes(entry["signature"], f"{place} signature"),
    )


def _salts(data: Any, place: str) -> dict[Digest, Digest]:
    salts: dict[Digest, Digest] = {}
    for number, item in enumerate(list_of(data, place)):
        here = f"{place} model {number}"
        entry = object_of(item, ("model", "salt"), here)
        salts[digest_at(entry["model"], f"{here} model")] = digest_at(entry["salt"], f"{here} salt")
    return salts
