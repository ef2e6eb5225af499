"""News of new blocks, from a node that has a WebSocket; where none has, the follower looks by itself."""

import logging
import threading
import time

import orjson
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

logger = logging.getLogger(__name__)
SUBSCRIBE = orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"]})
LONGEST_WAIT_SECONDS = 60.0
LOOK_SECONDS = 0.25


class HeadWatch:
    """Hears of new blocks in a thread of its own. News may be lost, or come for nothing."""

    def __init__(self, url: str, stopped: threading.Event) -> None:
        self.url = url.replace("http", "ws", 1)
        self.subscribed = False
        self._news = threading.Event()
        self._stopped = stopped
        threading.Thread(target=self._watch, daemon=True).start()

    def wait(self, seconds: float) -> None:
        """Until the next block, or for so long, or until all is stopped."""
        over = time.monotonic() + seconds
        while not self._stopped.is_set() and (left := over - time.monotonic()) > 0:
            if self._news.wait(min(left, LOOK_SECONDS)):
                break
        self._news.clear()

    def _watch(self) -> None:
        wait = 1.0
        while not self._stopped.wait(0 if wait == 1.0 else wait):
            try:
                self._listen()
                wait = 1.0
            except (OSError, WebSocketException, ValueError) as error:
                logger.debug("no news of blocks from %s (%s)", self.url, error)
                wait = min(LONGEST_WAIT_SECONDS, wait * 2)
            self.subscribed = False

    def _listen(self) -> None:
        """Raises OSError, WebSocketException or ValueError where there are no news to be had."""
        with connect(self.url, open_timeout=10) as socket:
            socket.send(SUBSCRIBE)
            if "result" not in orjson.loads(socket.recv(timeout=10)):
                raise ValueError("the node has no subscriptions")
            self.subscribed = True
            for _ in socket:
                self._news.set()
                if self._stopped.is_set():
                    return
