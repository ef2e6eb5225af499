"""A bundle in which somebody changed something: each place is named."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.findings import Verdict
from auditor.sources.container import NAMES
from protocol.units import address_of
from tests.factories.bundle import resealed, zipped

OTHER = address_of("0x" + "ab" * 20)
PARTS = [name for name in NAMES if name != "manifest.json"]
Path = tuple[Any, ...]


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Paths to all values that are no objects and no lists."""
    if isinstance(value, dict | list) and value:
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from leaves(value[key], (*path, key))
    else:
        yield path


def changed(value: Any) -> Any:
    """Another value of the same shape, so that no format check can see it."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list | dict):
        return ["more"]
    if len(value) == 42 and value.startswith("0x"):
        return OTHER
    if value.isdecimal():
        return str(int(value) + 1)
    if value.endswith("Z") and value.startswith("20"):
        return value[:-2] + str((int(value[-2]) + 1) % 10) + "Z"
    if value.startswith("0x"):
        return value[:-1] + ("0" if value[-1] != "0" else "1")
    return value + "!"


def with_leaf(files: dict[str, bytes], name: str, path: Path) -> dict[str, bytes]:
    """The files with one value changed, and the manifest made to fit."""
    document = json.loads(files[name])
    *parents, last = path
    holder = document
    for key in parents:
        holder = holder[key]
    holder[last] = changed(holder[last])
    return resealed(files, **{name: document})


def named(told, files: dict[str, bytes]) -> set[str]:
    """The first words of the places that findings name."""
    audit = told.holding(files).audit()
    assert audit.verdict is Verdict.FINDINGS
    return {finding.place.split(" ")[0] for finding in audit.findings}


@pytest.mark.parametrize("name", PARTS)
def test_every_single_value_is_under_a_check(clean, name):
    """Not by the manifest, which was made to fit, but by what the value means."""
    unseen = []
    for path in leaves(json.loads(clean.files[name])):
        places = named(clean, with_leaf(clean.files, name, path))
        salt_of_model = name == "models.json" and path[-1] == "salt"
        if ("bracket.stl" if salt_of_model else name) not in places:
            unseen.append((path, places))
    assert not unseen


@pytest.mark.parametrize("member", ["version", "chain_id", "escrow", "agreement", "created_at"])
def test_every_member_of_the_manifest_is_under_a_check(clean, member):
    manifest = json.loads(clean.files["manifest.json"])
    manifest[member] = changed(manifest[member])
    assert "manifest.json" in named(clean, {**clean.files, "manifest.json": canonical(manifest)})


@pytest.mark.parametrize("name", PARTS)
def test_a_file_that_the_manifest_does_not_fit_is_named(clean, name):
    manifest = json.loads(clean.files["manifest.json"])
    manifest["files"][name] = changed(manifest["files"][name])
    assert named(clean, {**clean.files, "manifest.json": canonical(manifest)}) == {name}
    del manifest["files"][name]
    assert named(clean, {**clean.files, "manifest.json": canonical(manifest)}) == {name}


def test_a_file_that_only_the_manifest_has_is_named(clean):
    manifest = json.loads(clean.files["manifest.json"])
    manifest["files"]["extra.json"] = manifest["files"]["bid.json"]
    assert named(clean, {**clean.files, "manifest.json": canonical(manifest)}) == {"extra.json"}


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_changed_byte_of_any_file_is_named(clean, data):
    name = data.draw(st.sampled_from(sorted(clean.files)))
    content = bytearray(clean.files[name])
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    audit = clean.audit(zipped({**clean.files, name: bytes(content)}))
    assert audit.verdict is Verdict.FINDINGS
    assert name == "manifest.json" or name in {finding.place.split(" ")[0] for finding in audit.findings}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b"{}", b"{", b'{"a":1,"a":1}', b"\xff", b"[" * 100_000, b"NaN", b'"text"'],
)
def test_a_file_of_something_else_is_named(clean, name, content):
    audit = clean.audit(zipped({**clean.files, name: content}))
    assert audit.verdict is Verdict.FINDINGS
    assert name in {finding.place for finding in audit.findings}


@pytest.mark.parametrize(
    "name", [name for name in PARTS if not name.startswith("evidence") and name != "models.json"]
)
def test_json_in_another_form_is_named(clean, name):
    spaced = json.dumps(json.loads(clean.files[name])).encode()
    places = {
        (finding.code, finding.place)
        for finding in clean.audit(zipped({**clean.files, name: spaced})).findings
    }
    assert ("bundle-file-malformed", name) in places


@pytest.mark.parametrize("name", ["bid.json", "award.json", "job.json", "profile.json"])
def test_members_unknown_or_missing_are_named(clean, name):
    document = json.loads(clean.files[name])
    assert name in named(clean, resealed(clean.files, **{name: {**document, "more": 1}}))
    for member in document:
        rest = {key: value for key, value in document.items() if key != member}
        assert name in named(clean, resealed(clean.files, **{name: rest}))


def test_logs_dropped_invented_or_reordered_are_named(clean):
    logs = json.loads(clean.files["logs.json"])
    extra = {**logs[-1], "log_index": logs[-1]["log_index"] + 1}
    forgeries = {
        "log-missing": logs[:-1],
        "log-invented": [*logs, extra],
        "log-differs": [logs[1], logs[0], *logs[2:]],
    }
    for code, forged in forgeries.items():
        assert code in clean.holding(resealed(clean.files, **{"logs.json": forged})).codes()


def test_models_dropped_or_invented_are_named(clean):
    (model,) = json.loads(clean.files["models.json"])
    other = {**model, "model": changed(model["model"])}
    assert "model-unlisted" in clean.holding(resealed(clean.files, **{"models.json": []})).codes()
    assert "model-unknown" in clean.holding(resealed(clean.files, **{"models.json": [model, other]})).codes()


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
