"""Evidence that this key signed and the journal does not know, with the prints it tells of.

A log is continued only from its true end: a second record at one number would be a second log.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from protocol.errors import InfillError
from protocol.evidence import Kind, SignedEvidence, evidence_check
from protocol.jobspec import Part
from protocol.units import Digest, hex_of
from provider_agent.errors import NotCaughtUp
from provider_agent.journal.attempts import AttemptStatus
from provider_agent.journal.bids import bid_get
from provider_agent.journal.records import record_add, record_find, record_last, record_sent, records_all
from provider_agent.journal.sheets import places_of, sheet_drop, sheets_add, sheets_planned
from provider_agent.journal.statements import statement_key
from provider_agent.journal.store import Journal
from provider_agent.making.context import Context
from provider_agent.plates.plan import Sheet
from provider_agent.stating import SAID

ATTEMPT = re.compile(r"[0-9a-f]{16}-(\d{1,9})-(\d{1,9})")
STANDS = {
    Kind.PRINT_STARTED: AttemptStatus.STARTED,
    Kind.PRINT_FINISHED: AttemptStatus.FINISHED,
    Kind.PRINT_FAILED: AttemptStatus.FAILED,
}


async def evidence_adopt(context: Context, agreement: Digest) -> None:
    """Take up the marketplace's records behind our last. Raises NotCaughtUp where the two logs differ."""
    told = await context.marketplace.evidence_told(agreement)
    with context.journal.atomic():
        kept = records_all(context.journal, agreement)
        for ours, theirs in zip(kept, told, strict=False):
            if ours.record != theirs.record:
                raise NotCaughtUp(
                    f"{hex_of(agreement)}: evidence {ours.record.seq} is another one at the marketplace: two"
                    " agents of this key are running, or were; stop the other, and have the operator told"
                )
        for signed in told:
            if signed.record.seq >= len(kept):
                _record(context, agreement, signed)
            record_sent(context.journal, agreement, signed.record.seq)
        _sheets(context.journal, agreement)
        _attempts(context.journal, agreement, told[len(kept) :])


def _record(context: Context, agreement: Digest, signed: SignedEvidence) -> None:
    wallet = context.wallet
    try:
        evidence_check(
            signed,
            domain=context.chain.infill,
            agreement=agreement,
            actor=wallet.provider,
            previous=record_last(context.journal, agreement),
            hot_key=wallet.address,
        )
    except InfillError as error:
        raise NotCaughtUp(
            f"{hex_of(agreement)}: the marketplace shows evidence that is not ours: {error}"
        ) from error
    parts = bid_get(context.journal, agreement).spec.parts
    key = key_of(signed, records_all(context.journal, agreement), parts)
    if record_find(context.journal, agreement, key) is not None:
        # Older agents began to count stills anew after a restore.
        key = f"{signed.record.kind}:{signed.record.seq}"
    record_add(context.journal, key, signed)


def key_of(signed: SignedEvidence, before: Sequence[SignedEvidence], parts: Sequence[Part]) -> str:
    """The key that the step which wrote a record gave it, so that the step writes no second one."""
    kind, payload = Kind(signed.record.kind), signed.payload
    alike = Counter(one.record.kind for one in before)[kind]
    attempt = str(payload.get("attempt"))
    keys = {
        Kind.JOB_SPEC: "job spec",
        Kind.MODEL_RECEIVED: f"model received:{_place(payload.get('name'), parts, alike)}",
        Kind.SLICED: f"sliced:{payload.get('sheet', _place(payload.get('part'), parts, alike))}",
        Kind.PRINT_STARTED: f"started:{attempt}",
        Kind.PRINT_FINISHED: f"finished:{attempt}",
        Kind.PRINT_FAILED: f"failed:{attempt}",
        Kind.TELEMETRY: f"telemetry:{attempt}:{payload.get('segment')}",
        Kind.PHOTO: f"photo:{attempt}:{payload.get('number')}",
        Kind.PAUSED: f"paused:{attempt}:{_pauses(before, attempt)}",
    }
    if kind in SAID and "statement" in payload:
        return statement_key(kind, payload)
    return keys.get(kind, f"{kind}:{signed.record.seq}")


def _place(name: object, parts: Sequence[Part], alike: int) -> int:
    """Which part: models are recorded in the parts' order, each once; so were slices that name no sheet."""
    return alike if alike < len(parts) and parts[alike].name == name else -1 - alike


def _pauses(before: Sequence[SignedEvidence], attempt: str) -> int:
    return sum(one.record.kind == Kind.PAUSED and one.payload.get("attempt") == attempt for one in before)


def _sheets(journal: Journal, agreement: Digest) -> None:
    """The plan of plates as it was sliced, whatever the journal had planned. Sheets come before single
    copies, and nothing is printed before all is sliced: after either, what is not sliced was taken apart."""
    records = records_all(journal, agreement)
    sliced = [one.payload for one in records if one.record.kind == Kind.SLICED]
    sheets = {payload["sheet"]: _sheet(payload) for payload in sliced if "items" in payload}
    all_sliced = len(sheets) < len(sliced) or any(one.record.kind == Kind.PRINT_STARTED for one in records)
    for planned in sheets_planned(journal, agreement):
        if all_sliced or planned.number in sheets:
            sheet_drop(journal, agreement, planned.number)
    sheets_add(journal, agreement, sheets.values())


def _sheet(payload: Mapping[str, Any]) -> Sheet:
    layout = tuple((item["part_number"], places_of(item["places"])) for item in payload["items"])
    return Sheet(payload["sheet"], payload["first_plate"], payload["plates"], layout)


def _attempts(journal: Journal, agreement: Digest, new: Sequence[SignedEvidence]) -> None:
    for signed in new:
        kind = signed.record.kind
        found = ATTEMPT.fullmatch(str(signed.payload.get("attempt")))
        if found is None or kind not in STANDS:
            continue
        if kind == Kind.PRINT_STARTED:
            _begun(journal, agreement, signed, int(found[1]), int(found[2]))
        else:
            journal.write(
                "UPDATE attempts SET status = ?, reason = ?, ended_at = ? WHERE id = ?",
                STANDS[Kind(kind)],
                str(signed.payload.get("reason", "")),
                signed.record.observed_at,
                found[0],
            )


def _begun(journal: Journal, agreement: Digest, signed: SignedEvidence, item: int, number: int) -> None:
    payload: dict[str, Any] = signed.payload
    identity, serial = str(payload["attempt"]), str(payload.get("printer"))
    # Nothing starts on a plate that was not emptied: what was on this one before is gone.
    journal.write(
        "UPDATE attempts SET cleared_at = ? WHERE serial = ? AND id <> ? AND cleared_at IS NULL",
        int(time.time()),
        serial,
        identity,
    )
    journal.write(
        "INSERT INTO attempts (id, agreement, item, number, serial, remote_name, status, intended_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET status = excluded.status",
        identity,
        hex_of(agreement),
        item,
        number,
        serial,
        f"infill-{identity}.gcode",
        AttemptStatus.STARTED,
        signed.record.observed_at,
    )
