"""Python and OpenZeppelin's npm package make the committed trees alike; contracts/test/Merkle.t.sol checks them too."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from tests.vectors.make import TREES
from tests.vectors.trees import trees

COMMITTED = json.loads(TREES.read_text())


def test_python_makes_the_committed_trees():
    assert trees() == COMMITTED


def test_openzeppelin_agrees():
    node = shutil.which("node")
    assert node, "node is missing: run `make setup`"
    script = Path(__file__).parent / "trees.mjs"
    done = subprocess.run([node, script, TREES], capture_output=True, text=True, check=True)
    kept = [
        {
            "root": tree["root"],
            "leaves": [{key: leaf[key] for key in ("digest", "proof")} for leaf in tree["leaves"]],
        }
        for tree in COMMITTED
    ]
    assert json.loads(done.stdout) == kept
