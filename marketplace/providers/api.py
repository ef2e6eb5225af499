"""Printers over REST."""

from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.models import Person
from marketplace.accounts.permissions import HasScope
from marketplace.chain.selectors import deployment_current
from marketplace.providers.models import Printer
from marketplace.providers.selectors import printer_of, printers_current, printers_of
from marketplace.providers.services import printer_register
from protocol.capability import Capability
from protocol.profiles import PrinterProfile
from protocol.signatures import signature_of
from protocol.typed import infill_domain
from protocol.units import address_of

LIST_LIMIT = 500


class PrinterInput(serializers.Serializer[Any]):
    """A signed PrinterProfile (members as signed), the capability it commits to, and the signature."""

    profile = serializers.JSONField()
    capability = serializers.JSONField()
    signature = serializers.CharField(max_length=132)


class PrinterOutput(serializers.ModelSerializer[Printer]):
    """`pace`: it takes so many times as long as estimated, by its newest `prints_counted` finished prints."""

    provider = serializers.CharField(source="provider_id")
    status = serializers.CharField()

    class Meta:
        model = Printer
        fields = [
            "digest",
            "provider",
            "serial",
            "seq",
            "capability",
            "status",
            "profile",
            "signature",
            "pace",
            "prints_counted",
        ]


class PrintersView(APIView):
    permission_classes = [HasScope("printers")]

    @extend_schema(request=PrinterInput, responses={200: PrinterOutput, 201: PrinterOutput})
    def post(self, request: Request) -> Response:
        """Register a printer, or a newer profile of one."""
        sent = PrinterInput(data=request.data)
        sent.is_valid(raise_exception=True)
        network = deployment_current()
        printer, created = printer_register(
            profile=PrinterProfile.from_json(sent.validated_data["profile"]),
            capability=Capability.from_json(sent.validated_data["capability"]),
            signature=signature_of(sent.validated_data["signature"]),
            person=cast(Person, request.user).address,
            domain=infill_domain(network.chain_id, address_of(network.escrow)),
        )
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(PrinterOutput(printer).data, status=code)

    @extend_schema(parameters=[OpenApiParameter("mine", bool)], responses=PrinterOutput(many=True))
    def get(self, request: Request) -> Response:
        """Registered printers: everybody's, or with `mine` your own."""
        return Response(PrinterOutput(self._listed(request)[:LIST_LIMIT], many=True).data)

    def _listed(self, request: Request) -> QuerySet[Printer]:
        if request.query_params.get("mine", "").lower() in {"1", "true"}:
            return printers_of(cast(Person, request.user).address)
        return printers_current()


class PrinterView(APIView):
    permission_classes = [HasScope("printers")]

    @extend_schema(responses=PrinterOutput)
    def get(self, request: Request, digest: str) -> Response:
        """One printer's profile, superseded ones included."""
        printer = printer_of(digest)
        if printer is None:
            raise Http404
        return Response(PrinterOutput(printer).data)
