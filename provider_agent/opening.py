"""What commands that work with an agent's key have in common."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeVar

from provider_agent.config import config_load
from provider_agent.errors import HomeMissing
from provider_agent.keystore import keystore_unlock, password_get
from provider_agent.making.context import Context
from provider_agent.supervisor import context_open

Found = TypeVar("Found")


def home_made(home: Path) -> Path:
    """The home itself. Raises HomeMissing."""
    if not home.is_dir():
        raise HomeMissing(f"there is no {home}: make it with `infill-agent --home {home} setup`")
    return home


def logging_start() -> None:
    """Lines on stderr."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr
    )
    logging.getLogger("web3").setLevel(logging.WARNING)


async def with_agent(home: Path, work: Callable[[Context], Awaitable[Found]]) -> Found:
    """Unlock the key, open all parts, do the work; SIGTERM ends it as Ctrl-C does."""
    config = config_load(home)
    account = keystore_unlock(home, password_get())
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with AsyncExitStack() as stack:
        return await work(await context_open(stack, home, config, account))
