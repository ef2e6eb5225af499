"""A line to the site that breaks: it passes bytes on until so many have gone up, then cuts every connection."""

from __future__ import annotations

import contextlib
import socket
import threading
from urllib.parse import urlsplit


class BrokenLine:
    """Listens at `url`. After `bytes_up` bytes all connections are reset, once; later ones are whole."""

    def __init__(self, site: str, bytes_up: int) -> None:
        place = urlsplit(site)
        self._site, self._left = (place.hostname, place.port), bytes_up
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.cut = threading.Event()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()
        self._reset()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._site)
                self._open += [near, far]
                threading.Thread(target=self._pass, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._pass, args=(far, near, False), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, up: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(16 * 1024):
                if up and not self.cut.is_set():
                    self._left -= len(data)
                    if self._left < 0:
                        self.cut.set()
                        return self._reset()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        return None

    def _reset(self) -> None:
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._open.clear()
