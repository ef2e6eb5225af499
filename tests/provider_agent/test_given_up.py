"""What the agent gives up, on real processes: a printer that goes quiet, an agreement that ends, a deadline missed."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
import requests

from contracts.calls import Refund
from protocol.statuses import MakingStatus
from protocol.terms import Bid
from tests.processes import eventually
from tests.provider_agent.bench import Bench, active, attempts, open_job, play


def setting(bench: Bench, *changes: tuple[str, str]) -> None:
    path = bench.home / "agent.toml"
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def printing(bench: Bench) -> dict[str, Any]:
    """The bid that was won, once the printer is at work on it."""
    open_job(bench)
    sent = eventually(lambda: bench.market.bids)[0]
    agreement = bench.award(sent)
    eventually(bench.making)
    bench.grant(agreement)
    eventually(lambda: active(bench), 30)
    return sent


def printer(bench: Bench, command: str, **body: Any) -> None:
    assert requests.post(f"{bench.printer_url}/{command}", json=body, timeout=5).json()["accepted"]


def reason(bench: Bench) -> str:
    return bench.status()["makings"][0]["reason"]


def needs(bench: Bench) -> str:
    return bench.status()["printers"][0]["needs"]


def kinds(bench: Bench) -> list[str]:
    (records,) = bench.market.evidence.values()
    return [entry["record"]["kind"] for entry in records]


def transactions(bench: Bench) -> int:
    return bench.anvil.web3.eth.get_transaction_count(bench.bo.address)


QUICK = ("stall_s = 300", "stall_s = 10")
BY_HAND = ("# auto_clear = false ", "auto_clear = false ")


@pytest.mark.timeout(180)
def test_a_silent_printer_fails_the_attempt_and_waits_for_its_operator(bench: Bench) -> None:
    setting(bench, QUICK, BY_HAND)
    with bench.start():
        printing(bench)
        printer(bench, "fault", fault="go_silent")
        eventually(lambda: attempts(bench) == ["FAILED"], 40)
        eventually(lambda: "print failed" in kinds(bench))
        assert "neither progress nor temperature changed for 10 s" in needs(bench)
        assert "infill-agent clear p1" in bench.agent("status").stdout
        assert bench.making() is MakingStatus.PRINTING
        assert len(bench.prints()) == 1
        bench.agent("clear", "p1")
        eventually(lambda: attempts(bench) == ["FAILED", "FINISHED"], 60)
        bench.agent("clear", "p1")
        play(bench, until=MakingStatus.DELIVERED)
    assert [entry["outcome"] for entry in bench.prints()] == ["FAILED", "FINISHED"]
    assert needs(bench) == ""


@pytest.mark.timeout(180)
def test_a_printer_out_of_reach_ends_a_making_without_attempts_left(bench: Bench) -> None:
    """Its print is not lost to it: once it answers again, it is told to stop."""
    setting(bench, QUICK, ("attempts = 2", "attempts = 1"))
    with bench.start():
        printing(bench)
        printer(bench, "pause")
        os.kill(bench.printers.pid, signal.SIGSTOP)
        eventually(lambda: bench.making() is MakingStatus.FAILED, 40)
        os.kill(bench.printers.pid, signal.SIGCONT)
        assert "the printer has not answered for 10 s" in reason(bench)
        assert bench.status()["reservations"] == []
        eventually(lambda: [entry["outcome"] for entry in bench.prints()] == ["CANCELLED"], 30)
    assert transactions(bench) == 0


def given_up(bench: Bench) -> bool:
    """The making has failed, its print is cancelled, its hours are free, and the chain has heard nothing."""
    eventually(lambda: bench.making() is MakingStatus.FAILED, 30)
    eventually(lambda: [entry["outcome"] for entry in bench.prints()] == ["CANCELLED"], 15)
    eventually(lambda: "print failed" in kinds(bench))
    assert bench.status()["reservations"] == []
    return transactions(bench) == 0


@pytest.mark.timeout(180)
def test_an_agreement_refunded_while_the_agent_was_away_is_not_printed_on(bench: Bench) -> None:
    with bench.start() as agent:
        sent = printing(bench)
        printer(bench, "pause")
        os.kill(agent.pid, signal.SIGKILL)
        agent.wait()
    bench.anvil.advance(int(sent["bid"]["makeTime"]) + 12 * 3600 + 10)
    data = Refund(Bid.from_json(sent["bid"])).data
    assert bench.anvil.send(bench.ada, {"to": bench.escrow, "data": data})["status"] == 1
    bench.anvil.finalise()
    with bench.start():
        assert given_up(bench)
        eventually(lambda: bench.status()["makings"][0]["files_deleted_at"])
    assert list((bench.home / "makings").iterdir()) == []
    assert reason(bench) == "the agreement was closed before it was made (REFUNDED)"


@pytest.mark.timeout(180)
def test_a_print_whose_award_a_reorganisation_takes_back_is_cancelled(bench: Bench) -> None:
    open_job(bench)
    with bench.start():
        sent = eventually(lambda: bench.market.bids)[0]
        before = bench.anvil.rpc("evm_snapshot")
        bench.grant(bench.award(sent))
        eventually(lambda: active(bench), 30)
        printer(bench, "pause")
        bench.anvil.rpc("evm_revert", before)
        assert given_up(bench)
    assert "a reorganisation took it back" in reason(bench)


@pytest.mark.timeout(180)
def test_a_print_that_cannot_be_in_time_any_more_is_cancelled(bench: Bench) -> None:
    with bench.start():
        sent = printing(bench)
        printer(bench, "pause")
        bench.anvil.advance(int(sent["bid"]["makeTime"]))
        assert given_up(bench)
    assert reason(bench) == "the time to deliver is over"


@pytest.mark.timeout(180)
def test_what_was_printed_too_late_is_not_delivered(bench: Bench) -> None:
    """Bo has no ether for the delivery until its time is over."""
    bench.anvil.rpc("anvil_setBalance", bench.bo.address, "0x0")
    with bench.start():
        sent = printing(bench)
        play(bench, until=MakingStatus.CLEARED)
        bench.anvil.advance(int(sent["bid"]["makeTime"]))
        bench.anvil.fund(bench.bo)
        eventually(lambda: bench.making() is MakingStatus.FAILED, 30)
    assert reason(bench) == "the time to deliver is over"
    assert transactions(bench) == 0
