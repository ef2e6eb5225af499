"""Somebody at a browser: what they click and what they see."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.web.eye import Eye

SECONDS = 1000
PATIENCE = 30 * SECONDS
JOB_PAGE = re.compile(r"/jobs/[0-9a-f]{8}-[0-9a-f-]{27}")
DEMO_BUTTONS = {"Ada": "Be Ada, the designer", "Charlie": "Be Charlie, a stranger"}


@dataclass
class Visitor:
    """One page in a browser context of its own: own cookies, own storage."""

    page: Page
    site: str
    eye: Eye = field(init=False)

    def __post_init__(self) -> None:
        self.eye = Eye(self.page)
        self.page.set_default_timeout(PATIENCE)

    def go(self, path: str, status: int = 200) -> None:
        """Open a page of the site, which answers with this status."""
        answer = self.page.goto(self.site + path)
        assert answer is not None
        assert answer.status == status, (path, answer.status)

    def sign_in(self, name: str) -> None:
        """With the demo wallet, by clicking."""
        self.go("/sign-in")
        self.page.get_by_role("button", name=DEMO_BUTTONS[name]).click()
        expect(self.page.get_by_role("link", name="Your account")).to_be_visible(timeout=PATIENCE)

    def upload(self, file: Path) -> None:
        """Choose a file on the upload page."""
        self.page.get_by_role("link", name="Post a job").first.click()
        self.page.get_by_label("Drop models here").set_input_files(file)

    def post(self) -> None:
        """Post the job of the form, once an estimate has proposed its budget."""
        expect(self.page.get_by_label("Budget in ETH")).not_to_have_value("", timeout=PATIENCE)
        self.page.get_by_role("button", name="Post the job").click()

    def sees(self, text: str | re.Pattern[str], seconds: float = 30) -> None:
        """Wait until the page says so."""
        expect(self.page.locator("main")).to_contain_text(text, timeout=seconds * SECONDS)

    def award_button(self, printer: str) -> Locator:
        return self.page.get_by_role("button", name=f"Award the bid of {printer}")

    @property
    def dialog(self) -> Dialog:
        return Dialog(self.page.get_by_role("dialog"))

    def status_of(self, path: str) -> int:
        """How the site answers a request from this very page, cookies and all."""
        return self.page.evaluate("path => fetch(path).then((answer) => answer.status)", path)

    def socket(self, path: str) -> str:
        """'open' or 'refused': how a WebSocket to this site opened from this very page fares."""
        return self.page.evaluate(
            """url => new Promise((tell) => {
                const socket = new WebSocket(url);
                socket.onopen = () => { tell("open"); socket.close(); };
                socket.onerror = () => tell("refused");
            })""",
            self.site.replace("http", "ws", 1) + path,
        )


@dataclass
class Dialog:
    """The wallet's dialog."""

    box: Locator

    def shows(self, *texts: str) -> None:
        """Wait for its button, then for each of the texts."""
        expect(self.box.get_by_role("button", name="Sign and send")).to_be_visible(timeout=PATIENCE)
        for text in texts:
            expect(self.box).to_contain_text(text)

    def sign(self) -> None:
        self.box.get_by_role("button", name="Sign and send").click()

    def ends(self, text: str) -> None:
        """Wait for its last word, then close it."""
        expect(self.box.get_by_role("status")).to_contain_text(text, timeout=PATIENCE)
        self.box.get_by_role("button", name="Close").click()
        expect(self.box).to_be_hidden()
