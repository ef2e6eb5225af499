"""The process that virtual printers live in: it outlives the agent, as real printers do."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

from aiohttp import web

from protocol.errors import InfillError
from provider_agent.drivers.virtual.api import PrinterApi
from provider_agent.drivers.virtual.host import DEFINITION, VirtualPrinter

TICK_S = 0.05
IDLE_TICK_S = 0.25
STEPS_PER_TICK = 4
HOSTED: web.AppKey[list[VirtualPrinter]] = web.AppKey("printers", list)


class PortTaken(InfillError):
    """Another process listens there."""

    code = "port-taken"


def folders(home: Path, names: Iterable[str] = ()) -> list[Path]:
    """The printers' folders below home, made with a default printer.toml where missing: those named, else
    every one there is, else one called `virtual`."""
    found = sorted(path.parent for path in home.glob(f"*/{DEFINITION}"))
    wanted = [home / name for name in names] or found or [home / "virtual"]
    for folder in wanted:
        folder.mkdir(parents=True, exist_ok=True)
        definition = folder / DEFINITION
        if not definition.exists():
            definition.write_text(f'serial = "{folder.name}"\n', encoding="utf-8")
    return wanted


def application(printers: Sequence[VirtualPrinter], speed_up: float) -> web.Application:
    """Each printer under /printers/<name>/, a lone one at / as well; GET /printers lists them."""
    app = web.Application()
    app[HOSTED] = list(printers)

    async def listing(request: web.Request) -> web.Response:
        return web.json_response({"printers": [printer.name for printer in printers]})

    async def running(app: web.Application) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_run(printer, speed_up)) for printer in printers]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for printer in printers:
            printer.close()

    app.router.add_get("/printers", listing)
    for printer in printers:
        app.add_routes(PrinterApi(printer).routes(f"/printers/{printer.name}"))
    if len(printers) == 1:
        app.add_routes(PrinterApi(printers[0]).routes())
    app.cleanup_ctx.append(running)
    return app


def serve(
    home: Path, port: int, speed_up: float, printers: Sequence[str] = (), host: str = "127.0.0.1"
) -> None:
    """Run until SIGINT or SIGTERM, having printed the address; port 0 takes a free one.

    Raises PortTaken, DefinitionInvalid.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with contextlib.closing(listener):
        try:
            listener.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"cannot listen on {host}:{port}: {error.strerror}; choose another --port"
            ) from error
        hosted = [VirtualPrinter(folder) for folder in folders(home, printers)]
        address = f"http://{host}:{listener.getsockname()[1]}"
        names = ", ".join(printer.name for printer in hosted)
        print(f"virtual printers at {address}: {names}", flush=True)
        web.run_app(application(hosted, speed_up), sock=listener, print=None, access_log=None)


async def _run(printer: VirtualPrinter, speed_up: float) -> None:
    """Let accelerated time pass; falls behind rather than hold up HTTP when the program is dense."""
    before, owed = time.monotonic(), 0.0
    while True:
        pause = TICK_S if printer.active else IDLE_TICK_S
        await asyncio.sleep(0 if owed else pause)
        now = time.monotonic()
        owed = printer.tick(owed + (now - before) * speed_up, STEPS_PER_TICK)
        before = now
