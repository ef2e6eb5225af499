"""Jobs, and the sections of one job's page, each of which can be fetched again by itself."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from marketplace.bidding.selectors import standings_for
from marketplace.jobs.rules import JobStatusConflict
from marketplace.jobs.services import job_withdraw
from marketplace.pages.agreements import agreement_cards, sent_about
from marketplace.pages.fitting import Makers, makers_of
from marketplace.pages.mandates import mandates_shown
from marketplace.pages.next_step import next_step
from marketplace.pages.selectors import JobPage, bids_of, job_page, job_rows, jobs_listed
from marketplace.pages.views.readers import person_of, viewer_of
from protocol.jobspec import needs_of
from protocol.statuses import JobStatus

A_PAGE = 24


@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """Jobs anyone may know of, with more of those the reader may see."""
    viewer = viewer_of(request)
    mine = bool(viewer) and "mine" in request.GET
    listed = jobs_listed(viewer)
    if mine:
        listed = listed.filter(designer=viewer)
    page = Paginator(listed, A_PAGE).get_page(request.GET.get("page"))
    shown = {"page": page, "rows": job_rows(page.object_list, viewer), "mine": mine}
    return render(request, "pages/jobs.html", shown)


@require_safe
def job(request: HttpRequest, job: UUID) -> HttpResponse:
    """Everything the reader may see of a job."""
    page = job_page(job, viewer_of(request))
    if not page.seen:
        return render(request, "pages/job_public.html", {"page": page})
    return render(request, "pages/job.html", _whole(page))


@require_safe
@login_required
def section(request: HttpRequest, job: UUID, section: str) -> HttpResponse:
    """One section, as the job's page fetches it anew. Raises Http404 for who may not see the job."""
    page = job_page(job, viewer_of(request))
    if not page.seen:
        raise Http404
    return render(request, f"pages/job/_{section}.html", {"page": page, **SECTIONS[section](page)})


def _status(page: JobPage) -> dict[str, Any]:
    now = timezone.now()
    ranked = [one for one in standings_for(page.job, page.viewer, now) if one.rank]
    next_one = next_step(page, agreement_cards(page.job, page.viewer, now), len(ranked))
    return {"next": next_one, "unmade": _unmade(page, len(ranked))}


def _unmade(page: JobPage, bids: int) -> Makers | None:
    """Told its designer while no printer that is listed now could bid."""
    spec = page.job.frozen_spec
    if bids or not page.own or page.job.status != JobStatus.OPEN or spec is None:
        return None
    found = makers_of(needs_of(spec))
    return None if found.able else found


def _bids(page: JobPage) -> dict[str, Any]:
    return {"bids": bids_of(page, timezone.now())}


def _agreements(page: JobPage) -> dict[str, Any]:
    return {"cards": agreement_cards(page.job, page.viewer, timezone.now())}


def _facts(page: JobPage) -> dict[str, Any]:
    return {}


def _sent(page: JobPage) -> dict[str, Any]:
    return {"sent": sent_about(page.job, page.viewer)}


SECTIONS = {
    "status": _status,
    "bids": _bids,
    "mandates": mandates_shown,
    "agreements": _agreements,
    "facts": _facts,
    "sent": _sent,
}


def _whole(page: JobPage) -> dict[str, Any]:
    now = timezone.now()
    bids, cards = bids_of(page, now), agreement_cards(page.job, page.viewer, now)
    ranked = [one for one in bids.standings if one.rank]
    return {
        "page": page,
        "bids": bids,
        "cards": cards,
        **_sent(page),
        **mandates_shown(page),
        "sample": cards[0].sample if cards else None,
        "next": next_step(page, cards, len(ranked)),
        "unmade": _unmade(page, len(ranked)),
    }


@require_POST
@login_required
def withdraw(request: HttpRequest, job: UUID) -> HttpResponse:
    """The designer takes an open job back."""
    try:
        job_withdraw(designer=person_of(request).address, job=job)
    except JobStatusConflict as refusal:
        messages.error(request, str(refusal))
    return redirect("pages:job", job=job)
