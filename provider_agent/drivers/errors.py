"""What a driver raises. `retryable` tells the caller whether the same call may succeed later."""

from __future__ import annotations

from protocol.errors import InfillError


class PrinterError(InfillError):
    """A printer could not be spoken to, or would not do as asked."""

    code = "printer-error"
    retryable = False


class PrinterUnreachable(PrinterError):
    """Nothing answers at the printer's address; nothing was delivered."""

    code = "printer-unreachable"
    retryable = True


class PrinterSilent(PrinterUnreachable):
    """The request may have reached the printer, but no answer came: it may have had effect."""

    code = "printer-silent"


class PrinterMisspoke(PrinterError):
    """The printer answered, but not in a way this driver understands."""

    code = "printer-misspoke"


class PrinterForbids(PrinterMisspoke):
    """The printer's server does not take the secret of agent.toml."""

    code = "printer-forbids"


class PairingRefused(PrinterError):
    """The printer's owner said no, or nothing, when asked for a key."""

    code = "pairing-refused"


class UploadRefused(PrinterError):
    """The printer would not take the file."""

    code = "upload-refused"


class UploadDamaged(PrinterError):
    """What arrived on the printer is not what was sent."""

    code = "upload-damaged"
    retryable = True


class UnknownDriver(PrinterError):
    """A driver kind that this agent does not have."""

    code = "unknown-driver"
