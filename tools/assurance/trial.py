"""Mutants given to the tests, several at once, each result written down as soon as it is known."""

from __future__ import annotations

import hashlib
import json
import queue
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.assurance import place
from tools.assurance.mutant import Mutant, Outcome

TIMEOUT = 600  # seconds; a mutant that never ends is noticed as well
_TESTS = ("test", "--fail-fast", "--no-match-path", "contracts/test/invariant/*")


class Trials:
    """Results by what was tried: the source, the fault in it, and for a survivor the tests too."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "results.jsonl"
        self._results: dict[str, Outcome] = {}
        self._sources: dict[str, str] = {}
        self._tests = _digest_of(place.ROOT / place.TESTS)
        for line in self._whole_lines():
            entry = json.loads(line)
            self._results[entry["key"]] = Outcome(entry["outcome"])

    def outcome(self, mutant: Mutant) -> Outcome | None:
        """What became of it, None if that is not known for these sources and tests."""
        found = self._results.get(self._key(mutant))
        return found or self._results.get(self._key(mutant) + self._tests)

    def run(self, mutants: list[Mutant], workers: int, say: Callable[[str], None]) -> None:
        """Try all that are not known. Raises ToolMissing, ToolFailed where the tests fail without a fault."""
        left = [mutant for mutant in mutants if self.outcome(mutant) is None]
        if not left:
            return
        copies: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for number in range(workers):
            copies.put(_ready(f"mutation/{number}"))
        with ThreadPoolExecutor(workers) as pool:
            for done, (mutant, outcome) in enumerate(pool.map(lambda m: _tried(m, copies), left), 1):
                self._note(mutant, outcome)
                say(f"{done}/{len(left)} {outcome}: {mutant.place}"[:200])

    def _note(self, mutant: Mutant, outcome: Outcome) -> None:
        key = self._key(mutant) + (self._tests if outcome is Outcome.SURVIVED else "")
        self._results[key] = outcome
        with self._file.open("a") as file:
            file.write(json.dumps({"key": key, "outcome": outcome, "place": mutant.place}) + "\n")

    def _whole_lines(self) -> list[str]:
        """What was written down; a line that a kill cut off is dropped, its mutant tried again."""
        if not self._file.is_file():
            return []
        lines = self._file.read_text().splitlines(keepends=True)
        whole = [line for line in lines if line.endswith("\n")]
        if whole != lines:
            self._file.write_text("".join(whole))
        return whole

    def _key(self, mutant: Mutant) -> str:
        if mutant.file not in self._sources:
            self._sources[mutant.file] = hashlib.sha256((place.ROOT / mutant.file).read_bytes()).hexdigest()
        fault = f"{self._sources[mutant.file]} {mutant.start} {mutant.end} {mutant.new}"
        return hashlib.sha256(fault.encode()).hexdigest()


def _digest_of(folder: Path) -> str:
    files = sorted(folder.rglob("*.sol"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _ready(name: str) -> Path:
    """A copy in which the tests pass, and all is compiled."""
    copy = place.copied(name)
    done = place.run([place.forge(), *_TESTS], copy, "mutation")
    if done.returncode:
        raise place.failed("the tests fail without any fault", done)
    return copy


def _tried(mutant: Mutant, copies: queue.SimpleQueue[Path]) -> tuple[Mutant, Outcome]:
    copy = copies.get()
    source = copy / mutant.file
    original = source.read_bytes()
    try:
        source.write_bytes(mutant.applied(original))
        return mutant, _outcome(copy)
    finally:
        source.write_bytes(original)
        copies.put(copy)


def _outcome(copy: Path) -> Outcome:
    try:
        done = place.run([place.forge(), *_TESTS], copy, "mutation", TIMEOUT)
    except subprocess.TimeoutExpired:
        return Outcome.KILLED
    if "Compiler run failed" in done.stdout + done.stderr:
        return Outcome.INVALID
    return Outcome.SURVIVED if done.returncode == 0 else Outcome.KILLED
