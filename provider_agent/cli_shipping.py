"""infill-agent measured, packed, shipped: what only a person knows of a making, as evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from protocol.evidence import Kind
from protocol.units import Digest, hex_of
from provider_agent.camera import picture_facts, suffix_of
from provider_agent.cli_spools import GramsType
from provider_agent.config import config_load
from provider_agent.errors import CameraFailed, StatementRefused
from provider_agent.files import file_write
from provider_agent.journal.bids import BidRow, bid_get
from provider_agent.journal.makings import Making, making_named
from provider_agent.journal.records import records_all
from provider_agent.journal.restored import is_behind
from provider_agent.journal.statements import statement_add, statement_id, statements_waiting
from provider_agent.journal.store import Journal, journal_open, journal_read
from provider_agent.making.context import making_folder
from provider_agent.options import SizeType
from provider_agent.stating import is_repeated, part_named, statement_check
from provider_agent.stating import measured as measured_said
from provider_agent.stating import packed as packed_said
from provider_agent.stating import shipped as shipped_said
from provider_agent.supervisor import JOURNAL

PHOTO_BYTES: Final = 10_000_000
Tell = Callable[[Making, BidRow], dict[str, Any]]
PHOTO = click.option(
    "--photo",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="a JPEG or PNG; its digest goes on record",
)
WEIGHT = click.option("--weight-grams", "weight_mg", type=GramsType(), help="like 41.5")


@click.command()
@click.argument("agreement")
@click.argument("part")
@click.option("--size", "size_um", type=SizeType(), help="in millimetres, like 20.02x19.98x10.05")
@WEIGHT
@click.option("--copy", type=int, help="which copy of the part, from 1 on")
@click.pass_obj
def measured(home: Path, /, agreement: str, part: str, **facts: Any) -> None:
    """Record what you measured of PART, by its name or number, of AGREEMENT."""

    def tell(making: Making, row: BidRow) -> dict[str, Any]:
        parts = row.spec.parts
        return measured_said(parts, part_named(parts, part), making.units, **facts)

    _say(home, agreement, Kind.MEASURED, tell)


@click.command()
@click.argument("agreement")
@WEIGHT
@PHOTO
@click.pass_obj
def packed(home: Path, agreement: str, weight_mg: int | None, photo: Path | None) -> None:
    """Record that AGREEMENT is packed."""
    _say(home, agreement, Kind.PACKED, lambda *_: packed_said(weight_mg=weight_mg), photo)


@click.command()
@click.argument("agreement")
@click.option("--carrier", required=True, help='who carries it; "collected" where it is fetched')
@click.option("--tracking", required=True, help='the carrier\'s number for it; "none" where there is none')
@PHOTO
@click.pass_obj
def shipped(home: Path, agreement: str, carrier: str, tracking: str, photo: Path | None) -> None:
    """Record that AGREEMENT is on its way. Said again, the newest word counts."""
    _say(home, agreement, Kind.SHIPPED, lambda *_: shipped_said(carrier=carrier, tracking=tracking), photo)


def _say(home: Path, name: str, kind: Kind, tell: Tell, photo: Path | None = None) -> None:
    """Journal a statement; the running agent signs it, so that there is one writer of each log."""
    config_load(home)
    picture = None if photo is None else _picture(photo)
    journal_read(home / JOURNAL).close()
    journal = journal_open(home / JOURNAL)
    try:
        if is_behind(journal):
            raise StatementRefused("this journal is restored and has not caught up: `infill-agent run` first")
        # The status cannot change while this holds: files of a making that is over would stay for ever.
        with journal.atomic():
            making = making_named(journal, name)
            row = bid_get(journal, making.agreement)
            statement_check(kind, making.status, row.serial)
            said = {**tell(making, row), **({} if picture is None else picture_facts(picture))}
            new = not is_repeated(said, _newest(journal, making.agreement, kind))
            if new:
                identity = statement_id()
                if picture is not None:
                    file_write(
                        making_folder(home, making.agreement) / f"{kind}-{identity}{suffix_of(picture)}",
                        picture,
                    )
                statement_add(journal, identity, making.agreement, kind, said)
    finally:
        journal.close()
    short = hex_of(making.agreement)[:10]
    if not new:
        click.echo(f"{short}: that is recorded already")
        return
    click.echo(f"{short}: {kind}: recorded; the agent signs and sends it as soon as it runs")


def _newest(journal: Journal, agreement: Digest, kind: Kind) -> dict[str, Any] | None:
    """What was said last of this kind, signed or not."""
    signed = [one.payload for one in records_all(journal, agreement) if one.record.kind == kind]
    waiting = [
        one.payload for one in statements_waiting(journal) if (one.agreement, one.kind) == (agreement, kind)
    ]
    return next(reversed([*signed, *waiting]), None)


def _picture(path: Path) -> bytes:
    """What is in a photo's file, of a kind that is taken. Raises StatementRefused."""
    if path.stat().st_size > PHOTO_BYTES:
        raise StatementRefused(f"{path} has more than {PHOTO_BYTES / 1e6:.0f} MB: make it smaller")
    picture = path.read_bytes()
    try:
        suffix_of(picture)
    except CameraFailed as error:
        raise StatementRefused(f"{path} is neither a JPEG nor a PNG") from error
    return picture
