"""Two sender processes on one database, killed again and again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.parallel import fresh_database
from tests.processes import eventually, process

ROOT = Path(__file__).resolve().parents[2]
INTENTS = 40
SEND = f"""
import django, sys, time
django.setup()
from django.db import transaction
from contracts.calls import Deposit
from marketplace.chain.alarms import alarms_open
from marketplace.chain.outbox import intent_want
from marketplace.chain.outbox_selectors import sender_health
from marketplace.chain.tasks import send

escrow, owner, zero = sys.argv[1:]
for amount in range(1, {INTENTS} + 1):
    with transaction.atomic():
        intent_want(key=f"deposit:{{amount}}", to=escrow, data=Deposit(zero, owner, amount).data, value=amount)
while True:
    send()
    health = sender_health()
    print(health.waiting + health.on_the_way, *alarms_open(), flush=True)
"""


@pytest.mark.django_db
def test_killed_again_and_again_each_intent_is_mined_once(desk, settings, tmp_path):
    with fresh_database(tmp_path) as url, ExitStack() as running:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "marketplace.config.settings",
            "DATABASE_URL": url,
            "DATA_DIR": str(tmp_path / "data"),
            "DEPLOYMENTS_DIR": str(settings.DEPLOYMENTS_DIR),
            "RPC_URL": settings.RPC_URL,
            "OPERATOR_KEY": settings.OPERATOR_KEY,
        }
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=environment, check=True
        )
        arguments = (desk.chain.deployment.escrow, desk.account.address, "0x" + "00" * 20)

        def start(number: int) -> subprocess.Popen:
            log = tmp_path / f"sender{number}.txt"
            command = [sys.executable, "-c", SEND, *arguments]
            return running.enter_context(process(command, log, cwd=ROOT, env=environment))

        senders = [start(number) for number in range(2)]
        for number in range(2, 6):
            done = len(desk.deposited())
            eventually(lambda done=done: len(desk.deposited()) >= min(INTENTS, done + 5), seconds=60)
            senders[number % 2].send_signal(signal.SIGKILL)
            senders[number % 2] = start(number)

        def all_final() -> bool:
            desk.chain.anvil.mine()
            return (tmp_path / "sender5.txt").read_text().endswith("\n0\n")

        eventually(all_final, seconds=90)
    assert sorted(desk.deposited()) == list(range(1, INTENTS + 1))
    assert desk.chain.anvil.web3.eth.get_transaction_count(desk.account.address) == INTENTS
