"""The owner's program that may change a price or decline: a child under limits."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from provider_agent.bidding import Decline, OpenJob, Terms, Verdict
from provider_agent.config import Policy
from provider_agent.errors import NoPrice, ScriptFailed
from provider_agent.explaining import job_json, printers_json
from provider_agent.pricing import price_by_script
from slicers.children import LIMITED

VERSION = 1
DATA_BYTES = 1 << 30
FILE_BYTES = 1 << 24
ANSWER_BYTES = 1 << 16
REASON_CHARS = 500
NO_ANSWER = "The provider's own pricing gives no price for this job."
"""What is told of a script that failed; what went wrong is the owner's to know."""
_WEI = re.compile(r"[0-9]{1,29}")


async def overridden(verdict: Verdict, job: OpenJob, policy: Policy, home: Path, *, now: int) -> Verdict:
    """The verdict after the policy's script, if there is one and there are terms to ask it about."""
    terms = verdict.decision
    if policy.script is None or isinstance(terms, Decline):
        return verdict
    asked = {
        "version": VERSION,
        "now": now,
        "job": job_json(job),
        "printer": terms.serial,
        "offers": printers_json(verdict),
        "breakdown": terms.price.to_json(),
    }
    try:
        answer = await script_ask(home / policy.script, json.dumps(asked).encode(), policy.script_s)
        return replace(verdict, decision=_decided(answer, terms, policy))
    except ScriptFailed as error:
        return replace(verdict, decision=Decline(NO_ANSWER, detail=str(error)))


async def script_ask(path: Path, asked: bytes, seconds: int) -> dict[str, Any]:
    """Run the script with `asked` on its stdin; the one JSON object that it answers. Raises ScriptFailed."""
    if not (path.is_file() and os.access(path, os.X_OK)):
        raise ScriptFailed(f"{path} is no program that may be run")
    with tempfile.TemporaryDirectory(prefix="infill-script-") as folder:
        child = await _start(path.resolve(), folder, seconds)
        try:
            async with asyncio.timeout(seconds):
                said = await _talk(child, asked)
        except TimeoutError as error:
            raise ScriptFailed(f"{path} gave no answer within {seconds} s") from error
        finally:
            await _kill(child)
    try:
        answer = json.loads(said)
    except ValueError as error:
        raise ScriptFailed(f"{path} answers no JSON: {said[:80]!r}") from error
    if not isinstance(answer, dict):
        raise ScriptFailed(f"{path} answers no JSON object: {said[:80]!r}")
    return answer


async def _start(path: Path, folder: str, seconds: int) -> asyncio.subprocess.Process:
    limits = (str(seconds), str(DATA_BYTES), str(FILE_BYTES), str(seconds + 1), "free")
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", LIMITED, *limits, path),
        cwd=folder,
        env={"PATH": os.environ.get("PATH", os.defpath), "HOME": folder, "LC_ALL": "C"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )


async def _talk(child: asyncio.subprocess.Process, asked: bytes) -> bytes:
    if child.stdin is None or child.stdout is None:
        raise AssertionError("both are pipes")
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it need not read
        child.stdin.write(asked)
        await child.stdin.drain()
    child.stdin.close()
    said = b""
    while piece := await child.stdout.read(ANSWER_BYTES):
        said += piece
        if len(said) > ANSWER_BYTES:
            raise ScriptFailed(f"the script says more than {ANSWER_BYTES} bytes")
    if code := await child.wait():
        raise ScriptFailed(f"the script ended with {code}")
    return said


async def _kill(child: asyncio.subprocess.Process) -> None:
    """The whole group: what the script started too."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    await asyncio.shield(child.wait())


def _decided(answer: dict[str, Any], terms: Terms, policy: Policy) -> Decline | Terms:
    match answer:
        case {"decline": str(reason), **others} if reason.strip() and not others:
            return Decline(" ".join(reason.split())[:REASON_CHARS])
        case {"price_wei": asked, **others} if not others:
            try:
                price = price_by_script(policy, terms.price, _wei(asked))
            except NoPrice as error:
                raise ScriptFailed(str(error)) from error
            if price.price + policy.bond_wei + policy.dispute_fee_wei >= 2**96:
                raise ScriptFailed("the script's price is beyond what the escrow can hold")
            return replace(terms, price=price)
    raise ScriptFailed(f"the script answers neither price_wei nor decline: {str(answer)[:80]}")


def _wei(asked: Any) -> int:
    if isinstance(asked, int) and not isinstance(asked, bool):
        return asked
    if isinstance(asked, str) and _WEI.fullmatch(asked):
        return int(asked)
    raise ScriptFailed(f"the script's price is no whole number of wei: {str(asked)[:80]!r}")
