"""The marketplace as its people use it over HTTP: import the fixtures wanted into a folder's conftest."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from eth_account.signers.local import LocalAccount
from rest_framework.test import APIClient

from marketplace.accounts.models import Person
from marketplace.designs import services
from marketplace.designs.measuring import ChildLimits
from marketplace.designs.mesh.load import Limits, load
from marketplace.designs.mesh.measure import measure
from marketplace.designs.mesh.measurement import Measurement
from marketplace.designs.mesh.picture import render
from marketplace.designs.models import Design
from marketplace.providers.models import Printer, Provider
from tests.factories.models import box, stl


@pytest.fixture
def store(tmp_path: Path, settings):
    """A private store of this test's own."""
    (tmp_path / "incoming").mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    designs = {**settings.STORAGES["designs"]["OPTIONS"], "location": tmp_path / "designs"}
    settings.STORAGES = {
        **settings.STORAGES,
        "designs": {**settings.STORAGES["designs"], "OPTIONS": designs},
    }
    return tmp_path


@pytest.fixture
def person(db):
    """The row of somebody who has signed in."""
    return lambda account: Person.objects.get_or_create(address=account.address)[0]


@pytest.fixture
def client_of(person):
    """An account's signed-in browser; of nobody without an account."""

    def make(account: LocalAccount | None = None) -> APIClient:
        client = APIClient()
        if account:
            client.force_login(person(account))
        return client

    return make


@pytest.fixture
def upload(client_of, store):
    """Upload bytes as an account, over HTTP; the response."""

    def send(account: LocalAccount, data: bytes | None = None, name: str = "part.stl"):
        file = SimpleUploadedFile(name, stl(box()) if data is None else data)
        return client_of(account).post("/api/v1/designs", {"file": file}, format="multipart")

    return send


@cache
def findings_of(data: bytes) -> tuple[Measurement, bytes]:
    """Measurement and picture of a file, by the functions that the child process calls."""
    with NamedTemporaryFile(suffix=".stl") as file:
        file.write(data)
        file.flush()
        triangles = load(Path(file.name), Limits())
    picture = BytesIO()
    render(triangles).save(picture, "PNG")
    return measure(triangles), picture.getvalue()


@pytest.fixture
def measured(upload, monkeypatch):
    """Upload bytes and measure them, without the cost of a child process each time; the design."""

    def here(
        model: Path, picture: Path, limits: ChildLimits, beat: object, unit: str = "", *, apart: bool = False
    ) -> Measurement:
        measurement, png = findings_of(model.read_bytes())
        picture.write_bytes(png)
        return measurement

    def make(account: LocalAccount, data: bytes | None = None, name: str = "part.stl") -> Design:
        design = upload(account, data, name).json()["id"]
        with monkeypatch.context() as patch:
            patch.setattr(services, "measure_in_child", here)
            while services.design_measure_next():
                pass
        return Design.objects.get(pk=design)

    return make


@pytest.fixture
def registered(db):
    """Make an account a provider with one printer."""

    def make(account: LocalAccount) -> Printer:
        provider, _ = Provider.objects.get_or_create(address=account.address)
        return Printer.objects.create(
            digest="0x" + account.address[2:].lower().rjust(64, "0"),
            provider=provider,
            serial="P1",
            seq=1,
            profile={},
            capability={},
            signature="0x",
            bed_x_um=220_000,
            bed_y_um=220_000,
            bed_z_um=250_000,
            min_layer_um=80,
            max_layer_um=320,
        )

    return make
