"""The runs of test_printers.py leave no pair of driver, fault and moment untried."""

from __future__ import annotations

from itertools import product

from protocol.statuses import MakingStatus
from provider_agent.drivers import kinds
from tests.provider_agent.faults.array import LACKS, Fault, Moment, rows

TRIED = [(row.driver, fault, moment) for row in rows() for moment, fault in row.faults.items()]


def test_no_driver_is_put_to_a_fault_that_it_cannot_have() -> None:
    assert not [(driver, fault) for driver, fault, _ in TRIED if fault in LACKS[driver]]
    assert all(reason for lacks in LACKS.values() for reason in lacks.values())


def test_every_pair_of_a_fault_and_a_moment_is_tried() -> None:
    assert {(fault, moment) for _, fault, moment in TRIED} == set(product(Fault, Moment))


def test_every_pair_of_a_driver_and_a_fault_that_it_can_have_is_tried() -> None:
    able = {(driver, fault) for driver, lacks in LACKS.items() for fault in Fault if fault not in lacks}
    assert {(driver, fault) for driver, fault, _ in TRIED} == able


def test_every_pair_of_a_driver_and_a_moment_is_tried() -> None:
    assert {(driver, moment) for driver, _, moment in TRIED} == set(product(LACKS, Moment))


def test_the_moments_are_the_statuses_of_a_making_and_the_print_itself() -> None:
    ends = {MakingStatus.PAID, MakingStatus.FAILED}
    assert set(Moment) - {Moment.UNDER_WAY} == {status.value for status in set(MakingStatus) - ends}


def test_the_drivers_are_all_but_the_virtual_which_is_put_to_every_fault_at_every_moment() -> None:
    assert set(LACKS) | {"virtual"} == set(kinds())
