"""The child process that reads models is bounded; however it dies, that is a typed refusal."""

import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from marketplace.designs import warmed
from marketplace.designs.measuring import ChildLimits, ending_of, measure_in_child
from marketplace.designs.mesh.measurement import ModelRefused
from marketplace.designs.mesh.warm import Ending, Job
from tests.factories.models import BRACKET, sphere, stl
from tests.processes import eventually

ROOMY = ChildLimits(memory_bytes=3_000_000_000, cpu_seconds=60, wall_seconds=120)


@pytest.fixture(scope="module")
def heavy(tmp_path_factory) -> Path:
    """About a million facets: 50 MB."""
    file = tmp_path_factory.mktemp("heavy") / "sphere.stl"
    file.write_bytes(stl(sphere(40, rings=500)))
    return file


def refusal(model: Path, picture: Path, limits: ChildLimits) -> str:
    with pytest.raises(ModelRefused) as refused:
        measure_in_child(model, picture, limits, lambda: None)
    return refused.value.reason.code


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not bound address space")
def test_a_model_that_needs_too_much_memory_is_refused(heavy, tmp_path):
    tight = ChildLimits(memory_bytes=600_000_000, cpu_seconds=60, wall_seconds=120)
    assert refusal(heavy, tmp_path / "p.png", tight) == "too-complex"


def test_a_model_that_takes_too_much_time_is_refused(heavy, tmp_path):
    hasty = ChildLimits(memory_bytes=3_000_000_000, cpu_seconds=1, wall_seconds=120)
    assert refusal(heavy, tmp_path / "p.png", hasty) == "too-slow"


def test_the_wall_clock_ends_a_child_that_does_not_even_compute(heavy, tmp_path):
    hasty = ChildLimits(memory_bytes=3_000_000_000, cpu_seconds=60, wall_seconds=1)
    assert refusal(heavy, tmp_path / "p.png", hasty) == "too-slow"


def test_more_facets_than_the_limit_are_refused(tmp_path):
    file = tmp_path / "fine.stl"
    facets = sphere(40, rings=30)
    file.write_bytes(stl(facets.repeat(1_500_000 // len(facets) + 1, axis=0)))
    assert refusal(file, tmp_path / "p.png", ROOMY) == "too-many-triangles"


@pytest.fixture
def work(monkeypatch):
    """Have children do some of the work in tests/designs/children.py."""

    def put(name: str) -> None:
        warmed.end_all()
        monkeypatch.setitem(warmed.WORKS, warmed.MEASURE, f"tests.designs.children:{name}")

    yield put
    warmed.end_all()


def ending(model: Path, folder: Path, limits: ChildLimits = ROOMY) -> Ending:
    job = Job(warmed.MEASURE, str(model), str(folder / "p.png"), "", **vars(limits))
    return ending_of(job, lambda: None)


@pytest.mark.parametrize(
    "name",
    ["crashes", "gives_up", "says_nothing", "says_a_list", "says_half", "raises", "says_what_is_no_json"],
)
def test_a_child_that_breaks_is_a_refusal(name, tmp_path, work):
    work(name)
    assert refusal(BRACKET, tmp_path / "p.png", ROOMY) == "measuring-failed"


def test_a_killed_child_is_a_refusal(tmp_path, work):
    work("kills_itself")
    assert refusal(BRACKET, tmp_path / "p.png", ROOMY) == "too-complex"


def test_a_child_that_ignores_its_own_limits_is_killed(tmp_path, work, monkeypatch):
    work("is_deaf")
    monkeypatch.setattr(warmed, "BEAT_SECONDS", 0.1)
    beats: list[int] = []
    with pytest.raises(ModelRefused) as refused:
        measure_in_child(BRACKET, tmp_path / "p.png", replace(ROOMY, wall_seconds=1), lambda: beats.append(1))
    assert refused.value.reason.code == "too-slow"
    assert len(beats) > 3


def test_a_link_that_a_child_leaves_is_not_followed(tmp_path, work):
    (tmp_path / "p.png").symlink_to("/etc/passwd")
    work("says_a_measurement")
    assert refusal(BRACKET, tmp_path / "p.png", ROOMY) == "measuring-failed"


def test_the_child_knows_no_secrets(tmp_path, work, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "do not tell")
    work("tells_its_environment")
    told = json.loads(ending(BRACKET, tmp_path).answer)
    assert told["environment"] == []
    assert told["cwd"] == str(tmp_path)
    assert not {"SECRET_KEY", "DATABASE_URL"} & set(told["inherited"])


def test_the_child_has_no_descriptors_but_its_own(tmp_path, work):
    work("tells_its_descriptors")
    assert json.loads(ending(BRACKET, tmp_path).answer) == [0, 1, 2, 3]


def confined(layer: str, told: Ending) -> None:
    if layer in told.missing:
        pytest.skip(f"this kernel refuses {layer}")


def test_what_this_kernel_allows_is_told(tmp_path, work, record_property):
    work("does_nothing")
    missing = set(ending(BRACKET, tmp_path).missing)
    record_property("not confined by", sorted(missing))
    assert missing <= {"namespaces", "landlock", "seccomp"}


@pytest.mark.parametrize("layer", ["namespaces", "landlock", "seccomp"])
def test_each_layer_alone_keeps_it_from_a_listening_socket(layer, tmp_path, work):
    """The listener hears of nobody, whichever of the layers holds."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        (tmp_path / "port").write_text(str(listener.getsockname()[1]))
        work(f"connects_under_{layer}")
        told = ending(tmp_path / "port", tmp_path)
        confined(layer, told)
        assert json.loads(told.answer) == "refused"
        with pytest.raises(TimeoutError):
            listener.accept()


def test_it_reads_no_file_but_the_model_and_writes_nowhere_but_beside_the_picture(tmp_path, work):
    folder, outside = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    outside.mkdir()
    (outside / "secret").write_text("secret")
    work("touches_files")
    told = ending(outside / "secret", folder)
    confined("landlock", told)
    done = json.loads(told.answer)
    assert done == {"model": "secret", "inside": "made", "neighbour": "refused", "site": "refused",
                    "passwd": "refused", "up": "refused", "link": "refused"}  # fmt: skip
    assert [each.name for each in outside.iterdir()] == ["secret"]


def test_it_starts_no_process_and_signals_no_other(tmp_path, work):
    work("bothers_others")
    told = ending(BRACKET, tmp_path)
    confined("seccomp", told)
    assert json.loads(told.answer) == {
        "fork": "refused",
        "exec": "refused",
        "kill": "refused",
        "thread": "done",
    }


def test_where_it_can_start_others_they_are_killed_with_it(tmp_path, work):
    """A kernel without seccomp: the offspring is of its group."""
    work("has_offspring")
    child, offspring = json.loads(ending(BRACKET, tmp_path).answer)
    eventually(lambda: not any(map(psutil.pid_exists, (child, offspring))))


def test_it_is_killed_when_the_warm_process_dies_and_another_takes_the_model(tmp_path, work, monkeypatch):
    work("waits_the_first_time")
    monkeypatch.setattr(warmed, "BEAT_SECONDS", 0.1)
    killed: list[int] = []

    def kill_once() -> None:
        mark = tmp_path / "pids"
        if not killed and mark.exists() and len(pids := mark.read_text().split()) == 2:
            killed.extend(map(int, pids))
            os.kill(killed[0], signal.SIGKILL)

    job = Job(warmed.MEASURE, str(BRACKET), str(tmp_path / "p.png"), "", 3_000_000_000, 60, 120)
    assert json.loads(ending_of(job, kill_once).answer) == "done"
    eventually(lambda: not psutil.pid_exists(killed[1]))


def test_one_warm_process_serves_many_models_and_threads_have_their_own(tmp_path, work):
    work("tells_its_parent")

    def parent(_: int) -> int:
        return json.loads(ending(BRACKET, tmp_path).answer)

    assert parent(0) == parent(1)
    with ThreadPoolExecutor(3) as threads:
        assert 1 < len(set(threads.map(parent, range(12)))) <= 3
    assert len(warmed._idle) <= 3


def test_it_ends_with_the_process_that_holds_it_even_if_that_is_killed(tmp_path):
    program = (
        "import os, signal, sys, django; django.setup();"
        "from marketplace.designs import warmed;"
        "held = warmed.WarmProcess(); print(held._program.pid, flush=True);"
        "os.fork() or __import__('time').sleep(3);"  # a fork of the holder does not keep it alive
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    holder = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    pid = int(holder.stdout.readline())
    holder.kill()
    holder.wait()
    eventually(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def test_a_million_facets_stay_within_the_limits(heavy, tmp_path):
    measurement = measure_in_child(heavy, tmp_path / "p.png", ROOMY, lambda: None)
    assert measurement.volume_mm3 == pytest.approx(268_082, rel=0.001)
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


def test_the_web_process_never_imports_what_reads_models():
    readers = {"trimesh", "lib3mf", "cascadio", "manifold3d", "fast_simplification"}
    program = (
        "import sys, django; django.setup();"
        "import marketplace.config.asgi, marketplace.config.urls, marketplace.designs.tasks, marketplace.jobs.tasks;"
        "from marketplace.designs.mesh import formats;"
        "print(*(name for name in sys.modules if '.' not in name or name.startswith('marketplace.designs')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "marketplace.designs.api" in loaded
    assert not loaded & readers
    assert not {name for name in loaded if name.startswith("marketplace.designs.mesh.formats.")} - {
        "marketplace.designs.mesh.formats.units"
    }
