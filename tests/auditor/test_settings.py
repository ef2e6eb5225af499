"""How parts were sliced, of what they were printed, and to which key they came: against what was agreed."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.bech32 import ALPHABET, is_recipient
from auditor.findings import Finding
from protocol.canonical import json_digest
from protocol.evidence import Kind
from protocol.jobspec import job_digest
from protocol.units import hex_of
from tests.auditor.conftest import told_of
from tests.factories.bundle import GCODE, JOB_SALT, RECIPIENT, Scene

OTHER_MODEL = "0x" + "08" * 32


def findings(scene: Scene, **changes) -> tuple[Finding, ...]:
    """Once a print with these changes to its records is delivered."""
    scene.award()
    scene.print(**changes)
    scene.deliver()
    return told_of(scene).audit().findings


def codes(scene: Scene, **changes) -> set[str]:
    return {finding.code for finding in findings(scene, **changes)}


@pytest.mark.parametrize(
    ("name", "agreed", "said"),
    [("layer_um", 200, 300), ("infill_percent", 20, 5), ("material", "PLA", "PETG")],
)
def test_other_settings_than_agreed_are_named_with_numbers(scene, name, agreed, said):
    """In what is said, and in the settings that the named digest is of."""
    found = findings(scene, sliced=scene.settings(**{name: said}))
    assert {each.code for each in found} == {"sliced-settings"}
    assert {(each.expected, each.found) for each in found} == {(str(agreed), str(said))}
    assert [each.place.split(" record ")[1] for each in found] == [f"2 {name}", f"2 settings {name}"]


def test_settings_that_are_told_otherwise_than_they_were_are_named(scene):
    lie = scene.settings() | {"settings": scene.settings(layer_um=300)["settings"]}
    assert codes(scene, sliced=lie) == {"sliced-profile", "sliced-settings"}


def test_settings_right_in_words_but_not_in_layers_are_named(scene):
    found = findings(scene, sliced={"layers": 170})
    assert [(each.code, each.found) for each in found] == [("sliced-layers", "170")]
    assert found[0].expected.endswith(" to 169")


@pytest.mark.parametrize("layers", [1, 3])
def test_fewer_layers_than_its_volume_has_room_for_are_named(scene, layers):
    assert codes(scene, sliced={"layers": layers}) == {"sliced-layers"}


def test_fewer_layers_than_any_side_asks_for_are_noted_not_held_against_who_laid_a_slanted_part_flat(scene):
    scene.award()
    scene.print(sliced={"layers": 33})
    scene.deliver()
    audit = told_of(scene).audit()
    assert audit.findings == ()
    assert any("33 layers are this part only if" in note for note in audit.notes)


@pytest.mark.parametrize("layers", [44, 50, 52, 100, 150])
def test_a_part_laid_on_another_side_has_other_layers(scene, layers):
    assert codes(scene, sliced={"layers": layers}) == set()


def test_a_part_that_the_spec_has_not_is_named(scene):
    assert codes(scene, sliced={"part": "another"}) == {"sliced-part"}


def test_another_filament_than_agreed_is_named(scene):
    found = findings(scene, print_started={"filament": "PLA white"})
    assert {(each.code, each.expected, each.found) for each in found} == {
        ("printed-filament", "PLA black", "PLA white")
    }


def test_records_that_say_less_as_the_first_did_are_still_good(scene):
    scene.award()
    model, gcode = hex_of(scene.spec.parts[0].model), hex_of(GCODE)
    scene.record(scene.bo, Kind.MODEL_RECEIVED, {"model": model})
    scene.record(scene.bo, Kind.SLICED, {"model": model, "gcode": gcode})
    for copy in range(scene.units):
        attempt = {"attempt": f"a{copy}", "printer": scene.profile.serial, "model": model, "gcode": gcode}
        scene.record(scene.bo, Kind.PRINT_STARTED, attempt)
        scene.record(scene.bo, Kind.PRINT_FINISHED, attempt)
    scene.deliver()
    audit = told_of(scene).audit()
    assert audit.findings == ()
    assert any("1 of 1 records of received models do not carry the statement" in note for note in audit.notes)


def two_parts(scene: Scene) -> None:
    """The same design twice: fine and black, coarse and white."""
    one = scene.spec.parts[0]
    other = replace(one, name="coarse", colour="white", layer_um=300, infill_percent=50, copies=2)
    scene.spec = replace(scene.spec, parts=(one, other))
    scene.terms(job_digest=job_digest(scene.spec, JOB_SALT))


def of_part(scene: Scene, part: int, copy: int = 0) -> dict[str, str]:
    wanted = scene.spec.parts[part]
    return {
        "attempt": f"{part}-{copy}", "printer": scene.profile.serial, "model": hex_of(wanted.model),
        "part": wanted.name, "filament": wanted.filament, "gcode": hex_of(bytes([part + 1]) * 32),
    }  # fmt: skip


def print_parts(scene: Scene, *printed: int) -> None:
    """Both sliced, then each of these printed once."""
    scene.award()
    model = {"model": hex_of(scene.spec.parts[0].model)}
    scene.record(scene.bo, Kind.MODEL_RECEIVED, model | scene.delivery(RECIPIENT))
    for part in range(2):
        sliced = {"gcode": of_part(scene, part)["gcode"], **model, **scene.settings(part)}
        scene.record(scene.bo, Kind.SLICED, sliced)
    for copy, part in enumerate(printed):
        scene.record(scene.bo, Kind.PRINT_STARTED, of_part(scene, part, copy))
        scene.record(scene.bo, Kind.PRINT_FINISHED, of_part(scene, part, copy))
    scene.deliver()


def test_one_design_in_two_settings_is_judged_part_by_part(scene):
    two_parts(scene)
    print_parts(scene, 0, 0, 1, 1, 1, 1)
    assert told_of(scene).codes() == set()


def test_more_of_one_part_does_not_make_up_for_the_other(scene):
    two_parts(scene)
    print_parts(scene, 0, 0, 0, 0, 1, 1)
    found = told_of(scene).audit().findings
    assert [(each.code, each.expected, each.found) for each in found] == [("prints-lacking", "4", "2")]
    assert "part coarse" in found[0].message


def test_a_key_that_the_bids_key_did_not_name_is_named(scene, charlie):
    found = findings(scene, model_received=scene.delivery(RECIPIENT, charlie))
    assert [(each.code, each.expected, each.found) for each in found] == [
        ("delivery-unnamed", scene.bo.address, charlie.address)
    ]


def test_a_key_named_for_another_agreement_or_not_this_one_is_named(scene):
    statement = scene.delivery(RECIPIENT)["statement"]
    scene.terms(salt=scene.bid.salt + 1)
    assert codes(scene, model_received={"statement": statement}) == {"delivery-unnamed"}


@pytest.mark.parametrize("statement", ["0x", "nonsense", None, "0x" + "11" * 65])
def test_a_statement_that_is_none_is_named(scene, statement):
    assert codes(scene, model_received={"statement": statement}) == {"delivery-unnamed"}


@pytest.mark.parametrize(
    "recipient", ["ssh-ed25519 AAAA", RECIPIENT.upper(), RECIPIENT[:-1] + "q", RECIPIENT[:-1], None]
)
def test_no_age_key_is_named(scene, recipient):
    statement = scene.delivery(str(recipient))["statement"]
    assert codes(scene, model_received={"recipient": recipient, "statement": statement}) == {
        "delivery-recipient"
    }


@pytest.mark.parametrize("sealed", ["0x12", "", None, 7])
def test_no_digest_of_the_ciphertext_is_named(scene, sealed):
    assert codes(scene, model_received={"sealed": sealed}) == {"delivery-sealed"}


def test_one_ciphertext_for_two_models_is_named(scene):
    scene.award()
    scene.print()
    scene.record(scene.bo, Kind.MODEL_RECEIVED, {"model": OTHER_MODEL, **scene.delivery(RECIPIENT)})
    scene.deliver()
    assert told_of(scene).codes() == {"delivery-sealed", "model-other"}


@given(st.integers(0, len(RECIPIENT) - 1), st.sampled_from(ALPHABET))
def test_an_age_key_with_one_letter_changed_is_none(place, letter):
    changed = RECIPIENT[:place] + letter + RECIPIENT[place + 1 :]
    assert is_recipient(changed) is (changed == RECIPIENT)


def test_the_settings_of_a_record_are_those_whose_digest_it_names(scene):
    said = scene.settings()
    assert said["profile"] == hex_of(json_digest(json.loads(json.dumps(said["settings"]))))
