"""From the ordered model to the finished print: each record names what an earlier one brought about."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from auditor.case import Case
from auditor.checks.base import Findings, need, need_history
from auditor.checks.evidence import PROVIDER, committed_records
from auditor.findings import Finding, differs, text_of
from auditor.plates import (
    COPY,
    NUMBER,
    BadPlate,
    Item,
    Made,
    awarded_of,
    is_awarded,
    is_plate,
    items_of,
    made_of,
    numbers_of,
)
from auditor.records import SignedRecord
from auditor.slicings import Slicings
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
    sliced = Slicings(_spec(case))
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


def _plate(case: Case, place: str, entry: SignedRecord, sliced: Slicings) -> Findings:
    try:
        items = items_of(entry.payload, _spec(case))
    except BadPlate as error:
        yield Finding("plate-part", place, f"a plate with {error}")
        return
    if entry.record.kind == "sliced":
        return
    if _named(entry.payload, "gcode") in sliced.gcodes and not sliced.numbers(entry.payload):
        message = "other copies than the G-code was sliced for"
        yield Finding("plate-other", place, message, found=_told(items))
    units = need_history(case).units
    for item in items:
        for copy in item.copies or (-1,):
            if not is_awarded(copy, item.model, units):
                message = f"a copy of part {item.model.name} that was not awarded"
                yield Finding(
                    "plate-copy", place, message, f"0 to {item.model.copies * units - 1}", str(copy)
                )


def _copy(case: Case, place: str, payload: Mapping[str, Any]) -> Findings:
    models, units = _spec(case), need_history(case).units
    numbers = numbers_of(payload, models)
    if not numbers and numbers_of({"model": payload.get("model")}, models):
        yield Finding("plate-part", place, "a print of no part of the spec", found=_part_told(payload))
    elif numbers and not awarded_of(payload, models, units):
        most = max(models[number].copies for number in numbers) * units
        message = f"a copy of part {models[numbers[0]].name} that was not awarded"
        yield Finding("plate-copy", place, message, f"0 to {most - 1}", str(payload[COPY]))


def prints_complete(case: Case) -> Findings:
    """Before a delivery each part was printed once for every copy and unit, of G-code sliced for it; a copy
    that is told of twice is one copy. A record that does not say of which part it is may be of any."""
    history, job = need_history(case), need(case.bundle.job, "job.json")
    records = need(case.bundle.provider_log, PROVIDER)
    if history.delivery is None:
        return
    finished = _finished(case, committed_records(case, records))
    for digest in dict.fromkeys(text_of(model.digest) for model in job.models):
        for groups in _groups(job.models, digest):
            lacking = list(_lacking(groups, job.models, history.units, finished))
            yield from lacking
            if lacking:
                break


def _lacking(
    groups: Mapping[str, set[int]], models: Sequence[Model], units: int, finished: Sequence[Made]
) -> Findings:
    for name, numbers in groups.items():
        count = sum(models[number].copies for number in numbers) * units
        made = sum(1 for copy in finished if copy.numbers & numbers)
        if made < count:
            message = f"fewer finished prints of {name} than were ordered, before the delivery"
            yield Finding("prints-lacking", PROVIDER, message, str(count), str(made))


def _groups(models: Sequence[Model], digest: str) -> Iterator[Mapping[str, set[int]]]:
    """The parts that are of a model: all of them, then those of each name, then each alone."""
    numbers = [number for number, model in enumerate(models) if text_of(model.digest) == digest]
    yield {f"model {digest}": set(numbers)}
    named: defaultdict[str, set[int]] = defaultdict(set)
    for number in numbers:
        named[f"part {models[number].name}"].add(number)
    yield named
    yield {f"part {models[number].name}, number {number} of the spec": {number} for number in numbers}


def _finished(case: Case, records: Sequence[SignedRecord]) -> list[Made]:
    """The awarded copies that were finished, of G-code sliced for them."""
    models, units, sliced = _spec(case), need_history(case).units, Slicings(_spec(case))
    finished: dict[Hashable, Made] = {}
    for entry in records:
        if entry.record.kind == "sliced":
            sliced.add(entry.payload)
        elif entry.record.kind == "print finished":
            for made in _made(entry.payload, models, units, sliced.numbers(entry.payload)):
                finished[made.key] = made
    return list(finished.values())


def _made(
    payload: Mapping[str, Any], models: Sequence[Model], units: int, sliced: frozenset[int]
) -> Iterator[Made]:
    """The copies of a finished print; none of those for which its G-code was not sliced."""
    if sliced:
        for made in made_of(payload, models, units):
            if numbers := made.numbers & sliced:
                yield replace(made, numbers=numbers)


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


def _part_told(payload: Mapping[str, Any]) -> str:
    return f"{_named(payload, 'part')}, number {_named(payload, NUMBER)}"


def _told(items: Sequence[Item]) -> str:
    return ", ".join(f"{item.count} of {item.model.name}" for item in items)


def _named(payload: Mapping[str, Any], name: str) -> str:
    return str(payload.get(name, "nothing"))


def _list(values: set[str]) -> str:
    return ", ".join(sorted(values)) or "nothing"
