"""Each check finds its fault, says what to do, and lets the others be."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from contracts.calls import SetAgent
from protocol.capability import Material
from protocol.evidence import Kind
from protocol.statuses import PrinterStatus
from protocol.units import ZERO_ADDRESS, Digest, Wei
from provider_agent.chain import Chain
from provider_agent.chain_types import Block
from provider_agent.config import Delivery
from provider_agent.doctor import home as home_module
from provider_agent.doctor.checks import Check, Finding, Verdict, checks_run, ok
from provider_agent.drivers.errors import PrinterForbids
from provider_agent.evidence_log import EvidenceLog
from provider_agent.fleet import Fleet, Printer
from provider_agent.journal.attempts import AttemptStatus, attempt_ended, attempt_intend
from provider_agent.journal.facts import TOKEN, fact, fact_set
from provider_agent.journal.intents import intent_add
from provider_agent.journal.restored import restored_mark
from provider_agent.journal.statements import statement_add
from provider_agent.json_client import JsonClient
from tests.processes import free_port
from tests.provider_agent.bids import BO, bid, bid_journal
from tests.provider_agent.desk import agreement_won
from tests.provider_agent.doctor.conftest import Patient

ONE = Digest(bytes([1]) * 32)
Fault = Callable[[Patient], Awaitable[None] | None]
FAULTS: list[tuple[str, Verdict, str, Fault]] = []


def fault(check: str, verdict: Verdict, todo: str) -> Callable[[Fault], Fault]:
    """Register what makes a check say so, and a word of what it says to do."""

    def register(make: Fault) -> Fault:
        FAULTS.append((check, verdict, todo, make))
        return make

    return register


@fault("home", Verdict.WARNING, "chmod")
def others_may_read_the_settings(patient: Patient) -> None:
    (patient.subject.home / "agent.toml").chmod(0o644)


@fault("home", Verdict.FAILED, "init")
def there_is_no_home(patient: Patient) -> None:
    patient.subject = replace(patient.subject, home=patient.subject.home / "nowhere")


@fault("agent.toml", Verdict.FAILED, "message")
def the_settings_are_not_toml(patient: Patient) -> None:
    (patient.subject.home / "agent.toml").write_text("[chain")


@fault("key", Verdict.FAILED, "message")
def the_password_is_another(patient: Patient) -> None:
    (patient.subject.home / "password").write_text("wrong\n")


@fault("key", Verdict.FAILED, "message")
def the_keystore_is_damaged(patient: Patient) -> None:
    (patient.subject.home / "keystore.json").write_text("{")


@fault("key", Verdict.WARNING, "INFILL_AGENT_PASSWORD_FILE")
def nobody_says_the_password(patient: Patient) -> None:
    patient.patch.delenv("INFILL_AGENT_PASSWORD_FILE")


@fault("disk", Verdict.FAILED, "make room")
def the_disk_is_full(patient: Patient) -> None:
    patient.patch.setattr(home_module, "TOO_LITTLE_BYTES", 1 << 60)


@fault("disk", Verdict.WARNING, "make room")
def the_disk_is_nearly_full(patient: Patient) -> None:
    patient.patch.setattr(home_module, "LITTLE_BYTES", 1 << 60)


@fault("journal", Verdict.FAILED, "restore the newest backup")
def the_journal_names_what_is_not_there(patient: Patient) -> None:
    path = patient.subject.home / "journal.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO receipts VALUES ('0x01', '{}', '0x')")
    connection.commit()
    connection.close()


@fault("restored", Verdict.WARNING, "infill-agent run")
def the_journal_is_a_restored_one(patient: Patient) -> None:
    restored_mark(patient.subject.journal, int(time.time()), 1)


@fault("transaction", Verdict.WARNING, "ether")
def a_transaction_is_stuck(patient: Patient) -> None:
    journal = patient.subject.journal
    intent_add(journal, purpose="claim", agreement=ONE, destination=BO, data=b"", value=0, nonce=0)
    journal.write("UPDATE transactions SET created_at = created_at - 3600")


@fault("evidence", Verdict.WARNING, "log says why")
def evidence_is_not_sent(patient: Patient) -> None:
    subject, wallet = patient.subject, patient.wallet
    log = EvidenceLog(
        subject.journal,
        ONE,
        actor=wallet.address,
        domain=subject.chain.infill,
        sign=wallet.sign,
        now=subject.chain.clock.now,
    )
    log.append("a", Kind.JOB_SPEC, {})


@fault("plates", Verdict.WARNING, "infill-agent clear p1")
def a_print_is_on_the_plate(patient: Patient) -> None:
    entry = replace(patient.subject.config.printers[0], auto_clear=False)
    patient.subject = replace(patient.subject, fleet=Fleet([Printer(entry, patient.driver)]))
    journal = patient.subject.journal
    won(patient)
    row = journal.row("SELECT agreement FROM makings")
    attempt = attempt_intend(journal, Digest(bytes.fromhex(row[0][2:])), 0, "p1", ".gcode")
    attempt_ended(journal, attempt.id, AttemptStatus.FINISHED)


@fault("camera p1", Verdict.WARNING, "`camera` in agent.toml")
def the_camera_is_off(patient: Patient) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/still"
    entry = replace(patient.subject.config.printers[0], camera=nowhere)
    patient.subject = replace(patient.subject, fleet=Fleet([Printer(entry, patient.driver)]))


@fault("shipping", Verdict.WARNING, "infill-agent shipped")
def a_print_waits_to_be_shipped(patient: Patient) -> None:
    patient.policy(deliver=Delivery.SHIPPED)
    won(patient)
    patient.subject.journal.write("UPDATE makings SET status = 'CLEARED'")


@fault("deadlines", Verdict.WARNING, "infill-agent status")
def a_delivery_is_due(patient: Patient) -> None:
    won(patient, make_time=3600)


def won(patient: Patient, **terms: int) -> None:
    subject, ada = patient.subject, patient.ada
    agreement_won(subject.journal, patient.wallet, subject.chain, patient.anvil, ada, **terms)


@fault("node", Verdict.FAILED, "message")
@fault("block time", Verdict.FAILED, "message")
async def the_node_is_away(patient: Patient) -> None:
    away = Chain(replace(patient.subject.config.chain, rpc_url=f"http://127.0.0.1:{free_port()}"))
    patient.subject = replace(patient.subject, chain=away)


@fault("node", Verdict.FAILED, "message")
async def the_node_follows_another_chain(patient: Patient) -> None:
    patient.subject = replace(patient.subject, chain=Chain(replace(patient.subject.config.chain, chain_id=5)))


@fault("node", Verdict.FAILED, "message")
async def no_escrow_is_there(patient: Patient) -> None:
    patient.subject = replace(patient.subject, chain=Chain(replace(patient.subject.config.chain, escrow=BO)))


@fault("node", Verdict.WARNING, "caught up")
async def the_node_is_syncing(patient: Patient) -> None:
    async def behind() -> int:
        return 7

    patient.patch.setattr(patient.subject.chain, "blocks_behind", behind)


async def newest_block(patient: Patient, off: int) -> None:
    async def head() -> Block:
        return Block(9, int(time.time()) + off)

    patient.patch.setattr(patient.subject.chain, "head", head)


@fault("block time", Verdict.FAILED, "chrony")
async def this_clock_is_slow(patient: Patient) -> None:
    await newest_block(patient, 120)


@fault("block time", Verdict.WARNING, "peers")
async def the_node_stands_still(patient: Patient) -> None:
    await newest_block(patient, -3600)


@fault("gas", Verdict.FAILED, "send it ether")
def there_is_no_ether(patient: Patient) -> None:
    patient.anvil.rpc("anvil_setBalance", patient.wallet.address, "0x1")


@fault("gas", Verdict.WARNING, "send it ether")
async def there_is_ether_for_two_jobs(patient: Patient) -> None:
    job = 150_000 * (await patient.subject.chain.fees()).max_fee
    patient.anvil.rpc("anvil_setBalance", patient.wallet.address, hex(2 * job))


@fault("bonds", Verdict.WARNING, "infill-agent deposit")
def the_next_bond_is_not_covered(patient: Patient) -> None:
    patient.policy(bond_wei=Wei(2 * 10**18))


@fault("bonds", Verdict.FAILED, "infill-agent deposit")
def open_bids_promise_more_than_is_free(patient: Patient) -> None:
    bid_journal(patient.subject.journal, ONE, bid(bond=2 * 10**18))


async def as_hot_key(patient: Patient) -> None:
    patient.chain(provider=BO if patient.wallet.address != BO else ZERO_ADDRESS)


@fault("hot key", Verdict.FAILED, "purse-pass")
@fault("sign-in", Verdict.FAILED, "purse-pass")
async def the_hot_key_may_not_sign(patient: Patient) -> None:
    await as_hot_key(patient)


def with_hot_key(patient: Patient, seconds: int, bond: int) -> None:
    """Charlie's key works for Bo, whose home this was."""
    chain = patient.subject.chain
    until = int(time.time()) + seconds
    data = SetAgent(ZERO_ADDRESS, patient.charlie.address, until, Wei(bond)).data
    assert patient.anvil.send(patient.bo, {"to": chain.escrow, "data": data})["status"] == 1
    patient.chain(provider=patient.wallet.address)
    patient.subject = replace(patient.subject, key=patient.charlie.address)


@fault("hot key", Verdict.WARNING, "purse-pass")
def the_hot_key_is_nearly_over(patient: Patient) -> None:
    with_hot_key(patient, 3600, 10**18)


@fault("hot key", Verdict.FAILED, "purse-pass")
def the_hot_key_has_no_bond_left(patient: Patient) -> None:
    with_hot_key(patient, 20 * 86400, 1)


@fault("sign-in", Verdict.WARNING, "purse-pass")
def the_token_of_the_purse_is_nearly_over(patient: Patient) -> None:
    journal = patient.subject.journal
    with_hot_key(patient, 20 * 86400, 10**18)
    kept = json.loads(fact(journal, TOKEN))
    soon = (datetime.now(UTC) + timedelta(hours=5)).isoformat()
    fact_set(journal, TOKEN, json.dumps({**kept, "expires_at": soon}))


@fault("marketplace", Verdict.FAILED, "message")
@fault("clock", Verdict.FAILED, "message")
def the_marketplace_is_away(patient: Patient) -> None:
    client = JsonClient(f"http://127.0.0.1:{free_port()}", patient.subject.client.session)
    patient.subject = replace(patient.subject, client=client)


@fault("marketplace", Verdict.FAILED, "under [chain]")
def the_marketplace_works_with_another_escrow(patient: Patient) -> None:
    patient.market.escrow = BO


@fault("marketplace", Verdict.FAILED, "message")
def it_is_no_marketplace(patient: Patient) -> None:
    patient.market.refusals["/network"] = (404, {"detail": "no such page"})


@fault("marketplace", Verdict.WARNING, "policy.arbiters")
def no_arbiter_is_trusted(patient: Patient) -> None:
    patient.policy(arbiters=(BO,))


@fault("clock", Verdict.FAILED, "chrony")
def this_clock_is_wrong(patient: Patient) -> None:
    now = time.time()
    patient.patch.setattr("provider_agent.doctor.market.time", SimpleNamespace(time=lambda: now + 600))


@fault("sign-in", Verdict.FAILED, "message")
def the_marketplace_asks_to_sign_something_else(patient: Patient) -> None:
    patient.subject.journal.write("DELETE FROM facts")
    patient.market.domain = "evil.example"


@fault("registered", Verdict.FAILED, "infill-agent register")
def the_printer_is_not_registered(patient: Patient) -> None:
    patient.subject.journal.write("UPDATE profiles SET registered = 0")


@fault("registered", Verdict.FAILED, "infill-agent register")
def the_printer_is_described_otherwise(patient: Patient) -> None:
    entry = patient.subject.config.printers[0]
    able = replace(entry.capability, materials=(Material("PETG", ("red",)),))
    fleet = Fleet([Printer(replace(entry, capability=able), patient.driver)])
    patient.subject = replace(patient.subject, fleet=fleet)


@fault("registered", Verdict.FAILED, "infill-agent register")
def the_marketplace_has_forgotten_the_printer(patient: Patient) -> None:
    digest = patient.subject.journal.row("SELECT digest FROM profiles")[0]
    patient.market.refusals[digest] = (404, {"detail": "no such printer"})


@fault("printer p1", Verdict.FAILED, "switch it")
def the_printer_does_not_answer(patient: Patient) -> None:
    patient.driver.status = PrinterStatus.UNREACHABLE


@fault("printer p1", Verdict.FAILED, "look at the printer")
def the_printer_has_a_fault(patient: Patient) -> None:
    patient.driver.status = PrinterStatus.FAULT


@fault("printer p1", Verdict.WARNING, "resume it")
def the_printer_is_paused(patient: Patient) -> None:
    patient.driver.status = PrinterStatus.PAUSED


@fault("slicer", Verdict.FAILED, "install prusa-slicer")
def no_slicer_is_installed(patient: Patient) -> None:
    patient.patch.setenv("PATH", str(patient.subject.home))


@fault("prices", Verdict.FAILED, "policy.ceiling_wei")
def no_price_passes_the_ceiling(patient: Patient) -> None:
    patient.policy(ceiling_wei=Wei(1))


@fault("prices", Verdict.WARNING, "[policy]")
def nothing_costs_anything(patient: Patient) -> None:
    patient.policy(machine_hour_wei=Wei(0), gram_wei=Wei(0), setup_wei=Wei(0), bond_wei=Wei(0))


@fault("prices", Verdict.WARNING, "policy.bond_wei")
def the_bond_is_out_of_proportion(patient: Patient) -> None:
    patient.policy(bond_wei=Wei(10**17))


@fault("prices", Verdict.WARNING, "raise it")
def nothing_may_be_bid_for(patient: Patient) -> None:
    patient.policy(max_bids_per_hour=0)


@fault("script", Verdict.FAILED, "chmod +x")
def the_script_cannot_be_run(patient: Patient) -> None:
    patient.policy(script="price.py")


@pytest.mark.parametrize(
    ("check", "verdict", "todo", "make"),
    [pytest.param(*one, id=f"{one[0]}: {one[3].__name__}") for one in FAULTS],
)
async def test_a_fault_is_found_and_what_to_do_is_said(
    patient: Patient, check: str, verdict: Verdict, todo: str, make: Fault
) -> None:
    made = make(patient)
    if made is not None:
        await made
    found = (await patient.look())[check]
    assert (found.verdict, todo in found.todo) == (verdict, True), found


async def test_a_healthy_agent_is_told_so(patient: Patient) -> None:
    found = await patient.look()
    assert {name: one for name, one in found.items() if one.verdict is not Verdict.OK} == {}
    assert all(one.says and not one.todo for one in found.values())
    assert len(found) == 23


@pytest.mark.parametrize("error", [None, PrinterForbids("the secret is too weak")])
async def test_a_camera_that_is_not_used_is_told_where_there_is_one(
    patient: Patient, error: Exception | None
) -> None:
    async def camera() -> str:
        if error:
            raise error
        return "http://127.0.0.1:8080/still"

    patient.patch.setattr(patient.driver, "camera", camera)
    found = (await patient.look())["printer p1"]
    assert found.verdict is Verdict.OK
    assert ('camera = "http://127.0.0.1:8080/still"' in found.says) is (error is None)


async def test_what_is_said_to_be_shipped_waits_for_nobody_before_that_is_signed(patient: Patient) -> None:
    a_print_waits_to_be_shipped(patient)
    journal = patient.subject.journal
    agreement = Digest(bytes.fromhex(journal.row("SELECT agreement FROM makings")[0][2:]))
    statement_add(journal, "1", agreement, Kind.SHIPPED, {"carrier": "DHL", "tracking": "1"})
    assert (await patient.look())["shipping"].verdict is Verdict.OK


def test_each_check_has_a_fault(patient: Patient) -> None:
    names = {check for check, *_ in FAULTS}
    assert names == {
        *("home", "agent.toml", "key", "disk", "journal", "restored", "transaction", "evidence", "plates"),
        *(
            "shipping",
            "deadlines",
            "prices",
            "script",
            "node",
            "block time",
            "gas",
            "bonds",
            "hot key",
            "marketplace",
        ),
        *("clock", "sign-in", "registered", "printer p1", "camera p1", "slicer"),
    }


async def test_looking_changes_nothing(patient: Patient) -> None:
    journal = patient.subject.journal
    before = [
        tuple(row)
        for table in ("facts", "profiles", "bids")
        for row in journal.rows(f"SELECT * FROM {table}")
    ]
    sent, mined = len(patient.market.requests), patient.anvil.web3.eth.block_number
    await patient.look()
    after = [
        tuple(row)
        for table in ("facts", "profiles", "bids")
        for row in journal.rows(f"SELECT * FROM {table}")
    ]
    assert (after, patient.anvil.web3.eth.block_number) == (before, mined)
    assert {line.split()[0] for line in patient.market.requests[sent:]} == {"GET"}


async def test_a_check_that_hangs_or_breaks_holds_up_no_other() -> None:
    async def hangs() -> Finding:
        await asyncio.Event().wait()
        return ok("never")

    async def breaks() -> Finding:
        raise LookupError("a defect")

    async def works() -> Finding:
        return ok("fine")

    found = await checks_run([Check("a", hangs, seconds=0.05), Check("b", breaks), Check("c", works)])
    assert [one.finding.verdict for one in found] == [Verdict.FAILED, Verdict.FAILED, Verdict.OK]
    assert "no answer" in found[0].finding.says
    assert "LookupError: a defect" in found[1].finding.says
