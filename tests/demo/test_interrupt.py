"""An interrupt ends the demo wherever it falls, and nothing that comes after it disturbs the tidying up."""

from __future__ import annotations

import os
import signal
import time

import pytest

from demo.interrupt import interruptible


@pytest.fixture(autouse=True)
def _signals_as_they_were():
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Doomed:
    """Is interrupted in its destructor, where Python drops what is raised."""

    def __init__(self, number: signal.Signals) -> None:
        self.number = number

    def __del__(self) -> None:
        os.kill(os.getpid(), self.number)


@interruptible()
def interrupted(number: signal.Signals, steps: list[str]) -> None:
    os.kill(os.getpid(), number)
    steps.append("went on")


@interruptible()
def interrupted_unheard(number: signal.Signals, steps: list[str]) -> None:
    Doomed(number)
    steps.append("went on")
    time.sleep(30)
    steps.append("was not heard")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_block_at_once(number):
    steps: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted(number, steps)
    assert steps == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_that_falls_into_a_destructor_is_heard_all_the_same():
    steps: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted_unheard(signal.SIGINT, steps)
    assert steps == ["went on"]


def test_what_is_tidied_up_afterwards_is_not_disturbed():
    with interruptible():
        pass
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
