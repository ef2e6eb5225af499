"""printer.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from provider_agent.drivers.virtual.definition import DefinitionInvalid, definition_load
from provider_agent.drivers.virtual.server import folders


def written(folder: Path, text: str) -> Path:
    path = folder / "printer.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("bed_um = [220000, 220000]", "bed_um"),
        ("bed_um = [220000, 220000, -1]", "bed_um"),
        ('bed_um = "big"', "bed_um"),
        ("acceleration_mm_s2 = 0", "acceleration_mm_s2"),
        ("nozzle_limit_c = true", "nozzle_limit_c"),
        ('serial = ""', "serial"),
        ("colour = 1", "colour"),
        ("serial = ", "printer.toml"),
    ],
)
def test_a_definition_that_describes_no_printer_is_refused_by_name(
    tmp_path: Path, text: str, named: str
) -> None:
    with pytest.raises(DefinitionInvalid, match=named):
        definition_load(written(tmp_path, text))


def test_a_missing_definition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionInvalid):
        definition_load(tmp_path / "printer.toml")


def test_what_is_not_said_has_a_default_and_the_serial_is_the_folder(tmp_path: Path) -> None:
    found = definition_load(
        written(tmp_path, "bed_um = [180000, 180000, 180000]\nfeed_mm_s = [300, 300, 20, 80]\n")
    )
    assert found.serial == tmp_path.name
    assert found.bed_um == (180_000, 180_000, 180_000)
    assert found.motion.feed_mm_s == (300.0, 300.0, 20.0, 80.0)


def test_folders_are_those_named_else_all_else_one(tmp_path: Path) -> None:
    assert [folder.name for folder in folders(tmp_path)] == ["virtual"]
    assert [folder.name for folder in folders(tmp_path, ["b", "a"])] == ["b", "a"]
    assert [folder.name for folder in folders(tmp_path)] == ["a", "b", "virtual"]
