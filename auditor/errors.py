"""Why an audit could not be made at all."""

from protocol.errors import InfillError


class CannotTell(InfillError):
    """Nothing can be said about the agreement; the message says what is missing and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
