"""The forms of a job's parts: one a card of the page, all with the same names of fields."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.http import QueryDict

from marketplace.designs.colours import colour_name
from marketplace.designs.mesh.estimate import QUALITIES as LAYERS
from marketplace.designs.mesh.materials import DENSITIES
from marketplace.designs.models import Design
from marketplace.designs.rules import COPIES_LIMIT, INFILL_RANGE, LAYER_UM_RANGE
from marketplace.jobs.rules import COLOUR_LIMIT, PartAsked
from protocol.capability import ANY_COLOUR

OWN: Final = "own"
# Layer height in micrometres and infill in percent.
QUALITIES: Final[dict[str, tuple[str, int, int]]] = {
    "draft": ("Draft", LAYERS["draft"], 15),
    "standard": ("Standard", LAYERS["standard"], 20),
    "fine": ("Fine", LAYERS["fine"], 20),
    "strong": ("Strong", LAYERS["standard"], 50),
}
CHOICES: Final = [
    *((name, f"{word}: {um / 1000:g} mm, {infill} %") for name, (word, um, infill) in QUALITIES.items()),
    (OWN, "Own numbers"),
]
# What a problem of the service is about, in this form.
FIELDS: Final = {"layer_um": "layer", "infill_percent": "infill"}


class PartForm(forms.Form):
    """One part of the job. `layer` in millimetres; it and `infill` count where the quality is "own"."""

    copies = forms.IntegerField(min_value=1, max_value=COPIES_LIMIT, initial=1)
    material = forms.ChoiceField(choices=[(kind, kind) for kind in DENSITIES], initial="PLA")
    colour = forms.CharField(max_length=COLOUR_LIMIT, initial=ANY_COLOUR)
    quality = forms.ChoiceField(choices=CHOICES, initial="standard")
    layer = forms.DecimalField(
        label="Layer in mm",
        required=False,
        min_value=Decimal(LAYER_UM_RANGE[0]) / 1000,
        max_value=Decimal(LAYER_UM_RANGE[1]) / 1000,
        decimal_places=3,
        initial=Decimal("0.2"),
    )
    infill = forms.IntegerField(
        label="Infill in %", required=False, min_value=INFILL_RANGE[0], max_value=INFILL_RANGE[1], initial=20
    )

    def __init__(self, design: Design, data: dict[str, str] | None = None) -> None:
        self.design = design
        self.key = f"p{uuid4().hex[:8]}"
        found = {"copies": design.copies, "colour": colour_name(design.colour) or ANY_COLOUR}
        super().__init__(data, auto_id=f"{self.key}-%s", label_suffix="", initial=found)
        self.fields["layer"].widget.attrs["step"] = "0.01"
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"{self.key}-{name}-error"

    def clean(self) -> dict[str, Any]:
        """Own numbers are needed where they count, and nothing is wrong with them where they do not."""
        asked: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("layer", "infill"):
            if asked.get("quality") != OWN:
                self.errors.pop(name, None)
            elif asked.get(name) is None and name not in self.errors:
                self.add_error(name, "This field is required.")
        return asked

    def asked(self) -> PartAsked:
        """What is asked for, of a form without errors."""
        asked = self.cleaned_data
        if asked["quality"] == OWN:
            layer_um, infill = int(asked["layer"] * 1000), asked["infill"]
        else:
            _, layer_um, infill = QUALITIES[asked["quality"]]
        return PartAsked(
            self.design.pk, asked["copies"], asked["material"], asked["colour"], layer_um, infill
        )

    def add_problem(self, name: str, messages: list[str]) -> None:
        """Put what the service refused beside the field it names."""
        field = FIELDS.get(name, name)
        self.add_error(field if field in self.fields else None, messages)


def part_rows(sent: QueryDict) -> list[dict[str, str]]:
    """What each card said. Every card sends each of its fields once, in its order."""
    names = ("design", *PartForm.base_fields)
    columns: Sequence[list[str]] = [sent.getlist(name) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip_longest(*columns, fillvalue="")]
