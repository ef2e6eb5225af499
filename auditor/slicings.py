"""What G-code was sliced for, as far as a log was read."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from auditor.plates import BadPlate, content, is_plate, items_of, numbers_of
from auditor.sources.parts import Model


class Slicings:
    """Fed with records of slicing, it tells of what a print can be."""

    def __init__(self, models: Sequence[Model]) -> None:
        self._models = models
        self._plates: set[tuple[str, Hashable]] = set()
        # The same design may be ordered twice, in two colours: then one G-code is that of both parts.
        self._alone: defaultdict[str, set[int]] = defaultdict(set)
        self.gcodes: set[str] = set()

    def add(self, payload: Mapping[str, Any]) -> None:
        """A record of slicing; of one that is of nothing ordered the G-code alone."""
        gcode = _gcode(payload)
        self.gcodes.add(gcode)
        if not is_plate(payload):
            # That the spec has no such part is a finding of its own.
            of_model = numbers_of({"model": payload.get("model")}, self._models)
            self._alone[gcode].update(numbers_of(payload, self._models) or of_model)
            return
        try:
            self._plates.add((gcode, content(items_of(payload, self._models))))
        except BadPlate:
            return

    def numbers(self, payload: Mapping[str, Any]) -> frozenset[int]:
        """The parts for which the G-code of a print was sliced; of a plate all of its parts, or none."""
        if not is_plate(payload):
            return frozenset(self._alone.get(_gcode(payload), ()))
        try:
            items = items_of(payload, self._models)
        except BadPlate:
            return frozenset()
        known = (_gcode(payload), content(items)) in self._plates
        return frozenset(item.number for item in items if known)


def _gcode(payload: Mapping[str, Any]) -> str:
    return str(payload.get("gcode", "nothing"))
