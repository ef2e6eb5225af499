"""Errors that every part of Infill raises alike: a kebab-case code for programs, a sentence for people."""

from __future__ import annotations


class InfillError(Exception):
    """Base of all typed errors. `code` is stable; the message says what is wrong and what to do next."""

    code = "infill-error"


class Malformed(InfillError):
    """A value has the wrong shape, type or range. `field` names it where it is part of a structure."""

    code = "malformed"

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field


class SignatureInvalid(InfillError):
    """The signature is not a valid ECDSA signature, or its signer is not the one required."""

    code = "signature-invalid"


class TransitionRefused(InfillError):
    """A status cannot follow another."""

    code = "transition-refused"

    def __init__(self, current: str, new: str) -> None:
        super().__init__(f"{current} cannot become {new}")
        self.current = current
        self.new = new


class EvidenceBroken(InfillError):
    """A record contradicts its log: other agreement or actor, wrong previous digest or payload."""

    code = "evidence-broken"


class EvidenceOutOfOrder(InfillError):
    """An evidence record does not carry the next sequence number; `expected_seq` is the resume point."""

    code = "evidence-out-of-order"

    def __init__(self, expected_seq: int, found_seq: int) -> None:
        super().__init__(f"record {found_seq} came where {expected_seq} is next; send from {expected_seq} on")
        self.expected_seq = expected_seq
        self.found_seq = found_seq


class TreeRefused(InfillError):
    """No Merkle tree is made of these leaves."""

    code = "tree-refused"


class ProofInvalid(InfillError):
    """A Merkle proof does not lead from the leaf to the root."""

    code = "proof-invalid"


class BookBroken(InfillError):
    """A bid book contradicts its own list: another count or another root."""

    code = "book-broken"
