"""Said beside a running agent, signed by it once; and a delivery that waits until it is said to be shipped."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import signal
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from protocol.canonical import keccak
from protocol.evidence import Kind, evidence_check
from protocol.statuses import AgreementStatus, MakingStatus
from protocol.units import Digest, hex_of
from provider_agent.cli_shipping import PHOTO_BYTES
from provider_agent.config import Delivery
from provider_agent.errors import JournalUnwritable, MakingFailed
from provider_agent.journal.bids import bid_get
from provider_agent.journal.makings import making_add, making_advance
from provider_agent.journal.records import record_count, records_all
from provider_agent.journal.restored import restored_mark
from provider_agent.journal.statements import statement_add, statement_id, statements_waiting
from provider_agent.journal.store import Journal, journal_open
from provider_agent.lock import home_lock
from provider_agent.making import shipping
from provider_agent.making.context import Context, making_folder
from provider_agent.making.settling import deliver
from provider_agent.making.shipping import statements_follow, statements_sign, waiting_told
from provider_agent.runner import run_making
from tests.processes import eventually
from tests.provider_agent.bench import Bench, open_job, play
from tests.provider_agent.bids import bid_journal
from tests.provider_agent.desk import making
from tests.provider_agent.test_agent import check_evidence
from tests.provider_agent.test_cli import INIT, run

ONE, TWO = Digest(bytes([0xAB] * 32)), Digest(bytes([0xAB] * 31 + [0xCD]))
SHIPPED = ("shipped", "0xab", "--carrier", "DHL", "--tracking", "JJD 1")
JPEG = b"\xff\xd8\xff\xe0 a parcel"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Bo's home with one making off the printer. There is no password: these commands sign nothing."""
    home = tmp_path / "home"
    (tmp_path / "password").write_text("secret\n")
    made = run(home, *INIT, "--printer", "p1,virtual,http://127.0.0.1:1/printers/p1")
    assert made.exit_code == 0, made.output
    journal = journal_open(home / "journal.sqlite3")
    won(journal, ONE)
    journal.close()
    return home


@pytest.fixture(autouse=True)
def password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFILL_AGENT_PASSWORD_FILE", str(tmp_path / "password"))


def won(journal: Journal, agreement: Digest, status: MakingStatus = MakingStatus.CLEARED) -> None:
    bid_journal(journal, agreement, signature=bytes(65))
    making_add(journal, agreement=agreement, units=1, block=1, transaction="0x00")
    journal.write("UPDATE makings SET status = ? WHERE agreement = ?", status, hex_of(agreement))


def waiting(home: Path) -> list[tuple[str, dict[str, Any]]]:
    journal = journal_open(home / "journal.sqlite3")
    found = [(one.kind.value, one.payload) for one in statements_waiting(journal)]
    journal.close()
    return found


def refused(result: Result) -> str:
    assert result.exit_code != 0
    assert "Traceback" not in result.output
    return result.stderr


class TestSaying:
    """Refusals first."""

    @pytest.mark.parametrize("name", ["0x12", "ab", "", "cube", "%", "0x", "0xAB_"])
    def test_no_such_agreement_names_those_there_are(self, home: Path, name: str) -> None:
        journal = journal_open(home / "journal.sqlite3")
        won(journal, TWO)
        journal.close()
        told = refused(run(home, "packed", name))
        assert "0xabababab" in told
        assert waiting(home) == []

    def test_two_that_begin_so_are_told_apart_by_more_of_the_id(self, home: Path) -> None:
        journal = journal_open(home / "journal.sqlite3")
        won(journal, TWO)
        journal.close()
        assert "2 agreements begin with '0xab'" in refused(run(home, *SHIPPED))
        assert run(home, "packed", hex_of(TWO).upper().replace("X", "x")).exit_code == 0
        assert [kind for kind, _ in waiting(home)] == ["packed"]

    @pytest.mark.parametrize(
        ("status", "why"),
        [(MakingStatus.PRINTED, "infill-agent clear p1"), (MakingStatus.FAILED, "nothing to deliver")],
    )
    def test_at_another_status_it_says_what_to_do(self, home: Path, status: MakingStatus, why: str) -> None:
        journal = journal_open(home / "journal.sqlite3")
        journal.write("UPDATE makings SET status = ?", status)
        journal.close()
        assert why in refused(run(home, *SHIPPED))
        assert waiting(home) == []

    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            (("shipped", "0xab", "--carrier", "DHL"), "--tracking"),
            (("shipped", "0xab", "--carrier", "DHL", "--tracking", "12 Elm St, Leeds"), "never an address"),
            (("measured", "0xab", "1"), "measured what"),
            (("measured", "0xab", "lid", "--weight-grams", "4"), "1 (cube.stl)"),
            (("measured", "0xab", "1", "--size", "20x20"), "no size"),
            (("measured", "0xab", "1", "--size", "20x20x-1"), "no size"),
            (("measured", "0xab", "1", "--weight-grams", "4", "--copy", "2"), "copies are 1 to 1"),
            (("packed", "0xab", "--photo", "nowhere.jpg"), "nowhere.jpg"),
        ],
    )
    def test_what_cannot_be_said(self, home: Path, arguments: tuple[str, ...], why: str) -> None:
        assert why in refused(run(home, *arguments))
        assert waiting(home) == []

    @pytest.mark.parametrize(
        ("content", "why"),
        [(b"<svg/>", "neither a JPEG nor a PNG"), (JPEG + bytes(PHOTO_BYTES), "make it smaller")],
        ids=["no picture", "large"],
    )
    def test_what_is_no_photo_is_not_kept(self, home: Path, tmp_path: Path, content: bytes, why: str) -> None:
        (tmp_path / "photo.jpg").write_bytes(content)
        assert why in refused(run(home, "packed", "0xab", "--photo", str(tmp_path / "photo.jpg")))
        assert waiting(home) == []
        assert not making_folder(home, ONE).exists()

    def test_a_restored_journal_catches_up_first(self, home: Path) -> None:
        journal = journal_open(home / "journal.sqlite3")
        restored_mark(journal, 2, 1)
        journal.close()
        assert "`infill-agent run` first" in refused(run(home, *SHIPPED))

    def test_without_a_journal_it_says_how_to_make_one(self, home: Path) -> None:
        (home / "journal.sqlite3").unlink()
        assert "infill-agent run" in refused(run(home, *SHIPPED))
        assert not (home / "journal.sqlite3").exists()

    def test_beside_a_running_agent_and_without_its_key(self, home: Path, tmp_path: Path) -> None:
        (tmp_path / "password").unlink()
        with home_lock(home):
            result = run(home, *SHIPPED)
        assert result.exit_code == 0, result.output
        ((kind, payload),) = waiting(home)
        assert (kind, payload["carrier"], payload["tracking"]) == ("shipped", "DHL", "JJD 1")
        assert set(payload) == {"carrier", "tracking", "statement", "said_at"}

    def test_said_twice_it_is_once_and_said_otherwise_it_is_new(self, home: Path) -> None:
        assert run(home, *SHIPPED).exit_code == 0
        again = run(home, *SHIPPED)
        assert (again.exit_code, "recorded already" in again.stdout) == (0, True)
        assert run(home, *SHIPPED[:-1], "JJD 2").exit_code == 0
        assert [payload["tracking"] for _, payload in waiting(home)] == ["JJD 1", "JJD 2"]

    def test_a_photo_is_kept_with_the_making_and_its_digests_are_said(
        self, home: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "parcel.jpeg").write_bytes(JPEG)
        arguments = ("packed", "0xab", "--weight-grams", "412.5", "--photo", str(tmp_path / "parcel.jpeg"))
        for _ in range(2):
            assert run(home, *arguments).exit_code == 0
        ((_, payload),) = waiting(home)
        facts = (payload["weight_mg"], payload["photo"], payload["sha256"], payload["bytes"])
        assert facts == (412_500, hex_of(keccak(JPEG)), hashlib.sha256(JPEG).hexdigest(), len(JPEG))
        (kept,) = making_folder(home, ONE).iterdir()
        assert (kept.name, kept.read_bytes()) == (f"packed-{payload['statement']}.jpg", JPEG)

    def test_a_measurement_names_its_part(self, home: Path) -> None:
        size = ("--size", "10.02x9.98x4.01")
        assert run(home, "measured", "0xab", "1", *size, "--weight-grams", "0.5").exit_code == 0
        ((_, payload),) = waiting(home)
        assert (payload["part"], payload["size_um"], payload["weight_mg"]) == (
            "cube.stl",
            [10_020, 9_980, 4_010],
            500,
        )

    def test_a_measurement_counts_its_copy_as_records_of_prints_do(self, home: Path) -> None:
        assert run(home, "measured", "0xab", "1", "--copy", "1", "--weight-grams", "4").exit_code == 0
        ((_, payload),) = waiting(home)
        assert (payload["part_number"], payload["copy"]) == (0, 0)


class TestSigning:
    @pytest.mark.parametrize("status", [MakingStatus.PAID, MakingStatus.FAILED])
    async def test_nothing_is_signed_of_what_is_over(
        self, context: Context, cleared: Digest, status: MakingStatus
    ) -> None:
        statement_add(context.journal, "1", cleared, Kind.PACKED, {})
        before = record_count(context.journal, cleared)
        context.journal.write("UPDATE makings SET status = ?", status)
        statements_sign(context)
        assert record_count(context.journal, cleared) == before
        assert statements_waiting(context.journal) == []

    async def test_a_kill_between_record_and_end_leaves_neither(
        self, context: Context, cleared: Digest, monkeypatch
    ) -> None:
        statement_add(context.journal, "1", cleared, Kind.PACKED, {})
        before = record_count(context.journal, cleared)

        def killed(*_: object) -> None:
            raise JournalUnwritable("the disk is gone")

        with monkeypatch.context() as patch:
            patch.setattr(shipping, "statement_signed", killed)
            with pytest.raises(JournalUnwritable):
                statements_sign(context)
        assert record_count(context.journal, cleared) == before
        assert len(statements_waiting(context.journal)) == 1
        statements_sign(context)
        statements_sign(context)
        assert record_count(context.journal, cleared, "packed:") == 1

    async def test_what_others_say_meanwhile_makes_no_second_log(
        self, context: Context, cleared: Digest
    ) -> None:
        """Three commands write to the journal while the agent writes its own evidence."""
        journal, log = context.journal, context.log_of(cleared)
        path, number = context.home / "journal.sqlite3", 20

        def say() -> None:
            own = journal_open(path)
            for _ in range(number):
                statement_add(own, statement_id(), cleared, Kind.MEASURED, {"weight_mg": 1})
            own.close()

        sayers = [threading.Thread(target=say) for _ in range(3)]
        for sayer in sayers:
            sayer.start()
        written = 0
        while any(sayer.is_alive() for sayer in sayers) or statements_waiting(journal):
            log.append(f"telemetry:a:{written}", Kind.TELEMETRY, {"segment": written})
            written += 1
            statements_sign(context)
            await asyncio.sleep(0)
        records = records_all(journal, cleared)
        last = None
        for one in records:
            evidence_check(
                one,
                domain=context.chain.infill,
                agreement=cleared,
                actor=context.wallet.address,
                previous=last,
            )
            last = one
        kinds = [one.record.kind for one in records]
        assert (kinds.count("measured"), kinds.count("telemetry segment")) == (3 * number, written)


@pytest.fixture
def ships(context: Context) -> Context:
    """Its provider wants deliveries to wait until he has sent them."""
    policy = replace(context.config.policy, deliver=Delivery.SHIPPED)
    return Context(**{**vars(context), "config": replace(context.config, policy=policy)})


async def is_delivered(context: Context, agreement: Digest) -> bool:
    return (await context.chain.word(agreement)).status is AgreementStatus.DELIVERED


class TestWaiting:
    async def test_it_is_not_delivered_before_it_is_said_to_be_shipped(
        self, ships: Context, cleared: Digest, monkeypatch, caplog
    ) -> None:
        caplog.set_level(logging.INFO)
        monkeypatch.setattr(shipping, "CHAIN_SECONDS", 0.01)
        monkeypatch.setattr(shipping, "waiting_told", lambda *_: ("infill-agent shipped", logging.WARNING))
        for _ in range(3):
            await deliver(ships, making(ships, cleared))
        statement_add(ships.journal, "1", cleared, Kind.PACKED, {})
        statements_sign(ships)
        await deliver(ships, making(ships, cleared))
        assert making(ships, cleared).status is MakingStatus.CLEARED
        assert not await is_delivered(ships, cleared)
        told = [line for line in caplog.messages if "infill-agent shipped" in line]
        assert len(told) == 1, "said once, not every time"

    async def test_the_word_wakes_it_and_is_the_head_that_is_delivered(
        self, ships: Context, cleared: Digest, anvil, monkeypatch
    ) -> None:
        """The runner sleeps for longer than the test may last: nothing but the word can wake it."""
        asked: list[Digest] = []
        final_word = Context.final_word

        async def counted(self: Context, making: Any) -> Any:
            asked.append(making.agreement)
            return await final_word(self, making)

        monkeypatch.setattr(Context, "final_word", counted)
        monkeypatch.setattr(shipping, "CHAIN_SECONDS", 600.0)
        monkeypatch.setattr(shipping, "SIGN_SECONDS", 0.01)
        running = asyncio.create_task(run_making(ships, cleared))
        signing = asyncio.create_task(statements_follow(ships))
        while hex_of(cleared) not in ships.wakes._events:
            await asyncio.sleep(0.01)
        assert len(asked) == 1, "one look at the chain, then sleep"
        said = journal_open(ships.home / "journal.sqlite3")
        statement_add(said, "1", cleared, Kind.SHIPPED, {"carrier": "DHL", "tracking": "1"})
        said.close()
        while not await is_delivered(ships, cleared):
            await asyncio.sleep(0.05)
        for task in (running, signing):
            task.cancel()
        await asyncio.gather(running, signing, return_exceptions=True)
        last = records_all(ships.journal, cleared)[-1]
        assert last.record.kind == "shipped"
        assert ships.log_of(cleared).head() == last.record.digest(ships.chain.infill)

    async def test_too_late_it_has_failed(self, ships: Context, cleared: Digest, anvil) -> None:
        anvil.advance(bid_get(ships.journal, cleared).bid.make_time + 1)
        anvil.finalise()
        with pytest.raises(MakingFailed, match="nobody said that it was shipped"):
            await deliver(ships, making(ships, cleared))

    async def test_with_printed_as_ever_nothing_waits(self, context: Context, cleared: Digest) -> None:
        await deliver(context, making(context, cleared))
        assert await is_delivered(context, cleared)

    async def test_before_it_is_off_the_printer_nothing_waits_to_be_shipped(
        self, ships: Context, queued: Digest
    ) -> None:
        assert not shipping.awaits_shipping(ships.journal, ships.config.policy, making(ships, queued))
        making_advance(ships.journal, queued, MakingStatus.FAILED)
        assert not shipping.awaits_shipping(ships.journal, ships.config.policy, making(ships, queued))

    def test_it_gets_louder_towards_the_end(self) -> None:
        told = partial(waiting_told, "0x1234567890")
        seconds = (200_000, 86_400, 86_399, 7_200, 3_600, 3_599, 599, 0, -5)
        levels = [told(left)[1] for left in seconds]
        assert levels == sorted(levels)
        assert (levels[0], levels[1], levels[-1]) == (logging.INFO, logging.WARNING, logging.ERROR)
        assert "LESS THAN 1 day LEFT" in told(86_399)[0]
        assert told(7_000)[0] == told(4_000)[0]
        assert "LESS THAN 10 min LEFT" in told(599)[0]
        assert "IS OVER" in told(0)[0]
        assert all("infill-agent shipped 0x12345678 --carrier" in told(left)[0] for left in seconds)


@pytest.mark.timeout(240)
def test_said_while_the_agent_is_dead_it_is_delivered_when_it_lives_again(bench: Bench) -> None:
    config = bench.home / "agent.toml"
    config.write_text(config.read_text().replace('deliver = "printed"', 'deliver = "shipped"'))
    open_job(bench)
    with bench.start() as agent:
        sent = eventually(lambda: bench.market.bids)[0]
        agreement = bench.award(sent)
        eventually(bench.making)
        bench.grant(agreement)
        play(bench, until=MakingStatus.CLEARED)
        eventually(lambda: any("infill-agent shipped" in alarm for alarm in bench.status()["alarms"]), 60)
        assert bench.making() is MakingStatus.CLEARED
        assert f"infill-agent shipped {agreement[:10]}" in bench.agent("status").stdout
        os.kill(agent.pid, signal.SIGKILL)
        agent.wait()
    bench.agent("measured", agreement[:6], "1", "--size", "10.0x10.1x4.0")
    bench.agent("shipped", agreement, "--carrier", "DHL", "--tracking", "JJD 1")
    assert not any("infill-agent shipped" in alarm for alarm in bench.status()["alarms"])
    with bench.start():
        play(bench, until=MakingStatus.DELIVERED)
        bench.agent("packed", agreement, "--weight-grams", "40")
        eventually(lambda: bench.market.evidence[agreement][-1]["record"]["kind"] == "packed", 60)
    kinds = [entry["record"]["kind"] for entry in bench.market.evidence[agreement]]
    assert kinds[-3:] == ["measured", "shipped", "packed"]
    bench.market.evidence[agreement].pop()
    assert check_evidence(bench, agreement)[-1] == "shipped", "the head that was delivered"
