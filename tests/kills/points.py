"""Where a process may be killed: before and after each database statement, commit and answer of a node.

For forked children alone: what is put in place here is never taken away.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from marketplace.chain.rpc import Rpc

Acts = Mapping[int, Callable[[], None]]
"""What happens at which point, counted from one."""


@dataclass
class Points:
    """Counts the points that all threads come to, and lets happen what is to happen there."""

    acts: Acts
    count: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self) -> None:
        """Watch this process from now on."""
        connection_created.connect(self._watch, weak=False)
        for connection in connections.all(initialized_only=True):
            self._watch(connection=connection)
        self._between(BaseDatabaseWrapper, "_commit")
        self._between(Rpc, "_post")

    def _watch(self, connection: BaseDatabaseWrapper, **_: Any) -> None:
        if self._statement not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._statement)

    def _statement(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.come()
        answer = execute(*statement)
        self.come()
        return answer

    def _between(self, owner: type, name: str) -> None:
        plain = getattr(owner, name)

        def watched(*args: Any) -> Any:
            self.come()
            answer = plain(*args)
            self.come()
            return answer

        setattr(owner, name, watched)

    def come(self) -> None:
        """Another point. What happens there is no point itself."""
        with self.lock:
            self.count += 1
            act = self.acts.get(self.count)
        if act:
            act()
