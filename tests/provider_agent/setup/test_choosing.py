"""What is asked of each printer, and when one is left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from provider_agent.drivers.base import Definition, Identity
from provider_agent.drivers.errors import PairingRefused, PrinterForbids, PrinterUnreachable
from provider_agent.errors import AnswerMissing
from provider_agent.setup import choosing
from provider_agent.setup.announcements import Announced
from provider_agent.setup.asking import Asker
from provider_agent.setup.choosing import printers_choose
from provider_agent.setup.options import At
from provider_agent.setup.printers import Seen, printer_look
from provider_agent.template import PrinterAnswer
from tests.provider_agent.desk import ScriptedPrinter
from tests.provider_agent.test_telemetry import camera

BED = (250_000, 210_000, 220_000)
MK4 = Identity("Prusa", "MK4", "s", "6.0", "PrusaLink")
Choose = Callable[..., tuple[tuple[PrinterAnswer, ...], str]]


@pytest.fixture
def printers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What answers, by url: a Seen, or an error unless the secret is "right"."""
    there: dict[str, Any] = {}

    async def look(driver: str, url: str, settings: dict[str, str]) -> Seen:
        found = there.get(url, PrinterUnreachable(f"nothing answers at {url}"))
        if isinstance(found, PrinterForbids) and settings.get("secret") == "right":
            return Seen(MK4, Definition(BED, 400))
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(choosing, "printer_look", look)
    return there


@pytest.fixture
def choose() -> Choose:
    """The printers chosen and all that was said; `typed` by somebody, or nobody there."""

    def run(*given: At, typed: str | None = None) -> tuple[tuple[PrinterAnswer, ...], str]:
        with CliRunner().isolation(input=typed or "") as (said, *_):
            found = printers_choose(Asker(yes=typed is None), given, None)
        return found, said.getvalue().decode()

    return run


def test_nothing_announced_and_nobody_there_is_no_printer(choose: Choose, hears) -> None:
    hears(network=False)
    with pytest.raises(AnswerMissing, match="--printer octoprint"):
        choose()


def test_a_bed_that_nobody_tells_is_not_guessed(choose: Choose, printers) -> None:
    printers["http://a"] = Seen(MK4, Definition())
    printers["http://b"] = Seen(MK4, Definition(BED))
    found, said = choose(At("virtual", "http://a"), At("virtual", "http://b"))
    assert [one.url for one in found] == ["http://b"]
    assert "left out: " in said
    assert "give bed=... in --printer" in said


def test_a_key_that_is_not_taken_leaves_the_printer_out_where_nobody_types_another(
    choose: Choose, printers
) -> None:
    printers["http://a"] = PrinterForbids("the secret is wrong")
    printers["http://b"] = Seen(MK4, Definition(BED))
    found, said = choose(At("prusalink", "http://a", settings={"secret": "wrong"}), At("virtual", "http://b"))
    assert [one.url for one in found] == ["http://b"]
    assert "left out: the secret is wrong" in said


def test_no_key_typed_leaves_the_printer_out(choose: Choose, printers) -> None:
    printers["http://a"] = PrinterForbids("the secret is wrong")
    with pytest.raises(AnswerMissing):
        choose(At("prusalink", "http://a"), typed="\n")


def test_a_key_is_asked_for_again_unseen_until_it_is_right(choose: Choose, printers) -> None:
    printers["http://10.0.0.9"] = PrinterForbids("the secret is wrong")
    (found,), said = choose(At("prusalink", "http://10.0.0.9"), typed="wrong\nwronger\nright\n\n\n")
    assert found.settings == {"secret": "right"}
    assert found.serial == "mk4"
    assert said.count("the secret is wrong") == 2
    assert "PrusaLink's API key, or user:password" in said
    assert "wronger" not in said


def test_an_owner_who_does_not_allow_may_type_a_key(choose: Choose, printers, monkeypatch) -> None:
    async def pair(url: str) -> str:
        raise PairingRefused(f"the owner of {url} did not allow it")

    monkeypatch.setattr(choosing, "pairing_of", lambda _: ("secret", pair))
    printers["http://a"] = PrinterForbids("the secret is wrong")
    (found,), said = choose(At("octoprint", "http://a"), typed="right\n\n\n")
    assert found.settings == {"secret": "right"}
    assert 'allow "Infill" there' in said


def test_what_a_printer_gives_by_itself_is_not_asked(choose: Choose, printers, monkeypatch) -> None:
    async def pair(url: str) -> str:
        return "ab" * 32

    monkeypatch.setattr(choosing, "pairing_of", lambda _: ("certificate", pair))
    printers["https://a"] = Seen(MK4, Definition(BED))
    (found,), said = choose(At("bambu", "https://a"), typed="code\n01S\n\n0.4\n\n")
    assert found.settings == {"secret": "code", "device": "01S", "certificate": "ab" * 32}
    assert "certificate received" in said


def test_one_printer_is_asked_once_and_two_are_named_apart(choose: Choose, printers) -> None:
    printers |= {f"http://{name}": Seen(MK4, Definition(BED, 600)) for name in "ab"}
    found, said = choose(At("virtual", "http://a"), At("virtual", "http://b"), At("virtual", "http://a"))
    assert [one.serial for one in found] == ["a", "b"]
    assert "is in the list already" in said
    assert {(one.capability.min_layer_um, one.capability.max_layer_um) for one in found} == {(150, 450)}


def test_of_those_announced_some_are_chosen_and_materials_carry_on(choose: Choose, printers, hears) -> None:
    hears(*(Announced("moonraker", f"Voron {name}", f"http://10.0.0.{name}") for name in (1, 2, 3)))
    printers |= {f"http://10.0.0.{name}": Seen(MK4, Definition(BED, 400)) for name in (1, 2, 3)}
    found, said = choose(typed="9\n1 3\n\nPETG:clear\n\n\n\n")
    assert "from 1 to 3" in said
    assert [one.serial for one in found] == ["voron-1", "voron-3"]
    assert [one.capability.materials[0].kind for one in found] == ["PETG", "PETG"]


def test_a_camera_that_gave_no_still_is_left_out_and_why_is_said(choose: Choose, printers) -> None:
    printers["http://a"] = Seen(MK4, Definition(BED, 400), blind="http://a/still answered 500\x1b[2J")
    (found,), said = choose(At("virtual", "http://a"))
    assert found.camera == ""
    assert "without a camera: http://a/still answered 500 [2J" in said


def test_a_camera_is_shown_and_its_owners_own_comes_first(choose: Choose, printers) -> None:
    for name in "ab":
        printers[f"http://{name}"] = Seen(MK4, Definition(BED, 400), camera=f"http://{name}/still")
    found, said = choose(At("virtual", "http://a"), At("virtual", "http://b", camera="http://c/still"))
    assert [one.camera for one in found] == ["http://a/still", "http://c/still"]
    assert "camera http://a/still" in said


class Named(ScriptedPrinter):
    """A printer whose software names a camera there, or says that it will not."""

    named: str | Exception | None = None

    async def camera(self) -> str | None:
        if isinstance(self.named, Exception):
            raise self.named
        return self.named


@pytest.mark.parametrize(
    ("named", "blind"),
    [
        (None, ""),
        (PrinterForbids("the secret is too weak"), "too weak"),
        ("http://127.0.0.1:1/still", "no still from http://127.0.0.1:1/still"),
    ],
)
async def test_only_a_camera_that_gives_a_still_is_taken(monkeypatch, named, blind: str) -> None:
    driver = Named()
    driver.named = named
    monkeypatch.setattr("provider_agent.setup.printers.driver_for", lambda *_, **__: driver)
    seen = await printer_look("virtual", "http://127.0.0.1:1", {})
    assert seen.camera is None
    assert (blind in seen.blind, bool(seen.blind)) == (True, bool(blind))


async def test_a_camera_that_gives_a_still_is_taken(monkeypatch) -> None:
    driver = Named()
    monkeypatch.setattr("provider_agent.setup.printers.driver_for", lambda *_, **__: driver)
    with camera() as url:
        driver.named = url
        seen = await printer_look("virtual", "http://127.0.0.1:1", {})
    assert (seen.camera, seen.blind) == (url, "")
    assert f"camera {url}" in seen.text
