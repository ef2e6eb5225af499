"""What the whole site says about itself."""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from drf_spectacular.utils import extend_schema
from redis import RedisError
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.bidding.operator import operator_address
from marketplace.chain.alarms import alarms_open
from marketplace.chain.errors import ChainError
from marketplace.chain.nodes import client
from marketplace.chain.outbox_selectors import SenderHealth, sender_health
from marketplace.chain.selectors import deployment_current, followed, follower_lag

OK = "ok"


class NetworkAnswer(serializers.Serializer[Any]):
    """`operator` signs receipts and bid books; null where nobody does. `publisher` anchors, null if unnamed.

    `head`, `finalized` and `time` are as the follower has read them; null before its first step.
    """

    chain_id = serializers.IntegerField()
    escrow = serializers.CharField()
    anchor = serializers.CharField()
    publisher = serializers.CharField(allow_null=True)
    operator = serializers.CharField(allow_null=True)
    deployment_block = serializers.IntegerField()
    fee_bps = serializers.IntegerField()
    fee_to = serializers.CharField()
    arbiters = serializers.ListField(child=serializers.CharField())
    head = serializers.IntegerField(allow_null=True)
    finalized = serializers.IntegerField(allow_null=True)
    time = serializers.DateTimeField(allow_null=True)


class SenderAnswer(serializers.Serializer[Any]):
    """How many of the site's own transactions wait, and are on their way."""

    waiting = serializers.IntegerField()
    on_the_way = serializers.IntegerField()


class HealthAnswer(serializers.Serializer[Any]):
    """ "ok", or what is wrong; `redis` is null where none is configured.

    `alarms` name what the operator must look at; they fail nothing.
    """

    database = serializers.CharField()
    redis = serializers.CharField(allow_null=True)
    node = serializers.CharField()
    follower_lag_blocks = serializers.IntegerField(allow_null=True)
    sender = SenderAnswer(allow_null=True)
    alarms = serializers.ListField(child=serializers.CharField())


class NetworkView(APIView):
    """The chain, the contracts and the operator's terms."""

    authentication_classes: Any = []
    permission_classes = [AllowAny]

    @extend_schema(responses=NetworkAnswer)
    def get(self, request: Request) -> Response:
        contracts, where = deployment_current(), followed()
        answer = {
            "chain_id": settings.CHAIN_ID,
            "escrow": contracts.escrow,
            "anchor": contracts.anchor,
            "publisher": contracts.publisher,
            "operator": operator_address(),
            "deployment_block": contracts.block,
            "fee_bps": settings.FEE_BPS,
            "fee_to": settings.FEE_TO,
            "arbiters": settings.ARBITERS,
            "head": where.head if where else None,
            "finalized": where.finalized if where else None,
            "time": where.time if where else None,
        }
        return Response(NetworkAnswer(answer).data)


def _database_health() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return f"unreachable: {type(error).__name__}"
    return OK


def _redis_health() -> str | None:
    if not settings.REDIS_URL:
        return None
    try:
        cache.set("healthz", OK, 5)
    except (RedisError, OSError) as error:
        return f"unreachable: {type(error).__name__}"
    return OK


def _node_health() -> tuple[str, int | None]:
    """The node's health, and how many blocks the follower is behind it."""
    try:
        return OK, follower_lag(client().head().number)
    except ChainError as error:
        return error.code, None
    except DatabaseError:
        return OK, None


def _sender_health() -> tuple[SenderHealth | None, list[str]]:
    """The sender's health, and the names of the alarms that stand."""
    try:
        return sender_health(), list(alarms_open())
    except DatabaseError:
        return None, []


class HealthView(APIView):
    """Whether every part answers: 200, or 503 with what does not."""

    authentication_classes: Any = []
    permission_classes = [AllowAny]

    @extend_schema(responses={200: HealthAnswer, 503: HealthAnswer})
    def get(self, request: Request) -> Response:
        node, lag = _node_health()
        sender, alarms = _sender_health()
        answer = {
            "database": _database_health(),
            "redis": _redis_health(),
            "node": node,
            "follower_lag_blocks": lag,
            "sender": sender,
            "alarms": alarms,
        }
        well = all(answer[name] in (OK, None) for name in ("database", "redis", "node"))
        code = status.HTTP_200_OK if well else status.HTTP_503_SERVICE_UNAVAILABLE
        return Response(HealthAnswer(answer).data, status=code)
