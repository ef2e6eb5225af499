"""Agreements as their parties read them."""

from typing import Any, cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.models import Person
from marketplace.accounts.permissions import HasScope
from marketplace.accounts.scopes import Scope
from marketplace.escrow.deliveries import agreement_deliver, agreement_designs
from marketplace.escrow.selectors import agreement_for, agreement_json, agreements_of
from marketplace.escrow.serializers import (
    AgreementSerializer,
    DeliveredDesignSerializer,
    GrantedDesignSerializer,
    RecipientInput,
)
from marketplace.escrow.services import grace_waive
from protocol.units import Address

LIST_LIMIT = 200


def read_body(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """What a request's body holds. Raises ValidationError."""
    serializer = kind(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def person_of(request: Request) -> Address:
    """Who is signed in: routes without that are refused before."""
    return Address(cast(Person, request.user).address)


class AgreementsView(APIView):
    """The caller's agreements, newest first."""

    @extend_schema(responses=AgreementSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = agreements_of(person_of(request))[:LIST_LIMIT]
        return Response([agreement_json(row) for row in rows])


class AgreementView(APIView):
    """One agreement as the chain has it."""

    @extend_schema(responses=AgreementSerializer)
    def get(self, request: Request, agreement: str) -> Response:
        return Response(agreement_json(agreement_for(agreement, person_of(request))))


class WaiveGraceView(APIView):
    """The designer lets the winner have the designs at once."""

    permission_classes = [HasScope(Scope.JOBS)]

    @extend_schema(request=None, responses=AgreementSerializer)
    def post(self, request: Request, agreement: str) -> Response:
        person = person_of(request)
        grace_waive(agreement=agreement_for(agreement, person), person=person)
        # Found anew: a reorganisation may just have taken it away.
        return Response(agreement_json(agreement_for(agreement, person)))


class GrantedDesignsView(APIView):
    """What the winner prints, once granted."""

    permission_classes = [HasScope(Scope.BIDS)]

    @extend_schema(responses=GrantedDesignSerializer(many=True))
    def get(self, request: Request, agreement: str) -> Response:
        return Response(agreement_designs(agreement=agreement, person=person_of(request)))

    @extend_schema(request=RecipientInput, responses=DeliveredDesignSerializer(many=True))
    def post(self, request: Request, agreement: str) -> Response:
        """Have the files encrypted to your agent's age key, which you name in a statement that the key of
        your bid signed (EIP-712 `Recipient(bytes32 agreement,string recipient)`, domain Infill). The same
        again gives the same files."""
        sent = read_body(RecipientInput, request)
        delivered = agreement_deliver(
            agreement=agreement, person=person_of(request), now=timezone.now(), **sent
        )
        return Response(delivered)
