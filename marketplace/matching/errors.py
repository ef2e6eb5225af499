"""Why a job cannot be matched."""

from http import HTTPStatus

from protocol.errors import InfillError


class JobNotMeasured(InfillError):
    """The job has no spec yet."""

    code = "job-not-measured"
    http_status = HTTPStatus.CONFLICT
