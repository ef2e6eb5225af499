"""`infill-audit`: the auditor's one command."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress as Bar

from auditor.audit import Audit, audit_of, gather
from auditor.errors import CannotTell
from auditor.findings import Verdict
from auditor.report import print_refusal, print_report
from auditor.report_machine import refusal_of, report_of
from auditor.sources.node import Node, Progress
from auditor.structs import digest_at
from protocol.errors import InfillError
from protocol.units import Address, Digest, address_of

PIPED_WIDTH = 120
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


class DigestParam(click.ParamType[Digest]):
    """An agreement's id."""

    name = "digest"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Digest:
        """Parse, or fail as a usage error."""
        try:
            return digest_at(value, "agreement")
        except InfillError as error:
            self.fail(str(error), param, ctx)


class AddressParam(click.ParamType[Address]):
    """A contract's address."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """Parse, or fail as a usage error."""
        try:
            return address_of(value)
        except InfillError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.argument("agreement", type=DigestParam())
@click.option("--rpc", required=True, help="URL of an Ethereum node you trust.")
@click.option("--contract", required=True, type=AddressParam(), help="Address of PrintEscrow.")
@click.option("--bundle", required=True, type=FILE, help="The agreement's bundle, from either party.")
@click.option("--model", "models", type=FILE, multiple=True, help="A design file; may be given again.")
@click.option("--receipt", "receipts", type=FILE, multiple=True, help="A bidder's receipt; the same.")
@click.option("--from-block", default=0, show_default=True, help="First block to read, the deployment's.")
@click.option("--json", "as_json", is_flag=True, help="Report for programs, on standard output.")
def main(
    *,
    agreement: Digest,
    rpc: str,
    contract: Address,
    bundle: Path,
    models: tuple[Path, ...],
    receipts: tuple[Path, ...],
    from_block: int,
    as_json: bool,
) -> None:
    """Prove one AGREEMENT from a node and a bundle, or name what does not add up.

    Exits 0 if everything adds up, 1 with findings, 2 if it cannot tell.
    """
    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)
    try:
        with _progress() as progress:
            case = gather(
                agreement,
                Node(rpc, contract),
                bundle,
                models=models,
                receipts=receipts,
                from_block=from_block,
                progress=progress,
            )
        audit = audit_of(case)
    except CannotTell as reason:
        _refuse(console, reason, as_json)
    except Exception as error:  # noqa: BLE001 - a defect of the auditor must not read as a verdict on the agreement
        message = f"The auditor itself failed ({type(error).__name__}: {error}): report it with this bundle."
        _refuse(console, CannotTell("auditor-failed", message), as_json)
    else:
        _report(console, audit, as_json)


def _report(console: Console, audit: Audit, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report_of(audit), indent=2))
    else:
        print_report(console, audit)
    sys.exit(audit.verdict.exit_code)


def _refuse(console: Console, reason: CannotTell, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(refusal_of(reason), indent=2))
    else:
        print_refusal(console, reason)
    sys.exit(Verdict.CANNOT_TELL.exit_code)


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on standard error while the chain is read; nothing where that is no terminal."""
    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Reading the chain", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
