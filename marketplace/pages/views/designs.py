"""Uploading a design, seeing what it is, and posting a job of it."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketplace.designs.access import requests_for_originals
from marketplace.designs.mesh.estimate import Estimate, Settings, estimate, what_if
from marketplace.designs.mesh.formats.units import Unit
from marketplace.designs.models import Design
from marketplace.designs.repairs import repair_want
from marketplace.designs.rules import (
    USUAL_INFILL_PERCENT,
    USUAL_LAYER_UM,
    DesignInUse,
    DesignNotMeasured,
    DesignStatus,
    NothingToRepair,
    size_text,
)
from marketplace.designs.selectors import design_of, designs_of, is_being_sliced, wanted_of
from marketplace.designs.services import design_convert, design_delete
from marketplace.designs.uses import uses_of
from marketplace.jobs.rules import JobInvalid
from marketplace.jobs.services import job_post
from marketplace.pages.fitting import makers_of
from marketplace.pages.forms import HowForm, JobForm, initial_of
from marketplace.pages.views.readers import person_of

SHOWN = 12
REQUESTS_SHOWN = 100


@require_safe
@login_required
def design_new(request: HttpRequest) -> HttpResponse:
    """Upload a model, or take one uploaded before."""
    designs = designs_of(person_of(request).address)[:SHOWN]
    shown = {"designs": designs, "limit": size_text(settings.UPLOAD_LIMIT_BYTES)}
    return render(request, "pages/design_new.html", shown)


@require_safe
@login_required
def design(request: HttpRequest, design: UUID) -> HttpResponse:
    """One design: what it is, who asked for its file, and deleting it."""
    found = design_of(person_of(request).address, design)
    requests = requests_for_originals(found)[:REQUESTS_SHOWN]
    shown = {"design": found, "requests": requests, "uses": uses_of(found.pk)}
    return render(request, "pages/design.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def design_remove(request: HttpRequest, design: UUID) -> HttpResponse:
    """Ask whether a design is to be deleted; then delete it."""
    address = person_of(request).address
    found, refusal = design_of(address, design), ""
    if request.method == "POST":
        try:
            design_delete(owner=address, design=design)
        except DesignInUse as error:
            refusal = str(error)
        else:
            messages.success(request, f"{found.name} is deleted.")
            return redirect("pages:design-new")
    return render(request, "pages/design_delete.html", {"design": found, "refusal": refusal})


@require_safe
@login_required
def design_card(request: HttpRequest, design: UUID) -> HttpResponse:
    """One design: asked again until it is measured."""
    found = design_of(person_of(request).address, design)
    return render(request, "pages/_design.html", {"design": found, "table": _table(found)})


@require_safe
@login_required
def design_repair_card(request: HttpRequest, design: UUID) -> HttpResponse:
    """What became of a repair: asked again until it is done."""
    found = design_of(person_of(request).address, design)
    return render(request, "pages/design/_repair.html", {"design": found})


@require_POST
@login_required
def design_unit(request: HttpRequest, design: UUID) -> HttpResponse:
    """Read the file in another unit, and go on with that design."""
    unit = request.POST.get("unit", "")
    if unit not in {each.value for each in Unit}:
        raise BadRequest("There is no such unit.")
    made, _ = design_convert(owner=person_of(request), design=design, unit=Unit(unit))
    return redirect(_form_of(made.pk))


@require_POST
@login_required
def design_repair(request: HttpRequest, design: UUID) -> HttpResponse:
    """Ask for a repaired version beside a design."""
    try:
        repair_want(owner=person_of(request).address, design=design)
    except (DesignNotMeasured, NothingToRepair) as refusal:
        messages.error(request, str(refusal))
    return redirect(_form_of(design) + "#repair")


def _form_of(design: UUID) -> str:
    return f"{reverse('pages:job-new')}?design={design}"


@require_safe
@login_required
def design_estimate(request: HttpRequest, design: UUID) -> HttpResponse:
    """Time, material and a price range for what the form says now."""
    found = design_of(person_of(request).address, design)
    form = HowForm(request.GET)
    expected = _estimate(found, form)
    shown = {
        "estimate": expected,
        "design": found,
        "slicing": expected and is_being_sliced(found),
        "on": makers_of(found.measured, form),
    }
    return render(request, "pages/_estimate.html", shown)


def _estimate(design: Design, form: HowForm) -> Estimate | None:
    if design.measured is None or not form.is_valid():
        return None
    asked = form.cleaned_data
    how = Settings(asked["material"], asked["layer_um"], asked["infill_percent"])
    return estimate([wanted_of(design, how)], asked["quantity"])


def _table(design: Design) -> list[tuple[str, list[tuple[str, Estimate]]]] | None:
    """What one costs in each material and quality, at the usual infill."""
    if design.measured is None:
        return None
    return what_if(wanted_of(design, Settings("PLA", USUAL_LAYER_UM, USUAL_INFILL_PERCENT)))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def job_new(request: HttpRequest) -> HttpResponse:
    """Post a job of one design, named by `?design=`; without one, choose it first."""
    wanted = _uuid(request.GET.get("design", ""))
    if wanted is None:
        return redirect("pages:design-new")
    design = design_of(person_of(request).address, wanted)
    form = JobForm(request.POST or None, initial=initial_of(design.name))
    if request.method == "POST" and form.is_valid() and (job := _post(request, design, form)):
        return redirect("pages:job", job=job)
    refused = design.status == DesignStatus.REFUSED
    shown = {"design": design, "table": _table(design), "form": form, "refused": refused}
    return render(request, "pages/job_new.html", shown)


def _post(request: HttpRequest, design: Design, form: JobForm) -> UUID | None:
    now = timezone.now()
    try:
        return job_post(
            designer=person_of(request), posting=form.posting(now), designs=[design.pk], now=now
        ).pk
    except JobInvalid as refusal:
        form.add_problems(refusal.extra["fields"])
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
