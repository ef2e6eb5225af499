"""Whether each part was sliced and printed with the settings that were agreed: the spec has them per part."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from auditor.case import Case
from auditor.checks.base import Findings, need
from auditor.checks.evidence import PROVIDER
from auditor.findings import Finding, differs, text_of
from auditor.ids import keccak
from auditor.plates import BadPlate, is_plate, items_of, numbers_of
from auditor.sources.parts import Model, Settings
from protocol.canonical import canonical_bytes

ANY = "any"
WORDS = {"material": "material", "layer_um": "layer height in um", "infill_percent": "infill in percent"}
# The first layer is as thick as sticking needs.
FIRST_LAYER_UM, LAYERS_SLACK, LAYERS_SHARE = 400, 2, 0.1


def sliced_as_agreed(case: Case) -> Findings:
    """Every record of slicing names a part of the spec and its material, layer height and infill; the
    settings that it gives are those whose digest it names; its layers are as many as the part can have.

    A plate is held to all this for each part on it. What a record does not say is not judged: the first ones
    said less.
    """
    job = need(case.bundle.job, "job.json")
    for number, entry in enumerate(need(case.bundle.provider_log, PROVIDER)):
        place, payload = f"{PROVIDER} record {number}", entry.payload
        ordered = _ordered(payload, job.models)
        if entry.record.kind == "sliced":
            yield from _profile(place, payload)
            if is_plate(payload):
                yield from _plate(place, payload, ordered)
            else:
                yield from _sliced(place, payload, ordered, job.models)
        elif is_plate(payload) and entry.record.kind in ("print started", "print finished"):
            for model in ordered:
                yield from _filament(place, payload, [model])
        elif entry.record.kind in ("print started", "print finished"):
            yield from _filament(place, payload, _named(payload, job.models))


def _sliced(
    place: str, payload: Mapping[str, Any], ordered: Sequence[Model], models: Sequence[Model]
) -> Findings:
    parts = _named(payload, models)
    if ordered and not parts:
        names = ", ".join(sorted({model.name for model in ordered}))
        message = "no part of the spec with this model has this name, or number"
        yield Finding("sliced-part", f"{place} part", message, names, str(payload.get("part")))
    # Of two parts of one name, the one that it fits better, where it does not say which.
    found = [list(_other(place, payload, model)) for model in parts if model.settings]
    yield from min(found, key=len, default=[])


def _plate(place: str, payload: Mapping[str, Any], ordered: Sequence[Model]) -> Findings:
    for model in ordered:
        yield from _settings(place, payload, model)
    yield from _layers(place, payload, ordered)


def _other(place: str, payload: Mapping[str, Any], model: Model) -> Findings:
    yield from _settings(place, payload, model)
    yield from _layers(place, payload, [model])


def _settings(place: str, payload: Mapping[str, Any], model: Model) -> Findings:
    if model.settings is None:
        return
    profile = payload.get("settings")
    for where, said in (
        (place, payload),
        (f"{place} settings", profile if isinstance(profile, dict) else {}),
    ):
        for name, words in WORDS.items():
            if name in said:
                message = f"part {model.name} was sliced with another {words} than was agreed"
                yield from differs(
                    "sliced-settings", f"{where} {name}", message, getattr(model.settings, name), said[name]
                )


def _layers(place: str, payload: Mapping[str, Any], models: Sequence[Model]) -> Findings:
    """What was sliced, not what is said of it, has this many layers: those of the highest part."""
    layers = payload.get("layers")
    found = [_layer_bounds(model) for model in models]
    if not isinstance(layers, int) or not found or not all(found):
        return
    low, high = (max(side) for side in zip(*filter(None, found), strict=True))
    if not low <= layers <= high:
        names = " and ".join(sorted(model.name for model in models))
        layer_um = models[0].settings.layer_um if models[0].settings else 0
        message = f"so many layers of {layer_um} um are not part {names}, whichever way up"
        wanted = f"{max(1, math.ceil(low))} to {math.floor(high)}"
        yield Finding("sliced-layers", f"{place} layers", message, wanted, str(layers))


def _layer_bounds(model: Model) -> tuple[float, float] | None:
    """None where the spec does not say how high it may be."""
    if not model.settings or not model.settings.layer_um or not model.size_um:
        return None
    return _bounds(model.settings.layer_um, _least_um(model), math.hypot(*model.size_um))


def _bounds(layer_um: int, least_um: float, most_um: float) -> tuple[float, float]:
    slack = LAYERS_SLACK + FIRST_LAYER_UM / layer_um
    return least_um / layer_um * (1 - LAYERS_SHARE) - slack, most_um / layer_um * (1 + LAYERS_SHARE) + slack


def _least_um(model: Model) -> float:
    """No way up is lower: of all shapes as wide as the part is long, a disc covers most (the isodiametric
    inequality), and the part's volume has to fit above it."""
    disc_mm2 = math.pi / 4 * sum((side / 1000) ** 2 for side in model.size_um)
    return model.volume_mm3 / disc_mm2 * 1000 if disc_mm2 else 0.0


def slant_notes(case: Case) -> Iterator[str]:
    """Parts with fewer layers than any side of their box asks for: only one drawn at a slant has them."""
    models = case.bundle.job.models if case.bundle.job else ()
    for number, entry in enumerate(case.bundle.provider_log or ()):
        payload, ordered = entry.payload, _ordered(entry.payload, models)
        named = [ordered] if is_plate(payload) else [[model] for model in _named(payload, models)]
        if entry.record.kind == "sliced" and any(_is_slanted(payload, each) for each in named):
            yield (
                f"{PROVIDER} record {number}: {payload['layers']} layers are this part only if it was drawn "
                "at a slant and laid flat; drawn upright, it was sliced more coarsely."
            )


def _is_slanted(payload: Mapping[str, Any], models: Sequence[Model]) -> bool:
    """Of a plate, the highest part."""
    layers = payload.get("layers")
    found = [bounds for model in models if (bounds := _lows(model))]
    if not isinstance(layers, int) or not found:
        return False
    low, flat = (max(side) for side in zip(*found, strict=True))
    return bool(low <= layers < flat)


def _lows(model: Model) -> tuple[float, float] | None:
    if not model.settings or not model.settings.layer_um or not model.size_um:
        return None
    layer_um = model.settings.layer_um
    low, flat = (_bounds(layer_um, least, 0)[0] for least in (_least_um(model), min(model.size_um)))
    return low, flat


def _profile(place: str, payload: Mapping[str, Any]) -> Findings:
    if "settings" in payload:
        found = text_of(keccak(canonical_bytes(payload["settings"])))
        message = "these settings are not those whose digest is named"
        yield from differs("sliced-profile", f"{place} settings", message, payload.get("profile"), found)


def _filament(place: str, payload: Mapping[str, Any], ordered: Sequence[Model]) -> Findings:
    wanted = [_filament_text(model.settings) for model in ordered if model.settings]
    if "filament" in payload and wanted and payload["filament"] not in wanted:
        message = "printed of another filament than was agreed"
        yield Finding(
            "printed-filament", f"{place} filament", message, ", ".join(wanted), str(payload["filament"])
        )


def _ordered(payload: Mapping[str, Any], models: Sequence[Model]) -> list[Model]:
    """The parts that are of the model of a record; of a plate, those on it."""
    if is_plate(payload):
        try:
            return [item.model for item in items_of(payload, models)]
        except BadPlate:
            return []
    return [model for model in models if text_of(model.digest) == str(payload.get("model"))]


def _named(payload: Mapping[str, Any], models: Sequence[Model]) -> list[Model]:
    """The parts that a record of one copy may be of."""
    return [models[number] for number in numbers_of(payload, models)]


def _filament_text(settings: Settings) -> str:
    return f"{settings.material} {settings.colour}" + (" colour" if settings.colour == ANY else "")
