"""Two processes on one database file, as the embedded default has them: their bids are numbered as one series."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from contracts.artifacts import Deployment, deployment_write
from tests.factories.market import CHAIN_ID, ESCROW
from tests.processes import eventually

ROOT = Path(__file__).parents[2]


def test_two_processes_that_take_bids_number_them_without_a_gap(tmp_path, operator):
    deployment_write(Deployment(CHAIN_ID, ESCROW, ESCROW, 0), tmp_path)
    rows = tmp_path / "rows.sqlite3"
    env = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{rows}",
        "DATA_DIR": str(tmp_path / "data"),
        "DEPLOYMENTS_DIR": str(tmp_path),
        "CHAIN_ID": str(CHAIN_ID),
        "OPERATOR_KEY": operator.key.hex(),
        "FEE_BPS": "0",
        "ARBITERS": "",
    }
    for command in (["manage.py", "migrate", "-v", "0"], ["-m", "tests.bidding.racer", "prepare"]):
        subprocess.run([sys.executable, *command], env=env, cwd=ROOT, check=True)
    ready, go = [tmp_path / "ready-1", tmp_path / "ready-2"], tmp_path / "go"
    racers = [
        subprocess.Popen([sys.executable, "-m", "tests.bidding.racer", "race", one, go], env=env, cwd=ROOT)
        for one in ready
    ]
    try:
        eventually(lambda: all(one.exists() for one in ready))
        go.touch()
        assert [racer.wait(60) for racer in racers] == [0, 0]
    finally:
        for racer in racers:
            racer.kill()
    with closing(sqlite3.connect(rows)) as reader:
        seqs = reader.execute("SELECT seq FROM bidding_receipt ORDER BY seq").fetchall()
    assert [seq for (seq,) in seqs] == list(range(12))
