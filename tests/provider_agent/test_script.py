"""The owner's script: what it may change, and that whatever goes wrong with it is no bid."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from protocol.units import Wei
from provider_agent.bidding import Decline, Terms, Verdict, weigh
from provider_agent.config import Policy
from provider_agent.errors import ScriptFailed
from provider_agent.estimating import estimate
from provider_agent.pricing import Item
from provider_agent.script import NO_ANSWER, overridden, script_ask
from tests.processes import eventually
from tests.provider_agent.samples import MARKET, POLICY, job, offer, part, spec

NOW = 1_800_000_000
JOB = job(spec(deadline=NOW + 10 * 86_400, quantity=3))


def script(home: Path, body: str, *, seconds: int = 10, **changes) -> Policy:
    path = home / "price.sh"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)
    return replace(POLICY, script="price.sh", script_s=seconds, **changes)


def weighed(policy: Policy, found=JOB) -> Verdict:
    return weigh(found, [offer(now=NOW)], policy, MARKET, estimate=estimate, now=NOW)


async def ask(home: Path, policy: Policy) -> Terms | Decline:
    return (await overridden(weighed(policy), JOB, policy, home, now=NOW)).decision


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("exit 3", "ended with 3"),
        ("kill -9 $$", "ended with -9"),
        ("true", "answers no JSON"),
        ("echo hello", "answers no JSON"),
        ("echo '[1]'", "no JSON object"),
        ("echo '{}'", "neither price_wei nor decline"),
        ("""echo '{"price_wei": "5", "decline": "no"}'""", "neither"),
        ("""echo '{"decline": ""}'""", "neither"),
        ("""echo '{"decline": 5}'""", "neither"),
        ("""echo '{"price_wei": 1.5}'""", "no whole number"),
        ("""echo '{"price_wei": true}'""", "no whole number"),
        ("""echo '{"price_wei": "0x10"}'""", "no whole number"),
        ("""echo '{"price_wei": -5}'""", "below the floor"),
        ("""echo '{"price_wei": 0}'""", "below the floor"),
        ("""echo '{"price_wei": "79228162514264337593543950336"}'""", "beyond what the escrow"),
        ("yes", "says more than"),
    ],
)
async def test_a_script_that_fails_or_answers_nonsense_is_no_bid(tmp_path, body, problem) -> None:
    answer = await ask(tmp_path, script(tmp_path, body))
    assert isinstance(answer, Decline)
    assert answer.reason == NO_ANSWER
    assert problem in answer.detail


async def test_a_script_that_is_not_there_or_not_to_be_run_is_no_bid(tmp_path) -> None:
    policy = script(tmp_path, "true")
    (tmp_path / "price.sh").chmod(0o600)
    for path in ("price.sh", "none", "."):
        answer = await ask(tmp_path, replace(policy, script=path))
        assert isinstance(answer, Decline)
        assert "no program that may be run" in answer.detail


async def test_a_script_that_hangs_is_killed_with_all_it_started(tmp_path) -> None:
    pid = tmp_path / "pid"
    answer = await ask(tmp_path, script(tmp_path, f"sleep 600 & echo $! > {pid}; wait", seconds=2))
    assert isinstance(answer, Decline)
    assert "no answer within 2 s" in answer.detail

    def gone() -> bool:
        try:
            return Path(f"/proc/{int(pid.read_text())}/stat").read_text().split()[2] == "Z"
        except FileNotFoundError:
            return True

    assert eventually(gone)


async def test_a_script_whose_child_escaped_it_keeps_nobody_waiting(tmp_path) -> None:
    pid = tmp_path / "pid"
    policy = script(tmp_path, f"""setsid sleep 600 & echo $! > {pid}; echo '{{"decline": "no"}}'""")
    try:
        assert await ask(tmp_path, policy) == Decline("no")
    finally:
        os.kill(int(pid.read_text()), signal.SIGKILL)


@pytest.mark.parametrize(
    ("limits", "asked", "problem"),
    [
        ({"floor_wei": Wei(10**15)}, 10**15 - 1, "below the floor of 0.001 ETH"),
        ({"ceiling_wei": Wei(10**15)}, 10**15 + 1, "above the ceiling of 0.001 ETH"),
    ],
)
async def test_the_owners_limits_hold_for_the_script_too(tmp_path, limits, asked, problem) -> None:
    answer = await ask(tmp_path, script(tmp_path, f"""echo '{{"price_wei": "{asked}"}}'""", **limits))
    assert isinstance(answer, Decline)
    assert problem in answer.detail


async def test_it_sees_neither_our_environment_nor_our_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("INFILL_AGENT_PASSWORD_FILE", "/secret")
    policy = script(tmp_path, """printf '{"env": "%s", "at": "%s"}' "$(env | tr '\\n' ' ')" "$(pwd)" """)
    answer = await script_ask(tmp_path / "price.sh", b"", policy.script_s)
    assert "INFILL" not in answer["env"]
    assert not Path(answer["at"]).exists()
    assert str(tmp_path) not in answer["at"]


async def test_a_script_need_not_read_what_it_is_asked(tmp_path) -> None:
    script(tmp_path, """exec 0<&-; echo '{"decline": "closed today"}'""")
    assert await script_ask(tmp_path / "price.sh", b"x" * 10**6, 10) == {"decline": "closed today"}
    with pytest.raises(ScriptFailed):
        await script_ask(tmp_path / "none", b"", 1)


async def test_a_script_declines_in_its_own_words(tmp_path) -> None:
    answer = await ask(tmp_path, script(tmp_path, """echo '{"decline": "  closed   today "}'"""))
    assert answer == Decline("closed today")


async def test_a_script_sets_the_price_and_it_is_a_line(tmp_path) -> None:
    answer = await ask(
        tmp_path, script(tmp_path, """cat >/dev/null; echo '{"price_wei": "1000000000000001"}'""")
    )
    assert isinstance(answer, Terms)
    assert (answer.price.price, answer.price.unit_price) == (10**15 + 2, (10**15 + 2) // 3)
    assert [line.item for line in answer.price.lines][-2:] == [Item.SCRIPT, Item.ROUNDING]


async def test_it_is_told_the_job_the_offers_and_the_breakdown(tmp_path) -> None:
    policy = script(tmp_path, f"""cat > {tmp_path}/asked; echo '{{"decline": "no"}}'""")
    await ask(tmp_path, policy)
    asked = json.loads((tmp_path / "asked").read_text())
    assert asked["job"]["spec"] == JOB.spec.to_json()
    assert [printer["printer"] for printer in asked["offers"]] == ["p1"]
    assert asked["breakdown"] == asked["offers"][0]["breakdown"] == weighed(POLICY).decision.price.to_json()


async def test_what_the_policy_declines_no_script_is_asked_about(tmp_path) -> None:
    policy = script(tmp_path, f"touch {tmp_path}/ran")
    unfit = job(spec(parts=(part(material="PETG"),), deadline=NOW + 10**6))
    before = weighed(policy, unfit)
    assert await overridden(before, unfit, policy, tmp_path, now=NOW) == before
    assert not os.path.exists(tmp_path / "ran")
