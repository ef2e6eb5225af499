"""What a token may be used for. A browser session holds every scope. Pure."""

from enum import StrEnum


class Scope(StrEnum):
    READ = "read"
    JOBS = "jobs"
    BIDS = "bids"
    PRINTERS = "printers"
    EVIDENCE = "evidence"


ALL_SCOPES: tuple[str, ...] = tuple(scope.value for scope in Scope)
