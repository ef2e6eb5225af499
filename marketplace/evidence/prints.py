"""How long finished prints took, written anew from evidence and agreements whenever one of them changes."""

from collections.abc import Collection

from marketplace.chain.parts import in_parts
from marketplace.escrow.models import Agreement
from marketplace.evidence.models import Record
from marketplace.evidence.print_rules import TELLING, Making, Told, prints_told
from marketplace.jobs.selectors import copies_expected
from marketplace.providers.models import FinishedPrint
from marketplace.providers.rules import TimedPrint
from marketplace.providers.selectors import printer_of, prints_kept
from marketplace.providers.services import prints_replace, providers_lock
from protocol.evidence import Kind
from protocol.statuses import AgreementStatus


def prints_follow(*, agreements: Collection[str]) -> None:
    """Derive the finished prints of some agreements, and what their printers' paces are by them.

    Inside the caller's atomic block. Evidence and the finality of its agreement come in any order, from two
    processes: under the lock the later one sees both.
    """
    for some in in_parts(agreements):
        kept = FinishedPrint.objects.filter(agreement__in=some).values_list("provider_id", flat=True)
        bound = Agreement.objects.filter(pk__in=some).values_list("provider", flat=True)
        providers_lock(addresses={*kept, *bound})
        prints_replace(agreements=some, prints=prints_derived(some))


def prints_differ(agreement: str) -> tuple[set[TimedPrint], set[TimedPrint]] | None:
    """What is kept and what ought to be, where these are not the same."""
    kept, derived = prints_kept([agreement]), prints_derived([agreement])
    return None if kept == derived else (kept, derived)


def prints_derived(agreements: Collection[str]) -> set[TimedPrint]:
    """The finished prints that evidence tells of, for those of the agreements that are final."""
    telling = Record.objects.filter(agreement__in=agreements, kind=Kind.PRINT_FINISHED)
    rows = Agreement.objects.filter(pk__in=telling.values("agreement"), job__isnull=False)
    final = rows.exclude(final_status=AgreementStatus.NONE).select_related("job")
    return {each for row in final if (making := _making(row)) for each in prints_told(_told(row), making)}


def agreements_printed() -> set[str]:
    """Those for which there is evidence of a finished print, or a print on record."""
    told = Record.objects.filter(kind=Kind.PRINT_FINISHED).values_list("agreement", flat=True).distinct()
    return {*told, *FinishedPrint.objects.values_list("agreement", flat=True).distinct()}


def _making(row: Agreement) -> Making | None:
    printer = printer_of(row.terms["printer"])
    if row.job is None or printer is None or printer.provider_id != row.provider:
        return None
    expected = {
        model: (seconds, copies * row.units) for model, (seconds, copies) in copies_expected(row.job).items()
    }
    return Making(row.pk, row.provider, printer.serial, expected)


def _told(row: Agreement) -> list[Told]:
    log = Record.objects.filter(agreement=row.pk, actor=row.provider, kind__in=TELLING).order_by("seq")
    return [Told(each.kind, each.payload, each.digest, each.observed_at) for each in log]
