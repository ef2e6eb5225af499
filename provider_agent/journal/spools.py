"""Spools: what is left on each, what is promised of it, what prints took off it. Weights in milligrams."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from math import ceil

from protocol.units import Digest, Wei, hex_of
from provider_agent.errors import NoStock
from provider_agent.journal.attempts import Attempt
from provider_agent.journal.store import Journal
from provider_agent.pricing import Use
from provider_agent.stock import Spool

_SPOOLS = (
    "SELECT spools.*, (SELECT coalesce(sum(milligrams), 0) FROM stock"
    " WHERE stock.spool = spools.id AND freed_at IS NULL) AS held FROM spools"
)


def spool_add(
    journal: Journal,
    identity: str,
    *,
    material: str,
    colour: str,
    lot: str,
    left_mg: int,
    gram_wei: Wei | None = None,
) -> None:
    """A new spool on the shelf. Raises NoStock where the id is used."""
    try:
        journal.insert(
            "spools",
            id=identity,
            material=material,
            colour=colour,
            lot=lot,
            left_mg=left_mg,
            gram_wei=None if gram_wei is None else str(gram_wei),
            added_at=int(time.time()),
        )
    except sqlite3.IntegrityError as error:
        raise NoStock(f"there is a spool {identity!r} already: give this one another id") from error


def spool_find(journal: Journal, identity: str) -> Spool:
    """A spool, empty or not. Raises NoStock where there is none of this id."""
    found = journal.row(f"{_SPOOLS} WHERE id = ?", identity)
    if found is None:
        known = ", ".join(spool.id for spool in spools(journal)) or "none"
        raise NoStock(f"there is no spool {identity!r}; those in stock: {known}")
    return _spool(found)


def spools(journal: Journal) -> list[Spool]:
    """Those that are not empty, by id."""
    return [_spool(row) for row in journal.rows(f"{_SPOOLS} WHERE emptied_at IS NULL ORDER BY id")]


def stock_kept(journal: Journal) -> bool:
    """Whether this provider keeps spools, be they all empty; else its stock is not limited."""
    return journal.row("SELECT 1 FROM spools") is not None


def spool_load(journal: Journal, identity: str, printer: str, *, alone: bool) -> None:
    """Put a spool on a printer, `alone` where it holds one: the one before is put off. Raises NoStock."""
    with journal.atomic():
        spool_find(journal, identity)
        if alone:
            journal.write("UPDATE spools SET printer = '' WHERE printer = ?", printer)
        journal.write("UPDATE spools SET printer = ?, emptied_at = NULL WHERE id = ?", printer, identity)


def spool_weigh(journal: Journal, identity: str, left_mg: int) -> None:
    """What is left on a spool, by a person's word; nothing takes it out of stock. Raises NoStock."""
    with journal.atomic():
        spool_find(journal, identity)
        journal.write(
            "UPDATE spools SET left_mg = ?, emptied_at = ?, printer = iif(? = 0, '', printer) WHERE id = ?",
            left_mg,
            None if left_mg else int(time.time()),
            left_mg,
            identity,
        )


def spool_remove(journal: Journal, identity: str) -> None:
    """Forget a spool that was added by mistake. Raises NoStock where a bid or a print knows it."""
    spool_find(journal, identity)
    try:
        journal.write("DELETE FROM spools WHERE id = ?", identity)
    except sqlite3.IntegrityError as error:
        raise NoStock(f"bids or prints were made of spool {identity!r}: say that it is empty") from error


def stock_reserve(journal: Journal, agreement: Digest, uses: Sequence[Use]) -> None:
    """Promise what a bid takes off each spool. Raises NoStock where somebody took it meanwhile."""
    with journal.atomic():
        for use in uses:
            if not use.spool:
                continue
            spool = spool_find(journal, use.spool)
            if spool.free_mg < use.milligrams:
                raise NoStock(f"Spool {spool.id} has {spool.free_mg / 1000:.1f} g free by now.")
            journal.insert("stock", agreement=hex_of(agreement), spool=spool.id, milligrams=use.milligrams)


def stock_again(journal: Journal, agreement: Digest) -> None:
    """Promise once more what was given back: a bid that seemed lost was won."""
    journal.write("UPDATE stock SET freed_at = NULL WHERE agreement = ?", hex_of(agreement))


def stock_of(journal: Journal, agreement: Digest) -> dict[str, int]:
    """What is still promised to an agreement, by spool."""
    rows = journal.rows(
        "SELECT spool, milligrams FROM stock WHERE agreement = ? AND freed_at IS NULL", hex_of(agreement)
    )
    return {row["spool"]: row["milligrams"] for row in rows}


def spool_choose(
    journal: Journal, attempt: Attempt, *, material: str, colour: str, milligrams: int
) -> Spool | None:
    """The spool that an attempt prints off, the same whenever asked: one on its printer, one promised to its
    agreement, with enough on it, in this order; None where none suits."""
    found = journal.row("SELECT spool FROM spool_uses WHERE attempt = ?", attempt.id)
    if found is not None:
        return spool_find(journal, found["spool"])
    promised = stock_of(journal, attempt.agreement)
    suiting = [
        spool
        for spool in spools(journal)
        if spool.suits(material, colour) and spool.printer in ("", attempt.serial)
        if spool.printer or spool.id in promised
    ]
    best = max(
        suiting,
        key=lambda one: (bool(one.printer), one.id in promised, one.left_mg >= milligrams, one.id),
        default=None,
    )
    if best is not None:
        journal.insert("spool_uses", attempt=attempt.id, spool=best.id, planned_mg=milligrams)
    return best


def spool_use(journal: Journal, attempt: Attempt, share: float) -> None:
    """Take what an attempt used, a share of what was planned, off its spool and off what is promised to its
    agreement; once."""
    with journal.atomic():
        found = journal.row(
            "SELECT spool, planned_mg FROM spool_uses WHERE attempt = ? AND used_mg IS NULL", attempt.id
        )
        if found is None:
            return
        used, spool = ceil(found["planned_mg"] * min(max(share, 0.0), 1.0)), found["spool"]
        journal.write("UPDATE spool_uses SET used_mg = ? WHERE attempt = ?", used, attempt.id)
        journal.write("UPDATE spools SET left_mg = max(0, left_mg - ?) WHERE id = ?", used, spool)
        journal.write(
            "UPDATE stock SET milligrams = max(0, milligrams - ?) WHERE agreement = ? AND spool = ?",
            used,
            hex_of(attempt.agreement),
            spool,
        )


def _spool(row: sqlite3.Row) -> Spool:
    return Spool(
        id=row["id"],
        material=row["material"],
        colour=row["colour"],
        lot=row["lot"],
        left_mg=row["left_mg"],
        held_mg=row["held"],
        gram_wei=None if row["gram_wei"] is None else Wei(int(row["gram_wei"])),
        printer=row["printer"],
    )
