"""What can go wrong between here and the chain. `permanent` says whether trying again can help."""

from typing import Any

from protocol.errors import InfillError


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
    """The node answered with an error; many pass by themselves."""

    code = "node-refused"
    permanent = False

    def __init__(self, url: str, message: str) -> None:
        self.words = message
        super().__init__(f"The node at {url} refuses: {message}")


class NodeBusy(ChainError):
    """The node takes no more questions for now."""

    code = "node-busy"
    permanent = False

    def __init__(self, url: str) -> None:
        super().__init__(f"The node at {url} limits how often it is asked: it is asked again a little later.")


class NodeInconsistent(ChainError):
    """What a node answered does not fit together: parts are missing, or its chain moved in between."""

    code = "node-inconsistent"
    permanent = False

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"The answers of the node at {url} do not fit together ({reason}): it is asked again."
        )


class NodesBehind(ChainError):
    """No node that answers has the blocks that were read already, and one does not answer."""

    code = "nodes-behind"
    permanent = False

    def __init__(self, seen: int) -> None:
        super().__init__(
            f"No node that answers has block {seen}, which was read already: waiting for one to catch up."
        )


class NodesDisagree(ChainError):
    """Two nodes hold different blocks for final; nothing is written while they do."""

    code = "nodes-disagree"
    permanent = False

    def __init__(self, number: int, digests: dict[str, str]) -> None:
        held = ", ".join(f"{url} has {digest}" for url, digest in digests.items())
        super().__init__(
            f"The nodes disagree on the final block {number} ({held}): nothing is written until they agree. "
            "Find out which one follows the true chain and take the other out of RPC_URL."
        )


class ContractReverted(ChainError):
    """The contract refused a call. `name` is its error's, `args` the values."""

    code = "contract-reverted"
    http_status = 422

    def __init__(self, name: str, args: dict[str, Any] | None = None) -> None:
        self.name = name
        self.values = args or {}
        super().__init__(f"The escrow contract refuses this: {name} {self.values or ''}".rstrip())


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

    def __init__(self, url: str, found: int, wanted: int) -> None:
        super().__init__(
            f"The node at {url} serves chain {found}, but CHAIN_ID is {wanted}: correct RPC_URL or CHAIN_ID."
        )


class NetworkUnknown(ChainError):
    """No deployment is written for the configured chain."""

    code = "network-unknown"


class UnknownLog(ChainError):
    """One of the contracts emitted a log that this build does not know."""

    code = "unknown-log"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"A contract emitted a log that this build does not know ({what}): is another contract at its "
            "address, or is contracts/build out of date?"
        )


class NetworkInAtomicBlock(ChainError):
    """Code asked the node while holding a database transaction open."""

    code = "network-in-atomic-block"

    def __init__(self) -> None:
        super().__init__("The node was asked inside an atomic block: ask first, then open the block.")


class CursorMoved(ChainError):
    """Another follower works on this database, or did so meanwhile; whatever this one did is undone."""

    code = "cursor-moved"
    permanent = False

    def __init__(self) -> None:
        super().__init__("Another follower moved the cursor first: this one waits for its turn.")
