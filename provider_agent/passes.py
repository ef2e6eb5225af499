"""What a cold purse gives its hot key so that an agent can work with that key alone: a pass.

It holds a token of the marketplace and the printers' signed profiles, which are the purse's to give. What the
key may sign stands on chain. A pass is as secret as the token in it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from protocol.capability import Capability
from protocol.errors import InfillError, Malformed
from protocol.profiles import PrinterProfile, capability_digest
from protocol.signatures import recover, signature_of
from protocol.typed import Domain
from protocol.units import Address, address_of, hex_of
from provider_agent.errors import PassRefused
from provider_agent.journal.facts import TOKEN, fact_set
from provider_agent.journal.profiles import ProfileRow, profile_put
from provider_agent.journal.store import Journal

VERSION = 1
MEMBERS = {"version", "provider", "key", "until", "token", "profiles"}
TOKEN_MEMBERS = {"token", "expires_at", "url", "address"}


@dataclass(frozen=True)
class Pass:
    """From `provider` to its hot `key`, which signs until epoch second `until`."""

    provider: Address
    key: Address
    until: int
    token: dict[str, Any]
    profiles: tuple[ProfileRow, ...]

    def to_json(self) -> dict[str, Any]:
        """The file."""
        return {
            "version": VERSION,
            "provider": self.provider,
            "key": self.key,
            "until": self.until,
            "token": self.token,
            "profiles": [_profile_json(row) for row in self.profiles],
        }


def pass_read(text: str, domain: Domain) -> Pass:
    """A pass out of its file; domain Infill. Raises PassRefused."""
    try:
        data = json.loads(text)
        if not isinstance(data, dict) or set(data) != MEMBERS or data["version"] != VERSION:
            raise Malformed(f"expected a pass of version {VERSION}", "pass")
        if not isinstance(data["token"], dict) or set(data["token"]) != TOKEN_MEMBERS:
            raise Malformed("expected a token", "pass.token")
        provider = address_of(data["provider"])
        rows = tuple(_profile(entry, provider, domain) for entry in data["profiles"])
        return Pass(provider, address_of(data["key"]), int(data["until"]), data["token"], rows)
    except (ValueError, TypeError, KeyError, InfillError) as error:
        raise PassRefused(f"this is no pass: {error}") from error


def pass_check(
    found: Pass, *, provider: Address | None, key: Address, url: str, serials: Sequence[str]
) -> None:
    """Whether it is of our purse, for our key, marketplace and printers, and lasts. Raises PassRefused."""
    if found.provider != provider:
        raise PassRefused(f'write provider = "{found.provider}" under [chain] in agent.toml: it is the purse')
    if found.key != key:
        raise PassRefused(f"the pass is for the key {found.key}, this home holds {key}")
    if found.token["url"] != url or found.token["address"] != provider:
        raise PassRefused(f"its token is for {found.token['url']}, agent.toml says {url}")
    if (
        datetime.fromisoformat(str(found.token["expires_at"])) <= datetime.now(UTC)
        or found.until <= time.time()
    ):
        raise PassRefused("it is over: make a new one with `infill-agent purse-pass` where the purse is")
    lacking = set(serials) - {row.profile.serial for row in found.profiles}
    if lacking:
        raise PassRefused(
            f"it has no profile for {', '.join(sorted(lacking))}: give the purse this agent.toml"
        )


def pass_use(journal: Journal, found: Pass) -> None:
    """Keep a checked pass: its token and profiles take the place of older ones."""
    with journal.atomic():
        fact_set(journal, TOKEN, json.dumps(found.token))
        for row in found.profiles:
            profile_put(journal, row)


def _profile_json(row: ProfileRow) -> dict[str, Any]:
    return {
        "profile": row.profile.to_json(),
        "capability": row.capability.to_json(),
        "signature": hex_of(row.signature),
    }


def _profile(entry: Any, provider: Address, domain: Domain) -> ProfileRow:
    profile, able = PrinterProfile.from_json(entry["profile"]), Capability.from_json(entry["capability"])
    digest, signature = profile.digest(domain), signature_of(entry["signature"])
    signer = recover(digest, signature)
    if not signer == profile.provider == provider or profile.capability != capability_digest(able):
        raise Malformed(f"the profile of {profile.serial} is not the purse's", "pass.profiles")
    return ProfileRow(digest, profile, able, signature, registered=True)
