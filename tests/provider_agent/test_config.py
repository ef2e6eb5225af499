"""agent.toml: every refusal names its key and the fix."""

import pytest

from protocol.units import ZERO_ADDRESS, Wei
from provider_agent.config import PLATE_S, Config, config_load, config_parse
from provider_agent.drivers import needs_of
from provider_agent.errors import ConfigInvalid, HomeMissing
from provider_agent.printers import fleet_of
from tests.provider_agent.samples import config_toml


@pytest.mark.parametrize(
    ("old", "new", "key", "fix"),
    [
        ("url = ", "url = 5 #", "marketplace.url", "http://127.0.0.1:8000"),
        ("chain_id = 31337", 'chain_id = "31337"', "chain.chain_id", "without quotes"),
        ("chain_id = 31337", "", "chain.chain_id", "is missing"),
        ("0x5Fb", "0x5fb", "chain.escrow", "checksum"),
        ('confirmations = "final"', "confirmations = 0", "chain.confirmations", '"final"'),
        (
            "machine_hour_wei =",
            "machine_our_wei =",
            "policy.machine_our_wei",
            "did you mean machine_hour_wei?",
        ),
        ("setup_wei =", "setup_way =", "policy.setup_way", "did you mean setup_wei?"),
        ('gram_wei = "10000000000000"', "gram_wei = 0.1", "policy.gram_wei", "0.001 ETH"),
        ("gram_wei = ", f'gram_wei = "{2**96}" #', "policy.gram_wei", "more than the escrow can hold"),
        ("make_time_s = 259200", "make_time_s = 0", "policy.make_time_s", "from 1 to"),
        ("grace_time_s = 0", "grace_time_s = 259200", "policy.grace_time_s", "shorter than"),
        ('dispute_fee_wei = "0"', 'dispute_fee_wei = "1"', "policy.dispute_fee_wei", "needs an arbiter"),
        ("arbiters = []", 'arbiters = "0x"', "policy.arbiters", "[] for none"),
        ("attempts = 2", "attempts = 2\nload_bps = -10001", "policy.load_bps", "-10000 to 100000"),
        ("attempts = 2", "attempts = 2\ndesigner_bps = 5", "policy.designer_bps", '{ "0x..." = -500 }'),
        ("attempts = 2", "attempts = 2\ndesigner_bps = {me = 5}", "policy.designer_bps", "40 hex digits"),
        (
            "attempts = 2",
            'attempts = 2\nfloor_wei = "2"\nceiling_wei = "1"',
            "policy.ceiling_wei",
            "not be below",
        ),
        ("fallback_bps = 5000", "fallback_bps = 10001", "policy.fallback_bps", "0 to 10000"),
        ("[[printers]]", "[printers]", "printers", "double brackets"),
        ('serial = "p1"', 'serial = "../p1"', "printers[0].serial", "letters, digits"),
        ("bed_um = [220000, 220000, 250000]", "", "printers[0].capability", "bed_um = ["),
        (
            'kind = "PLA"',
            'kind = "Marble"',
            "printers[0].capability.materials",
            "no slicing settings for Marble",
        ),
    ],
)
def test_a_wrong_value_is_refused_by_its_key(old: str, new: str, key: str, fix: str) -> None:
    text = config_toml()
    assert old in text
    with pytest.raises(ConfigInvalid) as refusal:
        config_parse(text.replace(old, new))
    assert refusal.value.key == key
    assert fix in str(refusal.value)


def refused(text: str) -> str:
    with pytest.raises(ConfigInvalid) as refusal:
        config_parse(text, "/home/bo/agent.toml")
    return str(refusal.value)


def line_with(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("chain_id = 31337", 'chain_id = "31337"', 'chain_id = "31337"'),
        ("setup_wei =", "setup_way =", "setup_way ="),
        ('serial = "p1"', 'serial = "../p1"', 'serial = "../p1"'),
        ("nozzle_um = 400", "nozzle_um = -400", "nozzle_um = -400"),
        ('kind = "PLA"', 'kind = "Marble"', "materials = ["),
        ("[policy]", "[policies]", "[policies]"),
        ("attempts = 2", 'attempts = 2\nfloor_wei = "2"\nceiling_wei = "1"', 'ceiling_wei = "1"'),
        ("escrow = ", "escrow = nothing quoted #", "escrow = nothing"),
    ],
)
def test_a_refusal_points_at_its_line_and_shows_it(old: str, new: str, words: str) -> None:
    text = config_toml().replace(old, new, 1)
    told = refused(text)
    line = line_with(text, words)
    assert f"/home/bo/agent.toml:{line}:" in told
    assert f"    {text.splitlines()[line - 1].strip()[:80]}" in told


def test_a_missing_key_points_at_its_table() -> None:
    text = config_toml().replace("chain_id = 31337\n", "")
    told = refused(text)
    assert f"agent.toml:{line_with(text, '[chain]')}: chain.chain_id: is missing" in told


def test_a_missing_table_has_no_line_and_its_keys_are_not_missed_besides() -> None:
    text = config_toml()
    told = refused(text[: text.index("[marketplace]")] + text[text.index("[chain]") :])
    assert told == "/home/bo/agent.toml: marketplace: is missing; `infill-agent init` writes an example"


def test_all_problems_are_told_at_once_in_the_order_of_lines() -> None:
    text = (
        config_toml()
        .replace('serial = "p1"', "serial = 5")
        .replace("attempts = 2", "attempts = 0\ngram_way = 1")
        .replace("[marketplace]", "[market]")
    )
    told = refused(text)
    assert told.startswith("/home/bo/agent.toml has 4 problems:\n")
    keys = [line.split(": ")[1] for line in told.splitlines()[1:] if line.startswith("/home")]
    assert keys == ["market", "policy.attempts", "policy.gram_way", "printers[0].serial"]
    assert "did you mean marketplace?" in told


def test_a_wrong_driver_does_not_make_its_settings_unknown() -> None:
    text = config_toml().replace('driver = "virtual"', 'driver = "bamboo"\nsecret = "s3cret"\ndevice = "01S"')
    assert "problems" not in refused(text)


def test_no_refusal_shows_a_secret() -> None:
    text = config_toml().replace('driver = "virtual"', 'driver = "octoprint"\nsecret = ["s3cret"]')
    told = refused(text)
    assert "printers[0].secret: write a text in quotes\n    secret = ..." in told
    assert "s3cret" not in told


def test_a_file_that_is_no_text_is_refused(tmp_path) -> None:
    (tmp_path / "agent.toml").write_bytes(b"\xff\xfe[chain]")
    with pytest.raises(ConfigInvalid, match="is not text"):
        config_load(tmp_path)


def test_what_is_no_toml_is_refused_by_line() -> None:
    with pytest.raises(ConfigInvalid, match="line 2"):
        config_parse("[chain]\nrpc_url = nothing quoted\n")


def test_two_printers_of_one_serial_are_refused() -> None:
    text = config_toml()
    with pytest.raises(ConfigInvalid, match="'p1' is there twice"):
        config_parse(text + text[text.index("[[printers]]") :])


def test_a_home_without_config_says_how_to_make_it(tmp_path) -> None:
    with pytest.raises(HomeMissing, match=r"infill-agent --home .* setup"):
        config_load(tmp_path)


def test_what_init_writes_is_what_is_read() -> None:
    found: Config = config_parse(config_toml(machine_hour=Wei(3), arbiters=("0x" + "11" * 20,)))
    assert found.policy.machine_hour_wei == 3
    assert found.policy.arbiters == ("0x" + "11" * 20,)
    assert found.chain.confirmations is None
    assert found.printer("p1").auto_clear
    assert (found.policy.attempts, found.policy.plate_s) == (2, PLATE_S)
    assert f"# plate_s = {PLATE_S}" in config_toml()
    assert ZERO_ADDRESS not in found.policy.arbiters


def test_an_unknown_printer_is_named_with_those_there_are() -> None:
    with pytest.raises(ConfigInvalid, match="'p2'; the printers are p1"):
        config_parse(config_toml()).printer("p2")


def test_a_real_printer_is_not_cleared_by_itself() -> None:
    text = config_toml().replace('driver = "virtual"', 'driver = "octoprint"')
    assert not config_parse(text).printer("p1").auto_clear


@pytest.mark.parametrize(
    ("driver", "missing"),
    [("prusalink", "secret"), ("bambu", "secret"), ("bambu", "device"), ("bambu", "certificate")],
)
def test_what_a_driver_cannot_do_without_is_named_with_where_it_is_had(driver: str, missing: str) -> None:
    needs = needs_of(driver)
    given = "".join(f'{key} = "x"\n' for key in needs if key != missing)
    text = config_toml().replace('driver = "virtual"\n', f'driver = "{driver}"\n{given}')
    with pytest.raises(ConfigInvalid) as refusal:
        config_parse(text)
    assert f"{missing}: is missing; write {needs[missing]}" in str(refusal.value)


def test_a_driver_that_there_is_not_is_named_with_those_there_are() -> None:
    with pytest.raises(ConfigInvalid, match=r"no driver 'typewriter'.*bambu.*virtual"):
        config_parse(config_toml().replace('driver = "virtual"', 'driver = "typewriter"'))


def test_settings_of_one_kind_of_driver_are_no_keys_of_another() -> None:
    with pytest.raises(ConfigInvalid, match="certificate: is no key here"):
        config_parse(config_toml().replace('driver = "virtual"\n', 'driver = "virtual"\ncertificate = "x"\n'))


def test_what_a_driver_needs_reaches_it() -> None:
    given = 'driver = "bambu"\nsecret = "12345678"\ndevice = "01S"\ncertificate = "00"\n'
    found = config_parse(config_toml().replace('driver = "virtual"\n', given))
    printer = found.printer("p1")
    assert (printer.secret, printer.settings) == ("12345678", {"device": "01S", "certificate": "00"})
    assert fleet_of(found).find("p1") is not None
