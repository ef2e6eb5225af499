"""Posting a job: its parts as cards, each fetched by itself when a model is added, and their estimate."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from marketplace.designs.models import Design
from marketplace.designs.rules import DesignStatus, size_text
from marketplace.designs.selectors import design_of, parts_of_design
from marketplace.jobs.rules import JobInvalid
from marketplace.jobs.services import job_post
from marketplace.pages.estimates import estimate_of, table_of
from marketplace.pages.fitting import makers_of
from marketplace.pages.forms import JobForm, initial_of
from marketplace.pages.part_forms import PartForm, part_rows
from marketplace.pages.views.readers import person_of

BUSY = (DesignStatus.UPLOADED, DesignStatus.MEASURING)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def job_new(request: HttpRequest) -> HttpResponse:
    """Post a job of the designs named by `?design=`, once or more; without one, choose it first."""
    parts = _parts_sent(request, request.POST) or _parts_new(request)
    if not parts:
        return redirect("pages:design-new")
    form = JobForm(request.POST or None, initial=initial_of([part.design.name for part in parts]))
    if request.method == "POST" and _all_valid([form, *parts]) and (job := _post(request, form, parts)):
        return redirect("pages:job", job=job)
    refused = any(part.design.status == DesignStatus.REFUSED for part in parts)
    first = parts[0].design
    shown = {
        "design": first,
        "table": table_of(first),
        "form": form,
        "parts": parts,
        "refused": refused,
        "limit": size_text(settings.UPLOAD_LIMIT_BYTES),
    }
    return render(request, "pages/job_new.html", shown)


@require_safe
@login_required
def job_new_parts(request: HttpRequest) -> HttpResponse:
    """Cards for the designs named by `?design=`; of an archive, one for each of its parts."""
    return render(request, "pages/job_new/_parts.html", {"parts": _parts_new(request)})


@require_safe
@login_required
def job_new_model(request: HttpRequest, design: UUID) -> HttpResponse:
    """A card's picture and size: asked again until the design is measured, which the page is told."""
    found = design_of(person_of(request).address, design)
    answer = render(request, "pages/job_new/_model.html", {"design": found})
    if found.status not in BUSY:
        answer["HX-Trigger"] = "parts-changed"
    return answer


@require_safe
@login_required
def job_new_estimate(request: HttpRequest) -> HttpResponse:
    """Time, material and a price range of each part and of all, for what the form says now, and who could
    make it."""
    parts = _parts_sent(request, request.GET)
    found = estimate_of(parts, request.GET.get("quantity", ""))
    return render(
        request, "pages/_estimate.html", {"estimate": found, "on": found and makers_of(found.needs)}
    )


def _parts_sent(request: HttpRequest, sent: QueryDict) -> list[PartForm]:
    """The cards that were sent. Raises Http404 for a design that is not the reader's."""
    return [PartForm(_own(request, row.pop("design")), row) for row in part_rows(sent)]


def _parts_new(request: HttpRequest) -> list[PartForm]:
    """Cards for designs that come anew: an archive's parts each."""
    named = [_own(request, name) for name in request.GET.getlist("design") if _uuid(name)]
    if request.method == "POST":
        return [PartForm(design, {}) for design in named]
    return [PartForm(part) for design in named for part in parts_of_design(design)]


def _own(request: HttpRequest, name: str) -> Design:
    wanted = _uuid(name)
    if wanted is None:
        raise Http404
    return design_of(person_of(request).address, wanted)


def _all_valid(forms: Iterable[JobForm | PartForm]) -> bool:
    # Each is asked, so that each shows what is wrong with it.
    return not [form for form in forms if not form.is_valid()]


def _post(request: HttpRequest, form: JobForm, parts: list[PartForm]) -> UUID | None:
    now = timezone.now()
    posting = form.posting([part.asked() for part in parts], now)
    try:
        return job_post(designer=person_of(request), posting=posting, now=now).pk
    except JobInvalid as refusal:
        for name, messages in refusal.extra["fields"].items():
            _problem(form, parts, name, messages)
        return None


def _problem(form: JobForm, parts: list[PartForm], name: str, messages: list[str]) -> None:
    """`parts.2.colour` is the third card's."""
    head, _, rest = name.partition(".")
    at, _, field = rest.partition(".")
    if head == "parts" and field:
        parts[int(at)].add_problem(field, messages)
    else:
        form.add_problem(name, messages)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
