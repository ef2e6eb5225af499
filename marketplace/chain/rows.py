"""Logs as they are stored: what the node gave, named and timed, and nothing else."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from marketplace.chain.answers import BlockHead, RawLog
from marketplace.chain.decoding import WITHOUT_AGREEMENT, event_of
from marketplace.chain.errors import NodeInconsistent, UnknownLog
from protocol.errors import Malformed
from protocol.units import address_of, time_of


class LogRow(NamedTuple):
    """A log. Digests, addresses and data are 0x text, `topics` a JSON list of them."""

    block_digest: str
    log_index: int
    block: int
    transaction: str
    address: str
    name: str
    agreement: str
    topics: str
    data: str
    time: datetime


def _members(*names: str) -> Callable[[LogRow], Any]:
    return itemgetter(*map(LogRow._fields.index, names))


PLACE = _members("block", "log_index")
"""A log's place in the chain's order."""
ORIGIN = _members("block", "block_digest", "address")
"""What logs of one block and contract share."""


def rows_of(raw: Iterable[RawLog], blocks: Mapping[int, BlockHead], node: str) -> list[LogRow]:
    """The logs in chain order. Raises UnknownLog, and NodeInconsistent where the `node` left parts out.

    `blocks` have the times that a node leaves out of its logs.
    """
    with _whole(node):
        return sorted((_row(log, blocks) for log in raw), key=PLACE)


def untimed(raw: Iterable[RawLog], node: str) -> list[int]:
    """The blocks of those logs that the `node` gave no time to. Raises NodeInconsistent."""
    with _whole(node):
        return sorted({int(log["blockNumber"], 16) for log in raw if "blockTimestamp" not in log})


@contextmanager
def _whole(node: str) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, Malformed) as error:
        raise NodeInconsistent(node, f"a log without its parts: {error!r}") from error


def _row(log: dict[str, Any], blocks: Mapping[int, BlockHead]) -> LogRow:
    topics, data = log["topics"], log["data"]
    event = event_of(topics)
    if len(topics) != event.topics or len(data) != event.data_length:
        raise UnknownLog(f"{event.name} with {len(topics)} topics and data of {len(data)} digits")
    agreement = topics[event.agreement] if event.agreement else ""
    number, stamp = int(log["blockNumber"], 16), log.get("blockTimestamp")
    return LogRow(
        log["blockHash"],
        int(log["logIndex"], 16),
        number,
        log["transactionHash"],
        _address(log["address"]),
        event.name,
        "" if agreement == WITHOUT_AGREEMENT else agreement,
        orjson.dumps(topics).decode(),
        data,
        _time(stamp) if stamp else blocks[number].time,
    )


@lru_cache(maxsize=16)
def _address(text: str) -> str:
    return address_of(text)


@lru_cache(maxsize=4096)
def _time(stamp: str) -> datetime:
    return time_of(int(stamp, 16))
