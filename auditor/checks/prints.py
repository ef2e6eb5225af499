"""From the ordered model to the finished print: each record names what an earlier one brought about."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from auditor.case import Case
from auditor.checks.base import Findings, need, need_history
from auditor.checks.evidence import PROVIDER, committed_records
from auditor.findings import Finding, differs, text_of
from auditor.plates import (
    COPY,
    BadPlate,
    Item,
    Made,
    awarded_of,
    content,
    is_plate,
    items_of,
    made_of,
    numbers_of,
)
from auditor.records import SignedRecord
from auditor.sources.parts import Model

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
    """Received model -> G-code sliced from it -> print of that G-code, on the printer of the bid. A plate is
    printed of G-code for just its copies, each of which was awarded."""
    profile = need(case.bundle.profile, "profile.json").profile
    received: set[str] = set()
    sliced = _Sliced(case)
    for number, entry in enumerate(need(case.bundle.provider_log, PROVIDER)):
        kind, place = entry.record.kind, f"{PROVIDER} record {number}"
        gcode = _named(entry.payload, "gcode")
        if kind == "model received":
            received.add(_named(entry.payload, "model"))
        elif kind == "sliced":
            sliced.add(entry.payload)
            for model in sorted(_models(case, entry.payload) - received):
                message = "G-code of a model that was not received before"
                yield Finding("sliced-other", place, message, _list(received), model)
        elif kind in PRINTS:
            if gcode not in sliced.gcodes:
                message = "a print of G-code that was not sliced before"
                yield Finding("printed-other", place, message, _list(sliced.gcodes), gcode)
            serial, message = _named(entry.payload, "printer"), "not the printer of the bid"
            yield from differs("printed-elsewhere", place, message, profile.serial, serial)
        if kind in (*PRINTS, "sliced") and is_plate(entry.payload) and case.bundle.job:
            yield from _plate(case, place, entry, sliced)
        elif kind in PRINTS and case.bundle.job:
            yield from _copy(case, place, entry.payload)


def _plate(case: Case, place: str, entry: SignedRecord, sliced: "_Sliced") -> Findings:
    try:
        items = items_of(entry.payload, _spec(case))
    except BadPlate as error:
        yield Finding("plate-part", place, f"a plate with {error}")
        return
    if entry.record.kind == "sliced":
        return
    if _named(entry.payload, "gcode") in sliced.gcodes and not sliced.has(entry.payload):
        message = "other copies than the G-code was sliced for"
        yield Finding("plate-other", place, message, found=_told(items))
    units = need_history(case).units
    for item in items:
        most = item.model.copies * units
        for copy in (copy for copy in item.copies or (-1,) if not 0 <= copy < most):
            message = f"a copy of part {item.model.name} that was not awarded"
            yield Finding("plate-copy", place, message, f"0 to {most - 1}", str(copy))


def _copy(case: Case, place: str, payload: Mapping[str, Any]) -> Findings:
    models, units = _spec(case), need_history(case).units
    numbers = numbers_of(payload, models)
    if numbers and not awarded_of(payload, models, units):
        most = max(models[number].copies for number in numbers) * units
        message = f"a copy of part {models[numbers[0]].name} that was not awarded"
        yield Finding("plate-copy", place, message, f"0 to {most - 1}", str(payload[COPY]))


class _Sliced:
    """What G-code was sliced for, as far as a log was read."""

    def __init__(self, case: Case) -> None:
        self._models = _spec(case)
        # The same design may be ordered twice, in two colours: then one G-code is that of both models.
        self._found: set[tuple[str, Hashable]] = set()
        self.gcodes: set[str] = set()

    def add(self, payload: Mapping[str, Any]) -> None:
        self.gcodes.add(_named(payload, "gcode"))
        if (of := self._of(payload)) is not None:
            self._found.add(of)

    def has(self, payload: Mapping[str, Any]) -> bool:
        """Whether G-code was sliced for just what a record is of."""
        return self._of(payload) in self._found

    def _of(self, payload: Mapping[str, Any]) -> tuple[str, Hashable] | None:
        if not is_plate(payload):
            return _named(payload, "gcode"), _named(payload, "model")
        try:
            return _named(payload, "gcode"), content(items_of(payload, self._models))
        except BadPlate:
            return None


def prints_complete(case: Case) -> Findings:
    """Before a delivery each model was printed once for every copy and unit; a copy that is told of twice is
    one copy."""
    history, job = need_history(case), need(case.bundle.job, "job.json")
    records = need(case.bundle.provider_log, PROVIDER)
    if history.delivery is None:
        return
    wanted: Counter[str] = Counter()
    for ordered in job.models:
        wanted[text_of(ordered.digest)] += ordered.copies * history.units
    finished = _finished(case, committed_records(case, records))
    made = Counter(copy.model for copy in finished)
    for digest, count in wanted.items():
        if made[digest] < count:
            message = f"fewer finished prints of model {digest} than were ordered, before the delivery"
            yield Finding("prints-lacking", PROVIDER, message, str(count), str(made[digest]))
        else:
            yield from _parts_complete(case, digest)


def _finished(case: Case, records: Sequence[SignedRecord]) -> list[Made]:
    """The awarded copies that were finished, of G-code sliced for them."""
    models, units, sliced = _spec(case), need_history(case).units, _Sliced(case)
    finished: dict[Hashable, Made] = {}
    for entry in records:
        if entry.record.kind == "sliced":
            sliced.add(entry.payload)
        elif entry.record.kind == "print finished" and sliced.has(entry.payload):
            finished |= {made.key: made for made in made_of(entry.payload, models, units)}
    return list(finished.values())


def _parts_complete(case: Case, digest: str) -> Findings:
    """Where a model is several parts, each of them was printed as often as was ordered, of G-code sliced for
    it; unless records do not say of which part they are."""
    history, job = need_history(case), need(case.bundle.job, "job.json")
    wanted: Counter[str] = Counter()
    for ordered in job.models:
        if text_of(ordered.digest) == digest:
            wanted[ordered.name] += ordered.copies * history.units
    records = committed_records(case, need(case.bundle.provider_log, PROVIDER))
    entries = [entry for entry in records if digest in _models(case, entry.payload)]
    told = [entry for entry in entries if entry.record.kind in ("sliced", "print finished")]
    if len(wanted) < 2 or any(not is_plate(one.payload) and "part" not in one.payload for one in told):
        return
    alone = {
        (_named(entry.payload, "part"), _named(entry.payload, "gcode"))
        for entry in told
        if entry.record.kind == "sliced" and not is_plate(entry.payload)
    }
    right = [
        entry
        for entry in told
        if entry.record.kind == "sliced"
        or is_plate(entry.payload)
        or (_named(entry.payload, "part"), _named(entry.payload, "gcode")) in alone
    ]
    made = Counter(copy.part for copy in _finished(case, right) if copy.model == digest)
    for part, count in wanted.items():
        if made[part] < count:
            message = f"fewer finished prints of part {part} than were ordered, before the delivery"
            yield Finding("prints-lacking", PROVIDER, message, str(count), str(made[part]))


def _spec(case: Case) -> tuple[Model, ...]:
    return case.bundle.job.models if case.bundle.job else ()


def _models(case: Case, payload: Mapping[str, Any]) -> set[str]:
    """The models that a record is of; none of a plate that is none."""
    if not is_plate(payload):
        return {_named(payload, "model")}
    try:
        items = items_of(payload, _spec(case))
    except BadPlate:
        return set()
    return {text_of(item.model.digest) for item in items}


def _told(items: Sequence[Item]) -> str:
    return ", ".join(f"{item.count} of {item.model.name}" for item in items)


def _named(payload: Mapping[str, Any], name: str) -> str:
    return str(payload.get(name, "nothing"))


def _list(values: set[str]) -> str:
    return ", ".join(sorted(values)) or "nothing"
