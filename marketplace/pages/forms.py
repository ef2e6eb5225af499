"""The form that posts a job."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms

from marketplace.designs.rules import QUANTITY_LIMIT, Shown
from marketplace.jobs.rules import (
    ANY_ZONE,
    LICENCE,
    TITLE_LIMIT,
    PartAsked,
    Posting,
    bids_close_by_default,
)
from protocol.units import WEI_PER_ETHER

SHOWN = [
    (Shown.MEASUREMENTS, "measurements only"),
    (Shown.PICTURES, "pictures too"),
    (Shown.PREVIEW, "a 3D preview too"),
]
DAYS = [(1, "1 day"), (2, "2 days"), (4, "4 days"), (7, "1 week"), (14, "2 weeks"), (30, "30 days")]


class JobForm(forms.Form):
    """A job but for its parts."""

    title = forms.CharField(max_length=TITLE_LIMIT)
    quantity = forms.IntegerField(
        label="Sets",
        min_value=1,
        max_value=QUANTITY_LIMIT,
        initial=1,
        help_text="How often all parts above are made.",
    )
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"{name}-help"

    def posting(self, parts: Sequence[PartAsked], now: datetime) -> Posting:
        """What is asked for."""
        asked = self.cleaned_data
        deadline = now + timedelta(days=asked["days"])
        return Posting(
            title=asked["title"],
            parts=parts,
            quantity=asked["quantity"],
            deadline=deadline,
            bids_close_at=bids_close_by_default(deadline, now),
            budget_wei=int(asked["budget"] * WEI_PER_ETHER),
            ship_to_zone=ANY_ZONE,
            licence=LICENCE,
            shown=asked["shown"],
        )

    def add_problem(self, name: str, messages: list[str]) -> None:
        """Put what the service refused beside the field it names."""
        field = {"deadline": "days"}.get(name, name)
        self.add_error(field if field in self.fields else None, messages)


def initial_of(names: Sequence[str]) -> dict[str, Any]:
    """Defaults for a job of designs with these file names."""
    first = names[0] if names else ""
    title = first.rsplit(".", 1)[0].replace("_", " ").replace("-", " ").strip().capitalize() or first
    return {"title": f"{title} and {len(names) - 1} more" if len(names) > 1 else title}
