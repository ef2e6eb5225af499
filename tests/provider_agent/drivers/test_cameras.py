"""What a printer's server may name as its camera: nothing that leads anybody elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_agent.drivers.cameras import own_camera

SERVER = "http://192.168.1.20:7125"


@pytest.mark.parametrize(
    "told",
    [
        *(None, 7, [], "", " ", "x" * 501, "http://192.168.1.20/\u202e", "http://192.168.1.20/\n"),
        *("http://192.168.1.21/still", "https://example.com/still", "//example.com/still", r"\\example.com\a"),
        *("file:///etc/passwd", "ftp://192.168.1.20/still", "data:image/png;base64,AAAA", "rtsp://192.168.1.20/1"),
        *("http://a:b@192.168.1.20/still", "http://192.168.1.20@example.com/", "http://192.168.1.20.example.com/"),
        *("http://[::1", "http://192.168.1.20:99999/", "http://0/", "http://169.254.169.254/latest"),
    ],
)  # fmt: skip
def test_what_is_no_camera_of_its_own_is_none(told: object) -> None:
    assert own_camera(told, SERVER) is None


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("/webcam/?action=snapshot", "http://192.168.1.20:7125/webcam/?action=snapshot"),
        ("webcam/still.jpg", "http://192.168.1.20:7125/webcam/still.jpg"),
        ("http://127.0.0.1:8080/?action=snapshot", "http://192.168.1.20:8080/?action=snapshot"),
        ("http://localhost/still", "http://192.168.1.20/still"),
        ("https://192.168.1.20:8443/still#top", "https://192.168.1.20:8443/still"),
    ],
)
def test_an_address_of_its_own_is_made_whole(told: str, found: str) -> None:
    assert own_camera(told, SERVER) == found


def test_a_printer_by_its_sixth_kind_of_address() -> None:
    assert own_camera("http://[::1]:8080/still", "http://[fd00::7]:7125") == "http://[fd00::7]:8080/still"


PARTS = st.sampled_from(
    [
        "http",
        "https",
        "ftp",
        ":",
        "//",
        "/",
        "\\",
        "@",
        "?",
        "#",
        "localhost",
        "192.168.1.20",
        "evil.example",
        "8080",
    ]
)


@given(st.one_of(st.text(), st.lists(PARTS).map("".join)))
def test_whatever_is_told_nobody_is_led_elsewhere(told: str) -> None:
    found = own_camera(told, SERVER)
    assert found is None or urlsplit(found).hostname == "192.168.1.20"
