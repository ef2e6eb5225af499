"""What the outbox tells of the transactions that anchor batches."""

from marketplace.chain.intent_handlers import intents_register
from marketplace.evidence.anchoring import KIND, intent_ended


def register_all() -> None:
    """For the app's ready()."""
    intents_register(KIND, intent_ended)
