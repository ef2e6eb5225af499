"""`infill-agent setup`: what it refuses, what it keeps, and the way from nothing to listed."""

from __future__ import annotations

import stat

import pytest

from provider_agent.config import Delivery, config_load
from provider_agent.drivers.base import Definition, Identity
from provider_agent.keystore import keystore_address, keystore_unlock
from provider_agent.lock import home_lock
from provider_agent.setup import choosing
from provider_agent.setup.announcements import Announced
from provider_agent.setup.printers import Seen
from tests.processes import free_port
from tests.provider_agent.setup.conftest import PASSWORD, Newcomer

EVE = "0x" + "11" * 20


@pytest.mark.parametrize("missing", ["--marketplace", "--rpc-url", "--printer", "password"])
def test_a_script_is_told_which_answer_is_missing(
    newcomer: Newcomer, hears, monkeypatch, missing: str
) -> None:
    hears()
    given = newcomer.options()
    if missing == "password":
        monkeypatch.delenv("INFILL_AGENT_PASSWORD_FILE")
    else:
        place = given.index(missing)
        given = given[:place] + given[place + 2 :]
    result = newcomer.setup(*given)
    assert result.exit_code == 1
    told = {"password": "INFILL_AGENT_PASSWORD_FILE", "--rpc-url": "127.0.0.1:8545"}.get(missing, missing)
    assert told in result.stderr
    assert not newcomer.files()
    assert not newcomer.bench.market.printers


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--marketplace", "http://127.0.0.1:1"), "does not answer"),
        (("--rpc-url", "http://127.0.0.1:1"), "127.0.0.1:1"),
        (("--key-file", __file__), "64 hex digits"),
        (("--material", "Marble"), "write each of PLA"),
        (("--gram", "cheap"), "write ether like 0.002"),
    ],
)
def test_a_wrong_option_ends_it_before_anything_is_written(
    newcomer: Newcomer, options: tuple[str, ...], problem: str
) -> None:
    result = newcomer.setup(*newcomer.options(), *options)
    assert result.exit_code != 0
    assert problem in result.stderr
    assert "Traceback" not in result.output
    assert not newcomer.files()


@pytest.mark.parametrize("answer", [{}, {"chain_id": "x"}, [], {"chain_id": 1, "escrow": "0x1"}])
def test_what_is_no_marketplace_is_said(newcomer: Newcomer, answer: object) -> None:
    newcomer.bench.market.refusals["/network"] = (200, answer)  # type: ignore[assignment]
    result = newcomer.setup(*newcomer.options())
    assert result.exit_code == 1
    assert "says nothing readable" in result.stderr
    assert not newcomer.files()


def test_a_marketplace_with_another_contract_than_the_node_has_is_refused(
    newcomer: Newcomer, monkeypatch
) -> None:
    monkeypatch.setattr(newcomer.bench.market, "escrow", "0x" + "22" * 20)
    result = newcomer.setup(*newcomer.options())
    assert result.exit_code == 1
    assert "there is no contract at" in result.stderr
    assert not newcomer.files()


def test_a_printer_that_does_not_answer_is_left_out_and_alone_ends_it(newcomer: Newcomer) -> None:
    result = newcomer.setup(*newcomer.options()[:4], "--printer", f"virtual,http://127.0.0.1:{free_port()}")
    assert result.exit_code == 1
    assert "left out: nothing answers at" in result.stdout
    assert "there is no printer to list" in result.stderr
    assert not newcomer.files()


def test_a_printer_that_is_of_another_kind_is_left_out(newcomer: Newcomer) -> None:
    printer = f"moonraker,{newcomer.bench.printer_url}"
    result = newcomer.setup(*newcomer.options()[:4], "--printer", printer)
    assert "left out: " in result.stdout
    assert "is this Moonraker?" in result.stdout


def test_stopped_in_the_middle_it_leaves_nothing(newcomer: Newcomer, hears) -> None:
    hears()
    result = newcomer.setup(typed=(newcomer.bench.market.url, newcomer.bench.anvil.url))
    assert result.exit_code == 1
    assert "stopped; nothing was written" in result.stderr
    assert not newcomer.files()


def test_a_contract_of_another_build_is_told(newcomer: Newcomer, monkeypatch) -> None:
    monkeypatch.setattr("provider_agent.chain.is_build", lambda *_: False)
    assert "ITS CODE IS NOT the one" in newcomer.setup(*newcomer.options()).stdout


def test_a_running_agents_home_is_not_touched(newcomer: Newcomer) -> None:
    assert newcomer.setup(*newcomer.options()).exit_code == 0
    with home_lock(newcomer.home):
        result = newcomer.setup()
    assert result.exit_code == 1
    assert "stop it first" in result.stderr


def test_a_home_made_by_hand_is_kept_and_listed(newcomer: Newcomer) -> None:
    assert newcomer.setup(*newcomer.options()).exit_code == 0
    mine = (newcomer.home / "agent.toml").read_text().replace("# load_bps = 0", "load_bps = 77 # mine")
    (newcomer.home / "agent.toml").write_text(mine)
    key = (newcomer.home / "keystore.json").read_bytes()
    again = newcomer.setup("--gram", "0.5", "--key-file", str(newcomer.bench.home.parent / "key"))
    assert again.exit_code == 0, again.output
    assert "kept as it is" in again.stdout
    assert "Options say other things only to a new home" in again.stdout
    assert "is not imported" in again.stdout
    assert (newcomer.home / "agent.toml").read_text() == mine
    assert (newcomer.home / "keystore.json").read_bytes() == key


def test_a_home_made_by_hand_that_is_wrong_is_told_by_line(newcomer: Newcomer) -> None:
    newcomer.home.mkdir()
    (newcomer.home / "agent.toml").write_text("[chain]\nchain_id = 'one'\n")
    result = newcomer.setup()
    assert result.exit_code == 1
    assert f"{newcomer.home}/agent.toml:2: chain.chain_id: write a whole number" in result.stderr
    assert "chain_id = 'one'" in result.stderr
    assert newcomer.files() == {"agent.toml"}


def test_refused_at_the_end_it_goes_on_from_there(newcomer: Newcomer, caplog) -> None:
    newcomer.bench.market.refusals["/printers"] = (403, {"code": "no-room", "detail": "no more printers"})
    refused = newcomer.setup(*newcomer.options())
    assert refused.exit_code == 1
    assert "no more printers" in caplog.text
    assert "run this again" in refused.stdout
    written = {name: (newcomer.home / name).read_bytes() for name in ("agent.toml", "keystore.json")}
    newcomer.bench.market.refusals.clear()
    assert newcomer.setup().exit_code == 0
    assert len(newcomer.bench.market.printers) == 1
    assert written == {name: (newcomer.home / name).read_bytes() for name in written}


def test_a_key_without_config_is_kept(newcomer: Newcomer) -> None:
    assert newcomer.setup(*newcomer.options()).exit_code == 0
    (newcomer.home / "agent.toml").unlink()
    address = keystore_address(newcomer.home)
    result = newcomer.setup(*newcomer.options())
    assert result.exit_code == 0, result.output
    assert f"Found the key of {address}: kept." in result.stdout
    assert keystore_address(newcomer.home) == address


def test_nobody_else_can_read_what_it_writes(newcomer: Newcomer) -> None:
    assert newcomer.setup(*newcomer.options()).exit_code == 0
    for path in (newcomer.home, newcomer.home / "agent.toml", newcomer.home / "keystore.json"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_from_nothing_to_listed_by_options_alone(newcomer: Newcomer, bo) -> None:
    newcomer.bench.market.arbiters = [EVE]
    extra = ",name=left,material=PETG:clear,nozzle=0.6"
    result = newcomer.setup(
        *newcomer.options()[:4],
        *newcomer.printer(extra),
        *("--machine-hour", "0.002", "--bond", "0.01", "--key-file", str(newcomer.bench.home.parent / "key")),
    )
    assert result.exit_code == 0, result.output
    config = config_load(newcomer.home)
    able = config.printer("left").capability
    assert (able.bed_um, able.nozzle_um, able.min_layer_um, able.max_layer_um) == (
        (220_000, 220_000, 250_000),
        600,
        150,
        450,
    )
    assert [(one.kind, one.colours) for one in able.materials] == [("PETG", ("clear",))]
    assert (config.policy.machine_hour_wei, config.policy.bond_wei) == (2 * 10**15, 10**16)
    assert config.policy.arbiters == (EVE,)
    assert keystore_unlock(newcomer.home, PASSWORD).address == bo.address
    assert newcomer.bench.market.printers[0]["profile"]["provider"] == bo.address
    assert "The bond of 0.01 ETH is not covered" in " ".join(result.stdout.split())
    assert f"prepay with `infill-agent --home {newcomer.home} deposit`" in result.stdout


def test_without_an_arbiter_bids_name_none(newcomer: Newcomer) -> None:
    newcomer.bench.market.arbiters = [EVE]
    assert newcomer.setup(*newcomer.options(), "--no-arbiter").exit_code == 0
    assert config_load(newcomer.home).policy.arbiters == ()


def test_from_nothing_to_listed_by_enter(newcomer: Newcomer, hears) -> None:
    """What is announced and does not answer is left out; what is typed by hand is asked what it is."""
    hears(Announced("octoprint", "Workshop", f"http://127.0.0.1:{free_port()}"))
    newcomer.bench.market.arbiters = [EVE]
    market, node = newcomer.bench.market.url, newcomer.bench.anvil.url
    wrong = ("nothing", market, "http://127.0.0.1:1", node, "yes")
    printers = ("all", "octoprint", f"virtual {newcomer.bench.printer_url}", "", "", "")
    result = newcomer.setup(typed=(*wrong, *printers, "", "0.00002", "", "", ""))
    assert result.exit_code == 0, result.output
    told = result.stdout
    assert "1  octoprint  Workshop" in told
    assert "left out: nothing answers" in told
    assert "bed 220 x 220 x 250 mm, nozzle 0.4 mm" in told
    assert "Its code is the very one that this agent comes with." in told
    assert "Listed: virtual-printer." in told
    assert config_load(newcomer.home).policy.gram_wei == 2 * 10**13
    assert "small bracket" in told
    assert "The part needs 240 x 230 x 200 mm" in told
    assert len(newcomer.bench.market.printers) == 1


def test_what_a_virtual_printer_makes_counts_as_delivered_once_printed(newcomer: Newcomer) -> None:
    result = newcomer.setup(*newcomer.options())
    assert result.exit_code == 0, result.output
    config = config_load(newcomer.home)
    assert (config.policy.deliver, config.printers[0].camera) == (Delivery.PRINTED, None)
    assert "infill-agent shipped" not in result.stdout


def test_what_a_real_one_makes_once_shipped_and_its_camera_is_written_down(
    newcomer: Newcomer, monkeypatch
) -> None:
    async def look(*_: object) -> Seen:
        return Seen(Identity("Klipper", "Voron", "v", "1", "Moonraker"), Definition((1, 1, 1), 400))

    monkeypatch.setattr(choosing, "printer_look", look)
    camera = "http://192.0.2.1:8080/?action=snapshot"
    real = f"moonraker,http://127.0.0.1:{free_port()},bed=250x250x250,camera={camera}"
    result = newcomer.setup(*newcomer.options(), "--printer", real)
    assert result.exit_code == 0, result.output
    config = config_load(newcomer.home)
    assert config.policy.deliver is Delivery.SHIPPED
    assert [one.camera for one in config.printers] == [None, camera]
    assert "infill-agent shipped" in result.stdout
