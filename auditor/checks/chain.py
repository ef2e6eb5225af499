"""Is the contract the escrow, does the node agree with itself, and is its word what its logs say?"""

from auditor.case import Case
from auditor.checks.base import Findings, need_history
from auditor.findings import Finding, differs, text_of
from auditor.ids import domain_separator, keccak
from contracts.artifacts import is_build

STATUSES = ("NONE", "AWARDED", "DELIVERED", "DISPUTED", "CLOSED")
WORDS = ("agreements", "standbyOf", "mandateOf")


def contract_known(case: Case) -> Findings:
    """The code is the committed build of PrintEscrow, and its domain is that of this chain and address."""
    node = case.node
    if not is_build("PrintEscrow", node.code):
        message = "the code is not the PrintEscrow this auditor was made for: its logs prove nothing"
        yield Finding("contract-code", f"contract {node.escrow}", message, found=text_of(keccak(node.code)))
    right = domain_separator("PrintEscrow", node.chain_id, node.escrow)
    message = "the contract signs for another chain or address"
    yield from differs("contract-domain", f"contract {node.escrow}", message, right, node.domain_separator)


def logs_sound(case: Case) -> Findings:
    """Every log is the escrow's, can be read, belongs to the agreement and comes from a mined success."""
    for log in case.node.logs:
        yield from differs("log-foreign", log.place, "another contract's log", case.node.escrow, log.address)
        if case.agreement not in log.topics:
            yield Finding("log-foreign", log.place, "another agreement's log", text_of(case.agreement))
        if not case.node.transactions[log.transaction].succeeded:
            yield Finding("log-failed", log.place, "the log's transaction failed, yet left a log")
    yield from _receipts_agree(case)
    if case.history is None:
        message = f"the node has {len(case.node.logs)} logs of the agreement, but not its award"
        yield Finding("award-missing", "the node's logs", message)
        return
    for place, message in case.history.problems:
        yield Finding("log-unexplained", place, message)


def _receipts_agree(case: Case) -> Findings:
    """What a node finds when it is asked for logs is what stands in the receipts of their transactions."""
    told = {(log.block, log.log_index): log for log in case.node.logs}
    for sent in case.node.transactions.values():
        for log in sent.logs:
            if case.agreement in log.topics and told.get(log.order) != log:
                message = "the transaction's receipt has this log, the node's logs do not, or otherwise"
                yield Finding("log-receipt", log.place, message, text_of(log.data))


def word_matches(case: Case) -> Findings:
    """The storage words are what the logs add up to."""
    history, node = need_history(case), case.node
    standing, word = history.standing, node.word
    place, standby, mandate = (f"{name}[{text_of(case.agreement)}]" for name in WORDS)
    number = STATUSES.index(standing.status)
    yield from differs("word-status", f"{place}.status", "logs and word disagree", number, word.status)
    yield from differs("word-flags", f"{place}.flags", "logs and word disagree", standing.flags, word.flags)
    yield from differs("word-clock", f"{place}.clock", "logs and word disagree", standing.clock, word.clock)
    yield from differs("word-price", f"{place}.price", "logs and word disagree", standing.price, word.price)
    yield from differs("word-paid", f"{place}.paid", "logs and word disagree", standing.paid, word.paid)
    message = "logs and storage disagree"
    yield from differs("word-standby", standby, message, standing.standby, node.standby)
    yield from differs("word-mandate", mandate, message, history.mandate, node.mandate)


def money_there(case: Case) -> Findings:
    """The escrow holds at least what this agreement still has in it."""
    history = need_history(case)
    held = history.standing.held(history.terms)
    if case.node.balance < held:
        message = "the escrow holds less than it owes to this agreement alone"
        place = f"balance of {case.node.escrow} in {history.terms.token}"
        yield Finding("escrow-short", place, message, f"at least {held} wei", f"{case.node.balance} wei")
