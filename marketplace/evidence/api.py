"""Evidence in, evidence and bundles out."""

from collections.abc import Iterable
from http import HTTPStatus

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.permissions import HasScope
from marketplace.accounts.scopes import Scope
from marketplace.escrow.api import person_of
from marketplace.escrow.selectors import agreement_for
from marketplace.evidence.bundle import bundle_zip
from marketplace.evidence.bundle_selectors import bundle_parts
from marketplace.evidence.selectors import evidence_logs
from marketplace.evidence.services import evidence_append
from protocol.evidence import SignedEvidence


class SignedEvidenceSerializer(serializers.Serializer[SignedEvidence]):
    """A signed record; protocol.evidence reads it strictly."""

    record = serializers.JSONField()
    payload = serializers.JSONField()
    signature = serializers.CharField()


class AppendedSerializer(serializers.Serializer[dict[str, object]]):
    seq = serializers.IntegerField()
    digest = serializers.CharField()


class LogsSerializer(serializers.Serializer[dict[str, object]]):
    provider = SignedEvidenceSerializer(many=True)
    designer = SignedEvidenceSerializer(many=True)


class EvidenceView(APIView):
    """Both parties read both logs; each appends to its own."""

    permission_classes = [HasScope(Scope.EVIDENCE)]

    @extend_schema(responses=LogsSerializer)
    def get(self, request: Request, agreement: str) -> Response:
        return Response(evidence_logs(agreement_for(agreement, person_of(request))))

    @extend_schema(
        request=SignedEvidenceSerializer, responses={200: AppendedSerializer, 201: AppendedSerializer}
    )
    def post(self, request: Request, agreement: str) -> Response:
        found = agreement_for(agreement, person_of(request))
        signed = SignedEvidence.from_json(request.data)
        record, new = evidence_append(agreement=found, person=person_of(request), signed=signed)
        status = HTTPStatus.CREATED if new else HTTPStatus.OK
        return Response({"seq": record.seq, "digest": record.digest}, status=status)


class WhateverIsAccepted(DefaultContentNegotiation):
    """A zip is a zip whatever the client says it accepts; problems stay JSON."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, first.media_type


class BundleView(APIView):
    """All that is needed to audit one agreement, for its parties to keep or hand on."""

    permission_classes = [HasScope(Scope.EVIDENCE)]
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY)})
    def get(self, request: Request, agreement: str) -> HttpResponse:
        found = agreement_for(agreement, person_of(request))
        answer = HttpResponse(bundle_zip(bundle_parts(found)), content_type="application/zip")
        answer["Content-Disposition"] = f'attachment; filename="infill-{found.id[:18]}.zip"'
        return answer
