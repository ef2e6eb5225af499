"""What the follower is held against: reading without decoding, and web3.py's decoding without storing."""

from __future__ import annotations

import time

import httpx
import orjson
from web3 import HTTPProvider, Web3

from benchmarks.follow.chain import JSON, Filled
from contracts.artifacts import abi

BLOCKS_AT_ONCE = 1
EVENTS = ("Awarded", "Delivered", "Paid", "Deposited")


def raw(chain: Filled) -> float:
    """Logs a second of `eth_getLogs` over httpx and orjson: about 10,000 a call, nothing decoded."""
    client, found, start = httpx.Client(timeout=120), 0, time.perf_counter()
    for block in range(chain.first, chain.last + 1, BLOCKS_AT_ONCE):
        span = {"fromBlock": hex(block), "toBlock": hex(min(chain.last, block + BLOCKS_AT_ONCE - 1))}
        body = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "eth_getLogs",
            "params": [{"address": chain.emitter, **span}],
        }
        answer = client.post(chain.url, content=orjson.dumps(body), headers=JSON)
        found += len(orjson.loads(answer.content)["result"])
    seconds = time.perf_counter() - start
    assert found == chain.logs, f"{found} of {chain.logs} logs"
    return found / seconds


def web3_events(chain: Filled, blocks: int = 1) -> float:
    """Logs a second of web3.py's contract events over the first blocks, nothing stored."""
    web3 = Web3(HTTPProvider(chain.url, request_kwargs={"timeout": 120}))
    contract = web3.eth.contract(address=Web3.to_checksum_address(chain.emitter), abi=abi("PrintEscrow"))
    first, last = chain.first + 1, chain.first + blocks
    start = time.perf_counter()
    found = sum(len(contract.events[name].get_logs(from_block=first, to_block=last)) for name in EVENTS)
    seconds = time.perf_counter() - start
    assert found, "no logs in those blocks"
    return found / seconds
