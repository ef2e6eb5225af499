"""A real Chromium on the running product. Needs Debian's `chromium`; `make test-web` says so if it is missing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.stack import market, stack
from tests.web.visitor import Visitor

__all__ = ["market", "stack"]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--use-gl=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
FAILURES = Path(__file__).parents[2] / ".infill" / "web-failures"
VISITORS = pytest.StashKey[list[Visitor]]()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests, with a profile of its own that goes with it."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("Chromium is not installed: `make test-web` names the command that installs it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, stack, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visitor]]:
    """Opens browsers for visitors; at the end none of their consoles may hold an unannounced error."""
    visitors = request.node.stash.setdefault(VISITORS, [])

    def make(**context: object) -> Visitor:
        page = chromium.new_context(viewport={"width": 1280, "height": 900}, **context).new_page()
        visitors.append(Visitor(page, stack.place.url))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.page.context.close()
    assert not (problems := [line for visitor in visitors for line in visitor.eye.problems]), problems


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Of a failed test keep what each visitor saw, and say where."""
    report = (yield).get_result()
    visitors = item.stash.get(VISITORS, [])
    if report.when == "call" and report.failed and visitors:
        report.sections.append(("What the browsers showed", _keep(visitors, FAILURES / item.name)))


def _keep(visitors: list[Visitor], folder: Path) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, visitor in enumerate(visitors):
        visitor.page.screenshot(path=folder / f"{number}.png", full_page=True)
        (folder / f"{number}.console.txt").write_text("\n".join([visitor.page.url, *visitor.eye.lines]))
    return f"Screenshots and consoles: {folder}"
