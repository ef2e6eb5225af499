"""The routes of mandates: handed in, and read by their designer alone."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.permissions import HasScope
from marketplace.accounts.scopes import Scope
from marketplace.escrow.api import LIST_LIMIT, person_of, read_body
from marketplace.escrow.mandate_bodies import MandateAnswerSerializer, StoreMandateSerializer
from marketplace.escrow.mandate_intake import Signed, mandate_take
from marketplace.escrow.mandate_selectors import mandate_for, mandate_json, mandates_of
from marketplace.escrow.step_bodies import StepProblemSerializer


class MandatesView(APIView):
    """Limits that the caller signed for the dispatcher."""

    permission_classes = [HasScope(Scope.JOBS)]

    @extend_schema(responses=MandateAnswerSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The newest first."""
        return Response([mandate_json(row) for row in mandates_of(person_of(request))[:LIST_LIMIT]])

    @extend_schema(
        request=StoreMandateSerializer,
        responses={
            200: MandateAnswerSerializer,
            201: MandateAnswerSerializer,
            409: StepProblemSerializer,
            422: StepProblemSerializer,
        },
    )
    def post(self, request: Request) -> Response:
        """Let the dispatcher award within what `typed-data/mandate` offered and the wallet signed.

        The same again is answered with 200.
        """
        sent = read_body(StoreMandateSerializer, request)
        signed = Signed(sent["mandate"], sent["signature"], sent["printers"], sent.get("award_from"))
        row, new = mandate_take(signed=signed, person=person_of(request), now=timezone.now())
        return Response(mandate_json(row), status=201 if new else 200)


class MandateView(APIView):
    """One mandate: what is used of it, and what the dispatcher waits for."""

    permission_classes = [HasScope(Scope.JOBS)]

    @extend_schema(responses=MandateAnswerSerializer)
    def get(self, request: Request, mandate: str) -> Response:
        return Response(mandate_json(mandate_for(mandate, person_of(request))))
