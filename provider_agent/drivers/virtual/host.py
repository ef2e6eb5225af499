"""A machine with a memory: what the printer's server does around the machine, on disk before in words."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import AsyncIterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocol.errors import InfillError
from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import ACTIVE, AttemptFate
from provider_agent.drivers.virtual.definition import MachineDefinition, definition_load
from provider_agent.drivers.virtual.machine import CommandRefused, Machine
from provider_agent.drivers.virtual.store import Store, StoredFile

DEFINITION = "printer.toml"
SAVE_EVERY_S = 0.5
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")


class FileRefused(InfillError):
    """A file that is not taken: bad name, damaged on the way, or its name is another file's."""

    code = "file-refused"


@dataclass(frozen=True)
class StartAnswer:
    """What came of a start. `repeated`: this attempt had been started before."""

    started: bool
    repeated: bool = False
    reason: str | None = None


class VirtualPrinter:
    """One printer in its folder: printer.toml, files/, printer.sqlite3. Raises DefinitionInvalid."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self.definition: MachineDefinition = definition_load(folder / DEFINITION)
        self._files = folder / "files"
        self._files.mkdir(exist_ok=True)
        self._store = Store(folder / "printer.sqlite3")
        self.machine = Machine(self.definition)
        self._attempt: str | None = None
        self._file: str | None = None
        self._saved_at = 0.0
        self._saved: tuple[PrinterStatus, str | None, bool] | None = None
        self._restore()

    def close(self) -> None:
        """Let go of files; what runs will be found as cut off."""
        self._store.close()

    def identify(self) -> dict[str, str]:
        """Wire form of the identity."""
        made = self.definition
        return {
            "make": made.make,
            "model": made.model,
            "serial": made.serial,
            "firmware": "virtual-1",
            "software": "Infill virtual printer",
        }

    def snapshot(self) -> dict[str, Any]:
        """Wire form of what the printer reports now."""
        machine = self.machine
        nozzle, bed, place = machine.parts.nozzle, machine.parts.bed, machine.parts.place
        return {
            "status": machine.status,
            "reason": machine.reason,
            "progress": round(machine.progress, 4),
            "layer": machine.tally.layers,
            "nozzle_c": round(nozzle.now_c, 1),
            "bed_c": round(bed.now_c, 1),
            "nozzle_target_c": nozzle.target_c,
            "bed_target_c": bed.target_c,
            "position_um": [round(float(value) * 1000) for value in place[:3]],
            "job": self._file,
            "attempt": self._attempt,
        }

    def history(self) -> list[dict[str, Any]]:
        """Every print ever begun here, the oldest first."""
        self._save_progress()
        return [print_.to_json() for print_ in self._store.prints()]

    async def receive(
        self, name: str, chunks: AsyncIterable[bytes], expected_sha256: str | None
    ) -> StoredFile:
        """Take a file under a new name; the same file again is harmless. Raises FileRefused."""
        if not _NAME.match(name):
            raise FileRefused(f"{name!r} is not a file name; use letters, digits, dot, dash and underscore")
        part, digest, size = self._files / f".{name}.{time.monotonic_ns()}.part", hashlib.sha256(), 0
        try:
            with part.open("wb") as out:
                async for chunk in chunks:
                    out.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
            return self._keep(part, StoredFile(name, digest.hexdigest(), size), expected_sha256)
        finally:
            part.unlink(missing_ok=True)

    def _keep(self, part: Path, file: StoredFile, expected_sha256: str | None) -> StoredFile:
        if expected_sha256 not in (None, file.sha256):
            raise FileRefused(
                f"{file.name} arrived damaged: sha256 {file.sha256}, expected {expected_sha256}"
            )
        known = self._store.file(file.name)
        if known is not None and known != file:
            raise FileRefused(f"another file is called {file.name} already; upload under a new name")
        if known is None:
            part.rename(self._files / file.name)
            self._store.file_save(file)
        return file

    def delete(self, name: str) -> bool:
        """Delete a file; whether there was one. Raises FileRefused for the one in print."""
        if self.active and name == self._file:
            raise FileRefused(f"{name} is being printed")
        if self._store.file(name) is None:
            return False
        (self._files / name).unlink(missing_ok=True)
        self._store.file_delete(name)
        return True

    def start(self, name: str, attempt: str) -> StartAnswer:
        """Print a file, once per attempt id; the same attempt again gets the first answer and prints
        nothing."""
        if (earlier := self._store.print(attempt)) is not None:
            if earlier.file != name:
                return StartAnswer(False, reason=f"attempt {attempt} printed another file: {earlier.file}")
            return StartAnswer(True, repeated=True)
        file = self._store.file(name)
        if file is None:
            return StartAnswer(False, reason=f"no file {name} here")
        if self.machine.status is not PrinterStatus.READY:
            return StartAnswer(False, reason=f"busy: the printer is {self.machine.status}")
        self._store.print_begin(attempt, file, time.time())
        self._attempt, self._file = attempt, name
        self.machine.start(self._files / name)
        self._save()
        return StartAnswer(True)

    def command(self, name: str) -> str | None:
        """pause, resume, cancel, clear, recover, emergency-stop: None if taken, else why not. A silent
        printer takes all of them and heeds only recover and emergency-stop."""
        if self.machine.silent and name not in ("recover", "emergency-stop"):
            return None
        try:
            getattr(self.machine, name.replace("-", "_"))()
        except CommandRefused as refusal:
            return str(refusal)
        self._save()
        return None

    def tick(self, seconds: float, steps: int = 64) -> float:
        """Let machine time pass and remember what changed. Returns the seconds not used."""
        left = self.machine.advance(seconds, steps)
        self._save()
        return left

    @property
    def active(self) -> bool:
        """Whether anything moves or is about to."""
        return self.machine.status in ACTIVE

    def _save(self) -> None:
        machine = self.machine
        now = (machine.status, machine.reason, machine.plate_dirty)
        if self._attempt and machine.outcome is not None and self._saved != now:
            self._store.print_progress(self._attempt, machine.tally)
            self._store.print_end(self._attempt, machine.outcome.fate, machine.outcome.reason, time.time())
        elif self.active and time.monotonic() - self._saved_at >= SAVE_EVERY_S:
            self._save_progress()
        if now != self._saved:
            self._store.status_save(*now)
            self._saved = now
        if machine.status is PrinterStatus.READY:
            self._attempt = self._file = None

    def _save_progress(self) -> None:
        if self._attempt and self.active:
            self._store.print_progress(self._attempt, self.machine.tally)
            self._saved_at = time.monotonic()

    def _restore(self) -> None:
        for print_ in self._store.prints():
            if print_.outcome is AttemptFate.RUNNING:
                self._store.print_end(
                    print_.attempt, AttemptFate.FAILED, "power lost during print", time.time()
                )
        known = self._store.status()
        if known is not None:
            status, reason, dirty = known
            cut_off = status in ACTIVE
            self.machine.status = PrinterStatus.FAULT if cut_off else status
            self.machine.reason = "power lost during print" if cut_off else reason
            self.machine.plate_dirty = dirty
        self._save()
