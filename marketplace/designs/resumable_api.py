"""Resumable uploads over HTTP: tus 1.0 with creation, termination and expiration."""

from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.http.request import UnreadablePostError
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.models import Person
from marketplace.accounts.permissions import HasScope
from marketplace.designs import incoming, tus
from marketplace.designs.mesh.formats.units import Unit
from marketplace.designs.models import Upload
from marketplace.designs.resumable import upload_append, upload_complete, upload_create, upload_end
from marketplace.designs.rules import UploadLost
from marketplace.designs.selectors import upload_of
from protocol.errors import Malformed

NO_BODY = OpenApiResponse(description="Headers only.")


def header(name: str, description: str, *, required: bool = True) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, required=required, description=description)


RESUMABLE = header("Tus-Resumable", tus.VERSION)
LENGTH = header("Upload-Length", "Bytes of the whole file.")
OFFSET = header("Upload-Offset", "The number of the first byte sent: where the upload stands.")
METADATA = header(
    "Upload-Metadata",
    "`filename`, and `unit` in place of the unit the file is read in; values in base64.",
    required=False,
)


class OffsetParser(BaseParser):
    """Names the media type; the body is read as a stream, by the view."""

    media_type = tus.MEDIA_TYPE


class TusView(APIView):
    permission_classes = [HasScope("jobs")]
    parser_classes = [OffsetParser]

    def get_permissions(self) -> Any:
        """What is spoken here anybody may ask: clients do so before they have signed in."""
        return [] if self.request.method == "OPTIONS" else super().get_permissions()

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> Any:
        """Every answer says what is spoken here."""
        answer = super().finalize_response(request, cast(Response, response), *args, **kwargs)
        answer.headers.setdefault("Tus-Resumable", tus.VERSION)
        answer.headers.setdefault("Cache-Control", "no-store")
        if answer.status_code == status.HTTP_412_PRECONDITION_FAILED:
            answer.headers["Tus-Version"] = tus.VERSION
        return answer

    @extend_schema(exclude=True)
    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """What this server can."""
        headers = {
            "Tus-Version": tus.VERSION,
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Max-Size": str(settings.UPLOAD_LIMIT_BYTES),
        }
        return Response(status=status.HTTP_204_NO_CONTENT, headers=headers)


class UploadsView(TusView):
    @extend_schema(parameters=[RESUMABLE, LENGTH, METADATA], request=None, responses={201: NO_BODY})
    def post(self, request: Request) -> Response:
        """Start a resumable upload (tus 1.0); `Location` says where its bytes go. Its length counts against
        your quota. An upload that receives nothing for a day is given up."""
        tus.version_check(request.headers)
        length = tus.number_of(request.headers, "Upload-Length")
        said = tus.metadata_of(request.headers)
        upload = upload_create(
            owner=cast(Person, request.user),
            name=said.get("filename", ""),
            length=length,
            unit=unit_of(said.get("unit", "")),
            now=timezone.now(),
        )
        place = {"Location": reverse("upload", args=[upload.pk])}
        return Response(status=status.HTTP_201_CREATED, headers=place | standing(upload))


class UploadView(TusView):
    @extend_schema(parameters=[RESUMABLE], responses={200: NO_BODY})
    def head(self, request: Request, upload: UUID) -> Response:
        """How many bytes of an upload are here (`Upload-Offset`), until when it waits for more
        (`Upload-Expires`) and, once it is whole, the design it became (`Infill-Design`)."""
        found = self._found(request, upload)
        if found.is_received:
            upload_complete(upload=found)
        elif found.offset > 0 and incoming.length_of(found.pk) < found.sealed_bytes:
            raise UploadLost
        return Response(headers=standing(found))

    @extend_schema(
        parameters=[RESUMABLE, OFFSET],
        request={tus.MEDIA_TYPE: OpenApiTypes.BINARY},
        responses={204: NO_BODY},
    )
    def patch(self, request: Request, upload: UUID) -> Response:
        """Send bytes from where the upload stands. With the last of them it becomes a design, which the
        answer names (`Infill-Design`)."""
        found = self._found(request, upload)
        if (request.content_type or "").partition(";")[0].strip() != tus.MEDIA_TYPE:
            raise UnsupportedMediaType(request.content_type or "")
        offset = tus.number_of(request.headers, "Upload-Offset")
        upload_append(upload=found, offset=offset, chunks=chunks_of(request._request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT, headers=standing(found))

    @extend_schema(parameters=[RESUMABLE], responses={204: NO_BODY})
    def delete(self, request: Request, upload: UUID) -> Response:
        """Give an upload up. A design it became already stays."""
        upload_end(upload=self._found(request, upload))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _found(self, request: Request, upload: UUID) -> Upload:
        found = upload_of(cast(Person, request.user).address, upload, timezone.now())
        tus.version_check(request.headers)
        return found


def chunks_of(request: HttpRequest) -> Iterator[bytes]:
    """The body as it comes; of one that is cut off, what came."""
    try:
        while chunk := request.read(incoming.CHUNK):
            yield chunk
    except UnreadablePostError:
        return


def unit_of(text: str) -> str:
    """Raises Malformed."""
    if text not in {"", *Unit}:
        raise Malformed(f"is none of {', '.join(Unit)}.", "unit")
    return text


def standing(upload: Upload) -> dict[str, str]:
    """Where an upload stands, as headers."""
    headers = {
        "Upload-Offset": str(upload.offset),
        "Upload-Length": str(upload.length),
        "Upload-Expires": http_date(upload.expires_at.timestamp()),
    }
    return headers | ({"Infill-Design": str(upload.design_id)} if upload.design_id else {})
