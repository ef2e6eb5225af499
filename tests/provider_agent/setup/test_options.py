"""Options of setup: refused by what is wrong with them."""

from __future__ import annotations

import click
import pytest

from protocol.capability import Material
from provider_agent.options import BedType, MaterialsType, UrlType
from provider_agent.setup.options import At, AtType, MaybeAtType, NozzleType, SerialType, SomeOfType


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        (AtType(), "", "no driver"),
        (AtType(), "typewriter,http://h", "one of bambu, moonraker"),
        (AtType(), "octoprint", "no address"),
        (AtType(), "octoprint,ftp://h", "no address"),
        (AtType(), "octoprint,http://h,colour=red", "no key; write any of name, bed"),
        (AtType(), "octoprint,http://h,left", "no KEY=VALUE"),
        (AtType(), "octoprint,http://h,secret=", "no KEY=VALUE"),
        (AtType(), "octoprint,http://h,bed=large", "no bed"),
        (AtType(), "octoprint,http://h,nozzle=4", "no nozzle"),
        (AtType(), "octoprint,http://h,name=../x", "letters, digits"),
        (AtType(), "octoprint,http://h,material=Marble", "write each of PLA"),
        (BedType(), "220x220", "no bed"),
        (BedType(), "0x1x1", "no bed"),
        (BedType(), "-1x1x1", "no bed"),
        (BedType(), "NaNx1x1", "no bed"),
        (BedType(), "Infinityx1x1", "no bed"),
        (BedType(), "1e99x1x1", "no bed"),
        (MaterialsType(), "", "write each of"),
        (MaterialsType(), "PLA PLA", "once"),
        (MaterialsType(), "pla", "write each of"),
        (MaterialsType(), "PLA:" + "x" * 65, "too long"),
        (NozzleType(), "nan", "no nozzle"),
        (NozzleType(), "inf", "no nozzle"),
        (SerialType(["p1"]), "p1", "another printer's name"),
        (SerialType([]), "a b", "letters, digits"),
        (SomeOfType(2), "3", "from 1 to 2"),
        (SomeOfType(2), "0", "from 1 to 2"),
        (SomeOfType(2), "", "from 1 to 2"),
        (UrlType(), "example.org", "no address"),
    ],
)
def test_a_wrong_value_says_what_to_write(kind: click.ParamType, value: str, problem: str) -> None:
    with pytest.raises(click.BadParameter, match=problem):
        kind.convert(value, None, None)


def test_a_printer_is_told_in_one_option() -> None:
    told = "prusalink,http://10.0.0.2/,name=mk4,bed=250x210x220,nozzle=0.6,material=PLA:black/red,material=PETG,secret=me:pw"
    assert AtType().convert(told, None, None) == At(
        "prusalink",
        "http://10.0.0.2",
        name="mk4",
        bed_um=(250_000, 210_000, 220_000),
        nozzle_um=600,
        materials=(Material("PLA", ("black", "red")), Material("PETG", ())),
        settings={"secret": "me:pw"},
    )


def test_a_printer_is_typed_with_a_blank_too() -> None:
    assert MaybeAtType().convert("octoprint http://octopi.local", None, None) == At(
        "octoprint", "http://octopi.local"
    )
    assert MaybeAtType().convert("", None, None) is None


def test_numbers_of_a_list() -> None:
    which = SomeOfType(3)
    assert which.convert("all", None, None) == (0, 1, 2)
    assert which.convert("none", None, None) == ()
    assert which.convert("3, 1 3", None, None) == (2, 0)
