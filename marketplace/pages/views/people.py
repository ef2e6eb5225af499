"""Signing in and out, and what is a person's own."""

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from marketplace.accounts.selectors import tokens_of
from marketplace.accounts.services import token_revoke
from marketplace.escrow.selectors import agreements_of
from marketplace.jobs.selectors import jobs_of
from marketplace.pages.escrow_account import disputes_of
from marketplace.pages.selectors import job_rows, printer_rows
from marketplace.pages.views.readers import person_of, viewer_of
from marketplace.providers.selectors import printers_of
from protocol.statuses import AgreementStatus

SHOWN = 12


@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with a wallet; on a local chain, with one of the demo's."""
    after = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(after, allowed_hosts=None):
        after = reverse("pages:home")
    if viewer_of(request):
        return redirect(after)
    return render(request, "pages/sign_in.html", {"after": after, "demo": settings.DEMO_WALLET})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("pages:home")


@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """The reader's jobs, agreements, printers and tokens."""
    person = person_of(request)
    address = person.address
    shown = {
        "rows": job_rows(jobs_of(address)[:SHOWN], address),
        "agreements": agreements_of(address).select_related("job")[:SHOWN],
        "printers": printer_rows(printers_of(address)),
        "tokens": tokens_of(person),
        "disputes": disputes_of(address).filter(status=AgreementStatus.DISPUTED).count(),
    }
    return render(request, "pages/account.html", shown)


@require_POST
@login_required
def revoke(request: HttpRequest, token: int) -> HttpResponse:
    """End one of the reader's own tokens."""
    if not token_revoke(person=person_of(request), token_id=token):
        raise Http404
    return redirect("pages:account")
