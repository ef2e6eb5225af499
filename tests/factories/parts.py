"""An upload in parts, as a tus client makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rest_framework.test import APIClient

from marketplace.designs.tus import MEDIA_TYPE, VERSION, metadata_line

RESUMABLE = {"HTTP_TUS_RESUMABLE": VERSION}


@dataclass
class Parts:
    """The uploads of whom `client` is signed in as."""

    client: APIClient

    def start(self, length: int, name: str = "part.stl", unit: str = "", **headers: str) -> Any:
        said = metadata_line({"filename": name} | ({"unit": unit} if unit else {}))
        headers = {"HTTP_UPLOAD_LENGTH": str(length), "HTTP_UPLOAD_METADATA": said} | RESUMABLE | headers
        return self.client.post("/api/v1/uploads", **headers)

    def send(self, place: str, data: bytes, offset: int, **headers: str) -> Any:
        headers = {"HTTP_UPLOAD_OFFSET": str(offset)} | RESUMABLE | headers
        return self.client.generic("PATCH", place, data, content_type=MEDIA_TYPE, **headers)

    def ask(self, place: str) -> Any:
        return self.client.head(place, **RESUMABLE)

    def end(self, place: str) -> Any:
        return self.client.delete(place, **RESUMABLE)
