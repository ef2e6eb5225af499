"""The pages of docs/operations: one for each function, with its signature and exactly the errors of the interface."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from contracts.artifacts import CONTRACTS, abi
from contracts.compiler import ROOT

PAGES = ROOT / "docs" / "operations"
SHARED = "reading.md"
ENTRIES = [entry for name in CONTRACTS for entry in abi(name)]
FUNCTIONS = {entry["name"]: entry for entry in ENTRIES if entry["type"] == "function"}
ERRORS = {entry["name"] for entry in ENTRIES if entry["type"] == "error"}
CHANGING = {name for name, entry in FUNCTIONS.items() if entry["stateMutability"] != "view"}


class Refusals(NamedTuple):
    """Errors named, and whether those of another function come on top."""

    named: set[str]
    and_of_check_awardable: bool


def page_of(function: str) -> Path:
    """The page that the index names."""
    index = (PAGES / "README.md").read_text()
    [name] = re.findall(rf"\[{function}\]\((\w+\.md)\)", index)
    return PAGES / name


def signature_of(entry: dict[str, Any]) -> str:
    """As a page writes it: types by their own names, on one line."""

    def listed(values: list[dict[str, Any]]) -> str:
        kinds = (value["internalType"].split()[-1].split(".")[-1] for value in values)
        return ", ".join(f"{kind} {value['name']}" for kind, value in zip(kinds, values, strict=True))

    mutability = {"view": " view", "payable": " payable"}.get(entry["stateMutability"], "")
    returns = f" returns ({listed(entry['outputs'])})" if entry["outputs"] else ""
    return f"function {entry['name']}({listed(entry['inputs'])}){mutability}{returns}"


def in_interface(function: str) -> Refusals:
    """What the NatSpec above a function's declaration names."""
    sources = "".join(path.read_text() for path in sorted((ROOT / "contracts/src/interfaces").glob("I*.sol")))
    [comment] = re.findall(rf"((?:^ *///.*\n)+) *function {function}\(", sources, re.MULTILINE)
    words = " ".join(re.findall(r"^ *///(.*)$", comment, re.MULTILINE))
    return refusals(words, "every error of `checkAwardable`")


def in_page(function: str) -> Refusals:
    """What the paragraph on errors names."""
    [paragraph] = re.findall(r"^\*\*Errors\.\*\*(.*?)(?:\n\n|\Z)", page_of(function).read_text(), re.M | re.S)
    return refusals(" ".join(paragraph.split()), "every error of [checkAwardable](checkAwardable.md)")


def refusals(text: str, others: str) -> Refusals:
    text = " ".join(text.split())
    return Refusals(ERRORS & set(re.findall(r"\w+", text)), others in text)


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_every_function_has_a_page(function: str) -> None:
    page = page_of(function)
    assert page.name in (f"{function}.md", SHARED)
    assert f"{function}(" in page.read_text()
    assert page.name != SHARED or function not in CHANGING


def test_every_page_is_about_a_function() -> None:
    names = {path.stem for path in PAGES.glob("*.md")} - {"README", Path(SHARED).stem}
    assert names == {name for name in FUNCTIONS if page_of(name).name != SHARED}


OWN = sorted(name for name in FUNCTIONS if page_of(name).name != SHARED)


@pytest.mark.parametrize("function", OWN)
def test_a_page_names_exactly_the_errors_of_the_interface(function: str) -> None:
    assert in_page(function) == in_interface(function)


@pytest.mark.parametrize("function", sorted(set(FUNCTIONS) - set(OWN)))
def test_what_shares_a_page_has_no_errors(function: str) -> None:
    assert in_interface(function) == Refusals(set(), False)


def test_every_error_is_on_some_page() -> None:
    assert ERRORS - set().union(*(in_page(function).named for function in OWN)) == set()


@pytest.mark.parametrize("function", OWN)
def test_a_page_shows_the_signature(function: str) -> None:
    [block] = re.findall(r"```solidity\n(.*?)```", page_of(function).read_text(), re.S)
    assert " ".join(block.split()) == signature_of(FUNCTIONS[function])


@pytest.mark.parametrize("function", OWN)
def test_a_page_answers_the_same_questions(function: str) -> None:
    text = page_of(function).read_text()
    told = {
        part.strip()
        for head in re.findall(r"^\*\*([A-Z][^*]*?)\.?\*\*", text, re.M)
        for part in re.split(",| and ", head)
    }
    wanted = {"purpose", "who", "when", "checks", "status", "log", "errors", "gas"}
    assert wanted - {word.lower() for word in told} == set()


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.md")), ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text())
    assert [link for link in links if not (PAGES / link).exists()] == []
