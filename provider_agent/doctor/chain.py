"""The node, the clock, and the money on chain."""

from __future__ import annotations

import time
from typing import Final

from protocol.units import Wei, ether_text, time_of
from provider_agent.doctor.checks import Check, Finding, failed, ok, warning
from provider_agent.doctor.subject import Subject
from provider_agent.journal.bids import bids_open

AHEAD_SECONDS: Final = 30
OLD_SECONDS: Final = 300
GAS_A_JOB: Final = 150_000
"""What `deliver` and `claim` take together, with room."""
JOBS: Final = 5
KEY_SECONDS: Final = 2 * 24 * 60 * 60


def chain_checks(subject: Subject) -> list[Check]:
    """Those that ask the node."""

    async def node() -> Finding:
        return await _node(subject)

    async def clock() -> Finding:
        return await _clock(subject)

    async def gas() -> Finding:
        return await _gas(subject)

    async def bonds() -> Finding:
        return await _bonds(subject)

    async def key() -> Finding:
        return await _key(subject)

    found = [Check("node", node), Check("block time", clock), Check("gas", gas), Check("bonds", bonds)]
    return [*found, Check("hot key", key)] if subject.hot else found


async def _node(subject: Subject) -> Finding:
    await subject.chain.check()
    if behind := await subject.chain.blocks_behind():
        return warning(
            f"the node lacks {behind} blocks", "wait until it has caught up: nothing is bid meanwhile"
        )
    return ok(f"the node follows chain {subject.chain.chain_id}, the escrow is at {subject.chain.escrow}")


async def _clock(subject: Subject) -> Finding:
    """Blocks are no clock, but never of the future; one that is long past is of a node that stands still."""
    head = await subject.chain.head()
    lag = int(time.time()) - head.time
    if lag < -AHEAD_SECONDS:
        return failed(
            f"this clock is {-lag} s behind the newest block", "set it: start chrony or systemd-timesyncd"
        )
    if lag > OLD_SECONDS:
        return warning(
            f"the newest block is {lag} s old", "see that the node has peers, and that this clock is right"
        )
    return ok(f"block {head.number} is {max(lag, 0)} s old")


async def _gas(subject: Subject) -> Finding:
    balance = await subject.chain.balance(subject.key)
    job = GAS_A_JOB * (await subject.chain.fees()).max_fee
    text = f"{subject.key} has {ether_text(balance)} for gas"
    todo = f"send it ether: delivering and claiming a job takes up to {ether_text(Wei(job))}"
    if balance < job:
        return failed(text, todo)
    return warning(f"{text}, less than {JOBS} jobs take", todo) if balance < JOBS * job else ok(text)


async def _bonds(subject: Subject) -> Finding:
    free = (await subject.chain.account(subject.provider)).free
    bond = subject.config.policy.bond_wei
    promised = sum(row.bid.bond for row in bids_open(subject.journal)) if subject.journal else 0
    text = f"{ether_text(free)} are free in the escrow, open bids promise {ether_text(Wei(promised))}"
    todo = "`infill-agent deposit AMOUNT`, or a lower policy.bond_wei: no bid is made that is not covered"
    if free < promised:
        return failed(text, todo)
    if free < promised + bond:
        return warning(f"{text}, the next bid {ether_text(bond)}", todo)
    return ok(text)


async def _key(subject: Subject) -> Finding:
    word = await subject.chain.hot_key(subject.provider, subject.key)
    todo = f"where the purse is: `infill-agent purse-pass {subject.key}`, then `infill-agent use-pass` here"
    now = int(time.time())
    if word.until <= now:
        return failed(f"{subject.key} may not sign for {subject.provider}", todo)
    until = f"it may sign until {time_of(word.until):%d %b %H:%M} UTC"
    if word.bond_left < subject.config.policy.bond_wei:
        return failed(f"{until}, but has only {ether_text(word.bond_left)} left for bonds", todo)
    return warning(until, todo) if word.until < now + KEY_SECONDS else ok(until)
