"""The node that a command talks to, and what it says when that fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from requests import RequestException
from web3 import HTTPProvider, Web3
from web3.exceptions import Web3Exception
from web3.middleware import ExtraDataToPOAMiddleware

TIMEOUT_SECONDS = 30


class NodeFailed(Exception):
    """The node does not answer, or answers with an error."""


@contextmanager
def node_at(url: str) -> Iterator[Web3]:
    """A node to ask within the block. Raises NodeFailed, in words that say what to do next."""
    provider = HTTPProvider(
        url, request_kwargs={"timeout": TIMEOUT_SECONDS}, exception_retry_configuration=None
    )
    web3 = Web3(provider)
    # Proof-of-authority chains put more into a block's extra data than web3 otherwise accepts.
    web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    try:
        yield web3
    except RequestException as error:
        words = f"No Ethereum node answers at {url} ({type(error).__name__}): start it, or correct --rpc."
        raise NodeFailed(words) from error
    except Web3Exception as error:
        raise NodeFailed(f"The node at {url} refuses: {error}") from error
