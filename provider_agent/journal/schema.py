"""The journal's tables. Amounts: decimal text; digests: 0x text; times: epoch seconds; structs: wire JSON."""

from __future__ import annotations

FIRST = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE profiles (
    serial TEXT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, profile TEXT NOT NULL, capability TEXT NOT NULL,
    signature TEXT NOT NULL, registered INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE bids (
    agreement TEXT PRIMARY KEY, job TEXT NOT NULL, serial TEXT NOT NULL, bid TEXT NOT NULL,
    spec TEXT NOT NULL, salt TEXT NOT NULL, signature TEXT, sent INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', made_at INTEGER NOT NULL,
    valid_until INTEGER NOT NULL, bond TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX one_open_bid_a_job ON bids (job) WHERE status = 'OPEN';
CREATE INDEX bids_by_time ON bids (made_at);

CREATE TABLE reservations (
    agreement TEXT PRIMARY KEY REFERENCES bids, serial TEXT NOT NULL, starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL CHECK (ends_at > starts_at), freed_at INTEGER
) STRICT;
CREATE INDEX reservations_held ON reservations (serial, starts_at) WHERE freed_at IS NULL;

CREATE TABLE makings (
    agreement TEXT PRIMARY KEY REFERENCES bids, status TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
    units INTEGER NOT NULL, award_block INTEGER NOT NULL, award_transaction TEXT NOT NULL,
    paid TEXT NOT NULL DEFAULT '0', how TEXT NOT NULL DEFAULT 'OPEN', created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE files (
    agreement TEXT NOT NULL REFERENCES makings, part INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    digest TEXT NOT NULL, facts TEXT NOT NULL, PRIMARY KEY (agreement, part, kind)
) STRICT;

CREATE TABLE attempts (
    id TEXT PRIMARY KEY, agreement TEXT NOT NULL REFERENCES makings, item INTEGER NOT NULL,
    number INTEGER NOT NULL, serial TEXT NOT NULL, remote_name TEXT NOT NULL, status TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '', intended_at INTEGER NOT NULL, ended_at INTEGER, cleared_at INTEGER,
    UNIQUE (agreement, item, number)
) STRICT;
CREATE INDEX plates_taken ON attempts (serial) WHERE cleared_at IS NULL;

CREATE TABLE samples (
    attempt TEXT NOT NULL REFERENCES attempts, observed_at INTEGER NOT NULL, sample TEXT NOT NULL
) STRICT;
CREATE INDEX samples_of ON samples (attempt);

CREATE TABLE evidence (
    agreement TEXT NOT NULL, seq INTEGER NOT NULL, key TEXT NOT NULL, signed TEXT NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (agreement, seq), UNIQUE (agreement, key)
) STRICT;

CREATE TABLE transactions (
    id INTEGER PRIMARY KEY, purpose TEXT NOT NULL, agreement TEXT NOT NULL, destination TEXT NOT NULL,
    data TEXT NOT NULL, value TEXT NOT NULL, nonce INTEGER NOT NULL, status TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX one_in_flight ON transactions (status) WHERE status = 'INTENDED';

CREATE TABLE broadcasts (
    digest TEXT PRIMARY KEY, intent INTEGER NOT NULL REFERENCES transactions, raw TEXT NOT NULL,
    max_fee TEXT NOT NULL, sent_at INTEGER NOT NULL
) STRICT;
"""

RECEIPTS = """
CREATE TABLE receipts (
    agreement TEXT PRIMARY KEY REFERENCES bids, receipt TEXT NOT NULL, signature TEXT NOT NULL
) STRICT;
"""

POLICY = """
CREATE TABLE spools (
    id TEXT PRIMARY KEY, material TEXT NOT NULL, colour TEXT NOT NULL, lot TEXT NOT NULL,
    left_mg INTEGER NOT NULL CHECK (left_mg >= 0), gram_wei TEXT, printer TEXT NOT NULL DEFAULT '',
    added_at INTEGER NOT NULL, emptied_at INTEGER
) STRICT;
CREATE TABLE stock (
    agreement TEXT NOT NULL REFERENCES bids, spool TEXT NOT NULL REFERENCES spools,
    milligrams INTEGER NOT NULL CHECK (milligrams >= 0), freed_at INTEGER, PRIMARY KEY (agreement, spool)
) STRICT;
CREATE INDEX stock_held ON stock (spool) WHERE freed_at IS NULL;
CREATE TABLE spool_uses (
    attempt TEXT PRIMARY KEY REFERENCES attempts, spool TEXT NOT NULL REFERENCES spools,
    planned_mg INTEGER NOT NULL, used_mg INTEGER
) STRICT;
ALTER TABLE bids ADD COLUMN verdict TEXT NOT NULL DEFAULT '';
"""

STATEMENTS = """
CREATE TABLE statements (
    id TEXT PRIMARY KEY, agreement TEXT NOT NULL REFERENCES makings, kind TEXT NOT NULL, payload TEXT NOT NULL
) STRICT;
"""

PLATES = """
CREATE TABLE sheets (
    agreement TEXT NOT NULL REFERENCES makings, number INTEGER NOT NULL,
    first INTEGER NOT NULL CHECK (first >= 0), times INTEGER NOT NULL CHECK (times > 0), items TEXT NOT NULL,
    PRIMARY KEY (agreement, number)
) STRICT;
"""

VERSIONS = (FIRST, RECEIPTS, POLICY, STATEMENTS, PLATES)
"""What makes each version of the one before it, the first of an empty file."""
VERSION = len(VERSIONS)
