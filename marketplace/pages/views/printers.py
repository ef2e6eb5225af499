"""Printers: public, as their providers signed for them."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace.pages.pace import plot_of
from marketplace.pages.selectors import printer_rows, printers_listed
from marketplace.providers.selectors import printer_of, printers_of, prints_timed

A_PAGE = 24


@require_safe
def printers(request: HttpRequest) -> HttpResponse:
    """Every registered printer."""
    page = Paginator(printers_listed(), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "pages/printers.html", {"page": page, "rows": printer_rows(page.object_list)})


@require_safe
def printer(request: HttpRequest, digest: str) -> HttpResponse:
    """One printer's profile, superseded ones included."""
    found = printer_of(digest)
    if found is None:
        raise Http404
    (row,) = printer_rows([found])
    others = [each for each in printer_rows(printers_of(found.provider_id)) if each.printer.pk != found.pk]
    plot = plot_of(prints_timed(found.provider_id, found.serial), found.pace)
    return render(request, "pages/printer.html", {"row": row, "others": others, "plot": plot})
