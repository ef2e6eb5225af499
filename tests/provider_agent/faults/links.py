"""TCP links that tests cut: refused as from a server that is down, or silent as a network that is gone."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PIECE_BYTES = 1 << 16
TICK_SECONDS = 0.05


class Link:
    """A port of its own that leads to another one, until it is cut."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._silent = threading.Event()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener: socket.socket | None = None
        self.port = self._listen(0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def refuse(self) -> None:
        """As if nobody were there: what is open is reset, what comes is refused."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for pair in self._pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def silence(self) -> None:
        """As if the cable were out: nothing arrives, and nobody is told."""
        self._silent.set()

    def mend(self) -> None:
        """As it was. What waited in a silent link arrives now."""
        self._silent.clear()
        if self._listener is None:
            self._listen(self.port)

    def _listen(self, port: int) -> int:
        listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return int(listener.getsockname()[1])

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _ = listener.accept()
                try:
                    there = socket.create_connection(("127.0.0.1", self._target))
                except OSError:
                    here.close()
                    continue
                self._pairs.append((here, there))
                threading.Thread(target=self._carry, args=(here, there), daemon=True).start()

    def _carry(self, here: socket.socket, there: socket.socket) -> None:
        with here, there, contextlib.suppress(OSError):
            while True:
                for readable in select.select([here, there], [], [], TICK_SECONDS)[0]:
                    while self._silent.is_set():
                        threading.Event().wait(TICK_SECONDS)
                    data = readable.recv(PIECE_BYTES)
                    if not data:
                        return
                    (there if readable is here else here).sendall(data)


@contextmanager
def linked(target: int) -> Iterator[Link]:
    """A link to a port of this machine."""
    link = Link(target)
    try:
        yield link
    finally:
        link.mend()
        link.refuse()
