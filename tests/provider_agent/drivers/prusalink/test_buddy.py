"""What Buddy firmware (MK4 and later) does otherwise than PrusaLink on a Raspberry Pi.

No such firmware runs here: this is a stand-in at the boundary of HTTP, after the published API. It keeps FINISHED and
STOPPED until somebody dismisses them on the screen, answers 409 to a start until then, stores on "usb", knows files by
short names beside long ones, and has no /api/job.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from protocol.statuses import PrinterStatus
from provider_agent.camera import still_take
from provider_agent.drivers import access_of, common, driver_for
from provider_agent.drivers.base import Accepted, AttemptFate, Definition, Driver, Refused, Started, Unknown
from provider_agent.drivers.prusalink import driver as module
from provider_agent.drivers.prusalink.answers import UNSEEN
from provider_agent.errors import CameraFailed

STILL = b"\xff\xd8\xff\xe0 still"


class Buddy:
    """One printer. `screen` is what it shows until somebody dismisses it."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.folders: set[str] = set()
        self.state, self.job, self.number, self.refuse = "IDLE", "", 40, 0
        self.deaf_to_cancels = self.cancels = self.starts = 0
        self.camera: bool | None = None
        self.while_deaf, self.forgets = "PRINTING", False

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/api/version", self._version)
        app.router.add_get("/api/v1/info", self._info)
        app.router.add_get("/api/v1/storage", self._storage)
        app.router.add_get("/api/v1/status", self._status)
        app.router.add_get("/api/v1/job", self._job)
        app.router.add_get("/api/v1/cameras", self._cameras)
        app.router.add_get("/api/v1/cameras/snap", self._snap)
        app.router.add_route("*", "/api/v1/files/usb/{path:.+}", self._file)
        app.router.add_get("/usb/{path:.+}", self._raw)
        app.router.add_route("*", "/api/v1/job/{id}{tail:.*}", self._command)
        return app

    async def _version(self, _: web.Request) -> web.Response:
        return web.json_response({"api": "2.0.0", "server": "2.1.2", "text": "PrusaLink", "hostname": "mk4"})

    async def _info(self, _: web.Request) -> web.Response:
        return web.json_response({"serial": "10589-3742441632", "nozzle_diameter": 0.4})

    async def _storage(self, _: web.Request) -> web.Response:
        usb = {"path": "/usb/", "name": "usb", "type": "USB", "read_only": False, "available": True}
        return web.json_response({"storage_list": [usb]})

    async def _status(self, _: web.Request) -> web.Response:
        told: dict[str, Any] = {"printer": {"state": self.state, "temp_nozzle": 170.0, "temp_bed": 60.0}}
        if self.job:
            told["job"] = {"id": self.number, "progress": 12.0}
        return web.json_response(told)

    async def _job(self, _: web.Request) -> web.Response:
        if not self.job:
            return web.Response(status=204)
        file = {"name": "LONGNA~1.GCO", "display_name": self.job, "path": "/usb"}
        return web.json_response({"id": self.number, "state": self.state, "file": file})

    async def _cameras(self, _: web.Request) -> web.Response:
        """Built in there is none of this; as on a Raspberry Pi, once a test says how its camera stands."""
        if self.camera is None:
            return web.Response(status=404)
        return web.json_response({"camera_list": [{"camera_id": "a1", "connected": self.camera}]})

    async def _snap(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Api-Key") != "k":
            return web.Response(status=401)
        return web.Response(body=STILL)

    async def _raw(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files[request.match_info["path"]])

    async def _command(self, request: web.Request) -> web.Response:
        if int(request.match_info["id"]) != self.number or not self.job:
            return web.Response(status=404)
        if request.method == "DELETE":
            self.cancels += 1
            self.state = "STOPPED" if self.cancels > self.deaf_to_cancels else self.while_deaf
        return web.Response(status=204)

    async def _file(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        if request.method == "PUT":
            return await self._put(request, path)
        if request.method == "DELETE":
            self.folders = {known for known in self.folders if not known.startswith(path)}
            self.files.pop(path, None)
            return web.Response(status=204)
        if request.method == "POST":
            return self._start(path)
        if path in self.files:
            refs = {"download": f"/usb/{path}"}
            return web.json_response({"name": path, "size": len(self.files[path]), "refs": refs})
        if not any(known == path or known.startswith(f"{path}/") for known in self.folders):
            return web.Response(status=404)
        inside = [known[len(path) + 1 :] for known in self.folders if known.startswith(f"{path}/")]
        return web.json_response({"type": "FOLDER", "children": [{"display_name": name} for name in inside]})

    async def _put(self, request: web.Request, path: str) -> web.Response:
        if request.headers.get("Create-Folder") == "?1":
            self.folders.add(path)
        else:
            self.files[path] = await request.read()
        return web.Response(status=201)

    def _start(self, path: str) -> web.Response:
        if self.state not in ("IDLE", "READY") or self.refuse:
            return web.json_response({"title": "Can't print", "message": "not now"}, status=409)
        self.starts += 1
        if self.forgets:
            return web.Response(status=204)
        self.state, self.job, self.number = "PRINTING", path, self.number + 1
        return web.Response(status=204)

    def dismiss(self) -> None:
        """Somebody confirms what the screen shows."""
        self.state, self.job = "IDLE", ""


@pytest.fixture
def buddy() -> Buddy:
    return Buddy()


@pytest.fixture
async def driver(buddy: Buddy) -> AsyncIterator[Driver]:
    async with (
        TestServer(buddy.app()) as server,
        driver_for("prusalink", str(server.make_url("/")), secret="k") as driver,
    ):
        yield driver


@pytest.fixture
def gcode(tmp_path: Path) -> Path:
    path = tmp_path / "a.gcode"
    path.write_text("G28\n")
    return path


@pytest.mark.parametrize("camera", [None, False])
async def test_without_a_connected_camera_there_is_none(
    driver: Driver, buddy: Buddy, camera: bool | None
) -> None:
    buddy.camera = camera
    assert await driver.camera() is None


async def test_its_camera_is_opened_by_its_key_alone(driver: Driver, buddy: Buddy) -> None:
    buddy.camera = True
    url = await driver.camera()
    assert url is not None
    server = url.removesuffix("/api/v1/cameras/snap")
    for shown in (
        None,
        access_of("prusalink", server, "wrong"),
        access_of("prusalink", "http://127.0.0.1:1", "k"),
    ):
        with pytest.raises(CameraFailed, match="401"):
            await still_take(url, shown)
    assert await still_take(url, access_of("prusalink", server, "k")) == (STILL, ".jpg")


async def test_a_409_to_a_start_leaves_no_attempt(driver: Driver, buddy: Buddy, gcode: Path) -> None:
    await driver.upload(gcode, "a.gcode")
    buddy.refuse = 1
    reply = await driver.start("a.gcode", "a-1")
    assert isinstance(reply, Refused)
    assert reply.retryable
    assert "not now (409)" in reply.reason
    assert (await driver.reconcile("a-1")).fate is AttemptFate.NOT_STARTED
    buddy.refuse = 0
    assert await driver.start("a.gcode", "a-1") == Started("a-1")


@pytest.mark.parametrize(
    ("end", "fate"), [("FINISHED", AttemptFate.FINISHED), ("STOPPED", AttemptFate.CANCELLED)]
)
async def test_an_end_stays_until_somebody_dismisses_it(
    driver: Driver, buddy: Buddy, gcode: Path, monkeypatch: pytest.MonkeyPatch, end: str, fate: AttemptFate
) -> None:
    monkeypatch.setattr(module, "CLEAR_SECONDS", 0.3)
    await driver.upload(gcode, "a.gcode")
    await driver.start("a.gcode", "a-1")
    buddy.state = end
    assert (await driver.snapshot()).status is PrinterStatus.FINISHED_UNCLEARED
    assert (await driver.reconcile("a-1")).fate is fate
    reply = await driver.clear()
    assert isinstance(reply, Refused)
    assert "screen" in reply.reason
    assert isinstance(await driver.start("a.gcode", "b-1"), Refused)
    buddy.dismiss()
    assert isinstance(await driver.clear(), Accepted)
    assert (await driver.reconcile("a-1")).fate is fate
    assert await driver.start("a.gcode", "b-1") == Started("b-1")


async def test_a_204_to_a_start_is_not_believed(
    driver: Driver, buddy: Buddy, gcode: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(common, "START_SECONDS", 0.3)
    buddy.forgets = True
    await driver.upload(gcode, "a.gcode")
    assert isinstance(await driver.start("a.gcode", "a-1"), Unknown)
    assert isinstance(await driver.start("a.gcode", "a-1"), Unknown)
    assert (await driver.reconcile("a-1")).reason == UNSEEN
    assert buddy.starts == 1


@pytest.mark.parametrize("state", ["PRINTING", "BUSY"])
@pytest.mark.parametrize(("lost", "reply"), [(2, Unknown), (1, Accepted), (0, Accepted)])
async def test_a_204_to_a_cancel_is_not_believed(
    driver: Driver,
    buddy: Buddy,
    gcode: Path,
    monkeypatch: pytest.MonkeyPatch,
    lost: int,
    reply: type,
    state: str,
) -> None:
    monkeypatch.setattr(module, "CANCEL_SECONDS", 0.3)
    monkeypatch.setattr(module, "CANCEL_AGAIN_SECONDS", 0.3)
    await driver.upload(gcode, "a.gcode")
    await driver.start("a.gcode", "a-1")
    buddy.deaf_to_cancels, buddy.while_deaf = lost, state
    assert isinstance(await driver.cancel(), reply)
    assert buddy.cancels == min(lost + 1, 2)
    goes_on = (await driver.reconcile("a-1")).fate is AttemptFate.RUNNING
    assert goes_on == (reply is Unknown)


async def test_files_go_to_the_usb_drive_and_are_read_back_from_there(
    driver: Driver, buddy: Buddy, gcode: Path
) -> None:
    assert (await driver.upload(gcode, "a.gcode")).verified
    assert hashlib.sha256(buddy.files["a.gcode"]).digest() == hashlib.sha256(b"G28\n").digest()


async def test_a_job_is_known_by_its_long_name(driver: Driver, buddy: Buddy, gcode: Path) -> None:
    await driver.upload(gcode, "a.gcode")
    await driver.start("a.gcode", "a-1")
    assert (await driver.snapshot()).job == "a.gcode"
    assert (await driver.reconcile("a-1")).fate is AttemptFate.RUNNING


async def test_attention_in_a_print_is_a_pause(driver: Driver, buddy: Buddy, gcode: Path) -> None:
    await driver.upload(gcode, "a.gcode")
    await driver.start("a.gcode", "a-1")
    buddy.state = "ATTENTION"
    assert (await driver.snapshot()).status is PrinterStatus.PAUSED


async def test_identity_without_a_model_or_firmware(driver: Driver) -> None:
    identity = await driver.identify()
    assert (identity.serial, identity.firmware) == ("10589-3742441632", "2.1.2")
    assert identity.model


async def test_the_model_in_the_hosts_name_tells_the_bed_and_the_firmware_the_nozzle(driver: Driver) -> None:
    assert await driver.definition() == Definition((250_000, 210_000, 220_000), 400)
