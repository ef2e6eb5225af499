"""Does each scenario's test fail on the naive escrow? On a copy of the contracts, changed by one variant at a time.

`python -m tests.contracts.naive` runs them all and prints a table.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.compiler import HERE, ROOT
from demo.binaries import foundry_path
from tests.contracts.naive_money import ANCHORS, FORKS, MONEY, SPLITS
from tests.contracts.naive_variants import GRACE, OTHERS_NAMES, RACES, STANDBYS, Variant

VARIANTS = (*RACES, *GRACE, *STANDBYS, *OTHERS_NAMES, *SPLITS, *FORKS, *MONEY, *ANCHORS)
SCENARIOS = HERE / "test/scenarios"
INVARIANTS = r"invariant_\w+"
# Those of the variants that make money from nothing, lose it, or lock it in: the invariants must notice them too.
UNSOUND = (
    "ADisputeFeeIsPaidOnce",
    "ADisputeFeeComesBackWithTheFullPayment",
    "APartyThatTakesTheFeeTakesItOnce",
    "AClosedAgreementIsNotAwardedAgain",
    "WhatIsPartlyPaidIsNotHandedOver",
    "ARefusingPayeeBlocksNobody",
    "TheLargestPotComesOutWhole",
    "AForkDoesNotLockMoneyIn",
    "AStolenHotKeyLosesNoMoreThanItWasGiven",
    "OneSignatureDoesNotHoldOnBothSidesOfAFork",
)
FUZZ_SEED = "0x1f"  # the same runs each time
SECONDS = 1200


class VariantUnfit(Exception):
    """The contracts no longer say what a variant changes."""


@dataclass(frozen=True)
class Outcome:
    """What forge says of one test: whether it passed, and its reason if not."""

    passed: bool
    reason: str


def changed(variant: Variant, text: str) -> str:
    """The source with the variant's changes. Raises VariantUnfit where a text is not there exactly once."""
    for old, new in variant.changes:
        if text.count(old) != 1:
            raise VariantUnfit(
                f"{variant.source} has {old!r} {text.count(old)} times: bring the variant of {variant.test} up to date"
            )
        text = text.replace(old, new)
    return text


class Copy:
    """A copy of the contracts and of the scenarios, compiled by itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(ROOT / "foundry.toml", folder)
        shutil.copytree(HERE / "src", folder / "contracts/src")
        shutil.copytree(HERE / "test/helpers", folder / "contracts/test/helpers")
        shutil.copytree(SCENARIOS, folder / "contracts/test/scenarios")
        shutil.copytree(HERE / "test/invariant", folder / "contracts/test/invariant")
        shutil.copy(HERE / "test/ProvenanceAnchor.t.sol", folder / "contracts/test")
        shutil.copy(HERE / "solc.mjs", folder / "contracts")
        (folder / "node_modules").symlink_to(ROOT / "node_modules")

    @contextmanager
    def with_variant(self, variant: Variant) -> Iterator[None]:
        path = self.folder / "contracts/src" / variant.source
        text = path.read_text()
        path.write_text(changed(variant, text))
        try:
            yield
        finally:
            path.write_text(text)

    def outcomes(self, test: str) -> dict[str, Outcome]:
        """Run the tests whose names match. Raises RuntimeError where nothing could be run."""
        command = [str(foundry_path("forge")), "test", "--json", "--fuzz-seed", FUZZ_SEED]
        command += ["--match-test", rf"^{test}\("]
        environment = os.environ | {
            "FOUNDRY_FUZZ_FAILURE_PERSIST_DIR": str(self.folder / "failures"),
            "FOUNDRY_INVARIANT_FAILURE_PERSIST_DIR": str(self.folder / "failures"),
            "FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT": "0",  # that it fails is enough
        }
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        start = done.stdout.find("{")
        if start < 0:
            raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
        return dict(_outcomes(json.loads(done.stdout[start:])))


def _outcomes(suites: dict[str, Any]) -> Iterator[tuple[str, Outcome]]:
    for suite in suites.values():
        for name, result in suite["test_results"].items():
            yield name.split("(")[0], Outcome(result["status"] == "Success", result["reason"] or "")


def main() -> int:
    unnoticed = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        refused = [name for name, outcome in copy.outcomes(r"\w+").items() if not outcome.passed]
        print("as it is:", f"fails: {refused}" if refused else "every test passes", flush=True)
        for variant in VARIANTS:
            tests = (variant.test, INVARIANTS) if variant.scenario in UNSOUND else (variant.test,)
            for test in tests:
                began = time.monotonic()
                with copy.with_variant(variant):
                    failed = [outcome for outcome in copy.outcomes(test).values() if not outcome.passed]
                unnoticed += [] if failed else [(variant.scenario, test)]
                reason = failed[0].reason[:80] if failed else "NOT NOTICED"
                print(
                    f"| {variant.scenario} | {test} | {time.monotonic() - began:.0f} s | {reason}", flush=True
                )
    print(f"{len(VARIANTS)} variants; not noticed: {unnoticed}")
    return 1 if unnoticed or refused else 0


if __name__ == "__main__":
    sys.exit(main())
