"""axe-core's judgement of a page as it stands."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = {"serious", "critical"}
SCHEMES = ("light", "dark")


@cache
def _source() -> str:
    return AXE.read_text()


def grave_violations(page: Page, scheme: str) -> list[str]:
    """Serious and critical violations in this colour scheme, each with its first element."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.evaluate(_source())
    found = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")["violations"]
    return [
        f"{page.url} ({scheme}): {each['id']}: {each['help']}: {each['nodes'][0]['html'][:200]} "
        f"{each['nodes'][0]['any'][:1]}"
        for each in found
        if each["impact"] in GRAVE
    ]
