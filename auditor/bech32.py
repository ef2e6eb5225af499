"""Whether a text is an age X25519 recipient: bech32 (BIP 173) of 32 bytes under "age"."""

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
PREFIX, DATA, CHECKSUM = "age", 52, 6
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def is_recipient(text: object) -> bool:
    """Lower case, of the right length, and its checksum holds."""
    start = f"{PREFIX}1"
    if not isinstance(text, str) or not text.startswith(start) or len(text) != len(start) + DATA + CHECKSUM:
        return False
    values = [ALPHABET.find(letter) for letter in text[len(start) :]]
    # 52 values of 5 bits are 32 bytes and 4 bits that have to be zero.
    return -1 not in values and not values[DATA - 1] & 0b1111 and _remainder(values) == 1


def _remainder(values: list[int]) -> int:
    high, low = [ord(letter) >> 5 for letter in PREFIX], [ord(letter) & 31 for letter in PREFIX]
    check = 1
    for value in (*high, 0, *low, *values):
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(GENERATOR):
            check ^= generator if top >> bit & 1 else 0
    return check
