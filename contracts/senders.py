"""Who pays for a deployment: a key of ours, or an address that the node itself signs for."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, cast

import click
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3 import Web3
from web3.types import TxParams

PASSWORD_FILE = "INFILL_DEPLOYER_PASSWORD_FILE"  # noqa: S105 - the name of a variable

Sender = LocalAccount | ChecksumAddress


class SenderUnusable(Exception):
    """A file holds no key, a password does not open it, or the node has no account of its own."""


def address_of_sender(sender: Sender) -> ChecksumAddress:
    """The address that pays."""
    return Web3.to_checksum_address(sender.address) if isinstance(sender, LocalAccount) else sender


def sender_of_key_file(path: Path) -> LocalAccount:
    """The key that a file holds in hex. Raises SenderUnusable, which never quotes the file."""
    try:
        account: LocalAccount = Account.from_key(path.read_text().strip())
    except ValueError as error:
        raise SenderUnusable(f"{path} holds no private key: expected 32 bytes in hex.") from error
    return account


def sender_of_keystore(path: Path) -> LocalAccount:
    """The key of an encrypted keystore file (Web3 Secret Storage). Raises SenderUnusable.

    The password is the first line of the file that INFILL_DEPLOYER_PASSWORD_FILE names, else it is asked for.
    """
    try:
        secret = json.loads(path.read_text())
    except ValueError as error:
        raise SenderUnusable(f"{path} is no keystore file: expected JSON.") from error
    try:
        account: LocalAccount = Account.from_key(Account.decrypt(secret, _password(path)))
    except (ValueError, TypeError, KeyError) as error:
        raise SenderUnusable(f"{path} does not open with this password ({error}).") from error
    return account


def sender_of_node(web3: Web3) -> ChecksumAddress:
    """The node's own first account. Raises SenderUnusable."""
    accounts = web3.eth.accounts
    if not accounts:
        raise SenderUnusable("The node has no account of its own: give --key-file or --keystore.")
    return accounts[0]


def transaction_send(web3: Web3, sender: Sender, transaction: TxParams) -> HexBytes:
    """Hand a complete transaction to the node. Returns its digest."""
    if isinstance(sender, LocalAccount):
        signed = sender.sign_transaction(cast(dict[str, Any], transaction))
        return web3.eth.send_raw_transaction(signed.raw_transaction)
    return web3.eth.send_transaction(transaction)


def _password(path: Path) -> str:
    named = os.environ.get(PASSWORD_FILE)
    if not named:
        return str(click.prompt(f"Password of {path}", hide_input=True, err=True))
    try:
        return Path(named).read_text(encoding="utf-8").partition("\n")[0]
    except OSError as error:
        raise SenderUnusable(
            f"{PASSWORD_FILE} names {named}, which cannot be read: {error.strerror}."
        ) from error
