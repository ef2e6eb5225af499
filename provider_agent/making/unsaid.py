"""What a making waits to be told by a person: nothing that is said already, though nobody signed it yet."""

from __future__ import annotations

from protocol.evidence import Kind
from provider_agent.config import Policy
from provider_agent.journal.makings import Making
from provider_agent.journal.statements import statements_waiting
from provider_agent.journal.store import Journal
from provider_agent.making.shipping import awaits_shipping


def is_to_ship(journal: Journal, policy: Policy, making: Making) -> bool:
    """Whether its delivery waits for its provider to say how it is sent."""
    shipped = (making.agreement, Kind.SHIPPED)
    said = any((one.agreement, one.kind) == shipped for one in statements_waiting(journal))
    return not said and awaits_shipping(journal, policy, making)
