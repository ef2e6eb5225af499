"""The fate of what people sent: noted by its hash, followed, read by its sender alone."""

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts.permissions import HasScope
from marketplace.accounts.scopes import Scope
from marketplace.chain.fate import passing_over, transaction_follow, transaction_note, transactions_noted
from marketplace.chain.fate_rules import Fate
from marketplace.chain.models import SentTransaction
from marketplace.escrow.account_plans import ACCOUNT_STEPS
from marketplace.escrow.api import LIST_LIMIT, person_of, read_body
from marketplace.escrow.award_plans import AWARD_STEPS
from marketplace.escrow.fates import fate_json, subject_of
from marketplace.escrow.fields import DigestField
from marketplace.escrow.step_bodies import RevertSerializer, Shape
from marketplace.escrow.steps import STEPS

LABELS = ["approve", *(step.name for step in (*STEPS, *AWARD_STEPS, *ACCOUNT_STEPS))]


class NoteSerializer(Shape):
    """`agreement` is the id of an agreement, or of the bid that is to become one."""

    hash = DigestField()
    step = serializers.ChoiceField(LABELS, required=False)
    agreement = DigestField(required=False)


class FateSerializer(Shape):
    """`settled`: no reorganisation can change it. `summary` says the status in words, and what to do."""

    hash = serializers.CharField()
    step = serializers.CharField(allow_null=True)
    agreement = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField([fate.value for fate in Fate])
    settled = serializers.BooleanField()
    summary = serializers.CharField()
    block = serializers.IntegerField(allow_null=True)
    replaced_by = serializers.CharField(allow_null=True)
    error = RevertSerializer(allow_null=True)
    noted_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()


class TransactionsView(APIView):
    """What the caller sent."""

    permission_classes = [HasScope(Scope.JOBS)]

    @extend_schema(responses=FateSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The newest first."""
        return Response([fate_json(sent) for sent in transactions_noted(person_of(request))[:LIST_LIMIT]])

    @extend_schema(request=NoteSerializer, responses={201: FateSerializer})
    def post(self, request: Request) -> Response:
        """Follow a transaction until nothing can change its fate. Raises Http404, NotYourTransaction."""
        person, wanted, now = person_of(request), read_body(NoteSerializer, request), timezone.now()
        subject = subject_of(wanted.get("agreement"), person)
        sent = transaction_note(
            digest=wanted["hash"], person=person, now=now, subject=subject, label=wanted.get("step", "")
        )
        with passing_over():  # noted all the same
            transaction_follow(sent=sent, now=now)
        return Response(fate_json(_own(person, wanted["hash"])), status=201)


class TransactionView(APIView):
    """One transaction that the caller sent."""

    permission_classes = [HasScope(Scope.JOBS)]

    @extend_schema(responses=FateSerializer)
    def get(self, request: Request, hash: str) -> Response:
        return Response(fate_json(_own(person_of(request), hash)))


def _own(person: str, digest: str) -> SentTransaction:
    found = transactions_noted(person).filter(digest=digest).first()
    if found is None:
        raise Http404
    return found
