"""Every hostile file through the real child, with the limits of a site: a typed refusal or the right answer."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.designs.measuring import configured_limits, ending_of
from marketplace.designs.mesh.warm import Job
from marketplace.designs.warmed import MEASURE
from tests.designs.test_hostile_files import GOOD
from tests.designs.zoo import SPARSE_BYTES, ZOO
from tests.factories.containers import step_box
from tests.factories.models import BAD_FILES

MEMORY, SECONDS = 3_000_000_000, 60
NATIVE, CRASHES = {"step", "3mf"}, {-signal.SIGSEGV, -signal.SIGABRT}
MUTANTS = {**GOOD, "step": step_box(10, 20, 30)}


def ending(model, folder):
    """How the child ended, under the limits that settings give it."""
    limits = configured_limits()
    assert (limits.memory_bytes, limits.cpu_seconds) == (MEMORY, SECONDS)
    job = Job(MEASURE, str(model), str(folder / "p.png"), "", **vars(limits))
    return ending_of(job, lambda: None)


@pytest.mark.parametrize("name", ZOO)
def test_it_is_refused_by_name_or_read_right_and_takes_no_more_than_it_may(name, tmp_path, record_property):
    kind = ZOO[name]
    model = tmp_path / "model"
    kind.write(model)
    ended = ending(model, tmp_path)
    record_property("peak bytes", ended.peak_bytes)
    record_property("seconds", ended.seconds)
    # The child's own limit on processor time ends it with another status.
    assert ended.status == 0, ended.words
    assert ended.peak_bytes < MEMORY
    answer = json.loads(ended.answer)
    if kind.codes:
        assert answer["refused"]["code"] in kind.codes, answer
        assert answer["refused"]["message"].endswith(".")
        assert answer["refused"]["message"].isprintable()
    else:
        assert answer["measurement"]["volume_mm3"] == pytest.approx(kind.volume_mm3, rel=1e-4)


@pytest.mark.parametrize("kind", MUTANTS)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0.3, 1), flips=st.integers(0, 6), seed=st.integers(0, 2**32))
def test_a_whole_file_damaged_anywhere_is_measured_or_refused_by_the_child(kind, cut, flips, seed, tmp_path):
    data = bytearray(MUTANTS[kind][: int(cut * len(MUTANTS[kind]))] if seed % 3 == 0 else MUTANTS[kind])
    noise = np.random.default_rng(seed)
    for place in noise.integers(0, len(data), flips):
        data[place] ^= 1 << int(noise.integers(8))
    model = tmp_path / "model"
    model.write_bytes(bytes(data))
    ended = ending(model, tmp_path)
    assert ended.peak_bytes < MEMORY
    # OpenCASCADE ends by a signal at some damaged bytes; tests/designs/test_child.py says what becomes of that.
    if kind in NATIVE and ended.status in CRASHES:
        return
    assert ended.status == 0, ended.words
    assert {"refused", "measurement"} & json.loads(ended.answer).keys()


def test_the_zoo_is_written_to_a_folder_for_others(tmp_path):
    command = [sys.executable, "-m", "tests.designs.zoo", str(tmp_path / "zoo")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    listed = json.loads((tmp_path / "zoo" / "list.json").read_text())
    assert {each["what"] for each in listed.values()} == set(ZOO)
    assert str(len(ZOO)) in done.stdout
    files = {path.name: path.stat() for path in (tmp_path / "zoo").iterdir()}
    assert listed.keys() | {"list.json"} == files.keys()
    # The large ones are sparse.
    assert sum(each.st_size == SPARSE_BYTES for each in files.values()) > 3
    assert sum(each.st_blocks * 512 for each in files.values()) < 100_000_000


def test_the_zoo_has_all_there_are():
    assert set(BAD_FILES) <= set(ZOO)
    assert len(ZOO) > 120
