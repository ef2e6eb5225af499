"""Every question an audit asks, in the order of the report."""

from auditor.checks import bundle, chain, evidence, history, job, money, terms
from auditor.checks.base import Check

CHECKS = (
    Check("files", "The bundle is whole and in its one form", bundle.files_whole),
    Check("manifest", "The manifest names this agreement and every file", bundle.manifest_true),
    Check("as-of", "The bundle is as of the newest thing in it", bundle.manifest_time),
    Check("contract", "The contract is the escrow", chain.contract_known),
    Check("node-logs", "The node's logs are sound", chain.logs_sound),
    Check("bundle-logs", "The bundle's logs are the node's", bundle.logs_equal),
    Check("bundle-award", "The bundle's award is the chain's", bundle.award_equal),
    Check("id", "The id proves the terms", terms.id_proves_terms),
    Check("bid-signature", "The provider signed the bid", terms.provider_signed),
    Check("award", "The designer awarded and funded it", terms.designer_awarded),
    Check("award-terms", "The award is within the bid", terms.award_within_terms),
    Check("terms", "The terms are sane", terms.terms_sane),
    Check("statuses", "Every step was allowed", history.steps_legal),
    Check("times", "Every step was in its signed time", history.steps_in_time),
    Check("senders", "Every step was taken by who may", history.steps_by_right),
    Check("payments", "Payments and fees are as signed", money.payments_exact),
    Check("closing", "The closing divides as signed", money.closings_exact),
    Check("credits", "Every free balance is explained", money.credits_explained),
    Check("conservation", "Every wei that came in went out or is left", money.money_conserved),
    Check("word", "The storage word is what the logs add up to", chain.word_matches),
    Check("escrow-holds", "The escrow holds what is left", chain.money_there),
    Check("job", "The job is the one that was signed", job.job_committed),
    Check("printer", "The printer is the one that was signed", job.printer_signed),
    Check("provider-log", "The provider's evidence is unbroken", evidence.provider_log_sound),
    Check("designer-log", "The designer's evidence is unbroken", evidence.designer_log_sound),
    Check("head", "The evidence is the one committed on chain", evidence.head_committed),
    Check("print", "The print is evidenced before its delivery", evidence.print_evidenced),
    Check("models", "The salts are those of the ordered models", job.models_listed),
    Check("models-received", "The provider received the ordered models", job.models_received),
    Check("model-files", "The given files are the ordered models", job.files_match),
)
