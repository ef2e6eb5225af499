"""Files on a Bambu printer: FTP inside TLS from the first byte, one connection for each errand."""

from __future__ import annotations

import asyncio
import ftplib
import hashlib
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from provider_agent.drivers.bambu.tls import Peer, foreign, pinned_context
from provider_agent.drivers.errors import PrinterForbids, PrinterMisspoke, PrinterSilent, UploadRefused

USER = "bblp"
CHUNK_BYTES = 1 << 16
TRANSFER_SECONDS = 600.0
T = TypeVar("T")


class Files:
    """The printer's storage. Every method raises PrinterUnreachable, PrinterForbids and PrinterMisspoke."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def names(self) -> set[str]:
        """What is on it."""
        return await self._errand(lambda line: {name.rpartition("/")[2] for name in _listed(line)})

    async def send(self, path: Path, name: str) -> None:
        """Put a file there. Raises UploadRefused too."""
        await self._errand(lambda line: _store(line, path, name))

    async def note(self, name: str, text: str) -> None:
        """Put a few words there under a name."""
        await self._errand(lambda line: _put(line, name, [text.encode()]))

    async def digest(self, name: str) -> str | None:
        """The SHA-256 of a file there, read back, in hex; None where there is none."""
        return await self._errand(lambda line: _digest(line, name))

    async def drop(self, name: str) -> None:
        """Delete a file there."""
        await self._errand(lambda line: line.delete(name))

    async def _errand(self, work: Callable[[ftplib.FTP], T]) -> T:
        return await asyncio.to_thread(self._run, work)

    def _run(self, work: Callable[[ftplib.FTP], T]) -> T:
        where = str(self._peer)
        line = _Ftps(self._peer)
        try:
            line.begin()
            line.login(USER, self._peer.code)
            line.prot_p()
            return work(line)
        except ftplib.error_perm as error:
            if str(error).startswith("530"):
                raise PrinterForbids(f"{where} does not take the access code: {error}") from error
            raise PrinterMisspoke(f"{where}: {error}") from error
        except (ftplib.Error, EOFError) as error:
            raise PrinterSilent(f"{where} broke off: {error or type(error).__name__}") from error
        except OSError as error:
            raise foreign(error, where) from error
        finally:
            line.close()


class _Ftps(ftplib.FTP_TLS):
    """TLS at once instead of after AUTH; a data line goes on with the control line's session, as printers
    ask."""

    def __init__(self, peer: Peer) -> None:
        super().__init__(context=pinned_context(peer.certificate))
        self._peer = peer

    def begin(self) -> None:
        """Connect and hear the greeting."""
        peer = self._peer
        self.host, self.port, self.timeout = peer.host, peer.port, peer.timeout_s
        plain = socket.create_connection((peer.host, peer.port), peer.timeout_s)
        self.af = plain.family
        self.sock = self.context.wrap_socket(plain)
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[ssl.SSLSocket, int | None]:
        plain, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321 - inside TLS
        session = self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None
        return self.context.wrap_socket(plain, session=session), size


def _listed(line: ftplib.FTP) -> list[str]:
    found = bytearray()
    try:
        _take(line, "A", "NLST", found.extend)
    except ftplib.error_perm as error:
        if not str(error).startswith("550"):
            raise
    return found.decode(errors="replace").splitlines()


def _store(line: ftplib.FTP, path: Path, name: str) -> None:
    with path.open("rb") as body:
        try:
            _put(line, name, iter(lambda: body.read(CHUNK_BYTES), b""))
        except ftplib.error_perm as error:
            raise UploadRefused(f"the printer does not take {name}: {error}") from error


def _put(line: ftplib.FTP, name: str, chunks: Any) -> None:
    line.voidcmd("TYPE I")
    with line.transfercmd(f"STOR {name}") as data:
        data.settimeout(TRANSFER_SECONDS)
        for chunk in chunks:
            data.sendall(chunk)
        _end(data)
    line.voidresp()


def _take(line: ftplib.FTP, kind: str, command: str, take: Callable[[bytes], object]) -> None:
    """All that comes on a data line. Its end is not negotiated, as ftplib would: the reply tells that it is
    whole, and an empty line may be closed before that could be."""
    line.voidcmd(f"TYPE {kind}")
    with line.transfercmd(command) as data:
        data.settimeout(TRANSFER_SECONDS)
        while chunk := data.recv(CHUNK_BYTES):
            take(chunk)
    line.voidresp()


def _end(data: Any) -> None:
    """Say that this was all; some printers hang up instead of answering that."""
    try:
        data.unwrap()
    except OSError:
        return


def _digest(line: ftplib.FTP, name: str) -> str | None:
    found = hashlib.sha256()
    try:
        _take(line, "I", f"RETR {name}", found.update)
    except ftplib.error_perm as error:
        if str(error).startswith("550"):
            return None
        raise
    return found.hexdigest()
