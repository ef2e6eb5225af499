"""Every route under /api/v1/ with every method it allows, as the resolver and the schema know them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator

PREFIX = "api/v1/"
SAFE = {"get", "head", "options"}
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """`pattern` is as written in the urls modules, without the prefix."""

    pattern: str
    methods: tuple[str, ...]

    @property
    def text_parameters(self) -> list[str]:
        return [name for kind, name in PARAMETER.findall(self.pattern) if kind in ("", "str")]

    def path(self, values: Mapping[str, Any]) -> str:
        """A KeyError here names a parameter for which tests/factories/world.py has no value yet."""
        return f"/{PREFIX}" + PARAMETER.sub(lambda found: quote(str(values[found[2]]), safe=""), self.pattern)

    def operation(self, method: str) -> dict[str, Any]:
        path = f"/{PREFIX}" + PARAMETER.sub(r"{\2}", self.pattern)
        return schema()["paths"].get(path, {}).get(method, {})

    def body_members(self, method: str) -> list[str]:
        """Names of the members that the schema gives the body."""
        content = self.operation(method).get("requestBody", {}).get("content", {})
        return [name for each in content.values() for name in _resolved(each["schema"]).get("properties", {})]

    def query_names(self, method: str) -> list[str]:
        return [
            each["name"] for each in self.operation(method).get("parameters", []) if each["in"] == "query"
        ]


@cache
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def _resolved(part: dict[str, Any]) -> dict[str, Any]:
    reference = part.get("$ref")
    return schema()["components"]["schemas"][reference.rsplit("/", 1)[1]] if reference else part


def _patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in resolver.url_patterns:
        whole = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _patterns(each, whole)
        else:
            yield whole, each


def _methods(view: Any) -> tuple[str, ...]:
    kind = getattr(view, "cls", None) or view.view_class
    allowed = [name for name in kind.http_method_names if hasattr(kind, name)]
    return tuple(sorted({*allowed, *(["head"] if "get" in allowed else [])}))


def all_routes() -> list[Route]:
    return [
        Route(whole.removeprefix(PREFIX), _methods(found.callback))
        for whole, found in _patterns(get_resolver())
        if whole.startswith(PREFIX)
    ]
