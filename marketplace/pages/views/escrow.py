"""A reader's account in the escrow, the disputes that name them, and an agreement by itself."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from marketplace.pages.agreements import agreement_card
from marketplace.pages.escrow_account import agreement_read_by, disputes_of, keys_of, purse_of, sent_by
from marketplace.pages.selectors import job_page
from marketplace.pages.views.readers import person_of

SHOWN = 100


@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Balance, hot keys, and every step about oneself."""
    address = person_of(request).address
    shown = {"purse": purse_of(address), "keys": keys_of(address), "sent": sent_by(address)}
    return render(request, "pages/escrow.html", shown)


@require_safe
@login_required
def purse(request: HttpRequest) -> HttpResponse:
    """The balance, fetched anew."""
    return render(request, "pages/_purse.html", {"purse": purse_of(person_of(request).address)})


@require_safe
@login_required
def keys(request: HttpRequest) -> HttpResponse:
    """The hot keys, fetched anew."""
    return render(request, "pages/_keys.html", {"keys": keys_of(person_of(request).address)})


@require_safe
@login_required
def sent(request: HttpRequest) -> HttpResponse:
    """What the reader sent, fetched anew."""
    return render(request, "pages/job/_sent.html", {"sent": sent_by(person_of(request).address)})


@require_safe
@login_required
def disputes(request: HttpRequest) -> HttpResponse:
    """For an arbiter: what waits for a ruling, and what is over."""
    rows = disputes_of(person_of(request).address)[:SHOWN]
    return render(request, "pages/disputes.html", {"rows": rows})


@require_safe
@login_required
def agreement(request: HttpRequest, agreement: str) -> HttpResponse:
    """An agreement, on its job's page; by itself for its arbiter, and where the job was posted elsewhere."""
    viewer = person_of(request).address
    row = agreement_read_by(agreement, viewer)
    if row.job and viewer in row.parties and job_page(row.job.pk, viewer).seen:
        return redirect(reverse("pages:job", args=[row.job.pk]) + f"#agreement-{row.pk}")
    return render(request, "pages/agreement.html", {"cards": [agreement_card(row, viewer, timezone.now())]})


@require_safe
@login_required
def agreement_section(request: HttpRequest, agreement: str) -> HttpResponse:
    """The same, as its page fetches it anew."""
    viewer = person_of(request).address
    card = agreement_card(agreement_read_by(agreement, viewer), viewer, timezone.now())
    return render(request, "pages/job/_agreements.html", {"cards": [card]})
