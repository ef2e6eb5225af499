"""The whole of `infill-agent setup`: what a home has is kept, what it lacks is asked for and made."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click
from eth_account.signers.local import LocalAccount
from rich.console import Console

from protocol.capability import Material
from protocol.errors import InfillError
from protocol.units import Address, Wei, ether_text
from provider_agent.bidding import Verdict
from provider_agent.config import FILE, Config, Delivery, config_load, config_parse
from provider_agent.counter import Counter
from provider_agent.errors import AgentError, AnswerMissing, PrintersRefused
from provider_agent.files import file_write
from provider_agent.keystore import FILE as KEY_FILE
from provider_agent.keystore import (
    PASSWORD_FILE,
    key_read,
    keystore_address,
    keystore_make,
    keystore_unlock,
    password_get,
)
from provider_agent.lock import home_lock
from provider_agent.making.context import Context
from provider_agent.marketplace import Network
from provider_agent.options import EtherType, UrlType
from provider_agent.printers import printers_register
from provider_agent.setup.asking import Asker
from provider_agent.setup.choosing import printers_choose
from provider_agent.setup.examples import EXAMPLES, Example, example_job, examples_print
from provider_agent.setup.network import escrow_check, network_ask
from provider_agent.setup.options import At
from provider_agent.supervisor import context_open
from provider_agent.template import Answers, PrinterAnswer, config_text

NODE: Final = "http://127.0.0.1:8545"
PRICES: Final = (
    ("machine_hour", "  a machine hour", "0.0005"),
    ("gram", "  a gram of material", "0.00001"),
    ("setup", "  setting up a print", "0.0001"),
    ("minimum", "  a job at least", "0.0005"),
)
"""Name of the answer and option, question, default in ether."""


@dataclass(frozen=True)
class Given:
    """What options say; None where they do not. Amounts in wei by name, as in PRICES."""

    marketplace: str | None
    rpc_url: str | None
    arbiters: tuple[Address, ...] | None
    printers: tuple[At, ...]
    materials: tuple[Material, ...] | None
    prices: dict[str, Wei | None]
    bond: Wei
    key_file: Path | None

    @property
    def any(self) -> bool:
        """Whether anything is said that only a new agent.toml takes up."""
        told = (self.marketplace, self.rpc_url, self.arbiters, self.materials, *self.prices.values())
        return bool(self.printers or self.bond) or any(one is not None for one in told)


@dataclass(frozen=True)
class Listed:
    """What registering came to."""

    serials: tuple[str, ...]
    address: Address
    balance: Wei
    weighed: tuple[tuple[Example, Verdict], ...]
    material: str


@dataclass(frozen=True)
class NewKey:
    """A key to be made, or imported where its bytes are given."""

    key: bytes | None = field(repr=False)
    password: str = field(repr=False)


def setup(home: Path, given: Given, asker: Asker, *, command: str) -> None:
    """Ask, make, register, and show what would be bid. Raises InfillErrors; what is made stays.

    `command` is how infill-agent is called for this home.
    """
    text = _config_new(home, given, asker)
    key = _key(home, given, asker)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with home_lock(home):
        if text is not None and not (home / FILE).exists():
            file_write(home / FILE, text.encode())
            asker.say(f"\nWrote {home / FILE}: it explains every setting, and is yours to change.")
        config = config_load(home)
        account = _key_made(home, key, asker) if isinstance(key, NewKey) else key
        asker.say(f"Listing at {config.marketplace.url} ...")
        try:
            listed = asyncio.run(_listed(home, config, account))
        except InfillError:
            asker.say("Not listed yet. What is written stays: run this again, and it goes on from here.")
            raise
    _tell(listed, config, command, asker)


def _config_new(home: Path, given: Given, asker: Asker) -> str | None:
    """The text of an agent.toml for a home that has none; None where there is one, which is kept."""
    if (home / FILE).exists():
        config = config_load(home)
        names = ", ".join(printer.serial for printer in config.printers)
        asker.say(f"Found {home / FILE} for {config.marketplace.url} with {names}: kept as it is.")
        if given.any:
            asker.say("  Options say other things only to a new home: to change something, edit that file.")
        return None
    if not asker.yes:
        asker.say(
            "Enter takes what is in [brackets]. Nothing is written before you have answered everything.\n"
        )
    url, network = _marketplace(asker, given)
    rpc_url = _node(asker, given, network)
    arbiters = _arbiters(asker, given, network)
    printers = printers_choose(asker, given.printers, given.materials)
    asker.say("\nYour prices, in ether")
    prices = {
        name: asker.ask(
            question,
            EtherType(),
            given=given.prices[name],
            default=default,
            option=f"--{name.replace('_', '-')}",
        )
        for name, question, default in PRICES
    }
    deliver = _delivery(asker, printers)
    answers = Answers(
        marketplace=url,
        rpc_url=rpc_url,
        chain_id=network.chain_id,
        escrow=network.escrow,
        arbiters=arbiters,
        bond=given.bond,
        printers=printers,
        deliver=deliver,
        **prices,
    )
    text = config_text(answers)
    config_parse(text)
    return text


def _marketplace(asker: Asker, given: Given) -> tuple[str, Network]:
    while True:
        url = asker.ask(
            "Address of the marketplace",
            UrlType(),
            given=given.marketplace,
            default=None,
            option="--marketplace",
        )
        try:
            network = asyncio.run(network_ask(url))
        except AgentError as error:
            asker.again(error, given=given.marketplace)
            continue
        arbiters = ", ".join(network.arbiters) or "none"
        asker.say(f"  It works on chain {network.chain_id} with the contract {network.escrow},")
        asker.say(f"  takes a fee of {network.fee_bps / 100:g} %, and has disputes decided by {arbiters}.")
        return url, network


def _node(asker: Asker, given: Given, network: Network) -> str:
    while True:
        url = asker.ask(
            "Your Ethereum node, which is believed rather than the marketplace",
            UrlType(),
            given=given.rpc_url,
            default=NODE,
            option="--rpc-url",
        )
        try:
            known = asyncio.run(escrow_check(url, network))
        except AgentError as error:
            asker.again(error, given=given.rpc_url)
            continue
        asker.say(f"  It follows chain {network.chain_id}, and the contract is there.")
        if known:
            asker.say("  Its code is the very one that this agent comes with.")
        else:
            asker.say("  ITS CODE IS NOT the one that this agent comes with: ask the marketplace why.")
        return url


def _arbiters(asker: Asker, given: Given, network: Network) -> tuple[Address, ...]:
    if given.arbiters is not None:
        return given.arbiters
    if not network.arbiters:
        return ()
    who = "this arbiter" if len(network.arbiters) == 1 else "these arbiters"
    if asker.agree(f"Let disputes be decided by {who}? Otherwise your bids name none"):
        return network.arbiters
    return ()


def _delivery(asker: Asker, printers: Sequence[PrinterAnswer]) -> Delivery:
    """What virtual printers make is sent to nobody."""
    if all(printer.driver == "virtual" for printer in printers):
        return Delivery.PRINTED
    asker.say("\nA job counts as delivered once you say that it is shipped: `infill-agent shipped`.")
    return Delivery.SHIPPED


def _key(home: Path, given: Given, asker: Asker) -> LocalAccount | NewKey:
    """The home's key, or what is to become it."""
    if (home / KEY_FILE).exists():
        asker.say(f"Found the key of {keystore_address(home)}: kept.")
        if given.key_file:
            asker.say(f"  {given.key_file} is not imported: a home's key is never replaced.")
        return keystore_unlock(home, _password(asker))
    asker.say("\nYour key signs bids and receives what you earn. It is kept encrypted, here alone.")
    path = given.key_file or asker.ask(
        "A file with a key of yours in hex; Enter makes a new one",
        click.Path(dir_okay=False),
        given=None,
        default="",
        option="--key-file",
    )
    return NewKey(key_read(Path(str(path))) if path else None, _password(asker, confirm=True))


def _password(asker: Asker, *, confirm: bool = False) -> str:
    if asker.yes and not os.environ.get(PASSWORD_FILE):
        raise AnswerMissing(
            f"the key's password has no default: write it to a file, and name that in {PASSWORD_FILE}"
        )
    return password_get(confirm=confirm)


def _key_made(home: Path, new: NewKey, asker: Asker) -> LocalAccount:
    address = keystore_make(home, new.password, new.key)
    asker.say(f"Wrote {home / KEY_FILE}, the key of {address}:")
    asker.say("  copy it to a safe place, its password to another. Lost, it takes along what it earned.")
    return keystore_unlock(home, new.password)


async def _listed(home: Path, config: Config, account: LocalAccount) -> Listed:
    """Register, and weigh the examples; SIGTERM ends it as Ctrl-C does."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with AsyncExitStack() as stack:
        context = await context_open(stack, home, config, account)
        await context.chain.check()
        rows = await printers_register(context)
        if not rows:
            raise PrintersRefused(
                "no printer is listed: the lines above say why; mend that, and run this again"
            )
        material = rows[0].capability.materials[0].kind
        return Listed(
            serials=tuple(row.profile.serial for row in rows),
            address=context.wallet.address,
            balance=await context.chain.balance(context.wallet.address),
            weighed=await _weighed(context, material),
            material=material,
        )


async def _weighed(context: Context, material: str) -> tuple[tuple[Example, Verdict], ...]:
    counter = Counter(context)
    now = await counter.now()
    return tuple([(one, await counter.weigh(example_job(one, material, now), now)) for one in EXAMPLES])


def _tell(listed: Listed, config: Config, command: str, asker: Asker) -> None:
    asker.say(f"Listed: {', '.join(listed.serials)}. See {config.marketplace.url}/printers\n")
    examples_print(listed.weighed, listed.material, Console())
    asker.say(f"\nNext: {command} run")
    if listed.balance == 0:
        asker.say(
            f"Bids cost nothing; delivering and being paid cost gas: send a little ether to {listed.address}."
        )
    else:
        asker.say(f"For gas, {listed.address} has {ether_text(listed.balance)}.")
    if config.policy.bond_wei:
        asker.say(
            f"Bids lock a bond of {ether_text(config.policy.bond_wei)}: prepay with `{command} deposit`."
        )
