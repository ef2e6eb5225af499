"""What was ordered and what was printed: the spec, the design files, the printer."""

from auditor.case import Case
from auditor.checks.base import Findings, need, need_history
from auditor.checks.evidence import PROVIDER
from auditor.findings import Finding, differs, text_of
from auditor.ids import committed, keccak, profile_digest
from auditor.signers import signer_of
from auditor.sources.parts import Model
from protocol.canonical import canonical_bytes


def job_committed(case: Case) -> Findings:
    """The bid's job digest is that of the spec and its salt; the spec is the designer's."""
    job, history = need(case.bundle.job, "job.json"), need_history(case)
    found = committed(job.salt, canonical_bytes(job.spec))
    message = "this spec is not what the provider signed for"
    yield from differs("job-digest", "job.json", message, history.terms.job_digest, found)
    place = "job.json spec designer"
    yield from differs(
        "job-designer", place, "not the awarding designer", history.terms.designer, job.designer
    )
    if history.units > job.quantity:
        message = "more units awarded than the job asks for"
        yield Finding(
            "job-quantity", "job.json spec quantity", message, str(job.quantity), str(history.units)
        )


def models_listed(case: Case) -> Findings:
    """models.json gives the salt of each model of the spec, and of no other."""
    job, salts = need(case.bundle.job, "job.json"), need(case.bundle.salts, "models.json")
    right, found = {model.digest for model in job.models}, set(salts)
    for model in sorted(right - found):
        yield Finding("model-unlisted", "models.json", "a model of the spec is missing", text_of(model))
    for model in sorted(found - right):
        yield Finding(
            "model-unknown", "models.json", "no part of the spec has this model", found=text_of(model)
        )


def models_received(case: Case) -> Findings:
    """The provider's evidence says that it received the models of the spec, and no others."""
    job, records = need(case.bundle.job, "job.json"), need(case.bundle.provider_log, PROVIDER)
    right = {text_of(model.digest) for model in job.models}
    told = set()
    for number, entry in enumerate(records):
        if entry.record.kind == "model received":
            model = str(entry.payload.get("model", "no model"))
            told.add(model)
            if model not in right:
                message, place = "the model received is not in the spec", f"{PROVIDER} record {number}"
                yield Finding("model-other", place, message, ", ".join(sorted(right)), model)
    if need_history(case).delivery:
        for model in sorted(right - told):
            yield Finding(
                "model-not-received", PROVIDER, "no record says that this model was received", model
            )


def files_match(case: Case) -> Findings:
    """Each design file given is one of the spec's models, byte for byte."""
    if not case.models:
        return
    job, salts = need(case.bundle.job, "job.json"), need(case.bundle.salts, "models.json")
    for file in case.models:
        if not any(_is_model(file.data, model, salts.get(model.digest)) for model in job.models):
            wanted = ", ".join(text_of(model.digest) for model in job.models)
            message = "the file is none of the models that were ordered"
            yield Finding(
                "model-file", file.name, message, wanted, f"{len(file.data)} bytes of something else"
            )


def printer_signed(case: Case) -> Findings:
    """The bid's printer is the one of the profile, which the provider signed with what it can do."""
    signed, terms = need(case.bundle.profile, "profile.json"), need_history(case).terms
    profile = signed.profile
    digest = profile_digest(profile, case.node.chain_id, case.node.escrow)
    yield from differs("printer-digest", "profile.json", "not the printer of the bid", terms.printer, digest)
    place = "profile.json profile provider"
    yield from differs("printer-provider", place, "another's printer", terms.provider, profile.provider)
    found = keccak(canonical_bytes(signed.capability))
    message = "not the capability that was signed"
    yield from differs("printer-capability", "profile.json capability", message, profile.capability, found)
    signer = signer_of(digest, signed.signature)
    if signer != terms.provider:
        message, place = "not the provider's signature", "profile.json signature"
        yield Finding("printer-signature", place, message, terms.provider, signer or "nobody's")


def _is_model(data: bytes, model: Model, salt: bytes | None) -> bool:
    return salt is not None and len(data) == model.size and committed(salt, data) == model.digest
