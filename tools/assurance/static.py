"""`python -m tools.assurance.static`: slither on the contracts.

Exits 1 with each finding of high or medium impact that static.toml does not explain. A finding's place is
`<detector>: <what slither says, on one line and without line numbers>`.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tools.assurance import explained, place

LIST = Path(__file__).with_name("static.toml")
SERIOUS = ("High", "Medium")
REPORT = "slither.json"
_LOCATION = re.compile(r" \([^()]*\.sol#[\d-]+\)")
_DECLARED = re.compile(r"^(?:abstract )?(?:contract|library|interface) (\w+)", re.MULTILINE)


def main() -> None:
    """Analyse, say how much was analysed, exit 1 with what is serious and not explained."""
    try:
        copy = place.copied("static", (place.SOURCES,))
        build(copy)
        names = analysed(copy)
        findings = report(copy)
        reasons = explained.read(LIST)
    except (place.ToolMissing, place.ToolFailed, explained.ListUnusable) as error:
        sys.exit(str(error))
    count = Counter(finding["impact"] for finding in findings)
    print(f"slither: {len(names)} contracts of ours; findings: {dict(count) or 'none'}")
    if wrong := explained.problems(serious(findings), reasons, LIST.name):
        sys.exit("\n".join(wrong))


def build(copy: Path) -> None:
    """Compile for slither, which reads what the compiler was given and answered."""
    shutil.rmtree(copy / "out", ignore_errors=True)  # slither reads every build it finds
    done = place.run([place.forge(), "build", "--force", "--build-info", place.SOURCES], copy, "coverage")
    if done.returncode:
        raise place.failed("the contracts do not compile", done)


def analysed(copy: Path) -> set[str]:
    """The contracts slither looked at. Raises ToolFailed where one of ours is not among them."""
    printed = _slither(copy, "--print", "contract-summary")["printers"]
    seen = {element["name"] for result in printed for element in result["elements"]}
    sources = "".join(path.read_text() for path in (copy / place.SOURCES).rglob("*.sol"))
    ours = set(_DECLARED.findall(sources))
    if hidden := ours - seen:
        raise place.ToolFailed(f"slither did not analyse {', '.join(sorted(hidden))}")
    return ours


def report(copy: Path) -> list[dict[str, Any]]:
    """Every finding in our sources, those that a comment would silence included."""
    findings: list[dict[str, Any]] = _slither(copy, "--show-ignored-findings").get("detectors", [])
    return [finding for finding in findings if _is_ours(finding)]


def _slither(copy: Path, *options: str) -> dict[str, Any]:
    (copy / REPORT).unlink(missing_ok=True)
    program = place.analyser("slither")
    command = [program, ".", "--ignore-compile", "--foundry-out-directory", "out", "--json", REPORT]
    done = place.run([*command, *options], copy, "coverage")
    if not (copy / REPORT).is_file():
        raise place.failed("slither gave no report", done)
    answer = json.loads((copy / REPORT).read_text())
    if not answer["success"]:
        raise place.ToolFailed(f"slither failed: {answer['error']}")
    results: dict[str, Any] = answer["results"]
    return results


def _is_ours(finding: dict[str, Any]) -> bool:
    names = [element["source_mapping"]["filename_relative"] for element in finding["elements"]]
    return not names or any(name.startswith(place.SOURCES) for name in names)


def serious(findings: list[dict[str, Any]]) -> dict[str, str]:
    """Place -> where it is now, of the findings that must be explained."""
    return {
        _place(finding): f"{finding['impact']} impact, {finding['first_markdown_element']}"
        for finding in findings
        if finding["impact"] in SERIOUS
    }


def _place(finding: dict[str, Any]) -> str:
    said = " ".join(_LOCATION.sub("", finding["description"]).split())
    return f"{finding['check']}: {said}"


if __name__ == "__main__":
    main()
