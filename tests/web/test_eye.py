"""The watch on the consoles is not blind: what must fail a test is seen."""

from __future__ import annotations

import pytest

from tests.processes import eventually

pytestmark = [pytest.mark.web, pytest.mark.stack, pytest.mark.xdist_group("web")]

INLINE = "document.head.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = true'}))"


@pytest.mark.parametrize(
    ("planted", "complaint"),
    [
        (INLINE, "Content Security Policy"),
        ("fetch('https://elsewhere.example/').catch(() => null)", "Content Security Policy"),
        ("setTimeout(() => { throw new Error('planted') })", "uncaught: planted"),
        ("fetch('/nothing/here')", "status of 404"),
    ],
    ids=["inline script", "foreign host", "script error", "missing file"],
)
def test_a_complaint_is_seen(visit, planted, complaint):
    visitor = visit()
    visitor.go("/")
    assert visitor.eye.problems == []
    visitor.page.evaluate(f"() => {{ {planted}; }}")

    def complained() -> bool:
        # Events are heard while the page is asked something.
        ran = visitor.page.evaluate("window.ran === true")
        return not ran and any(complaint in problem for problem in visitor.eye.problems)

    eventually(complained, seconds=10)
    visitor.eye.announce("")
