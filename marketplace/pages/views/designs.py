"""Uploading a design and seeing what it is."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketplace.designs.access import looks_at, requests_for_originals
from marketplace.designs.mesh.formats.units import Unit
from marketplace.designs.repairs import repair_want
from marketplace.designs.rules import (
    DesignInUse,
    DesignNotMeasured,
    NothingToPart,
    NothingToRepair,
    size_text,
)
from marketplace.designs.selectors import design_of, uploads_of
from marketplace.designs.services import design_convert, design_delete, design_part
from marketplace.designs.uses import uses_of
from marketplace.pages.estimates import table_of
from marketplace.pages.views.readers import person_of

SHOWN = 12
REQUESTS_SHOWN = 100


@require_safe
@login_required
def design_new(request: HttpRequest) -> HttpResponse:
    """Upload a model, or take one uploaded before."""
    designs = uploads_of(person_of(request).address)[:SHOWN]
    shown = {"designs": designs, "limit": size_text(settings.UPLOAD_LIMIT_BYTES)}
    return render(request, "pages/design_new.html", shown)


@require_safe
@login_required
def design(request: HttpRequest, design: UUID) -> HttpResponse:
    """One design: what it is, who asked for its file and its pictures, and deleting it."""
    found = design_of(person_of(request).address, design)
    requests = requests_for_originals(found)[:REQUESTS_SHOWN]
    looks = looks_at(found)[:REQUESTS_SHOWN]
    shown = {"design": found, "requests": requests, "looks": looks, "uses": uses_of(found.pk)}
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
    return render(request, "pages/_design.html", {"design": found, "table": table_of(found)})


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
def design_apart(request: HttpRequest, design: UUID) -> HttpResponse:
    """Take what a file holds as parts, and go on with these."""
    try:
        made, _ = design_part(owner=person_of(request), design=design)
    except NothingToPart as refusal:
        messages.error(request, str(refusal))
        return redirect(_form_of(design))
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
