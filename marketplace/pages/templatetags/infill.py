"""Values as people read them: amounts, digests, lengths, times, statuses."""

from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from hashlib import sha256
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marketplace.bidding.void_rules import VOID_TEXT, Void
from marketplace.chain.models import SentTransaction
from marketplace.designs.models import Design
from marketplace.escrow.fates import fate_text
from marketplace.pages import wording
from marketplace.pages.designs import Card, RepairShown, card_of, repair_shown, units_all
from marketplace.pages.pace import pace_text
from marketplace.pages.selectors import Bids
from marketplace.providers.models import Printer
from protocol.units import WEI_PER_ETHER, duration_text, ether_text

register = template.Library()
SHOWN_DIGITS = 4
TABLES = {
    "job": wording.JOB_STATUS,
    "bid": wording.BID_STATUS,
    "agreement": wording.AGREEMENT_STATUS,
    "design": wording.DESIGN_STATUS,
    "transaction": wording.FATE,
    "mandate": wording.MANDATE_STATUS,
    "dispatch": wording.DISPATCH_STATUS,
}


def ether_short(wei: int) -> str:
    """An amount to four digits, never in exponents: `0.0007751 ETH`."""
    amount = Decimal(wei) / WEI_PER_ETHER
    digits = max(0, SHOWN_DIGITS - 1 - amount.adjusted()) if amount else 0
    text = f"{amount:.{min(digits, 18)}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} ETH"


@register.filter
def ether(wei: int | str) -> SafeString:
    """An amount, short to read and exact under the pointer."""
    exact = int(wei)
    return format_html('<data value="{}" title="{}">{}</data>', exact, ether_text(exact), ether_short(exact))


@register.filter
def ether_plain(wei: int | str) -> str:
    """An amount, exact, where there is room for text alone."""
    return ether_text(int(wei))


@register.filter
def short(digest: str | None) -> str:
    """The ends of an address or digest."""
    text = digest or ""
    return f"{text[:8]}…{text[-6:]}" if len(text) > 18 else text


@register.simple_tag
def who(address: str, you: str = "") -> SafeString:
    """An address as its picture and its ends; `you` is who reads."""
    name = "you" if address == you else f"{address[:6]}…{address[-4:]}"
    return format_html(
        '<span class="who" title="{}">{}<span>{}</span></span>', address, identicon(address), name
    )


@register.filter
def identicon(address: str) -> SafeString:
    """A five by five mirrored picture: the same for the same address, to tell addresses apart."""
    bits = sha256(address.lower().encode()).digest()
    hue = bits[0] * 360 // 256
    cells = [(x, y) for y in range(5) for x in range(5) if bits[1 + y * 3 + min(x, 4 - x)] & 1]
    squares = format_html_join("", '<rect x="{}" y="{}" width="1" height="1"/>', cells)
    return format_html(
        '<svg class="identicon" viewBox="-1 -1 7 7" fill="hsl({} 45% 45%)" aria-hidden="true">{}</svg>',
        hue,
        squares,
    )


@register.filter
def mm(size_um: list[int] | tuple[int, ...]) -> str:
    """Lengths in micrometres as `70 × 56 × 14 mm`; what is below a millimetre, to the hundredth."""
    return " × ".join(_mm_text(length) for length in size_um) + " mm"


def _mm_text(length_um: int) -> str:
    if length_um < 1000:
        return f"{length_um / 1000:.2f}".rstrip("0").rstrip(".")
    return f"{length_um / 1000:.1f}".removesuffix(".0")


@register.filter
def volume(mm3: float) -> str:
    """A volume in mm3 as `14 cm³`, a small one as `0.32 cm³`, a tiny one as `0.75 mm³`."""
    if mm3 < 10:
        return f"{mm3:.2g} mm³"
    return f"{mm3 / 1000:,.0f} cm³" if mm3 >= 10_000 else f"{mm3 / 1000:.2g} cm³"


@register.filter
def mm1(length_um: int) -> str:
    """One length in micrometres as mm."""
    return f"{length_um / 1000:.2f}".rstrip("0").rstrip(".") + " mm"


@register.filter
def celsius(degrees: float | None) -> str:
    """A temperature, as the live page writes it."""
    return "–" if degrees is None else f"{degrees:.0f} °C"


@register.filter
def duration(seconds: float) -> str:
    """Seconds in words."""
    return duration_text(seconds)


@register.filter
def when(moment: datetime | None) -> SafeString:
    """A time, in UTC."""
    if moment is None:
        return SafeString("")
    text = f"{moment.day} {moment:%b %Y, %H:%M} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', *_stamps(moment), text)


@register.filter
def clock(moment: datetime) -> SafeString:
    """A time of the day to the second, the date under the pointer."""
    return format_html('<time datetime="{}" title="{}">{}</time>', *_stamps(moment), f"{moment:%H:%M:%S}")


def _stamps(moment: datetime) -> tuple[str, str]:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ"), moment.strftime("%Y-%m-%d %H:%M:%S UTC")


@register.filter
def percent(share: float | None) -> int:
    """0..1 as 0..100."""
    return round((share or 0) * 100)


@register.simple_tag
def pill(kind: str, status: str) -> SafeString:
    """A status as a coloured word."""
    text, tone = wording.status_words(TABLES[kind], status)
    return format_html('<span class="pill {}">{}</span>', tone, text)


@register.filter
def printer_tone(status: str) -> str:
    """The tone of a printer's status."""
    return wording.PRINTER_STATUS_TONE.get(status, "calm")


@register.filter
def plain(status: str) -> str:
    """A status that has no words of its own."""
    return status.capitalize().replace("_", " ")


@register.filter
def step_words(label: str) -> str:
    """A step that somebody took."""
    return wording.STEPS.get(label, plain(label))


@register.filter
def money_words(what: str) -> str:
    """Why an amount moved."""
    return wording.MONEY.get(what, what)


@register.filter
def fate_words(sent: SentTransaction) -> str:
    """What became of a transaction."""
    return fate_text(sent)


@register.filter
def how_words(how: str) -> str:
    """How an agreement closed."""
    return wording.HOW.get(how, how)


@register.filter
def void_words(void: Void) -> str:
    """Why a bid is withdrawn."""
    return VOID_TEXT[void]


@register.filter
def bytes_words(count: int) -> str:
    """A file's size."""
    return wording.bytes_text(count)


@register.filter
def serial(bids: Bids, digest: str) -> str:
    """A printer's own name, as its provider gave it."""
    return bids.serials.get(digest, short(digest))


@register.filter
def pace_words(printer: Printer) -> str:
    """How long a printer takes, by its finished prints."""
    return pace_text(printer.pace, printer.prints_counted)


@register.filter
def budget(wei: int) -> str:
    """A round number of ETH, no less than an amount: what a form proposes."""
    amount = Decimal(wei) / WEI_PER_ETHER
    step = Decimal(1).scaleb(amount.adjusted() - 1)
    return f"{(amount / step).to_integral_value(ROUND_CEILING) * step:f}"


@register.simple_tag
def design_card(design: Design) -> Card:
    """What a design's card shows."""
    return card_of(design)


@register.simple_tag
def units() -> list[tuple[str, str]]:
    """Every unit of length and its words."""
    return units_all()


@register.simple_tag
def design_repair(design: Design) -> RepairShown:
    """What a design's card shows of its repair."""
    return repair_shown(design)


@register.simple_tag
def wallet_settings() -> dict[str, Any]:
    """What the wallet's script must know. The node's URL is told where the demo wallet is on, only there."""
    return {"chain_id": settings.CHAIN_ID, "rpc_url": settings.RPC_URL if settings.DEMO_WALLET else ""}
