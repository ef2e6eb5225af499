"""Uploading a design and seeing what it is."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace.designs.rules import size_text
from marketplace.designs.selectors import design_of, uploads_of
from marketplace.pages.views.readers import person_of

SHOWN = 12


@require_safe
@login_required
def design_new(request: HttpRequest) -> HttpResponse:
    """Upload a model, or take one uploaded before."""
    designs = uploads_of(person_of(request).address)[:SHOWN]
    shown = {"designs": designs, "limit": size_text(settings.UPLOAD_LIMIT_BYTES)}
    return render(request, "pages/design_new.html", shown)


@require_safe
@login_required
def design_card(request: HttpRequest, design: UUID) -> HttpResponse:
    """One design: asked again until it is measured."""
    found = design_of(person_of(request).address, design)
    return render(request, "pages/_design.html", {"design": found})
