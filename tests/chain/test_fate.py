"""What becomes of a transaction, on a real chain that mines late, replaces, fails and reorganises."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from eth_account.signers.local import LocalAccount

from contracts import calls
from marketplace.activity.models import Activity
from marketplace.chain.answers import Receipt
from marketplace.chain.fate import (
    FOLLOWED_AT_ONCE,
    NotYourTransaction,
    TooManyFollowed,
    transaction_claim,
    transaction_follow,
    transaction_note,
)
from marketplace.chain.fate_rules import FORGET_AFTER, Fate, Sight, verdict_of, wait_of
from marketplace.chain.models import SentTransaction
from marketplace.chain.tasks import fates
from protocol.units import ZERO_ADDRESS, hex_of

pytestmark = pytest.mark.django_db
UNKNOWN = "0x" + "77" * 32


def sent_raw(chain, account: LocalAccount, *, nonce: int | None = None, fee: int = 10**10, **changes) -> str:
    """Sign a transaction, hand it to the node without waiting for a block, and say its hash."""
    eth = chain.anvil.web3.eth
    full = {
        "to": chain.deployment.escrow, "data": hex_of(calls.Deposit(ZERO_ADDRESS, account.address, 5).data),
        "value": 5, "gas": 500_000, "chainId": chain.anvil.chain_id,
        "nonce": eth.get_transaction_count(account.address) if nonce is None else nonce,
        "maxFeePerGas": fee, "maxPriorityFeePerGas": fee // 10,
    } | changes  # fmt: skip
    return hex_of(eth.send_raw_transaction(account.sign_transaction(full).raw_transaction))


@pytest.fixture
def late(chain):
    """Blocks come only when asked for."""
    chain.anvil.rpc("evm_setAutomine", False)
    return chain


def noted(account: LocalAccount, digest: str, **about) -> SentTransaction:
    return transaction_note(digest=digest, person=account.address, now=timezone.now(), **about)


def look(sent: SentTransaction, *, later: timedelta = timedelta()) -> SentTransaction:
    transaction_follow(sent=sent, now=timezone.now() + later)
    sent.refresh_from_db()
    return sent


def news() -> list[str]:
    rows = Activity.objects.filter(kind__startswith="transaction.").order_by("id")
    return [row.kind.removeprefix("transaction.") for row in rows]


def test_somebody_elses_transaction_is_not_followed(late, ada, bo):
    digest = sent_raw(late, ada)
    with pytest.raises(NotYourTransaction, match="sent this transaction"):
        noted(bo, digest)
    assert not SentTransaction.objects.exists()


def test_what_turns_out_to_be_somebody_elses_is_dropped(late, ada, bo):
    """Noted before it was sent: the hash of a signed transaction is known before."""
    digest = sent_raw(late, ada)
    late.anvil.rpc("anvil_dropTransaction", digest)
    sent = noted(bo, digest)
    assert sent_raw(late, ada) == digest
    transaction_follow(sent=sent, now=timezone.now())
    assert not SentTransaction.objects.exists()


def test_only_so_many_are_followed_at_once(chain, ada, bo):
    for number in range(FOLLOWED_AT_ONCE):
        noted(ada, "0x" + f"{number:064x}")
    with pytest.raises(TooManyFollowed):
        noted(ada, UNKNOWN)
    assert noted(ada, "0x" + f"{7:064x}").status == Fate.PENDING
    assert noted(bo, UNKNOWN).status == Fate.PENDING


def test_noting_twice_is_noting_once(late, ada):
    digest = sent_raw(late, ada)
    assert noted(ada, digest, subject="job:1", label="award") == noted(ada, digest)
    sent = SentTransaction.objects.get()
    assert (sent.subject, sent.label) == ("job:1", "award")
    assert news() == ["pending"]


def test_noted_while_no_node_answers(chain, ada, settings):
    digest, there = sent_raw(chain, ada), settings.RPC_URL
    settings.RPC_URL = "http://127.0.0.1:9"
    sent = noted(ada, digest)
    assert fates() == 0
    settings.RPC_URL = there
    assert look(sent).status == Fate.MINED


def test_pending_then_mined_then_final(late, ada):
    sent = noted(ada, sent_raw(late, ada), subject="agreement:0x1", label="release")
    look(sent)
    assert (sent.status, sent.sender, sent.block, sent.settled) == (Fate.PENDING, ada.address, None, False)
    late.anvil.mine()
    look(sent)
    assert (sent.status, sent.settled) == (Fate.MINED, False)
    assert sent.block == late.anvil.web3.eth.block_number
    look(sent)
    late.anvil.finalise()
    look(sent)
    assert (sent.status, sent.settled) == (Fate.FINAL, True)
    assert news() == ["pending", "mined", "final"]
    assert set(Activity.objects.values_list("subject", "actor")) == {("agreement:0x1", ada.address)}


def test_replaced_by_the_same_nonce_with_a_higher_fee(late, ada, bo):
    nonce = late.anvil.web3.eth.get_transaction_count(ada.address)
    sent = look(noted(ada, sent_raw(late, ada)))
    late.anvil.rpc("anvil_dropTransaction", sent.digest)
    late.anvil.mine(6)
    assert look(sent).status == Fate.PENDING
    other = sent_raw(late, ada, nonce=nonce, fee=10**11, value=0, data="0x", to=bo.address)
    late.anvil.mine()
    late.anvil.mine()
    look(sent)
    assert (sent.status, sent.replaced_by, sent.settled) == (Fate.REPLACED, other, False)
    late.anvil.finalise()
    assert (look(sent).status, sent.replaced_by, sent.settled) == (Fate.REPLACED, other, True)
    assert news() == ["pending", "replaced"]


def test_replaced_in_the_pool(late, ada):
    """The wallet sped it up: the node forgets the cheaper one at once."""
    nonce = late.anvil.web3.eth.get_transaction_count(ada.address)
    sent = look(noted(ada, sent_raw(late, ada)))
    other = sent_raw(late, ada, nonce=nonce, fee=10**11)
    assert look(sent).status == Fate.PENDING
    late.anvil.mine()
    assert (look(sent).status, sent.replaced_by) == (Fate.REPLACED, other)


def test_a_failure_is_named_by_its_error(late, ada):
    data = hex_of(calls.Withdraw(ZERO_ADDRESS, ada.address, 10**18).data)
    sent = noted(ada, sent_raw(late, ada, value=0, data=data))
    late.anvil.mine()
    look(sent)
    assert (sent.status, sent.error, sent.settled) == (Fate.FAILED, "FreeTooLow", False)
    assert sent.error_args == {"free": "0", "needed": str(10**18)}
    late.anvil.finalise()
    assert (look(sent).status, sent.error, sent.settled) == (Fate.FAILED, "FreeTooLow", True)
    assert news() == ["pending", "failed"]


def test_a_failure_that_does_not_happen_again_has_no_name(late, ada):
    """It ran out of gas: the same call with the same gas is asked, and says nothing of ours."""
    sent = noted(ada, sent_raw(late, ada, gas=30_000))
    late.anvil.mine()
    assert look(sent).status == Fate.FAILED
    assert sent.error_args == {}


def test_a_reorganisation_makes_it_pending_again_and_it_is_mined_anew(chain, ada):
    eth = chain.anvil.web3.eth
    nonce = eth.get_transaction_count(ada.address)
    sent = look(noted(ada, sent_raw(chain, ada)))
    assert sent.status == Fate.MINED
    before = sent.block_digest
    chain.reorganise(1)
    look(sent)
    assert (sent.status, sent.block, sent.block_digest) == (Fate.PENDING, None, "")
    assert sent_raw(chain, ada, nonce=nonce) == sent.digest
    look(sent)
    assert (sent.status, sent.block_digest != before) == (Fate.MINED, True)
    assert news() == ["pending", "mined", "pending", "mined"]


def test_a_transaction_that_never_comes_is_forgotten_and_may_be_noted_again(chain, ada):
    sent = look(noted(ada, UNKNOWN))
    assert (sent.status, sent.sender) == (Fate.PENDING, "")
    assert look(sent, later=FORGET_AFTER / 2).status == Fate.PENDING
    look(sent, later=FORGET_AFTER)
    assert (sent.status, sent.settled) == (Fate.FORGOTTEN, True)
    again = noted(ada, UNKNOWN)
    assert (again.pk, again.status, again.settled) == (sent.pk, Fate.PENDING, False)
    assert news() == ["pending", "forgotten", "pending"]


def test_the_sweep_asks_what_is_due_and_settles_it(chain, ada):
    sent = noted(ada, sent_raw(chain, ada))
    chain.anvil.finalise()
    assert (fates(), fates()) == (1, 0)
    sent.refresh_from_db()
    assert sent.status == Fate.FINAL


def test_one_of_two_workers_asks(chain, ada):
    sent = noted(ada, UNKNOWN)
    assert transaction_claim(sent=sent, now=timezone.now())
    assert not transaction_claim(sent=sent, now=timezone.now())


def test_who_read_before_another_wrote_changes_nothing(chain, ada):
    sent = noted(ada, sent_raw(chain, ada))
    stale = SentTransaction.objects.get()
    look(sent)
    transaction_follow(sent=stale, now=timezone.now())
    assert news() == ["pending", "mined"]


BLOCK = Receipt(5, "0x", True, 21_000, 1)


@pytest.mark.parametrize(
    ("sight", "silent", "expected"),
    [
        (Sight(True, 4, True, False, BLOCK), timedelta(), (Fate.MINED, False)),
        (Sight(True, 5, True, True, BLOCK), timedelta(), (Fate.FINAL, True)),
        (Sight(True, 4, True, False, Receipt(5, "0x", False, 21_000, 1)), timedelta(), (Fate.FAILED, False)),
        (Sight(True, 5, True, True, Receipt(5, "0x", False, 21_000, 1)), timedelta(), (Fate.FAILED, True)),
        (Sight(True, 5, True, True, None), timedelta(days=9), (Fate.PENDING, False)),
        (Sight(False, 5, True, False, None), timedelta(), (Fate.REPLACED, False)),
        (Sight(False, 5, True, True, None), timedelta(), (Fate.REPLACED, True)),
        (Sight(False, 5, False, False, None), FORGET_AFTER, (Fate.FORGOTTEN, True)),
        (Sight(False, 5, False, False, None), timedelta(), (Fate.PENDING, False)),
    ],
)
def test_verdicts(sight, silent, expected):
    verdict = verdict_of(sight, silent=silent)
    assert (verdict.fate, verdict.settled) == expected


def test_the_longer_it_takes_the_less_often_it_is_asked():
    waits = [wait_of(timedelta(seconds=age)) for age in (0, 60, 3600, 10**6)]
    assert waits == [timedelta(seconds=each) for each in (1, 3, 60, 60)]
