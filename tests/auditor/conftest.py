"""One real agreement, told once to all tests, and helpers to change what node or bundle say about it."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from auditor import audit, signatures
from auditor.audit import Audit, audit_of, facts_of
from auditor.case import ModelFile, case_of
from auditor.checks import awards, evidence, job
from auditor.findings import Verdict
from auditor.moving import ESCROW, Movement
from auditor.records import NodeFacts
from auditor.signers import signer_of
from auditor.sources.bundle import bundle_of
from auditor.sources.container import container_of
from auditor.sources.node import Node
from tests.factories.bundle import MODEL, Scene, zipped


def quiet(done: int, total: int) -> None:
    """No progress."""


@dataclass(frozen=True)
class Told:
    """What a node and a bundle say about one agreement."""

    agreement: bytes
    node: NodeFacts
    files: dict[str, bytes]
    model: bytes = MODEL

    def audit(self, raw: bytes | None = None) -> Audit:
        bundle = bundle_of(container_of(zipped(self.files) if raw is None else raw))
        return audit_of(case_of(self.agreement, self.node, bundle, (ModelFile("bracket.stl", self.model),)))

    def balances(self) -> Counter[str]:
        """What each party got out of the escrow less what it put in, by the auditor's account."""
        total: Counter[str] = Counter()
        for movement in self.movements():
            if movement.target == ESCROW:
                total[movement.source] -= movement.amount
            else:
                total[movement.target] += movement.amount
        return total

    def ways(self) -> dict[str, str]:
        """How each kind of money went."""
        return {movement.why: movement.way for movement in self.movements()}

    def movements(self) -> tuple[Movement, ...]:
        history = case_of(self.agreement, self.node, bundle_of(container_of(zipped(self.files)))).history
        assert history is not None
        return history.movements

    def codes(self) -> set[str]:
        return {finding.code for finding in self.audit().findings}

    def lying(self, **changes: Any) -> "Told":
        """The same from a node that says something else."""
        return replace(self, node=replace(self.node, **changes))

    def holding(self, files: dict[str, bytes]) -> "Told":
        return replace(self, files=files)


def told_of(scene: Scene) -> Told:
    files = scene.files()
    bundle, node = bundle_of(container_of(zipped(files))), Node(scene.anvil.url, scene.escrow)
    facts = facts_of(scene.agreement, node, bundle, from_block=0, progress=quiet)
    return Told(scene.agreement, facts, files)


@pytest.fixture(scope="session", autouse=True)
def signers_remembered() -> Iterator[None]:
    """Recovering a signer takes 10 ms; tests that change one byte at a time ask about the same ones again."""
    remembered = cache(signer_of)
    with pytest.MonkeyPatch.context() as patch:
        for module in (audit, awards, evidence, job, signatures):
            patch.setattr(module, "signer_of", remembered)
        yield


@pytest.fixture(scope="session")
def clean(anvil_session, deployed, ada, bo, eve) -> Told:
    """A finished agreement in which everything adds up; the chain is left as it was found."""
    snapshot = anvil_session.rpc("evm_snapshot")
    anvil_session.fund(ada, bo, eve)
    told = told_of(Scene(anvil_session, deployed[0], ada, bo, eve).story())
    anvil_session.rpc("evm_revert", snapshot)
    return told


@pytest.fixture
def scene(anvil, deployment, ada, bo, eve) -> Scene:
    """A fresh chain on which nothing was awarded yet."""
    return Scene(anvil, deployment, ada, bo, eve)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], Path]:
    """Write a bundle file."""

    def to_file(raw: bytes) -> Path:
        path = tmp_path / "bundle.zip"
        path.write_bytes(raw)
        return path

    return to_file


def cleanly(scene: Scene) -> Told:
    """What is told of a scene that must be clean."""
    scene.anvil.finalise()
    told = told_of(scene)
    audit = told.audit()
    assert audit.verdict is Verdict.CLEAN, audit.findings
    return told
