"""What the site says about itself, its schema, and where a socket may come from."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.contrib.staticfiles import finders
from rest_framework.test import APIClient

from contracts.artifacts import Deployment, deployment_write
from marketplace.chain.models import Alarm, Block, Cursor, Intent
from marketplace.config.sockets import OriginGuard
from protocol.units import time_of
from tests.processes import free_port

ESCROW, ANCHOR = "0x" + "11" * 20, "0x" + "22" * 20


@pytest.fixture
def site(db, settings, tmp_path) -> APIClient:
    """A site whose contracts are known and whose node is away."""
    deployment_write(Deployment(31337, ESCROW, ANCHOR, 4), tmp_path)
    settings.DEPLOYMENTS_DIR, settings.RPC_URL = tmp_path, f"http://127.0.0.1:{free_port()}"
    return APIClient()


def test_a_network_nobody_deployed_to_is_a_problem(site, settings, tmp_path):
    settings.DEPLOYMENTS_DIR = tmp_path / "nowhere"
    answer = site.get("/api/v1/network")
    assert (answer.status_code, answer.json()["code"]) == (503, "network-unknown")


def test_the_network_before_the_first_step(site, settings, eve):
    settings.FEE_BPS, settings.ARBITERS = 250, [eve.address]
    assert site.get("/api/v1/network").json() == {
        "chain_id": 31337, "escrow": ESCROW, "anchor": ANCHOR, "publisher": None, "operator": None, "deployment_block": 4,
        "fee_bps": 250, "fee_to": "0x" + "0" * 40, "arbiters": [eve.address], "head": None, "finalized": None, "time": None,
    }  # fmt: skip


def test_the_network_as_it_was_read(site):
    cursor = Cursor.objects.create(chain_id=31337, escrow=ESCROW, seen=9, final=7)
    Block.objects.create(cursor=cursor, number=9, digest="0x", time=time_of(1_700_000_000))
    answer = site.get("/api/v1/network").json()
    assert (answer["head"], answer["finalized"], answer["time"]) == (9, 7, "2023-11-14T22:13:20Z")


def test_health_names_a_node_that_is_away(site):
    answer = site.get("/api/v1/healthz")
    assert answer.status_code == 503
    assert answer.json() == {
        "database": "ok", "redis": None, "node": "node-unreachable", "follower_lag_blocks": None,
        "sender": {"waiting": 0, "on_the_way": 0},
        "alarms": [],
    }  # fmt: skip


def test_health_shows_alarms_by_name_alone(site, settings, ada):
    settings.OPERATOR_KEY = "0x" + ada.key.hex().removeprefix("0x")
    Alarm.objects.create(name="refused", data={"objection": "at http://key@node.example"})
    Intent.objects.create(key="anchor:1", to=ESCROW, data="0x", value="0", status="WANTED")
    answer = site.get("/api/v1/healthz")
    assert answer.json()["sender"] == {"waiting": 1, "on_the_way": 0}
    assert answer.json()["alarms"] == ["refused"]
    assert "node.example" not in answer.content.decode()
    assert ada.key.hex().removeprefix("0x") not in answer.content.decode()


def test_health_names_a_redis_that_is_away(site, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": settings.REDIS_URL}
    }
    assert site.get("/api/v1/healthz").json()["redis"] == "unreachable: ConnectionError"


def test_health_counts_how_far_the_follower_is_behind(site, settings, anvil, deployment, deployments_dir):
    settings.RPC_URL, settings.DEPLOYMENTS_DIR = anvil.url, deployments_dir
    head = anvil.web3.eth.block_number
    Cursor.objects.create(chain_id=31337, escrow=deployment.escrow, seen=head - 2, final=0)
    answer = site.get("/api/v1/healthz")
    assert (answer.status_code, answer.json()["node"]) == (200, "ok")
    assert answer.json()["follower_lag_blocks"] == 2


def test_health_and_network_ignore_a_bad_token(site):
    assert site.get("/api/v1/network", HTTP_AUTHORIZATION="Bearer nonsense").status_code == 200


def test_the_schema_describes_the_api_and_its_browser_is_served_from_here(site):
    schema = site.get("/api/v1/schema", HTTP_ACCEPT="application/json").json()
    assert schema["openapi"].startswith("3.")
    assert {"/api/v1/auth/challenge", "/api/v1/auth/tokens", "/api/v1/network"} <= set(schema["paths"])
    assert schema["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    browser = site.get("/api/v1/docs")
    assert browser.status_code == 200
    assert "/static/drf_spectacular_sidecar/" in browser.content.decode()
    assert "http" not in browser.content.decode().replace("http://testserver", "")
    assert "style-src 'self' 'unsafe-inline'" in browser["Content-Security-Policy"]


def test_pages_may_only_load_what_is_ours(site):
    policy = site.get("/api/v1/network")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path",
    [
        "vendor/htmx/htmx.min.js",
        "vendor/htmx-ext-ws/ws.min.js",
        "vendor/ethers/ethers.min.js",
        "vendor/uplot/uPlot.esm.js",
        "vendor/inter/index.css",
    ],
)
def test_the_front_end_files_are_found(path):
    assert finders.find(path)


def opened(*headers: tuple[bytes, bytes]) -> tuple[list[dict], list[dict]]:
    """What the inner application and the client get when a socket is opened with these headers."""
    inside: list[dict] = []
    sent: list[dict] = []

    async def inner(scope, receive, send):
        inside.append(dict(scope["headers"]))

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    scope = {"type": "websocket", "headers": [(b"host", b"127.0.0.1:8000"), *headers]}
    async_to_sync(OriginGuard(inner))(scope, receive, send)
    return inside, sent


@pytest.mark.parametrize("origin", [b"https://evil.example", b"null", b"http://127.0.0.1:9", b""])
def test_a_socket_from_a_foreign_page_is_closed(origin):
    inside, sent = opened((b"origin", origin), (b"cookie", b"sessionid=1"))
    assert not inside
    assert sent == [{"type": "websocket.close", "code": 4403, "reason": "origin not allowed"}]


def test_a_socket_without_origin_has_no_session():
    inside, sent = opened((b"cookie", b"sessionid=1"), (b"authorization", b"Bearer x"))
    assert not sent
    assert set(inside[0]) == {b"host", b"authorization"}


def test_a_socket_from_our_page_keeps_its_session():
    inside, sent = opened((b"origin", b"http://127.0.0.1:8000"), (b"cookie", b"sessionid=1"))
    assert not sent
    assert inside[0][b"cookie"] == b"sessionid=1"
