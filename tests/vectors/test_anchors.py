"""The committed anchors are those that Python makes, of what the other vectors sign."""

from __future__ import annotations

import json

from tests.vectors.anchors import ANCHORED, anchors
from tests.vectors.make import ANCHORS, PATH


def test_python_makes_the_committed_anchors():
    assert anchors() == json.loads(ANCHORS.read_text())


def test_every_kind_of_thing_that_is_anchored_has_a_vector_of_its_signed_digest():
    signed = {entry["type"]: entry["digest"] for entry in json.loads(PATH.read_text())["typed"]}
    found = {entry["type"]: entry["leaf"]["record"] for entry in json.loads(ANCHORS.read_text())}
    assert found == {kind.__name__: signed[kind.__name__] for kind in ANCHORED}
