"""Ada's open job, Bo's printer, and bids posted on it."""

import pytest

from tests.factories.market import bearer, opened, registered
from tests.factories.operator import operated, operator
from tests.factories.place import client, place

__all__ = ["client", "operated", "operator", "place"]


@pytest.fixture
def job(place, ada):
    return opened(ada)


@pytest.fixture
def printer(place, bo):
    return registered(bo)


@pytest.fixture
def post(client, bo):
    def send(job, body, account=bo, *scopes):
        token = bearer(account, *(scopes or ("bids",)))
        return client.post(f"/api/v1/jobs/{job.pk}/bids", body, HTTP_AUTHORIZATION=token)

    return send
