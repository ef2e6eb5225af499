"""Transactions on a real chain: mined once, whatever happened in between."""

from __future__ import annotations

import pytest

from contracts.calls import Award, Claim, Deliver, Deposit
from protocol.signatures import recover
from protocol.statuses import AgreementStatus
from protocol.units import ZERO_ADDRESS, Digest, address_of
from provider_agent.chain import Chain
from provider_agent.config import ChainConfig
from provider_agent.errors import FundsMissing, NodeUnreachable, TransactionReverted, WrongChain
from provider_agent.journal.intents import broadcast_add, broadcasts_of, intent_add, intent_in_flight
from provider_agent.wallet import Wallet
from tests.anvil import ETHER
from tests.processes import free_port
from tests.provider_agent.bids import bid, bid_journal

HEAD = Digest(bytes([3]) * 32)


def sent_by(anvil, account) -> int:
    return anvil.web3.eth.get_transaction_count(account.address)


@pytest.fixture
def won(anvil, chain, wallet, ada, bo):
    """An agreement that Ada has funded: its bid and id."""
    terms = bid(provider=wallet.address, designer=address_of(ada.address), valid_until=anvil.now() + 3600)
    agreement = terms.digest(chain.domain)
    data = Award(terms, wallet.sign(agreement), wallet.address, 1, bytes(32), bytes(32), False).data
    receipt = anvil.send(ada, {"to": chain.escrow, "data": data, "value": terms.unit_price})
    assert receipt["status"] == 1
    return terms, agreement


async def status(chain, agreement) -> AgreementStatus:
    return (await chain.word(agreement)).status


async def test_what_the_escrow_would_refuse_is_not_sent(anvil, chain, wallet, won, bo) -> None:
    terms, agreement = won
    anvil.advance(terms.make_time + 1)
    with pytest.raises(TransactionReverted, match="TooLate"):
        await wallet.perform("deliver", agreement, Deliver(terms, HEAD).data)
    assert sent_by(anvil, bo) == 0
    assert intent_in_flight(wallet._journal) is None


async def test_without_ether_for_gas_it_says_so_and_goes_on_later(anvil, chain, wallet, won, bo) -> None:
    terms, agreement = won
    anvil.rpc("anvil_setBalance", bo.address, "0x1")
    data = Deliver(terms, HEAD).data
    with pytest.raises(FundsMissing, match=f"{bo.address} has 0.000000000000000001 ETH"):
        await wallet.perform("deliver", agreement, data)
    anvil.rpc("anvil_setBalance", bo.address, hex(ETHER))
    assert await wallet.perform("deliver", agreement, data)
    assert sent_by(anvil, bo) == 1


async def test_an_unreachable_node_is_retryable() -> None:
    chain = Chain(ChainConfig(f"http://127.0.0.1:{free_port()}", 31337, address_of("0x" + "11" * 20)))
    with pytest.raises(NodeUnreachable, match="does not answer"):
        await chain.check()
    await chain.close()


@pytest.mark.parametrize(
    ("chain_id", "escrow", "problem"),
    [
        (1, None, "follows chain 31337, agent.toml says 1"),
        (31337, "0x" + "11" * 20, "no contract at"),
    ],
)
async def test_another_chain_or_contract_is_refused(anvil, deployment, chain_id, escrow, problem) -> None:
    chain = Chain(ChainConfig(anvil.url, chain_id, address_of(escrow or deployment.escrow)))
    with pytest.raises(WrongChain, match=problem):
        await chain.check()
    await chain.close()


async def test_another_contract_at_the_address_is_refused(anvil, deployment) -> None:
    chain = Chain(ChainConfig(anvil.url, anvil.chain_id, address_of(deployment.anchor)))
    with pytest.raises((WrongChain, TransactionReverted)):
        await chain.check()
    await chain.close()


async def test_a_delivery_is_mined_once_however_often_it_is_asked_for(anvil, chain, wallet, won, bo) -> None:
    terms, agreement = won
    data = Deliver(terms, HEAD).data
    assert await wallet.perform("deliver", agreement, data)
    assert not await wallet.perform("deliver", agreement, data)
    assert await status(chain, agreement) is AgreementStatus.DELIVERED
    assert sent_by(anvil, bo) == 1


async def test_killed_after_the_intent_it_sends_once(anvil, chain, wallet, won, journal, bo) -> None:
    terms, agreement = won
    data = Deliver(terms, HEAD).data
    intent_add(
        journal, purpose="deliver", agreement=agreement, destination=chain.escrow, data=data, value=0, nonce=0
    )
    await Wallet(bo, chain, journal).resume()
    assert await status(chain, agreement) is AgreementStatus.DELIVERED
    assert not await wallet.perform("deliver", agreement, data)
    assert sent_by(anvil, bo) == 1


async def test_killed_between_signing_and_sending_the_same_bytes_are_sent(
    anvil, chain, wallet, won, journal, bo
) -> None:
    terms, agreement = won
    data = Deliver(terms, HEAD).data
    intent = intent_add(
        journal, purpose="deliver", agreement=agreement, destination=chain.escrow, data=data, value=0, nonce=0
    )
    await wallet._sign(intent, 200_000, None)
    (kept,) = broadcasts_of(journal, intent)
    await Wallet(bo, chain, journal).resume()
    assert anvil.web3.eth.get_transaction(kept.digest)["nonce"] == 0
    assert broadcasts_of(journal, intent) == [kept]
    assert sent_by(anvil, bo) == 1


async def test_killed_after_sending_nothing_is_sent_again(anvil, chain, wallet, won, journal, bo) -> None:
    terms, agreement = won
    data = Deliver(terms, HEAD).data
    intent = intent_add(
        journal, purpose="deliver", agreement=agreement, destination=chain.escrow, data=data, value=0, nonce=0
    )
    signed = await wallet._sign(intent, 200_000, None)
    assert await chain.broadcast(signed.raw) == ""
    assert await Wallet(bo, chain, journal).perform("deliver", agreement, data)
    assert sent_by(anvil, bo) == 1


async def test_what_somebody_else_has_done_meanwhile_is_not_done_again(
    anvil, chain, wallet, won, journal, bo, charlie
) -> None:
    terms, agreement = won
    assert await wallet.perform("deliver", agreement, Deliver(terms, HEAD).data)
    anvil.advance(terms.review_time + 1)
    data = Claim(terms).data
    intent_add(
        journal, purpose="claim", agreement=agreement, destination=chain.escrow, data=data, value=0, nonce=1
    )
    assert anvil.send(charlie, {"to": chain.escrow, "data": data})["status"] == 1
    await Wallet(bo, chain, journal).resume()
    assert intent_in_flight(journal) is None
    assert sent_by(anvil, bo) == 1


async def test_a_nonce_that_another_program_used_is_not_waited_for(
    anvil, chain, wallet, won, journal, bo
) -> None:
    terms, agreement = won
    data = Deliver(terms, HEAD).data
    intent = intent_add(
        journal, purpose="deliver", agreement=agreement, destination=chain.escrow, data=data, value=0, nonce=0
    )
    broadcast_add(journal, intent, digest=bytes(32), raw=b"lost", max_fee=1)
    anvil.send(bo, {"to": bo.address, "value": 1})
    assert await wallet.perform("deliver", agreement, data)
    assert await status(chain, agreement) is AgreementStatus.DELIVERED
    assert sent_by(anvil, bo) == 2


async def test_a_transaction_nobody_mines_is_signed_again_dearer(
    anvil, chain, wallet, won, journal, bo, monkeypatch
) -> None:
    terms, agreement = won
    data = Deliver(terms, HEAD).data
    intent = intent_add(
        journal, purpose="deliver", agreement=agreement, destination=chain.escrow, data=data, value=0, nonce=0
    )
    first = await wallet._sign(intent, 200_000, None)
    journal.write("UPDATE broadcasts SET sent_at = sent_at - 1000")
    assert await wallet.perform("deliver", agreement, data)
    dearer = broadcasts_of(journal, intent)[-1]
    assert dearer.max_fee > first.max_fee * 1.2
    assert sent_by(anvil, bo) == 1


async def test_on_a_chain_that_stands_still_the_fee_stops_rising(chain, wallet, journal) -> None:
    intent = intent_add(
        journal, purpose="deposit", agreement=None, destination=chain.escrow,
        data=Deposit(ZERO_ADDRESS, wallet.address, 1).data, value=1, nonce=0,
    )  # fmt: skip
    usual = (await chain.fees()).max_fee
    sent = await wallet._sign(intent, 200_000, None)
    for _ in range(60):
        sent = await wallet._dearer(intent, sent)
    assert 5 * usual < sent.max_fee < 15 * usual


async def test_a_deposit_can_be_bonded(chain, wallet, bo) -> None:
    data = Deposit(ZERO_ADDRESS, wallet.address, 5 * 10**15).data
    assert await wallet.perform("deposit", None, data, value=5 * 10**15)
    assert (await chain.account(wallet.address)).free == 5 * 10**15


async def test_signatures_are_what_the_protocol_recovers(wallet, bo) -> None:
    assert recover(HEAD, wallet.sign(HEAD)) == bo.address
    assert wallet.sign(HEAD) == wallet.sign(HEAD)


async def test_a_delivery_signed_before_a_crash_is_not_sent_after_its_time(
    anvil, chain, wallet, won, journal, bo
) -> None:
    terms, agreement = won
    bid_journal(journal, agreement, terms)
    data = Deliver(terms, HEAD).data
    intent = intent_add(
        journal, purpose="deliver", agreement=agreement, destination=chain.escrow, data=data, value=0, nonce=0
    )
    await wallet._sign(intent, 200_000, None)
    anvil.advance(terms.make_time)
    await wallet.resume()
    assert sent_by(anvil, bo) == 0
    assert intent_in_flight(journal) is None
