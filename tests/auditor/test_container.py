"""The zip around the bundle: any change to any byte is found, and no zip does harm."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import CannotTell
from auditor.findings import Verdict
from auditor.sources import container
from auditor.sources.container import canonical_zip, container_of, container_read
from marketplace.evidence.bundle import Parts, bundle_zip
from protocol.units import hex_of
from tests.auditor.conftest import told_of
from tests.factories.bundle import zipped


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_STORED, **more: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in [*sorted(files.items()), *more.items()]:
            archive.writestr(name, data)
    return target.getvalue()


def codes(raw: bytes) -> set[tuple[str, str]]:
    return {(finding.code, finding.place) for finding in container_of(raw).findings}


@pytest.mark.parametrize(
    "raw", [b"", b"PK", b"<html>not found</html>", b"PK\x05\x06" + b"\xff" * 18, b"\x00" * 4096]
)
def test_what_is_no_zip_cannot_be_told(raw):
    with pytest.raises(CannotTell) as refused:
        container_of(raw)
    assert refused.value.code == "bundle-not-zip"


def test_too_large_a_file_is_not_read(tmp_path, monkeypatch, clean):
    monkeypatch.setattr(container, "FILE_LIMIT", 100)
    path = tmp_path / "bundle.zip"
    path.write_bytes(zipped(clean.files))
    with pytest.raises(CannotTell) as refused:
        container_read(path)
    assert refused.value.code == "bundle-too-large"


def test_a_folder_cannot_be_told(tmp_path):
    with pytest.raises(CannotTell) as refused:
        container_read(tmp_path)
    assert refused.value.code in ("bundle-unreadable", "bundle-not-zip")


def test_a_bomb_is_named_and_not_unpacked(clean):
    bomb = packed({**clean.files, "logs.json": b"0" * (2 * container.ENTRY_LIMIT)}, zipfile.ZIP_DEFLATED)
    opened = container_of(bomb)
    assert ("bundle-file-unreadable", "logs.json") in codes(bomb)
    assert "logs.json" not in opened.files


def test_a_bomb_that_understates_its_size_stops_at_it(clean):
    raw = bytearray(packed({**clean.files, "job.json": b"0" * 10**6}, zipfile.ZIP_DEFLATED))
    place = raw.index(b"job.json", raw.index(b"PK\x01\x02")) - 46
    raw[place + 24 : place + 28] = (100).to_bytes(4, "little")
    opened = container_of(bytes(raw))
    assert len(opened.files["job.json"]) <= 101
    assert ("bundle-file-damaged", "job.json") in codes(bytes(raw))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_packings_are_named(clean, method):
    assert ("bundle-file-unreadable", "bid.json") in codes(packed(clean.files, method))


def test_files_missing_unknown_and_twice_are_named(clean):
    files = {name: data for name, data in clean.files.items() if name != "bid.json"}
    assert ("bundle-file-missing", "bid.json") in codes(packed(files))
    assert ("bundle-file-unknown", "'extra.json'") in codes(packed({**clean.files, "extra.json": b"{}"}))
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = packed(clean.files, **{"job.json": b"{}"})
    assert ("bundle-file-twice", "job.json") in codes(twice)


def test_another_packing_of_the_same_files_is_named(clean):
    for raw in (
        packed(clean.files),
        packed(clean.files, zipfile.ZIP_DEFLATED),
        b"junk" + zipped(clean.files),
    ):
        opened = container_of(raw)
        assert opened.files == clean.files
        assert [finding.code for finding in opened.findings] == ["bundle-form"]


def test_the_one_form_is_that_of_the_bundle(clean):
    assert canonical_zip(clean.files) == zipped(clean.files)
    assert not container_of(zipped(clean.files)).findings


def verdict(told, raw: bytes) -> Verdict:
    try:
        return told.audit(raw).verdict
    except CannotTell:
        return Verdict.CANNOT_TELL


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_changed_byte_of_the_zip_is_found(clean, data):
    raw = bytearray(zipped(clean.files))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    assert verdict(clean, bytes(raw)) is not Verdict.CLEAN


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_changed_byte_around_the_files_is_found(clean, data):
    """Headers and directory alone: bytes that many readers ignore."""
    raw = bytearray(zipped(clean.files))
    directory = raw.index(b"PK\x01\x02")
    raw[data.draw(st.integers(directory, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    assert verdict(clean, bytes(raw)) is not Verdict.CLEAN


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_cut_or_added_bytes_are_found(clean, data):
    raw = zipped(clean.files)
    at, more = data.draw(st.integers(0, len(raw))), data.draw(st.binary(max_size=8))
    cut = data.draw(st.integers(0 if more else 1, 16))
    changed = raw[:at] + more + raw[at + cut :]
    if changed != raw:
        assert verdict(clean, changed) is not Verdict.CLEAN


def test_a_marketplaces_bundle_is_in_the_one_form(scene):
    """The exporter and the auditor each have their own code for it."""
    scene.story()
    parts = scene.parts()
    created_at = datetime.strptime(scene.manifest(parts)["created_at"], "%Y-%m-%dT%H:%M:%SZ").replace(
        tzinfo=UTC
    )
    exported = Parts(scene.anvil.chain_id, scene.escrow, hex_of(scene.agreement), created_at, parts)
    assert bundle_zip(exported) == zipped(scene.files())
    assert told_of(scene).audit(bundle_zip(exported)).verdict is Verdict.CLEAN
