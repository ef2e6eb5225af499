"""What can go wrong between here and the chain. `permanent` says whether trying again can help."""

from typing import Any

from protocol.errors import InfillError
from protocol.units import hex_of


class ChainError(InfillError):
    """Base: the node, the network or the contract did not do what was asked."""

    code = "chain-error"
    http_status = 503
    permanent = True


class NodeUnreachable(ChainError):
    """Nobody answered at RPC_URL, or not in time, or not in the protocol."""

    code = "node-unreachable"
    permanent = False

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"No Ethereum node answers at {url} ({reason}): start it or correct RPC_URL.")


class NodeRefused(ChainError):
    """The node answered with an error; many pass by themselves, such as a rate limit."""

    code = "node-refused"
    permanent = False


class ContractReverted(ChainError):
    """The contract refused a call. `name` is its error's, `args` the values."""

    code = "contract-reverted"
    http_status = 422

    def __init__(self, name: str, args: dict[str, Any] | None = None) -> None:
        self.name = name
        self.values = args or {}
        super().__init__(f"The escrow contract refuses this: {name} {self.values or ''}".rstrip())

    @property
    def values_json(self) -> dict[str, str]:
        """The values in the wire form: numbers as decimal text, bytes as hex."""
        return {
            name: hex_of(value) if isinstance(value, bytes) else str(value)
            for name, value in self.values.items()
        }


class NoContract(ChainError):
    """There is no code where the escrow should be."""

    code = "no-contract"

    def __init__(self, address: str, chain_id: int) -> None:
        super().__init__(
            f"There is no contract at {address} on chain {chain_id}: deploy it with "
            "`python -m contracts.deploy`, or correct RPC_URL or DEPLOYMENTS_DIR."
        )


class WrongChain(ChainError):
    """The node serves another chain than the configured one."""

    code = "wrong-chain"

    def __init__(self, found: int, wanted: int) -> None:
        super().__init__(
            f"The node at RPC_URL serves chain {found}, but CHAIN_ID is {wanted}: correct one of them."
        )


class NetworkUnknown(ChainError):
    """No deployment is written for the configured chain."""

    code = "network-unknown"


class UnknownLog(ChainError):
    """The escrow emitted a log that this build does not know."""

    code = "unknown-log"


class NetworkInAtomicBlock(ChainError):
    """Code asked the node while holding a database transaction open."""

    code = "network-in-atomic-block"

    def __init__(self) -> None:
        super().__init__("The node was asked inside an atomic block: ask first, then open the block.")


class CursorMoved(ChainError):
    """Another follower moved the cursor first; whatever this one did is undone."""

    code = "cursor-moved"
    permanent = False

    def __init__(self) -> None:
        super().__init__("Another follower moved the cursor: run one per database.")
