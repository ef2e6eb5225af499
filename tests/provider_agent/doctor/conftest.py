"""A healthy agent, and a way to look at it."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from eth_account import Account

from contracts.calls import Deposit
from protocol.units import ZERO_ADDRESS, Wei, hex_of
from provider_agent.config import config_parse
from provider_agent.doctor.chain import chain_checks
from provider_agent.doctor.checks import Finding, checks_run
from provider_agent.doctor.home import home_checks
from provider_agent.doctor.journal import journal_checks
from provider_agent.doctor.market import market_checks
from provider_agent.doctor.policy import policy_checks
from provider_agent.doctor.printers import printer_checks
from provider_agent.doctor.subject import Subject
from provider_agent.fleet import Fleet, Printer
from provider_agent.journal.profiles import ProfileRow, profile_put
from provider_agent.json_client import JsonClient
from provider_agent.marketplace import Marketplace
from provider_agent.printers import profile_sign
from tests.provider_agent.desk import ScriptedPrinter
from tests.provider_agent.market import Market
from tests.provider_agent.samples import config_toml

ETHER = 10**18


@dataclass
class Patient:
    """Whom the doctor looks at; a test makes it ill first."""

    subject: Subject
    market: Market
    driver: ScriptedPrinter
    wallet: Any
    anvil: Any
    bo: Any
    ada: Any
    charlie: Any
    patch: pytest.MonkeyPatch

    async def look(self) -> dict[str, Finding]:
        subject = self.subject
        checks = [
            *home_checks(subject.home),
            *journal_checks(subject),
            *policy_checks(subject),
            *chain_checks(subject),
            *market_checks(subject),
            *printer_checks(subject),
        ]
        return {one.name: one.finding for one in await checks_run(checks)}

    def policy(self, **changes: Any) -> None:
        config = self.subject.config
        self.subject = replace(self.subject, config=replace(config, policy=replace(config.policy, **changes)))

    def chain(self, **changes: Any) -> None:
        config = self.subject.config
        self.subject = replace(self.subject, config=replace(config, chain=replace(config.chain, **changes)))


@pytest.fixture
async def patient(
    tmp_path: Path, journal, chain, wallet, market: Market, driver, bo, ada, charlie, anvil, monkeypatch
) -> AsyncIterator[Patient]:
    """Registered, signed in, with a deposit, its printer ready."""
    home = tmp_path
    home.chmod(0o700)
    (tmp_path / "password").write_text("correct horse\n")
    monkeypatch.setenv("INFILL_AGENT_PASSWORD_FILE", str(tmp_path / "password"))
    text = config_toml(marketplace=market.url, rpc_url=anvil.url, escrow=chain.escrow, bond=Wei(10**13))
    config = config_parse(text)
    keystore = Account.encrypt(bo.key, "correct horse", kdf="scrypt", iterations=2)
    for name, content in (("agent.toml", text), ("keystore.json", json.dumps(keystore))):
        (home / name).write_text(content)
        (home / name).chmod(0o600)
    market.escrow = chain.escrow
    data = hex_of(Deposit(ZERO_ADDRESS, wallet.address, Wei(ETHER)).data)
    anvil.send(bo, {"to": chain.escrow, "data": data, "value": ETHER})
    if (behind := int(time.time()) - anvil.now()) > 0:  # tests before this one took its blocks back
        anvil.advance(behind)
    async with aiohttp.ClientSession() as session:
        client = JsonClient(market.url, session)
        marketplace = Marketplace(client, journal, address=wallet.address, chain_id=31337, sign=wallet.sign)
        row = profile_sign(journal, config.printers[0], wallet=wallet, domain=chain.infill)
        await marketplace.printer_register(row)
        profile_put(
            journal, ProfileRow(row.digest, row.profile, row.capability, row.signature, registered=True)
        )
        fleet = Fleet([Printer(config.printers[0], driver)])
        subject = Subject(home, config, wallet.address, journal, chain, client, fleet)
        yield Patient(subject, market, driver, wallet, anvil, bo, ada, charlie, monkeypatch)
