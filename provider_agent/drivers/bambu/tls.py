"""TLS to a printer whose certificate nobody signed: it has to be the one that was pinned, before a word is
said."""

from __future__ import annotations

import hashlib
import hmac
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from provider_agent.drivers.errors import PrinterForbids, PrinterMisspoke, PrinterSilent, PrinterUnreachable


@dataclass(frozen=True)
class Peer:
    """Where a printer is and what opens it: its access code, and the SHA-256 of its certificate."""

    host: str
    port: int
    code: str
    certificate: str | None
    timeout_s: float

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def pinned_context(certificate: str | None) -> ssl.SSLContext:
    """A context whose handshakes raise PrinterForbids unless the peer shows the certificate of this SHA-256.

    It is compared after the handshake and before anything is sent: the access code stays here.
    """

    class Pinned(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            super().do_handshake(block)
            shown = shown_by(self)
            if certificate is None or not hmac.compare_digest(shown, plain(certificate)):
                self.close()
                raise PrinterForbids(_unexpected(shown, certificate))

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.sslsocket_class = Pinned
    return context


def fingerprint(host: str, port: int, timeout_s: float) -> str:
    """The SHA-256 of the certificate that is shown at this address, in hex; says nothing to it.

    Raises PrinterUnreachable, PrinterSilent, PrinterMisspoke.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), timeout_s) as line,
            context.wrap_socket(line) as secured,
        ):
            return shown_by(secured)
    except (OSError, ValueError) as error:
        raise foreign(error, f"{host}:{port}") from error


def foreign(error: Exception, where: str) -> PrinterUnreachable | PrinterMisspoke:
    """Ours for an error of a socket: nobody there, nobody answering, or somebody who is no such printer."""
    if isinstance(error, TimeoutError):
        return PrinterSilent(f"no answer from {where}")
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return PrinterMisspoke(f"{where} speaks no TLS ({error.reason}); is this a Bambu printer?")
    return PrinterUnreachable(f"nothing answers at {where}: {error}")


def shown_by(line: ssl.SSLSocket) -> str:
    """The SHA-256 of the peer's certificate, in hex."""
    shown: Any = line.getpeercert(binary_form=True)
    return hashlib.sha256(shown or b"").hexdigest()


def plain(certificate: str) -> str:
    """A fingerprint without colons, in small letters."""
    return certificate.replace(":", "").lower()


def _unexpected(shown: str, certificate: str | None) -> str:
    if certificate is None:
        return f'the printer shows a certificate that is not pinned; if it is yours: certificate = "{shown}"'
    return (
        f"the printer shows another certificate than the one pinned: {shown}. Somebody may stand between; if"
        " it was reset or its firmware renewed, pin this one"
    )
