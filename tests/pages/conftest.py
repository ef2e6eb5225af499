"""The pages as browsers get them: every answer is checked for what all pages must keep."""

from __future__ import annotations

import copy

import pytest
from django.test import Client
from django.utils import timezone
from eth_account.signers.local import LocalAccount

from marketplace.accounts.models import Person
from marketplace.jobs.models import Job
from marketplace.jobs.services import jobs_settle
from tests.factories.deal import deal  # noqa: F401
from tests.factories.site import client_of, measured, person, store, upload  # noqa: F401
from tests.pages.browser import INVALID, Browser


@pytest.fixture(autouse=True)
def loud_templates(settings):
    """A template variable that does not exist shows on the page."""
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["string_if_invalid"] = INVALID
    settings.TEMPLATES = templates


@pytest.fixture
def browse(db):
    """A browser for an account, or for nobody."""

    def make(account: LocalAccount | None = None) -> Browser:
        client = Client()
        if account:
            owner, _ = Person.objects.get_or_create(address=account.address)
            client.force_login(owner)
        return Browser(client)

    return make


@pytest.fixture
def posted(browse, measured, ada):  # noqa: F811
    """A job of Ada's with a real model, posted by the form; open."""

    def make(**changes: str) -> Job:
        design = measured(ada)
        form = {
            "title": "Secret bracket", "design": str(design.pk), "copies": "1", "material": "PLA",
            "colour": "black", "quality": "standard", "layer": "", "infill": "", "quantity": "2",
            "days": "2", "budget": "0.0123",
        }  # fmt: skip
        answer = browse(ada).client.post("/jobs/new", form | changes)
        assert answer.status_code == 302, answer.content.decode()
        jobs_settle(now=timezone.now())
        return Job.objects.get(pk=answer.url.rsplit("/", 1)[1])

    return make
