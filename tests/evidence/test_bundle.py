"""The zip of a bundle: one form, the same bytes for the same facts."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.sources.container import canonical_zip
from marketplace.evidence.bundle import Parts, bundle_zip
from protocol.canonical import canonical_bytes, keccak, parse_canonical
from protocol.errors import Malformed
from protocol.units import hex_of

PARTS = Parts(
    chain_id=31337,
    escrow="0x5FbDB2315678afecb367f032d93F642f64180aa3",
    agreement="0x" + "ab" * 32,
    as_of=datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC),
    files={"job.json": {"spec": {"title": "né"}, "salt": "0x"}, "evidence/provider.json": []},
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def contents(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_is_no_canonical_json_makes_no_bundle():
    with pytest.raises(Malformed):
        bundle_zip(replace(PARTS, files={"job.json": {"quantity": float("nan")}}))


def test_the_manifest_names_every_file_with_its_digest():
    files = contents(bundle_zip(PARTS))
    manifest = parse_canonical(files.pop("manifest.json"))
    assert manifest == {
        "version": 1,
        "chain_id": 31337,
        "escrow": PARTS.escrow,
        "agreement": PARTS.agreement,
        "created_at": "2026-01-31T12:00:00Z",
        "files": {name: hex_of(keccak(data)) for name, data in files.items()},
    }


@given(st.dictionaries(st.sampled_from(["a.json", "b/c.json", "b.json", "z.json"]), JSON))
def test_the_same_facts_make_the_same_bytes_in_the_auditors_form(files):
    parts, reversed_parts = (
        replace(PARTS, files=dict(order)) for order in (files.items(), reversed(list(files.items())))
    )
    data = bundle_zip(parts)
    assert data == bundle_zip(reversed_parts) == canonical_zip(contents(data))
    assert all(contents(data)[name] == canonical_bytes(value) for name, value in files.items())
