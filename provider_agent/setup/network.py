"""What a marketplace says of itself and of its contracts, checked at the provider's own node."""

from __future__ import annotations

import aiohttp

from provider_agent.chain import Chain
from provider_agent.config import ChainConfig
from provider_agent.json_client import JsonClient
from provider_agent.marketplace import Network, network_of


async def network_ask(url: str) -> Network:
    """Raises MarketplaceUnreachable, MarketplaceRefused."""
    async with aiohttp.ClientSession() as session:
        return await network_of(JsonClient(url, session))


async def escrow_check(rpc_url: str, network: Network) -> bool:
    """Whether the escrow at this node runs the very code that this agent comes with.

    Raises NodeUnreachable, and WrongChain where the node or the contract is another one.
    """
    chain = Chain(ChainConfig(rpc_url, network.chain_id, network.escrow))
    try:
        await chain.check()
        return await chain.escrow_is_known()
    finally:
        await chain.close()
