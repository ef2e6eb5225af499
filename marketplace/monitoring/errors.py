"""What an agent is told when its message is not taken."""

from protocol.errors import InfillError


class MessageTooLarge(InfillError):
    """A message is larger than any that an agent has reason to send."""

    code = "message-too-large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"A message has at most {limit} bytes: send fewer samples at once.")


class MessageTooFast(InfillError):
    """Messages come faster than the agreed rate."""

    code = "message-too-fast"

    def __init__(self, per_second: float) -> None:
        super().__init__(
            f"At most {per_second:g} samples and messages a second: send telemetry once a second a printer."
        )


class MessageUnknown(InfillError):
    """A message of a type this server does not know."""

    code = "message-unknown"


class NotYours(InfillError):
    """Telemetry names a printer or an agreement that is not the agent's own."""

    code = "not-yours"
