"""`python -m benchmarks.agent.populating AGENTS PRINTERS`: agents with tokens and printers, in DATABASE_URL.

Prints a line of JSON: for each agent its token and its printers' digests.
"""

from __future__ import annotations

import json
import os

import click
import django
from eth_account import Account

from protocol.capability import Capability, Material
from protocol.profiles import PrinterProfile, capability_digest
from protocol.typed import infill_domain
from protocol.units import address_of

ABLE = Capability("FDM", (220_000, 220_000, 250_000), (Material("PLA", ("black",)),), 400, 100, 300)
DOMAIN = infill_domain(31337, address_of("0x" + "11" * 20))
ISSUED_AT = 1_800_000_000


@click.command()
@click.argument("agents", type=int)
@click.argument("printers", type=int)
def main(agents: int, printers: int) -> None:
    """Migrate, register, print."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - after Django is set up

    call_command("migrate", verbosity=0)
    click.echo(json.dumps([_agent(printers) for _ in range(agents)]))


def _agent(printers: int) -> dict[str, object]:
    from marketplace.accounts.models import Person  # noqa: PLC0415
    from marketplace.accounts.services import token_create  # noqa: PLC0415
    from marketplace.providers.services import printer_register  # noqa: PLC0415

    account = Account.create()
    person = Person.objects.create(address=account.address)
    digests = []
    for number in range(printers):
        profile = PrinterProfile(
            provider=address_of(account.address),
            serial=f"p{number}",
            capability=capability_digest(ABLE),
            seq=1,
            issued_at=ISSUED_AT,
        )
        signature = bytes(account.unsafe_sign_hash(profile.digest(DOMAIN)).signature)
        made, _ = printer_register(
            profile=profile, capability=ABLE, signature=signature, person=account.address, domain=DOMAIN
        )
        digests.append(made.digest)
    _, token = token_create(person=person, name="benchmark", scopes=["bids"], days=1)
    return {"token": token, "printers": digests}


if __name__ == "__main__":
    main()
