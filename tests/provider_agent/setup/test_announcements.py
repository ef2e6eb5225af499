"""What anybody in the network may announce, and how little of it is believed."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_agent import readers
from provider_agent.setup.announcements import KINDS, NAME_CHARS, Announced, announced_of, plain, serial_of

OCTO = "_octoprint._tcp.local."
HOME = ["192.168.1.20"]


@pytest.mark.parametrize(
    "address",
    [
        *(
            "8.8.8.8",
            "127.0.0.1",
            "0.0.0.0",
            "169.253.0.1",
            "172.32.0.1",
            "100.64.0.1",
            "192.0.2.2",
            "224.0.0.251",
        ),
        *("::1", "2001:db8::1", "::ffff:8.8.8.8", "::ffff:192.168.1.20", "fe80::1%eth0", "octopi.local", ""),
    ],
)
def test_an_address_that_need_not_be_at_home_is_not_asked(address: str) -> None:
    assert announced_of(OCTO, "octopi", [address], 80, {}) is None


@pytest.mark.parametrize("port", [None, 0, -1, 65536])
def test_a_port_that_is_none_is_not_asked(port: int | None) -> None:
    assert announced_of(OCTO, "octopi", HOME, port, {}) is None


def test_a_web_server_is_no_printer_unless_it_says_so() -> None:
    assert announced_of("_http._tcp.local.", "Router", HOME, 80, {}) is None
    assert announced_of("_ssh._tcp.local.", "octopi", HOME, 22, {}) is None
    found = announced_of("_http._tcp.local.", "PrusaLink at mk4", HOME, 80, {"path": "/"})
    assert found == Announced("prusalink", "PrusaLink at mk4", "http://192.168.1.20")


def test_a_prusa_that_poses_as_octoprint_for_old_slicers_is_a_prusa() -> None:
    found = announced_of(OCTO, "PrusaLink at mk3", HOME, 8080, {"path": "/"})
    assert found == Announced("prusalink", "PrusaLink at mk3", "http://192.168.1.20:8080")


@pytest.mark.parametrize(
    "path", ["/../admin", "/a?b=c", "//evil.example", "/a b", "@evil.example", "/a#", "/" + "a" * 99]
)
def test_a_path_that_leads_elsewhere_is_left_out(path: str) -> None:
    found = announced_of(OCTO, "octopi", HOME, 80, {"path": path})
    assert found is not None
    assert found.url == "http://192.168.1.20"


def test_addresses_paths_and_ports_make_the_url() -> None:
    lan = ["2001:db8::1", "fd00::7", "10.0.0.3"]
    assert announced_of(OCTO, "a", lan, 5000, {"path": "/octoprint/"}) == Announced(
        "octoprint", "a", "http://[fd00::7]:5000/octoprint"
    )
    moon = announced_of("_moonraker._tcp.local.", "Moonraker @ voron", HOME, 7125, {"route_prefix": "/one"})
    assert moon == Announced("moonraker", "Moonraker @ voron", "http://192.168.1.20:7125/one")


def test_a_name_cannot_paint_the_terminal() -> None:
    assert plain("\x1b[31mEvil\x1b[0m\r\n\u202eprinter\x00") == "[31mEvil [0m printer"
    assert announced_of(OCTO, "\x1b\n", HOME, 80, {}) == Announced(
        "octoprint", "octoprint", "http://192.168.1.20"
    )


@given(
    st.sampled_from([*KINDS, "_x._tcp.local."]),
    st.text(),
    st.lists(st.ip_addresses().map(str) | st.text()),
    st.none() | st.integers(),
    st.dictionaries(st.sampled_from(["path", "route_prefix", "u"]), st.text()),
)
def test_whatever_is_announced_is_harmless(kind, instance, addresses, port, told) -> None:
    found = announced_of(kind, instance, addresses, port, told)
    if found is None:
        return
    parts = urlsplit(found.url)
    assert found.name == plain(found.name)
    assert 0 < len(found.name) <= NAME_CHARS
    assert found.name.isprintable()
    assert parts.hostname in {address.lower() for address in addresses}
    assert (parts.scheme, parts.query, parts.fragment, parts.username) == ("http", "", "", None)
    assert readers.url(found.url) == found.url


@given(st.text(), st.lists(st.sampled_from(["printer", "a", "printer-2", "printer-3"]), unique=True))
def test_every_name_becomes_one_that_agent_toml_takes(text: str, taken: list[str]) -> None:
    found = serial_of(text, taken)
    assert readers.serial(found) == found
    assert found not in taken
