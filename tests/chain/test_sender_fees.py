"""What the sender pays: dearer while it is stuck, within the operator's caps, and never without saying so."""

from __future__ import annotations

import pytest

from marketplace.activity.models import Activity
from marketplace.chain.models import Alarm, Attempt, Intent
from marketplace.chain.sender import sender_step

pytestmark = pytest.mark.django_db(transaction=True)
GWEI = 10**9
STUCK = 61


def wait_in_vain(desk, seconds=STUCK, gwei=90):
    """So much time passes on a chain whose gas is too dear for what was signed before."""
    desk.dear(gwei)
    desk.chain.anvil.rpc("evm_increaseTime", seconds)
    desk.chain.anvil.mine()


@pytest.fixture
def stuck(desk, settings):
    """An intent in the node's pool that is not mined any more."""
    settings.OPERATOR_MAX_FEE_WEI = 5000 * GWEI
    settings.OPERATOR_DAILY_WEI = 10**19
    desk.chain.anvil.rpc("evm_setAutomine", False)
    desk.want(7)
    sender_step()
    wait_in_vain(desk)
    return desk


def test_while_gas_is_dearer_than_the_cap_nothing_is_signed(desk, settings):
    settings.OPERATOR_MAX_FEE_WEI = 80 * GWEI
    wait_in_vain(desk)
    desk.want(7)
    sender_step()
    assert desk.statuses() == ["WANTED"]
    assert "fee-cap" in desk.alarms()
    desk.dear(1)
    desk.chain.anvil.mine()
    desk.once(7)
    assert desk.alarms() == []


def test_what_waits_too_briefly_is_left_alone(desk, settings):
    with desk.no_mining():
        desk.want(7)
        sender_step()
        wait_in_vain(desk, seconds=30)
        sender_step()
    assert len(desk.attempts()) == 1


def test_what_is_stuck_is_replaced_at_the_same_nonce_by_something_dearer(stuck):
    sender_step()
    first, second = stuck.attempts()
    assert second.nonce == first.nonce
    assert second.max_fee * 8 >= first.max_fee * 9
    assert second.priority * 8 >= first.priority * 9
    assert second.max_fee > 90 * GWEI
    stuck.chain.anvil.rpc("evm_setAutomine", True)
    stuck.once(7)
    assert Intent.objects.get().transaction == second.digest
    assert stuck.alarms() == []


def test_only_what_comes_next_is_made_dearer(desk, settings):
    settings.OPERATOR_DAILY_WEI = 10**18
    with desk.no_mining():
        desk.want(7)
        desk.want(8)
        sender_step()
        wait_in_vain(desk)
        sender_step()
    assert (len(desk.attempts(7)), len(desk.attempts(8))) == (2, 1)
    desk.once(7, 8)


def test_it_is_replaced_again_and_again_and_mined_once(stuck):
    for gwei in (200, 500, 1200):
        sender_step()
        wait_in_vain(stuck, gwei=gwei)
    sender_step()
    assert len({attempt.digest for attempt in stuck.attempts()}) == 4
    assert {attempt.nonce for attempt in stuck.attempts()} == {0}
    stuck.chain.anvil.rpc("evm_setAutomine", True)
    stuck.dear(1)
    stuck.once(7)


def test_at_the_fee_cap_it_waits_and_says_so_once(stuck, settings):
    settings.OPERATOR_MAX_FEE_WEI = 95 * GWEI
    wait_in_vain(stuck, gwei=200)
    for _ in range(3):
        sender_step()
    assert len(stuck.attempts()) == 1
    # This node does not keep what the next block cannot hold, and says so; others do.
    assert stuck.alarms() == ["fee-cap", "refused"]
    raised = Activity.objects.filter(kind="chain.alarm")
    assert sorted(row.data["alarm"] for row in raised) == ["fee-cap", "refused"]
    assert "base fee" in Alarm.objects.get(name="refused").data["objection"]
    stuck.chain.anvil.rpc("evm_setAutomine", True)
    stuck.dear(1)
    stuck.chain.anvil.mine()
    stuck.once(7)
    assert stuck.alarms() == []
    assert Activity.objects.filter(kind="chain.alarm_passed").count() == 2


def test_a_day_costs_no_more_than_its_cap_and_the_next_day_goes_on(desk, settings):
    settings.OPERATOR_DAILY_WEI = 7 + 8
    desk.want(7)
    sender_step()
    assert desk.statuses() == ["WANTED"]
    assert desk.alarms() == ["spending-cap"]
    settings.OPERATOR_DAILY_WEI = 10**17
    sender_step()
    worst = Attempt.objects.get()
    settings.OPERATOR_DAILY_WEI = worst.gas * worst.max_fee
    desk.want(8)
    desk.settle()
    assert desk.statuses() == ["FINAL", "WANTED"]
    assert desk.alarms() == ["spending-cap"]
    desk.chain.anvil.advance(25 * 3600)
    desk.once(7, 8)


def test_replacing_counts_against_the_day_too(stuck, settings):
    settings.OPERATOR_DAILY_WEI = 10**16
    sender_step()
    assert len(stuck.attempts()) == 1
    assert "spending-cap" in stuck.alarms()
    stuck.chain.anvil.rpc("evm_setAutomine", True)
    settings.OPERATOR_DAILY_WEI = 10**19
    stuck.once(7)


def test_a_low_balance_is_recorded_once_until_it_is_filled_up(desk):
    desk.chain.anvil.rpc("anvil_setBalance", desk.account.address, hex(10**15))
    sender_step()
    sender_step()
    assert desk.alarms() == ["balance-low"]
    assert Alarm.objects.get().data["balance"] == str(10**15)
    assert Activity.objects.filter(kind="chain.alarm").count() == 1
    desk.chain.anvil.fund(desk.account)
    sender_step()
    assert desk.alarms() == []
    assert Activity.objects.filter(kind="chain.alarm_passed").count() == 1


@pytest.mark.parametrize("value", [7, 70])
def test_what_the_balance_does_not_pay_is_not_signed(desk, value):
    desk.chain.anvil.rpc("anvil_setBalance", desk.account.address, hex(10))
    desk.want(value)
    sender_step()
    assert desk.statuses() == ["WANTED"]
    assert Alarm.objects.get().data["free"] == "10"
    desk.chain.anvil.fund(desk.account)
    desk.once(value)


def test_what_is_on_its_way_is_not_spent_twice(desk, settings):
    settings.OPERATOR_DAILY_WEI = 10**19
    with desk.no_mining():
        desk.want(10**18)
        sender_step()
        desk.chain.anvil.rpc("anvil_setBalance", desk.account.address, hex(15 * 10**17))
        desk.want(6 * 10**17)
        sender_step()
    assert desk.statuses() == ["SENT", "WANTED"]
    assert "balance-low" in desk.alarms()


def test_what_is_stuck_under_a_key_that_is_gone_says_so(stuck, settings):
    settings.OPERATOR_KEY = ""
    sender_step()
    assert len(stuck.attempts()) == 1
    assert "key-missing" in stuck.alarms()
