"""What can go wrong for an agent. Messages say what to do next; `retryable` tells whether waiting helps."""

from __future__ import annotations

from protocol.errors import InfillError


class AgentError(InfillError):
    """Base of the agent's own errors."""

    code = "agent-error"
    retryable = False


class ConfigInvalid(AgentError):
    """agent.toml says something the agent cannot use; `key` names it, the first of several.

    `told` is the whole message, where there is more to tell.
    """

    code = "config-invalid"

    def __init__(self, key: str, problem: str, told: str = "") -> None:
        super().__init__(told or f"agent.toml: {key}: {problem}")
        self.key = key


class AnswerMissing(AgentError):
    """A question of `infill-agent setup` has no answer and no default; the message names the option."""

    code = "answer-missing"


class PrintersRefused(AgentError):
    """Not one printer of agent.toml could be registered."""

    code = "printers-refused"


class HomeMissing(AgentError):
    """The home folder lacks a file that `infill-agent init` makes."""

    code = "home-missing"


class HomeInUse(AgentError):
    """Another agent runs on this home."""

    code = "home-in-use"


class KeystoreLocked(AgentError):
    """The key cannot be decrypted: wrong or missing password, or a damaged file."""

    code = "keystore-locked"


class JournalBroken(AgentError):
    """The journal cannot be opened, or contradicts what is asked of it."""

    code = "journal-broken"


class JournalUnwritable(AgentError):
    """The journal takes nothing: a full disk, a file made read-only, another writer. Waiting helps."""

    code = "journal-unwritable"
    retryable = True


class BackupRefused(AgentError):
    """A backup cannot be made, or not be put back; nothing was changed."""

    code = "backup-refused"


class NotCaughtUp(AgentError):
    """The journal is a restored one that does not yet know what was signed after it: nothing is signed."""

    code = "not-caught-up"


class UnitRefused(AgentError):
    """The systemd unit would not run where this agent is installed."""

    code = "unit-refused"


class NodeUnreachable(AgentError):
    """The Ethereum node does not answer. Waiting helps."""

    code = "node-unreachable"
    retryable = True


class WrongChain(AgentError):
    """The node follows another chain than agent.toml names, or the escrow is not there."""

    code = "wrong-chain"


class TransactionReverted(AgentError):
    """The contract would refuse, or refused, a transaction; the message names its error."""

    code = "transaction-reverted"


class FundsMissing(AgentError):
    """The agent's address cannot pay for gas or a bond. Waiting helps once somebody sends it ether."""

    code = "funds-missing"
    retryable = True


class MarketplaceUnreachable(AgentError):
    """The marketplace does not answer, or answers that it cannot now. Waiting helps."""

    code = "marketplace-unreachable"
    retryable = True


class MarketplaceRefused(AgentError):
    """The marketplace refuses a request (RFC 9457); `problem` is its code, `extra` its other members."""

    code = "marketplace-refused"

    def __init__(
        self, status: int, problem: str, detail: str, extra: dict[str, object] | None = None
    ) -> None:
        super().__init__(f"the marketplace refuses ({problem}, {status}): {detail}")
        self.status = status
        self.problem = problem
        self.detail = detail
        self.extra = extra or {}


class SignInRefused(AgentError):
    """The message to sign in with is not for this marketplace, chain or address: it is not signed."""

    code = "sign-in-refused"


class PassRefused(AgentError):
    """What a purse gave a hot key is not for this key, purse, marketplace or time."""

    code = "pass-refused"


class ProfileUnsigned(AgentError):
    """A printer's profile is not signed by the purse, and a hot key may not."""

    code = "profile-unsigned"


class NoRoom(AgentError):
    """The printer has no free time that long before the limit."""

    code = "no-room"


class NoStock(AgentError):
    """There is not so much of a material on spools, or no such spool; the message is a reason to decline."""

    code = "no-stock"


class ScriptFailed(AgentError):
    """The owner's pricing script did not run to an answer that can be used: there is no bid."""

    code = "script-failed"


class NoPrice(AgentError):
    """The policy leaves no price for a job; the message is the reason to decline."""

    code = "no-price"


class CameraFailed(AgentError):
    """A printer's camera gave no still. Waiting may help."""

    code = "camera-failed"
    retryable = True


class MakingUnknown(AgentError):
    """No agreement, or more than one, is named so."""

    code = "making-unknown"


class StatementRefused(AgentError):
    """What a person says of a making cannot be said of it, or not now."""

    code = "statement-refused"


class MakingFailed(AgentError):
    """An agreement cannot be made; the message is the reason the journal keeps."""

    code = "making-failed"
