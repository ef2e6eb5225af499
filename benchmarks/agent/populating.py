"""`python -m benchmarks.agent.populating AGENTS PRINTERS`: agents with tokens and printers, in DATABASE_URL.

Prints a line of JSON: for each agent its token and its printers' digests. The rows are written as they are:
to sign and register so many printers takes longer than to measure.
"""

from __future__ import annotations

import json
import os
import secrets

import click
import django

from protocol.capability import Capability, Material
from protocol.units import address_of

ABLE = Capability("FDM", (220_000, 220_000, 250_000), (Material("PLA", ("black",)),), 400, 100, 300)


@click.command()
@click.argument("agents", type=int)
@click.argument("printers", type=int)
def main(agents: int, printers: int) -> None:
    """Migrate, write, print."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - after Django is set up

    call_command("migrate", verbosity=0)
    click.echo(json.dumps([_agent(printers) for _ in range(agents)]))


def _agent(printers: int) -> dict[str, object]:
    from marketplace.accounts.models import Person  # noqa: PLC0415
    from marketplace.accounts.services import token_create  # noqa: PLC0415
    from marketplace.providers.models import Printer, Provider  # noqa: PLC0415

    address = address_of("0x" + secrets.token_hex(20))
    person = Person.objects.create(address=address)
    Provider.objects.create(address=address)
    x, y, z = ABLE.bed_um
    rows = Printer.objects.bulk_create(
        Printer(
            digest="0x" + secrets.token_hex(32),
            provider_id=address,
            serial=f"p{number}",
            seq=1,
            profile={},
            capability=ABLE.to_json(),
            bed_x_um=x,
            bed_y_um=y,
            bed_z_um=z,
            min_layer_um=ABLE.min_layer_um,
            max_layer_um=ABLE.max_layer_um,
        )
        for number in range(printers)
    )
    _, token = token_create(person=person, name="benchmark", scopes=["bids"], days=1)
    return {"token": token, "printers": [row.digest for row in rows]}


if __name__ == "__main__":
    main()
