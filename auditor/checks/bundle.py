"""Is the bundle whole, in its one form, and about this agreement; does it tell what the node tells?"""

from itertools import zip_longest

from auditor.case import Case
from auditor.checks.base import Findings, need, need_history
from auditor.checks.evidence import DESIGNER, PROVIDER
from auditor.findings import Finding, differs, text_of
from auditor.ids import keccak
from auditor.logs import name_of
from auditor.sources.container import NAMES, OPTIONAL
from auditor.sources.parts import NamedLog

MANIFEST = "manifest.json"


def files_whole(case: Case) -> Findings:
    """Each file is there, undamaged, canonical and well formed; the zip has its one form."""
    yield from case.bundle.findings


def manifest_true(case: Case) -> Findings:
    """The manifest names this agreement, chain and escrow, and each file's digest."""
    manifest = need(case.bundle.manifest, MANIFEST)
    yield from differs(
        "manifest-version", MANIFEST, "unknown version of the bundle format", 1, manifest.version
    )
    yield from differs("manifest-chain", MANIFEST, "another chain", case.node.chain_id, manifest.chain_id)
    yield from differs("manifest-escrow", MANIFEST, "another escrow", case.node.escrow, manifest.escrow)
    yield from differs(
        "manifest-agreement", MANIFEST, "another agreement", case.agreement, manifest.agreement
    )
    there = [name for name in OPTIONAL if name in case.bundle.files or name in manifest.files]
    for name in (name for name in (*NAMES, *there) if name != MANIFEST):
        listed, data = manifest.files.get(name), case.bundle.files.get(name)
        if listed is None:
            yield Finding("manifest-file", name, "the manifest does not list the file")
        elif data is not None:
            yield from differs("manifest-digest", name, "the file was changed", listed, keccak(data))
        elif name in OPTIONAL:
            yield Finding("manifest-file", name, "the manifest lists the file, but it is not there")
    for name in sorted(set(manifest.files) - {*NAMES, *OPTIONAL}):
        yield Finding("manifest-file", name, "the manifest lists a file that bundles do not have")


def manifest_time(case: Case) -> Findings:
    """A bundle is as of the newest thing in it, so that the same facts make the same bytes."""
    bundle, manifest = case.bundle, need(case.bundle.manifest, MANIFEST)
    times = [entry.log.time for entry in need(bundle.logs, "logs.json")]
    records = (*need(bundle.provider_log, PROVIDER), *need(bundle.designer_log, DESIGNER))
    newest = max([*times, *(entry.record.observed_at for entry in records)], default=0)
    message = "created_at is not the time of the newest log or evidence record"
    yield from differs("manifest-time", f"{MANIFEST} created_at", message, newest, manifest.created_at)


def logs_equal(case: Case) -> Findings:
    """The bundle's logs are exactly the node's, in chain order."""
    told = need(case.bundle.logs, "logs.json")
    known = (NamedLog(name_of(log), log) for log in case.node.logs)
    for number, (right, found) in enumerate(zip_longest(known, told)):
        place = f"logs.json log {number}"
        if found is None and right is not None:
            message = "the chain has a log that the bundle lacks: ask for a newer bundle"
            yield Finding("log-missing", place, message, f"{right.name} at {right.log.place}", "nothing")
        elif right is None and found is not None:
            message = "the chain does not have this log"
            yield Finding("log-invented", place, message, "nothing", f"{found.name} at {found.log.place}")
        elif right and found and right != found:
            yield Finding("log-differs", place, "not what the node has", *_difference(right, found))


def award_equal(case: Case) -> Findings:
    """award.json is what the award's log says."""
    told, award = need(case.bundle.award, "award.json"), need_history(case).award
    known = {
        "transaction": award.raw.transaction,
        "block": award.raw.block,
        "block_digest": award.raw.block_digest,
        "units": getattr(award.log, "units", None),
        "standby": getattr(award.log, "standby", None),
        "book": getattr(award.log, "book", None),
    }
    for name, value in known.items():
        place = f"award.json {name}"
        yield from differs("award-record", place, "not what the chain says", value, getattr(told, name))


def _difference(right: NamedLog, found: NamedLog) -> tuple[str, str]:
    if right.name != found.name:
        return right.name, found.name
    for member, value in vars(right.log).items():
        other = getattr(found.log, member)
        if value != other:
            return f"{member} {_shown(value)}", f"{member} {_shown(other)}"
    return "", ""


def _shown(value: object) -> str:
    return ", ".join(map(text_of, value)) if isinstance(value, tuple) else text_of(value)
