"""Writes the committed vectors: `python -m tests.vectors.make`. They change only if the protocol does."""

from __future__ import annotations

import json
from pathlib import Path

from eth_account import Account

from protocol.canonical import canonical_bytes, json_digest, salted_digest
from protocol.units import hex_of
from tests.vectors.anchors import anchors
from tests.vectors.samples import CHAIN_ID, ESCROW, samples
from tests.vectors.trees import trees

PATH = Path(__file__).parent / "vectors.json"
TREES = Path(__file__).parent / "trees.json"
ANCHORS = Path(__file__).parent / "anchors.json"
KEY = Account.from_key((0xB0).to_bytes(32))
JSON_SAMPLES = [{"b": 1, "a": [True, None, "ü€"]}, {"€": 1e21, "\r": 0.1, "1": -0.0}, {"20": "x", "3": {}}]


def vectors() -> dict:
    return {
        "chain_id": CHAIN_ID,
        "escrow": ESCROW,
        "signer": KEY.address,
        "typed": [
            {
                "type": type(struct).__name__,
                "domain": domain.name,
                "type_string": struct.type_string(),
                "message": struct.to_json(),
                "struct_digest": hex_of(struct.struct_digest()),
                "digest": hex_of(struct.digest(domain)),
                "signature": hex_of(KEY.unsafe_sign_hash(struct.digest(domain)).signature),
            }
            for struct, domain in samples()
        ],
        "json": [
            {
                "value": value,
                "canonical": canonical_bytes(value).decode(),
                "digest": hex_of(json_digest(value)),
                "salted": hex_of(salted_digest(b"\x01" * 32, canonical_bytes(value))),
            }
            for value in JSON_SAMPLES
        ],
    }


def write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write(PATH, vectors())
    write(TREES, trees())
    write(ANCHORS, anchors())
