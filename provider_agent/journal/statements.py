"""What a person said of a making beside the running agent, until that has signed it as evidence."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from typing import Any

from protocol.evidence import Kind
from protocol.units import Digest, digest_of, hex_of
from provider_agent.journal.store import Journal


@dataclass(frozen=True)
class Statement:
    """`payload` names the statement by its id: it becomes one record, whatever is restored in between."""

    id: str
    agreement: Digest
    kind: Kind
    payload: dict[str, Any]

    @property
    def key(self) -> str:
        """The key of its record."""
        return statement_key(self.kind, self.payload)


def statement_key(kind: Kind, payload: dict[str, Any]) -> str:
    """The key of the record that a statement becomes, by the payload that the record has."""
    return f"{kind}:{payload.get('statement')}"


def statement_id() -> str:
    """A new one, unique for ever."""
    return secrets.token_hex(8)


def statement_add(
    journal: Journal, identity: str, agreement: Digest, kind: Kind, said: dict[str, Any]
) -> None:
    """Journal what was said just now, to be signed by the agent."""
    payload = {**said, "statement": identity, "said_at": int(time.time())}
    journal.insert(
        "statements", id=identity, agreement=hex_of(agreement), kind=kind, payload=json.dumps(payload)
    )


def statements_waiting(journal: Journal) -> list[Statement]:
    """What is not signed yet, in the order it was said."""
    rows = journal.rows("SELECT * FROM statements ORDER BY rowid")
    return [
        Statement(row["id"], digest_of(row["agreement"]), Kind(row["kind"]), json.loads(row["payload"]))
        for row in rows
    ]


def statement_signed(journal: Journal, identity: str) -> None:
    """It is a record now, in the same atomic block."""
    journal.write("DELETE FROM statements WHERE id = ?", identity)
