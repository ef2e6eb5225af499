"""The form that posts a job."""

from datetime import datetime, timedelta
from typing import Any

from django import forms

from marketplace.designs.mesh.estimate import DENSITIES
from marketplace.designs.rules import INFILL_RANGE, QUANTITY_LIMIT, Shown
from marketplace.jobs.rules import ANY_ZONE, LICENCE, TITLE_LIMIT, Posting, bids_close_by_default
from protocol.capability import ANY_COLOUR
from protocol.units import WEI_PER_ETHER

LAYERS = [(100, "0.10 mm, fine"), (150, "0.15 mm"), (200, "0.20 mm, usual"), (300, "0.30 mm, fast")]
SHOWN = [
    (Shown.MEASUREMENTS, "measurements only"),
    (Shown.PICTURES, "pictures too"),
    (Shown.PREVIEW, "a 3D preview too"),
]
DAYS = [(1, "1 day"), (2, "2 days"), (4, "4 days"), (7, "1 week"), (14, "2 weeks"), (30, "30 days")]


class HowForm(forms.Form):
    """How a model is to be printed: all that an estimate needs."""

    material = forms.ChoiceField(choices=[(kind, kind) for kind in DENSITIES], initial="PLA")
    layer_um = forms.TypedChoiceField(label="Layer height", choices=LAYERS, coerce=int, initial=200)
    infill_percent = forms.IntegerField(
        label="Infill %", min_value=INFILL_RANGE[0], max_value=INFILL_RANGE[1], initial=20
    )
    quantity = forms.IntegerField(min_value=1, max_value=QUANTITY_LIMIT, initial=1)


class JobForm(HowForm):
    """A job of one design."""

    title = forms.CharField(max_length=TITLE_LIMIT)
    colour = forms.CharField(max_length=64, initial=ANY_COLOUR, help_text="A colour, or “any”.")
    days = forms.TypedChoiceField(label="Needed within", choices=DAYS, coerce=int, initial=2)
    budget = forms.DecimalField(
        label="Budget in ETH",
        min_value=0,
        max_digits=29,
        decimal_places=18,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text="The most you want to pay for everything. Only you see it.",
    )
    shown = forms.TypedChoiceField(
        label="Bidders see",
        choices=SHOWN,
        coerce=Shown,
        required=False,
        empty_value=Shown.PICTURES,
        initial=Shown.PICTURES,
        help_text="Nobody but the provider you award ever gets the file.",
    )
    field_order = [
        "title",
        "material",
        "colour",
        "layer_um",
        "infill_percent",
        "quantity",
        "days",
        "budget",
        "shown",
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"{name}-help"

    def posting(self, now: datetime) -> Posting:
        """What is asked for, of one copy of one design."""
        asked = self.cleaned_data
        deadline = now + timedelta(days=asked["days"])
        names = ("title", "material", "colour", "layer_um", "infill_percent", "quantity", "shown")
        return Posting(
            **{name: asked[name] for name in names},
            copies=[1],
            deadline=deadline,
            bids_close_at=bids_close_by_default(deadline, now),
            budget_wei=int(asked["budget"] * WEI_PER_ETHER),
            ship_to_zone=ANY_ZONE,
            licence=LICENCE,
        )

    def add_problems(self, problems: dict[str, list[str]]) -> None:
        """Put what the service refused beside the fields it names."""
        for name, messages in problems.items():
            field = {"deadline": "days"}.get(name, name)
            self.add_error(field if field in self.fields else None, messages)


def initial_of(name: str) -> dict[str, Any]:
    """Defaults for a job of a design with this file name."""
    return {"title": name.rsplit(".", 1)[0].replace("_", " ").replace("-", " ").strip().capitalize() or name}
