"""How far to read at once, and whether what was read is one chain. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from eth_utils.crypto import keccak

from marketplace.chain.answers import BlockHead

BLOOM_BITS = 2048
BLOOM_HASHES = 3


@dataclass
class Span:
    """How many blocks to ask for at once: few at first, then by how many logs were in the last ones."""

    blocks: int = 1
    largest: int = 50_000
    many_logs: int = 10_000

    def refused(self) -> bool:
        """Take half; False when one block is already too much."""
        if self.blocks == 1:
            return False
        self.blocks //= 2
        return True

    def answered(self, logs: int) -> None:
        if logs > self.many_logs:
            self.blocks = max(1, self.blocks * self.many_logs // logs)
        elif logs < self.many_logs // 4:
            self.blocks = min(self.largest, self.blocks * 2)


def is_one_chain(blocks: Sequence[BlockHead]) -> bool:
    """Whether each block is the child of the one before it."""
    return all(low.number + 1 == high.number and low.digest == high.parent for low, high in pairwise(blocks))


def bloom_of(values: Iterable[str]) -> list[int]:
    """For each value (0x text) the bits that a block's bloom has set if a log of it has that value.

    Source: the Ethereum yellow paper, section 4.3.1: of the value's keccak, the low 11 bits of its first
    three pairs of bytes.
    """
    masks = []
    for value in values:
        digest = keccak(bytes.fromhex(value[2:]))
        bits = (int.from_bytes(digest[2 * n : 2 * n + 2]) % BLOOM_BITS for n in range(BLOOM_HASHES))
        masks.append(sum(1 << bit for bit in set(bits)))
    return masks
