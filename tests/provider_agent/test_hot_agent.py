"""An agent with a hot key alone, as a process: from the purse's pass to a delivery on chain, the purse away."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from eth_account.signers.local import LocalAccount

from protocol.evidence import SignedEvidence
from protocol.signatures import recover
from protocol.statuses import MakingStatus
from protocol.typed import infill_domain
from protocol.units import address_of, hex_of
from tests.processes import eventually
from tests.provider_agent.bench import Bench, open_job, play


@pytest.fixture
def hot(bench: Bench, charlie: LocalAccount, tmp_path: Path) -> Bench:
    """The workshop's printers in the home of a key that Charlie keeps; the purse is Bo's, in the home before."""
    bench.anvil.fund(charlie)
    purse, home = bench.home, tmp_path / "hot"
    (tmp_path / "hot-key").write_text(hex_of(charlie.key))
    bench.home = home
    settings = (purse / "agent.toml").read_text()
    bench.agent(
        "init",
        *("--marketplace", bench.market.url, "--rpc-url", bench.anvil.url, "--chain-id", "31337"),
        *("--escrow", bench.escrow, "--key-file", str(tmp_path / "hot-key")),
    )
    (home / "agent.toml").write_text(settings.replace("[chain]", f'[chain]\nprovider = "{bench.bo.address}"'))
    bench.home = purse
    made = bench.agent("purse-pass", charlie.address, "--days", "14", "--out", str(tmp_path / "pass.json"))
    assert f"{charlie.address} may sign until" in made.stdout
    assert os.stat(tmp_path / "pass.json").st_mode & 0o077 == 0
    bench.home = home
    return bench


def test_it_refuses_to_run_bids_without_its_pass(hot: Bench) -> None:
    answer = hot.agent("register", check=False)
    assert answer.returncode == 1
    assert "bring a pass of the purse for this printer" in answer.stderr
    assert hot.market.bids == []


def test_it_does_a_whole_job_and_names_what_only_the_purse_can(
    hot: Bench, charlie: LocalAccount, tmp_path: Path
) -> None:
    taken = hot.agent("use-pass", str(tmp_path / "pass.json"))
    assert f"works for {hot.bo.address}" in taken.stdout
    assert "The purse alone: setAgent" in taken.stdout
    domain = infill_domain(hot.anvil.chain_id, address_of(hot.escrow))
    spent = hot.anvil.web3.eth.get_transaction_count(hot.bo.address)
    open_job(hot)
    with hot.start():
        sent = eventually(lambda: hot.market.bids)[0]
        assert (sent["signer"], sent["bid"]["provider"]) == (charlie.address, hot.bo.address)
        agreement = hot.award(sent)
        eventually(hot.making)
        hot.grant(agreement)
        play(hot, until=MakingStatus.DELIVERED)
        records = eventually(lambda: hot.market.evidence[agreement])
        for entry in records:
            signed = SignedEvidence.from_json(entry)
            assert signed.record.actor == hot.bo.address
            assert recover(signed.record.digest(domain), signed.signature) == charlie.address
        hot.release(sent)
        play(hot, until=MakingStatus.PAID)
    assert hot.anvil.web3.eth.get_transaction_count(hot.bo.address) == spent, "the purse sent nothing"
    assert hot.status()["address"] == hot.bo.address
