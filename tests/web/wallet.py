"""A wallet in the browser. Its extension cannot exist in a headless Chromium: `window.ethereum` (EIP-1193) is a
stand-in that asks us. The key, the signatures, the transactions and the node behind it are real.
"""

from __future__ import annotations

import json
from typing import Any

from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address
from playwright.sync_api import Page

from demo.node import Node, NodeError

DECLINED = {"code": 4001, "message": "User rejected the request."}
OTHER_CHAIN = "0x1"
_PROVIDER = """
window.ethereum = {
  request: async ({ method, params }) => {
    const { result, error } = await window.askWallet(method, params ?? []);
    if (error) throw Object.assign(new Error(error.message), error);
    return result;
  },
};
"""


class Wallet:
    """Holds one key, at first on another chain; `declines` is its owner's answer to what is to be signed."""

    def __init__(self, key: LocalAccount, node: Node) -> None:
        self.key, self.node = key, node
        self.declines = False
        self.chain = OTHER_CHAIN
        self.last = (0, 0)

    def install(self, page: Page) -> None:
        page.expose_function("askWallet", self.answer)
        page.add_init_script(_PROVIDER)

    def answer(self, method: str, params: list[Any]) -> dict[str, Any]:
        """What the page's request is answered with."""
        owner = getattr(self, f"_{method}", None)
        if owner is None:
            return self._asks_node(method, params)
        return owner(*params)

    def _asks_node(self, method: str, params: list[Any]) -> dict[str, Any]:
        try:
            return {"result": self.node.rpc(method, *params)}
        except NodeError as error:
            return {"error": {"code": -32603, "message": str(error)}}

    def _eth_requestAccounts(self) -> dict[str, Any]:
        return {"result": [self.key.address]}

    _eth_accounts = _eth_requestAccounts

    def _eth_chainId(self) -> dict[str, Any]:
        return {"result": self.chain}

    def _wallet_switchEthereumChain(self, wanted: dict[str, str]) -> dict[str, Any]:
        self.chain = wanted["chainId"]
        return {"result": None}

    def _personal_sign(self, message: str, _address: str) -> dict[str, Any]:
        if self.declines:
            return {"error": DECLINED}
        signed = self.key.sign_message(encode_defunct(hexstr=message))
        return {"result": "0x" + signed.signature.hex()}

    def _eth_signTypedData_v4(self, _address: str, typed: str) -> dict[str, Any]:
        if self.declines:
            return {"error": DECLINED}
        signed = self.key.sign_typed_data(full_message=json.loads(typed))
        return {"result": "0x" + signed.signature.hex()}

    def _eth_sendTransaction(self, asked: dict[str, str]) -> dict[str, Any]:
        if self.declines:
            return {"error": DECLINED}
        nonce, fee = self._nonce(), self.node.number("eth_gasPrice") * 2
        called = {"to": asked["to"], "data": asked["data"], "value": int(asked.get("value", "0x0"), 16)}
        self.last = nonce, fee
        return self._send(called | {"gas": int(asked["gas"], 16)}, nonce, fee)

    def call_off(self) -> None:
        """Send a dearer transaction that does nothing in place of the last one."""
        nonce, fee = self.last
        nothing = {"to": self.key.address, "data": "0x", "value": 0, "gas": 21_000}
        assert "result" in self._send(nothing, nonce, 2 * fee)

    def _nonce(self) -> int:
        return self.node.number("eth_getTransactionCount", self.key.address, "pending")

    def _send(self, call: dict[str, Any], nonce: int, fee: int) -> dict[str, Any]:
        fees = {"maxFeePerGas": fee, "maxPriorityFeePerGas": fee // 2}
        whole = call | {"to": to_checksum_address(call["to"]), "chainId": int(self.chain, 16), "nonce": nonce}
        signed = self.key.sign_transaction(whole | fees)
        return self._asks_node("eth_sendRawTransaction", ["0x" + signed.raw_transaction.hex()])
