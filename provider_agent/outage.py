"""Saying once that something is gone, and once that it is back."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)


class Outage:
    """One connection's fate, for people: no line is said twice in a row."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._said = ""
        self.failures = 0

    def lost(self, error: Exception) -> None:
        """It failed (again)."""
        self.failures += 1
        if not self._said:
            log.warning("%s: %s; waiting for it", self._what, error)
            self._said = str(error)

    def back(self) -> None:
        """It works."""
        self.failures = 0
        if self._said:
            log.info("%s: it is back", self._what)
            self._said = ""
