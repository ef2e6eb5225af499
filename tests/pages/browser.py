"""A browser that reads HTML strictly: what a page must never do fails the test that fetched it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve

INVALID = "!!no such variable!!"
VOID = {"meta", "link", "img", "input", "br", "hr", "rect", "path", "source"}
LINKS = {"href", "src", "action", "hx-get", "hx-post", "data-after"}
LABELLED = {"input", "select", "textarea"}


@dataclass
class Page(HTMLParser):
    """A parsed page."""

    problems: list[str] = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)
    links: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    inputs: list[dict[str, str | None]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def __hash__(self) -> int:
        return id(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if len(found) != len(attrs):
            self.problems.append(f"an attribute twice in <{tag}>")
        self._inline(tag, found)
        if found.get("id"):
            self.ids[str(found["id"])] += 1
        self.links |= {str(value) for name, value in attrs if name in LINKS and value}
        if tag == "label" and found.get("for"):
            self.labels.add(str(found["for"]))
        if tag in LABELLED and found.get("type") != "hidden":
            self.inputs.append(found)
        if tag == "img" and "alt" not in found:
            self.problems.append("an img without alt")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def _inline(self, tag: str, attrs: dict[str, str | None]) -> None:
        if tag == "style" or (tag == "script" and not attrs.get("src")):
            self.problems.append(f"inline <{tag}>")
        bad = [name for name in attrs if name == "style" or name.startswith(("on", "hx-on"))]
        self.problems += [f"inline {name} in <{tag}>" for name in bad]

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        self.text += data

    def finish(self) -> None:
        """Judge what only the whole page shows."""
        self.problems += [f"id {name} {count} times" for name, count in self.ids.items() if count > 1]
        self.problems += [f"<{tag}> stays open" for tag in self.open]
        for found in self.inputs:
            if found.get("id") not in self.labels and not found.get("aria-label"):
                self.problems.append(f"no label for {found}")
        self.problems += [f"link to nowhere: {link}" for link in self.links if not self._leads(link)]

    def _leads(self, link: str) -> bool:
        parts = urlsplit(link)
        if parts.netloc:
            return False
        if parts.fragment and not parts.path:
            return parts.fragment in self.ids
        if parts.path.startswith("/static/"):
            return finders.find(parts.path.removeprefix("/static/")) is not None
        return not parts.path or bool(resolve(parts.path))


@dataclass
class Browser:
    """Somebody's browser."""

    client: Client

    def get(self, path: str, status: int = 200) -> Page:
        """The page at a path, which must answer with this status."""
        return read(self.client.get(path), status)

    def leads(self, path: str) -> str:
        """Where a path redirects to."""
        answer = self.client.get(path)
        assert answer.status_code == 302, (path, answer.status_code)
        return answer.url


def read(answer: HttpResponse, status: int = 200) -> Page:
    """An answer as a page that has nothing wrong with it."""
    html = answer.content.decode()
    assert answer.status_code == status, (answer.status_code, html[:500])
    assert answer["Content-Type"].startswith("text/html")
    assert INVALID not in html, html[max(0, html.index(INVALID) - 200) :][:400]
    page = Page()
    page.feed(html)
    page.close()
    page.finish()
    assert not page.problems, page.problems
    return page
