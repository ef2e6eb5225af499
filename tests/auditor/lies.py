"""How a node can lie: other logs, other transactions."""

from dataclasses import replace
from typing import Any

from eth_abi import decode, encode

from auditor.logs import topic_of
from tests.auditor.conftest import Told

OTHER = "0x" + "ab" * 20
STRANGE = b"\x07" * 32


def place_of(told: Told, signature: str, last: bool = False) -> int:
    places = [n for n, log in enumerate(told.node.logs) if log.topics[0] == topic_of(signature)]
    return places[-1 if last else 0]


def relogged(told: Told, number: int, **changes) -> Told:
    logs = list(told.node.logs)
    logs[number] = replace(logs[number], **changes)
    return told.lying(logs=tuple(logs))


def resent(told: Told, number: int, **changes) -> Told:
    digest = told.node.logs[number].transaction
    sent = {**told.node.transactions, digest: replace(told.node.transactions[digest], **changes)}
    return told.lying(transactions=sent)


def rewritten(told: Told, signature: str, **changes: Any) -> Told:
    """The last log of this signature with some of its unindexed values changed, by their place: `v0=1`."""
    number = place_of(told, signature, last=True)
    log = told.node.logs[number]
    types = signature[signature.index("(") + 1 : -1].split(",")[len(log.topics) - 1 :]
    values = list(decode(types, log.data))
    for name, value in changes.items():
        values[int(name[1:])] = value
    return relogged(told, number, data=encode(types, values))


def moved(told: Told, signature: str, seconds: int) -> Told:
    """The last log of this signature at another time; the word's clock lies too where it told that time."""
    number = place_of(told, signature, last=True)
    log = told.node.logs[number]
    lied = relogged(told, number, time=log.time + seconds)
    if told.node.word.clock != log.time:
        return lied
    return lied.lying(word=replace(told.node.word, clock=log.time + seconds))


def without(told: Told, signature: str, *, last: bool = False) -> Told:
    """A node that withholds a log."""
    number = place_of(told, signature, last)
    return told.lying(logs=told.node.logs[:number] + told.node.logs[number + 1 :])


def inserted(told: Told, number: int, signature: str, *values: Any) -> Told:
    """A log of the agreement that never was, in the block and transaction of another, right after it."""
    log = told.node.logs[number]
    types = signature[signature.index("(") + 1 : -1].split(",")[1:]
    topics = (topic_of(signature), told.agreement)
    made = replace(log, topics=topics, data=encode(types, values), log_index=log.log_index + 50)
    return told.lying(logs=(*told.node.logs[: number + 1], made, *told.node.logs[number + 1 :]))
