"""From the ordered model to the finished print: each record names what an earlier one brought about."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from auditor.case import Case
from auditor.checks.base import Findings, need, need_history
from auditor.checks.evidence import PROVIDER, committed_records
from auditor.findings import Finding, differs, text_of

PRINTS = ("print started", "print finished")


def terms_recorded(case: Case) -> Findings:
    """Where the provider recorded what it set out to make, it is this agreement."""
    terms, units = need_history(case).terms, need_history(case).units
    right = {
        "bid": text_of(case.agreement),
        "job_digest": text_of(terms.job_digest),
        "printer": text_of(terms.printer),
        "units": units,
    }
    for number, entry in enumerate(need(case.bundle.provider_log, PROVIDER)):
        if entry.record.kind == "job spec":
            for name, value in right.items():
                place = f"{PROVIDER} record {number} {name}"
                yield from differs("spec-other", place, "not what was agreed", value, entry.payload.get(name))


def prints_traced(case: Case) -> Findings:
    """Received model -> G-code sliced from it -> print of that G-code, on the printer of the bid."""
    profile = need(case.bundle.profile, "profile.json").profile
    received: set[str] = set()
    sliced: set[str] = set()
    for number, entry in enumerate(need(case.bundle.provider_log, PROVIDER)):
        kind, place = entry.record.kind, f"{PROVIDER} record {number}"
        model, gcode = _named(entry.payload, "model"), _named(entry.payload, "gcode")
        if kind == "model received":
            received.add(model)
        elif kind == "sliced":
            sliced.add(gcode)
            if model not in received:
                message = "G-code of a model that was not received before"
                yield Finding("sliced-other", place, message, _list(received), model)
        elif kind in PRINTS:
            if gcode not in sliced:
                message = "a print of G-code that was not sliced before"
                yield Finding("printed-other", place, message, _list(sliced), gcode)
            serial, message = _named(entry.payload, "printer"), "not the printer of the bid"
            yield from differs("printed-elsewhere", place, message, profile.serial, serial)


def prints_complete(case: Case) -> Findings:
    """Before a delivery each model was printed once for every copy and unit."""
    history, job = need_history(case), need(case.bundle.job, "job.json")
    records = need(case.bundle.provider_log, PROVIDER)
    if history.delivery is None:
        return
    wanted: Counter[str] = Counter()
    for ordered in job.models:
        wanted[text_of(ordered.digest)] += ordered.copies * history.units
    # The same design may be ordered twice, in two colours: then one G-code is that of both models.
    sliced: set[tuple[str, str]] = set()
    finished: dict[str, str] = {}
    for entry in committed_records(case, records):
        model, gcode = _named(entry.payload, "model"), _named(entry.payload, "gcode")
        if entry.record.kind == "sliced":
            sliced.add((model, gcode))
        elif entry.record.kind == "print finished" and (model, gcode) in sliced:
            finished[_named(entry.payload, "attempt")] = model
    made = Counter(finished.values())
    for digest, count in wanted.items():
        if made[digest] < count:
            message = f"fewer finished prints of model {digest} than were ordered, before the delivery"
            yield Finding("prints-lacking", PROVIDER, message, str(count), str(made[digest]))
        else:
            yield from _parts_complete(case, digest)


def _parts_complete(case: Case, digest: str) -> Findings:
    """Where a model is several parts, each of them was printed as often as was ordered, of G-code sliced for
    it; unless records do not say of which part they are."""
    history, job = need_history(case), need(case.bundle.job, "job.json")
    wanted: Counter[str] = Counter()
    for ordered in job.models:
        if text_of(ordered.digest) == digest:
            wanted[ordered.name] += ordered.copies * history.units
    records = committed_records(case, need(case.bundle.provider_log, PROVIDER))
    entries = [entry for entry in records if _named(entry.payload, "model") == digest]
    told = [entry for entry in entries if entry.record.kind in ("sliced", "print finished")]
    if len(wanted) < 2 or any("part" not in entry.payload for entry in told):
        return
    sliced: set[tuple[str, str]] = set()
    finished: dict[str, str] = {}
    for entry in told:
        part, gcode = _named(entry.payload, "part"), _named(entry.payload, "gcode")
        if entry.record.kind == "sliced":
            sliced.add((part, gcode))
        elif (part, gcode) in sliced:
            finished[_named(entry.payload, "attempt")] = part
    made = Counter(finished.values())
    for part, count in wanted.items():
        if made[part] < count:
            message = f"fewer finished prints of part {part} than were ordered, before the delivery"
            yield Finding("prints-lacking", PROVIDER, message, str(count), str(made[part]))


def _named(payload: Mapping[str, Any], name: str) -> str:
    return str(payload.get(name, "nothing"))


def _list(values: set[str]) -> str:
    return ", ".join(sorted(values)) or "nothing"
