"""Proofs of what is anchored, for those whose it is; the list of anchors, for everybody."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.permissions import HasScope
from marketplace.accounts.scopes import Scope
from marketplace.bidding.book_selectors import book_for, receipt_for
from marketplace.escrow.api import person_of
from marketplace.escrow.selectors import agreement_for
from marketplace.evidence.anchor_selectors import agreement_records, batches_listed, proofs_of
from marketplace.providers.selectors import printer_of

LIST_LIMIT = 200
Shape = serializers.Serializer[Any]


class ProofSerializer(Shape):
    """`record`: the digest that was signed. PENDING, WAITING, SENT, ANCHORED or FINAL; null what is not yet.

    The root stands on chain under `publisher` at `anchored_at`; `delay_seconds` is from when the record was
    made until then.
    """

    record = serializers.CharField()
    status = serializers.CharField()
    leaf = serializers.JSONField(allow_null=True)
    leaf_digest = serializers.CharField(allow_null=True)
    proof = serializers.ListField(child=serializers.CharField(), allow_null=True)
    root = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    batch = serializers.IntegerField(allow_null=True)
    anchor = serializers.CharField()
    publisher = serializers.CharField(allow_null=True)
    anchored_at = serializers.DateTimeField(allow_null=True)
    delay_seconds = serializers.IntegerField(allow_null=True)
    block = serializers.IntegerField(allow_null=True)
    transaction = serializers.CharField(allow_null=True)


class BatchSerializer(Shape):
    """One anchor. `gap` says what breaks the line of roots before it; null where nothing does."""

    number = serializers.IntegerField()
    status = serializers.CharField()
    root = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()
    publisher = serializers.CharField(allow_null=True)
    previous_root = serializers.CharField(allow_null=True)
    made_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    anchored_at = serializers.DateTimeField(allow_null=True)
    final_at = serializers.DateTimeField(allow_null=True)
    delay_seconds = serializers.IntegerField(allow_null=True)
    tries = serializers.IntegerField()
    gap = serializers.CharField(allow_null=True)
    block = serializers.IntegerField(allow_null=True)
    transaction = serializers.CharField(allow_null=True)


class AnchorsView(APIView):
    authentication_classes: Any = []
    permission_classes = [AllowAny]

    @extend_schema(responses=BatchSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What was anchored, newest first, with its delays and any gap."""
        return Response(BatchSerializer(batches_listed(LIST_LIMIT), many=True).data)


def _proofs(records: list[str]) -> list[Any]:
    return list(ProofSerializer(proofs_of(records), many=True).data)


class AgreementProofsView(APIView):
    permission_classes = [HasScope(Scope.EVIDENCE)]

    @extend_schema(responses=ProofSerializer(many=True))
    def get(self, request: Request, agreement: str) -> Response:
        """Proofs of both evidence logs, the printer's profile, the bid's receipt and the award's book."""
        return Response(_proofs(agreement_records(agreement_for(agreement, person_of(request)))))


class PrinterProofView(APIView):
    permission_classes = [HasScope(Scope.PRINTERS)]

    @extend_schema(responses=ProofSerializer)
    def get(self, request: Request, digest: str) -> Response:
        """The proof of a printer's profile."""
        if printer_of(digest) is None:
            raise Http404
        return Response(_proofs([digest])[0])


class ReceiptProofView(APIView):
    @extend_schema(responses=ProofSerializer)
    def get(self, request: Request, bid: str) -> Response:
        """The proof that one's own receipt, or one for one's own job, was anchored."""
        return Response(_proofs([receipt_for(bid, person_of(request)).digest])[0])


class BookProofView(APIView):
    @extend_schema(responses=ProofSerializer)
    def get(self, request: Request, job: UUID, number: int) -> Response:
        """The proof that a job's book was anchored."""
        return Response(_proofs([book_for(job, number, person_of(request)).digest])[0])
