"""Klipper's messages on the wire: numbers, message blocks, and messages by their descriptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SYNC = 0x7E
HEADER, TRAILER = 2, 3
SHORTEST, LONGEST = HEADER + TRAILER, 64
SEQUENCE_HIGH, SEQUENCE_MASK = 0x10, 0x0F
CRC_START, CRC_POLYNOMIAL = 0xFFFF, 0x8408
WORD = 0xFFFFFFFF
STRINGS = ("%s", "%*s", "%.*s")

Value = int | bytes


def crc16(data: bytes) -> int:
    """CCITT, least significant bit first."""
    crc = CRC_START
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (CRC_POLYNOMIAL if crc & 1 else 0)
    return crc


def vlq(value: int) -> bytes:
    """A number in 7-bit groups, the highest first: n groups hold -1/4 .. 3/4 of what 7n bits count."""
    groups = next(n for n in range(1, 6) if -(1 << 7 * n - 2) <= value < 3 << 7 * n - 2)
    shifts = range(7 * (groups - 1), -1, -7)
    return bytes((value >> shift & 0x7F) | (0x80 if shift else 0) for shift in shifts)


def unvlq(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins at `at`, and where the next thing begins."""
    value, groups = 0, 0
    while True:
        byte = data[at + groups]
        value, groups = value << 7 | byte & 0x7F, groups + 1
        if byte < 0x80:
            break
    if value >= 3 << 7 * groups - 2:
        value -= 1 << 7 * groups
    return value, at + groups


def block(sequence: int, content: bytes = b"") -> bytes:
    """A message block."""
    head = bytes((len(content) + SHORTEST, sequence & SEQUENCE_MASK | SEQUENCE_HIGH)) + content
    return head + crc16(head).to_bytes(2, "big") + bytes((SYNC,))


class Blocks:
    """Finds whole blocks in what arrives; skips to the next sync byte where there is none."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Sequence number and content of every whole block."""
        self._rest += data
        while self._rest:
            length = self._rest[0]
            if not SHORTEST <= length <= LONGEST:
                self._skip()
                continue
            if len(self._rest) < length:
                return
            whole = self._rest[:length]
            body, check = whole[:-TRAILER], int.from_bytes(whole[-TRAILER:-1], "big")
            if whole[-1] != SYNC or crc16(body) != check:
                self._skip()
                continue
            self._rest = self._rest[length:]
            yield whole[1] & SEQUENCE_MASK, body[HEADER:]

    def _skip(self) -> None:
        self._rest = self._rest.partition(bytes((SYNC,)))[2]


@dataclass(frozen=True)
class Message:
    """A command or response by its description, such as "clock clock=%u"."""

    number: int
    description: str

    @property
    def name(self) -> str:
        return self.description.split()[0]

    @property
    def _parameters(self) -> list[tuple[str, str]]:
        pairs = (word.split("=") for word in self.description.split()[1:])
        return [(name, kind) for name, kind in pairs]

    def encode(self, values: dict[str, Value]) -> bytes:
        """As the content of a block."""
        parts = [vlq(self.number)]
        for name, _ in self._parameters:
            value = values[name]
            parts.append(vlq(len(value)) + value if isinstance(value, bytes) else vlq(value))
        return b"".join(parts)

    def decode(self, content: bytes, at: int) -> tuple[dict[str, Value], int]:
        """The parameters that begin at `at`, and where the next message begins."""
        values: dict[str, Value] = {}
        for name, kind in self._parameters:
            number, at = unvlq(content, at)
            if kind in STRINGS:
                values[name], at = content[at : at + number], at + number
            else:
                values[name] = number & WORD
        return values, at
