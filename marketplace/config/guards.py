"""What a deployment must not do, checked before anything starts. Pure: settings passes the values in."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ImproperlyConfigured
from eth_keys.datatypes import PrivateKey
from eth_utils.exceptions import ValidationError

from marketplace.config.master_keys import NEW_KEY
from protocol.errors import Malformed
from protocol.units import Address, address_of

DEMO_CHAIN_ID = 31337
DEVELOPMENT_SECRET_KEY = "infill-development-key-not-for-production"  # noqa: S105 - refused in production

# The first ten accounts of the mnemonic every Anvil and Hardhat chain starts with: their keys are public.
DEMO_ADDRESSES = frozenset(
    {
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
        "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
        "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
        "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
        "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65",
        "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc",
        "0x976EA74026E726554dB657fA54763abd0C3a0aa9",
        "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955",
        "0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f",
        "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720",
    }
)


def operator_address(variable: str, text: str) -> Address:
    """An address the operator configured, EIP-55 checksummed. Raises ImproperlyConfigured."""
    try:
        return address_of(text)
    except Malformed as error:
        raise ImproperlyConfigured(f"{variable} has {text!r}: {error}.") from error


def operator_key(text: str) -> str:
    """A private key as 0x text, or empty. Raises ImproperlyConfigured, which never shows what was given."""
    if text:
        try:
            addresses_of(text)
        except ValueError:
            problem = "OPERATOR_KEY is no private key: set it to 64 hex digits, or leave it empty."
            raise ImproperlyConfigured(problem) from None
    return text and "0x" + text.removeprefix("0x")


def addresses_of(key: str) -> list[Address]:
    """The address that a private key signs for; none for an empty one. Raises ValueError."""
    if not key:
        return []
    secret = bytes.fromhex(key.removeprefix("0x"))
    try:
        return [Address(PrivateKey(secret).public_key.to_checksum_address())]
    except ValidationError:
        raise ValueError("no private key") from None


def _demo_problems(
    *, production: bool, chain_id: int, demo_wallet: bool, addresses: Iterable[str]
) -> Iterable[str]:
    if not production and chain_id == DEMO_CHAIN_ID:
        return
    where = "in production" if production else f"on chain {chain_id}"
    if demo_wallet:
        yield f"DEMO_WALLET is refused {where}: unset it; it works on chain {DEMO_CHAIN_ID} alone."
    for address in sorted(set(addresses) & DEMO_ADDRESSES):
        yield f"{address} is a demo key, refused {where}: put your own in FEE_TO, ARBITERS or OPERATOR_KEY."


def deployment_problems(
    *,
    production: bool,
    debug: bool,
    secret_key: str,
    chain_id: int,
    demo_wallet: bool,
    addresses: Iterable[str],
    redis_url: str,
    design_keys: Sequence[str],
) -> list[str]:
    """Every reason these settings must not start, each with what to do; empty when they may.

    `addresses` are the operator's own, EIP-55 checksummed: the fee's receiver, the arbiters, and who sends.
    """
    problems = list(
        _demo_problems(production=production, chain_id=chain_id, demo_wallet=demo_wallet, addresses=addresses)
    )
    if production and debug:
        problems.append(
            "DEBUG is refused in production: unset it, or set INFILL_ENV=dev on your own machine."
        )
    if production and (secret_key == DEVELOPMENT_SECRET_KEY or len(secret_key) < 32):
        problems.append(
            "SECRET_KEY is the development key or shorter than 32 characters: set a long random secret, "
            "for example the output of `openssl rand -base64 48`."
        )
    if production and not redis_url:
        problems.append("REDIS_URL is missing: production runs several processes; point it at a Redis.")
    if production and not design_keys:
        problems.append(
            f"DESIGN_KEYS is missing: designs are encrypted under it. Set it to the output of `{NEW_KEY}`, "
            "and keep a copy apart from the backups: without it no design opens again."
        )
    return problems
