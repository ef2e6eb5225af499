"""Runs the auditor as its user would, and spoils a bundle by one byte."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

AUDIT_SECONDS = 60
SPOILED = "evidence/provider.json"


@dataclass(frozen=True)
class Verdict:
    """What the auditor said: 0 clean, 1 findings, 2 cannot tell."""

    command: str
    code: int
    output: str

    @property
    def complaints(self) -> str:
        """The verdict and the checks that failed, without what is the same as in a clean report."""
        head, _, checks = self.output.partition("\nChecks\n")
        verdict = [line for line in head.splitlines() if line.startswith(("CLEAN", "FINDINGS"))]
        return "\n".join([*verdict, *(line for line in checks.splitlines() if "✔" not in line)])


def run(
    agreement: str, rpc_url: str, escrow: str, bundle: Path, *, models: Sequence[Path], columns: int
) -> Verdict:
    """Audit one agreement; the report is so many columns wide."""
    arguments = [
        agreement,
        "--rpc",
        rpc_url,
        "--contract",
        escrow,
        "--bundle",
        str(bundle),
        *(word for model in models for word in ("--model", str(model))),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "auditor", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=AUDIT_SECONDS,
        env={**os.environ, "COLUMNS": str(columns)},
    )
    return Verdict(f"infill-audit {' '.join(arguments)}", done.returncode, done.stdout + done.stderr)


def change_one_byte(bundle: Path) -> Path:
    """A copy of the bundle in which one digit of one evidence record is another one."""
    altered = bundle.with_name("altered." + bundle.name)
    with zipfile.ZipFile(bundle) as source, zipfile.ZipFile(altered, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            target.writestr(entry, _spoiled(content) if entry.filename == SPOILED else content)
    return altered


def _spoiled(content: bytes) -> bytes:
    """The last digit of the first time changed: still JSON, still in its form, and not what was signed."""
    found = re.search(rb'"observedAt":\d+', content)
    if not found:
        raise ValueError(f"{SPOILED} holds no record")
    last = found.end() - 1
    return content[:last] + bytes([content[last] ^ 1]) + content[last + 1 :]
