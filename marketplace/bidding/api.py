"""Bids and declines over REST."""

from typing import Any, cast
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView

from marketplace.accounts.models import Person
from marketplace.accounts.permissions import HasScope
from marketplace.bidding.book_api import ReceiptOutput, receipt_json
from marketplace.bidding.book_selectors import receipt_of
from marketplace.bidding.models import REASON_CHARS, Bid, Decline
from marketplace.bidding.selectors import Standing, declines_of, market, standings_for
from marketplace.bidding.services import bid_submit, decline_record
from marketplace.bidding.void_rules import VOID_TEXT
from marketplace.jobs.models import Job
from marketplace.jobs.rules import PUBLIC_STATUSES
from marketplace.jobs.selectors import job_of, job_seen_by
from marketplace.providers.selectors import has_printer, printer_of
from protocol.signatures import signature_of
from protocol.terms import Bid as Terms
from protocol.units import address_of


class AttemptThrottle(UserRateThrottle):
    """Refused bids cost us a signature recovery each, so attempts are bounded too."""

    scope = "bid-attempts"
    rate = "300/min"


class BidInput(serializers.Serializer[Any]):
    """Terms as signed (member names of the Bid struct), the signature, and who signed: the provider, or its
    hot key."""

    bid = serializers.JSONField()
    signature = serializers.CharField(max_length=132)
    signer = serializers.CharField(max_length=42)


class BidReceived(serializers.Serializer[Any]):
    """`receipt` is the operator's signed answer; null where this marketplace signs none."""

    id = serializers.CharField()
    status = serializers.CharField()
    rank = serializers.IntegerField(allow_null=True)
    receipt = ReceiptOutput(allow_null=True)


class BidOutput(serializers.ModelSerializer[Bid]):
    provider = serializers.CharField(source="provider_id")
    printer = serializers.CharField(source="printer_id")

    class Meta:
        model = Bid
        fields = [
            "id",
            "provider",
            "printer",
            "unit_price",
            "bond",
            "make_time",
            "review_time",
            "valid_until",
            "bid",
            "signature",
            "signer",
            "received_at",
        ]


class StandingOutput(BidOutput):
    """A bid with its rank, score and the parts of the score; `over_budget` is shown to the designer alone.

    `withdrawn` says why one is WITHDRAWN, `signer` which key signed it, `expected_seconds` how long its
    printer is expected to print everything, by the estimate and its pace.
    """

    rank = serializers.IntegerField(allow_null=True)
    status = serializers.CharField()
    price = serializers.CharField()
    score = serializers.FloatField(allow_null=True)
    parts = serializers.DictField(child=serializers.FloatField())
    withdrawn = serializers.CharField(allow_null=True)
    expected_seconds = serializers.IntegerField(allow_null=True)
    over_budget = serializers.BooleanField(required=False)

    class Meta(BidOutput.Meta):
        fields = [
            *BidOutput.Meta.fields,
            "rank",
            "status",
            "price",
            "score",
            "parts",
            "withdrawn",
            "expected_seconds",
            "over_budget",
        ]


class DeclineInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=REASON_CHARS)
    printer = serializers.RegexField(r"^0x[0-9a-f]{64}$", required=False, default="")


class DeclineOutput(serializers.ModelSerializer[Decline]):
    provider = serializers.CharField(source="provider_id")

    class Meta:
        model = Decline
        fields = ["provider", "printer", "reason", "declined_at"]


def standing_json(standing: Standing, *, owner: bool) -> dict[str, Any]:
    """A standing as the API shows it."""
    places = {
        "rank": standing.rank,
        "status": standing.status.value,
        "price": str(standing.price),
        "score": standing.score,
        "parts": standing.parts,
        "withdrawn": VOID_TEXT[standing.void] if standing.void else None,
        "expected_seconds": standing.expected_seconds,
    }
    private = {"over_budget": standing.over_budget} if owner else {}
    return {**BidOutput(standing.bid).data, **places, **private}


class JobBidsView(APIView):
    permission_classes = [HasScope("bids")]
    throttle_classes = [AttemptThrottle]

    @extend_schema(request=BidInput, responses={200: BidReceived, 201: BidReceived})
    def post(self, request: Request, job: UUID) -> Response:
        """Bid on a job. The same bid again is answered with 200 and the same receipt."""
        sent = BidInput(data=request.data)
        sent.is_valid(raise_exception=True)
        found = get_object_or_404(Job, pk=job, status__in=PUBLIC_STATUSES)
        person, now = cast(Person, request.user), timezone.now()
        bid, created = bid_submit(
            job=job,
            bid=Terms.from_json(sent.validated_data["bid"]),
            signature=signature_of(sent.validated_data["signature"]),
            signer=address_of(sent.validated_data["signer"]),
            person=person.address,
            market=market(),
            now=now,
        )
        ranks = {one.bid.pk: one.rank for one in standings_for(found, person.address, now)}
        receipt = receipt_of(bid.pk)
        answer = {
            "id": bid.pk,
            "status": bid.status,
            "rank": ranks.get(bid.pk),
            "receipt": receipt and receipt_json(receipt),
        }
        return Response(answer, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)

    @extend_schema(responses=StandingOutput(many=True))
    def get(self, request: Request, job: UUID) -> Response:
        """The designer sees all bids, ranked; a provider their own."""
        address = cast(Person, request.user).address
        found = job_seen_by(address, job)
        owner = found.designer_id == address
        standings = standings_for(found, address, timezone.now())
        return Response([standing_json(one, owner=owner) for one in standings])


class JobDeclinesView(APIView):
    permission_classes = [HasScope("bids")]
    throttle_classes = [AttemptThrottle]

    @extend_schema(request=DeclineInput, responses={201: DeclineOutput})
    def post(self, request: Request, job: UUID) -> Response:
        """Say why you do not bid, for one printer or for all of yours."""
        sent = DeclineInput(data=request.data)
        sent.is_valid(raise_exception=True)
        address = cast(Person, request.user).address
        found = job_seen_by(address, job)
        printer = printer_of(sent.validated_data["printer"])
        if not has_printer(address) or (printer and printer.provider_id != address):
            raise PermissionDenied("Only a provider declines, and only for printers of their own.")
        decline = decline_record(job=found, provider=address, **sent.validated_data)
        return Response(DeclineOutput(decline).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=DeclineOutput(many=True))
    def get(self, request: Request, job: UUID) -> Response:
        """Why providers do not bid: for the designer."""
        found = job_of(cast(Person, request.user).address, job)
        return Response(DeclineOutput(declines_of(found), many=True).data)
