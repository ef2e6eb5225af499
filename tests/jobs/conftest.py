import pytest

from marketplace.jobs.models import Job
from marketplace.jobs.tasks import settle
from tests.factories.models import BRACKET
from tests.factories.site import client_of, measured, person, registered, store, upload
from tests.jobs.factories import posting

__all__ = ["client_of", "measured", "person", "registered", "store", "upload"]


@pytest.fixture
def bracket(measured, ada):
    """Ada's measured bracket."""
    return measured(ada, BRACKET.read_bytes(), "bracket.stl")


@pytest.fixture
def post(client_of):
    """Post a job over HTTP; the response."""
    return lambda account, *designs, **changed: client_of(account).post(
        "/api/v1/jobs", posting(*designs, **changed)
    )


@pytest.fixture
def opened(post, bracket, ada) -> Job:
    """Ada's open job of two brackets."""
    job = post(ada, bracket.pk).json()["id"]
    assert settle() == 1
    return Job.objects.get(pk=job)
