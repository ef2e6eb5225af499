"""Logs about who may sign a provider's bids, kept by themselves so that they are found by provider."""

from collections.abc import Collection, Iterable

import orjson

from marketplace.bidding.models import AuthorityLog, EpochBump, HotKeySet
from marketplace.chain.decoding import event_of
from marketplace.chain.rows import LogRow

KEPT: dict[str, type[AuthorityLog]] = {"AgentSet": HotKeySet, "EpochBumped": EpochBump}


def authority_logs_keep(*, removed: Iterable[LogRow], added: Iterable[LogRow]) -> None:
    """Take back what is removed, keep what is added, in the caller's atomic block; twice changes nothing."""
    removed, added = list(removed), list(added)
    for name, model in KEPT.items():
        _forget(model, [log for log in removed if log.name == name])
        rows = [authority_row(log) for log in added if log.name == name]
        model._default_manager.bulk_create(rows, ignore_conflicts=True)


def authority_row(log: LogRow) -> AuthorityLog:
    """An `AgentSet` or `EpochBumped` log as it is kept, unsaved."""
    topics = orjson.loads(log.topics)
    args = event_of(topics).args(topics, log.data)
    place = {"block_digest": log.block_digest, "block": log.block, "log_index": log.log_index}
    common = {"escrow": log.address, "token": args["token"], **place}
    if log.name == "EpochBumped":
        return EpochBump(provider=args["owner"], epoch=args["epoch"], **common)
    word = {"key": args["key"], "until": args["until"], "bond_left": args["bondLeft"]}
    return HotKeySet(provider=args["provider"], **word, **common)


def _forget(model: type[AuthorityLog], logs: Collection[LogRow]) -> None:
    gone = {(log.block_digest, log.log_index) for log in logs}
    rows = model._default_manager.filter(block_digest__in={digest for digest, _ in gone})
    found = [row.pk for row in rows if (row.block_digest, row.log_index) in gone]
    model._default_manager.filter(pk__in=found).delete()
