"""The first page, and the one that says how to check everything."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace.chain.errors import NetworkUnknown
from marketplace.chain.selectors import deployment_current
from marketplace.pages.selectors import counters, job_rows, jobs_listed
from marketplace.pages.views.readers import viewer_of

LATEST = 6


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What Infill is, and what happens here now."""
    viewer = viewer_of(request)
    rows = job_rows(jobs_listed(viewer)[:LATEST], viewer)
    return render(request, "pages/home.html", {"counters": counters(), "rows": rows})


@require_safe
def now(request: HttpRequest) -> HttpResponse:
    """The part of the first page that changes."""
    viewer = viewer_of(request)
    rows = job_rows(jobs_listed(viewer)[:LATEST], viewer)
    return render(request, "pages/_now.html", {"counters": counters(), "rows": rows})


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """How to check an agreement without this site."""
    try:
        contracts = deployment_current()
    except NetworkUnknown:
        contracts = None
    shown = {"contracts": contracts, "chain_id": settings.CHAIN_ID, "fee": f"{settings.FEE_BPS / 100:g} %"}
    return render(request, "pages/verify.html", shown)
