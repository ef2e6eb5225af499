"""Bambu printers that tell of themselves, by the protocol that others have published: none was ever heard here."""

from __future__ import annotations

import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_agent.setup.announcements import Announced
from provider_agent.setup.bambu import bambu_announced, bambu_announced_of
from tests.processes import free_port

TOLD = (
    "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nServer: UPnP/1.0\r\nLocation: 192.168.1.40\r\n"
    "NT: urn:bambulab-com:device:3dprinter:1\r\nUSN: 01S00C123400001\r\nCache-Control: max-age=1800\r\n"
    "DevModel.bambu.com: C12\r\nDevName.bambu.com: Left\r\nDevConnect.bambu.com: lan\r\n\r\n"
)
LEFT = Announced("bambu", "Left P1S", "https://192.168.1.40", {"device": "01S00C123400001"})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("192.168.1.40", "8.8.8.8"),
        ("192.168.1.40", "192.168.1.40/evil"),
        ("192.168.1.40", "fd00::1"),
        ("NOTIFY", "M-SEARCH"),
        ("3dprinter", "mediaserver"),
        ("01S00C123400001", "../../x"),
        ("01S00C123400001", ""),
        (TOLD, ""),
    ],
)
def test_what_is_no_such_printer_at_home_is_not_believed(old: str, new: str) -> None:
    assert bambu_announced_of(TOLD.replace(old, new).encode()) is None


@given(st.binary() | st.text().map(str.encode))
def test_any_datagram_is_harmless(data: bytes) -> None:
    assert bambu_announced_of(data) is None


def test_address_name_and_serial_number_are_told() -> None:
    assert bambu_announced_of(TOLD.encode()) == LEFT
    odd = TOLD.replace("Left", "\x1b[2J").replace(" C12", " Z9").encode()
    assert bambu_announced_of(odd) == Announced("bambu", "[2J", LEFT.url, LEFT.settings)


async def test_a_port_that_is_taken_hears_nothing() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("", 0))
        assert await bambu_announced(0.01, other.getsockname()[1]) == []


async def test_it_is_heard_once_however_often_it_speaks() -> None:
    port = free_port()
    listening = asyncio.create_task(bambu_announced(5, port))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as voice:
        while not listening.done():
            voice.sendto(b"\xff", ("127.0.0.1", port))
            voice.sendto(TOLD.encode(), ("127.0.0.1", port))
            await asyncio.sleep(0.05)
    assert await listening == [LEFT]
