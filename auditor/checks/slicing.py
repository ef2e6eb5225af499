"""Whether each part was sliced and printed with the settings that were agreed: the spec has them per part."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from auditor.case import Case
from auditor.checks.base import Findings, need
from auditor.checks.evidence import PROVIDER
from auditor.findings import Finding, differs, text_of
from auditor.ids import keccak
from auditor.sources.parts import Model, Settings
from protocol.canonical import canonical_bytes

ANY = "any"
WORDS = {"material": "material", "layer_um": "layer height in um", "infill_percent": "infill in percent"}
# The first layer is as thick as sticking needs.
FIRST_LAYER_UM, LAYERS_SLACK, LAYERS_SHARE = 400, 2, 0.1


def sliced_as_agreed(case: Case) -> Findings:
    """Every record of slicing names a part of the spec and its material, layer height and infill; the
    settings that it gives are those whose digest it names; its layers are as many as the part can have.

    What a record does not say is not judged: the first ones said less.
    """
    job = need(case.bundle.job, "job.json")
    for number, entry in enumerate(need(case.bundle.provider_log, PROVIDER)):
        place, payload = f"{PROVIDER} record {number}", entry.payload
        ordered = [model for model in job.models if text_of(model.digest) == str(payload.get("model"))]
        if entry.record.kind == "sliced":
            yield from _profile(place, payload)
            yield from _sliced(place, payload, ordered)
        elif entry.record.kind in ("print started", "print finished"):
            yield from _filament(place, payload, ordered)


def _sliced(place: str, payload: Mapping[str, Any], ordered: Sequence[Model]) -> Findings:
    parts = _named(payload, ordered)
    if ordered and not parts:
        names = ", ".join(sorted({model.name for model in ordered}))
        message = "no part of the spec with this model has this name"
        yield Finding("sliced-part", f"{place} part", message, names, str(payload.get("part")))
    # Of two parts of one name, the one that it fits better.
    found = [list(_other(place, payload, model)) for model in parts if model.settings]
    yield from min(found, key=len, default=[])


def _other(place: str, payload: Mapping[str, Any], model: Model) -> Findings:
    agreed = model.settings or Settings("", "", 0, 0)
    profile = payload.get("settings")
    for where, said in (
        (place, payload),
        (f"{place} settings", profile if isinstance(profile, dict) else {}),
    ):
        for name, words in WORDS.items():
            if name in said:
                message = f"part {model.name} was sliced with another {words} than was agreed"
                yield from differs(
                    "sliced-settings", f"{where} {name}", message, getattr(agreed, name), said[name]
                )
    yield from _layers(place, payload, model, agreed.layer_um)


def _layers(place: str, payload: Mapping[str, Any], model: Model, layer_um: int) -> Findings:
    """What was sliced, not what is said of it, has this many layers: no fewer than its shortest side asks
    for, whichever way up it was laid, and no more than its longest line."""
    layers = payload.get("layers")
    if not isinstance(layers, int) or not layer_um or not model.size_um:
        return
    fewest, most = min(model.size_um) / layer_um, math.hypot(*model.size_um) / layer_um
    slack = LAYERS_SLACK + FIRST_LAYER_UM / layer_um
    low, high = fewest * (1 - LAYERS_SHARE) - slack, most * (1 + LAYERS_SHARE) + slack
    if not low <= layers <= high:
        message = f"so many layers of {layer_um} um are not part {model.name}, whichever way up"
        wanted = f"{max(1, math.ceil(low))} to {math.floor(high)}"
        yield Finding("sliced-layers", f"{place} layers", message, wanted, str(layers))


def _profile(place: str, payload: Mapping[str, Any]) -> Findings:
    if "settings" in payload:
        found = text_of(keccak(canonical_bytes(payload["settings"])))
        message = "these settings are not those whose digest is named"
        yield from differs("sliced-profile", f"{place} settings", message, payload.get("profile"), found)


def _filament(place: str, payload: Mapping[str, Any], ordered: Sequence[Model]) -> Findings:
    wanted = [_filament_text(model.settings) for model in _named(payload, ordered) if model.settings]
    if "filament" in payload and wanted and payload["filament"] not in wanted:
        message = "printed of another filament than was agreed"
        yield Finding(
            "printed-filament", f"{place} filament", message, ", ".join(wanted), str(payload["filament"])
        )


def _named(payload: Mapping[str, Any], ordered: Sequence[Model]) -> list[Model]:
    """The parts that a record may be of."""
    return [model for model in ordered if payload.get("part", model.name) == model.name]


def _filament_text(settings: Settings) -> str:
    return f"{settings.material} {settings.colour}" + (" colour" if settings.colour == ANY else "")
