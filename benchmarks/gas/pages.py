"""Everything committed that shows figures: written from one set of them, so that no page is out of date."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.gas.chart import chart
from benchmarks.gas.measure import CASES, Figures
from benchmarks.gas.tables import cases_table, floor_table, function_gas, goals_table, peers_table

DOCS = Path(__file__).parents[2] / "docs"
PAGE, PICTURE, OPERATIONS = DOCS / "gas.md", DOCS / "images" / "gas.svg", DOCS / "operations"
MARK = "<!-- figures: python -m benchmarks.gas --write -->\n"
GAS = "**Gas**"


class PageUnmarked(Exception):
    """A page has no place for its figures."""


def pages(figures: Figures) -> Iterator[tuple[Path, str]]:
    """Path and text of each page, as the figures want it. Raises PageUnmarked."""
    yield PICTURE, chart(figures)
    yield PAGE, _from(PAGE, MARK, MARK + "\n" + _body(figures))
    for function in dict.fromkeys(case.function for case in CASES):
        path = OPERATIONS / f"{function}.md"
        yield path, _from(path, GAS, function_gas(figures, function))


def pages_write(figures: Figures) -> None:
    """Bring every page up to date."""
    for path, text in pages(figures):
        path.write_text(text)


def _from(path: Path, mark: str, rest: str) -> str:
    """The page with everything from the mark on replaced."""
    head, found, _ = path.read_text().partition(mark)
    if not found:
        raise PageUnmarked(f"{path.name} has no {mark.strip()}: its figures stand from there to its end.")
    return head + rest


def _body(figures: Figures) -> str:
    parts = (
        ("## Goals", goals_table(figures)),
        ("## From award to payment in full", f"![bars](images/{PICTURE.name})\n\n{peers_table(figures)}"),
        ("## Every function", cases_table(figures)),
        ("## The least work of each kind", floor_table(figures)),
    )
    return "\n\n".join(f"{head}\n\n{text}" for head, text in parts) + "\n"
