"""How each engine behind the marketplace is spoken to. What a Redis does, one process does without it."""

from typing import Any


def database(found: dict[str, Any]) -> dict[str, Any]:
    """A database as its URL names it. PostgreSQL keeps its connections in psycopg's pool: persistent ones
    failed under load on ASGI."""
    plain = found | {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}
    if plain["ENGINE"] == "django.db.backends.sqlite3":
        options = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL;",
        }
        return plain | {"OPTIONS": options}
    # What the URL asks for, such as sslmode, stays.
    pool = {"min_size": 1, "max_size": 10, "timeout": 20}
    return plain | {"OPTIONS": {**plain.get("OPTIONS", {}), "pool": pool}}


def channel_layer(redis_url: str) -> dict[str, Any]:
    """Where sockets hear of news."""
    if not redis_url:
        return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    return {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # redis-py stops at 100 connections by itself, which drops sockets beyond that.
        "CONFIG": {"hosts": [{"address": redis_url, "max_connections": 10_000}]},
    }


def cache(redis_url: str) -> dict[str, Any]:
    """What all processes remember together."""
    if not redis_url:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_url}
