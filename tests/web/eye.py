"""What a browser complains of while it shows our pages: script errors, violated policies, failed loads."""

from __future__ import annotations

import re

from playwright.sync_api import ConsoleMessage, Page, Request

# A page that is left takes its open requests with it.
LEFT = "net::ERR_ABORTED"


class Eye:
    """Keeps every line of a page's console; `problems` are those that no test announced."""

    def __init__(self, page: Page) -> None:
        self.lines: list[str] = []
        self._bad: list[str] = []
        self._announced: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._complaint(f"uncaught: {error}"))
        page.on("requestfailed", self._failed)

    def announce(self, pattern: str) -> None:
        """A complaint that is right to come, such as the status of a refused request."""
        self._announced.append(pattern)

    @property
    def problems(self) -> list[str]:
        return [line for line in self._bad if not any(re.search(known, line) for known in self._announced)]

    def _console(self, message: ConsoleMessage) -> None:
        line = f"{message.type}: {message.text} ({message.location.get('url', '')})"
        if message.type == "error":
            self._complaint(line)
        else:
            self.lines.append(line)

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT:
            self._complaint(f"failed: {request.method} {request.url}: {request.failure}")

    def _complaint(self, line: str) -> None:
        self.lines.append(line)
        self._bad.append(line)
