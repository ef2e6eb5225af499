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
from typing import IO, Any

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
    with tempfile.TemporaryDirectory(prefix="infill-script-") as folder, tempfile.TemporaryFile() as said:
        code = await _run(path.resolve(), folder, asked, said, seconds)
        said.seek(0)
        answered = said.read(ANSWER_BYTES + 1)
    if len(answered) > ANSWER_BYTES:
        raise ScriptFailed(f"{path} says more than {ANSWER_BYTES} bytes")
    if code:
        raise ScriptFailed(f"{path} ended with {code}")
    try:
        answer = json.loads(answered)
    except ValueError as error:
        raise ScriptFailed(f"{path} answers no JSON: {answered[:80]!r}") from error
    if not isinstance(answer, dict):
        raise ScriptFailed(f"{path} answers no JSON object: {answered[:80]!r}")
    return answer


async def _run(path: Path, folder: str, asked: bytes, said: IO[bytes], seconds: int) -> int:
    """The script's exit code, when it and what it started are dead. Raises ScriptFailed.

    It reads and writes files, not pipes: nobody has to empty a file, and whoever still holds one open keeps
    nobody waiting.
    """
    with tempfile.TemporaryFile() as question:
        question.write(asked)
        question.seek(0)
        child = await _start(path, folder, question, said, seconds)
        try:
            async with asyncio.timeout(seconds):
                return await child.wait()
        except TimeoutError as error:
            raise ScriptFailed(f"{path} gave no answer within {seconds} s") from error
        finally:
            await _kill(child)


async def _start(
    path: Path, folder: str, question: IO[bytes], said: IO[bytes], seconds: int
) -> asyncio.subprocess.Process:
    limits = (str(seconds), str(DATA_BYTES), str(FILE_BYTES), str(seconds + 1), "free")
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", LIMITED, *limits, path),
        cwd=folder,
        env={"PATH": os.environ.get("PATH", os.defpath), "HOME": folder, "LC_ALL": "C"},
        stdin=question,
        stdout=said,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )


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
