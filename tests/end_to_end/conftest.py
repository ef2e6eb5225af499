"""The running product and its designer."""

from tests.stack import market, stack

__all__ = ["market", "stack"]
